//! A timeline for pictures and programs: its events as rungs of a ladder, and as JSON, an event a line.

use std::io::{self, Write};

use serde::Serialize;

use super::connection::{EndObject, FAULTS, key};
use super::flows::mark_key;
use super::json::{Epoch, SCHEMA, write_line};
use super::style::View;
use super::timeline::{Drawing, asked};
use crate::analyse::{Observed, Seen, State, Timeline, What, sentence};
use crate::model::{Lane, SocketCall, TcpState};

/// One line of a picture.
pub(super) struct Rung {
    pub(super) time: String,
    pub(super) client: Option<String>,
    pub(super) server: Option<String>,
    pub(super) what: Drawn,
}

/// What a rung shows.
pub(super) enum Drawn {
    /// A packet, or a run of them.
    Arrow { from: Lane, label: String, is_remarkable: bool, sentence: String },
    /// A call's beginning, its end, or both.
    Call { lane: Lane, said: String, part: Part },
    /// Packets left out.
    Omitted(String),
}

/// Which part of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Entered,
    Returned,
    Whole,
}

/// The rungs of a timeline, and the unit of their times.
pub(super) fn rungs(
    timeline: &Timeline,
    packets: &[Observed],
    calls: &[SocketCall],
    view: &View<'_>,
) -> (Vec<Rung>, &'static str) {
    let drawing = Drawing::new(timeline, packets, calls, view);
    let mut rungs = Vec::with_capacity(timeline.events.len());
    for event in &timeline.events {
        let call = |place: usize| calls.get(place);
        let what = match event.what {
            What::Packet { packet, .. } | What::Run { packet, .. } => {
                let (Some((from, label)), Some(observed)) = (drawing.sent(event.what), packets.get(packet)) else {
                    continue;
                };
                let is_fault = |seen: Seen| FAULTS.iter().any(|fault| seen.marks.contains(*fault));
                let is_remarkable = observed.seen.is_some_and(is_fault);
                Drawn::Arrow { from, label, is_remarkable, sentence: sentence(timeline, observed, event.what) }
            }
            What::Omitted(packets) => Drawn::Omitted(drawing.omitted(packets)),
            What::Entered(place) => match call(place) {
                Some(call) => Drawn::Call { lane: call.lane, said: asked(call), part: Part::Entered },
                None => continue,
            },
            What::Returned(place) => match call(place) {
                Some(call) => {
                    Drawn::Call { lane: call.lane, said: drawing.answer(call).to_owned(), part: Part::Returned }
                }
                None => continue,
            },
            What::Called(place) => match call(place) {
                Some(call) => Drawn::Call { lane: call.lane, said: drawing.told(call), part: Part::Whole },
                None => continue,
            },
        };
        let state = |state: Option<State>| state.map(|_| drawing.state(state));
        let time = if event.at.is_some() { drawing.time(event.at) } else { String::new() };
        rungs.push(Rung { time, client: state(event.client), server: state(event.server), what });
    }
    (rungs, drawing.unit().1)
}

/// `TCP 192.0.2.1:40000 → 192.0.2.2:80`.
pub(super) fn title(timeline: &Timeline, view: &View<'_>) -> String {
    let Timeline { transport, stream, client, server, .. } = timeline;
    format!("{} {client} {} {server}, stream {stream}", transport.name(), view.style.to())
}

#[derive(Serialize)]
struct ConversationObject {
    schema: u32,
    kind: &'static str,
    transport: &'static str,
    stream: u32,
    client: EndObject,
    server: EndObject,
    direction_assumed: bool,
}

#[derive(Serialize)]
struct EventObject<'a> {
    schema: u32,
    kind: &'static str,
    time: Option<Epoch>,
    client_state: Option<&'static str>,
    server_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<PacketObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<CallObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    omitted_packets: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<String>,
}

#[derive(Serialize)]
struct PacketObject {
    frame: u64,
    from: &'static str,
    flags: Option<String>,
    seq: Option<u32>,
    ack: Option<u32>,
    /// The segment whose end is acknowledged: where it begins, and how many numbers it takes.
    acknowledges: Option<(u32, u32)>,
    window: Option<u32>,
    len: u32,
    marks: Vec<String>,
    text: String,
}

#[derive(Serialize)]
struct RunObject {
    first_frame: u64,
    from: &'static str,
    packets: u64,
    bytes: u64,
    seq: Option<u32>,
    next_seq: Option<u32>,
    acks: u64,
}

#[derive(Serialize)]
struct CallObject<'a> {
    lane: &'static str,
    name: &'a str,
    arguments: &'a str,
    /// Of a call that has returned.
    result: Option<&'a str>,
    error: Option<&'a str>,
}

/// Writes a timeline as JSON: a line for the conversation, then one for each event; `explain` adds its sentence.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_ladder_json(
    timeline: &Timeline,
    packets: &[Observed],
    calls: &[SocketCall],
    explain: bool,
    view: &View<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let conversation = ConversationObject {
        schema: SCHEMA,
        kind: "conversation",
        transport: key(timeline.transport),
        stream: timeline.stream,
        client: timeline.client.into(),
        server: timeline.server.into(),
        direction_assumed: timeline.assumed,
    };
    write_line(&conversation, out)?;
    for event in &timeline.events {
        let state = |state: Option<State>| state.map(|state| TcpState::name(state.state));
        let mut object = EventObject {
            schema: SCHEMA,
            kind: kind(event.what),
            time: event.at.map(Epoch),
            client_state: state(event.client),
            server_state: state(event.server),
            packet: None,
            run: None,
            call: None,
            omitted_packets: None,
            explanation: None,
        };
        object.fill(event.what, packets, calls, view);
        if let (true, What::Packet { packet, .. } | What::Run { packet, .. }) = (explain, event.what) {
            object.explanation = packets.get(packet).map(|observed| sentence(timeline, observed, event.what));
        }
        write_line(&object, out)?;
    }
    Ok(())
}

const fn kind(what: What) -> &'static str {
    match what {
        What::Packet { .. } => "packet",
        What::Run { .. } => "run",
        What::Omitted(_) => "omitted",
        What::Entered(_) => "entered",
        What::Returned(_) => "returned",
        What::Called(_) => "called",
    }
}

impl<'a> EventObject<'a> {
    fn fill(&mut self, what: What, packets: &[Observed], calls: &'a [SocketCall], view: &View<'_>) {
        match what {
            What::Packet { packet, .. } | What::Run { packet, .. } => {
                let Some(observed) = packets.get(packet) else { return };
                let Some(seen) = observed.seen else { return };
                match what {
                    What::Run { run, .. } => {
                        self.run = Some(RunObject {
                            first_frame: observed.frame.number,
                            from: seen.from.name(),
                            packets: run.packets,
                            bytes: run.bytes,
                            seq: run.numbers.map(|(first, _)| first),
                            next_seq: run.numbers.map(|(_, end)| end),
                            acks: run.acks,
                        });
                    }
                    _ => self.packet = Some(PacketObject::new(observed, &seen, what, view)),
                }
            }
            What::Omitted(packets) => self.omitted_packets = Some(packets),
            What::Entered(place) | What::Returned(place) | What::Called(place) => {
                self.call = calls.get(place).map(|call| CallObject {
                    lane: call.lane.name(),
                    name: &call.name,
                    arguments: &call.arguments,
                    result: call.result.as_deref().ok().filter(|_| !matches!(what, What::Entered(_))),
                    error: call
                        .result
                        .as_deref()
                        .err()
                        .map(|errno| &**errno)
                        .filter(|_| !matches!(what, What::Entered(_))),
                });
            }
        }
    }
}

impl PacketObject {
    fn new(observed: &Observed, seen: &Seen, what: What, view: &View<'_>) -> Self {
        let packet = observed.packet();
        Self {
            frame: observed.frame.number,
            from: seen.from.name(),
            flags: packet.tcp().map(|tcp| tcp.flags().to_string()),
            seq: seen.seq,
            ack: seen.ack,
            acknowledges: if let What::Packet { acknowledges, .. } = what { acknowledges } else { None },
            window: seen.window,
            len: seen.len,
            marks: seen.marks.iter().map(mark_key).collect(),
            text: (view.read_text)(packet.payload()),
        }
    }
}
