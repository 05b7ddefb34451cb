//! The formats that rows of any kind are written in: the one list of them. A new one is a variant with its name here, and a
//! file that spells a row.

use std::io::{self, Write};

use super::column::Tabular;
use super::csv::{Records, write_csv};
use super::ndjson::{Lines, write_ndjson};
use super::table::write_table;
use crate::render::style::Style;

/// A format in which a row is a line by itself, whatever the others are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFormat {
    /// An object a line.
    Json,
    /// A record a line, under a heading.
    Csv,
}

/// A format that rows are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridFormat {
    /// A table for people, which all its rows lay out.
    Text,
    /// A line a row.
    Lines(LineFormat),
}

impl LineFormat {
    const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Json => ("json", "An object a line"),
            Self::Csv => ("csv", "Comma-separated values with a heading"),
        }
    }
}

impl GridFormat {
    /// All there are.
    pub const ALL: &[Self] = &[Self::Text, Self::Lines(LineFormat::Json), Self::Lines(LineFormat::Csv)];

    /// Its name, and what it is.
    #[must_use]
    pub const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("text", "A table for people"),
            Self::Lines(format) => format.told(),
        }
    }
}

/// Writes rows in a format; `chosen` is empty where nobody chose columns.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_rows<T: Tabular>(
    rows: &[T],
    chosen: &[&str],
    format: GridFormat,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        GridFormat::Text => write_table(rows, chosen, style, out),
        GridFormat::Lines(LineFormat::Json) => write_ndjson(rows, chosen, out),
        GridFormat::Lines(LineFormat::Csv) => write_csv(rows, chosen, out),
    }
}

/// Spells rows that come one by one.
pub(in crate::render) enum RowLines<T> {
    Json(Lines<T>),
    Csv(Records<T>),
}

impl<T: Tabular> RowLines<T> {
    /// Of the chosen columns, as of [`write_rows`].
    pub(in crate::render) fn new(format: LineFormat, chosen: &[&str]) -> Self {
        match format {
            LineFormat::Json => Self::Json(Lines::new(chosen)),
            LineFormat::Csv => Self::Csv(Records::new(chosen)),
        }
    }

    /// What stands above the first row.
    pub(in crate::render) fn heading(&self) -> Vec<u8> {
        match self {
            Self::Json(_) => Vec::new(),
            Self::Csv(records) => records.heading(),
        }
    }

    /// Appends a row.
    pub(in crate::render) fn push(&self, row: &T, out: &mut Vec<u8>) {
        match self {
            Self::Json(lines) => lines.push(row, out),
            Self::Csv(records) => records.push(row, &mut Vec::new(), out),
        }
    }
}
