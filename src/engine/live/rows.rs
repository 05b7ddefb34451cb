//! Packets shown as they come, a row each.

use std::io::{self, Write};
use std::sync::Arc;

use super::arrival::Arrival;
use super::display::{Display, Step, show};
use super::outcome::Outcome;
use super::queue::{Observed, Outlet, Shown};
use super::sink::{Knowledge, Sink};
use crate::decode::{Packet, headers};
use crate::engine::failure::Failure;
use crate::host::NameBook;
use crate::model::Timestamp;
use crate::render::{Known, Names, PacketWriter, Row, Style, TextReader, View};
use crate::source::InterfaceNames;

/// How rows look.
pub(crate) struct RowOptions {
    pub(crate) style: Style,
    /// Whether absolute sequence numbers are shown too.
    pub(crate) absolute: bool,
    /// How payload bytes are read as text.
    pub(crate) read_text: TextReader,
    /// What spells rows.
    pub(crate) writer: WriterMaker,
    /// What hosts are called, where that is asked for.
    pub(crate) names: Option<NameBook>,
    /// What the interfaces are called that packets come from.
    pub(crate) interfaces: InterfaceNames,
}

/// Makes what spells rows, in the thread that shows them.
pub(crate) type WriterMaker = Box<dyn for<'v> FnOnce(View<'v>) -> Result<Box<dyn PacketWriter + 'v>, Failure> + Send>;

/// Shows packets in a thread of its own.
pub(crate) struct ShownRows {
    display: Display,
}

impl ShownRows {
    /// Starts the thread, which writes to `out`.
    ///
    /// # Errors
    ///
    /// No thread can be started.
    pub(crate) fn start(options: RowOptions, out: impl Write + Send + 'static) -> Result<Self, Failure> {
        let display = Display::start(move |queue| show_rows(queue, options, out))?;
        Ok(Self { display })
    }
}

impl Sink for ShownRows {
    fn take(&mut self, arrival: &Arrival<'_>, known: &mut Knowledge) -> Result<(), Failure> {
        self.display.queue.packet(&arrival.frame, arrival.seen, known.processes_of(arrival));
        Ok(())
    }

    fn pause(&mut self) -> Result<(), Failure> {
        self.display.queue.pause();
        Ok(())
    }

    fn has_ended(&self) -> bool {
        self.display.queue.has_ended()
    }

    fn finish(&mut self, _: &mut Knowledge, outcome: &mut Outcome) -> Result<(), Failure> {
        outcome.skipped = self.display.finish()?;
        Ok(())
    }
}

/// What the thread does.
fn show_rows(queue: &Outlet, options: RowOptions, out: impl Write) -> Result<(), Failure> {
    let RowOptions { style, absolute, read_text, writer, names, interfaces } = options;
    let rows = writer(View { style, absolute, read_text: &*read_text })?;
    let mut rows = RowWriter { rows, names, interfaces, origin: None, previous: None };
    show(queue, out, |step, text| rows.spell(step, text))
}

/// Writes rows, and remembers what their times are counted from.
struct RowWriter<'v> {
    rows: Box<dyn PacketWriter + 'v>,
    names: Option<NameBook>,
    interfaces: InterfaceNames,
    origin: Option<Timestamp>,
    previous: Option<Timestamp>,
}

impl RowWriter<'_> {
    fn spell(&mut self, step: Step<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        match step {
            Step::Begin => self.rows.begin(out),
            Step::Show(Shown::Packets(batch)) => self.write(batch, out),
            Step::Show(Shown::Text(text)) => {
                out.extend_from_slice(text.as_bytes());
                Ok(())
            }
            Step::Pause => self.rows.pause(out),
            Step::Finish => self.rows.finish(out),
        }
    }

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
