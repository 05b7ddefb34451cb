//! TCP sequence numbers.

use std::ops::{Add, Sub};

/// A TCP sequence number (RFC 9293 §3.4): it counts modulo 2^32, and every operation wraps.
///
/// There is no `Ord`: "before" is only meaningful within half the sequence space, which [`SeqNumber::precedes`] says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SeqNumber(pub u32);

impl SeqNumber {
    /// How far `self` lies after `other`, from -2^31 to 2^31 - 1.
    #[must_use]
    pub const fn distance_from(self, other: Self) -> i32 {
        self.0.wrapping_sub(other.0) as i32
    }

    /// Whether `self` comes before `other` (SND.UNA < SEG.ACK in the RFC's notation).
    #[must_use]
    pub const fn precedes(self, other: Self) -> bool {
        self.distance_from(other) < 0
    }

    /// The later of the two.
    #[must_use]
    pub const fn later(self, other: Self) -> Self {
        if self.precedes(other) { other } else { self }
    }
}

/// The number `count` places later, modulo 2^32.
impl Add<u32> for SeqNumber {
    type Output = Self;

    fn add(self, count: u32) -> Self {
        Self(self.0.wrapping_add(count))
    }
}

/// How many places `self` lies after `base`, modulo 2^32: the relative sequence number.
impl Sub for SeqNumber {
    type Output = u32;

    fn sub(self, base: Self) -> u32 {
        self.0.wrapping_sub(base.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_distance_survive_the_wrap() {
        let before = SeqNumber(u32::MAX - 1);
        let after = before + 4;
        assert_eq!(after, SeqNumber(2));
        assert!(before.precedes(after) && !after.precedes(before));
        assert_eq!(after.distance_from(before), 4);
        assert_eq!(before.distance_from(after), -4);
        assert_eq!(after - before, 4);
        assert_eq!(before.later(after), after);
    }

    #[test]
    fn half_the_space_away_does_not_panic() {
        assert_eq!(SeqNumber(1 << 31).distance_from(SeqNumber(0)), i32::MIN);
    }
}
