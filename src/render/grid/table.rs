//! Rows as a table for people.
//!
//! Where nobody chose them, columns are dropped by rank where there is little room, and its cells never wrap. The first rows and the
//! last ones decide which columns there are and how wide; then rows are written one by one, so that a table may be of any
//! length.

use std::borrow::Cow;
use std::io::{self, Write};

use super::column::{Column, Stand, Tabular, choose};
use crate::render::shares::write_shares;
use crate::render::style::Style;
use crate::render::text;

/// Spaces between two columns.
const GAP: usize = 2;

/// How many rows are measured at the beginning of a table, and how many at its end, where numbers are largest.
const MEASURED: usize = 512;

/// What every IPv4 address and port fit into.
const ENDPOINT: usize = 21;

/// How many characters of a cut address's end are kept: a bracket and a port.
const KEPT_END: usize = 7;

/// Writes rows as a table; nothing at all where there are none. `chosen` is empty where nobody chose columns; columns that
/// were chosen are all shown, whatever room there is and whatever they tell.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_table<T: Tabular>(rows: &[T], chosen: &[&str], style: Style, out: &mut dyn Write) -> io::Result<()> {
    if chosen.is_empty() {
        return write_usual(rows, T::TABLE, style, out);
    }
    let columns = choose(chosen, &[]).into_iter().map(|column| Column { rank: 0, ..column });
    write_grid(rows, columns, true, style, out)
}

/// Writes rows as a table of as many of some columns as there is room for, and as tell anything.
pub(in crate::render) fn write_usual<T: Tabular>(
    rows: &[T],
    keys: &[&str],
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_grid(rows, choose(&[], keys).into_iter(), false, style, out)
}

fn write_grid<T: Tabular>(
    rows: &[T],
    columns: impl Iterator<Item = Column<T>>,
    keeps_all: bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let (first, rest) = rows.split_at(rows.len().min(MEASURED));
    let last = &rest[rest.len().saturating_sub(MEASURED)..];
    let measure = |(place, column)| Candidate::measure(place, column, &[first, last], style);
    let candidates = columns.enumerate().map(measure).filter(|candidate| candidate.tells || keeps_all);
    let grid = Grid { columns: lay_out(candidates.collect(), style), style };
    grid.write_headings(out)?;
    write_shares(rows, |share, text| grid.write_rows(share, text), out)
}

/// The columns shown, each with its width.
struct Grid<T> {
    columns: Vec<(Column<T>, usize)>,
    style: Style,
}

impl<T: Tabular> Grid<T> {
    fn write_headings(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut names = Vec::new();
        self.push_line(
            |column, cell| cell.extend_from_slice(heading(column, self.style).as_bytes()),
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
                column.push_shown(row, self.style, cell);
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
            let cell = fit(column.stand, cell, *width, self.style.ellipsis());
            text::push_padded(&cell, *width, column.stand == Stand::Number, line);
            line.extend_from_slice(&[b' '; GAP]);
        }
        text::trim_end(line, start);
    }
}

/// What stands above a column.
fn heading<T>(column: &Column<T>, style: Style) -> Cow<'static, str> {
    let heading = column.heading;
    if style.ascii { heading.replace('→', ">").replace('←', "<").into() } else { heading.into() }
}

/// The cell cut to its room; words and numbers stay whole even where a row in the middle of a table is too wide.
fn fit<'c>(stand: Stand, cell: &'c [u8], width: usize, ellipsis: &str) -> Cow<'c, [u8]> {
    if text::width_of(cell) <= width || matches!(stand, Stand::Word | Stand::Number) {
        return cell.into();
    }
    let cell = text::of(cell);
    // An address is ASCII; what is not is cut like a sentence.
    let end = cell.len().saturating_sub(KEPT_END);
    let fitted = match cell.split_at_checked(end).filter(|_| stand == Stand::Endpoint) {
        Some((start, end)) => format!("{}{end}", text::fit(start, width.saturating_sub(KEPT_END), ellipsis)),
        None => text::fit(&cell, width, ellipsis),
    };
    fitted.into_bytes().into()
}

/// A column about to be given its room.
struct Candidate<T> {
    place: usize,
    column: Column<T>,
    /// Whether a row has anything for it.
    tells: bool,
    /// Room for its widest cell, what it wants before others, and what it is worth showing at.
    full: usize,
    enough: usize,
    least: usize,
}

impl<T: Tabular> Candidate<T> {
    fn measure(place: usize, column: Column<T>, samples: &[&[T]], style: Style) -> Self {
        let mut cell = Vec::new();
        let (mut full, mut tells) = (0, false);
        for row in samples.iter().copied().flatten() {
            cell.clear();
            tells |= column.push_shown(row, style, &mut cell);
            full = full.max(text::width_of(&cell));
        }
        let name = text::width(&heading(&column, style));
        let full = full.max(name);
        let (least, enough) = match column.stand {
            Stand::Word | Stand::Number => (full, full),
            Stand::Sentence(least, enough) => (full.min(least.max(name)), full.min(enough.max(name))),
            Stand::Endpoint => (full.min(ENDPOINT), full.min(ENDPOINT)),
        };
        Self { place, column, tells, full, enough, least }
    }
}

/// Which columns there is room for, and how wide each is.
fn lay_out<T>(mut wanted: Vec<Candidate<T>>, style: Style) -> Vec<(Column<T>, usize)> {
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
    use super::super::column::Get;
    use super::*;
    use crate::words::Language;

    struct Row(u32, &'static str);

    impl Tabular for Row {
        fn columns() -> Vec<Column<Self>> {
            vec![
                Column::<Self>::new("n", "", Get::Count(|row| Some(row.0.into()))),
                Column::<Self>::new("none", "", Get::Text(|_| None)),
                Column::<Self>::new("rare", "", Get::Text(|_| Some("x".repeat(10).into()))).headed("rare", 2),
                Column::<Self>::new("what", "", Get::Text(|row| Some(row.1.into()))).headed("what", 1).sentence(6, 10),
            ]
        }
    }

    fn table(width: usize) -> String {
        chosen(&[], width)
    }

    fn chosen(keys: &[&str], width: usize) -> String {
        let mut out = Vec::new();
        let rows: Vec<Row> = (0..1200).map(|n| Row(n, "a \u{1b}[31m sentence")).collect();
        write_table(&rows, keys, Style { color: false, ascii: true, width, language: Language::En }, &mut out).unwrap();
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
        let fitted = fit(Stand::Endpoint, b"[2001:db8:85a3::8a2e:370:7334]:50123", 21, "~");
        assert_eq!(&*fitted, b"[2001:db8:85a~]:50123");
    }

    #[test]
    fn chosen_columns_are_all_shown_in_their_order() {
        let table = chosen(&["what", "none", "n"], 10);
        assert!(table.starts_with("what    none     n\n"), "{table:.200}");
        assert!(table.ends_with("\na \\x1~  -     1199\n"), "{table:.200}");
    }
}
