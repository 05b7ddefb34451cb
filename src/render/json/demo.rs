//! A demonstration as one document: its packets, its calls, and how both add up.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::explanation::ExplanationObject;
use super::measured::MeasuredObject;
use super::members::Members;
use super::packet::PacketObjects;
use super::{Epoch, SCHEMA, write_document};
use crate::analyse::{
    Entry, Explanation, Handshake, Journey, Ledger, Measured, Place, Sighting, Timeline, Why, call_notation,
};
use crate::model::{Errno, Lane, Purpose, SocketCall, TcpState, Transport};
use crate::render::payload::ReadText;
use crate::render::row::Row;
use crate::render::ways::Ways;

/// A demonstration as one document.
pub struct Demo<'a> {
    /// The scenario's name.
    pub scenario: &'a str,
    /// The packets.
    pub rows: &'a [Row<'a>],
    /// The calls, in the order they were entered.
    pub calls: &'a [SocketCall],
    /// The conversations.
    pub timelines: &'a [Timeline],
    /// How each of them opened, in the same order; `None` for UDP.
    pub handshakes: &'a [Option<&'a Handshake>],
    /// What each packet does, in the same order; `None` for one of no conversation.
    pub explanations: &'a [Option<Explanation>],
    /// Why things are as they are, by what shows it.
    pub reasons: &'a [(Shows, Why)],
    /// What was measured.
    pub measured: &'a [Measured],
    /// Whether its times, and those of the packets, are the run's own.
    pub has_times: bool,
    /// Calls against packets.
    pub ledger: &'a Ledger,
    /// Packets the kernel lost.
    pub dropped: u32,
    /// Where each packet was seen.
    pub ways: Ways<'a>,
    /// How payload bytes are read as text.
    pub read_text: &'a dyn ReadText,
}

/// What shows why something is as it is, by its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// A packet.
    Packet(usize),
    /// A call.
    Call(usize),
}

/// Writes a demonstration as one document.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_demo(demo: &Demo<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_document(&demo.document()?, out)
}

#[derive(Serialize)]
struct DemoDocument<'a> {
    schema: u32,
    scenario: ScenarioObject<'a>,
    conversations: Vec<ConversationObject>,
    calls: Vec<CallObject<'a>>,
    packets: Vec<DemoPacket>,
    measured: Vec<MeasuredObject<'a>>,
    /// Where each packet was seen, where it was captured in several places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    journeys: Vec<JourneyObject<'a>>,
    ledger: LedgerObject,
}

impl<'a> Demo<'a> {
    fn document(&'a self) -> io::Result<DemoDocument<'a>> {
        let objects = PacketObjects::new(self.read_text);
        let packet = |(place, row): (usize, &'a Row<'a>)| {
            Ok(DemoPacket {
                members: objects.members(row)?,
                lesson: LessonObject {
                    call: self.ledger.call_behind(place),
                    client_state: row.seen.and_then(|seen| seen.client).map(TcpState::key),
                    server_state: row.seen.and_then(|seen| seen.server).map(TcpState::key),
                    explanation: self.explanations.get(place).and_then(Option::as_ref).map(ExplanationObject::from),
                    why: self.why(Shows::Packet(place)),
                },
            })
        };
        let call = |(place, call)| CallObject::new(call, self.why(Shows::Call(place)));
        let handshakes = self.handshakes.iter().copied().chain(std::iter::repeat(None));
        Ok(DemoDocument {
            schema: SCHEMA,
            scenario: ScenarioObject { name: self.scenario },
            conversations: self.timelines.iter().zip(handshakes).map(ConversationObject::new).collect(),
            calls: self.calls.iter().enumerate().map(call).collect(),
            packets: self.rows.iter().enumerate().map(packet).collect::<io::Result<_>>()?,
            measured: self.measured.iter().map(|one| MeasuredObject::new(one, self.has_times)).collect(),
            journeys: self.ways.journeys.iter().map(|journey| JourneyObject::new(journey, self.ways.places)).collect(),
            ledger: LedgerObject::new(self.ledger, self.dropped),
        })
    }
}

impl Demo<'_> {
    fn why(&self, what: Shows) -> Vec<&'static str> {
        self.reasons.iter().filter(|(shows, _)| *shows == what).map(|(_, why)| why.key()).collect()
    }
}

#[derive(Serialize)]
struct ScenarioObject<'a> {
    name: &'a str,
}

/// A packet with what the lab knows of it.
struct DemoPacket {
    members: Members,
    lesson: LessonObject,
}

impl Serialize for DemoPacket {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.members.entries(&mut map)?;
        map.serialize_entry("lesson", &self.lesson)?;
        map.end()
    }
}

#[derive(Serialize)]
struct LessonObject {
    /// The place, from 0, of the call behind the packet.
    call: Option<usize>,
    client_state: Option<&'static str>,
    server_state: Option<&'static str>,
    explanation: Option<ExplanationObject>,
    /// Why it is so, where that is seen here first.
    why: Vec<&'static str>,
}

#[derive(Serialize)]
struct ConversationObject {
    transport: &'static str,
    stream: u32,
    client: String,
    server: String,
    handshake: Option<HandshakeObject>,
}

impl ConversationObject {
    fn new((timeline, handshake): (&Timeline, Option<&Handshake>)) -> Self {
        Self {
            transport: name(timeline.transport),
            stream: timeline.stream,
            client: timeline.client.to_string(),
            server: timeline.server.to_string(),
            handshake: handshake.map(HandshakeObject::new),
        }
    }
}

#[derive(Serialize)]
struct HandshakeObject {
    total_ns: Option<i64>,
    syn_to_syn_ack_ns: Option<i64>,
    syn_ack_to_ack_ns: Option<i64>,
    /// What each side offered, the client first.
    mss: [Option<u16>; 2],
    window_scale: [Option<u8>; 2],
    sack_permitted: [bool; 2],
    timestamps: [bool; 2],
}

impl HandshakeObject {
    fn new(handshake: &Handshake) -> Self {
        let offers = [Lane::Client, Lane::Server].map(|lane| handshake.offer(lane));
        Self {
            total_ns: handshake.total(),
            syn_to_syn_ack_ns: handshake.syn_to_syn_ack(),
            syn_ack_to_ack_ns: handshake.syn_ack_to_ack(),
            mss: offers.map(|offer| offer.and_then(|offer| offer.mss)),
            window_scale: offers.map(|offer| offer.and_then(|offer| offer.window_scale)),
            sack_permitted: offers.map(|offer| offer.is_some_and(|offer| offer.sack_permitted)),
            timestamps: offers.map(|offer| offer.is_some_and(|offer| offer.timestamps)),
        }
    }
}

#[derive(Serialize)]
struct CallObject<'a> {
    lane: &'static str,
    /// `None` for ICMP.
    transport: Option<&'static str>,
    name: &'a str,
    arguments: Cow<'a, str>,
    result: Option<Cow<'a, str>>,
    error: Option<&'a str>,
    moved: Option<u32>,
    entered: Epoch,
    returned: Epoch,
    duration_ns: i64,
    local: Option<String>,
    peer: Option<String>,
    /// The number that the program has for the socket, and for the one that the call gave.
    descriptor: Option<u32>,
    given_descriptor: Option<u32>,
    /// What the kernel said after the call.
    state: Option<&'static str>,
    /// Why it is so, where that is seen here first.
    why: Vec<&'static str>,
}

impl<'a> CallObject<'a> {
    fn new(call: &'a SocketCall, why: Vec<&'static str>) -> Self {
        Self {
            lane: call.lane.name(),
            transport: call.transport.map(name),
            name: call.key(),
            arguments: call_notation::arguments(&call.what),
            result: call.result.as_ref().ok().map(call_notation::given),
            error: call.result.as_ref().err().map(Errno::key),
            moved: call.moved(),
            entered: Epoch(call.entered),
            returned: Epoch(call.returned),
            duration_ns: call.duration(),
            local: call.local.map(|end| end.to_string()),
            peer: call.peer.map(|end| end.to_string()),
            descriptor: call.descriptors.of,
            given_descriptor: call.descriptors.given,
            state: call.state.map(TcpState::key),
            why,
        }
    }
}

#[derive(Serialize)]
struct JourneyObject<'a> {
    /// The packet's number.
    number: usize,
    lost: bool,
    sightings: Vec<SightingObject<'a>>,
}

#[derive(Serialize)]
struct SightingObject<'a> {
    interface: &'a str,
    time_epoch: Option<Epoch>,
    eth_src: String,
    eth_dst: String,
    ttl: u8,
    damaged: bool,
}

impl<'a> JourneyObject<'a> {
    fn new(journey: &Journey, places: &'a [Place]) -> Self {
        let sighting = |(place, seen): (&'a Place, &Option<Sighting>)| {
            seen.map(|Sighting { at, source, destination, ttl, is_damaged, .. }| SightingObject {
                interface: &place.name,
                time_epoch: at.map(Epoch),
                eth_src: source.to_string(),
                eth_dst: destination.to_string(),
                ttl,
                damaged: is_damaged,
            })
        };
        Self {
            number: journey.packet.saturating_add(1),
            lost: journey.is_lost(),
            sightings: places.iter().zip(&journey.sightings).filter_map(sighting).collect(),
        }
    }
}

#[derive(Serialize)]
struct LedgerObject {
    expected: usize,
    captured: usize,
    dropped_by_kernel: u32,
    lost_on_the_way: usize,
    balanced: bool,
    missing: Vec<MissingObject>,
    unexpected: Vec<UnexpectedObject>,
}

#[derive(Serialize)]
struct MissingObject {
    call: usize,
    packet: PurposeObject,
    /// `None` for what goes between neighbours, without ports.
    transport: Option<&'static str>,
    source: String,
    destination: String,
}

#[derive(Serialize)]
struct UnexpectedObject {
    number: usize,
    packet: PurposeObject,
}

/// What a packet is for, and how many bytes it carries, where that is said.
#[derive(Serialize)]
struct PurposeObject {
    key: &'static str,
    len: Option<u32>,
}

impl From<Purpose> for PurposeObject {
    fn from(purpose: Purpose) -> Self {
        let len = match purpose {
            Purpose::Data(len) | Purpose::Datagram(len) | Purpose::Fragment(len) => Some(len),
            _ => None,
        };
        Self { key: purpose.key(), len }
    }
}

impl From<&Entry> for MissingObject {
    fn from(entry: &Entry) -> Self {
        Self {
            call: entry.call,
            packet: entry.purpose.into(),
            transport: entry.transport.map(name),
            source: entry.source.to_string(),
            destination: entry.destination.to_string(),
        }
    }
}

impl LedgerObject {
    fn new(ledger: &Ledger, dropped: u32) -> Self {
        let unexpected = |&(place, purpose): &(usize, Purpose)| UnexpectedObject {
            number: place.saturating_add(1),
            packet: purpose.into(),
        };
        Self {
            expected: ledger.expected(),
            captured: ledger.captured(),
            dropped_by_kernel: dropped,
            lost_on_the_way: ledger.vanished,
            balanced: ledger.is_balanced(),
            missing: ledger.missing().map(MissingObject::from).collect(),
            unexpected: ledger.unexpected.iter().map(unexpected).collect(),
        }
    }
}

const fn name(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
    }
}
