//! Which conversation the fragments of a packet belong to: only the first has the ports.
//!
//! A packet is not put together. Each fragment is a piece of its segment or datagram, and counts as such; one that comes
//! before the first waits for it. Of bytes that came twice (RFC 5722) those that came first count. What is remembered is
//! bounded; a fragment whose first never comes belongs to no conversation.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use super::copies::Place;
use super::digest::Digest;
use super::segment::{Moment, Segment};
use crate::decode::{Fragment, Packet};
use crate::model::{Endpoint, SeqNumber};

/// How many packets that come in fragments are remembered at once; the oldest gives way.
pub(super) const REMEMBERED: usize = 512;

/// How many fragments of one packet are told apart, and how many may wait for the first.
pub(super) const PIECES: usize = 64;

/// How long the fragments of a packet are waited for, in nanoseconds (RFC 8200 §4.5); then the same identification is that
/// of another packet.
const PATIENCE: i64 = 60_000_000_000;

/// What the fragments of a packet have in common (RFC 791 §3.2, RFC 8200 §4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Whole {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) protocol: u8,
    pub(super) identification: u32,
}

/// TCP and UDP, by IANA's numbers: what conversations are of.
const CONVERSING: [u8; 2] = [6, 17];

impl Whole {
    /// The packet that this one is a fragment of, and which; `None` where it is whole, or quotes a part.
    pub(super) fn of(packet: &Packet<'_>) -> Option<(Self, Fragment)> {
        let (fragment, ip) = (packet.fragment()?, packet.ip()?);
        let (source, destination) = (ip.source()?, ip.destination()?);
        Some((
            Self { source, destination, protocol: fragment.protocol, identification: fragment.identification },
            fragment,
        ))
    }

    /// Whether it can belong to a conversation.
    pub(super) fn is_of_conversation(&self) -> bool {
        CONVERSING.contains(&self.protocol)
    }
}

/// Whether a fragment comes so long after the last one that its identification is that of another packet.
pub(super) fn is_past(last: Moment, now: Moment) -> bool {
    now.since(last).is_some_and(|nanos| nanos > PATIENCE)
}

/// A fragment's place in what its packet carries: from `start` up to `end`, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) whole: Whole,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) more: bool,
    /// For TCP, what the numbers of the piece are reckoned from: flags and options of the whole are in the first.
    pub(super) has_fin: bool,
    /// A hash of its place and of its bytes, as far as they were captured.
    pub(super) content: u64,
    /// Where it was seen.
    pub(super) place: Place,
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
    waiting: Vec<Digest>,
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
    /// Takes in a first fragment, from `source` to `destination`, with `segment` where it is TCP and `payload` bytes behind
    /// its header. Returns the fragments that came before it, in the order of their places.
    pub(super) fn begin(
        &mut self,
        part: &Part,
        ends: (Endpoint, Endpoint),
        payload: u32,
        digest: &Digest,
    ) -> Vec<Digest> {
        let first = First {
            source: ends.0,
            destination: ends.1,
            segment: digest.segment().cloned(),
            header: part.end.saturating_sub(payload),
            has_fin: part.has_fin,
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
        waiting.sort_by_key(|digest| digest.part().map(|part| part.start));
        waiting
    }

    /// Takes in a later fragment; `None` where it waits for the first.
    pub(super) fn continued(&mut self, part: &Part, digest: &Digest) -> Option<Piece> {
        let packet = self.packet(part, digest.moment);
        let is_repeated = packet.known.iter().any(|known| known.content == part.content && known.start == part.start);
        if !is_repeated && packet.first.is_some() && packet.is_complete() {
            // The next packet of the same identification, whose first fragment comes later.
            (packet.first, packet.known) = (None, Vec::new());
        }
        let Some(first) = packet.first.clone() else {
            if packet.waiting.len() < PIECES {
                packet.waiting.push(digest.clone());
            }
            return None;
        };
        let (start, end) = packet.fresh(part);
        let is_new = start < end;
        if packet.known.len() < PIECES {
            packet.known.push(Known::of(part));
        }
        let (from, to) = if is_new { (start, end) } else { (part.start, part.end) };
        let segment = first.segment.as_ref().map(|segment| {
            let number = segment.seq + u32::from(segment.flags.syn()) + from.saturating_sub(first.header);
            segment.piece(number, to.saturating_sub(from), first.has_fin && !part.more, digest.moment, part)
        });
        Some(Piece {
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
            let packet = Fragmented { number, last: moment, first: None, known: Vec::new(), waiting: Vec::new() };
            self.packets.insert(part.whole, packet);
            self.order.push_back((part.whole, number));
            while self.order.len() > REMEMBERED {
                let oldest = self.order.pop_front();
                let is_it = |(whole, number)| self.packets.get(&whole).is_some_and(|packet| packet.number == number);
                if let Some((whole, _)) = oldest.filter(|oldest| is_it(*oldest)) {
                    self.packets.remove(&whole);
                }
            }
        }
        let new = || Fragmented { number: 0, last: moment, first: None, known: Vec::new(), waiting: Vec::new() };
        let packet = self.packets.entry(part.whole).or_insert_with(new);
        packet.last = moment;
        packet
    }
}

impl Fragmented {
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
    fn piece(&self, seq: SeqNumber, len: u32, has_fin: bool, moment: Moment, part: &Part) -> Self {
        let mut piece = self.clone();
        piece.flags = self.flags.of_later_part(has_fin);
        (piece.seq, piece.len, piece.moment, piece.offer) = (seq, len, moment, None);
        piece.is_part = true;
        piece.print = self.print.of_part(part.content, part.place);
        piece.forget_sacked();
        piece
    }
}
