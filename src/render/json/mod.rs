//! JSON for programs, nested by Wireshark's names.
//!
//! A packet is the same object in every verb (`packet`); a packet opened to its fields (`fields`) and a demonstration
//! (`demo`, with the numbers measured in it, `measured`) are documents. All of it is written here, so that nothing in it
//! steers a terminal. Missing is `null`.

mod chosen;
mod demo;
mod explanation;
mod fields;
mod header;
mod measured;
mod members;
mod packet;
mod problem;
mod push;

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::pen::written;
use super::text;
use super::time::write_epoch;
use crate::model::Timestamp;

pub use chosen::ChosenJsonRows;
pub use demo::{Demo, Shows, write_demo};
pub(super) use explanation::values;
pub use fields::write_fields;
pub use packet::JsonRows;

/// The version of the shapes this module writes.
pub const SCHEMA: u32 = 2;

/// Writes a value as it stands in a line.
pub(super) fn write_value<W: Write + ?Sized>(value: &impl Serialize, out: &mut W) -> io::Result<()> {
    Ok(value.serialize(&mut serde_json::Serializer::with_formatter(out, Harmless(CompactFormatter)))?)
}

/// Writes an object as a document, a value a line.
fn write_document(object: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    object.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Harmless(PrettyFormatter::new())))?;
    out.write_all(b"\n")
}

/// Seconds since the Unix epoch as text, because no JSON number keeps all of their nanoseconds.
pub(super) struct Epoch(pub(super) Timestamp);

impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&written(|pen| write_epoch(self.0, pen)))
    }
}

/// JSON in which nothing steers a terminal: what [`text::sanitise`] would spell out is escaped, which the reader of the
/// JSON undoes.
struct Harmless<F>(F);

/// Hands a call on to the formatter inside.
macro_rules! hand_on {
    ($($name:ident($($first:ident)?);)*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, out: &mut W $(, $first: bool)?) -> io::Result<()> {
            self.0.$name(out $(, $first)?)
        })*
    };
}

impl<F: Formatter> Formatter for Harmless<F> {
    hand_on! {
        begin_array();
        end_array();
        begin_array_value(first);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.is_ascii() && !fragment.contains('\x7f') {
            return out.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            let mut buffer = [0; 4];
            if text::is_harmless(character) {
                out.write_all(character.encode_utf8(&mut buffer).as_bytes())?;
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal_and_nothing_is_lost() {
        let hostile = vec!["\u{9b}31m\u{202e}", "\u{7f}\u{1b}", "\u{e0041}", "hello 你好"];
        let mut out = Vec::new();
        write_value(&hostile, &mut out).unwrap();
        out.push(b'\n');
        write_document(&hostile, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.chars().all(|c| c == '\n' || text::is_harmless(c)), "{text:?}");
        assert!(text.contains("你好"), "honest text stays");
        let lines: Vec<&str> = text.splitn(2, '\n').collect();
        for written in lines {
            assert_eq!(serde_json::from_str::<Vec<String>>(written).unwrap(), hostile);
        }
    }
}
