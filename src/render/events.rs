//! A timeline for programs: an event a line, as JSON and as CSV.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::connection::{EndObject, key, optional};
use super::csv::write_record;
use super::json::{Epoch, ExplanationObject, SCHEMA, write_line};
use super::ladder::Ladder;
use crate::analyse::{Event, Mark, Observed, Relation, Run, State, What, call_notation};
use crate::decode::{Packet, Protocol};
use crate::model::{Errno, SeqNumber, SocketCall, TcpState};

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
    explanation: Option<ExplanationObject>,
}

#[derive(Serialize)]
struct PacketObject {
    frame: u64,
    from: &'static str,
    flags: Option<String>,
    seq: Option<u32>,
    seq_raw: Option<u32>,
    ack: Option<u32>,
    ack_raw: Option<u32>,
    /// The segment whose end is acknowledged: where it begins, and how many numbers it takes.
    acknowledges: Option<(u32, u32)>,
    window: Option<u32>,
    len: u32,
    marks: Vec<&'static str>,
    /// Of an ICMP error about a packet of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp: Option<IcmpObject>,
    text: String,
}

#[derive(Serialize)]
struct IcmpObject {
    protocol: &'static str,
    #[serde(rename = "type")]
    kind: u8,
    code: u8,
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
    arguments: Cow<'a, str>,
    /// Of a call that has returned.
    result: Option<Cow<'a, str>>,
    error: Option<&'a str>,
}

/// Writes a timeline as JSON: a line for the conversation, then one for each event.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_events_json(ladder: &Ladder<'_>, out: &mut dyn Write) -> io::Result<()> {
    let timeline = ladder.timeline;
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
    timeline.events.iter().try_for_each(|event| write_line(&EventObject::new(ladder, event), out))
}

/// Writes a timeline as comma-separated values, an event a line; of a run of packets `frame` is the first, `packets` and
/// `len` are what they come to.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_events_csv(ladder: &Ladder<'_>, out: &mut dyn Write) -> io::Result<()> {
    let fields = fields();
    write_record(fields.iter().map(|(name, _)| Cow::Borrowed(*name)), out)?;
    for event in &ladder.timeline.events {
        let object = EventObject::new(ladder, event);
        write_record(fields.iter().map(|(_, value)| Cow::Owned(value(&object))), out)?;
    }
    Ok(())
}

/// A field of a line of CSV: its name and what stands in it, empty where there is nothing to say.
type Field<T> = (&'static str, fn(&T) -> String);

/// The fields of a line of CSV.
fn fields<'a>() -> Vec<Field<EventObject<'a>>> {
    vec![
        ("kind", |event| event.kind.to_owned()),
        ("time", |event| optional(event.time.as_ref())),
        ("from", |event| optional(event.from())),
        ("frame", |event| optional(event.of_packets(|packet| packet.frame, |run| run.first_frame))),
        ("packets", |event| {
            optional(event.of_packets(|_| 1, |run| run.packets.saturating_add(run.acks)).or(event.omitted_packets))
        }),
        ("flags", |event| optional(event.packet.as_ref().and_then(|packet| packet.flags.as_deref()))),
        ("seq", |event| optional(event.of_packets(|packet| packet.seq, |run| run.seq).flatten())),
        ("seq_raw", |event| optional(event.packet.as_ref().and_then(|packet| packet.seq_raw))),
        ("ack", |event| optional(event.packet.as_ref().and_then(|packet| packet.ack))),
        ("ack_raw", |event| optional(event.packet.as_ref().and_then(|packet| packet.ack_raw))),
        ("window", |event| optional(event.packet.as_ref().and_then(|packet| packet.window))),
        ("len", |event| optional(event.of_packets(|packet| u64::from(packet.len), |run| run.bytes))),
        ("marks", |event| event.packet.as_ref().map(|packet| packet.marks.join(" ")).unwrap_or_default()),
        ("client_state", |event| optional(event.client_state)),
        ("server_state", |event| optional(event.server_state)),
        ("call", |event| optional(event.call.as_ref().map(|call| format!("{}({})", call.name, call.arguments)))),
        ("result", |event| optional(event.call.as_ref().and_then(|call| call.result.as_deref().or(call.error)))),
        ("icmp.type", |event| optional(event.icmp().map(|icmp| icmp.kind))),
        ("icmp.code", |event| optional(event.icmp().map(|icmp| icmp.code))),
        ("text", |event| optional(event.packet.as_ref().map(|packet| &packet.text))),
        ("explanation.key", |event| optional(event.explanation.as_ref().map(ExplanationObject::key))),
    ]
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
    fn new(ladder: &Ladder<'a>, event: &Event) -> Self {
        let state = |state: Option<State>| state.map(|state| TcpState::key(state.state));
        let what = event.what;
        let (mut packet, mut run, mut call, mut omitted_packets) = (None, None, None, None);
        match what {
            What::Packet { relation, .. } => {
                packet = ladder.packet(what).map(|seen| PacketObject::new(ladder, seen, relation));
            }
            What::Run { run: folded, .. } => {
                run = ladder.packet(what).map(|first| RunObject::new(ladder, first, folded));
            }
            What::Omitted(packets) => omitted_packets = Some(packets),
            What::Entered(place) | What::Returned(place) | What::Called(place) => {
                let has_returned = !matches!(what, What::Entered(_));
                call = ladder.calls.get(place).map(|call| CallObject::new(call, has_returned));
            }
        }
        let explained = ladder.explained(what).filter(|_| ladder.explain);
        let explanation = explained.as_ref().map(ExplanationObject::from);
        Self {
            schema: SCHEMA,
            kind: kind(what),
            time: event.at.map(Epoch),
            client_state: state(event.client),
            server_state: state(event.server),
            packet,
            run,
            call,
            omitted_packets,
            explanation,
        }
    }

    /// A value of the packet, or of the run of them.
    fn of_packets<T>(&self, of_packet: fn(&PacketObject) -> T, of_run: fn(&RunObject) -> T) -> Option<T> {
        self.packet.as_ref().map(of_packet).or_else(|| self.run.as_ref().map(of_run))
    }

    fn icmp(&self) -> Option<&IcmpObject> {
        self.packet.as_ref()?.icmp.as_ref()
    }

    /// Who sent it, or made the call.
    fn from(&self) -> Option<&'static str> {
        self.of_packets(|packet| packet.from, |run| run.from).or_else(|| self.call.as_ref().map(|call| call.lane))
    }
}

impl PacketObject {
    fn new(ladder: &Ladder<'_>, observed: &Observed, relation: Relation) -> Self {
        let (packet, seen) = (observed.packet(), observed.seen);
        let tcp = packet.tcp().filter(|_| seen.is_some());
        let SeqNumber(seq_raw) = tcp.map(|tcp| tcp.seq()).unwrap_or_default();
        let ack_raw = tcp.filter(|tcp| tcp.flags().ack()).map(|tcp| tcp.ack().0);
        Self {
            frame: observed.frame.number,
            from: ladder.timeline.sender(observed).name(),
            flags: tcp.map(|tcp| tcp.flags().to_string()),
            seq: seen.and_then(|seen| seen.seq),
            seq_raw: tcp.map(|_| seq_raw),
            ack: seen.and_then(|seen| seen.ack),
            ack_raw,
            acknowledges: relation.acknowledges,
            window: seen.and_then(|seen| seen.window),
            len: seen.map_or(0, |seen| seen.len),
            marks: seen.map(|seen| seen.marks.iter().map(Mark::key).collect()).unwrap_or_default(),
            icmp: IcmpObject::new(&packet).filter(|_| seen.is_none()),
            text: seen.map(|_| ladder.view.read_text.read(packet.carried())).unwrap_or_default(),
        }
    }
}

impl IcmpObject {
    fn new(packet: &Packet<'_>) -> Option<Self> {
        let header = packet.span(Protocol::Icmp).or_else(|| packet.span(Protocol::Icmpv6))?;
        let [kind, code, ..] = *packet.slice(header) else { return None };
        Some(Self { protocol: header.protocol.key(), kind, code })
    }
}

impl RunObject {
    fn new(ladder: &Ladder<'_>, first: &Observed, run: Run) -> Self {
        Self {
            first_frame: first.frame.number,
            from: ladder.timeline.sender(first).name(),
            packets: run.packets,
            bytes: run.bytes,
            seq: run.numbers.map(|(first, _)| first),
            next_seq: run.numbers.map(|(_, end)| end),
            acks: run.acks,
        }
    }
}

impl<'a> CallObject<'a> {
    fn new(call: &'a SocketCall, has_returned: bool) -> Self {
        Self {
            lane: call.lane.name(),
            name: call.key(),
            arguments: call_notation::arguments(&call.what),
            result: call.result.as_ref().ok().map(call_notation::given).filter(|_| has_returned),
            error: call.result.as_ref().err().map(Errno::key).filter(|_| has_returned),
        }
    }
}
