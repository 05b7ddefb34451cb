//! What the application says: one line, and the fields that are cheap to find.
//!
//! A message is recognised by what it says before the port it came by; the port decides only where the bytes alone
//! would leave a doubt. Each packet is read alone: a message spread over several TCP segments shows its beginning.
//! Text is given as it was sent, hostile or not; making it harmless is `render`'s work.

mod dhcp;
mod dns;
mod ftp;
mod http;
mod nbns;
mod ntp;
mod service;
mod smtp;
mod snmp;
mod telnet;
mod text;
mod tftp;
mod tls;

use super::{Packet, Protocol, spec};
use crate::model::{Field, Transport, Value};

pub use dns::dns_name;
pub use service::service;

/// What the payload of a packet says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The protocol's name: `DNS`.
    pub protocol: &'static str,
    /// One line about the message, as it was sent: **not** safe to show as it is.
    pub line: String,
}

/// What an earlier packet of the capture said that a conversation would be. One packet alone does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Announced {
    /// The transfer of a file that the client asked for by TFTP: the server speaks from a port of its own choice
    /// (RFC 1350 §4).
    Tftp,
}

/// What a packet announces about those between its sender's port and the host it goes to.
#[must_use]
#[inline]
pub fn announcement(packet: &Packet<'_>) -> Option<Announced> {
    tftp::is_request(packet).then_some(Announced::Tftp)
}

/// How much of a message is asked for: who only wants to know its protocol has nothing spelled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// Its protocol.
    Name,
    /// The line about it.
    Line,
    /// Its fields.
    Fields,
}

/// A payload with what is known about its way.
struct Message<'a> {
    wanted: Wanted,
    announced: Option<Announced>,
    transport: Transport,
    /// Source and destination.
    ports: [u16; 2],
    payload: &'a [u8],
    /// The payload's first byte in the frame.
    start: usize,
    /// How many bytes the payload had on the wire, cut by the capture or not.
    wire_len: usize,
}

/// What a protocol makes of a message: its line or its fields may be empty where they are not wanted.
struct Reading {
    protocol: &'static str,
    key: &'static str,
    line: String,
    fields: Vec<Field>,
}

impl Message<'_> {
    /// Whether one of the two ports is `port`, by TCP or UDP.
    fn by(&self, transport: Transport, port: u16) -> bool {
        self.transport == transport && self.ports.contains(&port)
    }

    /// Where a part of the payload begins in the frame.
    fn at(&self, part: &[u8]) -> usize {
        let offset = part.as_ptr().addr().saturating_sub(self.payload.as_ptr().addr());
        self.start.saturating_add(offset.min(self.payload.len()))
    }

    /// The field for a part of the payload.
    fn field(&self, key: &'static str, label: &'static str, part: &[u8], value: Value) -> Field {
        let start = self.at(part);
        Field::new(key, label, spec::stretch(start, part.len()), value)
    }

    /// The field for a part of the payload that is text.
    fn text(&self, key: &'static str, label: &'static str, part: &[u8]) -> Field {
        self.field(key, label, part, Value::Text(String::from_utf8_lossy(part).into_owned()))
    }
}

/// Those that bytes alone give away come first.
const READERS: [fn(&Message<'_>) -> Option<Reading>; 11] = [
    http::read,
    tls::read,
    dhcp::read,
    snmp::read,
    nbns::read,
    dns::read,
    tftp::read,
    smtp::read,
    ftp::read,
    telnet::read,
    ntp::read,
];

/// What the packet's payload says, where layerscope knows the language.
#[must_use]
pub fn application(packet: &Packet<'_>) -> Option<Application> {
    application_as(packet, None)
}

/// The same; what an earlier packet `announced` tells what the bytes alone would leave in doubt.
#[must_use]
pub fn application_as(packet: &Packet<'_>, announced: Option<Announced>) -> Option<Application> {
    let Reading { protocol, line, .. } = read(packet, announced, Wanted::Line)?;
    Some(Application { protocol, line })
}

/// The name of the protocol that [`application_as`] finds, without spelling out what the payload says.
#[must_use]
pub fn application_name(packet: &Packet<'_>, announced: Option<Announced>) -> Option<&'static str> {
    read(packet, announced, Wanted::Name).map(|reading| reading.protocol)
}

/// The payload's fields, under one heading named after the protocol.
pub(super) fn fields(packet: &Packet<'_>, announced: Option<Announced>) -> Vec<Field> {
    let reading = read(packet, announced, Wanted::Fields);
    let (Some(reading), Some(span)) = (reading, packet.span(Protocol::Payload)) else { return Vec::new() };
    let heading = Field::new(reading.key, reading.protocol, span.range(), Value::Group);
    vec![heading.with(reading.fields)]
}

fn read(packet: &Packet<'_>, announced: Option<Announced>, wanted: Wanted) -> Option<Reading> {
    let span = packet.span(Protocol::Payload)?;
    let (transport, source, destination) = packet.endpoints()?;
    let message = Message {
        wanted,
        announced,
        transport,
        ports: [source.port, destination.port],
        payload: packet.slice(span),
        start: span.start as usize,
        wire_len: packet.payload_len() as usize,
    };
    READERS.iter().find_map(|reader| reader(&message))
}
