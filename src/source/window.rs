//! The one buffer a savefile is read through.
//!
//! It knows no format. It grows only with bytes that have really arrived, so that no length field of a file decides an
//! allocation, and it never waits for more than it was asked for, so that a slow pipe is read packet by packet.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

const INITIAL: usize = 1 << 20;

pub(super) struct Window {
    reader: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    /// What was read and not yet taken.
    unread: Range<usize>,
    /// Where `unread` starts in the stream.
    offset: u64,
}

impl Window {
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { reader, bytes: vec![0; INITIAL], unread: 0..0, offset: 0 }
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

    /// Reads until at least `count` bytes are unread; `false` when the stream ends before that.
    #[inline]
    pub(super) fn want(&mut self, count: usize) -> io::Result<bool> {
        if self.unread.len() >= count { Ok(true) } else { self.read_up_to(count) }
    }

    /// Takes `count` unread bytes: their place in the buffer, good until the next `want`.
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

    #[cold]
    fn read_up_to(&mut self, count: usize) -> io::Result<bool> {
        self.bytes.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        while self.unread.len() < count {
            if self.unread.end == self.bytes.len() {
                self.bytes.resize(self.bytes.len() * 2, 0);
            }
            match self.reader.read(&mut self.bytes[self.unread.end..]) {
                Ok(0) => return Ok(false),
                Ok(read) => self.unread.end += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}
