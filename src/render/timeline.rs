//! The timeline: calls, states and the wire in lanes.

use std::io::{self, Write};

use super::explanation::write_wrapped;
use super::quantity::count;
use super::style::View;
use super::text;
use crate::analyse::{Event, Marks, Observed, Run, State, Timeline, What, sentence};
use crate::model::{Lane, Layer, SocketCall, Timestamp, Transport};

/// The widths of the lanes; a lane of 0 is left out.
struct Lanes {
    number: usize,
    call: usize,
    state: usize,
    wire: usize,
}

/// The widest state that the kernel is asked for, with the sign of its confirmation: `ESTABLISHED ✓`.
const STATE: usize = 13;

/// The widest wire, however much room there is.
const WIRE: usize = 64;

/// Room for a call with what it moved; the short one has room for its name, or for a state.
const CALL: usize = 19;
const SHORT_CALL: usize = 14;

const TIME: usize = 7;

/// Between two lanes.
const GAP: usize = 1;

impl Lanes {
    /// The lanes that fit a width, the wire carrying `label` columns: where there is little room the states move into
    /// the calls' lanes, then what the calls say is cut, then they have no lanes of their own.
    fn new(width: usize, number: usize, label: usize, has_states: bool, has_calls: bool) -> Self {
        let rest = width.saturating_sub(indent(number));
        let state = if has_states { STATE } else { 0 };
        let wire = (label + 6).clamp(20, WIRE);
        let beside = rest.saturating_sub(2 * (state + GAP));
        if !has_calls && beside >= wire {
            return Self { number, call: 0, state, wire: beside.min(WIRE) };
        }
        for (state, call) in [(state, CALL), (0, CALL), (0, SHORT_CALL)] {
            let states = if state > 0 { 2 * (state + GAP) } else { 0 };
            let Some(free) = rest.checked_sub(states + wire + GAP + 2 * call + GAP) else { continue };
            let wider = (free * 2 / 5).min(20);
            return Self { number, call: call + wider, state, wire: (wire + free - 2 * wider).min(WIRE) };
        }
        Self { number, call: 0, state: 0, wire: rest }
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
    let drawing = Drawing::new(timeline, packets, calls, view);
    drawing.write_title(out)?;
    drawing.write_headings(out)?;
    let mut open = [None, None];
    for event in &timeline.events {
        drawing.write_event(event, &mut open, out)?;
        if let (true, What::Packet { packet, .. } | What::Run { packet, .. }) = (explain, event.what)
            && let Some(observed) = packets.get(packet)
        {
            let lead = " ".repeat(indent(drawing.lanes.number));
            write_wrapped(&lead, &sentence(timeline, observed, event.what), view.style, out)?;
        }
    }
    drawing.write_legend(out)
}

/// A timeline about to be drawn; the pictures use its words too.
pub(super) struct Drawing<'a> {
    timeline: &'a Timeline,
    packets: &'a [Observed],
    calls: &'a [SocketCall],
    view: &'a View<'a>,
    lanes: Lanes,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(
        timeline: &'a Timeline,
        packets: &'a [Observed],
        calls: &'a [SocketCall],
        view: &'a View<'a>,
    ) -> Self {
        let none = Lanes { number: 0, call: 0, state: 0, wire: 0 };
        let mut drawing = Self { timeline, packets, calls, view, lanes: none };
        drawing.lanes = drawing.lay_out();
        drawing
    }
}

impl Drawing<'_> {
    fn lay_out(&self) -> Lanes {
        let events = &self.timeline.events;
        let number = |event: &Event| match event.what {
            What::Packet { packet, .. } | What::Run { packet, .. } => {
                self.packets.get(packet).map_or(0, |observed| observed.frame.number.to_string().len())
            }
            _ => 0,
        };
        let number = events.iter().map(number).max().unwrap_or(0);
        let label = events.iter().filter_map(|event| self.sent(event.what)).map(|(_, label)| text::width(&label)).max();
        let has_states = events.iter().any(|event| event.client.is_some() || event.server.is_some());
        let is_call = |event: &Event| matches!(event.what, What::Entered(_) | What::Called(_));
        Lanes::new(self.view.style.width, number, label.unwrap_or(0), has_states, events.iter().any(is_call))
    }

    fn write_title(&self, out: &mut dyn Write) -> io::Result<()> {
        let Timeline { transport, client, server, assumed, .. } = self.timeline;
        let arrows = self.view.style.glyph("⇄", "<->");
        let guess = if *assumed { " (who is who is assumed: the beginning was not captured)" } else { "" };
        let title = if self.timeline.is_self_connected() {
            format!("{} {client} (connected to itself: one socket, one lane)", transport.name())
        } else {
            format!("{} {client} (client) {arrows} {server} (server){guess}", transport.name())
        };
        writeln!(out, "{}", self.view.style.bold(&text::fit(&title, self.view.style.width, self.view.style.ellipsis())))
    }

    fn write_headings(&self, out: &mut dyn Write) -> io::Result<()> {
        let (client, server) = ("client calls", "server calls");
        let [before, wire, after] =
            self.row(["#", self.unit().1], [client, server], ["client state", "server state"], &self.centred("wire"));
        writeln!(out, "{}", self.view.style.dim(format!("{before}{wire}{after}").trim_end()))
    }

    /// How the states are known, where the kernel was asked for any.
    fn write_legend(&self, out: &mut dyn Write) -> io::Result<()> {
        let states = self.timeline.events.iter().flat_map(|event| [event.client, event.server]).flatten();
        if self.lanes.call + self.lanes.state == 0 || !states.into_iter().any(|state| state.confirmed) {
            return Ok(());
        }
        let sign = self.view.style.glyph("✓", "*");
        let legend = format!("  {sign} the kernel says so (TCP_INFO); the other states are inferred from the packets");
        let legend = text::fit(&legend, self.view.style.width, self.view.style.ellipsis());
        writeln!(out, "{}", self.view.style.dim(&legend))
    }

    /// One line for one event; `open` holds each lane's call that has not returned yet.
    fn write_event(&self, event: &Event, open: &mut [Option<usize>; 2], out: &mut dyn Write) -> io::Result<()> {
        let mut states = [self.state(event.client), self.state(event.server)];
        let mut calls = [Lane::Client, Lane::Server].map(|lane| {
            // Without lanes of their own, states stand where a call is only passing.
            let state = if self.lanes.state == 0 { std::mem::take(&mut states[index(lane)]) } else { String::new() };
            let (glyph, ascii) = if open[index(lane)].is_some() { ("│", "|") } else { (" ", " ") };
            self.bracket(lane, &state, glyph, ascii)
        });
        let (mut number, mut wire) = (String::new(), String::new());
        let call = |place: usize| self.calls.get(place);
        match event.what {
            What::Packet { packet, .. } | What::Run { packet, .. } => {
                number = self.packets.get(packet).map_or_else(String::new, |seen| seen.frame.number.to_string());
                wire = self.arrow(event.what);
            }
            What::Omitted(packets) => wire = self.centred(&self.omitted(packets)),
            What::Entered(place) => {
                let Some(call) = call(place) else { return Ok(()) };
                open[index(call.lane)] = Some(place);
                calls[index(call.lane)] = self.bracket(call.lane, &asked(call), opening(call.lane), "+");
            }
            What::Returned(place) => {
                let Some(call) = call(place) else { return Ok(()) };
                open[index(call.lane)] = None;
                calls[index(call.lane)] = self.bracket(call.lane, self.answer(call), closing(call.lane), "+");
            }
            What::Called(place) => {
                let Some(call) = call(place) else { return Ok(()) };
                calls[index(call.lane)] = self.bracket(call.lane, &self.told(call), " ", " ");
            }
        }
        if self.lanes.call == 0 && wire.is_empty() {
            wire = self.spoken(event.what);
        }
        let [before, wire, after] =
            self.row([&number, &self.time(event.at)], [&calls[0], &calls[1]], [&states[0], &states[1]], &wire);
        let wire = self.view.style.layer(Layer::Transport, &wire);
        writeln!(out, "{}", format!("{before}{wire}{after}").trim_end())
    }

    /// A call as a line of its own, where there are no lanes for calls.
    fn spoken(&self, what: What) -> String {
        let said = |place: usize, say: &dyn Fn(&SocketCall) -> String| {
            self.calls.get(place).map(|call| format!("{}: {}", call.lane, say(call)))
        };
        let line = match what {
            What::Entered(place) => said(place, &asked),
            What::Called(place) => said(place, &|call| self.told(call)),
            What::Returned(place) => said(place, &|call| format!("{} = {}", call.name, self.answer(call))),
            What::Packet { .. } | What::Run { .. } | What::Omitted(_) => None,
        };
        text::sanitise(&line.unwrap_or_default())
    }

    /// The line's parts before, on and after the wire, each padded.
    fn row(
        &self,
        [number, time]: [&str; 2],
        [client, server]: [&str; 2],
        [client_state, server_state]: [&str; 2],
        wire: &str,
    ) -> [String; 3] {
        let ellipsis = self.view.style.ellipsis();
        let lane = |text: &str, width: usize| match width {
            0 => String::new(),
            width => text::pad(text, width, ellipsis) + &" ".repeat(GAP),
        };
        let Lanes { number: number_width, call, state, wire: wire_width } = self.lanes;
        let number = text::pad_left(number, number_width, ellipsis);
        let time = text::pad_left(time, TIME, ellipsis);
        [
            format!("{number} {time}  {}{}", lane(client, call), lane(client_state, state)),
            lane(wire, wire_width),
            format!("{}{}", lane(server_state, state), lane(server, call)),
        ]
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

    /// What stands for packets that are left out.
    pub(super) fn omitted(&self, packets: u64) -> String {
        format!("{} {packets} packets are not shown", self.view.style.glyph("⋮", ":"))
    }

    /// Who sends what over the wire.
    pub(super) fn sent(&self, what: What) -> Option<(Lane, String)> {
        let (What::Packet { packet, .. } | What::Run { packet, .. }) = what else { return None };
        let observed = self.packets.get(packet)?;
        let label = match what {
            What::Run { run, .. } => self.run_label(run, observed.seen.map(|seen| seen.marks).unwrap_or_default()),
            What::Packet { acknowledges, .. } => self.label(observed, acknowledges),
            _ => String::new(),
        };
        Some((self.timeline.sender(observed), label))
    }

    fn run_label(&self, run: Run, marks: Marks) -> String {
        let noun = if self.timeline.transport == Transport::Tcp { "segment" } else { "datagram" };
        let mut label = match (run.packets, run.numbers) {
            (0, None) => count(run.acks, "ACK"),
            (0, Some((first, last))) if first == last => format!("{} ack={last}", count(run.acks, "ACK")),
            (0, Some((first, last))) => format!("{} ack={first}..{last}", count(run.acks, "ACK")),
            (packets, None) => format!("{} {} B", count(packets, noun), run.bytes),
            (packets, Some((first, end))) => format!("{} seq={first}..{end} {} B", count(packets, noun), run.bytes),
        };
        if run.packets > 0 && run.acks > 0 {
            label.push_str(&format!(" ({} back)", count(run.acks, "ACK")));
        }
        if run.packets == 0 && !marks.is_empty() {
            label.push_str(&format!(" [{marks}]"));
        }
        label
    }

    /// A packet, or a run of them, as an arrow over the wire.
    fn arrow(&self, what: What) -> String {
        let Some((from, label)) = self.sent(what) else { return String::new() };
        let (style, width) = (self.view.style, self.lanes.wire);
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
        let Some(seen) = observed.seen else { return "ICMP: port unreachable".to_owned() };
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
        if seen.len > 0 || self.timeline.transport == Transport::Udp {
            let payload = packet.payload();
            let beginning = payload.get(..64).unwrap_or(payload);
            let said = text::sanitise(&(self.view.read_text)(beginning));
            match payload.is_empty() && seen.len > 0 {
                true => label.push_str(&format!(" {} B, not captured", seen.len)),
                false => label.push_str(&format!(" {} B \"{said}\"", seen.len)),
            }
        }
        if !seen.marks.is_empty() {
            label = format!("[{}] {label}", seen.marks);
        }
        label
    }

    pub(super) fn state(&self, state: Option<State>) -> String {
        state.map_or_else(String::new, |State { state, confirmed }| {
            let sign = if confirmed { self.view.style.glyph(" ✓", " *") } else { "" };
            format!("{state}{sign}")
        })
    }

    /// What the call gave; where there is little room without the sender of a datagram, who is seen on the wire.
    pub(super) fn answer<'c>(&self, call: &'c SocketCall) -> &'c str {
        let room = self.lanes.call.saturating_sub(2);
        match &call.result {
            Ok(text) if text.is_empty() => "ok",
            Ok(text) if text::width(text) <= room => text,
            Ok(text) => text.rsplit_once(" from ").map_or(text, |(moved, _)| moved),
            Err(errno) => errno,
        }
    }

    /// A call that returned at once: as it was made, or with what it gave where that tells more.
    pub(super) fn told(&self, call: &SocketCall) -> String {
        match &call.result {
            Ok(text) if text.is_empty() => asked(call),
            _ => format!("{} = {}", call.name, self.answer(call)),
        }
    }

    fn centred(&self, heading: &str) -> String {
        let before = self.lanes.wire.saturating_sub(text::width(heading)) / 2;
        format!("{}{heading}", " ".repeat(before))
    }

    /// The unit that keeps the conversation's times short: nanoseconds in it, and its name.
    pub(super) fn unit(&self) -> (i64, &'static str) {
        let span = match (self.origin(), self.timeline.events.last().and_then(|event| event.at)) {
            (Some(first), Some(last)) => last - first,
            _ => 0,
        };
        match span {
            ..100_000_000 => (1_000, self.view.style.glyph("µs", "us")),
            100_000_000..100_000_000_000 => (1_000_000, "ms"),
            _ => (1_000_000_000, "s"),
        }
    }

    fn origin(&self) -> Option<Timestamp> {
        self.timeline.events.iter().find_map(|event| event.at)
    }

    pub(super) fn time(&self, at: Option<Timestamp>) -> String {
        let (Some(at), Some(origin)) = (at, self.origin()) else { return self.view.style.missing().to_owned() };
        let (nanos, (unit, _)) = (at - origin, self.unit());
        let tenths = nanos.unsigned_abs() / (unit.unsigned_abs() / 10);
        format!("{}{}.{}", if nanos < 0 { "-" } else { "" }, tenths / 10, tenths % 10)
    }
}

/// Where the lanes begin: behind the packet's number and the time.
const fn indent(number: usize) -> usize {
    number + 1 + TIME + 2
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
pub(super) fn asked(call: &SocketCall) -> String {
    format!("{}({})", call.name, call.arguments)
}
