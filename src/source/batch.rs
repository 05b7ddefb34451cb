//! Packets that are read together, with their bytes: what one turn at a capture gives.

use super::record::Record;
use super::stream::{Part, ReadPart};
use crate::model::Frame;

/// The most packets of a batch: what is made of them is kept together too, and may be larger than they are.
const MOST: usize = 4096;

/// Packets one after the other in the order of their capture, to be kept by whoever asked for them and filled again.
#[derive(Default)]
pub struct Batch {
    /// What the packets were read into.
    pub(super) bytes: Vec<u8>,
    /// The part of the capture that is in there, where it was read before the batch is filled.
    pub(super) part: Option<ReadPart>,
    packets: Vec<Held>,
    /// The comments of all packets.
    comments: Vec<String>,
    /// How many packets and interfaces there are in the captures before this one.
    before: (u64, u32),
}

/// A packet of a batch.
struct Held {
    number: u64,
    record: Record,
    /// Where its comments end among those of all packets.
    comments: u32,
}

impl Batch {
    /// How many packets there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.packets.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// The packets.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = Frame<'_>> {
        (0..self.len()).map(|index| self.frame(index))
    }

    /// A packet by its place in the batch, counted from 0.
    ///
    /// # Panics
    ///
    /// Where there are fewer packets.
    #[must_use]
    #[inline]
    pub fn frame(&self, index: usize) -> Frame<'_> {
        let Held { number, record: Record { time, interface, link, wire_len, ref bytes }, comments } =
            self.packets[index];
        let before = index.checked_sub(1).map_or(0, |before| self.packets[before].comments);
        Frame {
            number: self.before.0.saturating_add(number),
            time,
            interface: self.before.1.saturating_add(interface),
            link,
            wire_len,
            bytes: &self.bytes[bytes.clone()],
            comments: &self.comments[before as usize..comments as usize],
        }
    }

    /// Reads a part of a capture, to be filled from that. What it held is forgotten.
    pub fn read(&mut self, part: Part) {
        self.forget();
        self.part = Some(part.read(&mut self.bytes));
    }

    /// Takes a copy of a packet in.
    pub fn push(&mut self, frame: &Frame<'_>) {
        let Frame { number, time, interface, link, wire_len, bytes, comments } = *frame;
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.comments.extend_from_slice(comments);
        self.hold(number, Record { time, interface, link, wire_len, bytes: start..self.bytes.len() }, []);
    }

    /// Forgets the packets, but not the room they took.
    pub fn clear(&mut self) {
        self.forget();
        self.bytes.clear();
    }

    /// Takes in a packet whose bytes are in the buffer, or will be.
    #[inline]
    pub(super) fn hold(&mut self, number: u64, record: Record, comments: impl IntoIterator<Item = String>) {
        self.comments.extend(comments);
        self.packets.push(Held { number, record, comments: self.comments.len() as u32 });
    }

    /// Forgets the packets, but not their bytes.
    pub(super) fn forget(&mut self) {
        self.packets.clear();
        self.comments.clear();
        self.before = (0, 0);
    }

    /// Counts packets and interfaces on from those of the captures before this one.
    pub(super) fn count_from(&mut self, packets: u64, interfaces: u32) {
        self.before = (packets, interfaces);
    }

    /// Whether another packet would be one too many.
    pub(super) fn is_full(&self) -> bool {
        self.packets.len() >= MOST
    }
}
