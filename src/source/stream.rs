//! Where a savefile's bytes come from: a plain file, parts of which threads may read beside each other, or anything else
//! that is read front to back.
#![expect(clippy::arithmetic_side_effects, reason = "places in a file and in a buffer, of bytes that were read")]

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::record::largest_packet;
use crate::model::LinkType;

/// How many bytes of a batch are read at once: what fits in a core's cache together with what is made of it.
pub(super) const BLOCK: usize = 1 << 19;

/// How many are read at once where nobody asked for a batch: at least the file's header.
pub(super) const START: usize = 1 << 16;

/// The room before a part in its buffer, for the packet that begins before it and ends in it.
const FRONT: usize = largest_packet(LinkType::ETHERNET) as usize + 64;

/// Copying out of the page cache can take more than twice as long unless a byte has the same place in its page before and
/// after it.
const PAGE: usize = 4096;

/// What a buffer for a part needs.
pub(super) const ROOM: usize = FRONT + BLOCK + 2 * PAGE;

pub(super) enum Stream {
    File(PlainFile),
    Reader(Box<dyn Read + Send>),
}

/// A file that can be read at any place.
pub(super) struct PlainFile {
    file: Arc<File>,
    /// The next byte.
    offset: u64,
    /// Where the parts end that were given out; 0 where there are none.
    given: u64,
    /// Whether a part was not what came next.
    lost: bool,
}

/// A part of a savefile, in which nobody knows yet where packets begin: for one thread to read while others read others.
pub struct Part {
    file: Arc<File>,
    offset: u64,
}

/// A part that was read.
pub(super) struct ReadPart {
    part: Part,
    /// Its place in the buffer.
    place: Range<usize>,
}

impl Stream {
    /// A file from its beginning.
    pub(super) const fn plain(file: Arc<File>) -> Self {
        Self::File(PlainFile { file, offset: 0, given: 0, lost: false })
    }

    /// The same stream before the bytes that were read from it last.
    pub(super) fn before(self, bytes: Vec<u8>) -> Self {
        match self {
            Self::File(file) => Self::File(PlainFile { offset: file.offset - bytes.len() as u64, ..file }),
            Self::Reader(reader) => Self::Reader(Box::new(Cursor::new(bytes).chain(reader))),
        }
    }

    /// The next part that nobody reads yet; `None` where only this stream can tell what comes next.
    pub(super) fn part(&mut self) -> Option<Part> {
        let Self::File(plain) = self else { return None };
        if plain.lost {
            return None;
        }
        let offset = plain.given.max(plain.offset);
        plain.given = offset + BLOCK as u64;
        Some(Part { file: Arc::clone(&plain.file), offset })
    }

    /// Steps over a part that was read, and gives the place in its buffer of what had still to be read of the stream;
    /// `None` where that is not in it, or not with room for `before` bytes before it.
    pub(super) fn step_over(&mut self, read: &ReadPart, before: usize) -> Option<Range<usize>> {
        let ReadPart { part, place } = read;
        let Self::File(plain) = self else { return None };
        if !Arc::ptr_eq(&plain.file, &part.file) {
            return None;
        }
        let known = plain.offset.checked_sub(part.offset).and_then(|known| usize::try_from(known).ok());
        let Some(known) = known.filter(|&known| known <= place.len() && before <= place.start + known) else {
            // The file grows, or has a block larger than any packet.
            (plain.lost, plain.given) = (true, 0);
            return None;
        };
        plain.offset = part.offset + place.len() as u64;
        Some(place.start + known..place.end)
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Reader(reader) => reader.read(bytes),
            Self::File(plain) => {
                // What parts that were given out hold would be read twice.
                let most = if plain.given > plain.offset { bytes.len().min(START) } else { bytes.len() };
                let read = plain.file.read_at(&mut bytes[..most], plain.offset)?;
                plain.offset += read as u64;
                Ok(read)
            }
        }
    }
}

impl Part {
    /// Reads it into a buffer. What cannot be read is left to be read in order, where it is told why.
    pub(super) fn read(self, bytes: &mut Vec<u8>) -> ReadPart {
        if bytes.len() < ROOM {
            // Not enlarged: that would touch the room at the front, which is rarely needed.
            *bytes = vec![0; ROOM];
        }
        let page = FRONT + bytes[FRONT..].as_ptr().align_offset(PAGE).min(PAGE);
        let start = page + self.offset as usize % PAGE;
        let read = self.file.read_at(&mut bytes[start..start + BLOCK], self.offset).unwrap_or(0);
        ReadPart { part: self, place: start..start + read }
    }
}
