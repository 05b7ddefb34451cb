//! The one sanitiser: text and bytes from packets, made harmless for a terminal, and measured in its columns.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Text with everything that could steer a terminal or deceive its reader spelled out: control characters, escape
/// sequences, direction overrides, invisible and unassigned-width characters.
#[must_use]
pub fn sanitise(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => clean.push_str("\\n"),
            '\r' => clean.push_str("\\r"),
            '\t' => clean.push_str("\\t"),
            '\0'..='\x1f' | '\x7f' => {
                let _ = write!(clean, "\\x{:02x}", u32::from(character));
            }
            _ if deceives(character) => {
                let _ = write!(clean, "\\u{{{:x}}}", u32::from(character));
            }
            _ => clean.push(character),
        }
    }
    clean
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

/// Payload bytes as text: UTF-8 where it is UTF-8, `\x..` where it is not.
#[must_use]
pub fn utf8_or_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        push_escaped(&mut text, chunk.valid());
        for byte in chunk.invalid() {
            text.push_str("\\x");
            text.extend([byte >> 4, byte & 0xf].map(|digit| char::from(DIGITS[usize::from(digit)])));
        }
    }
    text
}

/// Text with its backslashes doubled: what the sanitiser writes as `\n` is told from a backslash and an n.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(&mut escaped, text);
    escaped
}

fn push_escaped(escaped: &mut String, text: &str) {
    for character in text.chars() {
        if character == '\\' {
            escaped.push('\\');
        }
        escaped.push(character);
    }
}

/// How many columns the text takes on a terminal.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text, cut to `columns` with `ellipsis` at its end where it is longer.
#[must_use]
pub fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
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
        taken += character.width().unwrap_or(0);
        if taken > columns {
            return &text[..at];
        }
    }
    text
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
        let at = line.rfind(' ').map(|at| at + 1).filter(|at| *at > line.len() / 2).unwrap_or(line.len());
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
        match lines.last_mut().filter(|line| width(line) + width(separator) + width(item) <= columns) {
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

    #[test]
    fn a_backslash_is_told_from_what_the_sanitiser_writes() {
        assert_eq!(sanitise(&utf8_or_hex(b"a\nb")), "a\\nb");
        assert_eq!(sanitise(&utf8_or_hex(b"a\\nb")), "a\\\\nb");
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
