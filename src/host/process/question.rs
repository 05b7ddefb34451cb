//! Who owns a socket: the question and the answer, and both as bytes of a fixed length.
//!
//! The process that knows has rights that the one that asks has given up, so what passes between them is as plain as it
//! can be.

use std::net::{IpAddr, Ipv6Addr};

use crate::model::{Endpoint, Transport};

/// What `/proc/PID/comm` holds at most, which the kernel calls `TASK_COMM_LEN`.
const NAME: usize = 16;

/// A socket by what it is bound and connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SocketEnd {
    /// Its transport.
    pub transport: Transport,
    /// Its own end.
    pub local: Endpoint,
    /// The end it talks to.
    pub remote: Endpoint,
}

/// A process that holds a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its number.
    pub pid: u32,
    /// The user it runs as.
    pub uid: u32,
    /// How many other processes hold the same socket.
    pub others: u32,
    /// What it calls itself: bytes of its own choosing.
    pub name: Vec<u8>,
}

/// Who owns a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nobody on this machine: its address is none of this machine's.
    Foreign,
    /// There is no such socket (any more), several processes could be meant, or its owner is not for us to see.
    Unknown,
    /// Who listens for it; nobody has accepted it yet.
    Listener(Holder),
    /// Who holds it.
    Known(Holder),
}

impl SocketEnd {
    /// How long a question is in bytes.
    pub const LENGTH: usize = 37;

    /// The question as bytes: the transport's number, then both addresses (IPv4 mapped into IPv6) and ports.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[0] = match self.transport {
            Transport::Tcp => 6,
            Transport::Udp => 17,
        };
        for (end, place) in [(self.local, 1), (self.remote, 19)] {
            let address = match end.addr {
                IpAddr::V4(address) => address.to_ipv6_mapped(),
                IpAddr::V6(address) => address,
            };
            bytes[place..place + 16].copy_from_slice(&address.octets());
            bytes[place + 16..place + 18].copy_from_slice(&end.port.to_be_bytes());
        }
        bytes
    }

    /// Reads a question back; `None` for bytes that are none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LENGTH] = bytes.try_into().ok()?;
        let transport = match bytes[0] {
            6 => Transport::Tcp,
            17 => Transport::Udp,
            _ => return None,
        };
        let end = |place: usize| {
            let address: [u8; 16] = bytes[place..place + 16].try_into().ok()?;
            let port = u16::from_be_bytes([bytes[place + 16], bytes[place + 17]]);
            Some(Endpoint::new(Ipv6Addr::from(address).to_canonical(), port))
        };
        let (local, remote) = (end(1)?, end(19)?);
        (local.addr.is_ipv4() == remote.addr.is_ipv4()).then_some(Self { transport, local, remote })
    }
}

impl Answer {
    /// How long an answer is in bytes.
    pub const LENGTH: usize = 1 + 3 * 4 + NAME;

    /// The answer as bytes: its kind, process, user, others, and the name filled up with zeros.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        let (kind, holder) = match self {
            Self::Foreign => (0, None),
            Self::Unknown => (1, None),
            Self::Listener(holder) => (2, Some(holder)),
            Self::Known(holder) => (3, Some(holder)),
        };
        bytes[0] = kind;
        let Some(Holder { pid, uid, others, name }) = holder else { return bytes };
        for (number, place) in [(pid, 1), (uid, 5), (others, 9)] {
            bytes[place..place + 4].copy_from_slice(&number.to_ne_bytes());
        }
        for (to, from) in bytes[13..].iter_mut().zip(name) {
            *to = *from;
        }
        bytes
    }

    /// Reads an answer back; `None` for bytes that are none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LENGTH] = bytes.try_into().ok()?;
        let number = |place: usize| bytes[place..].first_chunk().map_or(0, |number| u32::from_ne_bytes(*number));
        let holder = || {
            let name = bytes[13..].split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
            Holder { pid: number(1), uid: number(5), others: number(9), name }
        };
        Some(match bytes[0] {
            0 => Self::Foreign,
            1 => Self::Unknown,
            2 => Self::Listener(holder()),
            3 => Self::Known(holder()),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn end(text: &str) -> Endpoint {
        text.parse::<SocketAddr>().unwrap().into()
    }

    #[test]
    fn questions_read_back() {
        for (local, remote) in [("127.0.0.1:80", "192.0.2.1:65535"), ("[::1]:1", "[2001:db8::1]:0")] {
            for transport in [Transport::Tcp, Transport::Udp] {
                let question = SocketEnd { transport, local: end(local), remote: end(remote) };
                assert_eq!(SocketEnd::from_bytes(&question.to_bytes()), Some(question));
            }
        }
    }

    #[test]
    fn other_bytes_are_no_question() {
        let question = SocketEnd { transport: Transport::Tcp, local: end("127.0.0.1:80"), remote: end("192.0.2.1:1") };
        let bytes = question.to_bytes();
        assert_eq!(SocketEnd::from_bytes(&bytes[1..]), None);
        let change = |place: usize, byte| {
            let mut changed = bytes;
            changed[place] = byte;
            changed
        };
        assert_eq!(SocketEnd::from_bytes(&change(0, 1)), None, "ICMP");
        assert_eq!(SocketEnd::from_bytes(&change(1, 0xfe)), None, "an IPv6 address that talks to an IPv4 one");
    }

    #[test]
    fn answers_read_back() {
        let holder = Holder { pid: 4711, uid: 1000, others: 2, name: b"\x1b]0;x\x07".to_vec() };
        let full = Holder { name: b"sixteen bytes or".to_vec(), ..holder.clone() };
        for answer in [Answer::Foreign, Answer::Unknown, Answer::Listener(holder), Answer::Known(full)] {
            assert_eq!(Answer::from_bytes(&answer.to_bytes()), Some(answer));
        }
        assert_eq!(Answer::from_bytes(&[9; Answer::LENGTH]), None);
        assert_eq!(Answer::from_bytes(&[]), None);
    }
}
