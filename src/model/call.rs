//! A socket call as the program that made it saw it.

use std::borrow::Cow;
use std::fmt;

use super::{Endpoint, TcpState, Timestamp, Transport};

/// Which side of a conversation made a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// The side that sends the first packet.
    Client,
    /// The side that waits for it.
    Server,
}

impl Lane {
    /// `client` or `server`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One call on a socket, with the clock read just before and just after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketCall {
    /// Whose call it was.
    pub lane: Lane,
    /// The socket's transport.
    pub transport: Transport,
    /// The system call: `connect`.
    pub name: Cow<'static, str>,
    /// Its arguments in words: `127.0.0.1:8888`, `5 B "hello"`.
    pub arguments: String,
    /// What came back: `Ok("5 B")`, `Ok("")` for a plain success, or the error's name, `Err("ECONNREFUSED")`.
    pub result: Result<String, String>,
    /// `CLOCK_REALTIME` just before the call.
    pub entered: Timestamp,
    /// `CLOCK_REALTIME` just after it.
    pub returned: Timestamp,
    /// The socket's own endpoint, as soon as the kernel has given it one.
    pub local: Option<Endpoint>,
    /// The other end, where the socket (or the datagram) has one.
    pub peer: Option<Endpoint>,
    /// The connection's state after the call, as the kernel says (`TCP_INFO`).
    pub state: Option<TcpState>,
}

impl SocketCall {
    /// How long the call took, in nanoseconds.
    #[must_use]
    pub fn duration(&self) -> i64 {
        self.returned - self.entered
    }
}
