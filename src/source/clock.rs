//! The clocks of pcapng interfaces: ticks of any length, counted from any second.

use crate::model::Timestamp;

/// What a tick is in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tick {
    /// So many nanoseconds.
    Nanos(u64),
    /// This part of a nanosecond; 0 where a tick is too short to add up to one.
    Part(u64),
    /// 2 to the power of minus this many seconds.
    Binary(u32),
}

/// How an interface counts time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    tick: Tick,
    /// `if_tsoffset`, in seconds.
    offset: i64,
}

impl Clock {
    /// From the options `if_tsresol` and `if_tsoffset` (draft-ietf-opsawg-pcapng §4.2).
    pub(super) fn new(resolution: u8, offset: i64) -> Self {
        let exponent = u32::from(resolution & 0x7f);
        let tick = match (resolution & 0x80 != 0, exponent) {
            (true, _) => Tick::Binary(exponent),
            (false, 0..=9) => Tick::Nanos(10_u64.saturating_pow(9_u32.saturating_sub(exponent))),
            (false, _) => Tick::Part(10_u64.checked_pow(exponent.saturating_sub(9)).unwrap_or(0)),
        };
        Self { tick, offset }
    }

    /// The moment at which this clock stood at `ticks`, cut to whole nanoseconds; `None` for one that no packet can have
    /// passed at.
    #[inline]
    pub(super) fn time(self, ticks: u64) -> Option<Timestamp> {
        let nanos = match self.tick {
            Tick::Nanos(factor) => ticks.saturating_mul(factor),
            Tick::Part(divisor) => ticks.checked_div(divisor).unwrap_or(0),
            Tick::Binary(shift) => u64::try_from((u128::from(ticks) * 1_000_000_000) >> shift).unwrap_or(u64::MAX),
        };
        Timestamp::at_parts(self.offset, i64::try_from(nanos).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(resolution: u8, offset: i64, ticks: u64) -> i64 {
        Clock::new(resolution, offset).time(ticks).unwrap().nanos()
    }

    #[test]
    fn ticks_of_every_length_become_nanoseconds() {
        assert_eq!(nanos(6, 0, 1_500_000), 1_500_000_000);
        assert_eq!(nanos(9, 0, 7), 7);
        assert_eq!(nanos(0, 0, 3), 3_000_000_000);
        assert_eq!(nanos(12, 0, 4_999), 4);
        assert_eq!(nanos(0x80, 0, 3), 3_000_000_000);
        assert_eq!(nanos(0x80 | 8, 0, 0x180), 1_500_000_000);
        assert_eq!(nanos(0x80 | 32, 0, 1 << 31), 500_000_000);
    }

    #[test]
    fn the_offset_counts_seconds_both_ways() {
        assert_eq!(nanos(6, 10, 1), 10_000_001_000);
        assert_eq!(nanos(6, -1, 2_000_000), 1_000_000_000);
    }

    #[test]
    fn nonsense_is_no_time() {
        let time = |resolution, offset, ticks| Clock::new(resolution, offset).time(ticks);
        assert_eq!(time(0, 0, u64::MAX), None);
        assert_eq!(time(0xff, i64::MAX, u64::MAX), None);
        assert_eq!(time(9, i64::MIN, 0), None);
        assert_eq!(time(9, 0, i64::MAX as u64), None);
        assert_eq!(time(127, 0, u64::MAX), Some(Timestamp::default()));
    }
}
