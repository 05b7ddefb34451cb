//! The packets' own clock.

use std::time::SystemTime;

use crate::model::Timestamp;

/// What `CLOCK_REALTIME` says now.
#[expect(clippy::disallowed_methods, reason = "a live capture's present is told by a clock")]
pub(super) fn realtime() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_parts(i64::try_from(since.as_secs()).unwrap_or(i64::MAX), i64::from(since.subsec_nanos()))
}
