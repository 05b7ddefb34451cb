//! A packet as it was captured, before anything is read into it.

use super::{LinkType, Timestamp};

/// One captured packet, borrowed from its source until the next one is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Its place in the capture, counted from 1 as Wireshark does.
    pub number: u64,
    /// When it was captured; simple packet blocks of a pcapng file carry no time.
    pub time: Option<Timestamp>,
    /// The interface it came from, counted from 0 over the whole capture.
    pub interface: u32,
    /// What its first bytes are.
    pub link: LinkType,
    /// How many bytes it had on the wire, as the capture claims; may be less than was captured in a damaged file.
    pub wire_len: u32,
    /// The bytes that were captured.
    pub bytes: &'a [u8],
    /// The comments the capture carries for it.
    pub comments: &'a [String],
}

impl Frame<'_> {
    /// Whether the capture kept less than was on the wire.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.bytes.len() < self.wire_len as usize
    }

    /// A copy that owns its bytes.
    #[must_use]
    pub fn to_owned(&self) -> OwnedFrame {
        OwnedFrame {
            number: self.number,
            time: self.time,
            interface: self.interface,
            link: self.link,
            wire_len: self.wire_len,
            bytes: self.bytes.to_vec(),
            comments: self.comments.to_vec(),
        }
    }
}

/// A [`Frame`] that owns its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedFrame {
    /// See [`Frame::number`].
    pub number: u64,
    /// See [`Frame::time`].
    pub time: Option<Timestamp>,
    /// See [`Frame::interface`].
    pub interface: u32,
    /// See [`Frame::link`].
    pub link: LinkType,
    /// See [`Frame::wire_len`].
    pub wire_len: u32,
    /// See [`Frame::bytes`].
    pub bytes: Vec<u8>,
    /// See [`Frame::comments`].
    pub comments: Vec<String>,
}

impl OwnedFrame {
    /// The borrowed view everything else works on.
    #[must_use]
    pub fn as_frame(&self) -> Frame<'_> {
        Frame {
            number: self.number,
            time: self.time,
            interface: self.interface,
            link: self.link,
            wire_len: self.wire_len,
            bytes: &self.bytes,
            comments: &self.comments,
        }
    }
}
