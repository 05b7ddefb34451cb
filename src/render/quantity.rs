//! Durations and sizes as people read them.

use super::style::Style;
use crate::model::Timestamp;

/// `12.3 µs`, `1.234 ms`, `2.500 s`: three places at most, none of them made up.
#[must_use]
pub fn duration(nanos: i64, style: Style) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    match nanos {
        0..1_000_000 => format!("{sign}{}.{} {}", nanos / 1_000, nanos % 1_000 / 100, style.glyph("µs", "us")),
        1_000_000..1_000_000_000 => format!("{sign}{}.{:03} ms", nanos / 1_000_000, nanos % 1_000_000 / 1_000),
        _ => format!("{sign}{}.{:03} s", nanos / 1_000_000_000, nanos % 1_000_000_000 / 1_000_000),
    }
}

/// `431 B`, `1.3 kB`, `141.2 MB`: powers of ten.
#[must_use]
pub fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
}

/// `1 packet`, `2 packets`.
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
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
        let style = Style { color: false, ascii: true, width: 80 };
        let durations = [0, 12_345, 1_234_567, 2_500_000_000, -40_000].map(|nanos| duration(nanos, style));
        assert_eq!(durations, ["0.0 us", "12.3 us", "1.234 ms", "2.500 s", "-40.0 us"]);
        assert_eq!([999, 1_000, 141_299_999].map(size), ["999 B", "1.0 kB", "141.2 MB"]);
        assert_eq!(seconds(-1_500_001_000), "-1.500001");
    }
}
