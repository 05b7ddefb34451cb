//! Payload bytes as text that is safe to print, in one go: there is one in most of a million rows.

use super::text::{self, SPELLED, find, is_plain_byte, push_sanitised};

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
        while let Some(place) = find(rest, |byte| is_plain_byte(byte) & (byte != b'\\')) {
            let (plain, behind) = rest.split_at(place);
            out.extend_from_slice(plain);
            rest = push_remarkable(behind, is_utf8, out);
        }
        out.extend_from_slice(rest);
    }
}

/// How ASCII bytes are written, and how many bytes that takes: 0 for those that begin longer characters.
static WRITTEN: [([u8; 4], u8); 256] = {
    let mut written = [([0; 4], 0); 256];
    let mut byte = 0;
    while byte < 0x80 {
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

/// How many bytes at most are looked at one by one where one of them is remarkable, and after how many others there is
/// none near any more.
const NEAR: usize = 32;
const CALM: usize = 4;

/// Appends bytes of which the first is more than a character that can be seen, and tells which are left. Characters longer
/// than a byte there are where it is UTF-8.
fn push_remarkable<'b>(bytes: &'b [u8], is_utf8: bool, out: &mut Vec<u8>) -> &'b [u8] {
    let mut paper = [0; NEAR * 4 + 4];
    let (mut written, mut read, mut calm) = (0_usize, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(read).filter(|_| read < NEAR && calm < CALM) {
        let (text, count) = match WRITTEN[usize::from(byte)] {
            (_, 0) if is_utf8 && is_whole(&bytes[read..]) => break,
            (_, 0) => (SPELLED[usize::from(byte)], 4),
            known => known,
        };
        paper[written..written.saturating_add(4)].copy_from_slice(&text);
        calm = if count == 1 { calm.saturating_add(1) } else { 0 };
        written = written.saturating_add(count.into());
        read = read.saturating_add(1);
    }
    out.extend_from_slice(&paper[..written]);
    let rest = &bytes[read..];
    let character = rest.get(..rest.len().min(4)).filter(|_| is_utf8).and_then(first_character);
    let character = character.filter(|character| !character.is_ascii());
    let Some(character) = character else { return rest };
    push_sanitised(character.encode_utf8(&mut [0; 4]), out);
    rest.get(character.len_utf8()..).unwrap_or_default()
}

/// Whether bytes begin with a whole character.
fn is_whole(bytes: &[u8]) -> bool {
    let may_begin = matches!(bytes, [0xc2..=0xf4, 0x80..=0xbf, ..]);
    may_begin && first_character(&bytes[..bytes.len().min(4)]).is_some()
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
        let texts: [&[u8]; 8] = [
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
