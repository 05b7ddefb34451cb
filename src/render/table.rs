//! The packet table, its columns grouped by layer.
//!
//! The first batch of rows decides which columns there is room for and how wide they are; later batches keep that, so a
//! capture of any length is drawn a batch at a time. Numbers that outgrow their column widen it: they are never cut.

use std::io::{self, Write};

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::PacketWriter;
use super::columns::Column;
use super::row::Row;
use super::style::View;
use super::text;

/// Spaces between two columns.
const GAP: usize = 2;

/// The least a column of free text is worth showing at.
const LEAST_DATA: usize = 12;

/// Room for two IPv4 addresses of the usual length.
const LEAST_ADDRESSES: usize = 21;

/// Room for a process with a short name at each end.
const LEAST_PROCESS: usize = 24;

/// Rows laid out together at most.
const BATCH: usize = 200;

/// Columns with the widths that the first batch gave them.
pub struct PacketTable<'v> {
    view: View<'v>,
    columns: Vec<Column>,
    /// Whether columns without content or room are left out.
    sparing: bool,
    /// Columns that are left out last.
    kept: Vec<Column>,
    layout: Option<Vec<Place>>,
    /// The cells of the rows held back, in the order of `columns`.
    held: Vec<Vec<String>>,
}

/// What comes after the rows that a layout is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outlook {
    /// Nothing.
    End,
    /// More rows, like those of a full batch.
    More,
    /// Perhaps more, and these were too few to tell what they need.
    Unknown,
}

/// A column in a layout.
#[derive(Clone, Copy)]
struct Place {
    column: Column,
    /// Its place among the cells of a row.
    index: usize,
    width: usize,
}

impl<'v> PacketTable<'v> {
    /// A table of these columns; a `sparing` one leaves out those that no packet has anything for or that there is no room
    /// for, another shows them all, however wide that is.
    #[must_use]
    pub const fn new(columns: Vec<Column>, sparing: bool, view: View<'v>) -> Self {
        Self { view, columns, sparing, kept: Vec::new(), layout: None, held: Vec::new() }
    }

    /// The same, with columns that are left out only when there is no room for them alone.
    #[must_use]
    pub fn keeping(self, kept: Vec<Column>) -> Self {
        Self { kept, ..self }
    }

    /// Draws the rows held back, the first time with the headings above them.
    fn draw_held(&mut self, outlook: Outlook, out: &mut dyn Write) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.held);
        let layout = match self.layout.take() {
            Some(mut layout) => {
                widen(&mut layout, &rows, self.view.style.width);
                layout
            }
            None => {
                let layout = self.lay_out(&rows, outlook);
                self.write_headings(&layout, out)?;
                layout
            }
        };
        for line in self.draw(&layout, &rows).lines() {
            writeln!(out, "{}", self.colour(&layout, line.trim_end()))?;
        }
        self.layout = Some(layout);
        Ok(())
    }

    /// The layers' names over their columns, then the columns' own.
    fn write_headings(&self, layout: &[Place], out: &mut dyn Write) -> io::Result<()> {
        let mut names = String::new();
        let mut shown = None;
        let mut at = 0;
        for &Place { column, width, .. } in layout {
            if let Some(layer) = column.layer().filter(|layer| shown != Some(*layer)) {
                shown = Some(layer);
                names = text::pad(&names, at.max(text::width(&names) + 1), "");
                names.push_str(layer.name());
            }
            at += width + GAP;
        }
        let names = text::fit(&names, self.view.style.width, self.view.style.ellipsis());
        writeln!(out, "{}", self.colour(layout, names.trim_end()))?;
        let headings: Vec<String> = self.columns.iter().map(|column| column.heading().to_owned()).collect();
        for line in self.draw(layout, &[headings]).lines() {
            writeln!(out, "{}", self.colour(layout, line.trim_end()))?;
        }
        let total = layout.iter().map(|place| place.width + GAP).sum::<usize>().saturating_sub(GAP);
        writeln!(out, "{}", self.view.style.dim(&self.view.style.line().repeat(total)))
    }

    fn draw(&self, layout: &[Place], rows: &[Vec<String>]) -> String {
        let style = self.view.style;
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        for row in rows {
            let shown = layout.iter().map(|&Place { index, width, .. }| {
                let cell = row.get(index).map_or("", String::as_str);
                let cell = if cell.is_empty() { style.missing() } else { cell };
                text::fit(cell, width, style.ellipsis())
            });
            table.add_row(shown);
        }
        for (column, &Place { column: what, width, .. }) in table.column_iter_mut().zip(layout) {
            column.set_padding((0, GAP as u16));
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed((width + GAP) as u16)));
            if what.is_number() {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.to_string()
    }

    /// The finished line with each layer's columns in its colour.
    fn colour(&self, layout: &[Place], line: &str) -> String {
        let mut coloured = String::with_capacity(line.len());
        let mut rest = line;
        let mut columns = layout.iter().peekable();
        while let Some(Place { column, width, .. }) = columns.next() {
            let mut width = width + GAP;
            while let Some(more) = columns.next_if(|next| next.column.layer() == column.layer()) {
                width += more.width + GAP;
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

    /// Which columns there is room for, and how wide each is.
    fn lay_out(&self, rows: &[Vec<String>], outlook: Outlook) -> Vec<Place> {
        let place = |(index, &column): (usize, &Column)| {
            let widest = widest(rows, index);
            // What no row of a whole capture has anything for tells nothing; what no row has yet may come.
            let foreseen = match outlook {
                Outlook::End if widest == 0 && self.sparing => return None,
                Outlook::End => widest,
                Outlook::More if widest > 0 => widest,
                Outlook::More | Outlook::Unknown => widest.max(column.usual_width()),
            };
            Some(Place { column, index, width: foreseen.max(text::width(column.heading())) })
        };
        let mut layout: Vec<Place> = self.columns.iter().enumerate().filter_map(place).collect();
        while !fits(&mut layout, self.view.style.width) && self.sparing {
            let dispensable = |place: &Place| (!self.kept.contains(&place.column), place.column.dispensable());
            let most = layout.iter().map(dispensable).max();
            layout.retain(|place| Some(dispensable(place)) != most);
        }
        layout
    }
}

impl PacketWriter for PacketTable<'_> {
    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        self.held.push(self.columns.iter().map(|column| column.shown(row, &self.view)).collect());
        if self.held.len() >= BATCH { self.draw_held(Outlook::More, out) } else { Ok(()) }
    }

    fn pause(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.draw_held(Outlook::Unknown, out)
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.draw_held(Outlook::End, out)
    }
}

/// The width of a column's widest cell.
fn widest(rows: &[Vec<String>], index: usize) -> usize {
    rows.iter().filter_map(|row| row.get(index)).map(|cell| text::width(cell)).max().unwrap_or(0)
}

/// The least that a column of free text is worth showing at; other columns are shown whole or not at all.
const fn least(place: &Place) -> usize {
    let least = match place.column {
        Column::Data => LEAST_DATA,
        Column::Addresses => LEAST_ADDRESSES,
        Column::Process => LEAST_PROCESS,
        _ => return place.width,
    };
    if place.width < least { place.width } else { least }
}

/// Whether the columns fit in `room`; the columns of free text take what the others leave of it, those that were asked
/// for and the addresses first.
fn fits(layout: &mut [Place], room: usize) -> bool {
    let only = layout.len() <= 1;
    let needed: usize = layout.iter().map(|place| least(place) + GAP).sum();
    if needed > room.max(1) + GAP && !only {
        return false;
    }
    let mut left = (room.max(1) + GAP).saturating_sub(needed);
    for column in [Column::Process, Column::Addresses, Column::Data] {
        if let Some(place) = layout.iter_mut().find(|place| place.column == column) {
            let wider = (place.width - least(place)).min(left);
            place.width = if only { place.width.min(room.max(1)) } else { least(place) + wider };
            left -= wider;
        }
    }
    true
}

/// Gives numbers that grew the width they need, so that none is ever cut; the data column pays for it.
fn widen(layout: &mut [Place], rows: &[Vec<String>], room: usize) {
    for place in layout.iter_mut().filter(|place| place.column.is_number()) {
        place.width = place.width.max(widest(rows, place.index));
    }
    fits(layout, room);
}
