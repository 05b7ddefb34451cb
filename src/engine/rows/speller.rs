//! Rows of the chosen packets of a batch, spelt beside the other threads.

use std::io;

use super::chooser::Chosen;
use crate::decode::headers;
use crate::model::Timestamp;
use crate::render::{Known, PacketTable, PacketWriter, Row, TableRows};
use crate::source::{Batch, InterfaceNames};

/// When a thread has so many bytes of rows, it waits for its turn to print them before it writes more.
const MOST_TEXT: usize = 1 << 20;

/// In what shape packets are shown.
pub(crate) enum Shape<'a> {
    /// Not at all.
    Hidden,
    /// Each by itself: what makes each thread its writer.
    Each(WriterMaker<'a>),
    /// In a table, whose rows depend on each other.
    Table(PacketTable<'a>),
}

/// Makes what spells the rows of one thread.
pub(crate) type WriterMaker<'a> = Box<dyn Fn() -> Box<dyn PacketWriter + 'a> + Sync + 'a>;

/// What a thread spells rows with.
pub(super) enum Speller<'a> {
    /// Rows that are printed as they are.
    Rows(Box<dyn PacketWriter + 'a>),
    /// Rows that the table takes.
    Table(Box<TableRows<'a>>),
    /// None are shown.
    Silent,
}

/// The packets to be shown of a batch on their way to become rows.
pub(super) struct Pending<'b> {
    pub(super) batch: &'b Batch,
    pub(super) chosen: &'b Chosen,
    /// How many rows were written.
    written: usize,
    /// What interfaces are called.
    interfaces: &'b mut InterfaceNames,
    /// The time of the packet before the next one.
    previous: Option<Timestamp>,
}

impl<'b> Pending<'b> {
    /// None of them written yet.
    pub(super) fn new(batch: &'b Batch, chosen: &'b Chosen, interfaces: &'b mut InterfaceNames) -> Self {
        Self { batch, chosen, interfaces, written: 0, previous: chosen.previous }
    }

    /// Spells the next rows, until there are [`MOST_TEXT`] bytes of text.
    ///
    /// # Errors
    ///
    /// A value that has no place in the format.
    pub(super) fn spell(&mut self, speller: &mut Speller<'_>, text: &mut Vec<u8>) -> io::Result<()> {
        if matches!(speller, Speller::Silent) {
            self.written = self.chosen.places.len();
        }
        let Chosen { places, seen, processes, origin, .. } = self.chosen;
        for (index, &place) in places.iter().enumerate().skip(self.written) {
            if text.len() >= MOST_TEXT {
                break;
            }
            let frame = self.batch.frame(place);
            let seen = seen.get(index).copied().flatten();
            let (origin, previous) = (*origin, self.previous);
            // Headers stay where they are found, and are found anew where digests were made: keeping them would take longer.
            let known = processes.binary_search_by_key(&index, |(index, _)| *index).ok();
            let interface = self.interfaces.of(frame.interface);
            let known = Known { processes: known.map(|at| &processes[at].1), names: None, interface };
            let packet = &headers(&frame);
            let row = Row { frame, packet, seen, origin, previous, known };
            match speller {
                Speller::Rows(writer) => writer.write(&row, text)?,
                Speller::Table(rows) => rows.write(&row),
                Speller::Silent => {}
            }
            self.previous = frame.time.or(self.previous);
            self.written += 1;
        }
        Ok(())
    }

    pub(super) fn are_written(&self) -> bool {
        self.written == self.chosen.places.len()
    }
}
