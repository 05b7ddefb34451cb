//! Showing what is captured, in a thread of its own, so that a slow terminal or pipe costs no packet.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Context, anyhow};

use super::queue::{Intake, Observed, Outlet, Shown, queue};
use crate::analyse::Seen;
use crate::cli::args::RowArgs;
use crate::cli::output::{self, Output};
use crate::cli::report::Failure;
use crate::cli::rows::Rows;
use crate::cli::terminal;
use crate::decode::{Packet, headers};
use crate::host::NameBook;
use crate::model::{Frame, Processes, Timestamp};
use crate::render::{Known, Names, PacketWriter, Row, Style, View};
use crate::source::InterfaceNames;

/// How rows look.
pub(super) struct Look {
    pub(super) rows: RowArgs,
    pub(super) style: Style,
    /// Whether packets come with the processes behind them.
    pub(super) with_processes: bool,
    /// What hosts are called, where that is asked for.
    pub(super) names: Option<NameBook>,
    /// What the interfaces are called that packets come from.
    pub(super) interfaces: InterfaceNames,
    /// Whether these are several.
    pub(super) is_everywhere: bool,
}

/// The capturing side of the display.
pub(super) struct Display {
    queue: Intake,
    thread: Option<JoinHandle<Result<(), Failure>>>,
}

impl Display {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// No thread can be started.
    pub(super) fn start(look: Look) -> Result<Self, Failure> {
        let (queue, outlet) = queue();
        let out = output::stdout()?;
        let show = move || show(&outlet, look, out);
        let thread = thread::Builder::new().name("display".to_owned()).spawn(show).context("starting the display")?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Shows a packet, soon.
    pub(super) fn packet(&mut self, frame: &Frame<'_>, seen: Option<Seen>, processes: Option<Processes>) {
        self.queue.packet(frame, seen, processes);
    }

    /// Shows a text that tells of so many events; false where the display is too slow for it now.
    pub(super) fn text(&mut self, text: String, events: u64) -> bool {
        self.queue.text(text, events)
    }

    /// Shows what was held back, because the next packet may be long in coming.
    pub(super) fn pause(&mut self) {
        self.queue.pause();
    }

    /// Whether it ended by itself: its reader closed the pipe, or the disk is full.
    pub(super) const fn has_ended(&self) -> bool {
        self.queue.has_ended()
    }

    /// Waits until everything is shown; says how many packets, or events, were not.
    ///
    /// # Errors
    ///
    /// What the system says of standard output.
    pub(super) fn finish(&mut self) -> Result<u64, Failure> {
        let skipped = self.queue.end();
        let ended = self.thread.take().map_or(Ok(Ok(())), JoinHandle::join);
        ended.map_err(|_| anyhow!("the display's thread panicked"))??;
        Ok(skipped)
    }
}

/// What the thread does: shows what comes, and writes it out whenever nothing more is waiting.
fn show(queue: &Outlet, look: Look, mut out: Output) -> Result<(), Failure> {
    let writing = "writing to standard output";
    let read_text = terminal::payload_reader(look.rows.encoding);
    let view = View { style: look.style, absolute: look.rows.absolute, read_text: &read_text };
    let rows = Rows::new(&look.rows)?.everywhere(look.is_everywhere);
    let mut rows = Writer {
        rows: rows.with(look.with_processes, look.names.is_some()).writer(view),
        names: look.names,
        interfaces: look.interfaces,
        origin: None,
        previous: None,
    };
    let mut text = Vec::new();
    rows.rows.begin(&mut text)?;
    loop {
        let next = queue.next(|| {
            rows.rows.pause(&mut text)?;
            out.write_all(&text).and_then(|()| out.flush()).context(writing)?;
            text.clear();
            Ok::<_, Failure>(())
        })?;
        match &next {
            Some(Shown::Text(event)) => text.extend_from_slice(event.as_bytes()),
            Some(Shown::Packets(batch)) => rows.write(batch, &mut text)?,
            None => rows.rows.finish(&mut text)?,
        }
        out.write_all(&text).context(writing)?;
        text.clear();
        match next {
            Some(shown) => queue.done(shown),
            None => return output::finish(out),
        }
    }
}

/// Writes rows, and remembers what their times are counted from.
struct Writer<'v> {
    rows: Box<dyn PacketWriter + 'v>,
    names: Option<NameBook>,
    interfaces: InterfaceNames,
    origin: Option<Timestamp>,
    previous: Option<Timestamp>,
}

impl Writer<'_> {
    fn write(&mut self, batch: &Observed, out: &mut Vec<u8>) -> io::Result<()> {
        if let Some(names) = &mut self.names {
            names.take_answers();
        }
        for (frame, (seen, processes)) in batch.packets() {
            self.origin = self.origin.or(frame.time);
            let (origin, previous) = (self.origin, self.previous);
            let packet = headers(&frame);
            let names = self.names.as_mut().map(|names| HostNames::of(&packet, names));
            let known = Known {
                processes: processes.as_ref(),
                names: names.as_ref().map(HostNames::as_names),
                interface: self.interfaces.of(frame.interface),
            };
            self.rows.write(&Row { frame, packet: &packet, seen: *seen, origin, previous, known }, out)?;
            self.previous = frame.time.or(previous);
        }
        Ok(())
    }
}

/// What two hosts are called.
#[derive(Default)]
struct HostNames {
    source: Option<Arc<str>>,
    destination: Option<Arc<str>>,
}

impl HostNames {
    /// Those of a packet's hosts, as far as the book knows.
    fn of(packet: &Packet<'_>, book: &mut NameBook) -> Self {
        let addresses = packet.ip().and_then(|ip| ip.source().zip(ip.destination()));
        addresses.map_or_else(Self::default, |(source, destination)| Self {
            source: book.of(source),
            destination: book.of(destination),
        })
    }

    /// The same, to be shown.
    fn as_names(&self) -> Names<'_> {
        Names { source: self.source.as_deref(), destination: self.destination.as_deref() }
    }
}
