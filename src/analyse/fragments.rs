//! Which conversation the fragments of a packet belong to: only the first has the ports.
//!
//! A packet is not put together. Each fragment is a piece of its segment or datagram, and counts as such; one that comes
//! before the first waits for it. Where TCP's header goes on in later fragments, all of them wait until it is there in full,
//! with something behind it: only then there is a segment. Of bytes that came twice (RFC 5722) those that came first count. What is remembered is
//! bounded; a fragment whose first never comes belongs to no conversation.

use std::collections::{HashMap, VecDeque};

use super::assembled::Assembled;
use super::digest::Digest;
use super::moment::Moment;
use super::part::{PIECES, Part, REMEMBERED, Whole, is_past};
use super::print::Print;
use super::segment::{Role, Segment};
use crate::model::{Endpoint, SeqNumber};

/// A fragment that waits.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) digest: Digest,
    /// Whether its conversation is known, and has counted it without its payload.
    pub(super) is_counted: bool,
}

/// What a fragment after the first, or of a header that is not there in full, is.
#[derive(Debug)]
pub(super) enum Continued {
    /// It waits; from whom and to whom it is where that is known.
    Waits(Option<(Endpoint, Endpoint)>),
    /// A piece of what began before.
    Piece(Piece),
    /// The one that was missing to make a segment of those that waited.
    Joined(Box<Joined>),
}

/// A segment whose header came in several fragments.
#[derive(Debug)]
pub(super) struct Joined {
    pub(super) ends: (Endpoint, Endpoint),
    pub(super) segment: Segment,
    /// Where its payload begins.
    pub(super) header: u32,
    /// The fragments it was made of, in the order of their arrival.
    pub(super) parts: Vec<Waiting>,
    /// Those that lie behind a gap, in the order of their places.
    pub(super) rest: Vec<Waiting>,
}

/// What a fragment after the first is a piece of.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) source: Endpoint,
    pub(super) destination: Endpoint,
    /// For TCP: the piece as a segment of its own, or all of it where nothing in it is new.
    pub(super) segment: Option<Segment>,
    /// Whether any of its bytes are new.
    pub(super) is_new: bool,
    /// How many bytes at its beginning are not.
    pub(super) known: u32,
}

/// The packets that come in fragments.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    packets: HashMap<Whole, Fragmented>,
    /// In the order of their arrival; what was begun anew stands here twice.
    order: VecDeque<(Whole, u64)>,
    begun: u64,
}

/// One of them.
#[derive(Debug)]
struct Fragmented {
    number: u64,
    last: Moment,
    first: Option<First>,
    known: Vec<Known>,
    waiting: Vec<Waiting>,
    /// Who sent it and to whom, where the first fragment has come without all of the header.
    ends: Option<(Endpoint, Endpoint)>,
}

/// What the first fragment tells of the others.
#[derive(Clone, Debug)]
struct First {
    source: Endpoint,
    destination: Endpoint,
    segment: Option<Segment>,
    /// Where the payload begins in what the packet carries.
    header: u32,
    has_fin: bool,
    /// Whether the segment was sent again.
    is_again: bool,
}

/// The bytes that a fragment brought.
#[derive(Clone, Copy, Debug)]
struct Known {
    start: u32,
    end: u32,
    more: bool,
    content: u64,
}

impl Known {
    const fn of(part: &Part) -> Self {
        Self { start: part.start, end: part.end, more: part.more, content: part.content }
    }
}

impl Fragments {
    /// Takes in a first fragment with its transport's header, from one of `ends` to the other; `is_again` where its segment
    /// was sent before. Returns the fragments that came before it, in the order of their places.
    pub(super) fn begin(
        &mut self,
        part: &Part,
        ends: (Endpoint, Endpoint),
        is_again: bool,
        digest: &Digest,
    ) -> Vec<Waiting> {
        let first = First {
            source: ends.0,
            destination: ends.1,
            segment: digest.segment().cloned(),
            header: part.payload,
            has_fin: part.has_fin,
            is_again,
        };
        let packet = self.packet(part, digest.moment);
        if packet.first.is_some() && packet.known.iter().any(|known| known.start == 0 && known.content == part.content)
        {
            return Vec::new();
        }
        if packet.first.replace(first).is_some() {
            // The identification is used again.
            packet.known.clear();
        }
        packet.known.push(Known::of(part));
        let mut waiting = std::mem::take(&mut packet.waiting);
        waiting.sort_by_key(Waiting::start);
        waiting
    }

    /// Notes that the segment that a fragment made whole was sent before.
    pub(super) fn is_again(&mut self, part: &Part) {
        let first = self.packets.get_mut(&part.whole).and_then(|packet| packet.first.as_mut());
        first.into_iter().for_each(|first| first.is_again = true);
    }

    /// Takes in a later fragment, or the first where TCP's header goes on in others.
    pub(super) fn continued(&mut self, part: &Part, digest: &Digest) -> Continued {
        let packet = self.packet(part, digest.moment);
        let is_repeated = packet.known.iter().any(|known| known.content == part.content && known.start == part.start);
        if !is_repeated && packet.first.is_some() && (part.start == 0 || packet.is_complete()) {
            // The next packet of the same identification, whose first fragment comes later.
            (packet.first, packet.known, packet.ends) = (None, Vec::new(), None);
        }
        let Some(first) = packet.first.clone() else { return packet.wait(part, digest) };
        if part.start == 0 {
            return Continued::Waits(part.ends);
        }
        let (start, end) = packet.fresh(part);
        let is_new = start < end;
        if packet.known.len() < PIECES {
            packet.known.push(Known::of(part));
        }
        let (from, to) = if is_new { (start, end) } else { (part.start, part.end) };
        let segment = first.segment.as_ref().map(|segment| {
            let number = segment.seq + u32::from(segment.flags.syn()) + from.saturating_sub(first.header);
            let role = if first.is_again { Role::PieceAgain } else { Role::Piece };
            segment.piece(number, to.saturating_sub(from), first.has_fin && !part.more, digest.moment, (part, role))
        });
        Continued::Piece(Piece {
            source: first.source,
            destination: first.destination,
            segment,
            is_new,
            known: from.saturating_sub(part.start),
        })
    }

    /// What is known of the packet that a fragment is of; nothing yet where it is the first that came of it.
    fn packet(&mut self, part: &Part, moment: Moment) -> &mut Fragmented {
        if self.packets.get(&part.whole).is_none_or(|known| is_past(known.last, moment)) {
            self.begun = self.begun.wrapping_add(1);
            let number = self.begun;
            self.packets.insert(part.whole, Fragmented::new(number, moment));
            self.order.push_back((part.whole, number));
            while self.order.len() > REMEMBERED {
                let oldest = self.order.pop_front();
                let is_it = |(whole, number)| self.packets.get(&whole).is_some_and(|packet| packet.number == number);
                if let Some((whole, _)) = oldest.filter(|oldest| is_it(*oldest)) {
                    self.packets.remove(&whole);
                }
            }
        }
        let packet = self.packets.entry(part.whole).or_insert_with(|| Fragmented::new(0, moment));
        packet.last = moment;
        packet
    }
}

impl Waiting {
    fn start(&self) -> Option<u32> {
        self.digest.part().map(|part| part.start)
    }
}

impl Fragmented {
    const fn new(number: u64, last: Moment) -> Self {
        Self { number, last, first: None, known: Vec::new(), waiting: Vec::new(), ends: None }
    }

    /// Lets a fragment wait for the first, or for the rest of the header.
    fn wait(&mut self, part: &Part, digest: &Digest) -> Continued {
        self.ends = part.ends.or(self.ends);
        if self.waiting.len() < PIECES {
            self.waiting.push(Waiting { digest: digest.clone(), is_counted: self.ends.is_some() });
        }
        match self.ends.and_then(|ends| self.join(ends, digest.moment)) {
            Some(joined) => Continued::Joined(Box::new(joined)),
            None => Continued::Waits(self.ends),
        }
    }

    /// Makes a segment of the fragments that wait, where they hold its header and what comes next.
    fn join(&mut self, ends: (Endpoint, Endpoint), moment: Moment) -> Option<Joined> {
        let mut parts: Vec<&Part> = self.waiting.iter().filter_map(|waiting| waiting.digest.part()).collect();
        parts.sort_by_key(|part| part.start);
        let spans = parts.iter().map(|part| (part.start, part.end, part.more, &*part.head));
        let assembled = Assembled::of(spans)?;
        let (header, reach) = (assembled.payload, assembled.reach);
        let print = parts.iter().fold(Print::default(), |print, part| print.of_part(part.content, part.place));
        let whole = parts.first()?.whole;
        let identification = if whole.source.is_ipv4() { whole.identification as u16 } else { 0 };
        let tcp = assembled.tcp()?;
        let has_fin = tcp.flags().fin();
        let flags = if assembled.is_whole { tcp.flags() } else { tcp.flags().without_fin() };
        let segment = Segment::read((&tcp, flags), reach.saturating_sub(header), moment, identification, print);
        let (source, destination) = ends;
        self.first =
            Some(First { source, destination, segment: Some(segment.clone()), header, has_fin, is_again: false });
        let is_part_of = |waiting: &Waiting| waiting.start().is_some_and(|start| start < reach);
        let (parts, mut rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting).into_iter().partition(is_part_of);
        self.known = parts.iter().filter_map(|waiting| waiting.digest.part()).map(Known::of).collect();
        rest.sort_by_key(Waiting::start);
        Some(Joined { ends, segment, header, parts, rest })
    }

    /// Whether nothing is missing.
    fn is_complete(&self) -> bool {
        let Some(last) = self.known.iter().find(|known| !known.more) else { return false };
        self.reach(0) >= last.end
    }

    /// How far bytes are known from `from` on without a gap.
    fn reach(&self, from: u32) -> u32 {
        let mut reach = from;
        while let Some(next) = self.known.iter().find(|known| known.start <= reach && reach < known.end) {
            reach = next.end;
        }
        reach
    }

    /// The bytes of a fragment that are new: what lies before another of it is left out, and what lies in it.
    fn fresh(&self, part: &Part) -> (u32, u32) {
        let start = self.reach(part.start);
        let next = self.known.iter().map(|known| known.start).filter(|next| *next >= start).min();
        (start, part.end.min(next.unwrap_or(part.end)))
    }
}

impl Segment {
    /// A piece of its payload, as if it were a segment of its own.
    fn piece(&self, seq: SeqNumber, len: u32, has_fin: bool, moment: Moment, (part, role): (&Part, Role)) -> Self {
        let mut piece = self.clone();
        piece.flags = self.flags.of_later_part(has_fin);
        (piece.seq, piece.len, piece.moment, piece.offer) = (seq, len, moment, None);
        piece.role = role;
        piece.print = self.print.of_part(part.content, part.place);
        piece.forget_sacked();
        piece
    }
}
