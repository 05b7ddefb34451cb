//! What a protocol's `walk` is handed, the place that has been reached in a packet, and what it answers: what comes next.
//!
//! What comes next is named by its value (an EtherType, an IP protocol number), never by who reads it.

use super::packet::{MAX_SPANS, Packet, Span};
use super::protocol::Protocol;
use crate::model::{Fault, Frame, Layer, Limit, Problem};

/// What comes after a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// What the link layer names by an EtherType.
    EtherType(u16),
    /// Logical link control.
    Llc,
    /// The Point-to-Point Protocol.
    Ppp,
    /// What an IP header names by a protocol number.
    IpProtocol(u8),
    /// IP of the version its first nibble says.
    Ip,
    /// What the transport carries.
    Payload,
    /// Bytes with no further header.
    Data,
    /// Bytes of a link type that is not taken apart.
    LinkData,
    /// Nothing more can be read.
    Stop,
}

/// The place the walk has reached, and where the bytes end.
pub(super) struct Cursor<'p, 'a> {
    /// What was found: filled in where the caller has it, for it is too large to be passed on for every packet.
    packet: &'p mut Packet<'a>,
    /// The next byte to read.
    at: usize,
    /// The byte after the last that belongs to the packet so far: the captured length, then what a length field says.
    end: usize,
    /// Where the packet would end by its own account if the capture had kept all of it.
    wire_end: usize,
    /// Where the outermost length field below the transport ends the packet: a trailer begins there.
    packet_end: usize,
    /// What set `end`.
    limit: Limit,
    /// Whether a length field said where the packet ends.
    measured: bool,
    /// Whether something stopped the walk.
    stopped: bool,
    /// Whether this is a packet quoted by an ICMP error.
    quoted: bool,
    /// Whether an IP header said that this is a fragment other than the first.
    later_fragment: bool,
}

impl<'p, 'a> Cursor<'p, 'a> {
    /// At a frame's first byte; what is found goes into `packet`, of which nothing is known yet.
    #[inline]
    pub(super) fn new(frame: &Frame<'a>, packet: &'p mut Packet<'a>) -> Self {
        let captured = frame.bytes.len();
        Self {
            packet,
            at: 0,
            end: captured,
            wire_end: captured.max(frame.wire_len as usize),
            packet_end: captured,
            limit: if frame.is_cut() { Limit::Capture } else { Limit::Packet },
            measured: false,
            stopped: false,
            quoted: false,
            later_fragment: false,
        }
    }

    /// What is left of the packet.
    #[inline]
    pub(super) fn rest_bytes(&self) -> &'a [u8] {
        self.packet.bytes.get(self.at..self.end).unwrap_or_default()
    }

    /// Where `len` bytes from here end.
    #[inline]
    const fn behind(&self, len: usize) -> usize {
        self.at.saturating_add(len)
    }

    /// How many bytes are left of the packet as it was on the wire.
    pub(super) fn wire_len(&self) -> usize {
        self.wire_end.saturating_sub(self.at)
    }

    /// Records a header of `len` bytes and steps over it. False where the packet has too many headers to go on.
    #[inline]
    fn take(&mut self, protocol: Protocol, len: usize) -> bool {
        let span = Span { protocol, quoted: self.quoted, start: self.at as u32, end: self.behind(len) as u32 };
        if !self.packet.spans.push(span) {
            self.problem(protocol, 0, Fault::TooManyHeaders { around: MAX_SPANS });
            return false;
        }
        self.at = self.behind(len);
        true
    }

    /// Records a header of `len` bytes that are there, and goes on with `next`.
    #[inline]
    pub(super) fn take_and(&mut self, protocol: Protocol, len: usize, next: Next) -> Next {
        if self.take(protocol, len) { next } else { Next::Stop }
    }

    /// Records an IP header of `len` bytes that are there.
    #[inline]
    pub(super) fn take_ip(&mut self, protocol: Protocol, len: usize, next: Next) -> Next {
        if !self.quoted {
            self.packet.ip = Some(self.packet.spans.len() as u8);
        }
        self.take_and(protocol, len, next)
    }

    /// Notes that the header about to be recorded makes this a part of a packet, the first or a later one.
    #[cold]
    pub(super) fn is_fragment(&mut self, is_first: bool) {
        self.later_fragment |= !is_first;
        if !self.quoted {
            self.packet.fragment = Some(self.packet.spans.len() as u8);
        }
    }

    /// Records a header of `len` bytes that contradicts itself, and stops behind it: it is shown, but nobody counts on it.
    #[cold]
    pub(super) fn contradiction(&mut self, protocol: Protocol, len: usize, fault: Fault) -> Next {
        self.problem(protocol, 0, fault);
        self.header(protocol, len);
        Next::Stop
    }

    /// Records a transport header of `len` bytes that are there.
    #[inline]
    pub(super) fn take_transport(&mut self, protocol: Protocol, len: usize) -> Next {
        if !self.quoted {
            self.packet.transport = Some(self.packet.spans.len() as u8);
        }
        self.take_and(protocol, len, Next::Payload)
    }

    /// Records a header of `len` bytes and steps over it; `None` (and the problem noted) where they are not there.
    #[inline]
    pub(super) fn header(&mut self, protocol: Protocol, len: usize) -> Option<&'a [u8]> {
        let Some(header) = self.rest_bytes().get(..len) else {
            self.no_room(protocol, len);
            return None;
        };
        self.take(protocol, len).then_some(header)
    }

    /// Narrows the packet to what a length field of the header that begins here says, `len` bytes.
    #[inline]
    pub(super) fn narrow(&mut self, protocol: Protocol, len: usize, key: &'static str) {
        if self.behind(len) > self.wire_end {
            self.exceeds(protocol, len, key);
        }
        self.narrow_to(len, key);
    }

    /// The same, where the length may be more than there is.
    #[inline]
    fn narrow_to(&mut self, len: usize, key: &'static str) {
        self.measured = true;
        let stated = self.behind(len);
        self.wire_end = self.wire_end.min(stated);
        if stated <= self.end {
            self.end = stated;
            self.limit = Limit::Field(key);
            if self.packet.ip.is_none() {
                self.packet_end = stated;
            }
        }
    }

    /// Notes that a length field says more than there is on the wire. What there is is read all the same. A quoted packet and
    /// one in fragments are longer than what is here.
    #[cold]
    fn exceeds(&mut self, protocol: Protocol, len: usize, key: &'static str) {
        if self.quoted || self.packet.fragment.is_some() {
            return;
        }
        let available = self.wire_len();
        self.packet.problem.get_or_insert_with(|| {
            Box::new(Problem {
                layer: protocol.layer(),
                protocol: protocol.name(),
                range: self.at..self.end.max(self.at),
                needed: 0,
                available,
                limit: self.limit,
                fault: Fault::LengthTooLarge { field: key, stated: len },
            })
        });
    }

    /// Goes on with the packet that an ICMP error quotes: `len` bytes of it by the field `key`, or all where that is 0.
    ///
    /// What lies behind it (an extension structure, RFC 4884) stays data of the packet that quotes.
    pub(super) fn quote(&mut self, len: usize, key: &'static str) -> Next {
        if len > 0 {
            self.narrow_to(len, key);
        }
        self.quoted = true;
        self.later_fragment = false;
        Next::Ip
    }

    /// What the bytes behind the last header are, where none of them is read.
    #[inline]
    pub(super) fn unread(&self) -> Protocol {
        let is_link = |span: &Span| span.protocol.layer() == Layer::Link;
        if self.packet.spans.iter().all(is_link) { Protocol::LinkPayload } else { Protocol::Data }
    }

    /// Takes everything that is left as one span and ends the walk.
    #[inline]
    pub(super) fn rest(&mut self, protocol: Protocol) -> Next {
        let len = self.end.saturating_sub(self.at);
        if !self.quoted {
            self.packet.carried_len = self.wire_end.saturating_sub(self.at) as u32;
            if protocol == Protocol::Payload {
                self.packet.payload_len = self.packet.carried_len;
            }
        }
        if len > 0 {
            self.take(protocol, len);
        }
        Next::Stop
    }

    /// Takes what no header reached: bytes that a length field inside left over, then those behind the packet's end.
    #[inline]
    pub(super) fn trailer(&mut self) {
        if self.stopped {
            return;
        }
        self.quoted = false;
        for (protocol, end) in [(Protocol::Data, self.packet_end), (Protocol::Trailer, self.packet.bytes.len())] {
            if self.at < end && !self.take(protocol, end.saturating_sub(self.at)) {
                return;
            }
        }
    }

    /// A header does not fit in what is left: it needs `needed` bytes. Those that there are are recorded as the header
    /// they begin, and the walk ends.
    ///
    /// In a quoted packet that is no problem: ICMP quotes only the first bytes (RFC 792).
    #[cold]
    pub(super) fn no_room(&mut self, protocol: Protocol, needed: usize) -> Next {
        if !self.quoted {
            self.problem(protocol, needed, Fault::NoRoom);
        }
        let available = self.rest_bytes().len();
        if available > 0 { self.take_and(protocol, available, Next::Stop) } else { Next::Stop }
    }

    /// An IP header that does not fit in what is left: as [`Cursor::no_room`]. If only options are missing, whatever cut
    /// them off, it counts as the packet's IP header all the same.
    #[cold]
    pub(super) fn cut_ip(&mut self, protocol: Protocol, fixed: usize, needed: usize) -> Next {
        if self.lacks_options(fixed) {
            self.packet.ip = Some(self.packet.spans.len() as u8);
        }
        self.no_room(protocol, needed)
    }

    /// The same for a transport header. If its ports are there, they can be shown.
    #[cold]
    pub(super) fn cut_transport(&mut self, protocol: Protocol, fixed: usize, needed: usize) -> Next {
        self.has_ports();
        if self.lacks_options(fixed) {
            self.packet.transport = Some(self.packet.spans.len() as u8);
            self.packet.payload_len = self.wire_end.saturating_sub(self.behind(needed)) as u32;
            self.packet.carried_len = self.packet.payload_len;
        }
        self.no_room(protocol, needed)
    }

    /// A transport header that contradicts itself: as [`Cursor::contradiction`], but its ports can be shown.
    #[cold]
    pub(super) fn contradicting_transport(&mut self, protocol: Protocol, len: usize, fault: Fault) -> Next {
        self.has_ports();
        self.contradiction(protocol, len, fault)
    }

    /// Notes that the header about to be recorded begins with two ports, where they are there.
    fn has_ports(&mut self) {
        if !self.quoted && self.rest_bytes().len() >= 4 {
            self.packet.ports = Some(self.packet.spans.len() as u8);
        }
    }

    /// Whether the packet ends behind the `fixed` bytes of a header without options.
    fn lacks_options(&self, fixed: usize) -> bool {
        !self.quoted && self.rest_bytes().len() >= fixed
    }

    /// Whether an IP header so far said that this is a fragment other than the first.
    #[inline]
    pub(super) const fn is_later_fragment(&self) -> bool {
        self.later_fragment
    }

    /// Whether a header so far said how long the packet is.
    pub(super) const fn is_measured(&self) -> bool {
        self.measured
    }

    /// Notes why decoding stops here: `needed` bytes were wanted.
    #[cold]
    pub(super) fn problem(&mut self, protocol: Protocol, needed: usize, fault: Fault) -> Next {
        let available = self.end.saturating_sub(self.at);
        let problem = Problem {
            layer: protocol.layer(),
            protocol: protocol.name(),
            range: self.at..self.behind(available.min(needed.max(1))),
            needed,
            available,
            limit: self.limit,
            fault,
        };
        if !std::mem::replace(&mut self.stopped, true) {
            self.packet.problem = Some(Box::new(problem));
        }
        Next::Stop
    }
}
