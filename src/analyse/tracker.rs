//! Which conversation a packet belongs to, and what it meant there.

use super::connection::Connection;
use super::copies::Copies;
use super::digest::{Beside, Digest, Message, Quote, Sent};
use super::fragments::{Continued, Fragments, Joined, Piece, Waiting};
use super::idle::Idle;
use super::index::Index;
use super::marks::Marks;
use super::moment::Moment;
use super::part::Part;
use super::seen::Seen;
use super::segment::Segment;
use super::tcp::Relative;
use super::transfers::Transfers;
use crate::decode::Packet;
use crate::model::{Endpoint, Frame, Lane, SeqNumber, Transport};

/// Bounds on what the tracker remembers.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many conversations are kept at once; the one idle longest gives way.
    pub max_connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_connections: 1_000_000 }
    }
}

/// Follows every conversation of a capture.
#[derive(Debug, Default)]
pub struct Tracker {
    limits: Limits,
    /// The slot of the newest connection between two endpoints.
    index: Index,
    slots: Vec<Connection>,
    idle: Idle,
    /// The last packets of all of them.
    copies: Copies,
    fragments: Fragments,
    late: u64,
    /// How often a slot was used.
    uses: u64,
    /// Of TCP and of UDP.
    streams: [Streams; 2],
    evicted: u64,
    transfers: Transfers,
}

/// How a piece was counted before.
#[derive(Clone, Copy)]
enum Counted {
    /// Not yet: it has just come.
    Now,
    /// Not at all, though it came earlier.
    Late,
    /// As a packet, when it came.
    WithoutPayload,
}

/// The numbering of one transport's streams.
#[derive(Debug, Default)]
struct Streams {
    next: u32,
    /// Stream and slot in the order of the streams. An evicted stream stays until it is swept out; its slot then holds
    /// another.
    order: Vec<(u32, u32)>,
}

impl Tracker {
    /// A tracker that has seen nothing yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes in the next packet; `None` where it belongs to no TCP or UDP conversation.
    #[inline]
    pub fn observe(&mut self, frame: &Frame<'_>, packet: &Packet<'_>) -> Option<Seen> {
        self.take(&Digest::of(frame, packet))
    }

    /// Takes in what is needed of the next packet; `None` where it belongs to no TCP or UDP conversation.
    pub fn take(&mut self, digest: &Digest) -> Option<Seen> {
        match &digest.message {
            Message::Sent(sent) => Some(self.sent(sent, digest)),
            Message::Beside(Beside::Continues(part)) => self.continued(part, digest),
            Message::Beside(Beside::Quotes(quote)) => {
                self.quoted(quote, digest.moment);
                None
            }
            Message::Beside(Beside::Nothing) => None,
        }
    }

    /// Takes in a packet of a conversation.
    #[inline]
    fn sent(&mut self, sent: &Sent, digest: &Digest) -> Seen {
        let (transport, &Sent { source, destination, ref segment, announces, ref part }) = (sent.transport(), sent);
        let announced = match transport {
            Transport::Tcp => None,
            Transport::Udp => self.transfers.take(source, destination, announces),
        };
        let (slot, reused) = self.slot(transport, source, destination, segment.as_ref());
        let connection = &mut self.slots[slot as usize];
        if let Some(segment) = segment {
            connection.orient(source, segment);
        }
        let from = connection.count(source, digest);
        let answers = connection.exchanged(from, digest.moment, digest.later_len);
        let observed = segment.as_ref().and_then(|segment| connection.observe(from, segment, &mut self.copies));
        let (relative, marks) = observed.unzip();
        let seen =
            seen(connection, from, digest, relative, marks.unwrap_or_default() | Marks::REUSED_PORTS.when(reused));
        let seen = Seen { answers, announced, ..seen };
        match part {
            Some(part) => self.began(part, (source, destination), digest, seen),
            None => seen,
        }
    }

    /// Takes in the fragments that came before their first one, which is `part`.
    #[cold]
    fn began(&mut self, part: &Part, ends: (Endpoint, Endpoint), digest: &Digest, seen: Seen) -> Seen {
        let is_again = seen.marks.contains(Marks::RETRANSMISSION);
        let waiting = self.fragments.begin(part, ends, is_again, digest);
        self.waited(&waiting, ends, seen)
    }

    /// Takes in pieces of a segment or datagram that waited for what is seen now, between its `ends`. What is remarkable
    /// about them is told of that: nobody looks back at them.
    fn waited(&mut self, waiting: &[Waiting], ends: (Endpoint, Endpoint), seen: Seen) -> Seen {
        let mut marks = Marks::NONE;
        for Waiting { digest, is_counted } in waiting {
            let Some(part) = digest.part() else { continue };
            let Continued::Piece(piece) = self.fragments.continued(part, digest) else { continue };
            let counted = if *is_counted { Counted::WithoutPayload } else { Counted::Late };
            let own = self.piece(&piece, digest, counted).marks.without(Marks::CUT);
            self.late = self.late.saturating_add(u64::from(!is_counted));
            let (slot, _) = self.slot(seen.transport, ends.0, ends.1, None);
            self.slots[slot as usize].retell(seen.from, own, seen.marks | marks);
            marks |= own;
        }
        Seen { marks: seen.marks | marks, ..seen }
    }

    /// Takes in a fragment after the first, or one of a header that is not there in full.
    #[cold]
    fn continued(&mut self, part: &Part, digest: &Digest) -> Option<Seen> {
        match self.fragments.continued(part, digest) {
            Continued::Waits(ends) => ends.map(|ends| self.waits(part, ends, digest)),
            Continued::Piece(piece) => Some(self.piece(&piece, digest, Counted::Now)),
            Continued::Joined(joined) => {
                let seen = self.joined(&joined, digest);
                if seen.marks.contains(Marks::RETRANSMISSION) {
                    self.fragments.is_again(part);
                }
                Some(self.waited(&joined.rest, joined.ends, seen))
            }
        }
    }

    /// Takes in a fragment that waits for the rest of TCP's header. The first has the sequence number.
    fn waits(&mut self, part: &Part, (source, destination): (Endpoint, Endpoint), digest: &Digest) -> Seen {
        let (slot, _) = self.slot(Transport::Tcp, source, destination, None);
        let connection = &mut self.slots[slot as usize];
        let digest = Digest { payload_len: 0, ..digest.clone() };
        let from = connection.count(source, &digest);
        let number = part.head.get(4..8).and_then(|bytes| bytes.first_chunk());
        let number = number.filter(|_| part.start == 0).map(|bytes| SeqNumber(u32::from_be_bytes(*bytes)));
        let seq = number.and_then(|number| connection.relative_number(from, number));
        Seen { seq, ..seen(connection, from, &digest, None, Marks::NONE) }
    }

    /// Takes in a segment whose header came in several fragments, the last of them now.
    fn joined(&mut self, joined: &Joined, digest: &Digest) -> Seen {
        let Joined { ends: (source, destination), ref segment, header, ref parts, .. } = *joined;
        let (slot, reused) = self.slot(Transport::Tcp, source, destination, Some(segment));
        let connection = &mut self.slots[slot as usize];
        connection.orient(source, segment);
        let (mut from, mut now) = (Lane::Client, None);
        for Waiting { digest: earlier, is_counted } in parts {
            let payload_len = earlier.part().map_or(0, |part| part.payload_behind(header));
            let part = Digest { payload_len, ..earlier.clone() };
            let is_now = earlier.moment == digest.moment;
            from = match (is_now, is_counted) {
                (true, _) => connection.count(source, &part),
                (false, true) => connection.count_payload(source, payload_len),
                (false, false) => connection.count_late(source, &part),
            };
            self.late = self.late.saturating_add(u64::from(!is_now && !is_counted));
            now = now.or(is_now.then_some(part));
        }
        let (relative, marks) = connection.observe(from, segment, &mut self.copies).unzip();
        let marks = marks.unwrap_or_default() | Marks::REUSED_PORTS.when(reused);
        seen(connection, from, now.as_ref().unwrap_or(digest), relative, marks)
    }

    /// Takes in a piece of a segment or datagram.
    fn piece(&mut self, piece: &Piece, digest: &Digest, counted: Counted) -> Seen {
        let Piece { source, destination, ref segment, is_new, known } = *piece;
        let transport = if segment.is_some() { Transport::Tcp } else { Transport::Udp };
        let (slot, _) = self.slot(transport, source, destination, None);
        let connection = &mut self.slots[slot as usize];
        let from = match counted {
            Counted::Now => connection.count(source, digest),
            Counted::Late => connection.count_late(source, digest),
            Counted::WithoutPayload => connection.count_payload(source, digest.payload_len),
        };
        let (relative, marks) = match segment {
            Some(segment) if is_new => connection.observe(from, segment, &mut self.copies).unzip(),
            Some(segment) => connection.repeat(from, segment, &mut self.copies).unzip(),
            None => {
                connection.continued(from, if is_new { digest.payload_len } else { 0 });
                (None, None)
            }
        };
        // What the header says, the first fragment said.
        let own = |relative: Relative| Relative { seq: relative.seq.map(|seq| seq.wrapping_sub(known)), ..relative };
        let relative = relative.map(|relative| Relative { ack: None, ..own(relative) });
        Seen { window: None, window_scale: None, ..seen(connection, from, digest, relative, marks.unwrap_or_default()) }
    }

    /// How many packets were found to belong to a conversation only after they had been taken in.
    #[must_use]
    pub const fn late(&self) -> u64 {
        self.late
    }

    /// Ties an ICMP error to the conversation whose packet it quotes. As in Wireshark, one that has no packet of its own
    /// yet gets its stream number here.
    fn quoted(&mut self, quote: &Quote, moment: Moment) {
        let Quote { transport, sender, receiver, refused_by } = *quote;
        let (slot, _) = self.slot(transport, sender, receiver, None);
        if let Some(by) = refused_by {
            self.slots[slot as usize].refused(sender, by, moment);
        }
    }

    /// The conversation with a stream number, unless it was never seen or has been evicted.
    #[must_use]
    pub fn connection(&self, transport: Transport, stream: u32) -> Option<&Connection> {
        let order = &self.streams[transport as usize].order;
        let at = order.binary_search_by_key(&stream, |(stream, _)| *stream).ok()?;
        self.live(transport, *order.get(at)?).filter(|connection| connection.first().is_some())
    }

    /// The conversations of one transport that are still remembered, in the order of their stream numbers.
    pub fn connections(&self, transport: Transport) -> impl Iterator<Item = &Connection> {
        let live = self.streams[transport as usize].order.iter().filter_map(move |entry| self.live(transport, *entry));
        live.filter(|connection| connection.first().is_some())
    }

    /// How many conversations were forgotten because [`Limits::max_connections`] was reached.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }

    fn live(&self, transport: Transport, (stream, slot): (u32, u32)) -> Option<&Connection> {
        self.slots
            .get(slot as usize)
            .filter(|connection| connection.transport() == transport && connection.stream() == stream)
    }

    /// The slot of the conversation a packet belongs to, a new one where it opens one; and whether that takes over the
    /// endpoints of another.
    fn slot(
        &mut self,
        transport: Transport,
        source: Endpoint,
        destination: Endpoint,
        segment: Option<&Segment>,
    ) -> (u32, bool) {
        let hash = self.index.hash(transport, source, destination);
        let found = self.index.find(hash, |slot| self.slots[slot as usize].is_between(transport, source, destination));
        if let Some(slot) = found {
            let reopened = segment.is_some_and(|segment| self.slots[slot as usize].is_reopened_by(source, segment));
            if !reopened {
                self.touch(slot);
                return (slot, false);
            }
            self.index.remove(hash, slot);
        }
        let stream = self.streams[transport as usize].next;
        let mut connection = Connection::new(transport, stream, (source, destination), segment);
        connection.reopens = found.is_some();
        let slot = self.place(connection);
        self.index.insert(hash, slot);
        self.number(transport, stream, slot);
        (slot, found.is_some())
    }

    /// Stores a new conversation, in the place of the one idle longest where there is no room for another.
    fn place(&mut self, connection: Connection) -> u32 {
        let slots = self.slots.len() as u32;
        let room = self.slots.len() < self.limits.max_connections.clamp(1, u32::MAX as usize);
        let oldest = if room { None } else { self.idle.oldest(slots, |slot| self.slots[slot as usize].last_use) };
        let Some(slot) = oldest else {
            self.slots.push(connection);
            self.touch(slots);
            return slots;
        };
        let evicted = std::mem::replace(&mut self.slots[slot as usize], connection);
        self.evicted = self.evicted.saturating_add(1);
        self.touch(slot);
        let (client, server) = (evicted.endpoint(Lane::Client), evicted.endpoint(Lane::Server));
        self.index.remove(self.index.hash(evicted.transport(), client, server), slot);
        slot
    }

    fn touch(&mut self, slot: u32) {
        self.uses = self.uses.wrapping_add(1);
        self.slots[slot as usize].last_use = self.uses;
    }

    /// Hands out a stream number, and sweeps out the evicted ones when they are as many as those that live.
    fn number(&mut self, transport: Transport, stream: u32, slot: u32) {
        let mut order = std::mem::take(&mut self.streams[transport as usize].order);
        order.push((stream, slot));
        if order.len() > self.slots.len().saturating_mul(2) {
            order.retain(|entry| self.live(transport, *entry).is_some());
        }
        self.streams[transport as usize] = Streams { next: stream.wrapping_add(1), order };
    }
}

/// What a packet meant to its conversation, after that has taken it in.
#[inline]
fn seen(connection: &Connection, from: Lane, digest: &Digest, relative: Option<Relative>, marks: Marks) -> Seen {
    Seen {
        transport: connection.transport(),
        stream: connection.stream(),
        from,
        assumed: connection.is_assumed(),
        seq: relative.and_then(|relative| relative.seq),
        ack: relative.and_then(|relative| relative.ack),
        window: relative.map(|relative| relative.window),
        window_scale: relative.and_then(|relative| relative.window_scale),
        len: digest.payload_len,
        later_len: digest.later_len,
        client: connection.state(Lane::Client),
        server: connection.state(Lane::Server),
        answers: None,
        announced: None,
        marks: marks | Marks::CUT.when(digest.is_cut),
    }
}
