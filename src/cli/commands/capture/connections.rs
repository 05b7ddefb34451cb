//! `--connections`: what becomes of connections, as it happens. A table redrawn in place on a terminal, else a line an
//! event.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::processes::ProcessBook;
use crate::analyse::{Connection, Ending, Moment, Opening, Seen, Tracker, Traffic};
use crate::clock::now;
use crate::host::NameBook;
use crate::model::{Frame, Lane, Timestamp, Transport};
use crate::render::grid::{Column, Get};
use crate::render::{Style, Tabular, processes_words, write_table};
use crate::words::Spelling;

/// How often the table is drawn at most.
const REDRAW: Duration = Duration::from_millis(250);

/// What is shown of connections.
pub(super) enum Connections {
    /// A line an event.
    Events(Events),
    /// A table of those that were active last.
    Table(Table),
}

/// The lines that are not yet shown.
pub(super) struct Events {
    style: Style,
    names: Option<NameBook>,
    origin: Option<Timestamp>,
    lines: String,
    count: u64,
}

/// A table that stands on the terminal's last lines.
pub(super) struct Table {
    style: Style,
    names: Option<NameBook>,
    /// How many connections there is room for.
    room: usize,
    /// When it was drawn last.
    drawn: Option<Instant>,
    /// How many lines it took then.
    lines: usize,
    /// Whether anything has happened since.
    is_stale: bool,
}

impl Connections {
    /// On a terminal of so many lines, or on none; hosts by their names where `names` has them.
    pub(super) fn new(style: Style, terminal_lines: Option<usize>, names: Option<NameBook>) -> Self {
        match terminal_lines {
            // Its heading and the rule under it, what is left out, and the line the cursor is on.
            Some(lines) => {
                let room = lines.saturating_sub(4).max(1);
                Self::Table(Table { style, names, room, drawn: None, lines: 0, is_stale: false })
            }
            None => Self::Events(Events { style, names, origin: None, lines: String::new(), count: 0 }),
        }
    }

    /// Takes in what a packet meant.
    pub(super) fn observe(
        &mut self,
        frame: &Frame<'_>,
        seen: Option<Seen>,
        tracker: &Tracker,
        processes: Option<&mut ProcessBook>,
    ) {
        match self {
            Self::Events(events) => events.observe(frame, seen, tracker, processes),
            Self::Table(table) => table.is_stale = true,
        }
    }

    /// What is to be shown now, and how many events that is; `show` says whether it was.
    pub(super) fn show(
        &mut self,
        tracker: &Tracker,
        processes: Option<&mut ProcessBook>,
        is_end: bool,
        show: impl FnOnce(String, u64) -> bool,
    ) {
        match self {
            Self::Events(events) if events.count > 0 => {
                show(std::mem::take(&mut events.lines), std::mem::take(&mut events.count));
            }
            Self::Events(_) => {}
            Self::Table(table) => table.show(tracker, processes, is_end, show),
        }
    }
}

impl Events {
    fn observe(
        &mut self,
        frame: &Frame<'_>,
        seen: Option<Seen>,
        tracker: &Tracker,
        processes: Option<&mut ProcessBook>,
    ) {
        self.origin = self.origin.or(frame.time);
        let Some(connection) = seen.and_then(|seen| tracker.connection(seen.transport, seen.stream)) else { return };
        let Some(event) = event(connection, frame.number, self.style.spelling()) else { return };
        let seconds = frame.time.zip(self.origin).map_or(0.0, |(time, origin)| (time - origin) as f64 / 1e9);
        if let Some(names) = &mut self.names {
            names.take_answers();
        }
        let [client, server] = ends(connection, self.names.as_mut());
        let (transport, to) = (connection.transport().name(), self.style.to());
        // Writing to memory cannot fail.
        let _ = write!(self.lines, "{seconds:.6}  {transport} {client} {to} {server}  {event}");
        if let Some(words) = processes.map(|processes| behind(connection, processes, &self.style)) {
            let _ = write!(self.lines, "  [{}]", if words.is_empty() { self.style.missing() } else { &words });
        }
        self.lines.push('\n');
        self.count += 1;
    }
}

/// What a packet changed for its connection, if anything.
fn event(connection: &Connection, packet: u64, spelling: Spelling) -> Option<String> {
    let is_first = connection.first().is_some_and(|first| first.frame() == packet);
    let Some(verdict) = connection.verdict() else { return is_first.then(|| spelling.begins().to_owned()) };
    if verdict.ending_evidence.last() == Some(&packet) {
        return match verdict.ending {
            Ending::Closed { .. } | Ending::Reset(_) => {
                Some(format!("{}, {}", spelling.ending(verdict.ending), spelling.amounts(connection)))
            }
            _ => None,
        };
    }
    match verdict.opening {
        Opening::Complete { .. } if verdict.opening_evidence.last() == Some(&packet) => {
            Some(spelling.opened().to_owned())
        }
        Opening::Missed if is_first => Some(spelling.was_open().to_owned()),
        _ => is_first.then(|| spelling.begins().to_owned()),
    }
}

/// The client's end and the server's, their hosts by name where it is known.
fn ends(connection: &Connection, mut names: Option<&mut NameBook>) -> [String; 2] {
    [Lane::Client, Lane::Server].map(|lane| {
        let end = connection.endpoint(lane);
        names.as_mut().map_or_else(|| end.to_string(), |names| names.endpoint(end))
    })
}

/// The processes behind the client and the server; empty where neither is known.
fn behind(connection: &Connection, processes: &mut ProcessBook, style: &Style) -> String {
    let (client, server) = (connection.endpoint(Lane::Client), connection.endpoint(Lane::Server));
    processes_words(&processes.between(connection.transport(), client, server), style.to(), style.missing())
}

impl Table {
    fn show(
        &mut self,
        tracker: &Tracker,
        processes: Option<&mut ProcessBook>,
        is_end: bool,
        show: impl FnOnce(String, u64) -> bool,
    ) {
        let is_due = is_end || self.drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAW);
        if !self.is_stale || !is_due {
            return;
        }
        let drawing = self.draw(tracker, processes);
        let lines = drawing.lines().count();
        // Up to where the last one began, and clear what is below.
        let erase = if self.lines > 0 { format!("\x1b[{}A\x1b[J", self.lines) } else { String::new() };
        if show(erase + &drawing, 0) {
            (self.lines, self.is_stale) = (lines, false);
        }
        self.drawn = Some(now());
    }

    fn draw(&mut self, tracker: &Tracker, mut processes: Option<&mut ProcessBook>) -> String {
        let mut all: Vec<&Connection> =
            [Transport::Tcp, Transport::Udp].into_iter().flat_map(|transport| tracker.connections(transport)).collect();
        let active = |connection: &&Connection| std::cmp::Reverse(connection.last().map(Moment::frame));
        let (count, room) = (all.len(), self.room);
        if count > room {
            all.select_nth_unstable_by_key(room, active);
            all.truncate(room);
        }
        all.sort_by_key(active);
        if let Some(names) = &mut self.names {
            names.take_answers();
        }
        let line = |connection| Line {
            connection,
            ends: ends(connection, self.names.as_mut()),
            process: processes.as_mut().map(|processes| behind(connection, processes, &self.style)).unwrap_or_default(),
        };
        let lines: Vec<Line<'_>> = all.into_iter().map(line).collect();
        let mut drawing = Vec::new();
        // Writing to memory cannot fail.
        let _ = write_table(&lines, &[], self.style, &mut drawing);
        let mut drawing = String::from_utf8_lossy(&drawing).into_owned();
        if count > room {
            let _ = writeln!(drawing, "and {} that were active before these", count - room);
        }
        drawing
    }
}

/// A line of the table.
struct Line<'a> {
    connection: &'a Connection,
    /// The client's and the server's.
    ends: [String; 2],
    /// The processes behind its ends, in words.
    process: String,
}

/// A column of it.
type Of<'a> = Column<Line<'a>>;

impl Tabular for Line<'_> {
    fn columns() -> Vec<Column<Self>> {
        const fn sent<'l>(line: &'l Line<'_>, from: Lane) -> &'l Traffic {
            line.connection.traffic(from)
        }
        vec![
            Of::new("transport", "TCP or UDP", Get::Text(|line| Some(line.connection.transport().name().into())))
                .headed("", 0),
            Of::new("client", "who sent the first packet", Get::Text(|line| Some((&*line.ends[0]).into()))).host(),
            Of::new("server", "who answered", Get::Text(|line| Some((&*line.ends[1]).into()))).host(),
            Of::new(
                "client_packets",
                "packets of the client",
                Get::Count(|line| Some(sent(line, Lane::Client).packets)),
            )
            .headed("pkts →", 4),
            Of::new(
                "server_packets",
                "packets of the server",
                Get::Count(|line| Some(sent(line, Lane::Server).packets)),
            )
            .headed("pkts ←", 4),
            Of::new(
                "client_bytes",
                "bytes of the client's packets",
                Get::Count(|line| Some(sent(line, Lane::Client).bytes)),
            )
            .headed("bytes →", 3),
            Of::new(
                "server_bytes",
                "bytes of the server's packets",
                Get::Count(|line| Some(sent(line, Lane::Server).bytes)),
            )
            .headed("bytes ←", 3),
            Of::new("process", "the processes behind its ends", Get::Text(|line| Some((&*line.process).into())))
                .headed("process", 1)
                .sentence(20, 24),
            Of::new(
                "state",
                "how it ended, or how far it is",
                Get::Words(|line, style| state(line.connection, &style)),
            )
            .headed("state", 2)
            .sentence(11, 24),
        ]
    }
}

/// How a connection ended, or how far it is.
fn state(connection: &Connection, style: &Style) -> String {
    let spelling = style.spelling();
    match connection.verdict().map(|verdict| (verdict.opening, verdict.ending)) {
        None => style.missing().to_owned(),
        Some((opening, Ending::NeverOpened)) => spelling.opening(opening).to_string(),
        Some((_, ending @ (Ending::Closed { .. } | Ending::Reset(_)))) => spelling.ending(ending).to_string(),
        Some((opening, ending)) => {
            let state = connection.state(Lane::Client).zip(connection.state(Lane::Server));
            let known = state.map(
                |(client, server)| if client == server { client.to_string() } else { format!("{client}, {server}") },
            );
            known.unwrap_or_else(|| match opening {
                Opening::Missed => spelling.ending(ending).to_string(),
                _ => spelling.opening(opening).to_string(),
            })
        }
    }
}
