//! Whom the echo programs tell what happens to them, and which calls they make meanwhile.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{self, RecvFlags, SendFlags};
use rustix::time::Timespec;

use super::Encoding;
use super::error::errno;
use super::kernel::tcp_state;
use super::socket::length;
use crate::clock::realtime;
use crate::model::{
    Call, Descriptors, Endpoint, Happening, Lane, Outcome, Receiving, SocketCall, Timestamp, Transport,
};

/// Something that happened to an echo program.
#[derive(Debug)]
pub struct Event<'a> {
    /// Over what.
    pub transport: Transport,
    /// With whom; the server's own address where it is with nobody.
    pub peer: SocketAddr,
    /// What.
    pub what: Happening<'a>,
}

/// Whom an echo program tells what happens, from many threads at once.
pub trait Observer: Sync {
    /// Something happened.
    fn happened(&self, event: &Event<'_>);

    /// The server has closed a connection before its client did; its own end, and the client's.
    fn closed_first(&self, own: SocketAddr, peer: SocketAddr) {
        let _ = (own, peer);
    }

    /// Whether it wants to hear of calls, which costs a little for each.
    fn hears_calls(&self) -> bool {
        false
    }

    /// What can be read from once the program is to end; `None` where nobody ends it but the system.
    fn end(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// A call is about to be made; what it gives is not known yet, so its result is empty, and its end its beginning.
    fn entered(&self, call: &SocketCall) {
        let _ = call;
    }

    /// A call has returned.
    fn returned(&self, call: SocketCall) {
        let _ = call;
    }
}

/// What a wait came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// There is something, or nothing came in time: the call says which.
    Ready,
    /// Nothing came in time.
    InVain,
    /// The program is to end.
    Over,
}

/// A datagram that was received.
pub(super) struct Datagram<'b> {
    /// As much of it as there was room for.
    pub(super) bytes: &'b [u8],
    /// How many bytes it had.
    pub(super) of: usize,
    /// Who sent it.
    pub(super) from: SocketAddr,
}

/// Waits until something can be read from `source`, at most for `patience`, or until the program is to end: then `end` can
/// be read from.
///
/// # Errors
///
/// What the kernel says.
pub fn wait(source: impl AsFd, end: Option<BorrowedFd<'_>>, patience: Option<Duration>) -> io::Result<Waited> {
    let timeout = patience.map(|patience| Timespec {
        tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: patience.subsec_nanos().into(),
    });
    let mut polled: Vec<PollFd<'_>> = vec![PollFd::new(&source, PollFlags::IN)];
    polled.extend(end.map(|end| PollFd::from_borrowed_fd(end, PollFlags::IN)));
    loop {
        match poll(&mut polled, timeout.as_ref()) {
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
            Ok(0) => return Ok(Waited::InVain),
            Ok(_) if polled.get(1).is_some_and(|end| !end.revents().is_empty()) => return Ok(Waited::Over),
            Ok(_) => return Ok(Waited::Ready),
        }
    }
}

/// Whose calls they are, between whom, and who hears of them.
#[derive(Clone, Copy)]
pub(super) struct Told<'t> {
    pub(super) observer: &'t dyn Observer,
    pub(super) lane: Lane,
    pub(super) transport: Transport,
    pub(super) encoding: Encoding,
    pub(super) local: Option<SocketAddr>,
    pub(super) peer: Option<SocketAddr>,
    /// When the next call began, where it did with a wait.
    pub(super) began: Option<Timestamp>,
}

impl Told<'_> {
    /// `connect()`.
    pub(super) fn connect(&self, socket: impl AsFd, to: SocketAddr) -> io::Result<()> {
        let fd = socket.as_fd();
        let connect = || net::connect(fd, &to);
        let to = endpoint(to);
        self.call(|| Call::Connect(to), Some(fd), connect, |()| Outcome::Done)
    }

    /// The same for a call that begins now, with [`Told::wait`].
    pub(super) fn beginning(self) -> Self {
        Self { began: Some(realtime()), ..self }
    }

    /// Waits until a call on the socket would not have to, at most for `patience`, where somebody may end the program
    /// meanwhile; else the call itself waits.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub(super) fn wait(&self, socket: impl AsFd, patience: Option<Duration>) -> io::Result<Waited> {
        let Some(end) = self.observer.end() else { return Ok(Waited::Ready) };
        wait(socket, Some(end), patience)
    }

    /// Waits for so long whether there is more to read, where not waiting is what the call would do.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub(super) fn is_ready(&self, socket: impl AsFd, patience: Duration) -> io::Result<Waited> {
        wait(socket, self.observer.end(), Some(patience))
    }

    /// Tells what happened, with the peer, else with nobody.
    pub(super) fn happened(&self, what: Happening<'_>) {
        if let Some(peer) = self.peer.or(self.local) {
            self.observer.happened(&Event { transport: self.transport, peer, what });
        }
    }

    /// `accept()`: the connection, and its own teller. Until there is one, nothing is told of the call.
    pub(super) fn accept(&self, listener: &TcpListener) -> io::Result<(TcpStream, Self)> {
        let before = self.described(Call::Accept);
        let (stream, peer) = listener.accept()?;
        let returned = realtime();
        let told = Self { local: stream.local_addr().ok().or(self.local), peer: Some(peer), began: None, ..*self };
        if self.observer.hears_calls() {
            let (result, state) = (Ok(Outcome::Accepted(endpoint(peer))), tcp_state(stream.as_fd(), true));
            let entered = before.entered;
            self.observer.returned(SocketCall { result, returned, state, entered, ..told.described(Call::Accept) });
        }
        Ok((stream, told))
    }

    /// `send()` of the whole of a message, in as many calls as it takes.
    pub(super) fn send(&self, socket: impl AsFd, mut message: &[u8]) -> io::Result<()> {
        let fd = socket.as_fd();
        loop {
            let send = || net::send(fd, message, SendFlags::NOSIGNAL);
            let what = || Call::send(self.encoding.message(message), None);
            match self.call(what, Some(fd), send, |sent| Outcome::Sent(length(*sent))) {
                Ok(sent) if sent < message.len() => message = &message[sent..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                sent => return sent.map(drop),
            }
        }
    }

    /// `recv()` of what there is, at most a buffer full.
    pub(super) fn receive<'b>(&self, socket: impl AsFd, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
        let (fd, room) = (socket.as_fd(), buffer.len());
        self.call(
            || Call::receive(Receiving::Recv, length(room)),
            Some(fd),
            || {
                let (len, _) = net::recv(fd, &mut *buffer, RecvFlags::empty())?;
                Ok(&buffer[..len])
            },
            |bytes| match bytes {
                [] if self.transport == Transport::Tcp => Outcome::PeerClosed,
                bytes => Outcome::Received { message: self.encoding.message(bytes), of: None, from: None },
            },
        )
    }

    /// `sendto()`: one datagram.
    pub(super) fn send_to(&self, socket: impl AsFd, message: &[u8], to: SocketAddr) -> io::Result<()> {
        let told = Told { peer: Some(to), ..*self };
        let what = || Call::send(self.encoding.message(message), Some(endpoint(to)));
        let send = || net::sendto(&socket, message, SendFlags::NOSIGNAL, &to);
        told.call(what, None, send, |sent| Outcome::Sent(length(*sent))).map(drop)
    }

    /// `recvfrom()`: one datagram, at most a buffer full of it, and its sender. That the kernel tells how long it was
    /// (`MSG_TRUNC`) is no part of the lesson.
    pub(super) fn receive_from<'b>(&self, socket: impl AsFd, buffer: &'b mut [u8]) -> io::Result<Datagram<'b>> {
        let room = buffer.len();
        self.call(
            || Call::receive(Receiving::RecvFrom, length(room)),
            None,
            || {
                let (len, of, from) = net::recvfrom(&socket, &mut *buffer, RecvFlags::TRUNC)?;
                let from = from.and_then(|from| SocketAddr::try_from(from).ok()).ok_or(Errno::AFNOSUPPORT)?;
                Ok(Datagram { bytes: &buffer[..len], of, from })
            },
            |Datagram { bytes, of, from }| {
                let (message, from) = (self.encoding.message(bytes), Some(endpoint(*from)));
                Outcome::Received { message, of: (*of > bytes.len()).then(|| length(*of)), from }
            },
        )
    }

    /// `close()`.
    pub(super) fn close(&self, socket: impl Into<OwnedFd>) {
        let close = || {
            drop(socket.into());
            Ok(())
        };
        // It cannot fail.
        let _ = self.call(|| Call::Close { listener: false }, None, close, |()| Outcome::Done);
    }

    /// Makes one call and tells of it: what goes in, and what comes out. On a connection the kernel is asked for its state
    /// afterwards.
    fn call<T>(
        &self,
        what: impl FnOnce() -> Call,
        connection: Option<BorrowedFd<'_>>,
        call: impl FnOnce() -> Result<T, Errno>,
        describe: impl FnOnce(&T) -> Outcome,
    ) -> io::Result<T> {
        if !self.observer.hears_calls() {
            return Ok(call()?);
        }
        let before = self.described(what());
        self.observer.entered(&before);
        let result = call();
        let returned = realtime();
        let of_tcp = connection.filter(|_| self.transport == Transport::Tcp);
        let state = of_tcp.and_then(|connection| tcp_state(connection, result.is_ok()));
        // It may have got one by the call.
        let local = connection.and_then(own_endpoint).or(before.local);
        let given = result.as_ref().map(describe).map_err(|said| errno(*said));
        let peer = given.as_ref().ok().and_then(Outcome::sender).or(before.peer);
        self.observer.returned(SocketCall { result: given, local, peer, returned, state, ..before });
        Ok(result?)
    }

    /// A call that begins now.
    fn described(&self, what: Call) -> SocketCall {
        let entered = self.began.unwrap_or_else(realtime);
        SocketCall {
            lane: self.lane,
            transport: Some(self.transport),
            what,
            result: Ok(Outcome::Done),
            entered,
            returned: entered,
            local: self.local.map(endpoint),
            peer: self.peer.map(endpoint),
            state: None,
            descriptors: Descriptors::default(),
        }
    }
}

fn own_endpoint(socket: BorrowedFd<'_>) -> Option<Endpoint> {
    SocketAddr::try_from(net::getsockname(socket).ok()?).ok().map(endpoint)
}

/// An endpoint as the packets have it: a socket of both families calls an IPv4 address `::ffff:192.0.2.1`.
fn endpoint(addr: SocketAddr) -> Endpoint {
    Endpoint::new(addr.ip().to_canonical(), addr.port())
}
