//! Typed views of the headers that everybody asks about: addresses, ports, what TCP and UDP say.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::packet::{Packet, Span};
use super::protocol::Protocol;
use super::spec::Spec;
use super::tcp::{Flags, TcpOptions};
use super::{ipv4, ipv6, tcp, udp};
use crate::model::{Endpoint, FlowKey, Mac, SeqNumber, Transport};

impl<'a> Packet<'a> {
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

    /// What it asks or tells of neighbours: ARP over Ethernet (RFC 826), and IPv6's neighbor discovery (RFC 4861 §4.3, §4.4).
    #[must_use]
    pub fn resolution(&self) -> Option<Resolution> {
        if let Some(span) = self.span(Protocol::Arp) {
            let header = self.slice(span);
            // Ethernet, IPv4, addresses of 6 and 4 bytes; the operation.
            let &[0, 1, 8, 0, 6, 4, 0, operation] = header.first_chunk()? else { return None };
            let addr = |at: usize| {
                let bytes: [u8; 4] = header.get(at..)?.first_chunk().copied()?;
                Some(IpAddr::from(bytes))
            };
            let (is_reply, mac) = (operation == 2, header.get(8..)?.first_chunk().copied().map(Mac));
            return (operation <= 2).then_some(Resolution { is_reply, from: addr(14)?, to: addr(24)?, mac });
        }
        let (span, ip) = (self.span(Protocol::Icmpv6)?, self.ip()?);
        let message = self.bytes.get(span.start as usize..)?;
        let target: [u8; 16] = message.get(8..)?.first_chunk().copied()?;
        // The option that says where the sender is: its kind, 8 bytes of length, the address.
        let mac = match message.get(24..).and_then(<[u8]>::first_chunk) {
            Some(&[1 | 2, 1, a, b, c, d, e, f]) => Some(Mac([a, b, c, d, e, f])),
            _ => None,
        };
        match message.first()? {
            135 => Some(Resolution { is_reply: false, from: ip.source()?, to: target.into(), mac }),
            136 => Some(Resolution { is_reply: true, from: target.into(), to: ip.destination()?, mac }),
            _ => None,
        }
    }

    /// A question whether somebody is there, or the answer: ICMP's echo (RFC 792) and ICMPv6's (RFC 4443 §4).
    #[must_use]
    pub fn echo(&self) -> Option<Echo> {
        let icmp = self.span(Protocol::Icmp).map(|span| (span, [8, 0]));
        let (span, kinds) = icmp.or(self.span(Protocol::Icmpv6).map(|span| (span, [128, 129])))?;
        let message: [u8; 8] = self.bytes.get(span.start as usize..)?.first_chunk().copied()?;
        let [kind, 0, _, _, a, b, c, d] = message else { return None };
        let is_reply = kind == kinds[1];
        (is_reply || kind == kinds[0]).then(|| Echo {
            is_reply,
            identifier: u16::from_be_bytes([a, b]),
            sequence: u16::from_be_bytes([c, d]),
        })
    }

    /// The conversation it belongs to.
    #[must_use]
    pub fn flow(&self) -> Option<FlowKey> {
        self.endpoints().map(|(transport, source, destination)| FlowKey::new(transport, source, destination))
    }
}

/// A question for the link-layer address of a neighbour, or the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Whether it is the answer.
    pub is_reply: bool,
    /// Who asks; whose address it is that is told of.
    pub from: IpAddr,
    /// Who is asked for; who is told.
    pub to: IpAddr,
    /// The link-layer address of who asks, or is told of, where the message has it.
    pub mac: Option<Mac>,
}

/// A question whether a host is there, or its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo {
    /// Whether it is the answer.
    pub is_reply: bool,
    /// Which of the asking programs it is of.
    pub identifier: u16,
    /// Which of that program's questions it is.
    pub sequence: u16,
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
        self.address(&ipv4::SOURCE, &ipv6::SOURCE)
    }

    /// The receiver.
    #[must_use]
    #[inline]
    pub fn destination(&self) -> Option<IpAddr> {
        self.address(&ipv4::DESTINATION, &ipv6::DESTINATION)
    }

    /// The address in the field of its version.
    #[inline]
    fn address(&self, in_v4: &Spec, in_v6: &Spec) -> Option<IpAddr> {
        match self {
            Self::V4(header) => v4(header, in_v4),
            Self::V6(header) => v6(header, in_v6),
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
fn v4(header: &[u8], spec: &Spec) -> Option<IpAddr> {
    let bytes: [u8; 4] = header.get(spec.byte_range())?.try_into().ok()?;
    Some(IpAddr::V4(Ipv4Addr::from(bytes)))
}

#[inline]
fn v6(header: &[u8], spec: &Spec) -> Option<IpAddr> {
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
