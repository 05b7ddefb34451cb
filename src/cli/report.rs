//! Errors as people need them: what was being done, why it failed, and the next step as a command for this machine.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::OnceLock;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::exit::Exit;
use super::kernel;
use super::tcpdump_hints;
pub(super) use crate::engine::Failure;
use crate::render::text::sanitise;
use crate::source::SourceError;

/// Tells of a failure on standard error; a closed pipe is none.
pub(super) fn failure(failure: &Failure) -> Exit {
    if failure.is_closed_pipe() {
        return Exit::Done;
    }
    say(&failure.in_one_line());
    for advice in failure.advice() {
        line(&format!("  {advice}"));
    }
    failure.exit()
}

/// A line about something that went wrong without ending the work.
pub(super) fn say(message: &str) {
    line(&format!("layerscope: {message}"));
}

/// Help and version go to standard output and are no failure; anything else clap says is a usage error.
///
/// A flag that another program has and the verb has not is answered with what to type instead.
pub(super) fn usage(mut error: clap::Error, verb: &str) -> Exit {
    if let (ErrorKind::UnknownArgument, Some(ContextValue::String(flag))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
        && let Some(advice) = tcpdump_hints::advice(flag, verb)
    {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![advice.into()]));
    }
    if let (Some(ContextValue::String(option)), Some(ContextValue::String(value))) =
        (error.get(ContextKind::InvalidArg), error.get(ContextKind::InvalidValue))
        && let Some(advice) = tcpdump_hints::renamed(option, value)
    {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![advice.into()]));
    }
    if !error.use_stderr() && kernel::stdout_is_closed() {
        say("writing to standard output, which is closed");
        return Exit::Failed;
    }
    let said = error.render().to_string();
    if said.lines().any(|line| sanitise(line) != line) {
        said.lines().for_each(line);
    } else {
        // clap picks the stream; a closed pipe is nobody's fault.
        let _ = error.print();
    }
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}

/// The command that starts this very binary, as a person would type it.
pub(super) fn this_binary() -> String {
    // A confined process could not ask for it any more.
    static BINARY: OnceLock<String> = OnceLock::new();
    let path = || std::env::current_exe().unwrap_or_else(|_| PathBuf::from("layerscope"));
    BINARY.get_or_init(|| quoted(path().as_os_str())).clone()
}

/// This process's command line, with the whole path of the binary, as a person would type it.
pub(super) fn this_command() -> String {
    let words = std::env::args_os().skip(1).map(|word| quoted(&word));
    std::iter::once(this_binary()).chain(words).collect::<Vec<_>>().join(" ")
}

/// A word that a shell reads as this word, whatever it holds; safe to print.
pub(super) fn quoted(word: impl AsRef<OsStr>) -> String {
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

/// A line on standard error. Whatever names and words stand in it, it can neither steer a terminal nor become two lines.
pub(super) fn line(text: &str) {
    // Where standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "{}", sanitise(text));
}

/// The one of several names that was probably meant.
pub(super) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let likeness = |other: &str| strsim::jaro_winkler(name, other);
    let best = names.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.8).then_some(best)
}

/// Says what is wrong with a capture, and how that ends.
pub(super) fn tell(error: &SourceError) -> Exit {
    say(&error.to_string());
    Exit::after(error)
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
