//! Durations and sizes as people read them.

use crate::model::Timestamp;

/// `12.3 µs` (`12.3 us` in ASCII), `1.234 ms`, `2.500 s`: three places at most, none of them made up.
#[must_use]
pub fn duration(nanos: i64, ascii: bool) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    match nanos {
        0..1_000_000 => format!("{sign}{}.{} {}", nanos / 1_000, nanos % 1_000 / 100, if ascii { "us" } else { "µs" }),
        1_000_000..1_000_000_000 => format!("{sign}{}.{:03} ms", nanos / 1_000_000, nanos % 1_000_000 / 1_000),
        _ => format!("{sign}{}.{:03} s", nanos / 1_000_000_000, nanos % 1_000_000_000 / 1_000_000),
    }
}

/// `431 B`, `1.3 kB`, `141.2 MB`: powers of ten.
#[must_use]
pub fn size(bytes: u64) -> String {
    let (whole, tenths, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (bytes / 1_000, bytes / 100, "kB"),
        1_000_000..1_000_000_000 => (bytes / 1_000_000, bytes / 100_000, "MB"),
        _ => (bytes / 1_000_000_000, bytes / 100_000_000, "GB"),
    };
    format!("{whole}.{} {name}", tenths % 10)
}

/// A part of a whole in percent with one place, rounded: `33.3`; of nothing it is nothing.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    let whole = u128::from(whole.max(1));
    let tenths = u128::from(part).saturating_mul(1_000).saturating_add(whole / 2).checked_div(whole).unwrap_or(0);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Seconds with six places from nanoseconds, `0.000108`.
#[must_use]
pub fn seconds(nanos: i64) -> String {
    let micros = nanos.unsigned_abs() / 1_000;
    format!("{}{}.{:06}", if nanos < 0 { "-" } else { "" }, micros / 1_000_000, micros % 1_000_000)
}

/// The time of day in UTC with so many places (9 at most), `12:00:00.123`; what is less is cut off.
#[must_use]
pub fn time_of_day(time: Timestamp, places: usize) -> String {
    let (seconds, nanos) = time.parts();
    let second = seconds.rem_euclid(86_400);
    let fraction = format!("{nanos:09}");
    let fraction = fraction.get(..places).unwrap_or(&fraction);
    format!("{:02}:{:02}:{:02}.{fraction}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_day_is_cut_not_rounded() {
        let time = Timestamp::from_parts(86_400 + 3_661, 999_999_999);
        assert_eq!(time_of_day(time, 3), "01:01:01.999");
        assert_eq!(time_of_day(Timestamp::from_nanos(-1), 6), "23:59:59.999999");
    }

    #[test]
    fn each_quantity_has_the_unit_that_keeps_it_short() {
        let durations = [0, 12_345, 1_234_567, 2_500_000_000, -40_000].map(|nanos| duration(nanos, true));
        assert_eq!(durations, ["0.0 us", "12.3 us", "1.234 ms", "2.500 s", "-40.0 us"]);
        assert_eq!([999, 1_000, 141_299_999].map(size), ["999 B", "1.0 kB", "141.2 MB"]);
        assert_eq!([u64::MAX, 1_999_999_999].map(size), ["18446744073.7 GB", "1.9 GB"]);
        assert_eq!([i64::MIN, i64::MAX].map(|nanos| duration(nanos, true)), ["-9223372036.854 s", "9223372036.854 s"]);
        assert_eq!(seconds(-1_500_001_000), "-1.500001");
    }

    #[test]
    fn a_part_is_rounded_to_a_tenth_of_a_percent() {
        let parts = [(1, 3), (2, 3), (1, 2000), (1, 2001), (0, 0), (u64::MAX, u64::MAX), (u64::MAX, 1)];
        let said = parts.map(|(part, whole)| percent(part, whole));
        assert_eq!(said, ["33.3", "66.7", "0.1", "0.0", "0.0", "100.0", "1844674407370955161500.0"]);
    }
}
