//! Chosen columns of packets, made ready: columns of few bytes that stand beside each other are written in one go.

use super::about::{EachKey, Get, Tell};
use super::columns::Column;
use super::field_values::{FieldReader, Opened};
use super::gist::push_gist;
use super::pen::{Pen, written};
use super::row::Row;
use super::style::{Style, View};
use super::text;
use super::time::write_nanos;
use super::value::{push_hex_number, push_raw};
use crate::model::Value;
use crate::words::Language;

/// The most columns of a run: none takes more than 46 bytes, and a pen has room for 320.
const MOST: usize = 6;

/// Columns beside each other.
pub(super) enum Run {
    /// Those of few bytes.
    Short(Vec<Get>),
    /// One that may be of any length.
    Long(Long),
}

/// A column whose value may be of any length.
pub(super) enum Long {
    Keys(EachKey),
    Text(for<'r> fn(&Row<'r>) -> Option<&'r str>),
    Words(Tell),
    /// What a packet holds, of which a table shows as much as there is room for.
    Data,
    Field(FieldReader),
}

/// How a column's value is got at for CSV and JSON.
pub(super) fn value_of(column: Column) -> Result<Get, Long> {
    match column.about().get {
        Get::Data => Err(Long::Data),
        Get::Keys(keys) => Err(Long::Keys(keys)),
        Get::Text(text) => Err(Long::Text(text)),
        Get::Words(words) => Err(Long::Words(words)),
        Get::Field => Err(Long::Field(FieldReader::new(column.name()))),
        short => Ok(short),
    }
}

/// Columns in runs, as `ready` has them.
pub(super) fn runs(columns: &[Column], ready: impl Fn(Column) -> Result<Get, Long>) -> Vec<Run> {
    let mut runs = Vec::new();
    for column in columns {
        match (ready(*column), runs.last_mut()) {
            (Ok(get), Some(Run::Short(run))) if run.len() < MOST => run.push(get),
            (Ok(get), _) => runs.push(Run::Short(vec![get])),
            (Err(long), _) => runs.push(Run::Long(long)),
        }
    }
    runs
}

impl Column {
    /// Whether it needs to know the packet's conversation ([`Row::seen`]).
    #[must_use]
    pub fn follows(self) -> bool {
        match self {
            Self::Field(key) => FieldReader::new(key).follows(),
            column => column.about().follows,
        }
    }
}

impl Column {
    /// Its values for one packet, each as CSV spells it; none where there is nothing to say.
    #[must_use]
    pub fn values(self, row: &Row<'_>) -> Vec<String> {
        let mut values = Vec::new();
        match value_of(self) {
            Ok(get) => values.push(written(|pen| get.write(row, pen))),
            Err(Long::Keys(keys)) => keys(row, &mut |key| values.push(key.to_owned())),
            Err(long) => {
                let style = Style { color: false, ascii: false, width: usize::MAX, language: Language::default() };
                let view = View { style, absolute: false, read_text: &text::utf8_or_hex };
                let mut value = Vec::new();
                long.push(&Opened::new(row), &view, &mut value);
                values.push(String::from_utf8_lossy(&value).into_owned());
            }
        }
        values.retain(|value| !value.is_empty());
        values
    }
}

impl Get {
    /// Writes a value of few bytes; nothing where there is none.
    #[inline]
    pub(super) fn write(&self, row: &Row<'_>, pen: &mut Pen<'_>) {
        match self {
            Self::Number(number) => {
                if let Some(number) = number(row) {
                    pen.number(number);
                }
            }
            Self::Time(style) => {
                style.write(row, pen);
            }
            Self::Seconds(nanos) => {
                if let Some(nanos) = nanos(row) {
                    write_nanos(nanos, pen);
                }
            }
            Self::Address(address) => {
                if let Some(address) = address(row) {
                    pen.address(address);
                }
            }
            Self::Key(key) => pen.bytes(key(row).unwrap_or_default().as_bytes()),
            Self::Keys(_) | Self::Text(_) | Self::Words(_) | Self::Data | Self::Field | Self::Nothing => {}
        }
    }
}

impl Long {
    /// Appends the value, several with commas between them; nothing where there is none.
    pub(super) fn push(&self, opened: &Opened<'_>, view: &View<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        let separate = |out: &mut Vec<u8>| out.extend((out.len() > start).then_some(b','));
        match self {
            Self::Keys(keys) => keys(opened.row, &mut |key| {
                separate(out);
                out.extend_from_slice(key.as_bytes());
            }),
            Self::Text(text) => text::push_sanitised(text(opened.row).unwrap_or_default(), out),
            Self::Words(words) => words(opened.row, view, out),
            Self::Data => push_gist(opened.row, view, usize::MAX, out),
            Self::Field(field) => field.each(opened, &mut |value, bytes| {
                separate(out);
                match value {
                    // As tshark has it: with the digits of whole bytes.
                    Value::Hex(number, bits) => push_hex_number(*number, bits.next_multiple_of(8), out),
                    value => push_raw(value, bytes, out),
                }
            }),
        }
    }
}
