//! Comma-separated values (RFC 4180): how any record is written, and packets as a heading line, then a line each.
//!
//! A packet's cell never holds a line break: control characters are spelled out as everywhere.

use std::borrow::Cow;
use std::io::{self, Write};

use super::PacketWriter;
use super::columns::Column;
use super::field_values::Opened;
use super::pen::append;
use super::row::Row;
use super::runs::{Run, runs, value_of};
use super::style::View;
use super::text;

/// Writes chosen columns, headed by their names.
pub struct CsvRows<'v> {
    columns: Vec<Column>,
    runs: Vec<Run>,
    view: View<'v>,
    /// The value being written.
    value: Vec<u8>,
}

impl<'v> CsvRows<'v> {
    /// Rows of these columns.
    #[must_use]
    pub fn new(columns: Vec<Column>, view: View<'v>) -> Self {
        Self { runs: runs(&columns, value_of), columns, view, value: Vec::new() }
    }
}

impl PacketWriter for CsvRows<'_> {
    fn begin(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        write_record(self.columns.iter().map(|column| Cow::Borrowed(column.name())), out)
    }

    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        let opened = Opened::new(row);
        for run in &self.runs {
            match run {
                // Neither numbers nor addresses nor keys have to be quoted.
                Run::Short(gets) => append(out, |pen| {
                    for get in gets {
                        get.write(row, pen);
                        pen.text(b",");
                    }
                }),
                Run::Long(long) => {
                    self.value.clear();
                    long.push(&opened, &self.view, &mut self.value);
                    push_value(&self.value, out);
                    out.push(b',');
                }
            }
        }
        out.pop();
        out.push(b'\n');
        Ok(())
    }
}

/// Appends a value that is safe to print: as text where a spreadsheet would run it, in quotes where it holds what would
/// end it.
pub(super) fn push_value(value: &[u8], out: &mut Vec<u8>) {
    let mark: &[u8] = if is_run(value) { b"'" } else { b"" };
    // Control characters are looked at more closely.
    let is_plain = |byte| (byte >= b' ') & (byte != b'"') & (byte != b',');
    let ends = |byte: &u8| matches!(byte, b'"' | b',' | b'\r' | b'\n');
    if text::find(value, is_plain).is_none_or(|place| !value[place..].iter().any(ends)) {
        out.extend_from_slice(mark);
        return out.extend_from_slice(value);
    }
    out.push(b'"');
    out.extend_from_slice(mark);
    let mut rest = value;
    while let Some(place) = text::find(rest, |byte| byte != b'"') {
        let (before, behind) = rest.split_at(place);
        out.extend_from_slice(before);
        out.extend_from_slice(b"\"\"");
        rest = behind.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Whether a spreadsheet would take the value for a formula: it begins, behind blanks or not, with what formulas begin with
/// (their full-width twins too), and is no number.
fn is_run(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    match value {
        [b'=' | b'@', ..] => true,
        [b'+' | b'-', rest @ ..] => !is_number(rest),
        [0xef, 0xbc, 0x9d | 0xa0 | 0x8b | 0x8d, ..] => true,
        _ => false,
    }
}

/// Digits, a fraction or not, an exponent or not.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(text);
    let mut rest = &text[whole..];
    let mut fraction = 0;
    if let [b'.', behind @ ..] = rest {
        fraction = digits(behind);
        rest = &behind[fraction..];
    }
    let has_digits = whole > 0 || fraction > 0;
    if let [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..] = rest {
        return has_digits && !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    has_digits && rest.is_empty()
}

/// Writes one line of values.
pub(super) fn write_record<'a>(values: impl Iterator<Item = Cow<'a, str>>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Vec::new();
    for (index, value) in values.enumerate() {
        if index > 0 {
            line.push(b',');
        }
        if text::is_plain(value.as_bytes()) {
            push_value(value.as_bytes(), &mut line);
        } else {
            push_value(text::sanitise(&value).as_bytes(), &mut line);
        }
    }
    // The RFC asks for CR LF; every reader takes LF alone, and Unix tools take nothing else.
    line.push(b'\n');
    out.write_all(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: &str) -> String {
        let mut out = Vec::new();
        write_record([Cow::Borrowed(value)].into_iter(), &mut out).unwrap();
        String::from_utf8(out).unwrap().trim_end_matches('\n').to_owned()
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for run in [
            "=1+1",
            "@SUM(A1)",
            "+1+1",
            "-1-cmd|' /C calc'!A0",
            "-",
            "+",
            "-x",
            " =1",
            "\u{ff1d}1",
            "-1e",
            "-.",
            "-1.2.3",
        ] {
            assert_eq!(cell(run), format!("'{run}"));
        }
        assert_eq!(cell("=HYPERLINK(\"a\",1)"), "\"'=HYPERLINK(\"\"a\"\",1)\"");
    }

    #[test]
    fn numbers_stay_numbers_and_text_stays_as_it_is() {
        for same in ["-5", "+5", "-0.25", "-1e-9", "-.5", "12", "a=1", "'=1", "", "1-2"] {
            assert_eq!(cell(same), same);
        }
    }

    #[test]
    fn no_cell_breaks_its_line() {
        assert_eq!(cell("\t=1\r\n\x1b"), "\\t=1\\r\\n\\x1b");
    }
}
