//! The calls that move bytes, and the one that waits for them.
//!
//! That the process gets no signal where a connection is broken (`MSG_NOSIGNAL`) is no part of the lesson, and not recorded.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{self, RecvFlags, SendFlags};

use super::socket::{length, millis};
use super::{LONGEST_MESSAGE, LabError, Socket};
use crate::model::{Call, Endpoint, MessageFlags, Outcome, Readiness, Receiving};

impl Socket {
    /// `send()` of one whole message on a connection.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn send(&self, message: &[u8]) -> Result<(), LabError> {
        self.party.wait_for_listener();
        let what = Call::send(self.party.encoding.message(message), None);
        self.call(what, || net::send(&self.fd, message, SendFlags::NOSIGNAL), |sent| Outcome::Sent(length(*sent)))?;
        self.acknowledge_at_once();
        Ok(())
    }

    /// `send()` on a socket that does not wait: returns how many bytes the kernel took.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub(super) fn send_some(&self, message: &[u8]) -> Result<usize, LabError> {
        let what = Call::send(self.party.encoding.message(message), None);
        let send = || net::send(&self.fd, message, SendFlags::NOSIGNAL);
        self.call(what, send, |sent| Outcome::Sent(length(*sent)))
    }

    /// `recv()`: the next bytes of the stream, at most [`LONGEST_MESSAGE`]; empty when the peer has closed.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn recv(&self) -> Result<Vec<u8>, LabError> {
        self.recv_up_to(LONGEST_MESSAGE)
    }

    /// `recv()` of at most `room` bytes; of a datagram the rest is lost, of a stream it stays.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn recv_up_to(&self, room: usize) -> Result<Vec<u8>, LabError> {
        let mut buffer = vec![0; room];
        self.party.listens();
        let received = self.call(
            Call::receive(Receiving::Recv, length(room)),
            || {
                let (len, _) = net::recv(&self.fd, buffer.as_mut_slice(), RecvFlags::empty())?;
                buffer.truncate(len);
                Ok(std::mem::take(&mut buffer))
            },
            |bytes: &Vec<u8>| match bytes.as_slice() {
                [] => Outcome::PeerClosed,
                bytes => self.received(bytes, None, None),
            },
        );
        self.party.heard();
        self.acknowledge_at_once();
        received
    }

    /// `recv(MSG_WAITALL)` of so many bytes.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub(super) fn recv_all(&self, room: usize) -> Result<Vec<u8>, LabError> {
        let mut buffer = vec![0; room];
        self.call(
            Call::Receive { by: Receiving::Recv, room: length(room), flags: MessageFlags::WAITALL },
            || {
                let (len, _) = net::recv(&self.fd, buffer.as_mut_slice(), RecvFlags::WAITALL)?;
                buffer.truncate(len);
                Ok(std::mem::take(&mut buffer))
            },
            |bytes: &Vec<u8>| self.received(bytes, None, None),
        )
    }

    /// `recvfrom(MSG_TRUNC)` of at most `room` bytes of a datagram; says how long the datagram was.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn recv_from_truncated(&self, room: usize) -> Result<usize, LabError> {
        let mut buffer = vec![0; room];
        self.call(
            Call::Receive { by: Receiving::RecvFrom, room: length(room), flags: MessageFlags::TRUNC },
            || {
                let (len, full, from) = net::recvfrom(&self.fd, buffer.as_mut_slice(), RecvFlags::TRUNC)?;
                buffer.truncate(len);
                let from = from.and_then(|from| SocketAddr::try_from(from).ok()).ok_or(Errno::AFNOSUPPORT)?;
                Ok((std::mem::take(&mut buffer), full, from))
            },
            |(bytes, full, from)| self.received(bytes, Some(*full), Some(*from)),
        )
        .map(|(_, full, _)| full)
    }

    /// `poll()`: waits until there is something to read; returns whether there was before the time was up.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn wait_readable(&self, patience: Duration) -> Result<bool, LabError> {
        self.poll(PollFlags::IN, Readiness::Readable, patience)
    }

    /// `poll()`: waits until a `connect()` that did not wait has come to its end.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn wait_writable(&self, patience: Duration) -> Result<bool, LabError> {
        self.poll(PollFlags::OUT, Readiness::Writable, patience)
    }

    fn poll(&self, flags: PollFlags, ready: Readiness, patience: Duration) -> Result<bool, LabError> {
        let what = Call::Poll { ready, millis: millis(patience) };
        let timeout = patience.try_into().map_err(|_| self.party.failed(&what, Errno::INVAL))?;
        let wait = || poll(&mut [PollFd::new(&self.fd, flags)], Some(&timeout)).map(|ready| ready > 0);
        let ready = self.call(what, wait, |ready| if *ready { Outcome::Ready } else { Outcome::TimeIsUp });
        self.acknowledge_at_once();
        ready
    }

    /// `sendto()`: one datagram.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn send_to(&self, message: &[u8], to: SocketAddr) -> Result<(), LabError> {
        self.party.wait_for_listener();
        let what = Call::send(self.party.encoding.message(message), Some(to.into()));
        let send = || net::sendto(&self.fd, message, SendFlags::NOSIGNAL, &to);
        self.call(what, send, |sent| Outcome::Sent(length(*sent)))?;
        Ok(())
    }

    /// `recvfrom()`: one datagram, at most [`LONGEST_MESSAGE`] bytes of it, and its sender.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn recv_from(&self) -> Result<(Vec<u8>, SocketAddr), LabError> {
        self.recv_from_up_to(LONGEST_MESSAGE)
    }

    /// `recvfrom()`: at most `room` bytes of one datagram, and its sender.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn recv_from_up_to(&self, room: usize) -> Result<(Vec<u8>, SocketAddr), LabError> {
        let mut buffer = vec![0; room];
        self.party.listens();
        let received = self.call(
            Call::receive(Receiving::RecvFrom, length(room)),
            || {
                let (len, _, from) = net::recvfrom(&self.fd, buffer.as_mut_slice(), RecvFlags::empty())?;
                buffer.truncate(len);
                let from = from.and_then(|from| SocketAddr::try_from(from).ok()).ok_or(Errno::AFNOSUPPORT)?;
                Ok((std::mem::take(&mut buffer), from))
            },
            |(bytes, from)| self.received(bytes, None, Some(*from)),
        );
        self.party.heard();
        received
    }

    fn received(&self, bytes: &[u8], of: Option<usize>, from: Option<SocketAddr>) -> Outcome {
        let message = self.party.encoding.message(bytes);
        Outcome::Received { message, of: of.map(length), from: from.map(Endpoint::from) }
    }
}
