//! Lengths in a picture, and places: how far from its left or upper edge.

use std::fmt;
use std::ops::{Add, Sub};

/// A length in pixels; negative to the left and upwards. No operator runs over: what would be longer stays at the longest
/// length there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pixels(i64);

impl Pixels {
    pub(super) const fn new(pixels: i64) -> Self {
        Self(pixels)
    }

    /// So many, one behind the other.
    pub(super) fn times(self, count: usize) -> Self {
        Self(self.0.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// How many fit into `room`.
    pub(super) fn fit_into(self, room: Self) -> usize {
        usize::try_from(room.0.checked_div(self.0).unwrap_or(0)).unwrap_or(0)
    }

    pub(super) const fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// The place halfway to another.
    pub(super) const fn midpoint(self, other: Self) -> Self {
        Self(i64::midpoint(self.0, other.0))
    }
}

impl From<i32> for Pixels {
    fn from(pixels: i32) -> Self {
        Self(i64::from(pixels))
    }
}

impl<T: Into<Self>> Add<T> for Pixels {
    type Output = Self;

    fn add(self, more: T) -> Self {
        Self(self.0.saturating_add(more.into().0))
    }
}

impl<T: Into<Self>> Sub<T> for Pixels {
    type Output = Self;

    fn sub(self, less: T) -> Self {
        Self(self.0.saturating_sub(less.into().0))
    }
}

impl fmt::Display for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_length_runs_over() {
        let (longest, shortest) = (Pixels::new(i64::MAX), Pixels::new(i64::MIN));
        assert_eq!([longest + 1, longest - shortest, longest.times(usize::MAX)], [longest; 3]);
        assert_eq!([shortest - 1, shortest + shortest, shortest.times(2)], [shortest; 3]);
        assert_eq!(Pixels::new(8) - 20, Pixels::new(-12));
        assert_eq!(shortest.midpoint(longest), Pixels::default());
    }

    #[test]
    fn what_does_not_fit_fits_no_times() {
        let character = Pixels::new(8);
        assert_eq!([39, 40, 7, 0, -80].map(|room| character.fit_into(Pixels::new(room))), [4, 5, 0, 0, 0]);
        assert_eq!(Pixels::default().fit_into(character), 0);
    }
}
