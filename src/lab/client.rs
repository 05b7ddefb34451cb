//! The echo client as a program of its own: one message, one answer.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::net::sockopt::{self, Timeout};
use rustix::net::{self, AddressFamily, SocketFlags, SocketType};

use super::observer::{Observer, Told, Waited};
use super::{Encoding, LONGEST_MESSAGE};
use crate::model::{Lane, Transport};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hardly any time: a time-out of 0 would be none.
const INSTANT: Duration = Duration::from_millis(1);

/// How long the rest of an answer that does not end a line may take.
const REST: Duration = Duration::from_millis(50);

/// A client that talks to one server.
#[derive(Debug)]
pub struct EchoClient {
    socket: OwnedFd,
    transport: Transport,
    encoding: Encoding,
    server: SocketAddr,
}

impl EchoClient {
    /// Opens a socket for talking to `server`, bound to an address of its own where `bind` names one.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn open(
        transport: Transport,
        server: SocketAddr,
        bind: Option<SocketAddr>,
        encoding: Encoding,
    ) -> io::Result<Self> {
        let family = if server.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let kind = if transport == Transport::Tcp { SocketType::STREAM } else { SocketType::DGRAM };
        let socket = net::socket_with(family, kind, SocketFlags::CLOEXEC, None)?;
        if let Some(own) = bind {
            net::bind(&socket, &own)?;
        }
        Ok(Self { socket, transport, encoding, server })
    }

    /// Its own address, as far as it has one.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn addr(&self) -> io::Result<SocketAddr> {
        Ok(net::getsockname(&self.socket)?.try_into()?)
    }

    /// Connects to the server; with datagrams that only settles whom they go to and come from.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn connect(&self, observer: &dyn Observer) -> io::Result<()> {
        self.told(observer).connect(&self.socket, self.server)
    }

    /// Sends a message and waits for the answer; an empty one means that the server has closed the connection.
    ///
    /// Over TCP a message is a line. An answer ends with its line too, or, for servers that end none, when nothing more
    /// comes.
    ///
    /// # Errors
    ///
    /// What the kernel says; `WouldBlock` where no answer came in time, `Interrupted` where the observer ends the program.
    pub fn ask(&self, message: &[u8], observer: &dyn Observer) -> io::Result<Vec<u8>> {
        let mut buffer = [0; LONGEST_MESSAGE];
        let told = self.told(observer);
        self.wait_at_most(PATIENCE)?;
        if self.transport == Transport::Udp {
            told.send(&self.socket, message)?;
            let asks = told.beginning();
            self.wait(&asks, PATIENCE)?;
            return Ok(asks.receive(&self.socket, &mut buffer)?.to_vec());
        }
        told.send(&self.socket, &[message, b"\n"].concat())?;
        let (mut answer, mut patience) = (Vec::new(), PATIENCE);
        loop {
            let asks = told.beginning();
            self.wait(&asks, patience)?;
            match asks.receive(&self.socket, &mut buffer) {
                Ok([]) => return Ok(answer),
                Ok(said) => answer.extend_from_slice(said),
                Err(error) if error.kind() == ErrorKind::WouldBlock && !answer.is_empty() => return Ok(answer),
                Err(error) => return Err(error),
            }
            if answer.ends_with(b"\n") {
                return Ok(answer);
            }
            patience = REST;
            self.wait_at_most(REST)?;
        }
    }

    /// Ends the conversation.
    pub fn close(self, observer: &dyn Observer) {
        self.told(observer).close(self.socket);
    }

    /// Waits for an answer, or for the end; that none came, the call after it says.
    fn wait(&self, told: &Told<'_>, patience: Duration) -> io::Result<()> {
        match told.wait(&self.socket, Some(patience))? {
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
        let &Self { transport, encoding, server, .. } = self;
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
