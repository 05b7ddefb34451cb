//! Points in time that a capture is read from or up to.

use crate::model::Timestamp;

/// A day in seconds.
const DAY: i64 = 86_400;

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
