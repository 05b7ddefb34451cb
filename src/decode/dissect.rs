//! Every field of one packet, tied to its bytes.

use super::packet::Span;
use super::{Packet, Protocol, headers, spec, tcp};
use crate::model::{Field, Frame, Layer, Problem};
use std::ops::Range;

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
    let packet = headers(frame);
    let layers = packet.spans.iter().map(|span| layer_fields(&packet, span)).collect();
    Dissection { layers, problems: packet.problem.iter().map(|problem| (**problem).clone()).collect() }
}

fn layer_fields(packet: &Packet<'_>, span: &Span) -> LayerFields {
    let header = packet.slice(span);
    let start = span.start as usize;
    let mut fields = spec::fields(span.protocol.fields(), header, start);
    if span.protocol == Protocol::Tcp {
        fields.extend(tcp::option_fields(header, start));
    }
    LayerFields {
        layer: span.protocol.layer(),
        protocol: span.protocol,
        quoted: span.quoted,
        range: span.range(),
        fields,
    }
}

impl Dissection {
    /// Every field of the packet, children behind their parents.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        let mut stack: Vec<&Field> = self.layers.iter().rev().flat_map(|layer| layer.fields.iter().rev()).collect();
        std::iter::from_fn(move || {
            let field = stack.pop()?;
            stack.extend(field.children.iter().rev());
            Some(field)
        })
    }

    /// The first field with a Wireshark key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields().find(|field| field.key == key)
    }
}
