//! What is known of one TCP connection: handshake, states of both ends, sequence numbers, health.

use super::other_answers::OtherAnswers;
use crate::analyse::closing::Closing;
use crate::analyse::copies::Identifications;
use crate::analyse::handshake::{Handshake, Opened};
use crate::analyse::health::{BothWays, Health};
use crate::analyse::history::History;
use crate::analyse::marks::Marks;
use crate::analyse::segment::Segment;
use crate::analyse::state::Ends;
use crate::model::{Lane, SeqNumber, TcpState};

/// A TCP connection beyond its traffic.
#[derive(Clone, Debug, Default)]
pub(in crate::analyse) struct TcpConnection {
    pub(in crate::analyse) handshake: Handshake,
    flows: [Flow; 2],
    pub(super) ends: Ends,
    /// Whether a socket is connected to itself: then both directions are one.
    pub(super) alone: bool,
    /// The first SYN, until a second packet makes the rest worth its memory: in a flood there is none.
    pub(super) opening: Option<Opening>,
    pub(super) rest: Option<Box<Rest>>,
    /// SYN-ACKs of other numbers than the first, until the client shows which one it took.
    pub(super) others: Option<Box<OtherAnswers>>,
}

/// What is remembered of a SYN that nothing has followed yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    pub(super) window: u16,
    pub(super) identification: u16,
}

/// What a connection of one packet does without.
#[derive(Clone, Debug, Default)]
pub(super) struct Rest {
    pub(super) health: BothWays,
    pub(super) identifications: [Identifications; 2],
    pub(super) closing: Closing,
    pub(super) history: History,
    /// Who sent data last.
    pub(super) last_data: Option<Lane>,
}

/// The sequence numbers of one sender.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flow {
    /// The initial sequence number, or one less than the first number seen where the SYN was not.
    pub(super) isn: Option<SeqNumber>,
    /// The number after the SYN and the data in it.
    pub(super) syn_end: SeqNumber,
    /// The number after the FIN.
    pub(super) fin_end: Option<SeqNumber>,
    /// Whether it has sent data.
    pub(super) has_data: bool,
}

/// A segment's numbers as they are spoken of: relative, and in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::analyse) struct Relative {
    pub(in crate::analyse) seq: Option<u32>,
    pub(in crate::analyse) ack: Option<u32>,
    pub(in crate::analyse) window: u32,
    pub(in crate::analyse) window_scale: Option<u8>,
}

impl TcpConnection {
    /// A connection without segments yet; `alone` where both its endpoints are one.
    pub(in crate::analyse) fn new(alone: bool) -> Self {
        Self { alone, ..Self::default() }
    }

    /// Whether a segment opens a new connection between the same endpoints: a SYN with another initial sequence number
    /// than its sender's last. One with the same number is a repetition, even after a reset.
    pub(in crate::analyse) fn is_reopened_by(&self, from: Lane, segment: &Segment) -> bool {
        segment.flags.is_opening_syn() && self.flow(from).isn.is_some_and(|isn| isn != segment.seq)
    }

    /// Counts marks as those of another packet, which has its `own`.
    pub(in crate::analyse) fn retell(&mut self, from: Lane, waited: Marks, own: Marks) {
        let health = &mut self.rest.get_or_insert_default().health;
        health.unnote(from, waited);
        health.note(from, waited.without(own));
    }

    /// Where a number of its sender's stands, relative to the sender's first one.
    pub(in crate::analyse) fn relative_number(&self, from: Lane, number: SeqNumber) -> Option<u32> {
        self.flow(from).isn.map(|isn| number - isn)
    }

    /// How it closed, or began to; `None` while there is nothing but a SYN.
    pub(in crate::analyse) fn closing(&self) -> Option<&Closing> {
        self.rest.as_ref().map(|rest| &rest.closing)
    }

    /// What happened, in letters; `None` while there is nothing but a SYN.
    pub(in crate::analyse) fn history(&self) -> Option<&History> {
        self.rest.as_ref().map(|rest| &rest.history)
    }

    /// The health of one direction; `None` while there is nothing but a SYN.
    pub(in crate::analyse) fn health(&self, from: Lane) -> Option<&Health> {
        self.rest.as_ref().map(|rest| rest.health.of(from))
    }

    /// The state of one end after the last segment, inferred; `None` while the capture has not shown it.
    pub(in crate::analyse) fn state(&self, lane: Lane) -> Option<TcpState> {
        self.ends.of(lane)
    }

    /// Exchanges the roles of client and server.
    pub(in crate::analyse) fn swap(&mut self) {
        self.flows.swap(0, 1);
        self.ends = self.ends.swapped();
        if let Some(rest) = &mut self.rest {
            rest.swap();
        }
    }

    /// Where the numbers of a sender are kept.
    const fn place(&self, lane: Lane) -> usize {
        if self.alone { 0 } else { lane as usize }
    }

    pub(super) fn flow(&self, lane: Lane) -> &Flow {
        &self.flows[self.place(lane)]
    }

    /// Notes the numbers a segment shows. Without a SYN the first number seen counts as the first after it, and an
    /// acknowledgment of a sender not seen yet as the first after its SYN, as Wireshark does.
    pub(super) fn number(&mut self, from: Lane, segment: &Segment) {
        let (from, to) = (self.place(from), self.place(from.other()));
        let peer = &mut self.flows[to];
        if let (None, Some(ack)) = (peer.isn, segment.ack) {
            peer.isn = Some(ack + u32::MAX);
            peer.syn_end = ack;
        }
        let own = &mut self.flows[from];
        if segment.flags.syn() {
            // A SYN-ACK with another number than its sender's segments so far answers a new attempt.
            own.isn = Some(segment.seq);
            own.syn_end = segment.seq + 1 + segment.len;
        }
        own.isn.get_or_insert(segment.seq + u32::MAX);
        if segment.flags.fin() {
            own.fin_end = Some(segment.end());
        }
        own.has_data |= segment.len > 0 && !segment.flags.rst();
    }

    pub(super) fn relative(&self, from: Lane, segment: &Segment) -> Relative {
        let window = u32::from(segment.window);
        // The window of a SYN is never scaled (RFC 7323 §2.2).
        let shift = if segment.flags.syn() { None } else { self.handshake.shift(from) };
        Relative {
            seq: self.flow(from).isn.map(|isn| segment.seq - isn),
            ack: segment.ack.zip(self.flow(from.other()).isn).map(|(ack, isn)| ack - isn),
            window: window << shift.unwrap_or(0),
            window_scale: if segment.flags.syn() { Some(0) } else { shift },
        }
    }
}

impl Flow {
    pub(super) fn opened(&self) -> Option<Opened> {
        self.isn.map(|isn| Opened { isn, end: self.syn_end })
    }
}

impl Rest {
    /// Exchanges the roles of client and server.
    fn swap(&mut self) {
        self.health.swap();
        self.closing.swap();
        self.identifications.swap(0, 1);
        self.history.turned();
        self.last_data = self.last_data.map(Lane::other);
    }
}
