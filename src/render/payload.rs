//! Payload bytes as text that is safe to print, in one go: there is one in most of a million rows.

use super::text::{self, SPELLED, is_plain_byte, push_sanitised};

/// How payload bytes are read as text.
pub trait ReadText: Sync {
    /// The text.
    fn read(&self, bytes: &[u8]) -> String;

    /// Appends the text as [`text::sanitise`] has it.
    fn push_harmless(&self, bytes: &[u8], out: &mut Vec<u8>) {
        push_sanitised(&self.read(bytes), out);
    }
}

impl<F: Fn(&[u8]) -> String + Sync> ReadText for F {
    fn read(&self, bytes: &[u8]) -> String {
        self(bytes)
    }
}

/// Reads bytes as [`text::utf8_or_hex`] does.
#[derive(Clone, Copy, Debug)]
pub struct Utf8OrHex;

impl ReadText for Utf8OrHex {
    fn read(&self, bytes: &[u8]) -> String {
        text::utf8_or_hex(bytes)
    }

    fn push_harmless(&self, bytes: &[u8], out: &mut Vec<u8>) {
        let is_utf8 = text::is_utf8(bytes);
        let mut rest = bytes;
        while !rest.is_empty() {
            let start = out.len();
            out.resize(start.saturating_add(ROOM), 0);
            let (read, written) = match out.last_chunk_mut() {
                Some(paper) => write_part(rest, is_utf8, paper),
                None => (rest.len(), 0),
            };
            out.truncate(start.saturating_add(written));
            rest = rest.get(read..).unwrap_or_default();
        }
    }
}

/// How bytes are written that are no part of a longer character, and how many bytes that takes.
static WRITTEN: [([u8; 4], u8); 256] = {
    let mut written = [([0; 4], 0); 256];
    let mut byte = 0;
    while byte < written.len() {
        written[byte] = match byte as u8 {
            b'\n' => (*b"\\n  ", 2),
            b'\r' => (*b"\\r  ", 2),
            b'\t' => (*b"\\t  ", 2),
            b'\\' => (*b"\\\\  ", 2),
            plain @ b' '..=b'~' => ([plain, 0, 0, 0], 1),
            _ => (SPELLED[byte], 4),
        };
        byte += 1;
    }
    written
};

/// How many bytes are looked at in one go: in text, and near what is written otherwise.
const LARGE: usize = 32;
const BLOCK: usize = 8;

/// How many bytes are read before room is made for more, and the room they need at most: each is written with four bytes
/// or fewer, and the last block and its last character may go beyond.
const PART: usize = 256;
const ROOM: usize = (PART + LARGE) * 4;

/// Writes the beginning of the bytes, and tells how many were read and written.
fn write_part(bytes: &[u8], is_utf8: bool, paper: &mut [u8; ROOM]) -> (usize, usize) {
    let (mut read, mut written) = (0_usize, 0_usize);
    while read < bytes.len().min(PART) {
        let rest = &bytes[read..];
        let paper = &mut paper[written..];
        let (more_read, more_written) = write_plain::<LARGE>(rest, paper)
            .or_else(|| write_plain::<BLOCK>(rest, paper))
            .unwrap_or_else(|| write_block(rest, is_utf8, paper));
        read = read.saturating_add(more_read);
        written = written.saturating_add(more_written);
    }
    (read, written)
}

/// Writes a block of bytes that are all written as they are.
#[inline(always)]
fn write_plain<const N: usize>(bytes: &[u8], paper: &mut [u8]) -> Option<(usize, usize)> {
    // Without a way out in the middle, all of it is looked at in one go.
    let are_plain =
        |block: &&[u8; N]| block.iter().fold(true, |plain, byte| plain & is_plain_byte(*byte) & (*byte != b'\\'));
    let block = bytes.first_chunk::<N>().filter(are_plain)?;
    *paper.first_chunk_mut()? = *block;
    Some((N, N))
}

/// Writes a block of bytes one by one, its last character in whole; longer characters there are where it is UTF-8.
#[inline]
fn write_block(bytes: &[u8], is_utf8: bool, paper: &mut [u8]) -> (usize, usize) {
    let (mut read, mut written) = (0_usize, 0_usize);
    while let Some(&byte) = bytes.get(read).filter(|_| read < BLOCK) {
        let next = bytes.get(read.saturating_add(1)).copied().unwrap_or_default();
        if is_utf8
            && matches!(byte, 0xc2..=0xf4)
            && matches!(next, 0x80..=0xbf)
            && let Some(character) = whole_character(&bytes[read..])
        {
            written = written.saturating_add(write_character(character, &mut paper[written..]));
            read = read.saturating_add(character.len_utf8());
            continue;
        }
        let (text, count) = WRITTEN[usize::from(byte)];
        paper[written..written.saturating_add(4)].copy_from_slice(&text);
        written = written.saturating_add(count.into());
        read = read.saturating_add(1);
    }
    (read, written)
}

/// Writes a character, or what is written in its place, and tells how many bytes that are.
fn write_character(character: char, paper: &mut [u8]) -> usize {
    if text::is_harmless(character) {
        return character.encode_utf8(paper).len();
    }
    let spelled = text::sanitise(character.encode_utf8(&mut [0; 4]));
    paper[..spelled.len()].copy_from_slice(spelled.as_bytes());
    spelled.len()
}

/// The character that bytes begin with, where it is longer than a byte and all of it is there.
#[inline]
fn whole_character(bytes: &[u8]) -> Option<char> {
    match *bytes {
        [lead @ 0xc2..=0xdf, more @ 0x80..=0xbf, ..] => {
            char::from_u32(u32::from(lead & 0x1f) << 6 | u32::from(more & 0x3f))
        }
        [0xe0..=0xf4, 0x80..=0xbf, ..] => first_character(&bytes[..bytes.len().min(4)]),
        _ => None,
    }
}

fn first_character(bytes: &[u8]) -> Option<char> {
    let valid = match str::from_utf8(bytes) {
        Ok(valid) => valid,
        Err(error) => str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?,
    };
    valid.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_at_once_is_what_is_read_in_turn() {
        let long = "ab\u{e4}\u{4f60}\u{202e}\n".repeat(20);
        let cut = &long.as_bytes()[..long.len() - 3];
        let random: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        // What is written with the most bytes, and characters that begin before the end of a part.
        let (invalid, spelt, straddling) =
            ([0xff; 600], "\u{10ffff}".repeat(100), format!("abc{}", "\u{1f600}".repeat(100)));
        let texts: [&[u8]; 11] = [
            &invalid,
            spelt.as_bytes(),
            straddling.as_bytes(),
            b"",
            b"plain",
            b"a\\b\0\x1b\x7f\xff",
            long.as_bytes(),
            cut,
            &random,
            b"\xe4\xb8\xe4\xb8\xad",
            b"\xed\xa0\x80",
        ];
        for bytes in texts {
            for start in 0..bytes.len().min(40) {
                let mut pushed = Vec::new();
                Utf8OrHex.push_harmless(&bytes[start..], &mut pushed);
                assert_eq!(String::from_utf8(pushed).unwrap(), text::sanitise(&text::utf8_or_hex(&bytes[start..])));
            }
        }
    }
}
