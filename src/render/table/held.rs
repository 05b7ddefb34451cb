//! The cells of rows, one after the other in one buffer, before anybody knows how wide their columns are.

use crate::render::about::Get;
use crate::render::columns::Column;
use crate::render::field_values::Opened;
use crate::render::gist::push_gist;
use crate::render::pen::append;
use crate::render::row::Row;
use crate::render::runs::{Long, Run, runs, value_of};
use crate::render::style::View;
use crate::render::text;

/// The cells of rows.
#[derive(Default)]
pub(super) struct Held {
    text: Vec<u8>,
    /// Where each ends in it, and the next begins.
    ends: Vec<u32>,
    /// How many of them are a row's.
    per_row: usize,
}

/// The columns whose cells are held, as the table shows them.
pub(super) struct Shown {
    runs: Vec<Run>,
}

impl Shown {
    /// Those of the columns that `is_shown` holds for.
    pub(super) fn new(columns: &[Column], view: &View<'_>, is_shown: impl Fn(Column) -> bool) -> Self {
        let as_shown = |column: Column| match column {
            column if !is_shown(column) => Ok(Get::Nothing),
            // Where the numbers of the header stand beside them, they are more than numbers.
            Column::Seq | Column::Ack if !view.absolute => value_of(column),
            _ => column.about().told.map_or_else(|| value_of(column), |told| Err(Long::Words(told))),
        };
        Self { runs: runs(columns, as_shown) }
    }
}

impl Held {
    pub(super) fn new(per_row: usize) -> Self {
        Self { per_row, ..Self::default() }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len().checked_div(self.per_row).unwrap_or(0)
    }

    /// Takes in the next row; of what it says, more than `room` columns are never shown.
    pub(super) fn push_row(&mut self, shown: &Shown, row: &Row<'_>, view: &View<'_>, room: usize) {
        let Self { text, ends, .. } = self;
        let opened = Opened::new(row);
        for run in &shown.runs {
            match run {
                Run::Short(gets) => {
                    let start = text.len();
                    append(text, |pen| {
                        for get in gets {
                            get.write(row, pen);
                            ends.push(start.saturating_add(pen.written()) as u32);
                        }
                    });
                    continue;
                }
                Run::Long(Long::Data) => push_gist(row, view, room, text),
                Run::Long(long) => long.push(&opened, view, text),
            }
            ends.push(text.len() as u32);
        }
    }

    /// Takes in the next cell.
    pub(super) fn push_cell(&mut self, cell: &[u8]) {
        self.text.extend_from_slice(cell);
        self.ends.push(self.text.len() as u32);
    }

    /// Takes in rows of another, from one on.
    pub(super) fn push_rows(&mut self, other: &Self, from: usize, count: usize) {
        let first = from.saturating_mul(self.per_row);
        let last = first.saturating_add(count.saturating_mul(self.per_row));
        let (start, end) = (other.start(first), other.start(last));
        let base = self.text.len() as u32;
        self.text.extend_from_slice(&other.text[start..end]);
        let moved = |end: &u32| end.saturating_sub(start as u32).saturating_add(base);
        self.ends.extend(other.ends[first..last].iter().map(moved));
    }

    /// A cell by its row and its place in it.
    pub(super) fn cell(&self, row: usize, index: usize) -> &[u8] {
        let place = row.saturating_mul(self.per_row).saturating_add(index);
        &self.text[self.start(place)..self.start(place.saturating_add(1))]
    }

    fn start(&self, place: usize) -> usize {
        place.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }

    /// The width of a column's widest cell.
    pub(super) fn widest(&self, index: usize) -> usize {
        (0..self.len()).map(|row| text::width_of(self.cell(row, index))).max().unwrap_or(0)
    }

    /// Forgets the cells, but not the room they took.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
}
