//! Small tables of words, whose cells wrap where there is little room: nothing in them is cut or left out.

use std::io::{self, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};

use super::style::Style;
use super::text;

/// Spaces between two columns.
const GAP: u16 = 2;

/// Writes rows of cells under headings, where there are any; the first column never wraps.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_wrapped(
    headings: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(style.width).unwrap_or(u16::MAX));
    if !headings.is_empty() {
        table.add_row(headings.iter().copied());
    }
    for row in rows {
        let shown = |cell: &String| if cell.is_empty() { style.missing().into() } else { text::sanitise(cell) };
        table.add_row(row.iter().map(shown));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
        if column.index == 0 {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let drawn = table.to_string();
    let mut lines = drawn.lines().map(str::trim_end);
    if !headings.is_empty() {
        let names = lines.next().unwrap_or_default();
        let widest = drawn.lines().map(|line| text::width(line.trim_end())).max().unwrap_or(0);
        writeln!(out, "{}\n{}", style.bold(names), style.dim(&style.line().repeat(widest)))?;
    }
    lines.try_for_each(|line| writeln!(out, "{line}"))
}
