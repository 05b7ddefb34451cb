//! What can go wrong with sockets of our own.

use std::time::Duration;

use rustix::io::Errno;

use crate::model::{self, Call, Endpoint, Lane, Transport};

/// Why a scenario could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The encoding has no bytes for a character of the message.
    #[error(
        "{encoding}{} cannot express {character:?} (U+{code:04X}) of the message {text:?}",
        if *encoding == "windows-1252" { ", which the WHATWG standard means by ascii and latin1," } else { "" },
        code = u32::from(*character)
    )]
    Inexpressible {
        /// The message.
        text: String,
        /// The first character without bytes.
        character: char,
        /// The encoding's name.
        encoding: &'static str,
    },
    /// No such encoding, or one that cannot be written.
    #[error("unknown encoding {0:?}; try utf-8, gbk, big5, shift_jis, euc-kr or latin1")]
    UnknownEncoding(String),
    /// The address is in use.
    #[error("{} port {} of {} is taken", transport.name(), endpoint.port, endpoint.addr)]
    PortTaken {
        /// The transport the port belongs to.
        transport: Transport,
        /// The address asked for.
        endpoint: Endpoint,
    },
    /// A call failed.
    #[error("the {lane}'s {}() failed: {errno}", call.key())]
    Call {
        /// Whose call.
        lane: Lane,
        /// The call, with its arguments.
        call: Box<Call>,
        /// What the kernel said.
        errno: Errno,
    },
    /// A call waited for the other side in vain.
    #[error("the {lane}'s {}() waited {} s in vain", call.key(), patience.as_secs_f32())]
    TimedOut {
        /// Whose call.
        lane: Lane,
        /// The call, with its arguments.
        call: Box<Call>,
        /// How long it waited.
        patience: Duration,
    },
    /// A call that must fail did not, or for another reason.
    #[error("a call that should fail with {} {}", errno(*expected).key(), got.map_or("succeeded".to_owned(), |got| format!("failed with {}", errno(got).key())))]
    Otherwise {
        /// What the kernel should say.
        expected: Errno,
        /// What it said; `None` for a success.
        got: Option<Errno>,
    },
    /// A host of the lab could not be entered.
    #[error("the {lane}'s host could not be entered: {errno}")]
    Host {
        /// Whose.
        lane: Lane,
        /// What the kernel said.
        errno: Errno,
    },
    /// The router of the lab does not work.
    #[error("the lab's router failed: {0}")]
    Router(Errno),
    /// A thread of the scenario could not be started, or died.
    #[error("a thread of the scenario {0}")]
    Thread(&'static str),
}

impl LabError {
    /// What the kernel said, where it is a call that failed.
    const fn errno(&self) -> Option<Errno> {
        match self {
            Self::Call { errno, .. } => Some(*errno),
            Self::PortTaken { .. } => Some(Errno::ADDRINUSE),
            _ => None,
        }
    }
}

/// Holds a call to the failure that is its lesson.
pub(super) fn must_fail<T>(result: Result<T, LabError>, expected: Errno) -> Result<(), LabError> {
    match result {
        Ok(_) => Err(LabError::Otherwise { expected, got: None }),
        // A call that gave up waiting, or that was not to wait at all.
        Err(LabError::TimedOut { .. }) if matches!(expected, Errno::AGAIN | Errno::INPROGRESS) => Ok(()),
        Err(error) => match error.errno() {
            Some(errno) if errno == expected => Ok(()),
            Some(errno) => Err(LabError::Otherwise { expected, got: Some(errno) }),
            None => Err(error),
        },
    }
}

/// What the kernel said, as calls have it.
pub(super) fn errno(said: Errno) -> model::Errno {
    match said {
        Errno::ADDRINUSE => model::Errno::AddressInUse,
        Errno::ADDRNOTAVAIL => model::Errno::AddressNotAvailable,
        Errno::CONNREFUSED => model::Errno::ConnectionRefused,
        Errno::CONNRESET => model::Errno::ConnectionReset,
        Errno::PIPE => model::Errno::BrokenPipe,
        Errno::AGAIN => model::Errno::Again,
        Errno::INPROGRESS => model::Errno::InProgress,
        Errno::TIMEDOUT => model::Errno::TimedOut,
        Errno::HOSTUNREACH => model::Errno::HostUnreachable,
        Errno::ACCESS => model::Errno::Access,
        Errno::MSGSIZE => model::Errno::MessageTooLong,
        Errno::INTR => model::Errno::Interrupted,
        other => model::Errno::Other(format!("errno {}", other.raw_os_error())),
    }
}
