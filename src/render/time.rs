//! The ways to tell when a packet was captured.

use super::pen::Pen;
use super::row::Row;
use crate::model::Timestamp;

/// What a packet's time is counted from, and how it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeStyle {
    /// Seconds since the capture's first packet, to the microsecond.
    #[default]
    Relative,
    /// The moment in UTC (RFC 3339), to the nanosecond.
    Absolute,
    /// Seconds since the packet shown before it, to the microsecond.
    Delta,
    /// Seconds since 1970 in UTC, to the nanosecond.
    Epoch,
}

impl TimeStyle {
    /// Writes a packet's time; false, and nothing, where the capture carries none for it.
    #[inline]
    pub(super) fn write(self, row: &Row<'_>, pen: &mut Pen<'_>) -> bool {
        let Some(time) = row.frame.time else { return false };
        match self {
            Self::Relative => write_seconds(row.origin.map_or(0, |origin| time - origin), pen),
            Self::Delta => write_seconds(row.previous.map_or(0, |previous| time - previous), pen),
            Self::Epoch => write_epoch(time, pen),
            Self::Absolute => pen.display(time),
        }
        true
    }
}

/// Writes the seconds since 1970 with nine digits of fraction.
pub(super) fn write_epoch(time: Timestamp, pen: &mut Pen<'_>) {
    write_nanos(time.nanos(), pen);
}

/// Writes seconds with nine digits of fraction.
pub(super) fn write_nanos(nanos: i64, pen: &mut Pen<'_>) {
    if nanos < 0 {
        pen.text(b"-");
    }
    pen.number(nanos.unsigned_abs() / 1_000_000_000);
    pen.text(b".");
    pen.nanos((nanos.unsigned_abs() % 1_000_000_000) as u32);
}

/// Writes seconds to the microsecond; what is less is cut off.
#[inline]
fn write_seconds(nanos: i64, pen: &mut Pen<'_>) {
    if nanos < 0 {
        pen.text(b"-");
    }
    let micros = nanos.unsigned_abs() / 1000;
    pen.number(micros / 1_000_000);
    pen.text(b".");
    pen.micros((micros % 1_000_000) as u32);
}
