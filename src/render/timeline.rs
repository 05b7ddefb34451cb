//! The timeline: calls, states and the wire in lanes.

use std::io::{self, Write};

use super::explanation::write_sentence;
use super::ladder::{Clock, Ladder};
use super::style::Style;
use super::text;
use crate::analyse::call_notation::asked_of;
use crate::analyse::{Event, What};
use crate::model::{Lane, Layer, SocketCall};

/// The widths of the lanes; a lane of 0 is left out.
struct Lanes {
    number: usize,
    time: usize,
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

/// The narrowest time; one that takes more room gets it.
const TIME: usize = 7;

/// Between two lanes.
const GAP: usize = 1;

/// What the states of both ends take.
const BOTH_STATES: usize = 2 * (STATE + GAP);

impl Lanes {
    /// The lanes that fit a width, the wire carrying `label` columns: where there is little room the states move into
    /// the calls' lanes, then what the calls say is cut, then they have no lanes of their own.
    fn new(width: usize, [number, time]: [usize; 2], label: usize, has_states: bool, has_calls: bool) -> Self {
        let rest = width.saturating_sub(indent(number, time));
        let state = if has_states { STATE } else { 0 };
        let wire = label.saturating_add(6).clamp(20, WIRE);
        let beside = rest.saturating_sub(if has_states { BOTH_STATES } else { 2 * GAP });
        if !has_calls && beside >= wire {
            return Self { number, time, call: 0, state, wire: beside.min(WIRE) };
        }
        for (state, call) in [(state, CALL), (0, CALL), (0, SHORT_CALL)] {
            let states = if state > 0 { BOTH_STATES } else { 0 };
            let taken: usize = [states, wire, call, call, 2 * GAP].into_iter().sum();
            let Some(free) = rest.checked_sub(taken) else { continue };
            let wider = (free.saturating_mul(2) / 5).min(20);
            let wire = wire.saturating_add(free.saturating_sub(wider.saturating_mul(2))).min(WIRE);
            return Self { number, time, call: call.saturating_add(wider), state, wire };
        }
        Self { number, time, call: 0, state: 0, wire: rest }
    }
}

impl Lanes {
    /// Where the lanes begin.
    const fn indent(&self) -> usize {
        indent(self.number, self.time)
    }
}

/// Writes one conversation as a ladder.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_timeline(ladder: &Ladder<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (style, lanes, clock) = (ladder.view.style, lay_out(ladder), ladder.clock());
    let mut text_ladder = TextLadder { ladder, style, lanes, clock, long_calls: LongCalls::default() };
    text_ladder.long_calls = text_ladder.measure_long_calls();
    text_ladder.write_title(out)?;
    text_ladder.write_headings(out)?;
    let mut open = [None, None];
    for event in &ladder.timeline.events {
        text_ladder.write_event(event, &mut open, out)?;
        let sentence = if ladder.explain { ladder.sentence(event) } else { String::new() };
        if !sentence.is_empty() {
            write_sentence(&" ".repeat(text_ladder.lanes.indent()), &sentence, text_ladder.style, out)?;
        }
    }
    text_ladder.write_legend(out)
}

/// The lanes that a ladder needs.
fn lay_out(ladder: &Ladder<'_>) -> Lanes {
    let events = &ladder.timeline.events;
    // Packets are numbered in the order of the capture.
    let number = ladder.packets.last().map_or(0, |seen| seen.frame.number).to_string().len();
    let clock = ladder.clock();
    let times = events.iter().map(|event| text::width(&clock.tell(event.at)));
    let time = times.max().unwrap_or(0).max(TIME);
    let label = ladder.longest_label().max(ladder.longest);
    let has_states = events.iter().any(|event| event.client.is_some() || event.server.is_some());
    let is_call = |event: &Event| matches!(event.what, What::Entered(_) | What::Called(_));
    Lanes::new(ladder.view.style.width, [number, time], label, has_states, events.iter().any(is_call))
}

/// A ladder in lanes of characters.
struct TextLadder<'a> {
    ladder: &'a Ladder<'a>,
    style: Style,
    lanes: Lanes,
    clock: Clock,
    long_calls: LongCalls,
}

/// How wide the server's calls are that need more room than their lane has, and the states before them: they begin one
/// under the other, the widest of them at the edge.
#[derive(Clone, Copy, Default)]
struct LongCalls {
    state: usize,
    call: usize,
}

impl TextLadder<'_> {
    /// The title, and under it what must be known to read the times.
    fn write_title(&self, out: &mut dyn Write) -> io::Result<()> {
        let title = self.style.spelling().ladder_title(self.ladder.timeline);
        writeln!(out, "{}", self.style.bold(&text::fit(&title, self.style.width, self.style.ellipsis())))?;
        self.ladder.remarks().iter().try_for_each(|remark| write_sentence("  ", remark, self.style, out))
    }

    fn write_headings(&self, out: &mut dyn Write) -> io::Result<()> {
        let words = self.style.spelling().ladder();
        let [before, wire, after] =
            self.row(["#", self.clock.name], words.calls, words.states, &self.centred(words.wire));
        writeln!(out, "{}", self.style.dim(format!("{before}{wire}{after}").trim_end()))
    }

    /// How the states are known, where it is shown that the kernel was asked for any.
    fn write_legend(&self, out: &mut dyn Write) -> io::Result<()> {
        let states = self.ladder.timeline.events.iter().flat_map(|event| [event.client, event.server]).flatten();
        if self.lanes.state == 0 || !states.into_iter().any(|state| state.confirmed) {
            return Ok(());
        }
        let sign = self.style.glyph("✓", "*");
        let lead = format!("  {sign} ");
        let legend = self.style.spelling().ladder().confirmed;
        write_sentence(&lead, legend, self.style, out)
    }

    /// One line for one event; `open` holds each lane's call that has not returned yet.
    fn write_event(&self, event: &Event, open: &mut [Option<usize>; 2], out: &mut dyn Write) -> io::Result<()> {
        let mut states = [self.ladder.state(event.client), self.ladder.state(event.server)];
        let mut calls = [Lane::Client, Lane::Server].map(|lane| {
            // Without lanes of their own, states stand where a call is only passing.
            let state = if self.lanes.state == 0 { std::mem::take(&mut states[index(lane)]) } else { String::new() };
            let (glyph, ascii) = if open[index(lane)].is_some() { ("│", "|") } else { (" ", " ") };
            self.bracket(lane, &state, glyph, ascii)
        });
        let (mut number, mut wire) = (String::new(), String::new());
        let call = |place: usize| self.ladder.calls.get(place);
        match event.what {
            What::Packet { packet, .. } | What::Run { packet, .. } => {
                number = self.ladder.packets.get(packet).map_or_else(String::new, |seen| seen.frame.number.to_string());
                wire = self.arrow(event.what);
            }
            What::Omitted(packets) => wire = self.centred(&self.ladder.omitted(packets)),
            What::Entered(place) => {
                let Some(call) = call(place) else { return Ok(()) };
                open[index(call.lane)] = Some(place);
                let asked = asked_of(call);
                if self.is_long(&asked) {
                    return self.write_long_call(event, call.lane, &asked, [&calls, &states], out);
                }
                calls[index(call.lane)] = self.bracket(call.lane, &asked, opening(call.lane), "+");
            }
            What::Returned(place) => {
                let Some(call) = call(place) else { return Ok(()) };
                open[index(call.lane)] = None;
                calls[index(call.lane)] =
                    self.bracket(call.lane, &self.ladder.answer(call, self.room()), closing(call.lane), "+");
            }
            What::Called(place) => {
                let Some(call) = call(place) else { return Ok(()) };
                let told = self.ladder.told(call, self.room());
                if self.is_long(&told) {
                    return self.write_long_call(event, call.lane, &told, [&calls, &states], out);
                }
                calls[index(call.lane)] = self.bracket(call.lane, &told, " ", " ");
            }
        }
        if self.lanes.call == 0 && wire.is_empty() {
            wire = self.spoken(event.what);
        }
        let [before, wire, after] =
            self.row([&number, &self.clock.tell(event.at)], [&calls[0], &calls[1]], [&states[0], &states[1]], &wire);
        // What only fills the lane stays without colour, so that it can be left away where the line ends with it.
        let (drawn, filling) = wire.split_at(wire.trim_end().len());
        let wire = match Ladder::loss(event.what) {
            Some(_) => self.style.alarm(drawn),
            None => self.style.layer(Layer::Transport, drawn),
        };
        writeln!(out, "{}", format!("{before}{wire}{filling}{after}").trim_end())
    }

    /// Whether a call needs more room than its lane has. What a message says is rather cut, it is seen on the wire.
    fn is_long(&self, said: &str) -> bool {
        self.lanes.call > 0 && text::width(said) > self.room() && !said.contains('"')
    }

    /// The widths of what [`TextLadder::write_long_call`] will write for the server.
    fn measure_long_calls(&self) -> LongCalls {
        let mut widest = LongCalls::default();
        for event in &self.ladder.timeline.events {
            let (What::Entered(place) | What::Called(place)) = event.what else { continue };
            let Some(call) = self.ladder.calls.get(place).filter(|call| call.lane == Lane::Server) else { continue };
            let told = match event.what {
                What::Entered(_) => asked_of(call),
                _ => self.ladder.told(call, self.room()),
            };
            if !self.is_long(&told) {
                continue;
            }
            let state = if self.lanes.state == 0 { String::new() } else { self.ladder.state(event.server) };
            widest.state = widest.state.max(text::width(&state));
            widest.call = widest.call.max(text::width(&text::sanitise(&told)));
        }
        widest
    }

    /// A call that needs more room than its lane has takes that of the wire, which is empty beside it.
    fn write_long_call(
        &self,
        event: &Event,
        lane: Lane,
        told: &str,
        [calls, states]: [&[String; 2]; 2],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let time = self.clock.tell(event.at);
        let [before, wire, after] = self.row(["", &time], [&calls[0], &calls[1]], [&states[0], &states[1]], "");
        let ellipsis = self.style.ellipsis();
        let (told, state) = (text::sanitise(told), &states[index(lane)]);
        let line = match lane {
            Lane::Client => {
                let said = if state.is_empty() { told } else { format!("{told}   {state}") };
                let (start, room) = (self.lanes.indent(), text::width(&before).saturating_add(text::width(&wire)));
                let start_of_line = text::head(&before, start);
                format!("{start_of_line}{}{after}", text::pad(&said, room.saturating_sub(start), ellipsis))
            }
            Lane::Server => {
                let LongCalls { state: state_width, call: call_width } = self.long_calls;
                let told = text::pad(&told, call_width, ellipsis);
                let said = match state_width {
                    0 => told,
                    width => format!("{}   {told}", text::pad(state, width, ellipsis)),
                };
                let room = text::width(&wire).saturating_add(text::width(&after));
                format!("{before}{}", text::pad_left(&said, room.saturating_sub(GAP), ellipsis))
            }
        };
        writeln!(out, "{}", line.trim_end())
    }

    /// A call as a line of its own, where there are no lanes for calls.
    fn spoken(&self, what: What) -> String {
        let said = |place: usize, say: &dyn Fn(&SocketCall) -> String| {
            self.ladder.calls.get(place).map(|call| format!("{}: {}", call.lane, say(call)))
        };
        let line = match what {
            What::Entered(place) => said(place, &|call| asked_of(call)),
            What::Called(place) => said(place, &|call| self.ladder.told(call, self.room())),
            What::Returned(place) => {
                said(place, &|call| format!("{} = {}", call.key(), self.ladder.answer(call, self.room())))
            }
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
        let ellipsis = self.style.ellipsis();
        let lane = |text: &str, width: usize| match width {
            0 => String::new(),
            width => text::pad(text, width, ellipsis) + &" ".repeat(GAP),
        };
        let Lanes { number: number_width, time: time_width, call, state, wire: wire_width } = self.lanes;
        let number = text::pad_left(number, number_width, ellipsis);
        let time = text::pad_left(time, time_width, ellipsis);
        [
            format!("{number} {time}  {}{}", lane(client, call), lane(client_state, state)),
            lane(wire, wire_width),
            format!("{}{}", lane(server_state, state), lane(server, call)),
        ]
    }

    /// Text of a call with its bracket towards the wire.
    fn bracket(&self, lane: Lane, said: &str, glyph: &'static str, ascii: &'static str) -> String {
        let (style, room) = (self.style, self.room());
        let said = text::fit(&text::sanitise(said), room, style.ellipsis());
        let glyph = style.glyph(glyph, ascii);
        match lane {
            Lane::Client => format!("{} {glyph}", text::pad_left(&said, room, "")),
            Lane::Server => format!("{glyph} {said}"),
        }
    }

    /// A packet, or a run of them, as an arrow over the wire.
    fn arrow(&self, what: What) -> String {
        let Some((from, label)) = self.ladder.sent(what) else { return String::new() };
        let (style, width) = (self.style, self.lanes.wire);
        let label = text::fit(&label, width.saturating_sub(6), style.ellipsis());
        let dashes = width.saturating_sub(3).saturating_sub(text::width(&label));
        let line = |count: usize| style.line().repeat(count);
        let (short, long) = (dashes.min(2), dashes.saturating_sub(2));
        let head = |glyph, ascii| match Ladder::loss(what) {
            Some(_) => style.glyph("✗", "x"),
            None => style.glyph(glyph, ascii),
        };
        match from {
            Lane::Client => format!("{} {label} {}{}", line(short), line(long), head("▶", ">")),
            Lane::Server => format!("{}{} {label} {}", head("◀", "<"), line(long), line(short)),
        }
    }

    /// How much of a call there is room for.
    const fn room(&self) -> usize {
        self.lanes.call.saturating_sub(2)
    }

    fn centred(&self, heading: &str) -> String {
        let before = self.lanes.wire.saturating_sub(text::width(heading)) / 2;
        format!("{}{heading}", " ".repeat(before))
    }
}

/// Where the lanes begin: behind the packet's number and the time.
const fn indent(number: usize, time: usize) -> usize {
    number.saturating_add(time).saturating_add(const { 1 + 2 })
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
