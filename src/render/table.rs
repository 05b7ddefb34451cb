//! The packet table, its columns grouped by layer.
//!
//! The first batch of rows decides which columns there is room for and how wide they are; later batches keep that, so a
//! capture of any length is drawn a batch at a time.

use std::io::{self, Write};

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::columns::{Column, Row};
use super::style::View;
use super::text;

/// Spaces between two columns.
const GAP: usize = 2;

/// The least a column of free text is worth showing at.
const LEAST_DATA: usize = 8;

/// Columns with the widths that the first batch gave them.
pub struct PacketTable<'v> {
    view: View<'v>,
    layout: Option<Vec<(Column, usize)>>,
}

impl<'v> PacketTable<'v> {
    /// A table that has shown nothing yet.
    #[must_use]
    pub const fn new(view: View<'v>) -> Self {
        Self { view, layout: None }
    }

    /// Writes a batch of packets, the first with the headings above it.
    ///
    /// # Errors
    ///
    /// Whatever `out` says.
    pub fn write_batch(&mut self, rows: &[Row<'_>], out: &mut dyn Write) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let cells: Vec<Vec<String>> =
            rows.iter().map(|row| Column::ALL.iter().map(|column| column.cell(row, &self.view)).collect()).collect();
        if self.layout.is_none() {
            let layout = lay_out(&cells, self.view.style.width);
            self.write_headings(&layout, out)?;
            self.layout = Some(layout);
        }
        let layout = self.layout.as_deref().unwrap_or_default();
        for line in self.draw(layout, &cells).lines() {
            writeln!(out, "{}", self.colour(layout, line.trim_end()))?;
        }
        Ok(())
    }

    /// The layers' names over their columns, then the columns' own.
    fn write_headings(&self, layout: &[(Column, usize)], out: &mut dyn Write) -> io::Result<()> {
        let mut names = String::new();
        let mut shown = None;
        let mut at = 0;
        for &(column, width) in layout {
            if let Some(layer) = column.layer().filter(|layer| shown != Some(*layer)) {
                shown = Some(layer);
                names = text::pad(&names, at.max(text::width(&names) + 1), "");
                names.push_str(layer.name());
            }
            at += width + GAP;
        }
        let names = text::fit(&names, self.view.style.width, self.view.style.ellipsis());
        writeln!(out, "{}", self.colour(layout, names.trim_end()))?;
        let headings: Vec<String> = Column::ALL.iter().map(|column| column.heading().to_owned()).collect();
        for line in self.draw(layout, &[headings]).lines() {
            writeln!(out, "{}", self.colour(layout, line.trim_end()))?;
        }
        let total = layout.iter().map(|(_, width)| width + GAP).sum::<usize>().saturating_sub(GAP);
        writeln!(out, "{}", self.view.style.dim(&self.view.style.line().repeat(total)))
    }

    fn draw(&self, layout: &[(Column, usize)], rows: &[Vec<String>]) -> String {
        let style = self.view.style;
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        for row in rows {
            let shown = layout.iter().map(|&(column, width)| {
                let cell = Column::ALL.iter().position(|each| *each == column).and_then(|index| row.get(index));
                let cell = cell.map_or("", String::as_str);
                let cell = if cell.is_empty() { style.missing() } else { cell };
                text::fit(cell, width, style.ellipsis())
            });
            table.add_row(shown);
        }
        for (column, &(what, width)) in table.column_iter_mut().zip(layout) {
            column.set_padding((0, GAP as u16));
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed((width + GAP) as u16)));
            if what.is_number() {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.to_string()
    }

    /// The finished line with each layer's columns in its colour.
    fn colour(&self, layout: &[(Column, usize)], line: &str) -> String {
        let mut coloured = String::with_capacity(line.len());
        let mut rest = line;
        let mut columns = layout.iter().peekable();
        while let Some((column, width)) = columns.next() {
            let mut width = width + GAP;
            while let Some((_, more)) = columns.next_if(|(next, _)| next.layer() == column.layer()) {
                width += more + GAP;
            }
            let part = if columns.peek().is_none() { rest } else { text::head(rest, width) };
            rest = &rest[part.len()..];
            match column.layer() {
                Some(layer) => coloured.push_str(&self.view.style.layer(layer, part)),
                None => coloured.push_str(part),
            }
        }
        coloured
    }
}

/// Which columns there is room for, and how wide each is: those that would be missed most first, from left to right.
fn lay_out(rows: &[Vec<String>], room: usize) -> Vec<(Column, usize)> {
    let widest = |index: usize| rows.iter().filter_map(|row| row.get(index)).map(|cell| text::width(cell)).max();
    let mut wanted: Vec<(usize, Column, usize)> = Column::ALL
        .iter()
        .enumerate()
        // A column that no packet has anything for tells nothing.
        .filter_map(|(index, &column)| Some((index, column, widest(index).filter(|width| *width > 0)?)))
        .map(|(index, column, width)| (index, column, width.max(text::width(column.heading()))))
        .collect();
    wanted.sort_by_key(|(_, column, _)| column.dispensable());
    let mut left = room + GAP;
    wanted.retain_mut(|(_, column, width)| {
        let least = if *column == Column::Data { LEAST_DATA.min(*width) } else { *width };
        let fits = least + GAP <= left;
        left -= if fits { least + GAP } else { 0 };
        if *column == Column::Data {
            *width = least;
        }
        fits
    });
    // What is left over goes to the one column that never has enough.
    if let Some((index, _, width)) = wanted.iter_mut().find(|(_, column, _)| *column == Column::Data) {
        *width = widest(*index).unwrap_or(*width).max(*width).min(*width + left);
    }
    wanted.sort_by_key(|(index, ..)| *index);
    wanted.into_iter().map(|(_, column, width)| (column, width)).collect()
}
