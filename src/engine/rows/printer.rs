//! Rows printed, in their order, and what is wrong between them told.

use std::io::{self, Write};

use super::kept::Kept;
use super::speller::{Pending, Speller};
use crate::engine::exit::Exit;
use crate::engine::scan::Told;
use crate::render::{PacketTable, PacketWriter as _};
use crate::source::SourceError;

/// Prints rows, in their order.
pub(super) struct Printer<'a, W, T> {
    pub(super) out: W,
    /// What puts rows together that depend on each other.
    pub(super) table: Option<PacketTable<'a>>,
    /// Whether the next packet may be long in coming: then nothing is held back.
    pub(super) may_wait: bool,
    pub(super) tell: T,
    /// How it ends after what was wrong so far.
    pub(super) exit: Exit,
    /// How many packets were read, chosen or not.
    pub(super) read: u64,
    /// How many were chosen.
    pub(super) chosen: u64,
    pub(super) kept: Kept,
}

impl<'a, W: Write, T: FnMut(Told<'_>)> Printer<'a, W, T> {
    /// Prints the rows that were spelt of a batch, and spells and prints the others.
    ///
    /// # Errors
    ///
    /// What writing says.
    pub(super) fn print(
        &mut self,
        rows: &mut Pending<'_>,
        speller: &mut Speller<'a>,
        text: &mut Vec<u8>,
    ) -> io::Result<()> {
        (self.tell)(Told::Read(rows.batch.len()));
        self.read += rows.batch.len() as u64;
        self.chosen += rows.chosen.places.len() as u64;
        self.kept.take(rows.batch, rows.chosen);
        loop {
            if let (Some(table), Speller::Table(spelt)) = (&mut self.table, &mut *speller) {
                table.take(spelt, text)?;
            }
            self.out.write_all(text)?;
            text.clear();
            if rows.are_written() {
                return Ok(());
            }
            rows.spell(speller, text)?;
        }
    }

    /// Tells what is wrong with the capture at this place, and sees to it that nothing is held back for too long.
    ///
    /// # Errors
    ///
    /// What writing says.
    pub(super) fn go_on(&mut self, damage: Option<&SourceError>, is_last: bool) -> io::Result<()> {
        if damage.is_some() || is_last {
            self.finish()?;
        } else if self.may_wait {
            self.let_go(PacketTable::pause)?;
        }
        if let Some(damage) = damage {
            (self.tell)(Told::Damage(damage));
            self.exit = self.exit.worst(Exit::after(damage));
        }
        Ok(())
    }

    /// Prints everything there is so far.
    ///
    /// # Errors
    ///
    /// What writing says.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.let_go(PacketTable::finish)
    }

    fn let_go(
        &mut self,
        held_back: impl FnOnce(&mut PacketTable<'a>, &mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(table) = &mut self.table {
            let mut text = Vec::new();
            held_back(table, &mut text)?;
            self.out.write_all(&text)?;
        }
        self.out.flush()
    }
}
