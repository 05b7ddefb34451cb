//! What becomes of connections, shown as it happens: a table redrawn in place on a terminal, else a line an event.

use std::cmp::Reverse;
use std::io::Write;
use std::time::{Duration, Instant};

use super::arrival::Arrival;
use super::display::{Display, Step, show};
use super::outcome::Outcome;
use super::queue::Shown;
use super::sink::{Knowledge, Sink};
use crate::analyse::{Connection, Moment, Tracker};
use crate::clock::now;
use crate::engine::failure::Failure;
use crate::host::{NameBook, ProcessBook};
use crate::model::{Lane, Timestamp, Transport};
use crate::render::{LiveConnection, Style, write_connection_change, write_live_connections};

/// How often the table is drawn at most.
const REDRAW: Duration = Duration::from_millis(250);

/// How connections are shown.
pub(crate) struct ConnectionOptions {
    pub(crate) style: Style,
    /// How many lines the terminal has; `None` where there is none.
    pub(crate) terminal_lines: Option<usize>,
    /// What hosts are called, where that is asked for.
    pub(crate) names: Option<NameBook>,
}

/// Shows connections in a thread of its own.
pub(crate) struct ShownConnections {
    display: Display,
    style: Style,
    names: Option<NameBook>,
    shape: Shape,
}

/// What is shown of connections.
enum Shape {
    Events(Events),
    Table(Table),
}

/// A line an event: those that are not yet shown.
#[derive(Default)]
struct Events {
    origin: Option<Timestamp>,
    lines: Vec<u8>,
    count: u64,
}

/// A table of those that were active last, on the terminal's last lines.
struct Table {
    /// How many connections there is room for.
    room: usize,
    /// When it was drawn last.
    drawn: Option<Instant>,
    /// How many lines it took then.
    lines: usize,
    /// Whether anything has happened since.
    is_stale: bool,
}

impl ShownConnections {
    /// Starts the thread, which writes to `out`.
    ///
    /// # Errors
    ///
    /// No thread can be started.
    pub(crate) fn start(options: ConnectionOptions, out: impl Write + Send + 'static) -> Result<Self, Failure> {
        let ConnectionOptions { style, terminal_lines, names } = options;
        let display = Display::start(move |queue| {
            show(queue, out, |step, text| {
                if let Step::Show(Shown::Text(words)) = step {
                    text.extend_from_slice(words.as_bytes());
                }
                Ok(())
            })
        })?;
        let shape = match terminal_lines {
            // Its heading and the rule under it, what is left out, and the line the cursor is on.
            Some(lines) => {
                let room = lines.saturating_sub(4).max(1);
                Shape::Table(Table { room, drawn: None, lines: 0, is_stale: false })
            }
            None => Shape::Events(Events::default()),
        };
        Ok(Self { display, style, names, shape })
    }

    /// Shows what is due; all of it at the end.
    fn show(&mut self, known: &mut Knowledge, is_end: bool) {
        let Knowledge { tracker: Some(tracker), processes } = known else { return };
        match &mut self.shape {
            Shape::Events(events) if events.count > 0 => {
                let lines = std::mem::take(&mut events.lines);
                let text = String::from_utf8_lossy(&lines).into_owned();
                self.display.queue.text(text, std::mem::take(&mut events.count));
            }
            Shape::Events(_) => {}
            Shape::Table(table) if table.is_due(is_end) => {
                let lines = Lines { names: self.names.as_mut(), processes: processes.as_mut() };
                let (drawing, count) = table.draw(tracker, lines, self.style);
                if self.display.queue.text(drawing, 0) {
                    (table.lines, table.is_stale) = (count, false);
                }
                table.drawn = Some(now());
            }
            Shape::Table(_) => {}
        }
    }
}

impl Sink for ShownConnections {
    fn take(&mut self, arrival: &Arrival<'_>, known: &mut Knowledge) -> Result<(), Failure> {
        match &mut self.shape {
            Shape::Events(events) => events.take(arrival, known, self.names.as_mut(), self.style),
            Shape::Table(table) => table.is_stale = true,
        }
        Ok(())
    }

    fn refresh(&mut self, known: &mut Knowledge) {
        self.show(known, false);
    }

    fn has_ended(&self) -> bool {
        self.display.queue.has_ended()
    }

    fn finish(&mut self, known: &mut Knowledge, outcome: &mut Outcome) -> Result<(), Failure> {
        self.show(known, true);
        outcome.skipped = self.display.finish()?;
        Ok(())
    }
}

/// What is known of the ends of connections.
struct Lines<'k> {
    names: Option<&'k mut NameBook>,
    processes: Option<&'k mut ProcessBook>,
}

impl Lines<'_> {
    fn line<'c>(&mut self, connection: &'c Connection) -> LiveConnection<'c> {
        let [client, server] = [Lane::Client, Lane::Server].map(|lane| connection.endpoint(lane));
        let mut name = |end| match &mut self.names {
            Some(names) => names.endpoint(end),
            None => end.to_string(),
        };
        let ends = [name(client), name(server)];
        let processes = self.processes.as_mut().map(|book| book.between(connection.transport(), client, server));
        LiveConnection { connection, ends, processes }
    }
}

impl Events {
    fn take(&mut self, arrival: &Arrival<'_>, known: &mut Knowledge, mut names: Option<&mut NameBook>, style: Style) {
        let frame = &arrival.frame;
        self.origin = self.origin.or(frame.time);
        let Knowledge { tracker: Some(tracker), processes } = known else { return };
        let Some(seen) = arrival.seen else { return };
        let Some(connection) = tracker.connection(seen.transport, seen.stream) else { return };
        let Some(change) = connection.changed_by(frame.number) else { return };
        let nanos = frame.time.zip(self.origin).map_or(0, |(time, origin)| time - origin);
        if let Some(names) = &mut names {
            names.take_answers();
        }
        let line = Lines { names, processes: processes.as_mut() }.line(connection);
        // Writing to memory cannot fail.
        let _ = write_connection_change(&line, change, nanos, style, &mut self.lines);
        self.count += 1;
    }
}

impl Table {
    fn is_due(&self, is_end: bool) -> bool {
        self.is_stale && (is_end || self.drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAW))
    }

    /// The table in the place of the last one, and how many lines it takes.
    fn draw(&self, tracker: &Tracker, mut lines: Lines<'_>, style: Style) -> (String, usize) {
        let mut all: Vec<&Connection> =
            [Transport::Tcp, Transport::Udp].into_iter().flat_map(|transport| tracker.connections(transport)).collect();
        let active = |connection: &&Connection| Reverse(connection.last().map(Moment::frame));
        let more = all.len().saturating_sub(self.room);
        if more > 0 {
            all.select_nth_unstable_by_key(self.room, active);
            all.truncate(self.room);
        }
        all.sort_by_key(active);
        if let Some(names) = &mut lines.names {
            names.take_answers();
        }
        let rows: Vec<LiveConnection<'_>> = all.into_iter().map(|connection| lines.line(connection)).collect();
        let mut drawing = Vec::new();
        // Writing to memory cannot fail.
        let _ = write_live_connections(&rows, more, self.lines, style, &mut drawing);
        let drawing = String::from_utf8_lossy(&drawing).into_owned();
        let count = drawing.lines().count();
        (drawing, count)
    }
}
