//! The buffer a savefile is read through.
//!
//! It knows no format. It grows only with bytes that have really arrived, so that no length field of a file decides an
//! allocation, and it never waits for more than it was asked for, so that a slow pipe is read packet by packet.
#![expect(clippy::arithmetic_side_effects, reason = "places in a buffer, of bytes that are in it")]

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

use super::record::Fault;
use super::stream::{Part, ROOM, ReadPart, START, Stream};

pub(super) struct Window {
    stream: Stream,
    bytes: Vec<u8>,
    /// What was read and not yet taken.
    unread: Range<usize>,
    /// Where `unread` starts in the stream.
    offset: u64,
    /// Whether nothing may be read for now.
    held: bool,
}

impl Window {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, bytes: vec![0; START], unread: 0..0, offset: 0, held: false }
    }

    /// The stream's offset of the first byte not yet taken.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The bytes read and not yet taken.
    #[inline]
    pub(super) fn unread(&self) -> &[u8] {
        &self.bytes[self.unread.clone()]
    }

    /// Reads until at least `count` bytes are unread; `false` when the stream ends before that, and
    /// [`Fault::NotHere`] where they would have to be read and the window is held.
    #[inline]
    pub(super) fn want(&mut self, count: usize) -> Result<bool, Fault> {
        if self.unread.len() >= count { Ok(true) } else { self.read_up_to(count) }
    }

    /// Takes `count` unread bytes: their place in the buffer, good until the next `want` that reads.
    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Range<usize> {
        let start = self.unread.start;
        self.unread.start += count;
        self.offset += count as u64;
        start..start + count
    }

    /// The bytes at a place that [`Window::take`] gave.
    #[inline]
    pub(super) fn taken(&self, place: Range<usize>) -> &[u8] {
        &self.bytes[place]
    }

    /// Holds the window (or lets it go): what was taken stays where it is, and nobody waits for anything to be read.
    pub(super) fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// Leaves its buffer, with everything taken, in `other`'s place, and goes on in that one, where there is to be room
    /// for `room` bytes, with what is unread.
    pub(super) fn exchange(&mut self, other: &mut Vec<u8>, room: usize) {
        let left = self.unread.len();
        let room = room.max(left);
        if other.len() > ROOM.max(room) {
            // A packet larger than any link has came through it.
            other.truncate(room);
            other.shrink_to_fit();
        }
        other.resize(other.len().max(room), 0);
        other[..left].copy_from_slice(&self.bytes[self.unread.clone()]);
        std::mem::swap(&mut self.bytes, other);
        self.unread = 0..left;
    }

    /// The next part of the stream to be read beside it.
    pub(super) fn part(&mut self) -> Option<Part> {
        self.stream.part()
    }

    /// Goes on in the buffer that a part was read into, with what is unread before it, and leaves its own in the
    /// buffer's place; false, and nothing done, where what comes next is not in there.
    pub(super) fn go_on_in(&mut self, part: &ReadPart, buffer: &mut Vec<u8>) -> bool {
        let left = self.unread.len();
        let Some(new) = self.stream.step_over(part, left) else { return false };
        let start = new.start - left;
        buffer[start..new.start].copy_from_slice(self.unread());
        std::mem::swap(&mut self.bytes, buffer);
        self.unread = start..new.end;
        true
    }

    #[cold]
    fn read_up_to(&mut self, count: usize) -> Result<bool, Fault> {
        if self.held {
            return Err(Fault::NotHere);
        }
        while self.unread.len() < count {
            if !self.read()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads once behind what is unread, which moves to the front; `false` at the end.
    fn read(&mut self) -> io::Result<bool> {
        self.bytes.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        if self.unread.end == self.bytes.len() {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        loop {
            match self.stream.read(&mut self.bytes[self.unread.end..]) {
                Ok(read) => {
                    self.unread.end += read;
                    return Ok(read > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
