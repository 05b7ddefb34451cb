//! Rows drawn in a layout.

use super::held::Held;
use super::layout::{GAP, Place};
use crate::render::style::Style;
use crate::render::text;

/// Cells of more bytes than that are rarely numbers or names.
const MUCH: usize = 24;

/// Appends a row in a layout; `None`, and a part of it, where a number needs more than its column has.
pub(super) fn draw(layout: &[Place], held: &Held, row: usize, style: Style, out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    // Blanks that stand there only if something follows.
    let mut blank = 0;
    for place in layout {
        blank = draw_cell(*place, held.cell(row, place.index), blank, style, out)?;
    }
    text::trim_end(out, start);
    if style.color {
        let line = out.split_off(start);
        out.extend_from_slice(colour(layout, &text::of(&line), style).as_bytes());
    }
    out.push(b'\n');
    Some(())
}

/// Appends the cell in its column's width behind so many blanks, and tells how many have to follow it.
#[inline]
fn draw_cell(place: Place, cell: &[u8], before: usize, style: Style, out: &mut Vec<u8>) -> Option<usize> {
    let Place { is_number, width, .. } = place;
    let cell = if cell.is_empty() { style.missing().as_bytes() } else { cell };
    // What a packet holds is often much wider; to know that is enough.
    let is_long = cell.len() > MUCH && text::is_surely_wider(cell, width);
    let needed = if is_long { usize::MAX } else { text::width_of_harmless(cell) };
    let blank = width.saturating_sub(needed);
    if needed > width {
        text::push_blanks(before, out);
        return (!is_number).then(|| {
            text::push_fitted(cell, width, style.ellipsis(), out);
            GAP
        });
    }
    let (before, behind) = if is_number { (before.saturating_add(blank), 0) } else { (before, blank) };
    text::push_blanks(before, out);
    out.extend_from_slice(cell);
    Some(behind.saturating_add(GAP))
}

/// The finished line with each layer's columns in its colour.
pub(super) fn colour(layout: &[Place], line: &str, style: Style) -> String {
    let mut coloured = String::with_capacity(line.len());
    let mut rest = line;
    let mut columns = layout.iter().peekable();
    while let Some(Place { column, width, .. }) = columns.next() {
        let mut width = width.saturating_add(GAP);
        while let Some(more) = columns.next_if(|next| next.column.layer() == column.layer()) {
            width = width.saturating_add(more.width).saturating_add(GAP);
        }
        let part = if columns.peek().is_none() { rest } else { text::head(rest, width) };
        rest = &rest[part.len()..];
        match column.layer() {
            Some(layer) => coloured.push_str(&style.layer(layer, part)),
            None => coloured.push_str(part),
        }
    }
    coloured
}
