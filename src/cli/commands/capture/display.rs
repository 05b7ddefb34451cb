//! Showing what is captured, in a thread of its own, so that a slow terminal or pipe costs no packet.
//!
//! Packets go to the thread in batches through a queue of fixed length. Where the queue is full, the batch is left out
//! and counted: what is shown has a gap, what is saved has none.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use anyhow::{Context, anyhow};

use crate::analyse::Seen;
use crate::cli::args::RowArgs;
use crate::cli::output;
use crate::cli::report::Failure;
use crate::cli::rows::Rows;
use crate::cli::terminal;
use crate::decode::headers;
use crate::model::{Frame, LinkType, Timestamp};
use crate::render::{PacketWriter, Row, Style, View};

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
}

/// The capturing side of the display.
pub(super) struct Display {
    batch: Batch,
    /// `None` once the display has ended.
    queue: Option<SyncSender<Shown>>,
    /// Batches to use again.
    used: Receiver<Batch>,
    thread: Option<JoinHandle<Result<(), Failure>>>,
    /// Packets, or events, that were not shown.
    skipped: u64,
}

/// What the thread writes.
enum Shown {
    /// Packets, a row each.
    Packets(Batch),
    /// Text as it is.
    Text(String),
}

/// Packets with their bytes in one piece.
#[derive(Default)]
struct Batch {
    packets: Vec<Held>,
    bytes: Vec<u8>,
}

/// A packet of a batch.
struct Held {
    number: u64,
    time: Option<Timestamp>,
    link: LinkType,
    wire_len: u32,
    bytes: Range<usize>,
    seen: Option<Seen>,
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
        let show = move || show(&batches, &give_back, &look);
        let thread = thread::Builder::new().name("display".to_owned()).spawn(show).context("starting the display")?;
        Ok(Self { batch: Batch::default(), queue: Some(queue), used, thread: Some(thread), skipped: 0 })
    }

    /// Shows a packet, soon.
    pub(super) fn packet(&mut self, frame: &Frame<'_>, seen: Option<Seen>) {
        self.batch.add(frame, seen);
        if self.batch.packets.len() >= PACKETS || self.batch.bytes.len() >= BYTES {
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

impl Batch {
    fn add(&mut self, frame: &Frame<'_>, seen: Option<Seen>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(frame.bytes);
        let Frame { number, time, link, wire_len, .. } = *frame;
        self.packets.push(Held { number, time, link, wire_len, bytes: start..self.bytes.len(), seen });
    }

    fn emptied(mut self) -> Self {
        self.packets.clear();
        self.bytes.clear();
        self
    }

    fn frame(&self, held: &Held) -> Frame<'_> {
        Frame {
            number: held.number,
            time: held.time,
            interface: 0,
            link: held.link,
            wire_len: held.wire_len,
            bytes: &self.bytes[held.bytes.clone()],
            comments: &[],
        }
    }
}

/// What the thread does: shows what comes, and writes it out whenever nothing more is waiting.
fn show(batches: &Receiver<Shown>, give_back: &SyncSender<Batch>, look: &Look) -> Result<(), Failure> {
    let writing = "writing to standard output";
    let read_text = terminal::text_reader(look.rows.encoding);
    let view = View { style: look.style, absolute: look.rows.absolute, read_text: &read_text };
    let mut rows = Writer { rows: Rows::new(&look.rows)?.writer(view), origin: None, previous: None };
    let mut out = output::stdout()?;
    loop {
        let next = match batches.try_recv() {
            Ok(next) => Some(next),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => {
                rows.rows.pause(&mut out).and_then(|()| out.flush()).context(writing)?;
                batches.recv().ok()
            }
        };
        match next {
            Some(Shown::Text(text)) => out.write_all(text.as_bytes()).context(writing)?,
            Some(Shown::Packets(batch)) => {
                rows.write(&batch, &mut out).context(writing)?;
                // Where nobody takes it back, it is not needed.
                let _ = give_back.try_send(batch.emptied());
            }
            None => return Ok(rows.rows.finish(&mut out).and_then(|()| out.flush()).context(writing)?),
        }
    }
}

/// Writes rows, and remembers what their times are counted from.
struct Writer<'v> {
    rows: Box<dyn PacketWriter + 'v>,
    origin: Option<Timestamp>,
    previous: Option<Timestamp>,
}

impl Writer<'_> {
    fn write(&mut self, batch: &Batch, out: &mut dyn Write) -> io::Result<()> {
        for held in &batch.packets {
            let frame = batch.frame(held);
            self.origin = self.origin.or(frame.time);
            let (origin, previous) = (self.origin, self.previous);
            self.rows.write(&Row { frame, packet: headers(&frame), seen: held.seen, origin, previous }, out)?;
            self.previous = frame.time.or(previous);
        }
        Ok(())
    }
}
