//! Every field of one packet, tied to its bytes.

use std::borrow::Cow;
use std::ops::Range;

use super::application::{self, Announced};
use super::checksum::{self, Checksum, checksum};
use super::packet::{Packet, Span};
use super::protocol::Protocol;
use super::walk::headers;
use super::{icmp, icmpv6, spec, udp};
use crate::model::{Field, Frame, Layer, LinkType, Problem, Value};

/// Every key that a field of a [`Dissection`] can have, sorted.
pub fn keys() -> impl Iterator<Item = &'static str> {
    include_str!("keys.txt").lines()
}

/// The fields of one header, or of the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerFields {
    /// The layer it belongs to.
    pub layer: Layer,
    /// What it is.
    pub protocol: Protocol,
    /// Whether it lies inside a packet that an ICMP error quotes.
    pub quoted: bool,
    /// Its bytes, as absolute offsets in the frame.
    pub range: Range<usize>,
    /// Its fields in wire order.
    pub fields: Vec<Field>,
}

/// The whole field tree of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dissection {
    /// One entry a header, from the wire upwards.
    pub layers: Vec<LayerFields>,
    /// What stopped decoding, or contradicts itself.
    pub problems: Vec<Problem>,
}

/// Spells out every field of a packet. Like [`headers`], it never fails.
#[must_use]
pub fn dissect(frame: &Frame<'_>) -> Dissection {
    dissect_as(frame, None)
}

/// The same; what an earlier packet `announced` tells what the payload's bytes alone would leave in doubt.
#[must_use]
pub fn dissect_as(frame: &Frame<'_>, announced: Option<Announced>) -> Dissection {
    let packet = headers(frame);
    let layers = packet.spans.iter().map(|span| layer_fields(&packet, span, announced)).collect();
    Dissection { layers, problems: packet.trouble().into_iter().map(Cow::into_owned).collect() }
}

fn layer_fields(packet: &Packet<'_>, span: &Span, announced: Option<Announced>) -> LayerFields {
    let header = packet.slice(span);
    let start = span.start as usize;
    let mut fields = spec::fields(span.protocol.fields(), header, start);
    fields.extend(span.protocol.rest(header, start));
    match span.protocol {
        Protocol::Icmp => name_code(&mut fields, "icmp.code", icmp::code_name, header),
        Protocol::Icmpv6 => name_code(&mut fields, "icmpv6.code", icmpv6::code_name, header),
        Protocol::Payload if !span.quoted => fields.extend(application::fields(packet, announced)),
        Protocol::LinkData => fields.push(link_bytes(packet.link, span)),
        _ => {}
    }
    if packet.is_transport(span) {
        add_length(&mut fields, packet, span);
    }
    if let Some(judged) = checksum(packet, span) {
        add_checksum(&mut fields, span.protocol, judged);
    }
    LayerFields {
        layer: span.protocol.layer(),
        protocol: span.protocol,
        quoted: span.quoted,
        range: span.range(),
        fields,
    }
}

/// How much the transport carries by the lengths below it, which is what counts where its own says otherwise.
fn add_length(fields: &mut Vec<Field>, packet: &Packet<'_>, span: &Span) {
    let payload = packet.payload_len();
    let is_fragment = packet.fragment().is_some();
    if span.protocol == Protocol::Tcp {
        let len = Field::derived("tcp.len", "Segment length", Value::Decimal(payload.into()));
        fields.push(len.meaning(if is_fragment { "bytes of payload in this fragment" } else { "bytes of payload" }));
    }
    let here = u64::from(payload).saturating_add(span.range().len() as u64);
    let Some(length) = fields.iter_mut().find(|field| field.key == udp::LENGTH.key) else { return };
    if matches!(length.value, Value::Decimal(stated) if stated > here) {
        length.meaning = Some(match is_fragment {
            true => format!("{here} of them in this fragment").into(),
            false => format!("more than the {here} bytes there are by the IP header").into(),
        });
    }
}

/// What a code means depends on the type before it.
fn name_code(fields: &mut [Field], key: &str, name: fn(u8, u8) -> Option<Cow<'static, str>>, header: &[u8]) {
    let (Some(field), [kind, code, ..]) = (fields.iter_mut().find(|field| field.key == key), header) else { return };
    field.meaning = name(*kind, *code);
}

/// Puts what was found about a checksum beside it, and as a value of its own at the header's end.
fn add_checksum(fields: &mut Vec<Field>, protocol: Protocol, judged: Checksum) {
    let Some((key, status_key)) = checksum::keys(protocol) else { return };
    let words = judged.describe();
    if let Some(field) = fields.iter_mut().find(|field| field.key == key) {
        field.meaning = Some(words.clone().into());
    }
    let status = Value::Decimal(judged.status().into());
    fields.push(Field::derived(status_key, "Checksum status", status).meaning(words));
}

/// A frame that is not taken apart, under its link type's name.
fn link_bytes(link: LinkType, span: &Span) -> Field {
    let name = link.name().map_or_else(|| format!("Link type {}", link.0).into(), Cow::Borrowed);
    Field::new("data.data", name, span.range(), Value::Bytes)
}

impl LayerFields {
    /// Every field of the header, children behind their parents.
    pub fn all_fields(&self) -> impl Iterator<Item = &Field> {
        let mut stack: Vec<&Field> = self.fields.iter().rev().collect();
        std::iter::from_fn(move || {
            let field = stack.pop()?;
            stack.extend(field.children.iter().rev());
            Some(field)
        })
    }
}

impl Dissection {
    /// Every field of the packet, children behind their parents.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.layers.iter().flat_map(LayerFields::all_fields)
    }

    /// The first field with a Wireshark key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields().find(|field| field.key == key)
    }
}
