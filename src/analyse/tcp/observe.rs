//! A TCP connection takes in its next segment.

use super::choice::Numbers;
use super::connection::{Flow, Opening, Relative, Rest, TcpConnection};
use crate::analyse::closing::{Closes, UnderWay};
use crate::analyse::copies::{Copies, Proof};
use crate::analyse::health::Context;
use crate::analyse::marks::Marks;
use crate::analyse::moment::Moment;
use crate::analyse::segment::Segment;
use crate::analyse::state::Event;
use crate::model::{Lane, SeqNumber, TcpState};

impl TcpConnection {
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
        let under_way = UnderWay {
            is_given_up: self.health.of(from).is_given_up(),
            is_unread: self.last_data == Some(from.other()),
        };
        self.closing.observe(from, segment, closes, under_way);
        if segment.len > 0 && !segment.flags.rst() {
            self.last_data = Some(from);
        }
        let misses = self.health.of(from.other()).misses();
        let marks = self.health.observe(from, segment, context);
        self.history.observe(from, segment, self.health.of(from.other()).misses() != misses);
        marks
    }
}
