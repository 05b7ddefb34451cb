//! Sizes and durations as people type them.

use std::time::Duration;

/// A number with its unit behind it, `units` saying how much each is worth.
fn parse(text: &str, units: &[(&str, u64)], examples: &str) -> Result<u64, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let worth = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim())).map(|(_, worth)| *worth);
    match (number.parse::<u64>(), worth) {
        (Ok(number), Some(worth)) if number > 0 => {
            number.checked_mul(worth).ok_or_else(|| format!("{text} is more than can be counted"))
        }
        (Ok(0), Some(_)) => Err("it must be more than 0".to_owned()),
        _ => Err(format!("expected something like {examples}")),
    }
}

/// `512`, `64KiB`, `100MB`: bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 8] = [
        ("", 1),
        ("B", 1),
        ("kB", 1000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ];
    parse(text, &UNITS, "500000, 64KiB or 100MB")
}

/// A size that libpcap can count.
pub(super) fn buffer(text: &str) -> Result<u32, String> {
    let size = size(text)?;
    u32::try_from(size).ok().filter(|size| *size <= i32::MAX as u32).ok_or_else(|| "at most 2 GiB".to_owned())
}

/// `10` and `10s`, `500ms`, `5m`, `1h`, `1d`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, u64); 6] =
        [("", 1000), ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    parse(text, &UNITS, "10s, 500ms, 5m or 1h").map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal_or_binary_as_they_say() {
        assert_eq!(size("512"), Ok(512));
        assert_eq!(size("100MB"), Ok(100_000_000));
        assert_eq!(size("64 KiB"), Ok(65_536));
        assert_eq!(size("1gib"), Ok(1 << 30));
        for wrong in ["", "MB", "1.5MB", "-1", "1 parsec", "0", "99999999999999999999", "18446744073709551615GB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        assert!(buffer("3GiB").is_err());
    }

    #[test]
    fn durations_count_seconds_unless_they_say_otherwise() {
        assert_eq!(duration("10"), Ok(Duration::from_secs(10)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        assert!(duration("1 month").unwrap_err().contains("10s"));
    }
}
