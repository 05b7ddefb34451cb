//! A packet as an object: its headers by the keys of their field tables (`tcp.flags.syn` stands in
//! `{"tcp":{"flags":{"syn":true}}}`), then what the conversation adds to them.
//!
//! Where a protocol occurs more than once, its key holds the innermost header, and the others stand in `outer`, outermost
//! first. The packet that an ICMP error quotes is an object of the same shape inside the error.

use std::io;
use std::net::IpAddr;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{Epoch, SCHEMA, write_line};
use crate::analyse::{Mark, Seen};
use crate::decode::{Application, Protocol, Show, Span, Spec, TcpOption, application_as, sack_edges, tcp_options};
use crate::model::{Field, Value};
use crate::render::PacketWriter;
use crate::render::pen::written;
use crate::render::process::ProcessesObject;
use crate::render::row::{Names, Row};
use crate::render::style::View;
use crate::render::value::{hex, raw_value, separated_hex};
use crate::words::Spelling;

/// Writes packets as NDJSON: an object a line.
pub struct JsonRows<'v> {
    view: View<'v>,
    /// Whether the bytes stand there too.
    hex: bool,
}

impl<'v> JsonRows<'v> {
    /// Lines for the packets of a capture; with `hex` also their bytes.
    #[must_use]
    pub const fn new(view: View<'v>, hex: bool) -> Self {
        Self { view, hex }
    }
}

impl PacketWriter for JsonRows<'_> {
    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        write_line(&PacketObject { row, read_text: self.view.read_text, hex: self.hex, alone: true }, out)
    }
}

/// A packet as one object.
pub(super) struct PacketObject<'a> {
    row: &'a Row<'a>,
    read_text: &'a dyn Fn(&[u8]) -> String,
    hex: bool,
    /// Whether it stands on a line of its own, with the version of its shape.
    alone: bool,
}

impl<'a> PacketObject<'a> {
    /// The object for a packet in a document; `read_text` reads its payload.
    pub(super) const fn part(row: &'a Row<'a>, read_text: &'a dyn Fn(&[u8]) -> String) -> Self {
        Self { row, read_text, hex: false, alone: false }
    }

    pub(super) fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let packet = self.row.packet;
        if self.alone {
            map.serialize_entry("schema", &SCHEMA)?;
        }
        map.serialize_entry("frame", &FrameObject::new(self.row, self.hex))?;
        self.headers(false).entries(map)?;
        if let Some(Application { protocol, line }) =
            application_as(packet, self.row.seen.and_then(|seen| seen.announced))
        {
            map.serialize_entry("application", &ApplicationObject { protocol, line })?;
        }
        if let Some(processes) = self.row.known.processes {
            map.serialize_entry("process", &ProcessesObject::new(processes))?;
        }
        if let Some(Names { source, destination }) = self.row.known.names {
            map.serialize_entry("names", &NamesObject { src: source, dst: destination })?;
        }
        map.serialize_entry(
            "problem",
            &packet.trouble().map(|problem| Spelling::default().problem(&problem).to_string()),
        )
    }

    const fn headers(&self, quoted: bool) -> HeadersObject<'_> {
        HeadersObject { packet: self, quoted }
    }
}

impl Serialize for PacketObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.entries(&mut map)?;
        map.end()
    }
}

/// The headers of a packet, or of the one it quotes, and what the last of them carries.
struct HeadersObject<'a> {
    packet: &'a PacketObject<'a>,
    quoted: bool,
}

impl Serialize for HeadersObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.entries(&mut map)?;
        map.end()
    }
}

impl HeadersObject<'_> {
    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let spans = &self.packet.row.packet.spans;
        let headers = || spans.iter().filter(|span| span.quoted == self.quoted && !span.protocol.fields().is_empty());
        let key = |span: &Span| span.protocol.key();
        let is_innermost = |span: &Span| headers().rfind(|other| key(other) == key(span)) == Some(span);
        for span in headers().filter(|span| is_innermost(span)) {
            map.serialize_entry(key(span), &HeaderObject { packet: self.packet, span })?;
        }
        let outer: Vec<OuterObject<'_>> = headers()
            .filter(|span| !is_innermost(span))
            .map(|span| OuterObject(HeaderObject { packet: self.packet, span }))
            .collect();
        if !outer.is_empty() {
            map.serialize_entry("outer", &outer)?;
        }
        match DataObject::new(self) {
            Some(data) => map.serialize_entry("data", &data),
            None => Ok(()),
        }
    }
}

#[derive(Serialize)]
struct FrameObject<'a> {
    number: u64,
    time_epoch: Option<Epoch>,
    time_relative: Option<f64>,
    len: u32,
    cap_len: usize,
    interface_id: u32,
    /// What it is called, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    interface_name: Option<&'a str>,
    /// Every header and the payload with its bytes in the frame, half-open.
    layers: Vec<(&'static str, u32, u32)>,
    /// All captured bytes in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
}

impl<'a> FrameObject<'a> {
    fn new(row: &Row<'a>, with_hex: bool) -> Self {
        let relative = row.frame.time.zip(row.origin).map(|(time, origin)| (time - origin) as f64 / 1e9);
        Self {
            number: row.frame.number,
            time_epoch: row.frame.time.map(Epoch),
            time_relative: relative,
            len: row.frame.wire_len,
            cap_len: row.frame.bytes.len(),
            interface_id: row.frame.interface,
            interface_name: row.known.interface,
            layers: row.packet.spans.iter().map(|span| (span.protocol.key(), span.start, span.end)).collect(),
            raw: with_hex.then(|| hex(row.frame.bytes)),
        }
    }
}

#[derive(Serialize)]
struct NamesObject<'a> {
    src: Option<&'a str>,
    dst: Option<&'a str>,
}

#[derive(Serialize)]
struct ApplicationObject {
    protocol: &'static str,
    line: String,
}

/// What no header takes apart.
#[derive(Serialize)]
struct DataObject {
    /// How many bytes on the wire, cut by the capture or not.
    len: u32,
    text: String,
    /// Those captured, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

impl DataObject {
    fn new(headers: &HeadersObject<'_>) -> Option<Self> {
        let object = headers.packet;
        let packet = object.row.packet;
        let span = packet.spans.iter().find(|span| span.quoted == headers.quoted && span.protocol.key() == "data");
        let bytes = span.map_or(&[][..], |span| packet.slice(span));
        let carried = if headers.quoted { 0 } else { packet.carried_len() };
        let len = carried.max(bytes.len() as u32);
        let text = || (object.read_text)(bytes);
        (len > 0).then(|| Self { len, text: text(), data: object.hex.then(|| hex(bytes)) })
    }
}

/// A header that stands around another of its protocol.
struct OuterObject<'a>(HeaderObject<'a>);

impl Serialize for OuterObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.0.span.protocol.key(), &self.0)?;
        map.end()
    }
}

/// A header by its field table.
struct HeaderObject<'a> {
    packet: &'a PacketObject<'a>,
    span: &'a Span,
}

impl Serialize for HeaderObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let packet = self.packet.row.packet;
        let header = packet.slice(self.span);
        let protocol = self.span.protocol;
        let mut map = serializer.serialize_map(None)?;
        for spec in protocol.fields() {
            map.serialize_entry(tail(spec.key, protocol.key()), &FieldValue { spec, header })?;
        }
        match (protocol, self.packet.row.seen.filter(|_| packet.is_transport(self.span))) {
            (Protocol::Tcp, seen) => self.tcp_entries(header, seen, &mut map)?,
            (Protocol::Udp, Some(seen)) => map.serialize_entry("stream", &seen.stream)?,
            _ => self.rest_entries(header, &mut map)?,
        }
        let quotes = || !self.span.quoted && packet.spans.iter().any(|span| span.quoted);
        if matches!(protocol, Protocol::Icmp | Protocol::Icmpv6) && quotes() {
            map.serialize_entry("quoted", &self.packet.headers(true))?;
        }
        map.end()
    }
}

impl HeaderObject<'_> {
    /// What a type or a length in the header decides: addresses, identifiers, options, records.
    fn rest_entries<M: SerializeMap>(&self, header: &[u8], map: &mut M) -> Result<(), M::Error> {
        let protocol = self.span.protocol;
        let fixed = protocol.fields();
        if fixed.last().is_none_or(|last| header.len() <= last.byte_range().end) {
            return Ok(());
        }
        let key = |key| inner(key, protocol.key());
        field_entries(&protocol.rest(header, 0), &key, header, map)
    }

    /// The options, and what the conversation knows of the segment.
    fn tcp_entries<M: SerializeMap>(&self, header: &[u8], seen: Option<Seen>, map: &mut M) -> Result<(), M::Error> {
        if let Some(options) = tcp_options(header) {
            map.serialize_entry("options", &OptionsObject::new(options))?;
        }
        if let Some(seen) = seen {
            map.serialize_entry("stream", &seen.stream)?;
            map.serialize_entry("seq", &seen.seq)?;
            map.serialize_entry("ack", &seen.ack)?;
            map.serialize_entry("window_size", &seen.window)?;
            map.serialize_entry("window_size_scalefactor", &seen.window_scale.map(|shift| 1_u32 << shift))?;
            // Artefacts of the capture have no Wireshark name, and go by ours.
            let named = |mark: Mark| mark.filter().unwrap_or_else(|| Spelling::default().mark(mark));
            let marks: Vec<&str> = seen.marks.iter().map(named).collect();
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

/// The last part of a key, of a field that is part of another: `checksum` of `gre.flags.checksum` in
/// `gre.flags_and_version`.
fn part<'k>(key: &'k str, parent: &str) -> &'k str {
    let tail = tail(key, parent);
    tail.rsplit_once('.').map_or(tail, |(_, last)| last)
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
                map.serialize_entry(part(child.key, spec.key), &FieldValue { spec: child, header })?;
            }
            return map.end();
        }
        let bytes = header.get(spec.byte_range());
        match (spec.show, bytes) {
            (_, None) => serializer.serialize_none(),
            (Show::Flag, _) => serializer.serialize_bool(spec.read(header) == Some(1)),
            (Show::Mac, Some(bytes)) => serializer.serialize_str(&separated_hex(bytes, ":")),
            (Show::Ipv4 | Show::Ipv6, Some(bytes)) => serializer.serialize_str(&address(bytes)),
            (Show::Bytes, Some(bytes)) => serializer.serialize_str(&hex(bytes)),
            (Show::Decimal | Show::Hex, Some(_)) => spec.read(header).serialize(serializer),
        }
    }
}

/// What lists things: it stands in an array, be they few or many.
const LISTS: [&str; 10] = [
    "icmpv6.mld.source_address",
    "icmpv6.mldr.mar.source_address",
    "icmpv6.opt.rdnss",
    "igmp.saddr",
    "ip.empty_rt",
    "ip.rec_rt",
    "ip.src_rt",
    "ipv6.routing.mipv6.home_address",
    "ipv6.routing.src.addr",
    "ipv6.routing.srh.addr",
];

/// Fields by their keys, as `name` has them. Those of one key stand together in an array where they are a list, a record
/// or an option, or where the key occurs again, as tshark has them.
fn field_entries<M: SerializeMap>(
    fields: &[Field],
    name: &dyn Fn(&'static str) -> &'static str,
    header: &[u8],
    map: &mut M,
) -> Result<(), M::Error> {
    let mut written: Vec<&str> = Vec::new();
    for field in fields {
        if written.contains(&field.key) {
            continue;
        }
        written.push(field.key);
        let same = || fields.iter().filter(|other| other.key == field.key).map(|field| RestValue { field, header });
        if field.value == Value::Group || LISTS.contains(&field.key) || same().nth(1).is_some() {
            map.serialize_entry(name(field.key), &same().collect::<Vec<_>>())?;
        } else {
            map.serialize_entry(name(field.key), &RestValue { field, header })?;
        }
    }
    Ok(())
}

/// A Wireshark key inside an object that has another's name: without what the two have in common, the protocol at least.
fn inner<'k>(key: &'k str, parent: &str) -> &'k str {
    match tail(key, parent) {
        whole if whole == key => key.split_once('.').map_or(key, |(_, rest)| rest),
        tail => tail,
    }
}

/// A field that is not in its header's table.
struct RestValue<'a> {
    field: &'a Field,
    header: &'a [u8],
}

impl Serialize for RestValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let field = self.field;
        if field.value == Value::Group || !field.children.is_empty() {
            let mut map = serializer.serialize_map(None)?;
            let is_group = field.value == Value::Group;
            let name = |key| if is_group { inner(key, field.key) } else { part(key, field.key) };
            field_entries(&field.children, &name, self.header, &mut map)?;
            return map.end();
        }
        match field.value {
            Value::Decimal(number) | Value::Hex(number, _) => serializer.serialize_u64(number),
            Value::Flag(set) => serializer.serialize_bool(set),
            _ => serializer.serialize_str(&raw_value(field, self.header)),
        }
    }
}

/// The address in 4 or 16 bytes.
fn address(bytes: &[u8]) -> String {
    let v6 = |bytes: &[u8]| <[u8; 16]>::try_from(bytes).map(IpAddr::from);
    let address = <[u8; 4]>::try_from(bytes).map(IpAddr::from).or_else(|_| v6(bytes));
    address.map_or_else(|_| String::new(), |address| written(|pen| pen.address(address)))
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
