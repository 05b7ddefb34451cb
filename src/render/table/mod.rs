//! The packet table, its columns grouped by layer.
//!
//! The first batch of rows decides which columns there is room for and how wide they are; later batches keep that, so a
//! capture of any length is drawn a batch at a time. Numbers that outgrow their column widen it: they are never cut.
//!
//! Several threads spell and draw rows ([`TableRows`]) in the layout that there is. The table takes them in order
//! ([`PacketTable::take`]), and draws those anew whose layout has changed meanwhile: so it does not depend on the threads.

mod draw;
mod held;
mod layout;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use draw::{colour, draw};
use held::{Held, Shown};
use layout::{GAP, Outlook, Place, Wish, widen};

use super::PacketWriter;
use super::columns::Column;
use super::row::Row;
use super::style::View;
use super::text;
use crate::model::LinkType;

/// Rows laid out together at most.
const BATCH: usize = 200;

/// What rows are drawn in.
type Layout = Arc<Vec<Place>>;

/// Columns with the widths that the first batch gave them.
pub struct PacketTable<'v> {
    view: View<'v>,
    wish: Wish,
    shown: Shown,
    layout: Option<Layout>,
    /// The same for those who spell rows beside it.
    known: Arc<Mutex<Option<Layout>>>,
    /// The rows held back.
    held: Held,
    /// How they look in the layout, where somebody has drawn them.
    drawn: Option<Vec<u8>>,
}

/// Rows of a table that are spelt by a thread of their own, for [`PacketTable::take`].
pub struct TableRows<'v> {
    view: View<'v>,
    columns: Vec<Column>,
    shown: Shown,
    known: Arc<Mutex<Option<Layout>>>,
    layout: Option<Layout>,
    held: Held,
    /// Which of them went from one host to another.
    between_hosts: Vec<bool>,
    /// How they look in the layout, and where each ends there; fewer than there are where a number has outgrown it.
    drawn: Vec<u8>,
    ends: Vec<usize>,
}

impl<'v> PacketTable<'v> {
    /// A table of these columns; a `sparing` one leaves out those that no packet has anything for or that there is no room
    /// for, another shows them all, however wide that is.
    #[must_use]
    pub fn new(columns: Vec<Column>, sparing: bool, view: View<'v>) -> Self {
        let (held, shown) = (Held::new(columns.len()), Shown::new(&columns, &view, |_| true));
        let wish = Wish { columns, sparing, kept: Vec::new(), between_hosts: false };
        Self { view, wish, shown, layout: None, known: Arc::default(), held, drawn: None }
    }

    /// The same, with columns that are left out only when there is no room for them alone.
    #[must_use]
    pub fn keeping(mut self, kept: Vec<Column>) -> Self {
        self.wish.kept = kept;
        self
    }

    /// Rows that are spelt beside it.
    #[must_use]
    pub fn rows(&self) -> TableRows<'v> {
        TableRows {
            view: self.view,
            columns: self.wish.columns.clone(),
            shown: Shown::new(&self.wish.columns, &self.view, |_| true),
            known: Arc::clone(&self.known),
            layout: None,
            held: Held::new(self.wish.columns.len()),
            between_hosts: Vec::new(),
            drawn: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Takes in the next rows, which were spelt beside it, and forgets them there.
    ///
    /// # Errors
    ///
    /// None: memory takes everything.
    pub fn take(&mut self, rows: &mut TableRows<'v>, out: &mut Vec<u8>) -> io::Result<()> {
        let count = rows.held.len();
        let layout = self.layout.as_ref().filter(|_| rows.ends.len() == count);
        match layout.zip(rows.layout.as_ref()) {
            Some((own, theirs)) if Arc::ptr_eq(own, theirs) => self.take_drawn(rows, out),
            _ => {
                for row in 0..count {
                    self.wish.between_hosts |= self.layout.is_none() && rows.between_hosts[row];
                    self.held.push_rows(&rows.held, row, 1);
                    self.drawn = None;
                    self.draw_full(out)?;
                }
            }
        }
        rows.clear();
        Ok(())
    }

    /// Takes in rows that are drawn in its layout: those of full batches are written out as they are.
    fn take_drawn(&mut self, rows: &TableRows<'v>, out: &mut Vec<u8>) {
        let count = rows.held.len();
        let kept = self.held.len().saturating_add(count) % BATCH;
        let from = count.saturating_sub(kept);
        let mut drawn = self.drawn.take().unwrap_or_else(|| self.drawn_held());
        if kept <= count {
            out.append(&mut drawn);
            self.held.clear();
        }
        let start = from.checked_sub(1).map_or(0, |before| rows.ends[before]);
        out.extend_from_slice(&rows.drawn[..start]);
        drawn.extend_from_slice(&rows.drawn[start..]);
        self.held.push_rows(&rows.held, from, count.saturating_sub(from));
        self.drawn = Some(drawn);
    }

    /// The rows held back, which are known to fit the layout.
    fn drawn_held(&self) -> Vec<u8> {
        let mut drawn = Vec::new();
        self.draw_rows(&self.held, self.layout.as_deref().map_or(&[][..], Vec::as_slice), &mut drawn);
        drawn
    }

    fn draw_rows(&self, held: &Held, layout: &[Place], out: &mut Vec<u8>) {
        for row in 0..held.len() {
            draw(layout, held, row, self.view.style, out);
        }
    }

    /// Draws the rows held back where they are enough.
    fn draw_full(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        if self.held.len() >= BATCH { self.draw_held(Outlook::More, out) } else { Ok(()) }
    }

    /// Draws the rows held back, the first time with the headings above them.
    fn draw_held(&mut self, outlook: Outlook, out: &mut Vec<u8>) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let room = self.view.style.width;
        let layout = match &self.layout {
            Some(layout) => {
                let mut widened = Vec::clone(layout);
                widen(&mut widened, &self.held, room);
                if widened == **layout { Arc::clone(layout) } else { Arc::new(widened) }
            }
            None => {
                let layout = self.wish.lay_out(&self.held, outlook, room);
                self.write_headings(&layout, out)?;
                let layout = Arc::new(layout);
                self.shown = shown_in(&layout, &self.wish.columns, &self.view);
                layout
            }
        };
        self.draw_rows(&self.held, &layout, out);
        self.held.clear();
        self.drawn = None;
        if self.layout.as_ref().is_none_or(|known| !Arc::ptr_eq(known, &layout)) {
            *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&layout));
            self.layout = Some(layout);
        }
        Ok(())
    }

    /// The layers' names over their columns, then the columns' own.
    fn write_headings(&self, layout: &[Place], out: &mut Vec<u8>) -> io::Result<()> {
        let style = self.view.style;
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
        let names = text::fit(&names, style.width, style.ellipsis());
        if shown.is_some() {
            writeln!(out, "{}", colour(layout, names.trim_end(), style))?;
        }
        let mut headings = Held::new(self.wish.columns.len());
        self.wish.columns.iter().for_each(|column| headings.push_cell(column.heading().as_bytes()));
        self.draw_rows(&headings, layout, out);
        let total = text::across(layout.iter().map(|place| place.width), GAP);
        writeln!(out, "{}", style.dim(&style.line().repeat(total)))
    }
}

impl PacketWriter for PacketTable<'_> {
    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        self.wish.between_hosts |= self.layout.is_none() && is_between_hosts(row);
        self.held.push_row(&self.shown, row, &self.view, room(self.layout.as_ref()));
        self.drawn = None;
        self.draw_full(out)
    }

    fn pause(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.draw_held(Outlook::Unknown, out)
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.draw_held(Outlook::End, out)
    }
}

impl TableRows<'_> {
    /// Spells the next row.
    pub fn write(&mut self, row: &Row<'_>) {
        if self.held.is_empty() {
            self.begin();
        }
        self.between_hosts.push(self.layout.is_none() && is_between_hosts(row));
        self.held.push_row(&self.shown, row, &self.view, room(self.layout.as_ref()));
        let at = self.held.len().saturating_sub(1);
        if let Some(layout) = self.layout.as_ref().filter(|_| self.ends.len() == at)
            && draw(layout, &self.held, at, self.view.style, &mut self.drawn).is_some()
        {
            self.ends.push(self.drawn.len());
        }
    }

    /// Looks which layout there is; where it is the first one, what has no place in it needs not be spelt.
    fn begin(&mut self) {
        let before = self.layout.take();
        self.layout = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(layout) = self.layout.as_ref().filter(|_| before.is_none()) {
            self.shown = shown_in(layout, &self.columns, &self.view);
        }
    }

    fn clear(&mut self) {
        self.held.clear();
        self.between_hosts.clear();
        self.drawn.clear();
        self.ends.clear();
    }
}

/// The columns of a layout; it never gets others.
fn shown_in(layout: &Layout, columns: &[Column], view: &View<'_>) -> Shown {
    Shown::new(columns, view, |column| layout.iter().any(|place| place.column == column))
}

/// Whether a packet went from one host to another, or those captured with it may.
fn is_between_hosts(row: &Row<'_>) -> bool {
    let ends = row.packet.ip().map(|ip| (ip.source(), ip.destination()));
    ends.is_some_and(|(source, destination)| source != destination)
        || matches!(row.frame.link, LinkType::LINUX_SLL | LinkType::LINUX_SLL2)
}

/// How many columns there are at most for what a packet says: a column never gets wider than it was.
fn room(layout: Option<&Layout>) -> usize {
    let data = layout.map(|layout| layout.iter().find(|place| place.column == Column::Data));
    data.map_or(usize::MAX, |place| place.map_or(0, |place| place.width))
}
