//! The packet table, its columns grouped by layer.
//!
//! The first batch of rows decides which columns there is room for and how wide they are; later batches keep that, so a
//! capture of any length is drawn a batch at a time. Numbers that outgrow their column widen it: they are never cut.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;
use std::slice::ChunksExact;

use super::PacketWriter;
use super::columns::Column;
use super::row::Row;
use super::style::View;
use super::text;
use crate::model::LinkType;

/// Spaces between two columns.
const GAP: usize = 2;

/// The least a column of free text is worth showing at.
const LEAST_DATA: usize = 12;

/// Room for two IPv4 addresses of the usual length; any two have [`ROOMY_ADDRESSES`].
const LEAST_ADDRESSES: usize = 21;

const ROOMY_ADDRESSES: usize = 33;

/// Columns that are less dispensable than this are not left out to show addresses in full.
const WORTH_CUTTING_FOR: u8 = 8;

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
    /// Whether a packet went from one host to another, or one that is still to come may: on a loopback, addresses tell
    /// little.
    between_hosts: bool,
    /// The rows held back.
    held: Held,
}

/// The cells of rows, one after the other in one buffer.
#[derive(Default)]
struct Held {
    text: Vec<u8>,
    /// Where each lies in it.
    cells: Vec<Range<usize>>,
    /// How many of them are a row's.
    per_row: usize,
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
    pub fn new(columns: Vec<Column>, sparing: bool, view: View<'v>) -> Self {
        let held = Held { per_row: columns.len(), ..Held::default() };
        Self { view, columns, sparing, kept: Vec::new(), layout: None, between_hosts: false, held }
    }

    /// The same, with columns that are left out only when there is no room for them alone.
    #[must_use]
    pub fn keeping(self, kept: Vec<Column>) -> Self {
        Self { kept, ..self }
    }

    /// Draws the rows held back, the first time with the headings above them.
    fn draw_held(&mut self, outlook: Outlook, out: &mut Vec<u8>) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let mut held = std::mem::take(&mut self.held);
        let layout = match self.layout.take() {
            Some(mut layout) => {
                widen(&mut layout, &held, self.view.style.width);
                layout
            }
            None => {
                let layout = self.lay_out(&held, outlook);
                self.write_headings(&layout, out)?;
                layout
            }
        };
        self.draw(&layout, &held, out);
        self.layout = Some(layout);
        held.clear();
        self.held = held;
        Ok(())
    }

    /// The layers' names over their columns, then the columns' own.
    fn write_headings(&self, layout: &[Place], out: &mut Vec<u8>) -> io::Result<()> {
        let mut names = String::new();
        let mut shown = None;
        let mut at = 0;
        for &Place { column, width, .. } in layout {
            if let Some(layer) = column.layer().filter(|layer| shown != Some(*layer)) {
                shown = Some(layer);
                names = text::pad(&names, at.max(text::width(&names).saturating_add(1)), "");
                names.push_str(self.view.style.spelling().layer(layer));
            }
            at = at.saturating_add(width).saturating_add(GAP);
        }
        let names = text::fit(&names, self.view.style.width, self.view.style.ellipsis());
        writeln!(out, "{}", self.colour(layout, names.trim_end()))?;
        let mut headings = Held { per_row: self.columns.len(), ..Held::default() };
        for column in &self.columns {
            headings.push(|cell| cell.extend_from_slice(column.heading().as_bytes()));
        }
        self.draw(layout, &headings, out);
        let total = text::across(layout.iter().map(|place| place.width), GAP);
        writeln!(out, "{}", self.view.style.dim(&self.view.style.line().repeat(total)))
    }

    fn draw(&self, layout: &[Place], held: &Held, out: &mut Vec<u8>) {
        for row in held.rows() {
            let start = out.len();
            for place in layout {
                self.draw_cell(*place, &held.text[row[place.index].clone()], out);
            }
            text::trim_end(out, start);
            if self.view.style.color {
                let line = out.split_off(start);
                out.extend_from_slice(self.colour(layout, &text::of(&line)).as_bytes());
            }
            out.push(b'\n');
        }
    }

    /// The cell in its column's width, and the gap behind it.
    fn draw_cell(&self, Place { column, width, .. }: Place, cell: &[u8], out: &mut Vec<u8>) {
        let style = self.view.style;
        let cell = if cell.is_empty() { style.missing().as_bytes() } else { cell };
        let cell = if text::is_plain(cell) && cell.len() <= width {
            Cow::Borrowed(cell)
        } else {
            Cow::Owned(text::fit(&text::of(cell), width, style.ellipsis()).into_bytes())
        };
        text::push_padded(&cell, width, column.is_number(), out);
        out.extend_from_slice(&[b' '; GAP]);
    }

    /// The finished line with each layer's columns in its colour.
    fn colour(&self, layout: &[Place], line: &str) -> String {
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
                Some(layer) => coloured.push_str(&self.view.style.layer(layer, part)),
                None => coloured.push_str(part),
            }
        }
        coloured
    }

    /// Which columns there is room for, and how wide each is.
    fn lay_out(&self, held: &Held, outlook: Outlook) -> Vec<Place> {
        let place = |(index, &column): (usize, &Column)| {
            let widest = held.widest(index);
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
        let mut addresses = ROOMY_ADDRESSES;
        while !fits(&mut layout, self.view.style.width, addresses) && self.sparing {
            let dispensable = |place: &Place| (!self.kept.contains(&place.column), self.dispensable(place.column));
            let most = layout.iter().map(dispensable).max();
            if most.is_some_and(|(_, most)| most < WORTH_CUTTING_FOR) && addresses > LEAST_ADDRESSES {
                addresses = LEAST_ADDRESSES;
            } else {
                layout.retain(|place| Some(dispensable(place)) != most);
            }
        }
        layout
    }

    /// How much a column would be missed here: between hosts, who talks to whom is worth more than the numbers of bytes.
    const fn dispensable(&self, column: Column) -> u8 {
        match column {
            Column::Addresses if self.between_hosts => Column::Seq.dispensable(),
            Column::Seq | Column::Ack if self.between_hosts => Column::Addresses.dispensable(),
            _ => column.dispensable(),
        }
    }
}

impl PacketWriter for PacketTable<'_> {
    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        if self.layout.is_none() {
            let ends = row.packet.ip().map(|ip| (ip.source(), ip.destination()));
            self.between_hosts |= ends.is_some_and(|(source, destination)| source != destination)
                || matches!(row.frame.link, LinkType::LINUX_SLL | LinkType::LINUX_SLL2);
        }
        for column in &self.columns {
            self.held.push(|cell| column.push_shown(row, &self.view, cell));
        }
        if self.held.rows().len() >= BATCH { self.draw_held(Outlook::More, out) } else { Ok(()) }
    }

    fn pause(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.draw_held(Outlook::Unknown, out)
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.draw_held(Outlook::End, out)
    }
}

impl Held {
    fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Takes the next cell in.
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len();
        write(&mut self.text);
        self.cells.push(start..self.text.len());
    }

    fn rows(&self) -> ChunksExact<'_, Range<usize>> {
        self.cells.chunks_exact(self.per_row.max(1))
    }

    /// The width of a column's widest cell.
    fn widest(&self, index: usize) -> usize {
        self.rows().map(|row| text::width_of(&self.text[row[index].clone()])).max().unwrap_or(0)
    }

    /// Forgets the cells, but not the room they took.
    fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
    }
}

/// The least that a column of free text is worth showing at; other columns are shown whole or not at all.
const fn least(place: &Place, addresses: usize) -> usize {
    let least = match place.column {
        Column::Data => LEAST_DATA,
        Column::Addresses => addresses,
        Column::Process => LEAST_PROCESS,
        _ => return place.width,
    };
    if place.width < least { place.width } else { least }
}

/// Whether the columns fit in `room`, with so much of the addresses at least; the columns of free text take what the others
/// leave of it, those that were asked for and the addresses first.
fn fits(layout: &mut [Place], room: usize, addresses: usize) -> bool {
    let least = |place: &Place| least(place, addresses);
    let only = layout.len() <= 1;
    let needed = text::across(layout.iter().map(least), GAP);
    if needed > room.max(1) && !only {
        return false;
    }
    let mut left = room.max(1).saturating_sub(needed);
    for column in [Column::Process, Column::Addresses, Column::Data] {
        if let Some(place) = layout.iter_mut().find(|place| place.column == column) {
            let wider = place.width.saturating_sub(least(place)).min(left);
            place.width = if only { place.width.min(room.max(1)) } else { least(place).saturating_add(wider) };
            left = left.saturating_sub(wider);
        }
    }
    true
}

/// Gives numbers that grew the width they need, so that none is ever cut; the data column pays for it.
fn widen(layout: &mut [Place], held: &Held, room: usize) {
    for place in layout.iter_mut().filter(|place| place.column.is_number()) {
        place.width = place.width.max(held.widest(place.index));
    }
    fits(layout, room, LEAST_ADDRESSES);
}
