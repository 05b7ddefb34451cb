//! What the two savefile formats have in common: a record, what can be wrong with it, and who captured it.

use std::io;
use std::ops::Range;

use crate::model::{LinkType, Timestamp};

/// The largest packet or block that is taken in, in bytes.
pub(super) const CEILING: u32 = 1 << 24;

/// The largest packet a link type can have in a savefile, as libpcap and Wireshark draw the line: what claims more is
/// not a packet but damage. The three that may be larger are limited to [`CEILING`].
pub(super) const fn largest_packet(link: LinkType) -> u32 {
    match link.0 {
        231 | 249 | 279 => CEILING, // DBUS, USBPCAP, EBHSCR
        _ => 262_144,
    }
}

/// A packet's record, its bytes still in the buffer they were read into.
pub(super) struct Record {
    pub(super) time: Option<Timestamp>,
    pub(super) interface: u32,
    pub(super) link: LinkType,
    pub(super) wire_len: u32,
    pub(super) bytes: Range<usize>,
}

impl Record {
    /// What stands for the current packet before the first one.
    pub(super) const EMPTY: Self = Self { time: None, interface: 0, link: LinkType::NULL, wire_len: 0, bytes: 0..0 };
}

/// Why no further record can be read.
pub(super) enum Fault {
    /// The reader failed.
    Reading(io::Error),
    /// The stream is something else than a capture; what, in words.
    NotACapture(String),
    /// The record at this offset makes no sense.
    Damage { offset: u64, cause: String },
    /// Nothing is wrong, but the record has not been read yet, and [`Window::hold`](super::window::Window::hold) keeps
    /// it from being read now.
    NotHere,
}

impl Fault {
    pub(super) fn damage(offset: u64, cause: impl Into<String>) -> Self {
        Self::Damage { offset, cause: cause.into() }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Reading(error)
    }
}

/// An interface as a savefile describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name: `eth0`.
    pub name: Option<String>,
    /// What else its owner called it.
    pub description: Option<String>,
    /// What its frames start with.
    pub link: LinkType,
    /// How many bytes of each packet were kept; 0 is no limit.
    pub snaplen: u32,
    /// How many packets the interface received, where the file has its statistics.
    pub received: Option<u64>,
    /// How many of them were lost for want of room.
    pub dropped: Option<u64>,
}
