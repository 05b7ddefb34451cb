//! Rows of any kind as a table for people, as NDJSON and as CSV.
//!
//! A table's columns are dropped by rank where there is little room, and its cells never wrap. The first rows and the
//! last ones decide which columns there are and how wide; then rows are written one by one, so that a table may be of any
//! length.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::csv::write_record;
use super::json::write_line;
use super::pen::append;
use super::shares::write_shares;
use super::style::Style;
use super::text;
use crate::model::Endpoint;

/// Spaces between two columns.
const GAP: usize = 2;

/// How many rows are measured at the beginning of a table, and how many at its end, where numbers are largest.
const MEASURED: usize = 512;

/// What every IPv4 address and port fit into.
const ENDPOINT: usize = 21;

/// How many characters of a cut address's end are kept: a bracket and a port.
const KEPT_END: usize = 7;

/// A column of a table, and what stands in it.
pub struct Column<T> {
    /// What stands above it.
    name: &'static str,
    kind: Kind,
    /// How easily it is done without: 0 is always shown. Columns of one rank are shown together or not at all.
    rank: u8,
    cell: Cell<T>,
}

/// What stands in a column. Numbers and addresses are spelt without a string of their own: there are many of them.
enum Cell<T> {
    /// Empty where there is nothing to say.
    Text(fn(&T, Style) -> String),
    Count(fn(&T) -> u64),
    /// One end of a conversation, and whether it is a guess which.
    End(fn(&T) -> (Endpoint, bool)),
}

/// How a column's cells stand, and whether they may be cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    /// At the right.
    Number,
    /// Cut at its end where it is longer than its room: at least so wide, and so wide before less important columns.
    Sentence(usize, usize),
    /// An address and a port; of a long one the middle is cut.
    Endpoint,
}

impl<T> Column<T> {
    /// A column of short words.
    pub fn word(name: &'static str, rank: u8, cell: fn(&T, Style) -> String) -> Self {
        Self { name, kind: Kind::Word, rank, cell: Cell::Text(cell) }
    }

    /// A column of numbers with units or places.
    pub fn number(name: &'static str, rank: u8, cell: fn(&T, Style) -> String) -> Self {
        Self { name, kind: Kind::Number, rank, cell: Cell::Text(cell) }
    }

    /// A column of numbers that count something.
    pub fn count(name: &'static str, rank: u8, cell: fn(&T) -> u64) -> Self {
        Self { name, kind: Kind::Number, rank, cell: Cell::Count(cell) }
    }

    /// A column of sentences, `least` wide at least and `enough` wide before columns of a higher rank are shown.
    pub fn sentence(
        name: &'static str,
        rank: u8,
        (least, enough): (usize, usize),
        cell: fn(&T, Style) -> String,
    ) -> Self {
        Self { name, kind: Kind::Sentence(least, enough), rank, cell: Cell::Text(cell) }
    }

    /// A column of addresses with ports, a question mark behind those where it is a guess which end it is.
    pub fn endpoint(name: &'static str, rank: u8, cell: fn(&T) -> (Endpoint, bool)) -> Self {
        Self { name, kind: Kind::Endpoint, rank, cell: Cell::End(cell) }
    }

    /// A column of hosts with ports, by name or address; of a long one the middle is cut.
    pub fn host(name: &'static str, rank: u8, cell: fn(&T, Style) -> String) -> Self {
        Self { kind: Kind::Endpoint, ..Self::word(name, rank, cell) }
    }

    fn name(&self, style: Style) -> Cow<'static, str> {
        if style.ascii { self.name.replace('→', ">").replace('←', "<").into() } else { self.name.into() }
    }

    /// Appends the cell as it may be shown; whether there is anything to say.
    fn push(&self, row: &T, style: Style, out: &mut Vec<u8>) -> bool {
        match self.cell {
            Cell::Count(count) => append(out, |pen| pen.number(count(row))),
            Cell::End(end) => {
                let (endpoint, guessed) = end(row);
                append(out, |pen| pen.endpoint(endpoint));
                out.extend(guessed.then_some(b'?'));
            }
            Cell::Text(cell) => {
                let text = cell(row, style);
                match text.as_str() {
                    "" => out.extend_from_slice(style.missing().as_bytes()),
                    plain if text::is_plain(plain.as_bytes()) => out.extend_from_slice(plain.as_bytes()),
                    hostile => out.extend_from_slice(text::sanitise(hostile).as_bytes()),
                }
                return !text.is_empty();
            }
        }
        true
    }
}

/// A field of a CSV: its name and what stands in it, empty where there is nothing to say.
pub type Field<T> = (&'static str, fn(&T) -> String);

/// What can be shown to people as a row.
pub trait Tabular: Sized + Sync {
    /// The columns of the table, from left to right.
    fn columns() -> Vec<Column<Self>>;
}

/// What can be written for programs as a record.
pub trait Recorded: Sized + Sync {
    /// The fields of the CSV, from left to right.
    fn fields() -> Vec<Field<Self>>;

    /// The object of a line of JSON.
    fn object(&self) -> impl Serialize;
}

/// Writes rows as a table; nothing at all where there are none.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_table<T: Tabular>(rows: &[T], style: Style, out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let (first, rest) = rows.split_at(rows.len().min(MEASURED));
    let last = &rest[rest.len().saturating_sub(MEASURED)..];
    let grid = Grid { columns: lay_out(T::columns(), &[first, last], style), style };
    grid.write_headings(out)?;
    write_shares(rows, |share, text| grid.write_rows(share, text), out)
}

/// Writes rows as JSON, an object a line.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_ndjson<T: Recorded>(rows: &[T], out: &mut dyn Write) -> io::Result<()> {
    write_shares(rows, |share, text| share.iter().try_for_each(|row| write_line(&row.object(), text)), out)
}

/// Writes rows as comma-separated values (RFC 4180), the fields' names above them.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_csv<T: Recorded>(rows: &[T], out: &mut dyn Write) -> io::Result<()> {
    let fields = T::fields();
    write_record(fields.iter().map(|(name, _)| Cow::Borrowed(*name)), out)?;
    let spell = |share: &[T], text: &mut Vec<u8>| {
        share.iter().try_for_each(|row| write_record(fields.iter().map(|(_, value)| Cow::Owned(value(row))), text))
    };
    write_shares(rows, spell, out)
}

/// The columns shown, each with its width.
struct Grid<T> {
    columns: Vec<(Column<T>, usize)>,
    style: Style,
}

impl<T> Grid<T> {
    fn write_headings(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut names = Vec::new();
        self.push_line(
            |column, cell| cell.extend_from_slice(column.name(self.style).as_bytes()),
            &mut Vec::new(),
            &mut names,
        );
        let total = text::across(self.columns.iter().map(|(_, width)| *width), GAP);
        writeln!(out, "{}", self.style.bold(&String::from_utf8_lossy(&names)))?;
        writeln!(out, "{}", self.style.dim(&self.style.line().repeat(total)))
    }

    fn write_rows(&self, rows: &[T], out: &mut Vec<u8>) -> io::Result<()> {
        let mut cell = Vec::new();
        for row in rows {
            let fill = |column: &Column<T>, cell: &mut Vec<u8>| {
                column.push(row, self.style, cell);
            };
            self.push_line(fill, &mut cell, out);
            out.push(b'\n');
        }
        Ok(())
    }

    /// Appends a line of cells, without the blanks at its end; `cell` is there to be used.
    fn push_line(&self, fill: impl Fn(&Column<T>, &mut Vec<u8>), cell: &mut Vec<u8>, line: &mut Vec<u8>) {
        let start = line.len();
        for (column, width) in &self.columns {
            cell.clear();
            fill(column, cell);
            let cell = fit(column.kind, cell, *width, self.style.ellipsis());
            text::push_padded(&cell, *width, column.kind == Kind::Number, line);
            line.extend_from_slice(&[b' '; GAP]);
        }
        text::trim_end(line, start);
    }
}

/// The cell cut to its room; words and numbers stay whole even where a row in the middle of a table is too wide.
fn fit<'c>(kind: Kind, cell: &'c [u8], width: usize, ellipsis: &str) -> Cow<'c, [u8]> {
    if text::width_of(cell) <= width || matches!(kind, Kind::Word | Kind::Number) {
        return cell.into();
    }
    let cell = text::of(cell);
    // An address is ASCII; what is not is cut like a sentence.
    let end = cell.len().saturating_sub(KEPT_END);
    let fitted = match cell.split_at_checked(end).filter(|_| kind == Kind::Endpoint) {
        Some((start, end)) => format!("{}{end}", text::fit(start, width.saturating_sub(KEPT_END), ellipsis)),
        None => text::fit(&cell, width, ellipsis),
    };
    fitted.into_bytes().into()
}

/// A column about to be given its room.
struct Candidate<T> {
    place: usize,
    column: Column<T>,
    /// Room for its widest cell, what it wants before others, and what it is worth showing at.
    full: usize,
    enough: usize,
    least: usize,
}

impl<T> Candidate<T> {
    /// `None` where no row has anything for the column: then it tells nothing.
    fn measure(place: usize, column: Column<T>, samples: &[&[T]], style: Style) -> Option<Self> {
        let mut cell = Vec::new();
        let (mut full, mut tells) = (0, false);
        for row in samples.iter().copied().flatten() {
            cell.clear();
            tells |= column.push(row, style, &mut cell);
            full = full.max(text::width_of(&cell));
        }
        let name = text::width(&column.name(style));
        let full = tells.then_some(full)?.max(name);
        let (least, enough) = match column.kind {
            Kind::Word | Kind::Number => (full, full),
            Kind::Sentence(least, enough) => (full.min(least.max(name)), full.min(enough.max(name))),
            Kind::Endpoint => (full.min(ENDPOINT), full.min(ENDPOINT)),
        };
        Some(Self { place, column, full, enough, least })
    }
}

/// Which columns there is room for, and how wide each is.
fn lay_out<T>(columns: Vec<Column<T>>, samples: &[&[T]], style: Style) -> Vec<(Column<T>, usize)> {
    let mut wanted: Vec<Candidate<T>> = columns
        .into_iter()
        .enumerate()
        .filter_map(|(place, column)| Candidate::measure(place, column, samples, style))
        .collect();
    wanted.sort_by_key(|candidate| candidate.column.rank);
    let mut left = style.width.saturating_add(GAP);
    let mut widths: Vec<Option<usize>> = Vec::new();
    for group in wanted.chunk_by(|a, b| a.column.rank == b.column.rank) {
        let needed = |width: fn(&Candidate<T>) -> usize| text::across(group.iter().map(width), GAP).saturating_add(GAP);
        let width: fn(&Candidate<T>) -> usize =
            if needed(|column| column.enough) <= left { |column| column.enough } else { |column| column.least };
        let fits = needed(width) <= left || widths.is_empty();
        left = left.saturating_sub(if fits { needed(width) } else { 0 });
        widths.extend(group.iter().map(|column| fits.then(|| width(column))));
    }
    // What is left over goes to those that have less than their widest cell, the most important first.
    let mut shown: Vec<(Candidate<T>, usize)> = Vec::new();
    for (candidate, width) in wanted.into_iter().zip(widths) {
        let Some(width) = width else { continue };
        let more = candidate.full.saturating_sub(width).min(left);
        left = left.saturating_sub(more);
        shown.push((candidate, width.saturating_add(more)));
    }
    shown.sort_by_key(|(candidate, _)| candidate.place);
    shown.into_iter().map(|(candidate, width)| (candidate.column, width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    struct Row(u32, &'static str);

    impl Tabular for Row {
        fn columns() -> Vec<Column<Self>> {
            vec![
                Column::number("n", 0, |row, _| row.0.to_string()),
                Column::word("none", 0, |_, _| String::new()),
                Column::word("rare", 2, |_, _| "x".repeat(10)),
                Column::sentence("what", 1, (6, 10), |row, _| row.1.to_owned()),
            ]
        }
    }

    impl Recorded for Row {
        fn fields() -> Vec<Field<Self>> {
            vec![("n", |row| row.0.to_string()), ("what", |row| row.1.to_owned())]
        }

        fn object(&self) -> impl Serialize {
            self.1
        }
    }

    fn table(width: usize) -> String {
        let mut out = Vec::new();
        let rows: Vec<Row> = (0..1200).map(|n| Row(n, "a \u{1b}[31m sentence")).collect();
        write_table(&rows, Style { color: false, ascii: true, width, language: Language::En }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_go_by_rank_and_the_last_rows_are_measured_too() {
        let wide = table(80);
        assert!(wide.ends_with("\n1199  xxxxxxxxxx  a \\x1b[31m sentence\n"), "{wide:.200}");
        assert!(wide.starts_with("   n  rare        what\n---"), "{wide:.200}");
        assert_eq!(wide.lines().count(), 1202);
        let narrow = table(17);
        assert!(narrow.lines().all(|line| line.len() <= 17), "{narrow:.200}");
        assert!(narrow.ends_with("\n1199  a \\x1b[31m~\n"), "{narrow:.200}");
        assert!(table(28).ends_with("\n1199  xxxxxxxxxx  a \\x1b[31~\n"), "{:.200}", table(28));
    }

    #[test]
    fn of_a_long_address_the_port_is_kept() {
        let fitted = fit(Kind::Endpoint, b"[2001:db8:85a3::8a2e:370:7334]:50123", 21, "~");
        assert_eq!(&*fitted, b"[2001:db8:85a~]:50123");
    }

    #[test]
    fn a_record_quotes_or_spells_out_what_would_break_it() {
        let mut out = Vec::new();
        write_csv(&[Row(1, "a,b"), Row(2, "say \"x\"\n")], &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "n,what\n1,\"a,b\"\n2,\"say \"\"x\"\"\\n\"\n");
    }
}
