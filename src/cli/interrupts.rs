//! Ctrl-C, for verbs that end something properly before they go.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rustix::io::write;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::report::Failure;
use crate::engine::About as _;

/// The exit code of a program that a second Ctrl-C ends at once.
const KILLED: i32 = 130;

/// The flag, once there is one.
static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Sets a flag on Ctrl-C, so that files are ended as they should; a second one ends the program at once.
///
/// # Errors
///
/// What the system says.
pub(super) fn watch() -> Result<Arc<AtomicBool>, Failure> {
    if let Some(interrupted) = INTERRUPTED.get() {
        // Watched for twice, the first would count as the second too.
        return Ok(Arc::clone(interrupted));
    }
    let interrupted = Arc::clone(INTERRUPTED.get_or_init(Arc::default));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register_conditional_shutdown(signal, KILLED, Arc::clone(&interrupted))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&interrupted)))
            .about("watching for Ctrl-C")?;
    }
    Ok(interrupted)
}

/// Leaves Ctrl-C to the command that this process will start, which may have an answer to it; so is what a service manager
/// sends to all processes.
///
/// # Errors
///
/// What the system says.
pub(super) fn leave_to_command() -> Result<(), Failure> {
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::default()).about("leaving Ctrl-C to the command")?;
    }
    Ok(())
}

/// Makes sure that Ctrl-C has not come before anything was begun: there is nothing to end then, and no file either.
///
/// # Errors
///
/// It has.
pub(super) fn refuse_to_begin() -> Result<(), Failure> {
    if has_come() { Err(Failure::saying("interrupted before anything was captured")) } else { Ok(()) }
}

/// A descriptor that can be read from once Ctrl-C has come, for who waits for other descriptors. [`watch`] comes first.
///
/// # Errors
///
/// What the system says.
pub(super) fn descriptor() -> Result<OwnedFd, Failure> {
    let (reader, writer) = UnixStream::pair().about("watching for Ctrl-C")?;
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let writer = writer.try_clone().about("watching for Ctrl-C")?;
        signal_hook::low_level::pipe::register(signal, writer).about("watching for Ctrl-C")?;
    }
    if has_come() {
        // It may have come before anybody wrote of it here.
        write(&writer, b"!").about("watching for Ctrl-C")?;
    }
    Ok(reader.into())
}

/// Whether Ctrl-C has come since somebody watches for it.
pub(super) fn has_come() -> bool {
    INTERRUPTED.get().is_some_and(|interrupted| interrupted.load(Ordering::Relaxed))
}
