//! What can go wrong with sockets of our own.

use std::time::Duration;

use rustix::io::Errno;

use crate::model::{Endpoint, Lane, Transport};

/// Why a scenario could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The encoding has no bytes for a character of the message.
    #[error("{encoding} cannot express {character:?} (U+{code:04X}) of the message {text:?}", code = u32::from(*character))]
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
    #[error("{} port {} of {} is taken by another program", transport.name(), endpoint.port, endpoint.addr)]
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
    /// A thread of the scenario could not be started, or died.
    #[error("a thread of the scenario {0}")]
    Thread(&'static str),
}
