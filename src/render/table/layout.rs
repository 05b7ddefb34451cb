//! Which columns of packets there is room for in a table, and how wide each is.

use super::held::Held;
use crate::render::columns::Column;
use crate::render::text;

/// Spaces between two columns.
pub(super) const GAP: usize = 2;

/// The least a column of free text is worth showing at.
const LEAST_DATA: usize = 12;

/// Room for two IPv4 addresses of the usual length; any two have [`ROOMY_ADDRESSES`].
const LEAST_ADDRESSES: usize = 21;

const ROOMY_ADDRESSES: usize = 33;

/// Columns that are less dispensable than this are not left out to show addresses in full.
const WORTH_CUTTING_FOR: u8 = 8;

/// Room for a process with a short name at each end.
const LEAST_PROCESS: usize = 24;

/// What comes after the rows that a layout is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outlook {
    /// Nothing.
    End,
    /// More rows, like those of a full batch.
    More,
    /// Perhaps more, and these were too few to tell what they need.
    Unknown,
}

/// A column in a layout.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) column: Column,
    /// Its place among the cells of a row.
    pub(super) index: usize,
    /// Whether it holds numbers, which stand to the right and are never cut.
    pub(super) is_number: bool,
    pub(super) width: usize,
}

/// The columns that may be laid out.
pub(super) struct Wish {
    pub(super) columns: Vec<Column>,
    /// Whether columns without content or room are left out.
    pub(super) sparing: bool,
    /// Columns that are left out last.
    pub(super) kept: Vec<Column>,
    /// Whether a packet went from one host to another, or one that is still to come may: on a loopback, addresses tell
    /// little.
    pub(super) between_hosts: bool,
}

impl Wish {
    /// Which columns there is room for, and how wide each is.
    pub(super) fn lay_out(&self, held: &Held, outlook: Outlook, room: usize) -> Vec<Place> {
        let place = |(index, &column): (usize, &Column)| {
            let widest = held.widest(index);
            // What no row of a whole capture has anything for tells nothing; what no row has yet may come.
            let foreseen = match outlook {
                Outlook::End if widest == 0 && self.sparing => return None,
                Outlook::End => widest,
                Outlook::More if widest > 0 => widest,
                Outlook::More | Outlook::Unknown => widest.max(column.usual_width()),
            };
            Some(Place {
                column,
                index,
                is_number: column.is_number(),
                width: foreseen.max(text::width(column.heading())),
            })
        };
        let mut layout: Vec<Place> = self.columns.iter().enumerate().filter_map(place).collect();
        let mut addresses = ROOMY_ADDRESSES;
        while !fits(&mut layout, room, addresses) && self.sparing {
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
pub(super) fn widen(layout: &mut [Place], held: &Held, room: usize) {
    for place in layout.iter_mut().filter(|place| place.column.is_number()) {
        place.width = place.width.max(held.widest(place.index));
    }
    fits(layout, room, LEAST_ADDRESSES);
}
