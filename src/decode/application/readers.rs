//! Who reads a payload: all protocols are asked in turn whether they know its language.

use super::message::{Announced, Message, Reading, Wanted};
use super::{dhcp, dns, ftp, http, nbns, ntp, smtp, snmp, telnet, tftp, tls};
use crate::decode::packet::Packet;
use crate::decode::protocol::Protocol;
use crate::model::{Field, Value};

/// What the payload of a packet says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The protocol's name: `DNS`.
    pub protocol: &'static str,
    /// One line about the message, as it was sent: **not** safe to show as it is.
    pub line: String,
}

/// What a packet announces about those between its sender's port and the host it goes to.
#[must_use]
#[inline]
pub fn announcement(packet: &Packet<'_>) -> Option<Announced> {
    tftp::is_request(packet).then_some(Announced::Tftp)
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
pub(in crate::decode) fn fields(packet: &Packet<'_>, announced: Option<Announced>) -> Vec<Field> {
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
