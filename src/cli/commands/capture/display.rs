//! Showing what is captured, in a thread of its own, so that a slow terminal or pipe costs no packet.
//!
//! Packets go to the thread in batches through a queue of fixed length. Where the queue is full, the batch is left out
//! and counted: what is shown has a gap, what is saved has none.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use anyhow::{Context, anyhow};

use super::names::{HostNames, NameBook};
use crate::analyse::Seen;
use crate::cli::args::RowArgs;
use crate::cli::output;
use crate::cli::report::Failure;
use crate::cli::rows::Rows;
use crate::cli::terminal;
use crate::decode::headers;
use crate::model::{Frame, Processes, Timestamp};
use crate::render::{Known, PacketWriter, Row, Style, View};
use crate::source::Batch;

/// The most packets of a batch.
const PACKETS: usize = 512;

/// The most bytes of a batch, but for its last packet.
const BYTES: usize = 1 << 18;

/// How many batches may wait.
const WAITING: usize = 64;

/// How rows look.
pub(super) struct Look {
    pub(super) rows: RowArgs,
    pub(super) style: Style,
    /// Whether packets come with the processes behind them.
    pub(super) with_processes: bool,
    /// What hosts are called, where that is asked for.
    pub(super) names: Option<NameBook>,
}

/// The capturing side of the display.
pub(super) struct Display {
    batch: Observed,
    /// `None` once the display has ended.
    queue: Option<SyncSender<Shown>>,
    /// Batches to use again.
    used: Receiver<Observed>,
    thread: Option<JoinHandle<Result<(), Failure>>>,
    /// Packets, or events, that were not shown.
    skipped: u64,
}

/// What the thread writes.
enum Shown {
    /// Packets, a row each.
    Packets(Observed),
    /// Text as it is.
    Text(String),
}

/// Packets with what they meant.
#[derive(Default)]
struct Observed {
    packets: Batch,
    /// What each of them meant, and the processes behind it.
    meaning: Vec<(Option<Seen>, Option<Processes>)>,
    /// How many bytes the packets have.
    bytes: usize,
}

impl Display {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// No thread can be started.
    pub(super) fn start(look: Look) -> Result<Self, Failure> {
        let (queue, batches) = sync_channel(WAITING);
        let (give_back, used) = sync_channel(WAITING);
        let show = move || show(&batches, &give_back, look);
        let thread = thread::Builder::new().name("display".to_owned()).spawn(show).context("starting the display")?;
        Ok(Self { batch: Observed::default(), queue: Some(queue), used, thread: Some(thread), skipped: 0 })
    }

    /// Shows a packet, soon.
    pub(super) fn packet(&mut self, frame: &Frame<'_>, seen: Option<Seen>, processes: Option<Processes>) {
        self.batch.add(frame, seen, processes);
        if self.batch.packets.len() >= PACKETS || self.batch.bytes >= BYTES {
            self.pause();
        }
    }

    /// Shows a text that tells of so many events; false where the display is too slow for it now.
    pub(super) fn text(&mut self, text: String, events: u64) -> bool {
        let Some(queue) = &self.queue else { return false };
        match queue.try_send(Shown::Text(text)) {
            Ok(()) => return true,
            Err(TrySendError::Full(_)) => self.skipped += events,
            Err(TrySendError::Disconnected(_)) => self.queue = None,
        }
        false
    }

    /// Shows what was held back, because the next packet may be long in coming.
    pub(super) fn pause(&mut self) {
        if self.batch.packets.is_empty() {
            return;
        }
        let next = self.used.try_recv().unwrap_or_default();
        let batch = std::mem::replace(&mut self.batch, next);
        let Some(queue) = &self.queue else { return };
        match queue.try_send(Shown::Packets(batch)) {
            Ok(()) => {}
            Err(TrySendError::Full(Shown::Packets(batch))) => {
                self.skipped += batch.packets.len() as u64;
                // Its memory serves the next one.
                self.batch = batch.emptied();
            }
            Err(_) => self.queue = None,
        }
    }

    /// Whether it ended by itself: its reader closed the pipe, or the disk is full.
    pub(super) const fn has_ended(&self) -> bool {
        self.queue.is_none()
    }

    /// Waits until everything is shown; says how many packets, or events, were not.
    ///
    /// # Errors
    ///
    /// What the system says of standard output.
    pub(super) fn finish(&mut self) -> Result<u64, Failure> {
        self.pause();
        self.queue = None;
        let ended = self.thread.take().map_or(Ok(Ok(())), JoinHandle::join);
        ended.map_err(|_| anyhow!("the display's thread panicked"))??;
        Ok(self.skipped)
    }
}

impl Observed {
    fn add(&mut self, frame: &Frame<'_>, seen: Option<Seen>, processes: Option<Processes>) {
        // Its interface is the capture's only one, and it has no comments.
        self.packets.push(&Frame { interface: 0, comments: &[], ..*frame });
        self.meaning.push((seen, processes));
        self.bytes += frame.bytes.len();
    }

    fn emptied(mut self) -> Self {
        self.packets.clear();
        self.meaning.clear();
        self.bytes = 0;
        self
    }
}

/// What the thread does: shows what comes, and writes it out whenever nothing more is waiting.
fn show(batches: &Receiver<Shown>, give_back: &SyncSender<Observed>, look: Look) -> Result<(), Failure> {
    let writing = "writing to standard output";
    let read_text = terminal::text_reader(look.rows.encoding);
    let view = View { style: look.style, absolute: look.rows.absolute, read_text: &read_text };
    let mut rows = Writer {
        rows: Rows::new(&look.rows)?.with(look.with_processes, look.names.is_some()).writer(view),
        names: look.names,
        origin: None,
        previous: None,
    };
    let (mut out, mut text) = (output::stdout()?, Vec::new());
    rows.rows.begin(&mut text)?;
    loop {
        let next = match batches.try_recv() {
            Ok(next) => Some(next),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => {
                rows.rows.pause(&mut text)?;
                out.write_all(&text).and_then(|()| out.flush()).context(writing)?;
                text.clear();
                batches.recv().ok()
            }
        };
        match &next {
            Some(Shown::Text(event)) => text.extend_from_slice(event.as_bytes()),
            Some(Shown::Packets(batch)) => rows.write(batch, &mut text)?,
            None => rows.rows.finish(&mut text)?,
        }
        out.write_all(&text).context(writing)?;
        text.clear();
        match next {
            // Where nobody takes it back, it is not needed.
            Some(Shown::Packets(batch)) => drop(give_back.try_send(batch.emptied())),
            Some(Shown::Text(_)) => {}
            None => return output::finish(out),
        }
    }
}

/// Writes rows, and remembers what their times are counted from.
struct Writer<'v> {
    rows: Box<dyn PacketWriter + 'v>,
    names: Option<NameBook>,
    origin: Option<Timestamp>,
    previous: Option<Timestamp>,
}

impl Writer<'_> {
    fn write(&mut self, batch: &Observed, out: &mut Vec<u8>) -> io::Result<()> {
        if let Some(names) = &mut self.names {
            names.take_answers();
        }
        for (frame, (seen, processes)) in batch.packets.frames().zip(&batch.meaning) {
            self.origin = self.origin.or(frame.time);
            let (origin, previous) = (self.origin, self.previous);
            let packet = headers(&frame);
            let names = self.names.as_mut().map(|names| HostNames::of(&packet, names));
            let known = Known { processes: processes.as_ref(), names: names.as_ref().map(HostNames::as_names) };
            self.rows.write(&Row { frame, packet: &packet, seen: *seen, origin, previous, known }, out)?;
            self.previous = frame.time.or(previous);
        }
        Ok(())
    }
}
