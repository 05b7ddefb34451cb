//! The one buffer a savefile is read through.
//!
//! It knows no format. It grows only with bytes that have really arrived, so that no length field of a file decides an
//! allocation, and it never waits for more than it was asked for, so that a slow pipe is read packet by packet.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

use super::ahead::{Ahead, BLOCK, HEADROOM};

/// Where bytes come from.
enum Input {
    /// A capture of up to one block, read where its bytes are wanted.
    Direct(Box<dyn Read + Send>),
    /// A longer one, whose next blocks are read meanwhile.
    Ahead(Ahead),
}

pub(super) struct Window {
    input: Input,
    bytes: Vec<u8>,
    /// What was read and not yet taken.
    unread: Range<usize>,
    /// Where `unread` starts in the stream.
    offset: u64,
}

impl Window {
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { input: Input::Direct(reader), bytes: vec![0; HEADROOM + BLOCK], unread: 0..0, offset: 0 }
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
        if self.offset + self.unread.len() as u64 >= BLOCK as u64 {
            self.read_ahead()?;
        }
        while self.unread.len() < count {
            let more = match self.input {
                Input::Direct(_) => self.read()?,
                Input::Ahead(_) => self.next_block()?,
            };
            if !more {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Leaves reading to a thread from here on.
    fn read_ahead(&mut self) -> io::Result<()> {
        if let Input::Direct(reader) = &mut self.input {
            let reader = std::mem::replace(reader, Box::new(io::empty()));
            self.input = Input::Ahead(Ahead::start(reader)?);
        }
        Ok(())
    }

    /// Reads once behind what is unread, which moves to the front; `false` at the end.
    fn read(&mut self) -> io::Result<bool> {
        let Input::Direct(reader) = &mut self.input else { return Ok(false) };
        self.bytes.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        if self.unread.end == self.bytes.len() {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        loop {
            match reader.read(&mut self.bytes[self.unread.end..]) {
                Ok(read) => {
                    self.unread.end += read;
                    return Ok(read > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Goes on in the next block, what is unread copied before its content; `false` at the end.
    fn next_block(&mut self) -> io::Result<bool> {
        let Input::Ahead(ahead) = &mut self.input else { return Ok(false) };
        let Some(mut block) = ahead.next()? else { return Ok(false) };
        let left = self.unread.len();
        if left <= HEADROOM {
            let start = HEADROOM - left;
            block.bytes[start..HEADROOM].copy_from_slice(&self.bytes[self.unread.clone()]);
            self.unread = start..block.end;
            ahead.recycle(std::mem::replace(&mut self.bytes, block.bytes));
        } else {
            // A packet larger than any link has: its bytes are gathered here instead.
            self.bytes.truncate(self.unread.end);
            self.bytes.drain(..self.unread.start);
            self.bytes.extend_from_slice(&block.bytes[HEADROOM..block.end]);
            self.unread = 0..self.bytes.len();
            ahead.recycle(block.bytes);
        }
        Ok(true)
    }
}
