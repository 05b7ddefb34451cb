//! The one sanitiser: text and bytes from packets, made harmless for a terminal, and measured in its columns.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// Text with everything that could steer a terminal or deceive its reader spelled out: control characters, escape
/// sequences, direction overrides, invisible and unassigned-width characters.
#[must_use]
pub fn sanitise(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    sanitise_parts(text, |part| clean.push_str(part));
    clean
}

/// Appends text as [`sanitise`] has it.
pub(super) fn push_sanitised(text: &str, clean: &mut Vec<u8>) {
    sanitise_parts(text, |part| clean.extend_from_slice(part.as_bytes()));
}

fn sanitise_parts(text: &str, mut push: impl FnMut(&str)) {
    let mut rest = text;
    loop {
        // Most text is ASCII that can be seen.
        let plain = find(rest.as_bytes(), is_plain_byte).unwrap_or(rest.len());
        let (seen, behind) = rest.split_at(plain);
        push(seen);
        let mut characters = behind.chars();
        match characters.next() {
            None => return,
            Some('\n') => push("\\n"),
            Some('\r') => push("\\r"),
            Some('\t') => push("\\t"),
            Some(control @ ('\0'..='\x1f' | '\x7f')) => push(spelled(control as u8)),
            Some(liar) if deceives(liar) => push(&format!("\\u{{{:x}}}", u32::from(liar))),
            Some(honest) => push(honest.encode_utf8(&mut [0; 4])),
        }
        rest = characters.as_str();
    }
}

/// How each byte is spelled.
pub(super) const SPELLED: [[u8; 4]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut spelled = [*b"\\x00"; 256];
    let mut byte = 0;
    while byte < spelled.len() {
        spelled[byte][2] = DIGITS[byte >> 4];
        spelled[byte][3] = DIGITS[byte & 0xf];
        byte += 1;
    }
    spelled
};

/// `\x1b`
fn spelled(byte: u8) -> &'static str {
    static SPELLED: [[u8; 4]; 256] = self::SPELLED;
    str::from_utf8(&SPELLED[usize::from(byte)]).unwrap_or_default()
}

pub(super) const fn is_plain_byte(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// The place of the first byte that is more than `is_plain` says. Without a way out in the middle, many bytes are looked at
/// in one go: it has to be put together with `&`, or every byte takes its turn.
#[inline(always)]
pub(super) fn find(bytes: &[u8], is_plain: impl Fn(u8) -> bool) -> Option<usize> {
    let large = plain_bytes::<32>(bytes, &is_plain);
    let small = plain_bytes::<8>(&bytes[large..], &is_plain);
    let behind = large.saturating_add(small);
    bytes[behind..].iter().position(|byte| !is_plain(*byte)).map(|place| behind.saturating_add(place))
}

/// How many bytes stand in chunks of which all are plain, up to the first other.
#[inline(always)]
fn plain_bytes<const N: usize>(bytes: &[u8], is_plain: impl Fn(u8) -> bool) -> usize {
    let (chunks, _) = bytes.as_chunks::<N>();
    let is_other = |chunk: &[u8; N]| !chunk.iter().fold(true, |plain, byte| plain & is_plain(*byte));
    chunks.iter().position(is_other).unwrap_or(chunks.len()).saturating_mul(N)
}

/// Whether the text is ASCII that can be seen.
pub(super) fn is_plain(text: &[u8]) -> bool {
    // Without a way out in the middle, many bytes are looked at in one go.
    text.iter().fold(true, |plain, byte| plain & is_plain_byte(*byte))
}

/// Text that was put together as bytes.
pub(super) fn of(bytes: &[u8]) -> Cow<'_, str> {
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Whether a character can be shown as it is.
pub(super) fn is_harmless(character: char) -> bool {
    !character.is_ascii_control() && !deceives(character)
}

/// Characters that are not what they look like: C1 controls, direction marks and overrides, joiners, separators, private
/// use, anything that takes no column of its own.
fn deceives(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{10ffff}')
        || character.width().unwrap_or(0) == 0 && !character.is_ascii()
}

/// Payload bytes as text: UTF-8 where it is UTF-8, else ASCII and `\x..`. Of other encodings single characters may look like
/// UTF-8 by chance; half a text would be worse than none.
#[must_use]
pub fn utf8_or_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_add(bytes.len() / 8));
    if let Ok(valid) = str::from_utf8(bytes) {
        push_escaped(&mut text, valid);
        return text;
    }
    let is_utf8 = is_utf8(bytes);
    for chunk in bytes.utf8_chunks() {
        match chunk.valid() {
            valid if is_utf8 => push_escaped(&mut text, valid),
            valid => push_ascii(&mut text, valid),
        }
        chunk.invalid().iter().for_each(|byte| text.push_str(spelled(*byte)));
    }
    text
}

/// Whether bytes are UTF-8: all of them, or all but a character cut at either end, where more of others are whole.
pub(super) fn is_utf8(bytes: &[u8]) -> bool {
    const LONGEST: usize = 3;
    if str::from_utf8(bytes).is_ok() {
        return true;
    }
    let before = bytes.iter().take(LONGEST).take_while(|byte| matches!(byte, 0x80..=0xbf)).count();
    let rest = &bytes[before..];
    let (whole, cut) = match str::from_utf8(rest) {
        Ok(whole) => (whole, 0),
        // What ends too early has no length of an error.
        Err(error) if error.error_len().is_none() => {
            let (whole, cut) = rest.split_at(error.valid_up_to());
            (str::from_utf8(whole).unwrap_or_default(), cut.len())
        }
        Err(_) => return false,
    };
    whole.chars().filter(|character| !character.is_ascii()).count() > before.saturating_add(cut)
}

/// Appends text with every character that is not ASCII as its bytes.
fn push_ascii(escaped: &mut String, text: &str) {
    for character in text.chars() {
        let mut bytes = [0; 4];
        match character.encode_utf8(&mut bytes) {
            ascii if ascii.is_ascii() => push_escaped(escaped, ascii),
            other => other.bytes().for_each(|byte| escaped.push_str(spelled(byte))),
        }
    }
}

/// Text with its backslashes doubled: what the sanitiser writes as `\n` is told from a backslash and an n.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(&mut escaped, text);
    escaped
}

fn push_escaped(escaped: &mut String, text: &str) {
    let mut rest = text;
    while let Some(place) = find(rest.as_bytes(), |byte| byte != b'\\') {
        let (before, behind) = rest.split_at(place);
        escaped.push_str(before);
        escaped.push_str("\\\\");
        rest = behind.get(1..).unwrap_or_default();
    }
    escaped.push_str(rest);
}

/// How many columns the text takes on a terminal.
#[must_use]
pub fn width(text: &str) -> usize {
    width_of(text.as_bytes())
}

/// The same of text that was put together as bytes.
pub(super) fn width_of(bytes: &[u8]) -> usize {
    if is_plain(bytes) { bytes.len() } else { of(bytes).chars().map(columns_of).sum() }
}

/// The width of what is safe to print.
#[inline]
pub(super) fn width_of_harmless(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    known_width(bytes).unwrap_or_else(|| width_of(bytes))
}

/// Whether what is safe to print surely takes more than so many columns: each of its characters takes one or more.
pub(super) fn is_surely_wider(bytes: &[u8], columns: usize) -> bool {
    let begins = |byte: &&u8| !matches!(byte, 0x80..=0xbf);
    bytes.len() > columns && bytes.iter().filter(begins).count() > columns
}

/// The width of what is safe to print and holds nothing but ASCII and what tables are full of.
fn known_width(bytes: &[u8]) -> Option<usize> {
    let (mut width, mut rest) = (0_usize, bytes);
    while let Some(place) = rest.iter().position(|byte| !byte.is_ascii()) {
        rest = match &rest[place..] {
            // An arrow, a dash, an ellipsis.
            [0xe2, 0x86, 0x92, behind @ ..] | [0xe2, 0x80, 0x93 | 0xa6, behind @ ..] => behind,
            _ => return None,
        };
        width = width.saturating_add(place).saturating_add(1);
    }
    Some(width.saturating_add(rest.len()))
}

/// Appends a cell with blanks behind it, or before it where it stands `at_right`, up to so many columns.
pub(super) fn push_padded(cell: &[u8], columns: usize, at_right: bool, out: &mut Vec<u8>) {
    let blank = columns.saturating_sub(width_of(cell));
    let (before, behind) = if at_right { (blank, 0) } else { (0, blank) };
    out.extend(std::iter::repeat_n(b' ', before));
    out.extend_from_slice(cell);
    out.extend(std::iter::repeat_n(b' ', behind));
}

/// Appends blanks.
#[inline]
pub(super) fn push_blanks(count: usize, out: &mut Vec<u8>) {
    const FEW: usize = 32;
    let end = out.len().saturating_add(count);
    if count <= FEW {
        // So many at once are one instruction or two.
        out.extend_from_slice(&[b' '; FEW]);
        out.truncate(end);
    } else {
        out.resize(end, b' ');
    }
}

/// Appends a cell that is wider than its `columns`, cut to exactly these.
pub(super) fn push_fitted(cell: &[u8], columns: usize, ellipsis: &str, out: &mut Vec<u8>) {
    let room = columns.checked_sub(width(ellipsis));
    match room.and_then(|room| cell.get(..room)).filter(|kept| is_plain(kept)) {
        Some(kept) => {
            out.extend_from_slice(kept);
            out.extend_from_slice(ellipsis.as_bytes());
        }
        None => {
            let fitted = fit(&of(cell), columns, ellipsis);
            push_padded(fitted.as_bytes(), columns, false, out);
        }
    }
}

/// How many columns a character takes on a terminal, which does not look at its neighbours.
fn columns_of(character: char) -> usize {
    // The arrow and the dash are what tables are full of.
    if matches!(character, ' '..='~' | '→' | '–' | '…') { 1 } else { character.width().unwrap_or(0) }
}

/// The text, cut to `columns` with `ellipsis` at its end where it is longer.
#[must_use]
pub fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    if head(text, columns).len() == text.len() {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width(ellipsis));
    let mut kept = head(text, room).to_owned();
    if columns >= width(ellipsis) {
        kept.push_str(ellipsis);
    }
    kept
}

/// The longest beginning of the text that takes at most `columns`.
#[must_use]
pub fn head(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    for (at, character) in text.char_indices() {
        taken = columns_of(character).saturating_add(taken);
        if taken > columns {
            return &text[..at];
        }
    }
    text
}

/// How many columns cells of these widths take side by side, with `gap` between two.
pub(super) fn across(widths: impl Iterator<Item = usize>, gap: usize) -> usize {
    widths.fold(0, |all: usize, width| all.saturating_add(width).saturating_add(gap)).saturating_sub(gap)
}

/// Takes the blanks away at the end of a line that begins at `start`.
pub(super) fn trim_end(out: &mut Vec<u8>, start: usize) {
    let kept = out[start..].trim_ascii_end().len();
    out.truncate(start.saturating_add(kept));
}

/// The text in exactly `columns`, filled up on its right.
#[must_use]
pub fn pad(text: &str, columns: usize, ellipsis: &str) -> String {
    let mut padded = fit(text, columns, ellipsis);
    padded.extend(std::iter::repeat_n(' ', columns.saturating_sub(width(&padded))));
    padded
}

/// The text in exactly `columns`, filled up on its left.
#[must_use]
pub fn pad_left(text: &str, columns: usize, ellipsis: &str) -> String {
    let text = fit(text, columns, ellipsis);
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(&text))))
}

/// The text broken at spaces into lines of at most `columns` (a longer word stands alone).
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    wrap_at(&words, " ", columns)
}

/// The text in lines of at most `columns`, all of it: broken behind a space where there is one in a line's second half.
#[must_use]
pub fn wrap_hard(text: &str, columns: usize) -> Vec<String> {
    let (mut lines, mut rest) = (Vec::new(), text);
    while width(rest) > columns {
        let line = head(rest, columns);
        let at = line.rfind(' ').map(|at| at.saturating_add(1)).filter(|at| *at > line.len() / 2).unwrap_or(line.len());
        // A character that is wider than the line stands there nevertheless.
        let at = if at == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { at };
        let (line, after) = rest.split_at(at);
        lines.push(line.to_owned());
        rest = after;
    }
    if !rest.is_empty() || lines.is_empty() {
        lines.push(rest.to_owned());
    }
    lines
}

/// The items in lines of at most `columns`, `separator` between those that share one (a longer item stands alone).
#[must_use]
pub fn wrap_at(items: &[String], separator: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines
            .last_mut()
            .filter(|line| across([width(line), width(item)].into_iter(), width(separator)) <= columns)
        {
            Some(line) => {
                line.push_str(separator);
                line.push_str(item);
            }
            None => lines.push(item.clone()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_sequence_is_spelled_out() {
        assert_eq!(sanitise("\x1b[2J\x1b]0;owned\x07"), "\\x1b[2J\\x1b]0;owned\\x07");
    }

    #[test]
    fn a_c1_control_sequence_introducer_is_spelled_out() {
        assert_eq!(sanitise("\u{9b}31m"), "\\u{9b}31m");
    }

    #[test]
    fn a_carriage_return_cannot_overwrite_the_line() {
        assert_eq!(sanitise("good\rbad\n"), "good\\rbad\\n");
    }

    #[test]
    fn a_direction_override_cannot_turn_the_line_round() {
        assert_eq!(sanitise("a\u{202e}b\u{2066}c\u{200f}"), "a\\u{202e}b\\u{2066}c\\u{200f}");
    }

    #[test]
    fn what_takes_no_column_is_spelled_out() {
        assert_eq!(sanitise("e\u{301}\u{200b}\u{feff}"), "e\\u{301}\\u{200b}\\u{feff}");
    }

    #[test]
    fn private_use_and_tag_characters_are_spelled_out() {
        assert_eq!(sanitise("\u{e0b0}\u{e0041}"), "\\u{e0b0}\\u{e0041}");
    }

    #[test]
    fn honest_text_of_any_script_stays() {
        for text in ["hello, world", "你好", "Grüße", "😀", "שלום"] {
            assert_eq!(sanitise(text), text);
        }
    }

    #[test]
    fn broken_utf8_shows_its_bytes() {
        assert_eq!(utf8_or_hex(b"a\xffb\xc4\xe3"), "a\\xffb\\xc4\\xe3");
    }

    /// In GBK `好服` has the bytes of `÷` in its middle.
    #[test]
    fn no_half_of_a_text_in_another_encoding_is_shown() {
        assert_eq!(utf8_or_hex(b"\xba\xc3\xb7\xfe"), "\\xba\\xc3\\xb7\\xfe");
        assert_eq!(utf8_or_hex(b"ok \xc3\xb7\xfe\\"), "ok \\xc3\\xb7\\xfe\\\\");
        assert_eq!(utf8_or_hex(b"\xba\xc3\xb7"), "\\xba\\xc3\\xb7");
    }

    #[test]
    fn a_text_that_is_cut_is_shown_but_for_the_ends() {
        let text = "你好吗，朋友".as_bytes();
        assert_eq!(utf8_or_hex(&text[1..]), "\\xbd\\xa0好吗，朋友");
        assert_eq!(utf8_or_hex(&text[..text.len() - 1]), "你好吗，朋\\xe5\\x8f");
    }

    #[test]
    fn a_backslash_is_told_from_what_the_sanitiser_writes() {
        assert_eq!(sanitise(&utf8_or_hex(b"a\nb")), "a\\nb");
        assert_eq!(sanitise(&utf8_or_hex(b"a\\nb")), "a\\\\nb");
    }

    #[test]
    fn the_width_of_text_is_that_of_its_characters() {
        for text in ["a → b", "–", "…x", "你 → ", "é→"] {
            assert_eq!(width_of_harmless(text.as_bytes()), text.chars().map(columns_of).sum::<usize>(), "{text:?}");
        }
    }

    #[test]
    fn wrapping_loses_nothing_and_ends() {
        assert_eq!(wrap_hard("0xfe2d  not filled in", 12), ["0xfe2d  not ", "filled in"]);
        assert_eq!(wrap_hard("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap_hard("你好", 1), ["你", "好"]);
        assert_eq!(wrap_hard("ab", 0), ["a", "b"]);
        assert_eq!(wrap_hard("", 5), [""]);
    }

    #[test]
    fn wide_characters_are_never_cut_in_half() {
        assert_eq!(fit("你好吗", 5, "…"), "你好…");
        assert_eq!(fit("你好吗", 4, "…"), "你…");
        assert_eq!(pad("你好吗", 4, "…"), "你… ");
        assert_eq!(fit("abc", 0, "…"), "");
    }
}
