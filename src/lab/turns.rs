//! Threads that take turns by number.
//!
//! Where several threads of a scenario would race each other, each makes its calls at its turn, so that every run tells
//! the same story. The turns order calls; they never wait for time to pass.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::LabError;

/// How long a thread waits for the turns before its own.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Turns {
    now: Mutex<usize>,
    changed: Condvar,
}

impl Turns {
    /// Waits for turn `number`, makes the calls of it, and passes the turn on.
    pub(super) fn take(&self, number: usize, calls: impl FnOnce() -> Result<(), LabError>) -> Result<(), LabError> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(now, PATIENCE, |now| *now != number);
        let (mut now, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(LabError::Thread("waited in vain for its turn"));
        }
        calls()?;
        *now += 1;
        self.changed.notify_all();
        Ok(())
    }
}
