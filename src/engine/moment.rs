//! Points in time that a capture is read from or up to, and how people type them.

use std::str::FromStr;

use super::quantity;
use crate::model::{Timestamp, read_fraction, read_time_of_day};

/// A day in seconds.
const DAY: i64 = 86_400;

/// The fewest digits of the seconds since 1970: those of 1973 and later have as many. What has fewer is a mistake.
const EPOCH_DIGITS: usize = 9;

/// A moment, by itself or within a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// By the clock and the calendar.
    At(Timestamp),
    /// So many nanoseconds after midnight in UTC, on the day of the first packet.
    OfDay(i64),
    /// So many nanoseconds after the first packet.
    After(i64),
}

impl Moment {
    /// Whether it is later than another one in every capture.
    pub(crate) fn is_after(self, other: Self) -> bool {
        match (self, other) {
            (Self::At(one), Self::At(other)) => one > other,
            (Self::OfDay(one), Self::OfDay(other)) | (Self::After(one), Self::After(other)) => one > other,
            (Self::At(_), Self::OfDay(_) | Self::After(_))
            | (Self::OfDay(_), Self::At(_) | Self::After(_))
            | (Self::After(_), Self::At(_) | Self::OfDay(_)) => false,
        }
    }

    /// When that is in a capture whose first packet passed at `origin`.
    pub(crate) fn of_capture(self, origin: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::OfDay(nanos) => {
                let day = origin.parts().0.div_euclid(DAY);
                Timestamp::from_parts(day.saturating_mul(DAY), nanos)
            }
            Self::After(nanos) => origin + nanos,
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(duration) = text.strip_prefix('+') {
            return quantity::measured(duration).map(Self::After);
        }
        if let Some(nanos) = read_time_of_day(text) {
            return Ok(Self::OfDay(nanos));
        }
        let is_number = text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        match (text.parse(), is_number) {
            (Ok(time), _) => Ok(Self::At(time)),
            (Err(()), true) => since_1970(text).map(Self::At),
            (Err(()), false) => Err(format!("`{text}` is not a point in time; {}", examples("10s"))),
        }
    }
}

/// Seconds since 1970, as `-T epoch` tells them.
fn since_1970(text: &str) -> Result<Timestamp, String> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if seconds.len() < EPOCH_DIGITS {
        return Err(format!("`{text}` could mean many things; {}", examples(&format!("{text}s"))));
    }
    let time = seconds.parse().ok().zip(read_fraction(fraction));
    time.and_then(|(seconds, nanos)| Timestamp::at_parts(seconds, nanos))
        .ok_or_else(|| format!("{text} seconds after 1970 is not a time that a packet can have"))
}

/// What can be typed.
fn examples(duration: &str) -> String {
    format!(
        "write +{duration} after the capture's first packet, 14:00:00 on its day, 2026-11-28 14:00:00, \
         2026-11-28T14:00:00+01:00 or 1795874400.5 seconds since 1970"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-28 13:59:50 in UTC.
    const ORIGIN: Timestamp = Timestamp::from_parts(1_795_874_390, 0);

    fn seconds_after(text: &str) -> i64 {
        (text.parse::<Moment>().unwrap().of_capture(ORIGIN) - ORIGIN) / 1_000_000_000
    }

    #[test]
    fn the_same_moment_can_be_typed_in_many_ways() {
        for text in [
            "+10s",
            "+10000ms",
            "14:00",
            "14:00:00",
            "14:00:00.0",
            "2026-11-28 14:00:00",
            "2026-11-28T14:00",
            "2026-11-28T14:00:00Z",
            "2026-11-28 15:00:00+01:00",
            "2026-11-28T08:30:00-05:30",
            "1795874400",
            "1795874400.000000000",
        ] {
            assert_eq!(seconds_after(text), 10, "{text}");
        }
        assert_eq!(seconds_after("13:00:00"), -3590);
        assert_eq!(seconds_after("2026-11-28"), -50_390);
    }

    #[test]
    fn a_time_of_day_is_on_the_day_of_the_first_packet_also_before_1970() {
        let before = Timestamp::from_parts(-1, 0);
        assert_eq!(Moment::OfDay(0).of_capture(before), Timestamp::from_parts(-86_400, 0));
        assert_eq!(Moment::OfDay(0).of_capture(Timestamp::MIN), Timestamp::MIN);
    }

    #[test]
    fn what_could_mean_anything_is_refused_with_what_to_type() {
        let refused = |text: &str| text.parse::<Moment>().unwrap_err();
        assert!(refused("10").contains("write +10s after"), "{}", refused("10"));
        assert!(refused("1.5").contains("+1.5s"));
        assert!(refused("+10").contains("write 10s"));
        for text in
            ["", "yesterday", "25:00:00", "14:00:60", "14", "2026-02-30", "99999999999999", "-5", "1795874400.", "+"]
        {
            refused(text);
        }
    }
}
