//! Questions to the kernel over netlink (netlink(7)).
//!
//! They are written and read like a file's bytes: a confined process may send nothing, but write to what is open.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::io::{Errno, read, write};
use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, socket_with, sockopt};

/// The header of every message: its length, type, flags, sequence number and port, 16 bytes in all.
const HEADER: usize = 16;

/// `NLMSG_ERROR` and `NLMSG_DONE`.
const ERROR: u16 = 2;
const DONE: u16 = 3;

/// `NLM_F_REQUEST`, alone and with `NLM_F_ROOT` and `NLM_F_MATCH`, which ask for all there are.
const REQUEST: u16 = 0x001;
const DUMP: u16 = 0x301;

/// The kernel's messages are never longer.
const LONGEST: usize = 1 << 15;

/// The kernel answers before the question's `write` returns; this is for the day it does not.
const PATIENCE: Duration = Duration::from_secs(1);

/// How much is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The one thing that the question names.
    One,
    /// All there are of a kind.
    All,
}

/// A socket to one of the kernel's services.
pub(super) struct Netlink {
    socket: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
}

impl AsFd for Netlink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Netlink {
    /// Opens a socket to a service, `SOCK_DIAG` for instance.
    pub(super) fn open(service: Option<Protocol>) -> Result<Self, Errno> {
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, service)?;
        sockopt::set_socket_timeout(&socket, sockopt::Timeout::Recv, Some(PATIENCE))?;
        Ok(Self { socket, sequence: 0, buffer: vec![0; LONGEST] })
    }

    /// Asks a question of this type, and hands every answer's body to `take`.
    ///
    /// # Errors
    ///
    /// What the kernel answers instead: `ENOENT` where there is no such thing.
    pub(super) fn ask(
        &mut self,
        kind: u16,
        asked: Asked,
        body: &[u8],
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), Errno> {
        self.sequence = self.sequence.wrapping_add(1);
        let flags = if asked == Asked::All { DUMP } else { REQUEST };
        let mut question = Vec::with_capacity(HEADER + body.len());
        question.extend(((HEADER + body.len()) as u32).to_ne_bytes());
        question.extend(kind.to_ne_bytes());
        question.extend(flags.to_ne_bytes());
        question.extend(self.sequence.to_ne_bytes());
        question.extend([0; 4]);
        question.extend(body);
        write(&self.socket, &question)?;
        loop {
            let length = read(&self.socket, &mut *self.buffer)?;
            let mut rest = &self.buffer[..length];
            while let Some((header, body, behind)) = message(rest) {
                rest = behind;
                match header {
                    // What is left of a question that was given up.
                    Header { sequence, .. } if sequence != self.sequence => {}
                    Header { kind: DONE, .. } => return Ok(()),
                    Header { kind: ERROR, .. } => return Err(errno(body)),
                    Header { .. } => take(body),
                }
                if header.sequence == self.sequence && asked == Asked::One {
                    return Ok(());
                }
            }
        }
    }
}

/// What matters of a message's header.
#[derive(Clone, Copy)]
struct Header {
    kind: u16,
    sequence: u32,
}

/// The first message: its header, its body, and what is behind it; `None` where there is no whole one.
fn message(bytes: &[u8]) -> Option<(Header, &[u8], &[u8])> {
    let &[a, b, c, d, e, f, _, _, g, h, i, j, ..] = bytes.first_chunk::<HEADER>()?;
    let length = u32::from_ne_bytes([a, b, c, d]) as usize;
    let body = bytes.get(HEADER..length)?;
    let header = Header { kind: u16::from_ne_bytes([e, f]), sequence: u32::from_ne_bytes([g, h, i, j]) };
    // Every message begins on a 32-bit boundary.
    Some((header, body, bytes.get(length.next_multiple_of(4)..).unwrap_or_default()))
}

/// Hands every whole message's body to `take`: what an answer would do, without a kernel that gives it.
#[cfg(any(fuzzing, test))]
pub(in crate::host) fn read_all(mut bytes: &[u8], mut take: impl FnMut(&[u8])) {
    while let Some((_, body, behind)) = message(bytes) {
        let _ = errno(body);
        take(body);
        bytes = behind;
    }
}

/// The largest error number there is (`MAX_ERRNO` of linux/err.h).
const MAX_ERRNO: i32 = 4095;

/// The error that an `NLMSG_ERROR` begins with, its number negated.
fn errno(body: &[u8]) -> Errno {
    let number = body.first_chunk().and_then(|code| i32::from_ne_bytes(*code).checked_neg());
    number.filter(|number| (1..=MAX_ERRNO).contains(number)).map_or(Errno::IO, Errno::from_raw_os_error)
}

/// The value of the first attribute of a type (netlink(7): length, type, value, each on a 32-bit boundary).
pub(super) fn attribute(mut attributes: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let &[a, b, c, d] = attributes.first_chunk()?;
        let (length, kind) = (usize::from(u16::from_ne_bytes([a, b])), u16::from_ne_bytes([c, d]));
        let value = attributes.get(4..length)?;
        if kind == wanted {
            return Some(value);
        }
        attributes = attributes.get(length.next_multiple_of(4)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_whatever_its_number() {
        assert_eq!(errno(&(-2_i32).to_ne_bytes()), Errno::NOENT);
        for number in [0, 1, -4096, i32::MIN, i32::MAX] {
            assert_eq!(errno(&number.to_ne_bytes()), Errno::IO, "{number}");
        }
        assert_eq!(errno(&[0xff; 3]), Errno::IO);
    }

    #[test]
    fn what_is_cut_is_no_message_and_no_attribute() {
        let mut bytes = [18_u32.to_ne_bytes(), [0; 4], [0; 4], [0; 4], [7; 4]].concat();
        assert_eq!(message(&bytes).unwrap().1, [7, 7]);
        bytes.truncate(17);
        assert!(message(&bytes).is_none());
        for length in [0_u16, 3, 6, 200] {
            let bytes = [length.to_ne_bytes(), 1_u16.to_ne_bytes()].concat();
            assert_eq!(attribute(&bytes, 1), None, "{length}");
        }
        let two = [6_u16, 1, 0, 5, 2, 9].map(u16::to_ne_bytes).concat();
        assert_eq!(attribute(&two[..10], 2), None);
    }
}
