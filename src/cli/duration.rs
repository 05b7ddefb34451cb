//! Durations as they are typed: `50ms`, `1.5s`.

use std::str::FromStr;

/// Nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Duration(pub(super) i64);

/// Units and their nanoseconds.
const UNITS: [(&str, i64); 6] =
    [("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000)];

impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no duration; write a number and a unit (ns, us, ms, s, min), such as 50ms");
        let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
        let (number, unit) = text.split_at(at);
        let (_, nanos) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        let number: f64 = number.parse().map_err(|_| wrong())?;
        // A cast from float to integer saturates.
        Ok(Self((number * nanos as f64).round() as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        let read = |text: &str| text.parse::<Duration>().ok().map(|duration| duration.0);
        assert_eq!(read("50ms"), Some(50_000_000));
        assert_eq!(read("1.5s"), Some(1_500_000_000));
        assert_eq!(read("20µs"), read("20us"));
        for wrong in ["50", "ms", "1.2.3s", "50 ms", "-1s", "5h", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
