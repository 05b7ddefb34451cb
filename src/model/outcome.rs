//! What a socket call gives: bytes, a peer, or the name of an error.

use super::Endpoint;

/// Bytes that a program sends or has received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// How many.
    pub len: u32,
    /// The text that the program reads in them, or in the first of them.
    pub text: String,
}

/// What a call gave that did what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to tell.
    Done,
    /// So many bytes were handed over.
    Sent(u32),
    /// Bytes.
    Received {
        /// These.
        message: Message,
        /// How many the datagram had, where that was asked for.
        of: Option<u32>,
        /// Who sent them, where that was asked for.
        from: Option<Endpoint>,
    },
    /// No byte, for the peer has closed.
    PeerClosed,
    /// The connection of this peer.
    Accepted(Endpoint),
    /// The socket is ready.
    Ready,
    /// Nothing came while it waited.
    TimeIsUp,
    /// Anything else, as it is written.
    Other {
        /// What is written.
        text: String,
        /// How many bytes were moved, where that is written too.
        moved: Option<u32>,
    },
}

impl Outcome {
    /// What programs call it.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Sent(_) => "sent",
            Self::Received { .. } => "received",
            Self::PeerClosed => "peer_closed",
            Self::Accepted(_) => "accepted",
            Self::Ready => "ready",
            Self::TimeIsUp => "time_is_up",
            Self::Other { .. } => "other",
        }
    }

    /// How many payload bytes were moved, where it is a call that moves any.
    #[must_use]
    pub const fn moved(&self) -> Option<u32> {
        match self {
            Self::Sent(len) => Some(*len),
            Self::Received { message, .. } => Some(message.len),
            Self::PeerClosed => Some(0),
            Self::Other { moved, .. } => *moved,
            Self::Done | Self::Accepted(_) | Self::Ready | Self::TimeIsUp => None,
        }
    }

    /// Who sent what was received.
    #[must_use]
    pub const fn sender(&self) -> Option<Endpoint> {
        match self {
            Self::Received { from, .. } => *from,
            _ => None,
        }
    }

    /// The endpoint that it names, to be changed.
    pub const fn endpoint_mut(&mut self) -> Option<&mut Endpoint> {
        match self {
            Self::Accepted(end) => Some(end),
            Self::Received { from, .. } => from.as_mut(),
            _ => None,
        }
    }
}

/// Why a call failed, as the manual pages name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errno {
    /// The address is in use.
    AddressInUse,
    /// The address is none of this host's.
    AddressNotAvailable,
    /// Nobody listens.
    ConnectionRefused,
    /// The peer has broken the connection off.
    ConnectionReset,
    /// The connection is closed for what was to be done.
    BrokenPipe,
    /// It would have had to wait, or has waited for long enough.
    Again,
    /// It goes on while the call returns.
    InProgress,
    /// The kernel gave up.
    TimedOut,
    /// No packet of this kind gets there, or nobody is there.
    HostUnreachable,
    /// It is forbidden.
    Access,
    /// A signal came.
    Interrupted,
    /// A datagram cannot be so long.
    MessageTooLong,
    /// Anything else, as it is written.
    Other(String),
}

impl Errno {
    /// Those that have a name of their own.
    pub const NAMED: [Self; 12] = [
        Self::AddressInUse,
        Self::AddressNotAvailable,
        Self::ConnectionRefused,
        Self::ConnectionReset,
        Self::BrokenPipe,
        Self::Again,
        Self::InProgress,
        Self::TimedOut,
        Self::HostUnreachable,
        Self::Access,
        Self::Interrupted,
        Self::MessageTooLong,
    ];

    /// What programs call it: `ECONNREFUSED`.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::AddressInUse => "EADDRINUSE",
            Self::AddressNotAvailable => "EADDRNOTAVAIL",
            Self::ConnectionRefused => "ECONNREFUSED",
            Self::ConnectionReset => "ECONNRESET",
            Self::BrokenPipe => "EPIPE",
            Self::Again => "EAGAIN",
            Self::InProgress => "EINPROGRESS",
            Self::TimedOut => "ETIMEDOUT",
            Self::HostUnreachable => "EHOSTUNREACH",
            Self::Access => "EACCES",
            Self::Interrupted => "EINTR",
            Self::MessageTooLong => "EMSGSIZE",
            Self::Other(name) => name,
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::NAMED.into_iter().find(|errno| errno.key() == name).unwrap_or_else(|| Self::Other(name.to_owned()))
    }
}
