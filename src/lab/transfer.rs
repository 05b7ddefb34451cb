//! The calls that move bytes, and the one that waits for them.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{self, RecvFlags, SendFlags};

use super::socket::Outcome;
use super::{LONGEST_MESSAGE, LabError, Socket};

impl Socket {
    /// `send()` of one whole message on a connection.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn send(&self, message: &[u8]) -> Result<(), LabError> {
        self.party.wait_for_listener();
        let arguments = self.party.encoding.quote(message);
        let send = || net::send(&self.fd, message, SendFlags::NOSIGNAL);
        self.call("send", &arguments, send, |sent| Outcome::moved(*sent, format!("{sent} B")))?;
        self.acknowledge_at_once();
        Ok(())
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
            "recv",
            &room.to_string(),
            || {
                let (len, _) = net::recv(&self.fd, buffer.as_mut_slice(), RecvFlags::empty())?;
                buffer.truncate(len);
                Ok(std::mem::take(&mut buffer))
            },
            |bytes: &Vec<u8>| match bytes.len() {
                0 => Outcome::moved(0, "0 B: peer closed".to_owned()),
                len => Outcome::moved(len, self.party.encoding.quote(bytes)),
            },
        );
        self.party.heard();
        self.acknowledge_at_once();
        received
    }

    /// `recvfrom(MSG_TRUNC)` of at most `room` bytes of a datagram; says how long the datagram was.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn recv_from_truncated(&self, room: usize) -> Result<usize, LabError> {
        let mut buffer = vec![0; room];
        self.call(
            "recvfrom",
            &format!("{room}, MSG_TRUNC"),
            || {
                let (len, full, from) = net::recvfrom(&self.fd, buffer.as_mut_slice(), RecvFlags::TRUNC)?;
                buffer.truncate(len);
                let from = from.and_then(|from| SocketAddr::try_from(from).ok()).ok_or(Errno::AFNOSUPPORT)?;
                Ok((std::mem::take(&mut buffer), full, from))
            },
            |(bytes, full, from)| Outcome {
                peer: Some((*from).into()),
                ..Outcome::moved(bytes.len(), format!("{} of {full} B from {from}", self.party.encoding.quote(bytes)))
            },
        )
        .map(|(_, full, _)| full)
    }

    /// `poll()`: waits until there is something to read; returns whether there was before the time was up.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn wait_readable(&self, patience: Duration) -> Result<bool, LabError> {
        self.poll(PollFlags::IN, "POLLIN", patience)
    }

    /// `poll()`: waits until a `connect()` that did not wait has come to its end.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn wait_writable(&self, patience: Duration) -> Result<bool, LabError> {
        self.poll(PollFlags::OUT, "POLLOUT", patience)
    }

    fn poll(&self, flags: PollFlags, name: &str, patience: Duration) -> Result<bool, LabError> {
        let timeout = patience.try_into().map_err(|_| self.party.failed("poll()", Errno::INVAL))?;
        let ready = || poll(&mut [PollFd::new(&self.fd, flags)], Some(&timeout)).map(|ready| ready > 0);
        let ready = self.call("poll", &format!("{name}, {} ms", patience.as_millis()), ready, |ready| Outcome {
            text: if *ready { "ready" } else { "0: time is up" }.to_owned(),
            ..Outcome::default()
        });
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
        let arguments = format!("{}, {to}", self.party.encoding.quote(message));
        let send = || net::sendto(&self.fd, message, SendFlags::NOSIGNAL, &to);
        self.call("sendto", &arguments, send, |sent| Outcome {
            peer: Some(to.into()),
            ..Outcome::moved(*sent, format!("{sent} B"))
        })?;
        Ok(())
    }

    /// `recvfrom()`: one datagram, at most [`LONGEST_MESSAGE`] bytes of it, and its sender.
    ///
    /// # Errors
    ///
    /// See [`Socket::bind`].
    pub fn recv_from(&self) -> Result<(Vec<u8>, SocketAddr), LabError> {
        let mut buffer = vec![0; LONGEST_MESSAGE];
        self.party.listens();
        let received = self.call(
            "recvfrom",
            &LONGEST_MESSAGE.to_string(),
            || {
                let (len, _, from) = net::recvfrom(&self.fd, buffer.as_mut_slice(), RecvFlags::empty())?;
                buffer.truncate(len);
                let from = from.and_then(|from| SocketAddr::try_from(from).ok()).ok_or(Errno::AFNOSUPPORT)?;
                Ok((std::mem::take(&mut buffer), from))
            },
            |(bytes, from)| Outcome {
                peer: Some((*from).into()),
                ..Outcome::moved(bytes.len(), format!("{} from {from}", self.party.encoding.quote(bytes)))
            },
        );
        self.party.heard();
        received
    }
}
