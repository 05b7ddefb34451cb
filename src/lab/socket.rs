//! A socket that writes down each call made on it.
//!
//! The calls are the kernel's own, one method each, so that a scenario reads like the system calls it teaches. What the
//! kernel is asked besides (the socket's address, its state) is not part of the lesson and not recorded.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt::{self, Timeout};
use rustix::net::{self, AddressFamily, Shutdown, SocketFlags, SocketType};

use super::error::errno;
use super::kernel::{tcp_state, unsent};
use super::recorder::SocketId;
use super::{Encoding, Host, LabError, Recorder, Rendezvous};
use crate::clock::realtime;
use crate::model::{
    self, Call, Consequence, Control, Descriptors, Direction, Domain, Endpoint, Lane, OptionValue, Outcome, Purpose,
    SocketCall, SocketKind, SocketOption, TcpState, Timestamp, Transport,
};

/// How long a call waits for the other side before it fails: on loopback only a broken stack or firewall needs more.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// The longest message a [`Socket`] receives in one call, in bytes.
pub const LONGEST_MESSAGE: usize = 4096;

/// One side of a conversation: who it is, and where its calls are written down.
#[derive(Clone, Debug)]
pub struct Party {
    /// Client or server.
    pub lane: Lane,
    /// Where its calls are noted.
    pub recorder: Recorder,
    /// Whom it takes turns with, where the two sides are threads of their own; in a script of one thread the order of the
    /// calls is the order of the script.
    pub rendezvous: Option<Arc<Rendezvous>>,
    /// Where its sockets are made, where that is not where the process is.
    pub host: Option<Host>,
    /// How the text of its messages is read for the notes.
    pub encoding: Encoding,
    /// Whether the notes tell the sockets' descriptors.
    pub tells_descriptors: bool,
}

/// So many bytes, as calls have them.
pub(super) fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// So much time, as calls have it.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// An open socket of one side.
#[derive(Debug)]
pub struct Socket {
    pub(super) party: Party,
    id: SocketId,
    pub(super) fd: OwnedFd,
    /// `None` for ICMP.
    transport: Option<Transport>,
    /// The address the kernel last named; a connection that was reset has none any more.
    known: Cell<Option<Endpoint>>,
    peer: Option<Endpoint>,
    /// Whether acknowledgments are asked for at once.
    prompt: Cell<bool>,
    /// The packets that the next call accounts for, where they are not the usual ones.
    expects: RefCell<Option<Vec<Consequence>>>,
}

impl Party {
    /// `socket()`.
    ///
    /// # Errors
    ///
    /// [`LabError::Call`] with what the kernel said, [`LabError::Host`] where its host cannot be entered.
    pub fn socket(&self, transport: Transport, addr: SocketAddr) -> Result<Socket, LabError> {
        self.open(Some(transport), addr)
    }

    /// `socket()` of ICMP, for echo requests: the kernel fills in identifier and checksum.
    pub(super) fn echo_socket(&self, addr: SocketAddr) -> Result<Socket, LabError> {
        self.open(None, addr)
    }

    fn open(&self, transport: Option<Transport>, addr: SocketAddr) -> Result<Socket, LabError> {
        self.host.as_ref().map_or(Ok(()), Host::enter).map_err(|errno| LabError::Host { lane: self.lane, errno })?;
        let (family, domain) = match addr {
            SocketAddr::V4(_) => (AddressFamily::INET, Domain::Inet),
            SocketAddr::V6(_) => (AddressFamily::INET6, Domain::Inet6),
        };
        let (type_, kind) = match transport {
            Some(Transport::Tcp) => (SocketType::STREAM, SocketKind::Stream),
            Some(Transport::Udp) | None => (SocketType::DGRAM, SocketKind::Datagram),
        };
        let protocol = transport.is_none().then_some(net::ipproto::ICMP);
        let what = Call::Socket { domain, kind };
        let entered = realtime();
        let result = net::socket_with(family, type_, SocketFlags::CLOEXEC, protocol);
        let returned = realtime();
        let fd = result.map_err(|errno| self.failed(&what, errno))?;
        let id = self.recorder.new_socket();
        let socket = Socket::new(self.clone(), id, fd, transport, None);
        let call = socket.described(what, Ok(Outcome::Done), entered, returned);
        let descriptors = Descriptors { of: None, given: call.descriptors.of };
        self.recorder.note(id, SocketCall { descriptors, ..call }, None);
        for timeout in [Timeout::Recv, Timeout::Send] {
            let what = || Call::SetOption(SocketOption::ReceiveTimeout, OptionValue::Millis(millis(PATIENCE)));
            sockopt::set_socket_timeout(&socket.fd, timeout, Some(PATIENCE))
                .map_err(|errno| self.failed(&what(), errno))?;
        }
        Ok(socket)
    }

    pub(super) fn failed(&self, call: &Call, errno: Errno) -> LabError {
        let (lane, call) = (self.lane, Box::new(call.clone()));
        if errno == Errno::AGAIN || errno == Errno::INPROGRESS {
            return LabError::TimedOut { lane, call, patience: PATIENCE };
        }
        LabError::Call { lane, call, errno }
    }

    pub(super) fn listens(&self) {
        if let Some(rendezvous) = &self.rendezvous {
            rendezvous.listens(self.lane);
        }
    }

    pub(super) fn heard(&self) {
        if let Some(rendezvous) = &self.rendezvous {
            rendezvous.heard(self.lane);
        }
    }

    pub(super) fn wait_for_listener(&self) {
        if let Some(rendezvous) = &self.rendezvous {
            rendezvous.wait_for_listener(self.lane);
        }
    }
}

impl Socket {
    fn new(party: Party, id: SocketId, fd: OwnedFd, transport: Option<Transport>, peer: Option<Endpoint>) -> Self {
        let (known, prompt, expects) = (Cell::new(None), Cell::new(true), RefCell::new(None));
        Self { party, id, fd, transport, known, peer, prompt, expects }
    }

    /// Says which packets the next call on this socket accounts for, where they are not the ones that such a call makes
    /// by itself: because a segment gets lost, or waits for others.
    pub(super) fn expecting(&self, packets: impl Into<Vec<Consequence>>) -> &Self {
        self.expects.replace(Some(packets.into()));
        self
    }

    /// Says which packets the last call on this socket accounts for, where only what came of it tells; those of nothing are
    /// left out.
    pub(super) fn accounts_for(&self, packets: impl Into<Vec<Consequence>>) {
        let mut packets = packets.into();
        packets.retain(|packet| packet.purpose != Purpose::Data(0));
        self.party.recorder.account(self.id, packets);
    }

    /// How many bytes the kernel has taken and not sent yet.
    pub(super) fn unsent(&self) -> Result<usize, LabError> {
        let failed =
            |errno| self.party.failed(&Call::Other { name: "ioctl".to_owned(), arguments: String::new() }, errno);
        unsent(self.fd.as_fd()).map_err(failed)
    }

    /// `bind()`.
    ///
    /// # Errors
    ///
    /// [`LabError::PortTaken`] where another program has the port, or TIME-WAIT holds it; as for every call below,
    /// [`LabError::Call`] with what the kernel said.
    pub fn bind(&mut self, addr: SocketAddr) -> Result<(), LabError> {
        let bound = self.call(Call::Bind(addr.into()), || net::bind(&self.fd, &addr), |()| Outcome::Done);
        if bound.is_err() {
            self.known.set(Some(addr.into()));
        }
        self.place();
        bound.map_err(|error| match error {
            LabError::Call { lane, call, errno: Errno::ADDRINUSE } => match self.transport {
                Some(transport) => LabError::PortTaken { transport, endpoint: addr.into() },
                None => LabError::Call { lane, call, errno: Errno::ADDRINUSE },
            },
            error => error,
        })
    }

    /// `listen()`.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn listen(&self, backlog: i32) -> Result<(), LabError> {
        self.call(Call::Listen { backlog }, || net::listen(&self.fd, backlog), |()| Outcome::Done)
    }

    /// `accept()`: waits for a finished handshake and gives a new socket for that one connection.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn accept(&self) -> Result<Self, LabError> {
        self.party.listens();
        let entered = realtime();
        let result = net::acceptfrom_with(&self.fd, SocketFlags::CLOEXEC);
        let returned = realtime();
        self.party.heard();
        let (fd, peer) = result.map_err(|errno| self.party.failed(&Call::Accept, errno))?;
        let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok()).map(Endpoint::from);
        let id = self.party.recorder.new_socket();
        let socket = Self::new(self.party.clone(), id, fd, self.transport, peer);
        socket.acknowledge_at_once();
        let call = SocketCall {
            local: socket.local(),
            peer,
            state: socket.state(false),
            descriptors: Descriptors { of: self.descriptor(), given: socket.descriptor() },
            ..self.described(Call::Accept, Ok(peer.map_or(Outcome::Done, Outcome::Accepted)), entered, returned)
        };
        self.party.recorder.note(id, call, None);
        Ok(socket)
    }

    /// `connect()`: for TCP the three-way handshake happens inside.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn connect(&mut self, addr: SocketAddr) -> Result<(), LabError> {
        self.party.wait_for_listener();
        self.peer = Some(addr.into());
        let connected = self.call(Call::Connect(addr.into()), || net::connect(&self.fd, &addr), |()| Outcome::Done);
        self.place();
        self.acknowledge_at_once();
        connected
    }

    /// `shutdown(SHUT_WR)`: this side has nothing more to send, and goes on listening.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn shut_down_sending(&self) -> Result<(), LabError> {
        let what = Call::ShutDown(Direction::Write);
        self.call(what, || net::shutdown(&self.fd, Shutdown::Write), |()| Outcome::Done)
    }

    /// `close()`: on a connection this sends the FIN.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn close(self) -> Result<(), LabError> {
        let (local, peer) = (self.local(), self.peer);
        let what = Call::Close { listener: self.state(false) == Some(TcpState::Listen) };
        let descriptors = Descriptors { of: self.descriptor(), given: None };
        let Self { party, id, fd, transport, expects, .. } = self;
        let entered = realtime();
        drop(fd);
        let returned = realtime();
        let call = SocketCall {
            lane: party.lane,
            transport,
            what,
            result: Ok(Outcome::Done),
            entered,
            returned,
            local,
            peer,
            state: None,
            descriptors,
        };
        party.recorder.note(id, call, expects.into_inner());
        Ok(())
    }

    /// `close()` that returns when the other end has acknowledged the FIN (`SO_LINGER`, of which no note is made: it is no part of the
    /// lesson).
    pub(super) fn close_and_wait(self) -> Result<(), LabError> {
        let what = || Call::SetOption(SocketOption::Linger, OptionValue::Seconds(PATIENCE.as_secs()));
        sockopt::set_socket_linger(&self.fd, Some(PATIENCE)).map_err(|errno| self.party.failed(&what(), errno))?;
        self.close()
    }

    /// The socket is gone, with its host: nothing is called, and what the kernel would say of it is a reset alone.
    pub(super) fn vanish(self) -> Result<(), LabError> {
        let what = || Call::SetOption(SocketOption::Linger, OptionValue::Seconds(0));
        sockopt::set_socket_linger(&self.fd, Some(Duration::ZERO)).map_err(|errno| self.party.failed(&what(), errno))
    }

    /// The same socket in other hands.
    pub(super) fn of(self, party: Party) -> Self {
        Self { party, ..self }
    }

    /// Waits until the other side listens: for calls that make packets but need no listener by themselves.
    pub fn await_turn(&self) {
        self.party.wait_for_listener();
    }

    /// The socket's own address, once it has one.
    #[must_use]
    pub fn local(&self) -> Option<Endpoint> {
        let named = net::getsockname(&self.fd).ok().and_then(|addr| SocketAddr::try_from(addr).ok());
        if let Some(addr) = named.filter(|addr| addr.port() != 0) {
            self.known.set(Some(addr.into()));
        }
        self.known.get()
    }

    /// Linux delays acknowledgments to let them ride on data (RFC 9293 §3.8.6.3). The lab asks for them at once, so that
    /// every segment's acknowledgment is seen on its own and a run has the same packets every time.
    pub(super) fn acknowledge_at_once(&self) {
        if self.transport == Some(Transport::Tcp) && self.prompt.get() {
            // Best effort: where the kernel refuses, the ledger will say which acknowledgment was not seen.
            let _ = sockopt::set_tcp_quickack(&self.fd, true);
        }
    }

    /// The state after a call, as far as the kernel says it; a call that failed did so by a reset or a refusal.
    fn state(&self, failed: bool) -> Option<TcpState> {
        let is_whole = self.peer.is_some() && !failed;
        if self.transport == Some(Transport::Tcp) { tcp_state(self.fd.as_fd(), is_whole) } else { None }
    }

    /// Gives the socket's earlier calls the endpoints it has now.
    fn place(&self) {
        self.party.recorder.place(self.id, self.local(), self.peer);
    }

    /// Makes one `setsockopt()` and notes it.
    pub(super) fn set(
        &self,
        option: SocketOption,
        value: OptionValue,
        set: impl FnOnce(BorrowedFd<'_>) -> Result<(), Errno>,
    ) -> Result<(), LabError> {
        self.call(Call::SetOption(option, value), || set(self.fd.as_fd()), |()| Outcome::Done)
    }

    /// Makes one `ioctl()` and notes it.
    pub(super) fn control(
        &self,
        control: Control,
        change: impl FnOnce(BorrowedFd<'_>) -> Result<(), Errno>,
    ) -> Result<(), LabError> {
        self.call(Call::Control(control), || change(self.fd.as_fd()), |()| Outcome::Done)
    }

    /// Whether the socket's acknowledgments are asked for at once from now on.
    pub(super) fn set_prompt(&self, prompt: bool) {
        self.prompt.set(prompt);
    }

    /// Makes one call and notes it.
    pub(super) fn call<T>(
        &self,
        what: Call,
        call: impl FnOnce() -> Result<T, Errno>,
        describe: impl FnOnce(&T) -> Outcome,
    ) -> Result<T, LabError> {
        let entered = realtime();
        let result = call();
        let returned = realtime();
        let given = result.as_ref().map(describe).map_err(|said| errno(*said));
        let (to, from) = (what.receiver(), given.as_ref().ok().and_then(Outcome::sender));
        let mut noted = self.described(what, given, entered, returned);
        if noted.result.is_ok() {
            noted.peer = from.or(to).or(self.peer);
        }
        let failed = result.map_err(|errno| self.party.failed(&noted.what, errno));
        self.party.recorder.note(self.id, noted, self.expects.take());
        failed
    }

    fn described(
        &self,
        what: Call,
        result: Result<Outcome, model::Errno>,
        entered: Timestamp,
        returned: Timestamp,
    ) -> SocketCall {
        let (lane, transport, state) = (self.party.lane, self.transport, self.state(result.is_err()));
        let (local, peer) = (self.local(), self.peer);
        let descriptors = Descriptors { of: self.descriptor(), given: None };
        SocketCall { lane, transport, what, result, entered, returned, local, peer, state, descriptors }
    }

    /// The socket's number in the process's table, where it is told.
    fn descriptor(&self) -> Option<u32> {
        u32::try_from(self.fd.as_raw_fd()).ok().filter(|_| self.party.tells_descriptors)
    }
}
