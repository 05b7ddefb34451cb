//! JSON put together in memory, without a tree and without the formatting machinery: there are hundreds of values in a
//! packet's object.

use crate::model::Timestamp;
use crate::render::pen::{append, push_number};
use crate::render::text;
use crate::render::time::write_epoch;

/// Appends a comma, but for the first in its brackets.
#[inline]
pub(super) fn separate(out: &mut Vec<u8>) {
    let is_first = matches!(out.last(), Some(b'[' | b'{'));
    out.extend((!is_first).then_some(b','));
}

/// Appends the key of a member, which needs no care.
#[inline]
pub(super) fn push_key(key: &str, out: &mut Vec<u8>) {
    separate(out);
    out.push(b'"');
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Appends a number, null where there is none.
#[inline]
pub(super) fn push_count(number: Option<impl Into<u64>>, out: &mut Vec<u8>) {
    match number {
        Some(number) => push_number(number.into(), out),
        None => out.extend_from_slice(b"null"),
    }
}

pub(super) fn push_flag(flag: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if flag { b"true" } else { b"false" });
}

/// Appends what is plain text in quotes.
#[inline]
pub(super) fn push_quoted(push: impl FnOnce(&mut Vec<u8>), out: &mut Vec<u8>) {
    out.push(b'"');
    push(out);
    out.push(b'"');
}

/// Appends a moment as text, null where there is none.
pub(super) fn push_moment(time: Option<Timestamp>, out: &mut Vec<u8>) {
    match time {
        Some(time) => push_quoted(|out| append(out, |pen| write_epoch(time, pen)), out),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends a text of any kind: what [`text::sanitise`] would spell out is escaped, as [`Harmless`](super::Harmless) has
/// it.
pub(super) fn push_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text;
    let is_plain = |byte| matches!(byte, b' '..=b'~') & (byte != b'\\') & (byte != b'"');
    while let Some(place) = text::find(rest.as_bytes(), is_plain) {
        let (before, behind) = rest.split_at(place);
        out.extend_from_slice(before.as_bytes());
        let mut characters = behind.chars();
        if let Some(character) = characters.next() {
            push_character(character, out);
        }
        rest = characters.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    out.push(b'"');
}

fn push_character(character: char, out: &mut Vec<u8>) {
    match character {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        '\u{8}' => out.extend_from_slice(b"\\b"),
        '\u{c}' => out.extend_from_slice(b"\\f"),
        harmless if text::is_harmless(harmless) => {
            out.extend_from_slice(harmless.encode_utf8(&mut [0; 4]).as_bytes());
        }
        other => other.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
            out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_the_serializer() {
        for text in
            ["", "plain", "\"\\\n\r\t\u{8}\u{c}\0\u{1b}", "\u{7f}\u{9b}31m\u{202e}", "你好 \u{e0041}é", "a\u{301}"]
        {
            let (mut pushed, mut written) = (Vec::new(), Vec::new());
            push_text(text, &mut pushed);
            super::super::write_value(&text, &mut written).unwrap();
            assert_eq!(String::from_utf8(pushed).unwrap(), String::from_utf8(written).unwrap());
        }
    }
}
