//! What stands in a cell: a row's value as people read it, and as programs do. Numbers and addresses are spelt without a
//! string of their own: there are many of them.

use super::column::{Column, Get, Tabular};
use crate::model::Timestamp;
use crate::render::pen::append;
use crate::render::style::Style;
use crate::render::text;
use crate::render::time::write_epoch;
use crate::words::Language;
use crate::words::quantity::{duration, seconds};

/// How words are written where no terminal says how.
pub(super) const PLAIN: Style = Style { color: false, ascii: false, width: usize::MAX, language: Language::En };

impl<T: Tabular> Column<T> {
    /// The cell as it may be shown.
    pub(in crate::render) fn shown(&self, row: &T, style: Style) -> String {
        let mut cell = Vec::new();
        self.push_shown(row, style, &mut cell);
        String::from_utf8_lossy(&cell).into_owned()
    }

    /// Appends the cell as it may be shown; whether there is anything to say.
    pub(super) fn push_shown(&self, row: &T, style: Style, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        match (self.told, self.get) {
            (Some(words), _) | (None, Get::Words(words)) => push_harmless(&words(row, style), out),
            (None, Get::Time(time)) => {
                if let Some((time, origin)) = time(row).zip(row.origin()) {
                    out.extend_from_slice(seconds(time - origin).as_bytes());
                }
            }
            (None, Get::Duration(nanos)) => {
                if let Some(nanos) = nanos(row) {
                    out.extend_from_slice(duration(nanos, style.ascii).as_bytes());
                }
            }
            (None, Get::End(end)) => {
                let (endpoint, guessed) = end(row);
                append(out, |pen| pen.endpoint(endpoint));
                out.extend(guessed.then_some(b'?'));
            }
            _ => self.push_value(row, out),
        }
        let tells = out.len() > start;
        if !tells {
            out.extend_from_slice(style.missing().as_bytes());
        }
        tells
    }

    /// Appends the value as CSV has it, nothing where there is none; of an end, the address.
    pub(super) fn push_value(&self, row: &T, out: &mut Vec<u8>) {
        match self.get {
            Get::Count(number) | Get::Number(number) => push_number(number(row), out),
            Get::Time(time) => push_epoch(time(row), out),
            Get::Duration(nanos) => push_nanos(nanos(row), out),
            Get::Seconds(seconds) => {
                if let Some(seconds) = seconds(row) {
                    out.extend_from_slice(seconds.to_string().as_bytes());
                }
            }
            Get::Flag(flag) => push_words(flag(row).map(|flag| if flag { "true" } else { "false" }), out),
            Get::Key(_, key) => push_words(key(row), out),
            Get::Text(words) => push_harmless(&words(row).unwrap_or_default(), out),
            Get::Object(object) => {
                push_harmless(&object(row).map(|object| object.to_string()).unwrap_or_default(), out);
            }
            Get::Address(address) => {
                if let Some(address) = address(row) {
                    append(out, |pen| pen.address(address));
                }
            }
            Get::End(end) => append(out, |pen| pen.address(end(row).0.addr)),
            Get::Numbers(numbers) => {
                let start = out.len();
                numbers(row, &mut |number| {
                    out.extend((out.len() > start).then_some(b','));
                    push_number(Some(number), out);
                });
            }
            Get::Texts(texts) => push_list(out, |each| texts(row, &mut |words| each(words, None))),
            Get::Counts(counts) => push_list(out, |each| counts(row, &mut |name, count| each(name, Some(count)))),
            Get::Words(words) => push_harmless(&words(row, PLAIN), out),
        }
    }
}

/// Appends texts, each with its count where it has one, a blank between them.
fn push_list(out: &mut Vec<u8>, list: impl FnOnce(&mut dyn FnMut(&str, Option<u64>))) {
    let start = out.len();
    list(&mut |words, count| {
        out.extend((out.len() > start).then_some(b' '));
        push_harmless(words, out);
        if count.is_some() {
            out.push(b'=');
        }
        push_number(count, out);
    });
}

pub(super) fn push_number(number: Option<u64>, out: &mut Vec<u8>) {
    if let Some(number) = number {
        append(out, |pen| pen.number(number));
    }
}

pub(super) fn push_nanos(nanos: Option<i64>, out: &mut Vec<u8>) {
    let Some(nanos) = nanos else { return };
    out.extend((nanos < 0).then_some(b'-'));
    push_number(Some(nanos.unsigned_abs()), out);
}

pub(super) fn push_epoch(time: Option<Timestamp>, out: &mut Vec<u8>) {
    if let Some(time) = time {
        append(out, |pen| write_epoch(time, pen));
    }
}

fn push_words(words: Option<&'static str>, out: &mut Vec<u8>) {
    out.extend_from_slice(words.unwrap_or_default().as_bytes());
}

/// Appends text that may come from anywhere.
fn push_harmless(words: &str, out: &mut Vec<u8>) {
    if text::is_plain(words.as_bytes()) {
        out.extend_from_slice(words.as_bytes());
    } else {
        text::push_sanitised(words, out);
    }
}
