//! Small tables of words, whose cells wrap where there is little room, or stand under the others: nothing in them is cut or left out.

use std::io::{self, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};

use super::explanation;
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
    let shown = |cell: String| if cell.is_empty() { style.missing().to_owned() } else { text::sanitise(&cell) };
    let rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.into_iter().map(shown).collect()).collect();
    if is_cramped(headings, &rows, style.width) {
        return write_stacked(headings, &rows, style, out);
    }
    write_columns(headings, &rows, style, out)
}

/// Whether the last column would have less room than its longest word, and the others would not mind to stand alone.
fn is_cramped(headings: &[&str], rows: &[Vec<String>], width: usize) -> bool {
    let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column).map(String::as_str));
    let widest = |column: usize| cells(column).chain(headings.get(column).copied()).map(text::width).max().unwrap_or(0);
    let Some(last) = headings.len().checked_sub(1).filter(|last| *last > 0) else { return false };
    let before = (0..last).fold(0_usize, |sum, column| sum.saturating_add(widest(column)).saturating_add(GAP.into()));
    let words = cells(last).flat_map(str::split_whitespace).map(text::width).max().unwrap_or(0);
    // The last column is padded too.
    before <= width && before.saturating_add(words).saturating_add(GAP.into()) > width
}

/// The last column under the others, a step to the right.
fn write_stacked(headings: &[&str], rows: &[Vec<String>], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let Some((under, beside)) = headings.split_last() else { return Ok(()) };
    let above: Vec<Vec<String>> = rows.iter().map(|row| row.iter().take(beside.len()).cloned().collect()).collect();
    let mut table = Vec::new();
    write_columns(beside, &above, Style { color: false, ..style }, &mut table)?;
    let table = String::from_utf8_lossy(&table);
    let mut lines = table.lines();
    writeln!(out, "{}", style.bold(lines.next().unwrap_or_default()))?;
    writeln!(out, "{}", style.bold(&format!("  {under}")))?;
    writeln!(out, "{}", style.dim(lines.next().unwrap_or_default()))?;
    for (line, row) in lines.zip(rows) {
        writeln!(out, "{line}")?;
        explanation::write_sentence("  ", row.last().map_or("", String::as_str), style, out)?;
    }
    Ok(())
}

fn write_columns(headings: &[&str], rows: &[Vec<String>], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(style.width).unwrap_or(u16::MAX));
    if !headings.is_empty() {
        table.add_row(headings.iter().copied());
    }
    for row in rows {
        table.add_row(row);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    fn drawn(width: usize) -> String {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows =
            [row(["eth0", "yes, default", "192.0.2.2 fe80::fc:ff:fe00:1"]), row(["bluetooth-monitor", "no", ""])];
        let mut out = Vec::new();
        let style = Style { color: false, ascii: false, width, language: Language::En };
        write_wrapped(&["name", "capture", "addresses"], rows, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_word_is_cut_where_there_is_little_room() {
        let narrow = "\
            name               capture\n  addresses\n───────────────────────────────\n\
            eth0               yes, default\n  192.0.2.2 fe80::fc:ff:fe00:1\n\
            bluetooth-monitor  no\n  –\n";
        assert_eq!(drawn(40), narrow);
        assert!(drawn(60).contains("eth0               yes, default  192.0.2.2\n"), "{}", drawn(60));
        // 19 and 14 columns for the first two, 18 for the longest address, 2 behind it.
        assert!(drawn(52).contains("\n  192.0.2.2 fe80"), "{}", drawn(52));
        assert!(drawn(53).contains("eth0               yes, default  192.0.2.2\n"), "{}", drawn(53));
        for width in 40..100 {
            assert!(drawn(width).contains("fe80::fc:ff:fe00:1"), "{}", drawn(width));
        }
    }
}
