//! Ctrl-C, for verbs that end something properly before they go.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// The exit code of a program that a second Ctrl-C ends at once.
const KILLED: i32 = 130;

/// Sets a flag on Ctrl-C, so that files are ended as they should; a second one ends the program at once.
///
/// # Errors
///
/// What the system says.
pub(super) fn watch() -> anyhow::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register_conditional_shutdown(signal, KILLED, Arc::clone(&interrupted))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&interrupted)))
            .context("watching for Ctrl-C")?;
    }
    Ok(interrupted)
}
