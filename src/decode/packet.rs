//! A packet whose headers have been found: where each lies, and typed views of those that everybody asks about.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use arrayvec::ArrayVec;

use super::tcp::{Flags, TcpOptions};
use super::{Protocol, ipv4, ipv6, tcp, udp};
use crate::model::{Endpoint, FlowKey, Layer, LinkType, Problem, SeqNumber, Transport};

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
    pub spans: ArrayVec<Span, MAX_SPANS>,
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

    /// The innermost IP header outside quoted packets.
    #[must_use]
    #[inline]
    pub fn ip(&self) -> Option<Ip<'a>> {
        Some(self.ip_at(self.spans.get(self.ip? as usize)?))
    }

    #[inline]
    fn ip_at(&self, span: &Span) -> Ip<'a> {
        let header = self.slice(span);
        if span.protocol == Protocol::Ipv4 { Ip::V4(header) } else { Ip::V6(header) }
    }

    /// The TCP header.
    #[must_use]
    #[inline]
    pub fn tcp(&self) -> Option<Tcp<'a>> {
        self.transport_header(Protocol::Tcp).map(|header| Tcp { header })
    }

    /// The UDP header.
    #[must_use]
    #[inline]
    pub fn udp(&self) -> Option<Udp<'a>> {
        self.transport_header(Protocol::Udp).map(|header| Udp { header })
    }

    #[inline]
    fn transport_header(&self, protocol: Protocol) -> Option<&'a [u8]> {
        let span = self.spans.get(self.transport? as usize)?;
        (span.protocol == protocol).then(|| self.slice(span))
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

    /// Sender and receiver, where the packet has addresses and ports.
    #[must_use]
    #[inline]
    pub fn endpoints(&self) -> Option<(Transport, Endpoint, Endpoint)> {
        self.endpoints_of(self.spans.get(self.transport? as usize)?, self.ip()?)
    }

    /// Sender and receiver as [`Packet::endpoints`] has them; also where the transport header is cut behind the ports or
    /// contradicts itself: to show them, for nobody can follow such a packet.
    #[must_use]
    #[inline]
    pub fn ends(&self) -> Option<(Transport, Endpoint, Endpoint)> {
        let index = self.transport.or(self.ports)?;
        self.endpoints_of(self.spans.get(usize::from(index))?, self.ip()?)
    }

    /// Sender and receiver of the packet that an ICMP error quotes, where its transport header is there in full.
    #[must_use]
    pub fn quoted_endpoints(&self) -> Option<(Transport, Endpoint, Endpoint)> {
        let quoted = || self.spans.iter().rev().filter(|span| span.quoted);
        let header = quoted().find(|span| matches!(span.protocol, Protocol::Tcp | Protocol::Udp))?;
        if header.protocol == Protocol::Tcp && header.range().len() < tcp::FIXED_LEN {
            return None;
        }
        let ip = quoted().find(|span| matches!(span.protocol, Protocol::Ipv4 | Protocol::Ipv6))?;
        self.endpoints_of(header, self.ip_at(ip))
    }

    /// Both transports' headers begin with the two ports.
    #[inline]
    fn endpoints_of(&self, header: &Span, ip: Ip<'_>) -> Option<(Transport, Endpoint, Endpoint)> {
        let transport = match header.protocol {
            Protocol::Tcp => Transport::Tcp,
            Protocol::Udp => Transport::Udp,
            _ => return None,
        };
        let &[a, b, c, d] = self.slice(header).first_chunk()?;
        let (source, destination) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        Some((transport, Endpoint::new(ip.source()?, source), Endpoint::new(ip.destination()?, destination)))
    }

    /// The conversation it belongs to.
    #[must_use]
    pub fn flow(&self) -> Option<FlowKey> {
        self.endpoints().map(|(transport, source, destination)| FlowKey::new(transport, source, destination))
    }
}

/// An IP header of either version.
#[derive(Clone, Copy, Debug)]
pub enum Ip<'a> {
    /// The bytes of an IPv4 header, options included.
    V4(&'a [u8]),
    /// The 40 bytes of an IPv6 header.
    V6(&'a [u8]),
}

impl Ip<'_> {
    /// The sender.
    #[must_use]
    #[inline]
    pub fn source(&self) -> Option<IpAddr> {
        match self {
            Self::V4(header) => v4(header, &ipv4::SOURCE),
            Self::V6(header) => v6(header, &ipv6::SOURCE),
        }
    }

    /// The receiver.
    #[must_use]
    #[inline]
    pub fn destination(&self) -> Option<IpAddr> {
        match self {
            Self::V4(header) => v4(header, &ipv4::DESTINATION),
            Self::V6(header) => v6(header, &ipv6::DESTINATION),
        }
    }

    /// What tells an IPv4 packet from its sender's others (RFC 6864); IPv6 has it in fragments only.
    #[must_use]
    pub fn identification(&self) -> Option<u16> {
        match self {
            Self::V4(header) => ipv4::IDENTIFICATION.read(header).map(|id| id as u16),
            Self::V6(_) => None,
        }
    }

    /// Time to live, or hop limit.
    #[must_use]
    pub fn ttl(&self) -> Option<u8> {
        match self {
            Self::V4(header) => ipv4::TTL.read(header).map(|ttl| ttl as u8),
            Self::V6(header) => ipv6::HOP_LIMIT.read(header).map(|ttl| ttl as u8),
        }
    }
}

#[inline]
fn v4(header: &[u8], spec: &super::Spec) -> Option<IpAddr> {
    let bytes: [u8; 4] = header.get(spec.byte_range())?.try_into().ok()?;
    Some(IpAddr::V4(Ipv4Addr::from(bytes)))
}

#[inline]
fn v6(header: &[u8], spec: &super::Spec) -> Option<IpAddr> {
    let bytes: [u8; 16] = header.get(spec.byte_range())?.try_into().ok()?;
    Some(IpAddr::V6(Ipv6Addr::from(bytes)))
}

/// A TCP header, all 20 bytes or more of it (RFC 9293 §3.1).
#[derive(Clone, Copy, Debug)]
pub struct Tcp<'a> {
    header: &'a [u8],
}

impl<'a> Tcp<'a> {
    /// The header that bytes begin with; `None` where not all of it is there.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let len = tcp::DATA_OFFSET.read(bytes)? as usize;
        bytes.get(..len).filter(|header| header.len() >= tcp::FIXED_LEN).map(|header| Self { header })
    }

    /// The header itself, options included.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.header
    }

    /// The sequence number of the first payload byte (or of the SYN).
    #[must_use]
    #[inline]
    pub fn seq(&self) -> SeqNumber {
        SeqNumber(tcp::SEQ.read(self.header).unwrap_or_default() as u32)
    }

    /// The acknowledgment field; meaningless unless the ACK flag is set.
    #[must_use]
    #[inline]
    pub fn ack(&self) -> SeqNumber {
        SeqNumber(tcp::ACK.read(self.header).unwrap_or_default() as u32)
    }

    /// The flags.
    #[must_use]
    #[inline]
    pub fn flags(&self) -> Flags {
        Flags::from_bits(tcp::FLAGS.read(self.header).unwrap_or_default() as u16)
    }

    /// The window field, unscaled.
    #[must_use]
    #[inline]
    pub fn window(&self) -> u16 {
        tcp::WINDOW.read(self.header).unwrap_or_default() as u16
    }

    /// The urgent pointer; meaningless unless the URG flag is set.
    #[must_use]
    pub fn urgent(&self) -> u16 {
        tcp::URGENT.read(self.header).unwrap_or_default() as u16
    }

    /// The options, each walked by its own length.
    #[must_use]
    pub fn options(&self) -> TcpOptions<'a> {
        TcpOptions::new(self.header.get(tcp::FIXED_LEN..).unwrap_or_default())
    }
}

/// A UDP header (RFC 768).
#[derive(Clone, Copy, Debug)]
pub struct Udp<'a> {
    header: &'a [u8],
}

impl Udp<'_> {
    /// The length field: header and payload, in bytes.
    #[must_use]
    pub fn length(&self) -> u16 {
        udp::LENGTH.read(self.header).unwrap_or_default() as u16
    }
}
