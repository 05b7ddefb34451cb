//! Why decoding stopped.

use std::fmt;
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
    /// The likely cause, a clause for people: `the data offset is 3, less than the 5 a TCP header has`.
    pub cause: String,
}

impl Problem {
    /// What programs call it, by what ended the bytes.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self.limit {
            _ if self.needed <= self.available => "malformed",
            Limit::Capture => "cut_by_capture",
            Limit::Packet => "cut_by_packet",
            Limit::Field(_) => "cut_by_length",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: {}", self.protocol, self.range.start, self.cause)?;
        if self.needed > self.available {
            write!(f, " (needs {} bytes, has {}, ", self.needed, self.available)?;
            match self.limit {
                Limit::Capture => f.write_str("cut by the capture)"),
                Limit::Packet => f.write_str("the packet ends there)"),
                Limit::Field(key) => write!(f, "limited by {key})"),
            }?;
        }
        Ok(())
    }
}
