//! The pass over captures that shows packets one by one. Each batch is worked on by one of several threads.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use super::chooser::Chooser;
use super::kept::{Keep, Kept};
use super::printer::Printer;
use super::speller::{Pending, Shape, Speller, WriterMaker};
use crate::analyse::{Digest, Observed};
use crate::decode::headers;
use crate::engine::choice::Choice;
use crate::engine::exit::Exit;
use crate::engine::failure::Failure;
use crate::engine::ordered_batches::OrderedBatches;
use crate::engine::scan::Told;
use crate::source::{Batch, SourceError};

/// A pass to be made.
pub(crate) struct RowScan<'a> {
    /// The captures, one after the other or merged.
    pub(crate) batches: OrderedBatches,
    /// Whether their packets may be long in coming.
    pub(crate) may_wait: bool,
    /// Which of them are wanted.
    pub(crate) choice: Choice,
    /// After how many chosen packets it ends.
    pub(crate) limit: Option<u64>,
    /// In what shape they are shown.
    pub(crate) shape: Shape<'a>,
    /// How much of them is kept.
    pub(crate) keep: Keep,
}

/// What a pass leaves behind.
pub(crate) struct Shown {
    /// How it ends after what was wrong with the captures.
    pub(crate) exit: Exit,
    /// How many packets were chosen.
    pub(crate) chosen: u64,
    /// How many were read, chosen or not.
    pub(crate) read: u64,
    /// The chosen ones, where they are few enough to draw their conversations.
    pub(crate) kept: Option<Vec<Observed>>,
    /// Whether a process behind one of the chosen packets is named.
    pub(crate) has_named: bool,
    /// With the conversations, where they were followed.
    pub(crate) choice: Choice,
    /// Why the pass ended early: the filter has no meaning for a packet.
    pub(crate) refusal: Option<SourceError>,
}

impl RowScan<'_> {
    /// Reads the captures to their end, or until there is enough, and writes the rows to `out`.
    ///
    /// # Errors
    ///
    /// What writing says. Damage of a capture is told and is no error.
    pub(crate) fn run(
        self,
        out: &mut (impl Write + Send),
        tell: impl FnMut(Told<'_>) + Send,
    ) -> Result<Shown, Failure> {
        let Self { batches, may_wait, choice, limit, shape, keep } = self;
        let (table, make_writer) = match shape {
            Shape::Hidden => (None, None),
            Shape::Each(make_writer) => (None, Some(make_writer)),
            Shape::Table(table) => (Some(table), None),
        };
        let mut heading = Vec::new();
        make_writer.as_ref().map_or(Ok(()), |make| make().begin(&mut heading))?;
        out.write_all(&heading)?;
        let kept = Kept::new(keep);
        let printer = Printer { out, table, may_wait, tell, exit: Exit::Done, read: 0, chosen: 0, kept };
        let pass = Pass {
            batches,
            follows: choice.follows(),
            make_writer,
            chooser: Mutex::new(Chooser::new(choice, limit)),
            printer: Mutex::new(printer),
        };
        pass.batches.share(|| pass.work())?;
        let Chooser { choice, has_named, refusal, .. } =
            pass.chooser.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut printer = pass.printer.into_inner().unwrap_or_else(PoisonError::into_inner);
        printer.finish()?;
        let Printer { exit, chosen, read, kept, .. } = printer;
        Ok(Shown { exit, chosen, read, kept: kept.packets, has_named, choice, refusal })
    }
}

/// What the threads share.
struct Pass<'a, W, T> {
    batches: OrderedBatches,
    /// Whether conversations are followed.
    follows: bool,
    make_writer: Option<WriterMaker<'a>>,
    chooser: Mutex<Chooser>,
    printer: Mutex<Printer<'a, W, T>>,
}

impl<'a, W: Write, T: FnMut(Told<'_>)> Pass<'a, W, T> {
    fn speller(&self) -> Speller<'a> {
        let printer = self.printer.lock().unwrap_or_else(PoisonError::into_inner);
        match (&printer.table, &self.make_writer) {
            (Some(table), _) => Speller::Table(Box::new(table.rows())),
            (None, Some(make)) => Speller::Rows(make()),
            (None, None) => Speller::Silent,
        }
    }

    /// What each thread does.
    fn work(&self) -> Result<(), Failure> {
        let (mut batch, mut digests, mut text) = (Batch::default(), Vec::new(), Vec::new());
        let mut interfaces = self.batches.interfaces();
        let mut speller = self.speller();
        while let Some(mut turn) = self.batches.take(&mut batch) {
            digests.clear();
            if self.follows {
                digests.extend(batch.frames().map(|frame| Digest::of(&frame, &headers(&frame))));
            }
            let choose = |chooser: &mut Chooser| Ok::<_, Failure>(chooser.choose(&batch, &digests));
            let Some(chosen) = turn.in_order(&self.chooser, choose)? else { break };
            if chosen.is_last {
                turn.stop_after();
            }
            let mut rows = Pending::new(&batch, &chosen, &mut interfaces);
            rows.spell(&mut speller, &mut text)?;
            let damage = turn.error.take();
            let print = |printer: &mut Printer<'a, W, T>| {
                printer.print(&mut rows, &mut speller, &mut text)?;
                printer.go_on(damage.as_ref(), chosen.is_last)
            };
            if turn.in_order(&self.printer, print)?.is_none() || chosen.is_last {
                break;
            }
            turn.done();
        }
        Ok(())
    }
}
