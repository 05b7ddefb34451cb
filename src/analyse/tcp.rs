//! One TCP connection: handshake, states of both ends, sequence numbers.

use super::handshake::Handshake;
use super::segment::Segment;
use super::state::{Ends, Event};
use crate::model::{Lane, SeqNumber, TcpState};

/// What is known of a TCP connection beyond its traffic.
#[derive(Clone, Debug, Default)]
pub(super) struct TcpConnection {
    pub(super) handshake: Handshake,
    flows: [Flow; 2],
    ends: Ends,
    /// Whether a FIN or RST was seen: then another SYN opens another connection, whatever its number.
    closing: bool,
}

/// The sequence numbers of one sender.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    /// The initial sequence number, or one less than the first number seen where the SYN was not.
    isn: Option<SeqNumber>,
    /// The number after the SYN and the data in it.
    syn_end: SeqNumber,
    /// The number after the FIN.
    fin_end: Option<SeqNumber>,
    /// Whether it has sent data.
    has_data: bool,
}

/// A segment's numbers as they are spoken of: relative, and in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Relative {
    pub(super) seq: Option<u32>,
    pub(super) ack: Option<u32>,
    pub(super) window: u32,
}

impl TcpConnection {
    /// Whether a segment belongs to a new connection between the same endpoints: a SYN with another initial sequence
    /// number, or with the same one after a close.
    pub(super) fn is_reopened_by(&self, from: Lane, segment: &Segment<'_>) -> bool {
        let renumbered = self.flow(from).isn.is_some_and(|isn| isn != segment.seq);
        match (segment.flags.is_opening_syn(), segment.flags.is_syn_ack()) {
            (true, _) => self.flow(from).isn.is_some() && (renumbered || self.closing),
            (_, true) => renumbered,
            _ => false,
        }
    }

    /// Takes in the next segment.
    pub(super) fn observe(&mut self, from: Lane, segment: &Segment<'_>) -> Relative {
        self.number(from, segment);
        let peer = self.flow(from.other());
        self.handshake.observe(from, segment, peer.isn.map(|isn| (isn, peer.syn_end)));
        self.ends.advance(from, self.event(from, segment));
        self.closing |= segment.flags.fin() || segment.flags.rst();
        self.relative(from, segment)
    }

    /// The state of one end after the last segment, inferred; `None` while the capture has not shown it.
    pub(super) fn state(&self, lane: Lane) -> Option<TcpState> {
        self.ends.of(lane)
    }

    /// Exchanges the roles of client and server.
    pub(super) fn swap(&mut self) {
        self.flows.swap(0, 1);
        self.ends = self.ends.swapped();
    }

    fn flow(&self, lane: Lane) -> &Flow {
        &self.flows[lane as usize]
    }

    /// Notes the numbers a segment shows. Without a SYN the first number seen counts as the first after it, and an
    /// acknowledgment of a sender not seen yet as the first after its SYN, as Wireshark does.
    fn number(&mut self, from: Lane, segment: &Segment<'_>) {
        let peer = &mut self.flows[from.other() as usize];
        if let (None, Some(ack)) = (peer.isn, segment.ack) {
            peer.isn = Some(ack + u32::MAX);
            peer.syn_end = ack;
        }
        let own = &mut self.flows[from as usize];
        if own.isn.is_none() {
            own.isn = Some(if segment.flags.syn() { segment.seq } else { segment.seq + u32::MAX });
        }
        if segment.flags.syn() {
            own.syn_end = segment.seq + 1 + segment.len;
        }
        if segment.flags.fin() {
            own.fin_end = Some(segment.end());
        }
        own.has_data |= segment.len > 0 && !segment.flags.rst();
    }

    fn event(&self, from: Lane, segment: &Segment<'_>) -> Event {
        let peer = self.flow(from.other());
        let acks = |number: Option<SeqNumber>| match (segment.ack, number) {
            (Some(ack), Some(number)) => !ack.precedes(number),
            _ => false,
        };
        Event {
            syn: segment.flags.syn(),
            ack: segment.flags.ack(),
            fin: segment.flags.fin(),
            rst: segment.flags.rst(),
            acks_syn: acks(peer.isn.map(|isn| isn + 1)),
            acks_fin: acks(peer.fin_end),
            both_sent_data: self.flow(from).has_data && peer.has_data,
        }
    }

    fn relative(&self, from: Lane, segment: &Segment<'_>) -> Relative {
        let window = u32::from(segment.window);
        // The window of a SYN is never scaled (RFC 7323 §2.2).
        let shift = if segment.flags.syn() { None } else { self.handshake.shift(from) };
        Relative {
            seq: self.flow(from).isn.map(|isn| segment.seq - isn),
            ack: segment.ack.zip(self.flow(from.other()).isn).map(|(ack, isn)| ack - isn),
            window: window << shift.unwrap_or(0),
        }
    }
}
