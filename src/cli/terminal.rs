//! What the terminal (or its absence) can show.

use std::env;
use std::io::{self, IsTerminal};

use rustix::termios::tcgetwinsize;

use super::args::{ColorChoice, LookArgs};
use super::report::Failure;
use crate::engine::saved_encoding::SavedEncoding;
use crate::lab::Encoding;
use crate::render::{ReadText, Style, Utf8OrHex, text};
use crate::words::Language;

/// The width where nothing says another.
const WIDTH: usize = 120;

/// The height where the terminal does not know its own.
const LINES: usize = 24;

/// How output on standard output should look.
pub(super) fn style(look: &LookArgs) -> Style {
    let dumb = is_dumb();
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let color = match look.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => io::stdout().is_terminal() && !dumb && !no_color,
    };
    Style { color, ascii: look.ascii || dumb, width: width(), language: Language::En }
}

/// How a table in a message on standard error should look: never coloured, and as wide as the output would be.
pub(super) fn style_of_errors() -> Style {
    // Such lines are set off by two blanks.
    Style { color: false, ascii: is_dumb(), width: width().saturating_sub(2), language: Language::En }
}

fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Refuses a wish for colour where there will be none; `has_color` says whether there can be, `formats` where.
///
/// # Errors
///
/// There will be none.
pub(super) fn check_color(look: &LookArgs, has_color: bool, formats: &str) -> Result<(), Failure> {
    match look.color {
        ColorChoice::Always if !has_color => {
            Err(Failure::usage(format!("--color always is for {formats}; what is asked for has no colours")))
        }
        _ => Ok(()),
    }
}

/// How many lines the terminal has where standard output is one that can move its cursor.
pub(super) fn lines() -> Option<usize> {
    let moves = env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb");
    let size = tcgetwinsize(io::stdout()).ok().filter(|_| moves)?;
    Some(if size.ws_row > 0 { usize::from(size.ws_row) } else { LINES })
}

/// `COLUMNS`, else what the terminal says, else 120.
fn width() -> usize {
    let named = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col));
    named.or_else(asked).filter(|width| *width > 0).unwrap_or(WIDTH)
}

/// How payload bytes are read as text with its backslashes doubled: in an encoding, or as UTF-8 with other bytes as `\x..`.
pub(super) fn text_reader(encoding: Option<Encoding>) -> impl Fn(&[u8]) -> String + Sync {
    move |bytes| match encoding {
        Some(encoding) => text::escape(&encoding.decode(bytes)),
        None => text::utf8_or_hex(bytes),
    }
}

/// The same for a capture, which may name the encoding where none is `asked` for.
pub(super) fn saved_text_reader(asked: Option<Encoding>, saved: SavedEncoding) -> impl Fn(&[u8]) -> String + Sync {
    move |bytes| text_reader(asked.or_else(|| saved.get()))(bytes)
}

/// The same for the payloads of many packets.
pub(super) const fn payload_reader(asked: Option<Encoding>, saved: SavedEncoding) -> PayloadReader {
    PayloadReader { asked, saved }
}

/// Reads payloads in an encoding, or as what they are.
pub(super) struct PayloadReader {
    asked: Option<Encoding>,
    saved: SavedEncoding,
}

impl PayloadReader {
    fn encoding(&self) -> Option<Encoding> {
        self.asked.or_else(|| self.saved.get())
    }
}

impl ReadText for PayloadReader {
    fn read(&self, bytes: &[u8]) -> String {
        text_reader(self.encoding())(bytes)
    }

    fn push_harmless(&self, bytes: &[u8], out: &mut Vec<u8>) {
        match self.encoding() {
            Some(_) => out.extend_from_slice(text::sanitise(&self.read(bytes)).as_bytes()),
            None => Utf8OrHex.push_harmless(bytes, out),
        }
    }
}
