//! `--connections`: what becomes of connections, as it happens. A table redrawn in place on a terminal, else a line an
//! event.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::session::now;
use crate::analyse::{Connection, Ending, Moment, Opening, Seen, Tracker};
use crate::model::{Frame, Lane, Timestamp, Transport};
use crate::render::{Style, text};

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
    origin: Option<Timestamp>,
    lines: String,
    count: u64,
}

/// A table that stands on the terminal's last lines.
pub(super) struct Table {
    style: Style,
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
    /// On a terminal of so many lines, or on none.
    pub(super) fn new(style: Style, terminal_lines: Option<usize>) -> Self {
        match terminal_lines {
            // Its heading, what is left out, and the line the cursor is on.
            Some(lines) => {
                let room = lines.saturating_sub(3).max(1);
                Self::Table(Table { style, room, drawn: None, lines: 0, is_stale: false })
            }
            None => Self::Events(Events { style, origin: None, lines: String::new(), count: 0 }),
        }
    }

    /// Takes in what a packet meant.
    pub(super) fn observe(&mut self, frame: &Frame<'_>, seen: Option<Seen>, tracker: &Tracker) {
        match self {
            Self::Events(events) => events.observe(frame, seen, tracker),
            Self::Table(table) => table.is_stale = true,
        }
    }

    /// What is to be shown now, and how many events that is; `show` says whether it was.
    pub(super) fn show(&mut self, tracker: &Tracker, is_end: bool, show: impl FnOnce(String, u64) -> bool) {
        match self {
            Self::Events(events) if events.count > 0 => {
                show(std::mem::take(&mut events.lines), std::mem::take(&mut events.count));
            }
            Self::Events(_) => {}
            Self::Table(table) => table.show(tracker, is_end, show),
        }
    }
}

impl Events {
    fn observe(&mut self, frame: &Frame<'_>, seen: Option<Seen>, tracker: &Tracker) {
        self.origin = self.origin.or(frame.time);
        let Some(connection) = seen.and_then(|seen| tracker.connection(seen.transport, seen.stream)) else { return };
        let Some(event) = event(connection, frame.number) else { return };
        let seconds = frame.time.zip(self.origin).map_or(0.0, |(time, origin)| (time - origin) as f64 / 1e9);
        let ends = ends(connection, &self.style);
        // Writing to memory cannot fail.
        let _ = writeln!(self.lines, "{seconds:.6}  {ends}  {event}");
        self.count += 1;
    }
}

/// What a packet changed for its connection, if anything.
fn event(connection: &Connection, packet: u64) -> Option<String> {
    let is_first = connection.first().is_some_and(|first| first.frame() == packet);
    let Some(verdict) = connection.verdict() else { return is_first.then(|| "begins".to_owned()) };
    if verdict.ending_evidence.last() == Some(&packet) {
        return match verdict.ending {
            Ending::Closed { .. } | Ending::Reset(_) => Some(format!("{}, {}", verdict.ending, amounts(connection))),
            _ => None,
        };
    }
    match verdict.opening {
        Opening::Complete { .. } if verdict.opening_evidence.last() == Some(&packet) => Some("opened".to_owned()),
        Opening::Missed if is_first => Some("was open before".to_owned()),
        _ => is_first.then(|| "begins".to_owned()),
    }
}

fn ends(connection: &Connection, style: &Style) -> String {
    let (client, server) = (connection.endpoint(Lane::Client), connection.endpoint(Lane::Server));
    format!("{} {client} {} {server}", connection.transport().name(), style.to())
}

/// `5 packets, 400 bytes there; 4 packets, 300 bytes back`
fn amounts(connection: &Connection) -> String {
    let (there, back) = (connection.traffic(Lane::Client), connection.traffic(Lane::Server));
    format!(
        "{} packets, {} bytes there; {} packets, {} bytes back",
        there.packets, there.payload, back.packets, back.payload
    )
}

impl Table {
    fn show(&mut self, tracker: &Tracker, is_end: bool, show: impl FnOnce(String, u64) -> bool) {
        let is_due = is_end || self.drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAW);
        if !self.is_stale || !is_due {
            return;
        }
        let drawing = self.draw(tracker);
        let lines = drawing.lines().count();
        // Up to where the last one began, and clear what is below.
        let erase = if self.lines > 0 { format!("\x1b[{}A\x1b[J", self.lines) } else { String::new() };
        if show(erase + &drawing, 0) {
            (self.lines, self.is_stale) = (lines, false);
        }
        self.drawn = Some(now());
    }

    fn draw(&self, tracker: &Tracker) -> String {
        let mut all: Vec<&Connection> =
            [Transport::Tcp, Transport::Udp].into_iter().flat_map(|transport| tracker.connections(transport)).collect();
        let active = |connection: &&Connection| std::cmp::Reverse(connection.last().map(Moment::frame));
        let (count, room) = (all.len(), self.room);
        if count > room {
            all.select_nth_unstable_by_key(room, active);
            all.truncate(room);
        }
        all.sort_by_key(active);
        let fit = |line: &str| text::fit(line, self.style.width, self.style.ellipsis());
        let heading =
            format!("{:<52} {:>9} {:>12} {:>9} {:>12}  state", "connection", "packets", "bytes", "back", "bytes");
        let mut lines = vec![self.style.bold(&fit(&heading)).into_owned()];
        for connection in all {
            let (there, back) = (connection.traffic(Lane::Client), connection.traffic(Lane::Server));
            lines.push(fit(&format!(
                "{} {:>9} {:>12} {:>9} {:>12}  {}",
                text::pad(&ends(connection, &self.style), 52, self.style.ellipsis()),
                there.packets,
                there.payload,
                back.packets,
                back.payload,
                state(connection, &self.style)
            )));
        }
        if count > room {
            lines.push(fit(&format!("and {} that were active before these", count - room)));
        }
        lines.join("\n") + "\n"
    }
}

/// How a connection ended, or how far it is.
fn state(connection: &Connection, style: &Style) -> String {
    match connection.verdict().map(|verdict| (verdict.opening, verdict.ending)) {
        None => style.missing().to_owned(),
        Some((opening, Ending::NeverOpened)) => opening.to_string(),
        Some((_, ending @ (Ending::Closed { .. } | Ending::Reset(_)))) => ending.to_string(),
        Some((opening, ending)) => {
            let state = connection.state(Lane::Client).zip(connection.state(Lane::Server));
            let known = state.map(
                |(client, server)| if client == server { client.to_string() } else { format!("{client}, {server}") },
            );
            known.unwrap_or_else(|| if opening == Opening::Missed { ending.to_string() } else { opening.to_string() })
        }
    }
}
