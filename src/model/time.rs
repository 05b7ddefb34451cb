//! The moment a packet or a call was seen.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

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

const DAY: i64 = 86_400;

/// Days in 400 years of the Gregorian calendar, after which it repeats.
const ERA: i64 = 146_097;

/// Days from 1 March of the year 0 to 1 January 1970. Years that begin in March have their leap day last.
const MARCH_0: i64 = 719_468;

/// The date, as year, month and day, so many days after 1 January 1970.
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

    /// Reads RFC 3339 in UTC (`2026-11-20T19:22:17.8Z`) or seconds since the epoch (`1795202537.8`).
    fn from_str(text: &str) -> Result<Self, ()> {
        let (seconds, fraction) =
            text.trim_end_matches('Z').split_once('.').unwrap_or((text.trim_end_matches('Z'), "0"));
        if fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(());
        }
        let nanos = format!("{fraction:0<9}").parse::<i64>().map_err(|_| ())?;
        let seconds = if text.ends_with('Z') { clock(seconds).ok_or(())? } else { seconds.parse().map_err(|_| ())? };
        Ok(Self::from_parts(seconds, nanos))
    }
}

/// Seconds since the epoch at `2026-11-20T19:22:17`.
fn clock(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let three = |text: &str, separator| {
        let mut parts = text.splitn(3, separator).map(|part| part.parse::<u16>().ok().map(i64::from));
        Some((parts.next()??, parts.next()??, parts.next()??))
    };
    let ((year, month, day), (hour, minute, second)) = (three(date, '-')?, three(time, ':')?);
    if !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(days(year, month, day)? * DAY + hour * 3600 + minute * 60 + second)
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
    fn seconds_and_their_fractions_are_read() {
        let read = |text: &str| text.parse().map(Timestamp::nanos);
        assert_eq!(read("1.5"), Ok(1_500_000_000));
        assert_eq!(read("12"), Ok(12_000_000_000));
        assert_eq!(read("2026-11-20T19:22:17.824897Z"), Ok(1_795_202_537_824_897_000));
        for wrong in ["", ".5", "1.", "1.0000000001", "1e3", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "Z"] {
            assert_eq!(read(wrong), Err(()), "{wrong}");
        }
    }
}
