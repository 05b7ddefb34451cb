//! JSON for programs, nested by Wireshark's names.
//!
//! A packet is the same object in every verb: its headers by the keys of their field tables (`tcp.flags.syn` stands in
//! `{"tcp":{"flags":{"syn":true}}}`), then what the conversation adds to them. Missing is `null`. Where a protocol occurs
//! more than once, its key holds the innermost header, and the others stand in `outer`, outermost first.

use std::fmt;
use std::io::{self, Write};
use std::net::IpAddr;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use super::PacketWriter;
use super::columns::Row;
use super::digits::push_address;
use super::style::View;
use super::text;
use super::time::push_epoch;
use super::value::raw_value;
use crate::analyse::{Handshake, Ledger, Seen, Timeline};
use crate::decode::{
    Application, Dissection, LayerFields, Packet, Protocol, Show, Span, Spec, TcpOption, application, sack_edges,
};
use crate::model::{Field, Frame, Lane, Layer, Purpose, SocketCall, TcpState, Timestamp, Transport, Value};

/// The version of the shapes this module writes.
pub const SCHEMA: u32 = 1;

/// Seconds since the Unix epoch as text, because no JSON number keeps all of their nanoseconds.
pub(super) struct Epoch(pub(super) Timestamp);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = self.0.parts();
        write!(f, "{seconds}.{nanos:09}")
    }
}

impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Vec::with_capacity(24);
        push_epoch(&mut text, self.0);
        serializer.serialize_str(&String::from_utf8_lossy(&text))
    }
}

/// Writes packets as NDJSON: an object a line.
pub struct JsonRows<'v> {
    view: View<'v>,
    line: Vec<u8>,
}

impl<'v> JsonRows<'v> {
    /// Lines for the packets of a capture.
    #[must_use]
    pub const fn new(view: View<'v>) -> Self {
        Self { view, line: Vec::new() }
    }
}

impl PacketWriter for JsonRows<'_> {
    fn write(&mut self, row: &Row<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.line.clear();
        let mut serializer = serde_json::Serializer::with_formatter(&mut self.line, Harmless);
        PacketObject::new(row, self.view.read_text, true).serialize(&mut serializer)?;
        self.line.push(b'\n');
        out.write_all(&self.line)
    }
}

/// Compact JSON in which nothing steers a terminal: what [`text::sanitise`] would spell out is escaped, which the reader
/// of the JSON undoes.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.is_ascii() && !fragment.contains('\x7f') {
            return out.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            let mut buffer = [0; 4];
            if text::is_harmless(character) {
                out.write_all(character.encode_utf8(&mut buffer).as_bytes())?;
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

/// A packet as one object; `schema` marks one that stands alone, on a line of its own.
pub struct PacketObject<'a> {
    row: &'a Row<'a>,
    read_text: &'a dyn Fn(&[u8]) -> String,
    schema: bool,
}

impl<'a> PacketObject<'a> {
    /// The object for a packet; `read_text` reads its payload.
    #[must_use]
    pub const fn new(row: &'a Row<'a>, read_text: &'a dyn Fn(&[u8]) -> String, schema: bool) -> Self {
        Self { row, read_text, schema }
    }
}

impl Serialize for PacketObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.entries(&mut map)?;
        map.end()
    }
}

impl PacketObject<'_> {
    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let (row, packet) = (self.row, &self.row.packet);
        if self.schema {
            map.serialize_entry("schema", &SCHEMA)?;
        }
        map.serialize_entry("frame", &FrameObject::new(row))?;
        let headers = || packet.spans.iter().filter(|span| !span.quoted && has_fields(span.protocol));
        let key = |span: &Span| span.protocol.key();
        let is_innermost = |span: &Span| headers().rfind(|other| key(other) == key(span)) == Some(span);
        for span in headers().filter(|span| is_innermost(span)) {
            map.serialize_entry(span.protocol.key(), &HeaderObject { packet, span, seen: row.seen })?;
        }
        let outer: Vec<OuterObject<'_>> =
            headers().filter(|span| !is_innermost(span)).map(|span| OuterObject { packet, span }).collect();
        if !outer.is_empty() {
            map.serialize_entry("outer", &outer)?;
        }
        let payload = packet.payload();
        if packet.payload_len() > 0 {
            let text = (self.read_text)(payload);
            map.serialize_entry("data", &DataObject { len: packet.payload_len(), text })?;
        }
        if let Some(Application { protocol, line }) = application(packet) {
            map.serialize_entry("application", &ApplicationObject { protocol, line })?;
        }
        map.serialize_entry("problem", &packet.problem.as_ref().map(ToString::to_string))
    }
}

fn has_fields(protocol: Protocol) -> bool {
    !protocol.fields().is_empty()
}

/// Writes the field tree of one packet, or of one layer of it, as a document: every field with its bytes.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_fields(
    frame: &Frame<'_>,
    dissection: &Dissection,
    layer: Option<Layer>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let layers = dissection.layers.iter().filter(|fields| layer.is_none_or(|layer| layer == fields.layer));
    let document = FieldsDocument {
        schema: SCHEMA,
        number: frame.number,
        time_epoch: frame.time.map(Epoch),
        len: frame.wire_len,
        cap_len: frame.bytes.len(),
        layers: layers.map(|layer| LayerObject::new(layer, frame.bytes)).collect(),
        problems: dissection.problems.iter().map(ToString::to_string).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

#[derive(Serialize)]
struct FieldsDocument {
    schema: u32,
    number: u64,
    time_epoch: Option<Epoch>,
    len: u32,
    cap_len: usize,
    layers: Vec<LayerObject>,
    problems: Vec<String>,
}

#[derive(Serialize)]
struct LayerObject {
    layer: &'static str,
    protocol: &'static str,
    key: &'static str,
    /// Whether it lies inside a packet that an ICMP error quotes.
    quoted: bool,
    range: (usize, usize),
    fields: Vec<FieldObject>,
}

impl LayerObject {
    fn new(layer: &LayerFields, bytes: &[u8]) -> Self {
        Self {
            layer: layer.layer.name(),
            protocol: layer.protocol.name(),
            key: layer.protocol.key(),
            quoted: layer.quoted,
            range: (layer.range.start, layer.range.end),
            fields: layer.fields.iter().map(|field| FieldObject::new(field, bytes)).collect(),
        }
    }
}

#[derive(Serialize)]
struct FieldObject {
    key: &'static str,
    label: String,
    /// `null` for a derived value, which has no bytes.
    range: Option<(usize, usize)>,
    mask: Option<u64>,
    /// As `inspect --field` prints it.
    value: String,
    meaning: Option<String>,
    fields: Vec<FieldObject>,
}

impl FieldObject {
    fn new(field: &Field, bytes: &[u8]) -> Self {
        Self {
            key: field.key,
            label: field.label.to_string(),
            range: field.range.as_ref().map(|range| (range.start, range.end)),
            mask: field.mask,
            value: raw_value(field, bytes),
            meaning: field.meaning.as_deref().map(text::sanitise),
            fields: field.children.iter().map(|child| Self::new(child, bytes)).collect(),
        }
    }
}

#[derive(Serialize)]
struct FrameObject {
    number: u64,
    time_epoch: Option<Epoch>,
    time_relative: Option<f64>,
    len: u32,
    cap_len: usize,
    interface_id: u32,
    /// Every header and the payload with its bytes in the frame, half-open.
    layers: Vec<(&'static str, u32, u32)>,
}

impl FrameObject {
    fn new(row: &Row<'_>) -> Self {
        let relative = row.frame.time.zip(row.origin).map(|(time, origin)| (time - origin) as f64 / 1e9);
        Self {
            number: row.frame.number,
            time_epoch: row.frame.time.map(Epoch),
            time_relative: relative,
            len: row.frame.wire_len,
            cap_len: row.frame.bytes.len(),
            interface_id: row.frame.interface,
            layers: row.packet.spans.iter().map(|span| (span.protocol.key(), span.start, span.end)).collect(),
        }
    }
}

#[derive(Serialize)]
struct ApplicationObject {
    protocol: &'static str,
    line: String,
}

#[derive(Serialize)]
struct DataObject {
    len: u32,
    text: String,
}

/// A header that stands around another of its protocol.
struct OuterObject<'a> {
    packet: &'a Packet<'a>,
    span: &'a Span,
}

impl Serialize for OuterObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(
            self.span.protocol.key(),
            &HeaderObject { packet: self.packet, span: self.span, seen: None },
        )?;
        map.end()
    }
}

/// A header by its field table.
struct HeaderObject<'a> {
    packet: &'a Packet<'a>,
    span: &'a Span,
    seen: Option<Seen>,
}

impl Serialize for HeaderObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let header = self.packet.slice(self.span);
        let protocol = self.span.protocol;
        let mut map = serializer.serialize_map(None)?;
        for spec in protocol.fields() {
            map.serialize_entry(tail(spec.key, protocol.key()), &FieldValue { spec, header })?;
        }
        match (protocol, self.seen) {
            (Protocol::Tcp, seen) => self.tcp_entries(seen, &mut map)?,
            (Protocol::Udp, Some(seen)) => map.serialize_entry("stream", &seen.stream)?,
            _ => self.rest_entries(header, &mut map)?,
        }
        map.end()
    }
}

impl HeaderObject<'_> {
    /// What a type or a length in the header decides: addresses, identifiers. Lists of options are for `inspect`.
    fn rest_entries<M: SerializeMap>(&self, header: &[u8], map: &mut M) -> Result<(), M::Error> {
        let fixed = self.span.protocol.fields();
        if fixed.last().is_none_or(|last| header.len() <= last.byte_range().end) {
            return Ok(());
        }
        let mut known: Vec<&str> = fixed.iter().map(|spec| spec.key).collect();
        for field in self.span.protocol.rest(header, 0) {
            if field.children.is_empty() && field.value != Value::Group && !known.contains(&field.key) {
                known.push(field.key);
                map.serialize_entry(tail(field.key, self.span.protocol.key()), &RestValue { field: &field, header })?;
            }
        }
        Ok(())
    }

    /// The options, and what the conversation knows of the segment.
    fn tcp_entries<M: SerializeMap>(&self, seen: Option<Seen>, map: &mut M) -> Result<(), M::Error> {
        if let Some(tcp) = self.packet.tcp() {
            map.serialize_entry("options", &OptionsObject::new(tcp.options()))?;
        }
        if let Some(seen) = seen {
            map.serialize_entry("stream", &seen.stream)?;
            map.serialize_entry("seq", &seen.seq)?;
            map.serialize_entry("ack", &seen.ack)?;
            map.serialize_entry("window_size", &seen.window)?;
            map.serialize_entry("window_size_scalefactor", &seen.window_scale.map(|shift| 1_u32 << shift))?;
            // Artefacts of the capture have no Wireshark name, and go by ours.
            let marks: Vec<String> =
                seen.marks.iter().map(|mark| mark.key().map_or_else(|| mark.to_string(), str::to_owned)).collect();
            map.serialize_entry("analysis", &marks)?;
            map.serialize_entry("len", &seen.len)?;
        }
        Ok(())
    }
}

/// A Wireshark key without the part its parent already says: `syn` of `tcp.flags.syn` in `tcp.flags`.
fn tail<'k>(key: &'k str, parent: &str) -> &'k str {
    key.strip_prefix(parent).and_then(|rest| rest.strip_prefix('.')).unwrap_or(key)
}

/// One field: its parts where it has any, else its value.
struct FieldValue<'a> {
    spec: &'a Spec,
    header: &'a [u8],
}

impl Serialize for FieldValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (spec, header) = (self.spec, self.header);
        if !spec.children.is_empty() {
            let mut map = serializer.serialize_map(None)?;
            for child in spec.children {
                map.serialize_entry(tail(child.key, spec.key), &FieldValue { spec: child, header })?;
            }
            return map.end();
        }
        let bytes = header.get(spec.byte_range());
        match (spec.show, bytes) {
            (_, None) => serializer.serialize_none(),
            (Show::Flag, _) => serializer.serialize_bool(spec.read(header) == Some(1)),
            (Show::Mac, Some(bytes)) => serializer.serialize_str(&hex(bytes, Some(b':'))),
            (Show::Ipv4 | Show::Ipv6, Some(bytes)) => serializer.serialize_str(&address(bytes)),
            (Show::Bytes, Some(bytes)) => serializer.serialize_str(&hex(bytes, None)),
            (Show::Decimal | Show::Hex, Some(_)) => spec.read(header).serialize(serializer),
        }
    }
}

/// A field that is not in its header's table.
struct RestValue<'a> {
    field: &'a Field,
    header: &'a [u8],
}

impl Serialize for RestValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.field.value {
            Value::Decimal(number) | Value::Hex(number, _) => serializer.serialize_u64(number),
            Value::Flag(set) => serializer.serialize_bool(set),
            _ => serializer.serialize_str(&raw_value(self.field, self.header)),
        }
    }
}

/// Bytes in hexadecimal, with something between them.
fn hex(bytes: &[u8], separator: Option<u8>) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 3);
    for (index, byte) in bytes.iter().enumerate() {
        text.extend(separator.filter(|_| index > 0).map(char::from));
        text.extend([byte >> 4, byte & 0xf].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
    text
}

/// The address in 4 or 16 bytes.
fn address(bytes: &[u8]) -> String {
    let v6 = |bytes: &[u8]| <[u8; 16]>::try_from(bytes).map(IpAddr::from);
    let mut text = Vec::with_capacity(40);
    if let Ok(address) = <[u8; 4]>::try_from(bytes).map(IpAddr::from).or_else(|_| v6(bytes)) {
        push_address(&mut text, address);
    }
    String::from_utf8_lossy(&text).into_owned()
}

#[derive(Default, Serialize)]
struct OptionsObject {
    kinds: Vec<u8>,
    mss_val: Option<u16>,
    wscale_shift: Option<u8>,
    sack_perm: bool,
    timestamp: Option<ClockObject>,
    /// Left and right edges.
    sack: Vec<(u32, u32)>,
}

#[derive(Serialize)]
struct ClockObject {
    tsval: u32,
    tsecr: u32,
}

impl OptionsObject {
    fn new<'a>(options: impl Iterator<Item = TcpOption<'a>>) -> Self {
        let mut object = Self::default();
        for option in options {
            object.kinds.push(option.kind());
            match option {
                TcpOption::MaximumSegmentSize(mss) => object.mss_val = Some(mss),
                TcpOption::WindowScale(shift) => object.wscale_shift = Some(shift),
                TcpOption::SackPermitted => object.sack_perm = true,
                TcpOption::Timestamps { value, echo } => {
                    object.timestamp = Some(ClockObject { tsval: value, tsecr: echo });
                }
                TcpOption::Sack(blocks) => object.sack.extend(sack_edges(blocks)),
                _ => {}
            }
        }
        object
    }
}

/// A demonstration as one document.
pub struct Demo<'a> {
    /// The scenario's name, and the sentences that say what it shows.
    pub scenario: (&'a str, &'a [&'a str]),
    /// The packets.
    pub rows: &'a [Row<'a>],
    /// The calls, in the order they were entered.
    pub calls: &'a [SocketCall],
    /// The conversations.
    pub timelines: &'a [Timeline],
    /// How each of them opened, in the same order; `None` for UDP.
    pub handshakes: &'a [Option<&'a Handshake>],
    /// What each packet says, in the same order.
    pub sentences: &'a [String],
    /// Calls against packets.
    pub ledger: &'a Ledger,
    /// Packets the kernel lost.
    pub dropped: u32,
    /// How payload bytes are read as text.
    pub read_text: &'a dyn Fn(&[u8]) -> String,
}

/// Writes a demonstration as one document.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_demo(demo: &Demo<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &demo.document())?;
    writeln!(out)
}

#[derive(Serialize)]
struct DemoDocument<'a> {
    schema: u32,
    scenario: ScenarioObject<'a>,
    conversations: Vec<ConversationObject>,
    calls: Vec<CallObject<'a>>,
    packets: Vec<DemoPacket<'a>>,
    ledger: LedgerObject,
}

impl<'a> Demo<'a> {
    fn document(&'a self) -> DemoDocument<'a> {
        let packet = |(place, row): (usize, &'a Row<'a>)| DemoPacket {
            object: PacketObject::new(row, self.read_text, false),
            lesson: LessonObject {
                call: self.ledger.call_behind(place),
                client_state: row.seen.and_then(|seen| seen.client).map(TcpState::name),
                server_state: row.seen.and_then(|seen| seen.server).map(TcpState::name),
                explanation: self.sentences.get(place).map_or("", String::as_str),
            },
        };
        let handshakes = self.handshakes.iter().copied().chain(std::iter::repeat(None));
        DemoDocument {
            schema: SCHEMA,
            scenario: ScenarioObject { name: self.scenario.0, shows: self.scenario.1 },
            conversations: self.timelines.iter().zip(handshakes).map(ConversationObject::new).collect(),
            calls: self.calls.iter().map(CallObject::new).collect(),
            packets: self.rows.iter().enumerate().map(packet).collect(),
            ledger: LedgerObject::new(self.ledger, self.dropped),
        }
    }
}

#[derive(Serialize)]
struct ScenarioObject<'a> {
    name: &'a str,
    shows: &'a [&'a str],
}

/// A packet with what the lab knows of it.
struct DemoPacket<'a> {
    object: PacketObject<'a>,
    lesson: LessonObject<'a>,
}

impl Serialize for DemoPacket<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.object.entries(&mut map)?;
        map.serialize_entry("lesson", &self.lesson)?;
        map.end()
    }
}

#[derive(Serialize)]
struct LessonObject<'a> {
    /// The place, from 0, of the call behind the packet.
    call: Option<usize>,
    client_state: Option<&'static str>,
    server_state: Option<&'static str>,
    explanation: &'a str,
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
    transport: &'static str,
    name: &'a str,
    arguments: &'a str,
    result: Option<&'a str>,
    error: Option<&'a str>,
    moved: Option<u32>,
    entered: Epoch,
    returned: Epoch,
    duration_ns: i64,
    local: Option<String>,
    peer: Option<String>,
    /// What the kernel said after the call.
    state: Option<&'static str>,
}

impl<'a> CallObject<'a> {
    fn new(call: &'a SocketCall) -> Self {
        Self {
            lane: call.lane.name(),
            transport: name(call.transport),
            name: &call.name,
            arguments: &call.arguments,
            result: call.result.as_deref().ok(),
            error: call.result.as_deref().err().map(|errno| &**errno),
            moved: call.moved,
            entered: Epoch(call.entered),
            returned: Epoch(call.returned),
            duration_ns: call.duration(),
            local: call.local.map(|end| end.to_string()),
            peer: call.peer.map(|end| end.to_string()),
            state: call.state.map(TcpState::name),
        }
    }
}

#[derive(Serialize)]
struct LedgerObject {
    expected: usize,
    captured: usize,
    dropped_by_kernel: u32,
    balanced: bool,
    missing: Vec<MissingObject>,
    unexpected: Vec<UnexpectedObject>,
}

#[derive(Serialize)]
struct MissingObject {
    call: usize,
    packet: String,
}

#[derive(Serialize)]
struct UnexpectedObject {
    number: usize,
    packet: String,
}

impl LedgerObject {
    fn new(ledger: &Ledger, dropped: u32) -> Self {
        let unexpected =
            |&(place, purpose): &(usize, Purpose)| UnexpectedObject { number: place + 1, packet: purpose.to_string() };
        Self {
            expected: ledger.expected(),
            captured: ledger.captured(),
            dropped_by_kernel: dropped,
            balanced: ledger.is_balanced(),
            missing: ledger
                .missing()
                .map(|entry| MissingObject { call: entry.call, packet: entry.to_string() })
                .collect(),
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
