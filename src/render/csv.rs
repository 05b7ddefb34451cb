//! Comma-separated values (RFC 4180): how any record is written, and packets as a heading line, then a line each.
//!
//! A packet's cell never holds a line break: control characters are spelled out as everywhere.

use std::borrow::Cow;
use std::io::{self, Write};

use super::PacketWriter;
use super::columns::Column;
use super::row::Row;
use super::style::View;

/// Writes chosen columns, headed by their names.
pub struct CsvRows<'v> {
    columns: Vec<Column>,
    view: View<'v>,
    /// The value being written.
    value: Vec<u8>,
}

impl<'v> CsvRows<'v> {
    /// Rows of these columns.
    #[must_use]
    pub const fn new(columns: Vec<Column>, view: View<'v>) -> Self {
        Self { columns, view, value: Vec::new() }
    }
}

impl PacketWriter for CsvRows<'_> {
    fn begin(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        write_record(self.columns.iter().map(|column| Cow::Borrowed(column.name())), out)
    }

    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.value.clear();
            column.push(row, &self.view, &mut self.value);
            push_value(&self.value, out);
        }
        out.push(b'\n');
        Ok(())
    }
}

/// Appends a value, in quotes where it holds what would end it.
fn push_value(value: &[u8], out: &mut Vec<u8>) {
    if !value.iter().any(|byte| matches!(byte, b'"' | b',' | b'\r' | b'\n')) {
        return out.extend_from_slice(value);
    }
    out.push(b'"');
    for (index, part) in value.split(|byte| *byte == b'"').enumerate() {
        out.extend_from_slice(if index > 0 { b"\"\"" } else { b"" });
        out.extend_from_slice(part);
    }
    out.push(b'"');
}

/// Writes one line of values, in quotes where one holds what would end it.
pub(super) fn write_record<'a>(values: impl Iterator<Item = Cow<'a, str>>, out: &mut dyn Write) -> io::Result<()> {
    for (index, value) in values.enumerate() {
        let comma = if index == 0 { "" } else { "," };
        if value.contains(['"', ',', '\r', '\n']) {
            write!(out, "{comma}\"{}\"", value.replace('"', "\"\""))?;
        } else {
            write!(out, "{comma}{value}")?;
        }
    }
    // The RFC asks for CR LF; every reader takes LF alone, and Unix tools take nothing else.
    writeln!(out)
}
