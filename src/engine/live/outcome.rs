//! What a session came to.

use std::path::PathBuf;

use crate::model::Timestamp;
use crate::source::Drops;

/// What was counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) packets: u64,
    /// Bytes on the wire.
    pub(crate) bytes: u64,
}

/// What a session came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) counts: Counts,
    pub(crate) seconds: f64,
    pub(crate) drops: Drops,
    /// The time of the last packet.
    pub(crate) last: Timestamp,
    /// Packets, or events, that were not shown because the output was too slow for them.
    pub(crate) skipped: u64,
    /// What was saved, where all of it was.
    pub(crate) saved: Option<Saved>,
}

/// The savefiles of a session.
#[derive(Debug)]
pub(crate) struct Saved {
    /// How many were begun.
    pub(crate) begun: u32,
    /// How many of them there still are.
    pub(crate) kept: usize,
    /// The last one.
    pub(crate) newest: PathBuf,
}
