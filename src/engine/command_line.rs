//! Command lines as a person would type them: this process's own, and words that a shell reads as they are.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::render::text::sanitise;

/// The command that starts this very binary, as a person would type it.
pub(crate) fn this_binary() -> String {
    // A confined process could not ask for it any more.
    static BINARY: OnceLock<String> = OnceLock::new();
    let path = || std::env::current_exe().unwrap_or_else(|_| PathBuf::from("layerscope"));
    BINARY.get_or_init(|| quoted(path().as_os_str())).clone()
}

/// This process's command line, with the whole path of the binary, as a person would type it.
pub(crate) fn this_command() -> String {
    let words = std::env::args_os().skip(1).map(|word| quoted(&word));
    std::iter::once(this_binary()).chain(words).collect::<Vec<_>>().join(" ")
}

/// A word that a shell reads as this word, whatever it holds; safe to print.
pub(crate) fn quoted(word: impl AsRef<OsStr>) -> String {
    let word = word.as_ref();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    match word.to_str() {
        Some(word) if !word.is_empty() && word.chars().all(is_plain) => word.to_owned(),
        Some(word) if sanitise(word) == word => format!("'{}'", word.replace('\'', "'\\''")),
        _ => spelled(word),
    }
}

/// `$'\033[2J'`, as POSIX.1-2024 has it and bash, zsh and ksh have had it before.
fn spelled(word: &OsStr) -> String {
    let mut text = String::from("$'");
    for chunk in word.as_bytes().utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\'' | '\\' => text.extend(['\\', character]),
                honest if sanitise(honest.encode_utf8(&mut [0; 4])) == honest.to_string() => text.push(honest),
                liar => text.extend(liar.encode_utf8(&mut [0; 4]).bytes().map(octal)),
            }
        }
        text.extend(chunk.invalid().iter().map(|byte| octal(*byte)));
    }
    text + "'"
}

fn octal(byte: u8) -> String {
    format!("\\{byte:03o}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_read_it_otherwise() {
        let words = ["--bind", "[::1]:8888", "", "it's", "a b", "$HOME"].map(quoted);
        assert_eq!(words, ["--bind", "'[::1]:8888'", "''", "'it'\\''s'", "'a b'", "'$HOME'"]);
    }

    #[test]
    fn a_word_that_cannot_be_shown_is_spelled_out_for_the_shell() {
        assert_eq!(quoted("a\x1b[2J'\\\u{202e}"), r"$'a\033[2J\'\\\342\200\256'");
        assert_eq!(quoted(OsStr::from_bytes(b"\xff\n\xc3\xa4")), "$'\\377\\012ä'");
    }
}
