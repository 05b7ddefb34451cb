//! Sizes and durations as people type them: a number, perhaps with a fraction, and its unit after it.

use std::time::Duration;

/// How much each unit is worth, by its names.
type Units = [(&'static [&'static str], u64)];

/// In bytes.
const SIZES: &Units = &[
    (&["B", ""], 1),
    (&["kB"], 1_000),
    (&["MB"], 1_000_000),
    (&["GB"], 1_000_000_000),
    (&["KiB"], 1 << 10),
    (&["MiB"], 1 << 20),
    (&["GiB"], 1 << 30),
];

/// In nanoseconds.
const DURATIONS: &Units = &[
    (&["ns"], 1),
    // The micro sign and the Greek letter look the same.
    (&["us", "\u{b5}s", "\u{3bc}s"], 1_000),
    (&["ms"], 1_000_000),
    (&["s"], 1_000_000_000),
    (&["m", "min"], 60_000_000_000),
    (&["h"], 3_600_000_000_000),
    (&["d"], 86_400_000_000_000),
];

/// The number times what its unit is worth, rounded down; `None` where there is no such number or unit.
fn parse(text: &str, units: &Units) -> Option<u128> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let is_it = |name: &&str| name.eq_ignore_ascii_case(unit.trim());
    let (_, worth) = units.iter().find(|(names, _)| names.iter().any(is_it))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let worth = u128::from(*worth);
    // Twelve places are more than any unit has.
    let places = 10_u128.pow(u32::try_from(fraction.len()).ok().filter(|places| *places <= 12)?);
    Some(u128::from(whole.parse::<u64>().ok()?) * worth + u128::from(fraction.parse::<u64>().ok()?) * worth / places)
}

/// After how many packets to end: one at least.
pub(crate) fn packets(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(0) => Err("no packet would be looked at; write 1 or more, or leave it out for all".to_owned()),
        Ok(packets) => Ok(packets),
        Err(_) => Err(format!("`{text}` is not a number of packets")),
    }
}

/// `512`, `64KiB`, `1.5MB`: bytes, more than none.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    match parse(text, SIZES).map(u64::try_from) {
        Some(Ok(0)) => Err("it must be more than 0".to_owned()),
        Some(Ok(size)) => Ok(size),
        Some(Err(_)) => Err(format!("{text} is more than can be counted")),
        None => Err("expected something like 500000, 64KiB or 100MB".to_owned()),
    }
}

/// A size that libpcap can count.
pub(crate) fn buffer(text: &str) -> Result<u32, String> {
    let size = size(text)?;
    u32::try_from(size).ok().filter(|size| *size <= i32::MAX as u32).ok_or_else(|| "at most 2 GiB".to_owned())
}

/// `50ms`, `1.5s`, `5m`, `1h`, also none at all, in nanoseconds, as captures count them. The unit must be there: of a
/// number alone nobody knows whether seconds or milliseconds are meant.
pub(crate) fn measured(text: &str) -> Result<i64, String> {
    let Some(nanos) = parse(text, DURATIONS) else {
        return Err(match parse(&format!("{text}s"), DURATIONS) {
            Some(_) => format!("`{text}` has no unit; write {text}s for seconds (or ns, us, ms, m, h, d)"),
            None => {
                format!("`{text}` is not a duration; write a number and a unit (ns, us, ms, s, m, h, d): 10s, 50ms")
            }
        });
    };
    i64::try_from(nanos).map_err(|_| format!("{text} is more than can be counted"))
}

/// The same, more than none.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    match measured(text)? {
        0 => Err("it must be more than 0".to_owned()),
        nanos => Ok(Duration::from_nanos(nanos.unsigned_abs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal_or_binary_as_they_say() {
        assert_eq!(size("512"), Ok(512));
        assert_eq!(size("100MB"), Ok(100_000_000));
        assert_eq!(size("1.5MB"), Ok(1_500_000));
        assert_eq!(size("64 KiB"), Ok(65_536));
        assert_eq!(size("1gib"), Ok(1 << 30));
        let wrong = ["", "MB", ".", "1.MB", "1.2.3MB", "-1", "1 parsec", "0", "0.1B", "99999999999999999999"];
        for wrong in wrong.into_iter().chain(["18446744073709551615GB"]) {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        assert!(buffer("3GiB").is_err());
    }

    #[test]
    fn a_duration_has_a_unit() {
        assert_eq!(duration("0.5s"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("500 ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        assert_eq!((measured("1.5s"), measured("2min")), (Ok(1_500_000_000), Ok(120_000_000_000)));
        assert_eq!((measured("20µs"), measured("0ms")), (measured("20us"), Ok(0)));
        assert_eq!((measured("1.5ms"), measured("250us")), (Ok(1_500_000), Ok(250_000)));
        for wrong in ["50", "ms", "1.2.3s", "-1s", "5 parsecs", "", "300000h 5", "9999999999999d"] {
            assert!(measured(wrong).is_err() && duration(wrong).is_err(), "{wrong}");
        }
        assert!(duration("1.5").unwrap_err().contains("write 1.5s"));
        assert!(duration("1 month").unwrap_err().contains("10s"));
        assert!(duration("0s").is_err());
    }
}
