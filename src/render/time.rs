//! The ways to tell when a packet was captured.

use std::io::Write as _;

use super::columns::Row;
use super::digits::{push_micros, push_nanos, push_number};
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
    /// Appends a packet's time; false, and nothing, where the capture carries none for it.
    pub(super) fn push(self, row: &Row<'_>, out: &mut Vec<u8>) -> bool {
        let Some(time) = row.frame.time else { return false };
        match self {
            Self::Relative => push_seconds(out, row.origin.map_or(0, |origin| time - origin)),
            Self::Delta => push_seconds(out, row.previous.map_or(0, |previous| time - previous)),
            Self::Epoch => push_epoch(out, time),
            // Writing to memory cannot fail.
            Self::Absolute => drop(write!(out, "{time}")),
        }
        true
    }

    /// A packet's time as text; empty where there is none.
    pub(super) fn text(self, row: &Row<'_>) -> String {
        let mut out = Vec::new();
        self.push(row, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// Appends the seconds since 1970 with nine digits of fraction.
pub(super) fn push_epoch(out: &mut Vec<u8>, time: Timestamp) {
    let nanos = time.nanos();
    if nanos < 0 {
        out.push(b'-');
    }
    push_number(out, nanos.unsigned_abs() / 1_000_000_000);
    out.push(b'.');
    push_nanos(out, (nanos.unsigned_abs() % 1_000_000_000) as u32);
}

/// Appends seconds to the microsecond; what is less is cut off.
fn push_seconds(out: &mut Vec<u8>, nanos: i64) {
    if nanos < 0 {
        out.push(b'-');
    }
    let micros = nanos.unsigned_abs() / 1000;
    push_number(out, micros / 1_000_000);
    out.push(b'.');
    push_micros(out, (micros % 1_000_000) as u32);
}
