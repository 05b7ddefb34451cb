//! The clocks: the packets' own, and the one that only goes forward.

use std::time::{Instant, SystemTime};

use crate::model::Timestamp;

/// What `CLOCK_REALTIME` says now.
#[expect(clippy::disallowed_methods, reason = "a live capture's present is told by a clock")]
pub(super) fn realtime() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_parts(i64::try_from(since.as_secs()).unwrap_or(i64::MAX), i64::from(since.subsec_nanos()))
}

/// A moment to measure from: how long something takes or may take is the command's own business.
#[expect(clippy::disallowed_methods, reason = "a command's own time is told by a clock")]
pub(super) fn now() -> Instant {
    Instant::now()
}
