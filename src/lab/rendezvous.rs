//! Who may speak next.
//!
//! Two threads that talk over loopback race each other: whether the server is already waiting in `recv()` when the
//! client sends would differ from run to run. At the rendezvous a side speaks only once the other one listens, so a scenario
//! tells the same story every time: once the other one sleeps in its call, so that it is seen to wait. It orders calls; it
//! never waits for time to pass.

use std::fs;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::thread::{Pid, gettid};

use crate::clock::now;
use crate::model::Lane;

/// How long a side waits for the other before it goes on alone (and the call that needed the other fails by itself).
const PATIENCE: Duration = Duration::from_secs(2);

/// Which sides are in a blocking call, or about to be: the thread that makes it.
#[derive(Debug, Default)]
pub struct Rendezvous {
    listening: Mutex<[Option<Pid>; 2]>,
    changed: Condvar,
}

impl Rendezvous {
    /// Says that `lane` is about to block in a call that waits for the other side.
    pub(super) fn listens(&self, lane: Lane) {
        self.set(lane, Some(gettid()));
    }

    /// Says that the blocking call of `lane` has returned.
    pub(super) fn heard(&self, lane: Lane) {
        self.set(lane, None);
    }

    /// Waits until the other side of `lane` listens.
    pub(super) fn wait_for_listener(&self, lane: Lane) {
        let other = index(lane.other());
        let guard = self.lock();
        let waited = self.changed.wait_timeout_while(guard, PATIENCE, |listening| listening[other].is_none());
        let (listening, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let listener = listening[other];
        drop(listening);
        if let Some(thread) = listener {
            wait_for_sleep(thread);
        }
    }

    fn set(&self, lane: Lane, listens: Option<Pid>) {
        self.lock()[index(lane)] = listens;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, [Option<Pid>; 2]> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until a thread of this process sleeps; where the kernel does not say, not at all.
fn wait_for_sleep(thread: Pid) {
    let path = format!("/proc/self/task/{}/stat", thread.as_raw_nonzero());
    let deadline = now() + PATIENCE;
    while now() < deadline {
        let Ok(stat) = fs::read_to_string(&path) else { return };
        // The state stands behind the name, which may hold anything.
        if stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('S')) {
            return;
        }
        thread::yield_now();
    }
}

const fn index(lane: Lane) -> usize {
    match lane {
        Lane::Client => 0,
        Lane::Server => 1,
    }
}
