//! The echo client as a program of its own: one message, one answer.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::net::sockopt::{self, Timeout};
use rustix::net::{self, AddressFamily, SocketFlags, SocketType};

use super::Encoding;
use super::kernel::receive_errors;
use super::observer::{Observer, Told, Waited};
use crate::model::{Lane, Transport};

/// How long an answer may take.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Hardly any time: a time-out of 0 would be none.
const INSTANT: Duration = Duration::from_millis(1);

/// How long the rest of an answer may take that does not look whole.
const REST: Duration = Duration::from_millis(50);

/// How the client is to behave.
#[derive(Clone, Debug)]
pub struct ClientPlan {
    /// Over what.
    pub transport: Transport,
    /// With whom.
    pub server: SocketAddr,
    /// An address of its own, where the kernel is not to choose.
    pub bind: Option<SocketAddr>,
    /// How text becomes bytes.
    pub encoding: Encoding,
    /// Whether a message is sent with the end of its line.
    pub newline: bool,
    /// How many bytes a `recv()` asks for.
    pub recv: usize,
    /// Whether datagrams go over a connected socket, with `send()` and `recv()`.
    pub connects: bool,
}

/// A client that talks to one server.
#[derive(Debug)]
pub struct EchoClient {
    socket: OwnedFd,
    plan: ClientPlan,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// As much of it as was asked for; over TCP nothing where the server has closed the connection.
    pub bytes: Vec<u8>,
    /// How many bytes it had; of a datagram, what was not asked for is lost.
    pub of: usize,
    /// Who sent it.
    pub from: SocketAddr,
}

impl EchoClient {
    /// Opens a socket for talking to a server, bound to an address of its own where the plan names one.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn open(plan: ClientPlan) -> io::Result<Self> {
        let family = if plan.server.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let kind = if plan.transport == Transport::Tcp { SocketType::STREAM } else { SocketType::DGRAM };
        let socket = net::socket_with(family, kind, SocketFlags::CLOEXEC, None)?;
        if let Some(own) = plan.bind {
            net::bind(&socket, &own)?;
        }
        let client = Self { socket, plan };
        if !client.is_connected() {
            // Without a connection the kernel keeps to itself that an ICMP message refused a datagram.
            receive_errors(&client.socket, client.plan.server.is_ipv6())?;
        }
        Ok(client)
    }

    /// Its own address, as far as it has one.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn addr(&self) -> io::Result<SocketAddr> {
        Ok(net::getsockname(&self.socket)?.try_into()?)
    }

    /// Connects to the server where it is to; with datagrams that only settles whom they go to and come from.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn connect(&self, observer: &dyn Observer) -> io::Result<()> {
        if self.is_connected() { self.told(observer).connect(&self.socket, self.plan.server) } else { Ok(()) }
    }

    /// Sends a message, and says how many bytes that were.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn send(&self, message: &[u8], observer: &dyn Observer) -> io::Result<usize> {
        let told = self.told(observer);
        let message = [message, if self.plan.newline { b"\n" } else { b"" }].concat();
        if self.is_connected() {
            told.send(&self.socket, &message)?;
        } else {
            told.send_to(&self.socket, &message, self.plan.server)?;
        }
        Ok(message.len())
    }

    /// Waits for the answer to a message of so many bytes.
    ///
    /// A TCP answer is whole where it has as many, as an echo, or where it ends its line; else what may be its rest is waited
    /// for a little.
    ///
    /// # Errors
    ///
    /// What the kernel says; `WouldBlock` where no answer came in time, `Interrupted` where the observer ends the program.
    pub fn answer(&self, sent: usize, observer: &dyn Observer) -> io::Result<Answer> {
        let told = self.told(observer);
        let mut buffer = vec![0; self.plan.recv];
        self.wait_at_most(PATIENCE)?;
        let asks = told.beginning();
        self.wait(&asks)?;
        if !self.is_connected() {
            let datagram = asks.receive_from(&self.socket, &mut buffer)?;
            return Ok(Answer { bytes: datagram.bytes.to_vec(), of: datagram.of, from: datagram.from });
        }
        let mut bytes = asks.receive(&self.socket, &mut buffer)?.to_vec();
        if self.plan.transport == Transport::Tcp {
            self.take_rest(sent, &told, &mut buffer, &mut bytes)?;
        }
        Ok(self.of_server(bytes))
    }

    /// What came over TCP after the last answer was taken for whole; `None` where nothing did.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn late(&self, observer: &dyn Observer) -> io::Result<Option<Answer>> {
        let told = self.told(observer);
        let is_there = |waited| self.plan.transport == Transport::Tcp && waited == Waited::Ready;
        if !is_there(told.is_ready(&self.socket, Duration::ZERO)?) {
            return Ok(None);
        }
        let mut buffer = vec![0; self.plan.recv];
        let mut bytes = told.receive(&self.socket, &mut buffer)?.to_vec();
        self.take_rest(0, &told, &mut buffer, &mut bytes)?;
        Ok(Some(self.of_server(bytes)))
    }

    /// Ends the conversation.
    pub fn close(self, observer: &dyn Observer) {
        self.told(observer).close(self.socket);
    }

    /// Whether the socket has a peer of its own.
    fn is_connected(&self) -> bool {
        self.plan.transport == Transport::Tcp || self.plan.connects
    }

    fn of_server(&self, bytes: Vec<u8>) -> Answer {
        Answer { of: bytes.len(), bytes, from: self.plan.server }
    }

    /// What belongs to an answer that has begun.
    fn take_rest(&self, sent: usize, told: &Told<'_>, buffer: &mut [u8], bytes: &mut Vec<u8>) -> io::Result<()> {
        let mut last = bytes.len();
        while last > 0 && !bytes.ends_with(b"\n") {
            let patience = if bytes.len() == sent { Duration::ZERO } else { REST };
            if told.is_ready(&self.socket, patience)? != Waited::Ready {
                return Ok(());
            }
            let said = told.receive(&self.socket, buffer)?;
            last = said.len();
            bytes.extend_from_slice(said);
        }
        Ok(())
    }

    /// Waits for an answer, or for the end; that none came, the call after it says.
    fn wait(&self, told: &Told<'_>) -> io::Result<()> {
        match told.wait(&self.socket, Some(PATIENCE))? {
            Waited::Over => Err(ErrorKind::Interrupted.into()),
            // It does not wait all that time once more.
            Waited::InVain => self.wait_at_most(INSTANT),
            Waited::Ready => Ok(()),
        }
    }

    fn wait_at_most(&self, patience: Duration) -> io::Result<()> {
        Ok(sockopt::set_socket_timeout(&self.socket, Timeout::Recv, Some(patience))?)
    }

    fn told<'t>(&self, observer: &'t dyn Observer) -> Told<'t> {
        let &ClientPlan { transport, encoding, server, .. } = &self.plan;
        Told {
            observer,
            lane: Lane::Client,
            transport,
            encoding,
            local: self.addr().ok(),
            peer: Some(server),
            began: None,
        }
    }
}

/// The address that this machine's packets to `server` come from. No packet is sent.
///
/// # Errors
///
/// What the kernel says: there is no way to get there.
pub fn address_towards(server: SocketAddr) -> io::Result<SocketAddr> {
    let any = match server {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(server)?;
    socket.local_addr()
}
