//! The timeline: calls, states and the wire in lanes.

use std::io::{self, Write};

use super::explanation::write_wrapped;
use super::style::View;
use super::text;
use crate::analyse::{Event, Observed, State, Timeline, What, sentence};
use crate::model::{Lane, SocketCall, Timestamp, Transport};

/// The widths of the lanes; a lane of 0 is left out.
struct Lanes {
    time: usize,
    call: usize,
    state: usize,
    wire: usize,
}

/// The widest state that the kernel is asked for, with the sign of its confirmation: `ESTABLISHED ✓`.
const STATE: usize = 13;

/// A wire that carries a segment's numbers and a word; the short one cuts the word.
const WIRE: usize = 38;
const SHORT_WIRE: usize = 36;

/// Room for a call with what it moved; the short one has room for its name.
const CALL: usize = 19;
const SHORT_CALL: usize = 14;

const TIME: usize = 8;

impl Lanes {
    /// The lanes that fit a width: where there is little room the states go first, then what the calls say, then the
    /// calls' lanes.
    fn new(width: usize, has_states: bool) -> Self {
        let rest = width.saturating_sub(TIME + 2);
        let state = if has_states { STATE } else { 0 };
        for (state, call, wire) in [(state, CALL, WIRE), (0, CALL, WIRE), (0, SHORT_CALL, SHORT_WIRE)] {
            let states = if state > 0 { 2 * (state + 2) } else { 0 };
            let Some(free) = rest.checked_sub(states + wire + 2 * (call + 2)) else { continue };
            let wider = (free * 2 / 5).min(20);
            return Self { time: TIME, call: call + wider, state, wire: (wire + free - 2 * wider).min(64) };
        }
        Self { time: TIME, call: 0, state: 0, wire: rest }
    }
}

/// Writes one conversation as a ladder.
///
/// `packets` and `calls` are those the timeline was made from; `explain` adds a sentence under each packet.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_timeline(
    timeline: &Timeline,
    packets: &[Observed],
    calls: &[SocketCall],
    explain: bool,
    view: &View<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let has_states = timeline.events.iter().any(|event| event.client.is_some() || event.server.is_some());
    let lanes = Lanes::new(view.style.width, has_states);
    let drawing = Drawing { timeline, packets, calls, view, lanes };
    drawing.write_title(out)?;
    drawing.write_headings(out)?;
    let mut open = [None, None];
    for event in &timeline.events {
        drawing.write_event(event, &mut open, out)?;
        if let (true, What::Packet { packet, .. }) = (explain, event.what)
            && let Some(observed) = packets.get(packet)
        {
            let lead = " ".repeat(TIME + 2);
            write_wrapped(&lead, &sentence(timeline, observed, event.what), view.style, out)?;
        }
    }
    drawing.write_legend(out)
}

struct Drawing<'a> {
    timeline: &'a Timeline,
    packets: &'a [Observed],
    calls: &'a [SocketCall],
    view: &'a View<'a>,
    lanes: Lanes,
}

impl Drawing<'_> {
    fn write_title(&self, out: &mut dyn Write) -> io::Result<()> {
        let Timeline { transport, client, server, assumed, .. } = self.timeline;
        let arrows = self.view.style.glyph("⇄", "<->");
        let guess = if *assumed { " (who is who is assumed: the beginning was not captured)" } else { "" };
        let title = format!("{} {client} (client) {arrows} {server} (server){guess}", transport.name());
        writeln!(out, "{}", self.view.style.bold(&text::fit(&title, self.view.style.width, self.view.style.ellipsis())))
    }

    fn write_headings(&self, out: &mut dyn Write) -> io::Result<()> {
        let (client, server) = ("client calls", "server calls");
        let line = self.row(self.unit().1, client, "client state", &self.centred("wire"), "server state", server);
        writeln!(out, "{}", self.view.style.dim(line.trim_end()))
    }

    /// How the states are known, where the kernel was asked for any.
    fn write_legend(&self, out: &mut dyn Write) -> io::Result<()> {
        let states = self.timeline.events.iter().flat_map(|event| [event.client, event.server]).flatten();
        if self.lanes.state == 0 || !states.into_iter().any(|state| state.confirmed) {
            return Ok(());
        }
        let sign = self.view.style.glyph("✓", "*");
        let legend = format!("  {sign} the kernel says so (TCP_INFO); the other states are inferred from the packets");
        writeln!(out, "{}", self.view.style.dim(&legend))
    }

    /// One line for one event; `open` holds each lane's call that has not returned yet.
    fn write_event(&self, event: &Event, open: &mut [Option<usize>; 2], out: &mut dyn Write) -> io::Result<()> {
        let (mut calls, mut wire) = ([String::new(), String::new()], String::new());
        for lane in [Lane::Client, Lane::Server] {
            if open[index(lane)].is_some() {
                calls[index(lane)] = self.bracket(lane, "", "│", "|");
            }
        }
        match event.what {
            What::Packet { packet, acknowledges } => wire = self.arrow(packet, acknowledges),
            What::Entered(place) => {
                let Some(call) = self.calls.get(place) else { return Ok(()) };
                open[index(call.lane)] = Some(place);
                calls[index(call.lane)] = self.bracket(call.lane, &asked(call), opening(call.lane), "+");
            }
            What::Returned(place) => {
                let Some(call) = self.calls.get(place) else { return Ok(()) };
                open[index(call.lane)] = None;
                calls[index(call.lane)] = self.bracket(call.lane, answer(call), closing(call.lane), "+");
            }
            What::Called(place) => {
                let Some(call) = self.calls.get(place) else { return Ok(()) };
                calls[index(call.lane)] = self.bracket(call.lane, &told(call), " ", " ");
            }
        }
        if self.lanes.call == 0 && wire.is_empty() {
            wire = self.told(event.what);
        }
        let time = self.time(event.at);
        let (client, server) = (self.state(event.client), self.state(event.server));
        let line = self.row(&time, &calls[0], &client, &wire, &server, &calls[1]);
        writeln!(out, "{}", line.trim_end())
    }

    /// A call as a line of its own, where there are no lanes for calls.
    fn told(&self, what: What) -> String {
        let (place, said): (usize, fn(&SocketCall) -> String) = match what {
            What::Entered(place) => (place, asked),
            What::Called(place) => (place, told),
            What::Returned(place) => (place, |call| format!("{} = {}", call.name, answer(call))),
            What::Packet { .. } => return String::new(),
        };
        self.calls.get(place).map_or_else(String::new, |call| text::sanitise(&format!("{}: {}", call.lane, said(call))))
    }

    fn row(
        &self,
        time: &str,
        client: &str,
        client_state: &str,
        wire: &str,
        server_state: &str,
        server: &str,
    ) -> String {
        let (Lanes { time: time_width, call, state, wire: wire_width }, ellipsis) =
            (&self.lanes, self.view.style.ellipsis());
        let mut line = text::pad_left(time, *time_width, ellipsis);
        line.push_str("  ");
        let mut lane = |text: &str, width: usize| {
            if width > 0 {
                line.push_str(&text::pad(text, width, ellipsis));
                line.push_str("  ");
            }
        };
        lane(client, *call);
        lane(client_state, *state);
        lane(wire, *wire_width);
        lane(server_state, *state);
        lane(server, *call);
        line
    }

    /// Text of a call with its bracket towards the wire.
    fn bracket(&self, lane: Lane, said: &str, glyph: &'static str, ascii: &'static str) -> String {
        let (style, room) = (self.view.style, self.lanes.call.saturating_sub(2));
        let said = text::fit(&text::sanitise(said), room, style.ellipsis());
        let glyph = style.glyph(glyph, ascii);
        match lane {
            Lane::Client => format!("{} {glyph}", text::pad_left(&said, room, "")),
            Lane::Server => format!("{glyph} {said}"),
        }
    }

    /// A packet as an arrow over the wire.
    fn arrow(&self, place: usize, acknowledges: Option<(u32, u32)>) -> String {
        let Some(observed) = self.packets.get(place) else { return String::new() };
        let (style, width) = (self.view.style, self.lanes.wire);
        let from = observed.seen.map_or(Lane::Client, |seen| seen.from);
        let label = self.label(observed, acknowledges);
        let label = text::fit(&label, width.saturating_sub(6), style.ellipsis());
        let dashes = width.saturating_sub(text::width(&label) + 3);
        let line = |count: usize| style.line().repeat(count);
        let (short, long) = (dashes.min(2), dashes.saturating_sub(2));
        match from {
            Lane::Client => format!("{} {label} {}{}", line(short), line(long), style.glyph("▶", ">")),
            Lane::Server => format!("{}{} {label} {}", style.glyph("◀", "<"), line(long), line(short)),
        }
    }

    fn label(&self, observed: &Observed, acknowledges: Option<(u32, u32)>) -> String {
        let packet = observed.packet();
        let Some(seen) = observed.seen else { return String::new() };
        let mut label = String::new();
        if let Some(tcp) = packet.tcp() {
            label = tcp.flags().to_string();
            let absolute = |raw: u32| if self.view.absolute { format!(" ({raw})") } else { String::new() };
            if let Some(seq) = seen.seq {
                label.push_str(&format!(" seq={seq}{}", absolute(tcp.seq().0)));
            }
            if let Some(ack) = seen.ack {
                let sum = acknowledges.map_or_else(|| ack.to_string(), |(seq, len)| format!("{seq}+{len}"));
                label.push_str(&format!(" ack={sum}{}", absolute(tcp.ack().0)));
            }
        } else if self.timeline.transport == Transport::Udp {
            label = "datagram".to_owned();
        }
        if seen.len > 0 {
            let payload = packet.payload();
            let beginning = payload.get(..64).unwrap_or(payload);
            let said = text::sanitise(&(self.view.read_text)(beginning));
            label.push_str(&format!(" {} B \"{said}\"", seen.len));
        }
        label
    }

    fn state(&self, state: Option<State>) -> String {
        state.map_or_else(String::new, |State { state, confirmed }| {
            let sign = if confirmed { self.view.style.glyph(" ✓", " *") } else { "" };
            format!("{state}{sign}")
        })
    }

    fn centred(&self, heading: &str) -> String {
        let before = self.lanes.wire.saturating_sub(text::width(heading)) / 2;
        format!("{}{heading}", " ".repeat(before))
    }

    /// The unit that keeps the conversation's times short: nanoseconds in it, and its name.
    fn unit(&self) -> (i64, &'static str) {
        let span = match (self.origin(), self.timeline.events.last().and_then(|event| event.at)) {
            (Some(first), Some(last)) => last - first,
            _ => 0,
        };
        match span {
            ..1_000_000_000 => (1_000, self.view.style.glyph("µs", "us")),
            1_000_000_000..1_000_000_000_000 => (1_000_000, "ms"),
            _ => (1_000_000_000, "s"),
        }
    }

    fn origin(&self) -> Option<Timestamp> {
        self.timeline.events.iter().find_map(|event| event.at)
    }

    fn time(&self, at: Option<Timestamp>) -> String {
        let (Some(at), Some(origin)) = (at, self.origin()) else { return self.view.style.missing().to_owned() };
        let (nanos, (unit, _)) = (at - origin, self.unit());
        let tenths = nanos.unsigned_abs() / (unit.unsigned_abs() / 10);
        format!("{}{}.{}", if nanos < 0 { "-" } else { "" }, tenths / 10, tenths % 10)
    }
}

const fn index(lane: Lane) -> usize {
    match lane {
        Lane::Client => 0,
        Lane::Server => 1,
    }
}

const fn opening(lane: Lane) -> &'static str {
    match lane {
        Lane::Client => "┐",
        Lane::Server => "┌",
    }
}

const fn closing(lane: Lane) -> &'static str {
    match lane {
        Lane::Client => "┘",
        Lane::Server => "└",
    }
}

/// The call as it was made.
fn asked(call: &SocketCall) -> String {
    format!("{}({})", call.name, call.arguments)
}

/// What the call gave; who sent a datagram is seen on the wire and left out.
fn answer(call: &SocketCall) -> &str {
    match &call.result {
        Ok(text) if text.is_empty() => "ok",
        Ok(text) => text.rsplit_once(" from ").map_or(text, |(moved, _)| moved),
        Err(errno) => errno,
    }
}

/// A call that returned at once: as it was made, or with what it gave where that tells more.
fn told(call: &SocketCall) -> String {
    match &call.result {
        Ok(text) if text.is_empty() => asked(call),
        _ => format!("{} = {}", call.name, answer(call)),
    }
}
