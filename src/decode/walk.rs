//! From one header to the next.

use arrayvec::ArrayVec;

use super::packet::{Packet, Span};
use super::{Protocol, ethernet, ipv4, ipv6, tcp, udp};
use crate::model::{Frame, Limit, LinkType, Problem};

/// What comes after a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// What the link layer names by an EtherType.
    EtherType(u16),
    /// What an IP header names by a protocol number.
    IpProtocol(u8),
    /// IP of the version its first nibble says.
    Ip,
    /// What the transport carries.
    Payload,
    /// Bytes with no further header.
    Data,
    /// Nothing more can be read.
    Stop,
}

/// The place the walk has reached, and where the bytes end.
pub(super) struct Cursor<'a> {
    pub(super) packet: Packet<'a>,
    /// The next byte to read.
    pub(super) at: usize,
    /// The byte after the last that belongs to the packet so far: the captured length, then what a length field says.
    pub(super) end: usize,
    /// Where the packet would end by its own account if the capture had kept all of it.
    pub(super) wire_end: usize,
    /// What set `end`.
    pub(super) limit: Limit,
    /// Whether this is a packet quoted by an ICMP error.
    pub(super) quoted: bool,
    /// Whether an IP header said that this is a fragment other than the first.
    pub(super) later_fragment: bool,
}

/// Finds every header of a packet. It never fails: see [`Packet::problem`] for what stopped it.
#[must_use]
pub fn headers<'a>(frame: &Frame<'a>) -> Packet<'a> {
    let captured = frame.bytes.len();
    let mut cursor = Cursor {
        packet: Packet {
            bytes: frame.bytes,
            spans: ArrayVec::new(),
            problem: None,
            payload_len: 0,
            ip: None,
            transport: None,
        },
        at: 0,
        end: captured,
        wire_end: captured.max(frame.wire_len as usize),
        limit: if frame.is_cut() { Limit::Capture } else { Limit::Packet },
        quoted: false,
        later_fragment: false,
    };
    let mut next = match frame.link {
        LinkType::ETHERNET => ethernet::walk(&mut cursor),
        LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 | LinkType(12 | 14) => Next::Ip,
        _ => Next::Data,
    };
    loop {
        next = match next {
            Next::EtherType(ether_type) => ethernet::walk_ether_type(&mut cursor, ether_type),
            Next::IpProtocol(number) => walk_ip_protocol(&mut cursor, number),
            Next::Ip => walk_ip(&mut cursor),
            Next::Payload => cursor.rest(Protocol::Payload),
            Next::Data => cursor.rest(Protocol::Data),
            Next::Stop => break,
        };
    }
    cursor.trailer(captured);
    cursor.packet
}

/// IP of either version, by its first nibble.
fn walk_ip(cursor: &mut Cursor<'_>) -> Next {
    match cursor.rest_bytes().first().map(|first| first >> 4) {
        Some(4) => ipv4::walk(cursor),
        Some(6) => ipv6::walk(cursor),
        _ => Next::Data,
    }
}

/// What an IP protocol number (or IPv6 next header) stands for.
fn walk_ip_protocol(cursor: &mut Cursor<'_>, number: u8) -> Next {
    if cursor.later_fragment {
        return Next::Data;
    }
    match number {
        6 => tcp::walk(cursor),
        17 => udp::walk(cursor),
        4 => ipv4::walk(cursor),
        41 => ipv6::walk(cursor),
        0 | 43 | 44 | 60 => ipv6::walk_extension(cursor, number),
        _ => Next::Data,
    }
}

impl<'a> Cursor<'a> {
    /// What is left of the packet.
    #[inline]
    pub(super) fn rest_bytes(&self) -> &'a [u8] {
        self.packet.bytes.get(self.at..self.end).unwrap_or_default()
    }

    /// Records a header of `len` bytes and steps over it. False where the packet has too many headers to go on.
    #[inline]
    pub(super) fn take(&mut self, protocol: Protocol, len: usize) -> bool {
        let span = Span { protocol, quoted: self.quoted, start: self.at as u32, end: (self.at + len) as u32 };
        if self.packet.spans.try_push(span).is_err() {
            self.problem(protocol, len, "more nested headers than a packet can honestly have".to_owned());
            return false;
        }
        self.at += len;
        true
    }

    /// The index of the span recorded last.
    pub(super) fn last_index(&self) -> Option<u8> {
        self.packet.spans.len().checked_sub(1).map(|index| index as u8)
    }

    /// Narrows the packet to what a length field says, `len` bytes from here.
    pub(super) fn narrow(&mut self, len: usize, key: &'static str) {
        let stated = self.at.saturating_add(len);
        self.wire_end = stated;
        if stated <= self.end {
            self.end = stated;
            self.limit = Limit::Field(key);
        }
    }

    /// Takes everything that is left as one span and ends the walk.
    fn rest(&mut self, protocol: Protocol) -> Next {
        let len = self.end.saturating_sub(self.at);
        if !self.quoted && protocol == Protocol::Payload {
            self.packet.payload_len = self.wire_end.saturating_sub(self.at) as u32;
        }
        if len > 0 {
            self.take(protocol, len);
        }
        Next::Stop
    }

    /// Takes what lies behind the end that the Internet layer stated.
    fn trailer(&mut self, captured: usize) {
        if self.packet.problem.is_none() && !self.quoted && self.at < captured && self.at == self.end {
            self.take(Protocol::Trailer, captured - self.at);
        }
    }

    /// Notes why decoding stops here: `needed` bytes were wanted.
    #[cold]
    pub(super) fn problem(&mut self, protocol: Protocol, needed: usize, cause: String) -> Next {
        let available = self.end.saturating_sub(self.at);
        let problem = Problem {
            layer: protocol.layer(),
            protocol: protocol.name(),
            range: self.at..self.at + available.min(needed.max(1)),
            needed,
            available,
            limit: self.limit,
            cause,
        };
        self.packet.problem.get_or_insert(Box::new(problem));
        Next::Stop
    }
}
