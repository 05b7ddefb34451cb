//! The moment a packet or a call was seen.

use std::ops::{Add, Sub};

/// Nanoseconds since the Unix epoch, UTC, as `CLOCK_REALTIME` counts them.
///
/// The range is 1677 to 2262; a savefile that claims more saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From whole seconds and nanoseconds since the Unix epoch; more than the range allows saturates.
    #[must_use]
    pub const fn from_parts(seconds: i64, nanos: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
    }

    /// Nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Whole seconds (rounded down) and the nanoseconds after them, 0 to 999,999,999.
    #[must_use]
    pub const fn parts(self) -> (i64, u32) {
        let nanos = self.0.rem_euclid(1_000_000_000);
        (self.0.div_euclid(1_000_000_000), nanos as u32)
    }
}

/// The distance in nanoseconds, negative where `other` is later; saturating.
impl Sub for Timestamp {
    type Output = i64;

    fn sub(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

/// The moment `nanos` nanoseconds later; saturating.
impl Add<i64> for Timestamp {
    type Output = Self;

    fn add(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }
}
