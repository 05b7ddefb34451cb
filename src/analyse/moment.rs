//! Which packet it was, and when it was captured: what every fact points to as its evidence.

use std::num::NonZeroU64;

use crate::model::{Frame, Timestamp};

/// A packet as evidence: which one it was and when it was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    frame: NonZeroU64,
    nanos: i64,
}

/// Stands for "the capture gave no time"; the year 1677 is free for that.
const NO_TIME: i64 = i64::MIN;

impl Moment {
    /// The number and time of a frame.
    #[must_use]
    pub fn of(frame: &Frame<'_>) -> Self {
        Self {
            frame: NonZeroU64::new(frame.number).unwrap_or(NonZeroU64::MIN),
            nanos: frame.time.map_or(NO_TIME, Timestamp::nanos),
        }
    }

    /// The frame's number in the capture, from 1.
    #[must_use]
    pub const fn frame(self) -> u64 {
        self.frame.get()
    }

    /// When it was captured; `None` where the capture carries no time for it.
    #[must_use]
    pub const fn time(self) -> Option<Timestamp> {
        if self.nanos == NO_TIME { None } else { Some(Timestamp::from_nanos(self.nanos)) }
    }

    /// The time as a number to reckon with; where there is none, the same for all such moments.
    pub(super) const fn nanos(self) -> i64 {
        self.nanos
    }

    /// Nanoseconds from `earlier` to this moment; `None` where one of them has no time, or the capture's clock went back
    /// in between: then nobody knows how long it was.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<i64> {
        Some(self.time()? - earlier.time()?).filter(|nanos| *nanos >= 0)
    }

    /// Whether it is stamped before `earlier`, which it followed.
    pub(super) fn went_back(self, earlier: Self) -> bool {
        self.time().zip(earlier.time()).is_some_and(|(now, then)| now < then)
    }
}
