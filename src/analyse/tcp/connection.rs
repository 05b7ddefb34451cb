//! One TCP connection: handshake, states of both ends, sequence numbers, health.

use crate::analyse::answers::OtherAnswers;
use crate::analyse::closing::{Closes, Closing, ResetCause};
use crate::analyse::copies::{Copies, Identifications, Proof};
use crate::analyse::handshake::{Handshake, Opened};
use crate::analyse::health::{BothWays, Context, Health};
use crate::analyse::history::History;
use crate::analyse::marks::Marks;
use crate::analyse::moment::Moment;
use crate::analyse::segment::Segment;
use crate::analyse::state::{Ends, Event};
use crate::model::{Lane, SeqNumber, TcpState};

/// What is known of a TCP connection beyond its traffic.
#[derive(Clone, Debug, Default)]
pub(in crate::analyse) struct TcpConnection {
    pub(in crate::analyse) handshake: Handshake,
    flows: [Flow; 2],
    ends: Ends,
    /// Whether a socket is connected to itself: then both directions are one.
    alone: bool,
    /// The first SYN, until a second packet makes the rest worth its memory: in a flood there is none.
    opening: Option<Opening>,
    pub(super) rest: Option<Box<Rest>>,
    /// SYN-ACKs of other numbers than the first, until the client shows which one it took.
    pub(super) others: Option<Box<OtherAnswers>>,
}

/// What is remembered of a SYN that nothing has followed yet.
#[derive(Clone, Copy, Debug)]
struct Opening {
    window: u16,
    identification: u16,
}

/// What a connection of one packet does without.
#[derive(Clone, Debug, Default)]
pub(super) struct Rest {
    pub(super) health: BothWays,
    identifications: [Identifications; 2],
    closing: Closing,
    pub(super) history: History,
    /// Who sent data last.
    last_data: Option<Lane>,
}

/// The sequence numbers of one sender.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flow {
    /// The initial sequence number, or one less than the first number seen where the SYN was not.
    pub(super) isn: Option<SeqNumber>,
    /// The number after the SYN and the data in it.
    pub(super) syn_end: SeqNumber,
    /// The number after the FIN.
    fin_end: Option<SeqNumber>,
    /// Whether it has sent data.
    has_data: bool,
}

/// Whether a segment's sequence numbers go on from those its sender used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// They do, as far as can be told.
    Continued,
    /// A SYN-ACK begins anew: what came before was of another connection.
    Renumbered,
    /// A SYN-ACK of another connection comes to one that has its numbers.
    Foreign,
    /// A SYN-ACK does not acknowledge the SYN that it comes to.
    Unacceptable,
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

    /// Takes in the next segment.
    pub(in crate::analyse) fn observe(
        &mut self,
        from: Lane,
        segment: &Segment,
        stream: u32,
        copies: &mut Copies,
    ) -> (Relative, Marks) {
        if self.is_copy(from, segment, stream, copies) {
            self.rest.get_or_insert_default().health.note(from, Marks::DUPLICATE_PACKET);
            return (self.relative(from, segment), Marks::DUPLICATE_PACKET);
        }
        copies.remember(stream, segment.print, segment.moment);
        self.choose(from, segment);
        let numbers = self.numbers(from, segment);
        if matches!(numbers, Numbers::Foreign | Numbers::Unacceptable) {
            return (self.relative(from, segment), self.put_aside(from, segment, numbers));
        }
        self.number(from, segment);
        let crossing = segment.flags.is_syn_ack() && self.state(from) == Some(TcpState::SynSent);
        let unsynchronized = !segment.flags.syn()
            && self.state(from.other()) == Some(TcpState::SynSent)
            && self.handshake.offer(from).is_none();
        let first_syn = segment.flags.syn() && self.handshake.offer(from).is_none();
        let answers = self.alone && segment.flags.is_syn_ack();
        let opener = if answers { Lane::Server } else { from };
        let (own, peer) = (self.flow(from).opened(), self.flow(from.other()).opened());
        self.handshake.observe(opener, segment, own, peer);
        let is_stray = self.is_stray_reset(from, segment, unsynchronized);
        let event = if is_stray { Event::default() } else { self.event(from, segment) };
        if self.alone {
            self.ends.advance_alone(event);
        } else {
            self.ends.advance(from, event);
        }
        let relative = self.relative(from, segment);
        if self.rest.is_none() && self.opening.is_none() && segment.is_bare_syn() {
            self.opening = Some(Opening { window: segment.window, identification: segment.identification });
            return (relative, Marks::NONE);
        }
        if segment.flags.rst() && from == Lane::Server {
            self.disprove(segment);
        }
        let (handshake, to, window) = (&self.handshake, from.other(), relative.window);
        let renumbered = numbers == Numbers::Renumbered;
        let context = Context { handshake, to, window, crossing, first_syn, renumbered, unsynchronized };
        let refuses = segment.flags.rst()
            && from == Lane::Server
            && self.handshake.syn.is_some()
            && self.handshake.syn_ack.is_none();
        let closes = Closes { acks_fin: event.acks_fin, refuses, is_stray };
        let rest = self.rest.get_or_insert_default();
        let marks = rest.observe(from, segment, context, closes);
        let reused = Marks::REUSED_PORTS.when(renumbered);
        rest.health.note(from, reused);
        (relative, marks | reused)
    }

    /// Takes in a later part of a segment that brings nothing new.
    pub(in crate::analyse) fn repeat(
        &mut self,
        from: Lane,
        piece: &Segment,
        stream: u32,
        copies: &mut Copies,
    ) -> (Relative, Marks) {
        let marks = Marks::DUPLICATE_PACKET.when(self.is_copy(from, piece, stream, copies));
        self.rest.get_or_insert_default().health.note(from, marks);
        (self.relative(from, piece), marks)
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

    /// Whether the very same packet was here before.
    #[inline(always)]
    fn is_copy(&mut self, from: Lane, segment: &Segment, stream: u32, copies: &mut Copies) -> bool {
        if let (None, Some(opening), Some(syn)) = (&self.rest, self.opening, self.handshake.syn) {
            let client = self.flow(Lane::Client);
            let isn = client.isn.unwrap_or_default();
            let (next, data) = (client.syn_end, self.handshake.syn_data);
            self.rest.get_or_insert_default().open(syn, (isn, next), data, opening);
        }
        let Some(rest) = self.rest.as_mut().filter(|rest| !rest.health.of(from).is_advanced_by(segment)) else {
            return false;
        };
        let proof = Proof {
            identification: rest.identifications[from as usize].tell(segment.identification),
            clock: segment.carries() && segment.clock.is_some(),
            carries: segment.carries(),
            acknowledged: segment.carries() && rest.health.of(from).is_acknowledged(segment.end()),
            round_trip: self.handshake.initial_rtt(),
        };
        copies.contains(stream, segment.print, segment.moment, proof)
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

    /// Whose numbers a segment has. An end that has agreed on them with its peer takes no others (RFC 9293 §3.10.7.4),
    /// and one that is being asked takes one answer.
    fn numbers(&self, from: Lane, segment: &Segment) -> Numbers {
        use TcpState::{CloseWait, Closing, Established, FinWait1, FinWait2, LastAck, SynSent};
        if !segment.flags.is_syn_ack() {
            return Numbers::Continued;
        }
        if self.is_unacceptable(from, segment) {
            return Numbers::Unacceptable;
        }
        if self.flow(from).isn.is_none_or(|isn| isn == segment.seq) {
            return Numbers::Continued;
        }
        // Without a SYN of its own its numbers so far are a guess.
        match self.state(from.other()).filter(|_| self.handshake.offer(from).is_some()) {
            Some(SynSent | Established | FinWait1 | FinWait2 | CloseWait | Closing | LastAck) => Numbers::Foreign,
            _ => Numbers::Renumbered,
        }
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

    fn event(&self, from: Lane, segment: &Segment) -> Event {
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

    /// Whether a reset leaves the connection alone that a SYN has asked for (RFC 9293 §3.10.7.3): it answers an
    /// acknowledgment of an older one, or acknowledges something else than the SYN itself.
    fn is_stray_reset(&self, from: Lane, segment: &Segment, unsynchronized: bool) -> bool {
        if !segment.flags.rst() {
            return false;
        }
        let beyond_syn = |flow: &Flow, number: SeqNumber| {
            flow.isn.is_some_and(|isn| number == isn || number - isn > flow.syn_end - isn)
        };
        let answers_older = self.state(from) == Some(TcpState::SynSent) && beyond_syn(self.flow(from), segment.seq);
        let acks_other = unsynchronized && segment.ack.is_some_and(|ack| beyond_syn(self.flow(from.other()), ack));
        answers_older || acks_other
    }

    fn relative(&self, from: Lane, segment: &Segment) -> Relative {
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
    fn opened(&self) -> Option<Opened> {
        self.isn.map(|isn| Opened { isn, end: self.syn_end })
    }
}

impl Rest {
    /// Takes in what there is to remember of the client's SYN: its number, the one after it and its `data` bytes.
    fn open(&mut self, syn: Moment, (isn, next): (SeqNumber, SeqNumber), data: u32, opening: Opening) {
        self.health.open((isn, next), data, opening.window, syn);
        self.identifications[Lane::Client as usize].note(opening.identification, isn, 0);
        self.history.opened(isn, next);
        self.last_data = (data > 0).then_some(Lane::Client);
    }

    /// Takes in a segment that is not a copy.
    fn observe(&mut self, from: Lane, segment: &Segment, context: Context<'_>, closes: Closes) -> Marks {
        if !segment.is_piece() {
            self.identifications[from as usize].note(segment.identification, segment.seq, segment.len);
        }
        let timed_out = self.health.of(from).is_given_up();
        let unread = self.last_data == Some(from.other());
        self.closing.observe(from, segment, closes, |closing| match closing.first_to_close() {
            _ if closes.refuses => ResetCause::Refused,
            Some(_) => ResetCause::AfterFin,
            None if timed_out => ResetCause::TimedOut,
            None if unread => ResetCause::UnreadData,
            None => ResetCause::Abort,
        });
        if segment.len > 0 && !segment.flags.rst() {
            self.last_data = Some(from);
        }
        let misses = self.health.of(from.other()).misses();
        let marks = self.health.observe(from, segment, context);
        self.history.observe(from, segment, self.health.of(from.other()).misses() != misses);
        marks
    }

    /// Exchanges the roles of client and server.
    fn swap(&mut self) {
        self.health.swap();
        self.closing.swap();
        self.identifications.swap(0, 1);
        self.history.turned();
        self.last_data = self.last_data.map(Lane::other);
    }
}
