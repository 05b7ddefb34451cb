//! The moment a packet or a call was seen.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

/// Nanoseconds since the Unix epoch, UTC, as `CLOCK_REALTIME` counts them.
///
/// The range is [`Timestamp::MIN`] to [`Timestamp::MAX`], the years 1823 to 2116: so the distance of any two moments can be
/// told, and no packet can claim a time that arithmetic fails at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest moment that is told, in 1823.
    pub const MIN: Self = Self(i64::MIN / 2);

    /// The latest moment that is told, in 2116.
    pub const MAX: Self = Self(i64::MAX / 2);

    /// From nanoseconds since the Unix epoch; what is out of range becomes the nearest moment within.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        match Self::at(nanos) {
            Some(time) => time,
            None if nanos < 0 => Self::MIN,
            None => Self::MAX,
        }
    }

    /// From whole seconds and nanoseconds since the Unix epoch; what is out of range becomes the nearest moment within.
    #[must_use]
    pub const fn from_parts(seconds: i64, nanos: i64) -> Self {
        Self::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
    }

    /// From nanoseconds since the Unix epoch; `None` out of range.
    #[must_use]
    pub const fn at(nanos: i64) -> Option<Self> {
        if Self::MIN.0 <= nanos && nanos <= Self::MAX.0 { Some(Self(nanos)) } else { None }
    }

    /// From whole seconds and nanoseconds since the Unix epoch; `None` out of range.
    #[must_use]
    pub const fn at_parts(seconds: i64, nanos: i64) -> Option<Self> {
        Self::at(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
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

const DAY: i64 = 86_400;

/// Days in 400 years of the Gregorian calendar, after which it repeats.
const ERA: i64 = 146_097;

/// Days from 1 March of the year 0 to 1 January 1970. Years that begin in March have their leap day last.
const MARCH_0: i64 = 719_468;

/// The date, as year, month and day, so many days after 1 January 1970.
#[expect(clippy::arithmetic_side_effects, reason = "a moment's day and a date's are far from the ends of an i64")]
fn date(days: i64) -> (i64, i64, i64) {
    let (era, day) = ((days + MARCH_0).div_euclid(ERA), (days + MARCH_0).rem_euclid(ERA));
    // A leap day every 4 years, none every 100, one again every 400, each as the last day of its span.
    let year = (day - day / 1460 + day / 36_524 - day / (ERA - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // From March on, five months have 153 days.
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (era * 400 + year + i64::from(month <= 2), month, day)
}

/// How many days after 1 January 1970 a date is; `None` where there is no such date.
#[expect(clippy::arithmetic_side_effects, reason = "a year has four digits")]
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let from_march = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let in_year = (153 * from_march.1 + 2) / 5 + day - 1;
    let (era, year_of_era) = (from_march.0.div_euclid(400), from_march.0.rem_euclid(400));
    let days = era * ERA + 365 * year_of_era + year_of_era / 4 - year_of_era / 100 + in_year - MARCH_0;
    (date(days) == (year, month, day)).then_some(days)
}

/// RFC 3339 in UTC with all nine digits: `2026-11-20T19:22:17.824897000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = self.parts();
        let ((year, month, day), second) = (date(seconds.div_euclid(DAY)), seconds.rem_euclid(DAY));
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanos:09}Z")
    }
}

impl FromStr for Timestamp {
    type Err = ();

    /// Reads RFC 3339 (`2026-11-20T19:22:17.8Z`, `2026-11-20 20:22:17+01:00`); without an offset it is UTC, without seconds
    /// or time of day the beginning of what is named.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (date, rest) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00"));
        let (time, offset) = split_offset(rest).ok_or(())?;
        let midnight = read_date(date).and_then(|days| days.checked_mul(DAY)).ok_or(())?;
        let of_day = read_time_of_day(time).ok_or(())?;
        Self::at_parts(midnight.checked_sub(offset).ok_or(())?, of_day).ok_or(())
    }
}

/// Days from 1 January 1970 to a date as RFC 3339 writes it.
fn read_date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let is_date = parts.next().is_none() && (1..=12).contains(&month);
    if is_date { days(year, month, day) } else { None }
}

/// The time of day and how many seconds its zone is ahead of UTC.
#[expect(clippy::arithmetic_side_effects, reason = "hours and minutes have two digits")]
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, 0)) };
    let (time, offset) = text.split_at(at);
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = hours * 3600 + minutes * 60;
    Some((time, if offset.starts_with('-') { -seconds } else { seconds }))
}

/// The nanoseconds since midnight at `14:00`, `14:00:00` or `14:00:00.5`; `None` for what is no time of day.
#[must_use]
#[expect(clippy::arithmetic_side_effects, reason = "no day has more than 86,400 seconds")]
pub(crate) fn read_time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let (second, fraction) = parts.next().map_or(("00", "0"), |second| second.split_once('.').unwrap_or((second, "0")));
    let second = digits(second, 2)?;
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((hour * 3600 + minute * 60 + second) * 1_000_000_000 + read_fraction(fraction)?)
}

/// The nanoseconds of one to nine digits behind a second's point.
#[must_use]
pub(crate) fn read_fraction(text: &str) -> Option<i64> {
    let is_fraction = (1..=9).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    if is_fraction { format!("{text:0<9}").parse().ok() } else { None }
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    let is_number = text.len() == count && text.bytes().all(|digit| digit.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// The distance in nanoseconds, negative where `other` is later; the range of moments leaves room for every distance.
impl Sub for Timestamp {
    type Output = i64;

    fn sub(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

/// The moment `nanos` nanoseconds later; at the ends of the range it stays there.
impl Add<i64> for Timestamp {
    type Output = Self;

    fn add(self, nanos: i64) -> Self {
        Self::from_nanos(self.0.saturating_add(nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (-1, "1969-12-31T23:59:59.000000000Z"),
            (951_782_400, "2000-02-29T00:00:00.000000000Z"),
            (951_868_800, "2000-03-01T00:00:00.000000000Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000000Z"),
            (1_795_202_537, "2026-11-20T19:22:17.000000000Z"),
        ] {
            let time = Timestamp::from_parts(seconds, 0);
            assert_eq!(time.to_string(), text);
            assert_eq!(text.parse(), Ok(time));
        }
    }

    #[test]
    fn every_day_of_four_centuries_is_read_back() {
        for day in -ERA..ERA {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), Some(day));
        }
    }

    #[test]
    fn rfc_3339_is_read_with_every_offset() {
        let read = |text: &str| text.parse().map(Timestamp::nanos);
        assert_eq!(read("2026-11-20T19:22:17.824897Z"), Ok(1_795_202_537_824_897_000));
        for same in ["2026-11-20 19:22:17", "2026-11-20t20:22:17+01:00", "2026-11-20T13:52:17-05:30"] {
            assert_eq!(read(same), Ok(1_795_202_537_000_000_000), "{same}");
        }
        assert_eq!(read("2026-11-20T23:30-01:00"), read("2026-11-21 00:30:00.0Z"));
        assert_eq!(read("1970-01-02"), Ok(86_400_000_000_000));
        let wrong = ["", "12", "1.5", "2026-02-29", "2026-13-01T00:00Z", "2026-11-20T24:00", "2026-11-20T00:00+1:00"];
        let no_time = ["2026-11-20T", "2026-11-20T10:00:00.", "2026-11-20T10:00:00.0000000001", "+026-11-20", "Z"];
        for wrong in wrong.into_iter().chain(no_time).chain(["9999-01-01", "1700-01-01", "2026-11-20T10:00+99:00"]) {
            assert_eq!(read(wrong), Err(()), "{wrong}");
        }
    }

    #[test]
    fn the_distance_of_any_two_moments_can_be_told() {
        let (first, last) = (Timestamp::from_nanos(i64::MIN), Timestamp::from_parts(i64::MAX, i64::MAX));
        assert_eq!((first, last), (Timestamp::MIN, Timestamp::MAX));
        assert_eq!(first + (last - first), last);
        assert_eq!(last + (first - last), first);
        assert_eq!((last + i64::MAX, first + i64::MIN), (last, first));
        assert_eq!((last.to_string().get(..4), first.to_string().get(..4)), (Some("2116"), Some("1823")));
        assert_eq!(Timestamp::at(i64::MAX), None);
        assert_eq!(Timestamp::at_parts(i64::MIN, 5), None);
    }
}
