//! Why decoding stopped.

use std::ops::Range;

use super::Layer;

/// What set the end of the bytes that a header had to fit in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The capture kept only this much of the packet (snapshot length).
    Capture,
    /// The packet itself ends there.
    Packet,
    /// A length field of the named header, by its Wireshark key.
    Field(&'static str),
}

impl Limit {
    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Packet => "packet",
            Self::Field(_) => "field",
        }
    }
}

/// A place where decoding stopped or a header contradicts itself.
///
/// It is never an error of the program: everything before it was decoded and is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The layer whose header could not be read.
    pub layer: Layer,
    /// The protocol, as its header is called: `TCP`, `IPv6 Fragment`.
    pub protocol: &'static str,
    /// The bytes concerned, as absolute offsets in the frame.
    pub range: Range<usize>,
    /// How many bytes were needed from the range's start; 0 where length was not the matter.
    pub needed: usize,
    /// How many were there.
    pub available: usize,
    /// What limited them.
    pub limit: Limit,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a header, or keeps it from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The bytes end before the header does.
    NoRoom,
    /// More headers lie around it than a packet honestly has.
    TooManyHeaders {
        /// How many.
        around: usize,
    },
    /// A length field says more than there is.
    LengthTooLarge {
        /// Which, by its Wireshark key.
        field: &'static str,
        /// What it says, in bytes.
        stated: usize,
    },
    /// A length field says less than its header takes.
    LengthTooSmall {
        /// Which, by its Wireshark key.
        field: &'static str,
        /// What it says, in bytes.
        stated: usize,
        /// What the header takes, in bytes.
        header: usize,
    },
    /// The field for the header's own length says fewer words of 32 bits than every such header has.
    HeaderTooShort {
        /// Which, by its Wireshark key.
        field: &'static str,
        /// What it says.
        words: u8,
        /// What there must be.
        least: u8,
    },
    /// The version field names another version.
    WrongVersion {
        /// What it says.
        found: u8,
        /// What it must say.
        expected: u8,
    },
    /// The header's own length leaves no place for a sequence number.
    NoSequenceNumber,
    /// The length of an option does not fit: neither it nor what follows is read.
    OptionLength,
}

impl Fault {
    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NoRoom => "no_room",
            Self::TooManyHeaders { .. } => "too_many_headers",
            Self::LengthTooLarge { .. } => "length_too_large",
            Self::LengthTooSmall { .. } => "length_too_small",
            Self::HeaderTooShort { .. } => "header_too_short",
            Self::WrongVersion { .. } => "wrong_version",
            Self::NoSequenceNumber => "no_sequence_number",
            Self::OptionLength => "option_length",
        }
    }
}
