//! The pass over captures: which packets are chosen, and how their rows get written.
//!
//! Each batch is worked on by one of several threads. Choosing (with what conversations mean) and printing are done in the
//! capture's order, finding headers and spelling rows beside the other threads.

use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;

use super::plan::Plan;
use crate::analyse::{Digest, Observed, Seen};
use crate::cli::exit::Exit;
use crate::cli::input::Input;
use crate::cli::output::{self, Output};
use crate::cli::progress::Progress;
use crate::cli::report::{Failure, tell};
use crate::decode::headers;
use crate::engine::{Captures, Choice, OrderedBatches, ProcessNotes};
use crate::model::{Processes, Timestamp};
use crate::render::{Known, PacketTable, PacketWriter, Row, TableRows, View};
use crate::source::{Batch, InterfaceNames, SourceError};

/// When a thread has so many bytes of rows, it waits for its turn to print them before it writes more.
const MOST_TEXT: usize = 1 << 20;

/// The most bytes that are kept of the packets whose conversations may be drawn.
pub(super) const MOST_BYTES: usize = 8 << 20;

/// A pass over captures.
pub(super) struct Pass<'a> {
    plan: &'a Plan<'a>,
    input: &'a Input,
    view: View<'a>,
    batches: OrderedBatches,
    /// Whether conversations are followed.
    follows: bool,
    chooser: Mutex<Chooser>,
    printer: Mutex<Printer<'a>>,
}

/// What a pass leaves behind.
pub(super) struct Passed {
    pub(super) exit: Exit,
    /// How many packets were chosen.
    pub(super) count: u64,
    /// How many were read, chosen or not.
    pub(super) read: u64,
    /// The chosen ones, where they are few enough to draw their conversations.
    pub(super) kept: Option<Vec<Observed>>,
    /// Whether a process behind one of the chosen packets is named.
    pub(super) named: bool,
    /// With the conversations, where they were followed.
    pub(super) choice: Choice,
    pub(super) out: Output,
}

/// Chooses packets, in their order.
struct Chooser {
    choice: Choice,
    /// How many more packets are wanted.
    left: u64,
    /// The time of the packet chosen last.
    previous: Option<Timestamp>,
    /// The processes that the capture names.
    noted: ProcessNotes,
    /// Whether it has named one behind a chosen packet.
    named: bool,
}

/// The packets of a batch that are to be shown.
struct Chosen {
    /// Their places in the batch.
    places: Vec<usize>,
    /// What each of them meant; empty where conversations are not followed.
    seen: Vec<Option<Seen>>,
    /// Those with known processes behind them, by their index among the chosen ones.
    processes: Vec<(usize, Processes)>,
    origin: Option<Timestamp>,
    /// The time of the packet chosen before the first.
    previous: Option<Timestamp>,
    /// Why there will be no more.
    end: Option<End>,
}

enum End {
    /// No more are wanted.
    Enough,
    /// The filter has no meaning for the next one.
    Refused(SourceError),
}

/// Prints rows, in their order.
struct Printer<'a> {
    out: Output,
    /// What puts rows together that depend on each other.
    table: Option<PacketTable<'a>>,
    may_wait: bool,
    progress: Progress,
    exit: Exit,
    count: u64,
    kept: Kept,
}

/// The packets of a capture that is small enough to draw its conversations.
struct Kept {
    /// `None` when they are too many.
    packets: Option<Vec<Observed>>,
    bytes: usize,
    most: usize,
}

/// The packets to be shown of a batch on their way to become rows.
struct Pending<'b> {
    batch: &'b Batch,
    chosen: &'b Chosen,
    /// How many rows were written.
    written: usize,
    /// What interfaces are called.
    interfaces: &'b mut InterfaceNames,
    /// The time of the packet before the next one.
    previous: Option<Timestamp>,
}

impl<'a> Pass<'a> {
    /// A pass by the plan over the captures of `input`, which are `opened`.
    ///
    /// # Errors
    ///
    /// A capture that is none.
    pub(super) fn new(
        plan: &'a Plan<'a>,
        input: &'a Input,
        opened: Captures,
        choice: Choice,
        view: View<'a>,
    ) -> Result<Self, Failure> {
        let may_wait = opened.may_wait();
        let batches = opened.batches()?;
        let follows = choice.follows();
        let left = plan.args.choice.limit.unwrap_or(u64::MAX);
        let chooser = Chooser { choice, left, previous: None, noted: ProcessNotes::new(), named: false };
        let (mut out, mut heading) = (output::stdout()?, Vec::new());
        plan.writer(view).map_or(Ok(()), |mut writer| writer.begin(&mut heading))?;
        out.write_all(&heading).context(WRITING)?;
        let printer = Printer {
            out,
            table: plan.table(view),
            may_wait,
            progress: Progress::new(),
            exit: Exit::Done,
            count: 0,
            kept: Kept { packets: (plan.drawn > 0).then(Vec::new), bytes: 0, most: plan.drawn },
        };
        Ok(Self { plan, input, view, batches, follows, chooser: Mutex::new(chooser), printer: Mutex::new(printer) })
    }

    /// Reads the captures to their end, or as far as somebody wants to know.
    ///
    /// # Errors
    ///
    /// A filter that has no meaning for a packet, or what writing says. Damage of a capture is told and is no error.
    pub(super) fn run(self) -> Result<Passed, Failure> {
        self.batches.share(|| self.work())?;
        let chooser = self.chooser.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut printer = self.printer.into_inner().unwrap_or_else(PoisonError::into_inner);
        printer.finish()?;
        let Printer { exit, count, out, kept, progress, .. } = printer;
        let Chooser { choice, named, .. } = chooser;
        Ok(Passed { exit, count, named, read: progress.packets(), out, kept: kept.packets, choice })
    }

    fn speller(&self) -> Speller<'a> {
        let printer = self.printer.lock().unwrap_or_else(PoisonError::into_inner);
        match (&printer.table, self.plan.writer(self.view)) {
            (Some(table), _) => Speller::Table(Box::new(table.rows())),
            (None, Some(writer)) => Speller::Rows(writer),
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
            let Some(mut chosen) = turn.in_order(&self.chooser, choose)? else { break };
            let end = chosen.end.take();
            if end.is_some() {
                turn.stop_after();
            }
            let mut rows = Pending::new(&batch, &chosen, &mut interfaces);
            rows.spell(&mut speller, &mut text)?;
            let error = turn.error.take();
            let print = |printer: &mut Printer<'a>| {
                printer.print(&mut rows, &mut speller, &mut text)?;
                printer.go_on(error.as_ref(), end.is_some())
            };
            if turn.in_order(&self.printer, print)?.is_none() {
                break;
            }
            match end {
                None => turn.done(),
                Some(End::Enough) => break,
                Some(End::Refused(error)) => return Err(self.input.refused(error)),
            }
        }
        Ok(())
    }
}

const WRITING: &str = "writing to standard output";

impl Chooser {
    fn choose(&mut self, batch: &Batch, digests: &[Digest]) -> Chosen {
        let mut chosen = Chosen {
            places: Vec::new(),
            seen: Vec::new(),
            processes: Vec::new(),
            origin: None,
            previous: self.previous,
            end: None,
        };
        chosen.places.reserve(batch.len());
        if self.choice.follows() {
            chosen.seen.reserve(batch.len());
        }
        for (place, frame) in batch.frames().enumerate() {
            if self.left == 0 {
                break;
            }
            let seen = self.choice.follow(&frame, digests.get(place));
            match self.choice.takes(&frame, seen.as_ref()) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(error) => {
                    chosen.end = Some(End::Refused(error));
                    break;
                }
            }
            if let Some(processes) = self.noted.of(&frame) {
                chosen.processes.push((chosen.places.len(), processes));
                self.named = true;
            }
            chosen.places.push(place);
            if self.choice.follows() {
                chosen.seen.push(seen);
            }
            self.previous = frame.time.or(self.previous);
            self.left -= 1;
        }
        if self.left == 0 {
            chosen.end = Some(End::Enough);
        }
        chosen.origin = self.choice.origin();
        chosen
    }
}

impl<'b> Pending<'b> {
    fn new(batch: &'b Batch, chosen: &'b Chosen, interfaces: &'b mut InterfaceNames) -> Self {
        Self { batch, chosen, interfaces, written: 0, previous: chosen.previous }
    }

    /// Spells the next rows, until there are [`MOST_TEXT`] bytes of text.
    fn spell(&mut self, speller: &mut Speller<'_>, text: &mut Vec<u8>) -> Result<(), Failure> {
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

    fn are_written(&self) -> bool {
        self.written == self.chosen.places.len()
    }
}

/// What a thread spells rows with.
enum Speller<'a> {
    /// Rows that are printed as they are.
    Rows(Box<dyn PacketWriter + 'a>),
    /// Rows that the table takes.
    Table(Box<TableRows<'a>>),
    /// None are shown.
    Silent,
}

impl<'a> Printer<'a> {
    /// Prints the rows that were spelt of a batch, and spells and prints the others.
    fn print(&mut self, rows: &mut Pending<'_>, speller: &mut Speller<'a>, text: &mut Vec<u8>) -> Result<(), Failure> {
        self.progress.step(rows.batch.len());
        self.count += rows.chosen.places.len() as u64;
        self.kept.take(rows);
        loop {
            if let (Some(table), Speller::Table(spelt)) = (&mut self.table, &mut *speller) {
                table.take(spelt, text)?;
            }
            self.out.write_all(text).context(WRITING)?;
            text.clear();
            if rows.are_written() {
                return Ok(());
            }
            rows.spell(speller, text)?;
        }
    }

    /// Tells what is wrong with the capture at this place, and sees to it that nothing is held back for too long.
    fn go_on(&mut self, error: Option<&SourceError>, is_last: bool) -> Result<(), Failure> {
        if error.is_some() || is_last {
            self.finish()?;
        } else if self.may_wait {
            self.let_go(PacketTable::pause)?;
        }
        if let Some(error) = error {
            self.progress.hide();
            self.exit = self.exit.worst(tell(error));
        }
        Ok(())
    }

    /// Prints everything there is so far.
    fn finish(&mut self) -> Result<(), Failure> {
        self.let_go(PacketTable::finish)
    }

    fn let_go(
        &mut self,
        held_back: impl FnOnce(&mut PacketTable<'a>, &mut Vec<u8>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        if let Some(table) = &mut self.table {
            let mut text = Vec::new();
            held_back(table, &mut text)?;
            self.out.write_all(&text).context(WRITING)?;
        }
        Ok(self.out.flush().context(WRITING)?)
    }
}

impl Kept {
    fn take(&mut self, rows: &Pending<'_>) {
        for (index, &place) in rows.chosen.places.iter().enumerate() {
            let Some(packets) = &mut self.packets else { return };
            let frame = rows.batch.frame(place);
            self.bytes += frame.bytes.len();
            if packets.len() == self.most || self.bytes > MOST_BYTES {
                self.packets = None;
                return;
            }
            packets.push(Observed { frame: frame.to_owned(), seen: rows.chosen.seen.get(index).copied().flatten() });
        }
    }
}
