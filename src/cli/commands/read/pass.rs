//! The pass over captures: which packets are chosen, and how their rows get written.
//!
//! Each batch is worked on by one of several threads. Choosing (with what conversations mean) and printing are done in the
//! capture's order, finding headers and writing rows beside the other threads.

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
use crate::render::{Known, PacketWriter, Row, View};
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
    /// The only writer of a format whose rows depend on each other.
    writer: Option<Box<dyn PacketWriter + 'a>>,
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
        let mut writer = plan.writer(view);
        writer.as_mut().map_or(Ok(()), |writer| writer.begin(&mut heading))?;
        out.write_all(&heading).context(WRITING)?;
        let printer = Printer {
            out,
            writer: writer.filter(|_| !plan.rows.are_independent()),
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

    /// What each thread does.
    fn work(&self) -> Result<(), Failure> {
        let (mut batch, mut digests, mut text) = (Batch::default(), Vec::new(), Vec::new());
        let mut interfaces = self.batches.interfaces();
        let mut writer = if self.plan.rows.are_independent() { self.plan.writer(self.view) } else { None };
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
            if let Some(writer) = &mut writer {
                rows.write(writer.as_mut(), &mut text)?;
            }
            let error = turn.error.take();
            let print = |printer: &mut Printer<'a>| {
                printer.print(&mut rows, &mut writer, &mut text)?;
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

    /// Writes the next rows, until there are [`MOST_TEXT`] bytes of text.
    fn write(&mut self, writer: &mut dyn PacketWriter, text: &mut Vec<u8>) -> Result<(), Failure> {
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
            writer.write(&Row { frame, packet, seen, origin, previous, known }, text)?;
            self.previous = frame.time.or(self.previous);
            self.written += 1;
        }
        Ok(())
    }

    fn are_written(&self) -> bool {
        self.written == self.chosen.places.len()
    }
}

/// What writes rows: a thread's own, or the one for all.
type Writer<'a> = Option<Box<dyn PacketWriter + 'a>>;

impl<'a> Printer<'a> {
    /// Prints the rows that were written of a batch, and writes and prints the others.
    fn print(&mut self, rows: &mut Pending<'_>, own: &mut Writer<'a>, text: &mut Vec<u8>) -> Result<(), Failure> {
        self.progress.step(rows.batch.len());
        self.count += rows.chosen.places.len() as u64;
        self.kept.take(rows);
        loop {
            self.out.write_all(text).context(WRITING)?;
            text.clear();
            match own.as_mut().or(self.writer.as_mut()) {
                Some(writer) if !rows.are_written() => rows.write(writer.as_mut(), text)?,
                _ => return Ok(()),
            }
        }
    }

    /// Tells what is wrong with the capture at this place, and sees to it that nothing is held back for too long.
    fn go_on(&mut self, error: Option<&SourceError>, is_last: bool) -> Result<(), Failure> {
        if error.is_some() || is_last {
            self.finish()?;
        } else if self.may_wait {
            self.let_go(|writer, text| writer.pause(text))?;
        }
        if let Some(error) = error {
            self.progress.hide();
            self.exit = self.exit.worst(tell(error));
        }
        Ok(())
    }

    /// Prints everything there is so far.
    fn finish(&mut self) -> Result<(), Failure> {
        self.let_go(|writer, text| writer.finish(text))
    }

    fn let_go(
        &mut self,
        held_back: impl FnOnce(&mut dyn PacketWriter, &mut Vec<u8>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        if let Some(writer) = &mut self.writer {
            let mut text = Vec::new();
            held_back(writer.as_mut(), &mut text)?;
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
