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

use super::{Packet, Protocol};
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

/// A payload with what is known about its way.
struct Message<'a> {
    transport: Transport,
    /// Source and destination.
    ports: [u16; 2],
    payload: &'a [u8],
    /// The payload's first byte in the frame.
    start: usize,
}

/// What a protocol makes of a message.
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
        self.start + offset.min(self.payload.len())
    }

    /// The field for a part of the payload.
    fn field(&self, key: &'static str, label: &'static str, part: &[u8], value: Value) -> Field {
        let start = self.at(part);
        Field::new(key, label, start..start + part.len(), value)
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
    let Reading { protocol, line, .. } = read(packet)?;
    Some(Application { protocol, line })
}

/// The payload's fields, under one heading named after the protocol.
pub(super) fn fields(packet: &Packet<'_>) -> Vec<Field> {
    let (Some(reading), Some(span)) = (read(packet), packet.span(Protocol::Payload)) else { return Vec::new() };
    let heading = Field::new(reading.key, reading.protocol, span.range(), Value::Group);
    vec![heading.with(reading.fields)]
}

fn read(packet: &Packet<'_>) -> Option<Reading> {
    let span = packet.span(Protocol::Payload)?;
    let (transport, source, destination) = packet.endpoints()?;
    let message = Message {
        transport,
        ports: [source.port, destination.port],
        payload: packet.slice(span),
        start: span.start as usize,
    };
    READERS.iter().find_map(|reader| reader(&message))
}
