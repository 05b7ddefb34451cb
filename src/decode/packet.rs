//! A packet whose headers have been found: where each lies. What the headers say is read by [`views`](super::views).

use std::ops::Range;

use super::protocol::Protocol;
use crate::model::{Few, Layer, LinkType, Problem};

/// How many headers of one packet are found before decoding stops: more than any honest packet has.
pub(super) const MAX_SPANS: usize = 24;

/// One header (or the payload) of a packet: absolute byte offsets in the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub protocol: Protocol,
    /// Whether it lies inside a packet that an ICMP error quotes.
    pub quoted: bool,
    /// Its first byte.
    pub start: u32,
    /// The byte after its last; for a header, where what it carries begins.
    pub end: u32,
}

impl Span {
    /// Its bytes, as absolute offsets in the frame.
    #[must_use]
    pub const fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The headers of one packet, found without allocating (unless there is a problem to describe).
#[derive(Clone, Debug)]
pub struct Packet<'a> {
    /// The frame's captured bytes.
    pub bytes: &'a [u8],
    /// What the capture says the first of them are.
    pub link: LinkType,
    /// Its headers in the order of the bytes.
    pub spans: Few<Span, MAX_SPANS>,
    /// What stopped decoding, if it did not reach the end; else a length that says more than there is.
    pub problem: Option<Box<Problem>>,
    /// How many bytes the transport's payload had on the wire by the Internet layer's own length, cut or not.
    pub(super) payload_len: u32,
    /// How many bytes the innermost header carried on the wire, be it a transport or not.
    pub(super) carried_len: u32,
    /// How many bytes the frame had on the wire.
    pub(super) wire_len: u32,
    /// The header that says this is a part of a packet.
    pub(super) fragment: Option<u8>,
    pub(super) ip: Option<u8>,
    pub(super) transport: Option<u8>,
    /// A transport header that cannot be followed, but begins with two ports.
    pub(super) ports: Option<u8>,
}

impl<'a> Packet<'a> {
    /// The bytes of one span.
    #[must_use]
    #[inline]
    pub fn slice(&self, span: &Span) -> &'a [u8] {
        self.bytes.get(span.range()).unwrap_or_default()
    }

    /// The first span of a protocol, outside quoted packets.
    #[must_use]
    pub fn span(&self, protocol: Protocol) -> Option<&Span> {
        self.spans.iter().find(|span| span.protocol == protocol && !span.quoted)
    }

    /// The bytes one layer takes (its headers, or the payload), trailers aside. A tunnel's inner link header belongs to
    /// the Internet layer's bytes: the link layer ends where that begins.
    #[must_use]
    pub fn layer(&self, layer: Layer) -> Option<Range<usize>> {
        let spans = || self.spans.iter().filter(|span| !span.quoted && span.protocol != Protocol::Trailer);
        let of_layer = |span: &&Span| span.protocol.layer() == layer;
        let first = spans().find(of_layer)?;
        let last = match layer {
            Layer::Link => spans().take_while(of_layer).last(),
            _ => spans().rfind(of_layer),
        };
        Some(first.start as usize..last.unwrap_or(first).end as usize)
    }

    /// The same headers of the same bytes in another place.
    #[must_use]
    pub fn over<'b>(&self, bytes: &'b [u8]) -> Packet<'b> {
        Packet { bytes, spans: self.spans.clone(), problem: self.problem.clone(), ..*self }
    }

    /// What the transport carries, as far as it was captured.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.span(Protocol::Payload).map_or(&[], |span| self.slice(span))
    }

    /// How many bytes the transport carried on the wire, cut by the capture or not.
    #[must_use]
    pub const fn payload_len(&self) -> u32 {
        self.payload_len
    }

    /// How many bytes the innermost header carried on the wire, be it a transport's or not, cut by the capture or not.
    #[must_use]
    pub const fn carried_len(&self) -> u32 {
        self.carried_len
    }

    /// Whether a span is the packet's transport header.
    #[must_use]
    pub fn is_transport(&self, span: &Span) -> bool {
        self.transport.and_then(|index| self.spans.get(usize::from(index))) == Some(span)
    }
}
