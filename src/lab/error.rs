//! What can go wrong with sockets of our own.

use std::time::Duration;

use rustix::io::Errno;

use crate::model::{Endpoint, Lane, Transport};

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
    #[error("the {lane}'s {call} failed: {errno}")]
    Call {
        /// Whose call.
        lane: Lane,
        /// The call, with its arguments.
        call: String,
        /// What the kernel said.
        errno: Errno,
    },
    /// A call waited for the other side in vain.
    #[error("the {lane}'s {call} waited {} s in vain", patience.as_secs_f32())]
    TimedOut {
        /// Whose call.
        lane: Lane,
        /// The call, with its arguments.
        call: String,
        /// How long it waited.
        patience: Duration,
    },
    /// A call that must fail did not, or for another reason.
    #[error("a call that should fail with {} {}", errno_name(*expected), got.map_or("succeeded".to_owned(), |got| format!("failed with {}", errno_name(got))))]
    Otherwise {
        /// What the kernel should say.
        expected: Errno,
        /// What it said; `None` for a success.
        got: Option<Errno>,
    },
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

/// `ECONNREFUSED` and its like, as the manual pages spell them.
pub(super) fn errno_name(errno: Errno) -> String {
    let name = match errno {
        Errno::ADDRINUSE => "EADDRINUSE",
        Errno::ADDRNOTAVAIL => "EADDRNOTAVAIL",
        Errno::CONNREFUSED => "ECONNREFUSED",
        Errno::CONNRESET => "ECONNRESET",
        Errno::PIPE => "EPIPE",
        Errno::AGAIN => "EAGAIN",
        Errno::INPROGRESS => "EINPROGRESS",
        Errno::TIMEDOUT => "ETIMEDOUT",
        Errno::ACCESS => "EACCES",
        Errno::INTR => "EINTR",
        other => return format!("errno {}", other.raw_os_error()),
    };
    name.to_owned()
}
