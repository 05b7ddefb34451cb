//! Who may speak next.
//!
//! Two threads that talk over loopback race each other: whether the server is already waiting in `recv()` when the
//! client sends would differ from run to run. At the rendezvous a side speaks only once the other one listens, so a scenario
//! tells the same story every time. It orders calls; it never waits for time to pass.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::model::Lane;

/// How long a side waits for the other before it goes on alone (and the call that needed the other fails by itself).
const PATIENCE: Duration = Duration::from_secs(2);

/// Which sides are in a blocking call, or about to be.
#[derive(Debug, Default)]
pub struct Rendezvous {
    listening: Mutex<[bool; 2]>,
    changed: Condvar,
}

impl Rendezvous {
    /// Says that `lane` is about to block in a call that waits for the other side.
    pub(super) fn listens(&self, lane: Lane) {
        self.set(lane, true);
    }

    /// Says that the blocking call of `lane` has returned.
    pub(super) fn heard(&self, lane: Lane) {
        self.set(lane, false);
    }

    /// Waits until the other side of `lane` listens.
    pub(super) fn wait_for_listener(&self, lane: Lane) {
        let other = index(lane.other());
        let guard = self.lock();
        drop(self.changed.wait_timeout_while(guard, PATIENCE, |listening| !listening[other]));
    }

    fn set(&self, lane: Lane, listens: bool) {
        self.lock()[index(lane)] = listens;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, [bool; 2]> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn index(lane: Lane) -> usize {
    match lane {
        Lane::Client => 0,
        Lane::Server => 1,
    }
}
