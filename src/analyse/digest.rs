//! What following conversations needs of a packet, free of its bytes.

use std::net::IpAddr;

use super::exchange::is_port_unreachable;
use super::moment::Moment;
use super::part::Part;
use super::segment::Segment;
use crate::decode::{Announced, Packet, announcement};
use crate::model::{Endpoint, Frame, Timestamp, Transport};

/// A packet as [`Tracker::take`](super::Tracker::take) wants it: made wherever the packet's bytes are, and sent from there
/// to where the tracker is.
#[derive(Clone, Debug)]
pub struct Digest {
    pub(super) moment: Moment,
    /// Bytes on the wire, link header included.
    pub(super) wire_len: u32,
    /// Bytes the transport carried on the wire.
    pub(super) payload_len: u32,
    /// Bytes of a datagram's payload that lie in later fragments.
    pub(super) later_len: u32,
    pub(super) is_cut: bool,
    pub(super) message: Message,
}

/// What a packet says to the tracker.
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// It belongs to a conversation.
    Sent(Sent),
    /// It has no ports of its own.
    Beside(Beside),
}

/// What a packet without ports of its own says of a conversation.
#[derive(Clone, Debug)]
pub(super) enum Beside {
    /// It is a fragment after the first of such a packet, or before the end of the transport's header.
    Continues(Box<Part>),
    /// It is an ICMP error that quotes a packet of one.
    Quotes(Box<Quote>),
    /// Nothing.
    Nothing,
}

/// A packet of a conversation.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) source: Endpoint,
    pub(super) destination: Endpoint,
    /// For TCP, else it is UDP.
    pub(super) segment: Option<Segment>,
    /// What it announces about later packets.
    pub(super) announces: Option<Announced>,
    /// Where it is the first of several fragments.
    pub(super) part: Option<Box<Part>>,
}

impl Sent {
    /// TCP or UDP.
    pub(super) const fn transport(&self) -> Transport {
        if self.segment.is_some() { Transport::Tcp } else { Transport::Udp }
    }
}

/// Whom the packet in an ICMP error came from, and whom it should have reached.
#[derive(Clone, Debug)]
pub(super) struct Quote {
    pub(super) transport: Transport,
    pub(super) sender: Endpoint,
    pub(super) receiver: Endpoint,
    /// Who says that there is nobody at the port.
    pub(super) refused_by: Option<IpAddr>,
}

impl Digest {
    /// What there is to know of a packet. It is inlined so that it is made where it is to lie, not copied there.
    #[must_use]
    #[inline(always)]
    pub fn of(frame: &Frame<'_>, packet: &Packet<'_>) -> Self {
        Self {
            moment: Moment::of(frame),
            wire_len: frame.wire_len,
            payload_len: if packet.is_fragment() { fragment_len(packet) } else { packet.payload_len() },
            later_len: packet.later_len(),
            is_cut: frame.is_cut(),
            message: Message::of(frame, packet),
        }
    }

    /// Whether the packet belongs to a conversation.
    #[must_use]
    pub const fn is_of_conversation(&self) -> bool {
        matches!(self.message, Message::Sent(_) | Message::Beside(Beside::Continues(_)))
    }

    /// The segment, for TCP.
    pub(super) const fn segment(&self) -> Option<&Segment> {
        match &self.message {
            Message::Sent(Sent { segment, .. }) => segment.as_ref(),
            _ => None,
        }
    }

    /// The place of a fragment after the first.
    pub(super) const fn part(&self) -> Option<&Part> {
        match &self.message {
            Message::Beside(Beside::Continues(part)) => Some(part),
            _ => None,
        }
    }

    /// When the packet was captured.
    #[must_use]
    pub const fn time(&self) -> Option<Timestamp> {
        self.moment.time()
    }
}

impl Message {
    #[inline(always)]
    fn of(frame: &Frame<'_>, packet: &Packet<'_>) -> Self {
        let Some((_, source, destination)) = packet.endpoints() else {
            return Self::Beside(Beside::of(frame, packet));
        };
        // What may fail comes first: nothing that is half made has to lie anywhere then.
        let tcp = packet.tcp();
        let announces = if tcp.is_none() { announcement(packet) } else { None };
        let mut first = None;
        if packet.is_fragment() {
            match Part::of(frame, packet).map(Box::new) {
                Some(part) if part.ends.is_some() => return Self::Beside(Beside::Continues(part)),
                part => first = part,
            }
        }
        let segment = tcp.map(|tcp| Segment::new(frame, packet, &tcp));
        Self::Sent(Sent { source, destination, segment, announces, part: first })
    }
}

impl Beside {
    /// It is small enough to be handed over in registers.
    #[cold]
    #[inline(never)]
    fn of(frame: &Frame<'_>, packet: &Packet<'_>) -> Self {
        let is_piece = |part: &Part| part.start > 0 || part.ends.is_some();
        let later = Part::of(frame, packet).filter(|part| is_piece(part) && part.whole.is_of_conversation());
        later.map_or_else(|| Self::quoting(packet), |part| Self::Continues(Box::new(part)))
    }

    fn quoting(packet: &Packet<'_>) -> Self {
        let Some((transport, sender, receiver)) = packet.quoted_endpoints() else { return Self::Nothing };
        let refused_by = packet.ip().and_then(|ip| ip.source()).filter(|_| is_port_unreachable(packet));
        Self::Quotes(Box::new(Quote { transport, sender, receiver, refused_by }))
    }
}

/// How many bytes of the transport's payload a fragment holds.
#[cold]
fn fragment_len(packet: &Packet<'_>) -> u32 {
    if packet.endpoints().is_some() { packet.payload_len() } else { packet.carried_len() }
}
