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
}

impl<'v> CsvRows<'v> {
    /// Rows of these columns.
    #[must_use]
    pub const fn new(columns: Vec<Column>, view: View<'v>) -> Self {
        Self { columns, view }
    }

    fn write_line(&self, cell: impl Fn(Column) -> String, out: &mut dyn Write) -> io::Result<()> {
        write_record(self.columns.iter().map(|&column| Cow::Owned(cell(column))), out)
    }
}

impl PacketWriter for CsvRows<'_> {
    fn begin(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.write_line(|column| column.name().to_owned(), out)
    }

    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        self.write_line(|column| column.cell(row, &self.view), out)
    }
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
