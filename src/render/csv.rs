//! Comma-separated values (RFC 4180): a heading line, then a line a packet.
//!
//! A cell never holds a line break: control characters are spelled out as everywhere.

use std::io::{self, Write};

use super::PacketWriter;
use super::columns::{Column, Row};
use super::style::View;

/// Writes chosen columns, headed by their names.
pub struct CsvRows<'v> {
    columns: Vec<Column>,
    view: View<'v>,
    begun: bool,
}

impl<'v> CsvRows<'v> {
    /// Rows of these columns.
    #[must_use]
    pub const fn new(columns: Vec<Column>, view: View<'v>) -> Self {
        Self { columns, view, begun: false }
    }

    /// Writes the headings, once.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        self.write_line(|column| column.name().to_owned(), out)
    }

    fn write_line(&self, cell: impl Fn(Column) -> String, out: &mut dyn Write) -> io::Result<()> {
        for (index, &column) in self.columns.iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(out, "{separator}{}", quoted(cell(column)))?;
        }
        // The RFC asks for CR LF; every reader takes LF alone, and Unix tools take nothing else.
        out.write_all(b"\n")
    }
}

impl PacketWriter for CsvRows<'_> {
    fn write(&mut self, row: &Row<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        self.write_line(|column| column.cell(row, &self.view), out)
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)
    }
}

/// The cell, in quotes where it holds what would end it.
fn quoted(cell: String) -> String {
    if cell.contains([',', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}
