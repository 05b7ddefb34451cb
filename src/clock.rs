//! The clocks: the packets' own, the one that only goes forward, and the processors'. Nobody else reads the time.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

#[cfg(feature = "cli")]
use crate::model::Timestamp;

/// What `CLOCK_REALTIME` says now: the clock that packets are stamped by.
#[cfg(feature = "cli")]
pub(crate) fn realtime() -> Timestamp {
    let time = clock_gettime(ClockId::Realtime);
    Timestamp::from_parts(time.tv_sec, time.tv_nsec)
}

/// A moment to measure from: how long something takes or may take.
#[expect(clippy::disallowed_methods, reason = "this is the place where it is read")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// What this process has had of the processors.
pub(crate) fn processor_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}
