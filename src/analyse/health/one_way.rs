//! The health of one direction: sequence numbers, windows, gaps, and how long a round trip takes.

use crate::analyse::gaps::{Gap, Gaps, LARGEST_WINDOW};
use crate::analyse::in_flight::InFlight;
use crate::analyse::marks::Marks;
use crate::analyse::moment::Moment;
use crate::analyse::round_trip::{RoundTrip, RoundTrips};
use crate::analyse::segment::{Role, Sacked, Segment};
use crate::model::SeqNumber;

/// The health of one direction: what its sender sent and how it was acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// The number after the highest one sent.
    pub(super) next: Option<SeqNumber>,
    /// The highest acknowledgment of it.
    pub(super) acked: Option<SeqNumber>,
    /// What the sender itself acknowledged last, when, and how often in a row without anything new.
    pub(super) last_ack: Option<SeqNumber>,
    pub(super) last_ack_at: i64,
    pub(super) duplicate_acks: u32,
    /// The sender's last window, as in the header and in bytes.
    pub(super) window: Option<u16>,
    pub(super) window_bytes: u32,
    /// Keep-alives and probes of a shut window that have had no answer yet.
    pub(super) keep_alives: u8,
    pub(super) probes: u8,
    /// Repetitions and probes since the other side was last heard.
    pub(super) unanswered: u8,
    max_in_flight: u32,
    pub(super) in_flight: InFlight,
    round_trips: RoundTrips,
    pub(super) data: u64,
    first_data_at: i64,
    last_acked_at: i64,
    pub(super) trouble: Option<Box<Trouble>>,
}

/// What most connections never need.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble {
    pub(super) counts: [u32; Marks::KINDS],
    pub(super) gaps: Gaps,
    /// What the receiver reported beyond its acknowledgment (RFC 2018).
    sacked: Sacked,
    pub(super) missed: u64,
    /// How often an acknowledgment covered what is missing.
    misses: u32,
    /// Whether the last new acknowledgment went beyond everything captured, and nothing has continued that since.
    pub(super) ahead: bool,
}

impl Health {
    /// How many packets of this direction carry a mark.
    #[must_use]
    pub fn count(&self, mark: Marks) -> u32 {
        self.trouble.as_ref().map_or(0, |trouble| trouble.counts.get(mark.index()).copied().unwrap_or(0))
    }

    /// The round trips measured on this direction's segments: one for every acknowledgment of something new, unless it
    /// covers anything that was sent again or that is not in the capture.
    #[must_use]
    pub fn round_trip(&self) -> Option<RoundTrip> {
        self.round_trips.summary()
    }

    /// The most bytes that were under way at once, unacknowledged.
    #[must_use]
    pub const fn max_in_flight(&self) -> u32 {
        self.max_in_flight
    }

    /// Bytes of payload, each counted once however often it was sent.
    #[must_use]
    pub const fn data(&self) -> u64 {
        self.data
    }

    /// Bytes that were acknowledged but are not in the capture.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.trouble.as_ref().map_or(0, |trouble| trouble.missed)
    }

    /// How often an acknowledgment told of bytes that are not in the capture.
    pub(in crate::analyse) fn misses(&self) -> u32 {
        self.trouble.as_ref().map_or(0, |trouble| trouble.misses)
    }

    /// Bits a second: [`Health::data`] over the time from its first segment to its last new acknowledgment.
    #[must_use]
    pub fn goodput(&self) -> Option<u64> {
        let nanos =
            u64::try_from(self.last_acked_at.checked_sub(self.first_data_at)?).ok().filter(|nanos| *nanos > 0)?;
        let rate = u128::from(self.data).saturating_mul(8 * 1_000_000_000).checked_div(u128::from(nanos))?;
        (self.data > 0).then(|| u64::try_from(rate).unwrap_or(u64::MAX))
    }

    /// Whether a segment of its sender brings anything new, or acknowledges anything new.
    pub(in crate::analyse) fn is_advanced_by(&self, segment: &Segment) -> bool {
        self.next.is_none_or(|next| next.precedes(segment.end()))
            || segment.ack.is_some_and(|ack| self.last_ack.is_none_or(|last| last.precedes(ack)))
    }

    /// Whether everything before a number was acknowledged.
    pub(in crate::analyse) fn is_acknowledged(&self, end: SeqNumber) -> bool {
        self.acked.is_some_and(|acked| !acked.precedes(end))
    }

    /// Whether its sender has repeated itself in vain so often that a reset now means it gave up.
    pub(in crate::analyse) const fn is_given_up(&self) -> bool {
        self.unanswered >= 3
    }

    /// The first number that has neither been seen nor acknowledged, whatever came after it.
    pub(super) fn contiguous(&self) -> Option<SeqNumber> {
        self.trouble.as_ref().and_then(|trouble| trouble.gaps.first()).or(self.next)
    }

    /// Whether the last new acknowledgment went beyond everything captured.
    pub(super) fn is_acknowledged_ahead(&self) -> bool {
        self.trouble.as_ref().is_some_and(|trouble| trouble.ahead)
    }

    /// A gap that holds some of the numbers from `start` up to `end`.
    pub(super) fn gap(&self, start: SeqNumber, end: SeqNumber) -> Option<&Gap> {
        self.trouble.as_ref().and_then(|trouble| trouble.gaps.between(start, end))
    }

    /// Takes numbers out of the gaps; returns how many of them were missing.
    fn fill(&mut self, start: SeqNumber, end: SeqNumber) -> u32 {
        let Some(trouble) = &mut self.trouble else { return 0 };
        let filled = trouble.gaps.fill(start, end);
        trouble.missed = trouble.missed.saturating_sub(filled.acknowledged);
        filled.numbers
    }

    pub(super) fn sacked(&self) -> &[(SeqNumber, SeqNumber)] {
        self.trouble.as_ref().map_or(&[], |trouble| &trouble.sacked)
    }

    pub(super) fn trouble(&mut self) -> &mut Trouble {
        self.trouble.get_or_insert_default()
    }
}

impl Health {
    /// Begins with a SYN, by its number and the one after it, and with the `data` bytes in it.
    pub(super) fn opened((isn, next): (SeqNumber, SeqNumber), data: u32, window: u16, at: Moment) -> Self {
        let nanos = at.nanos();
        let mut in_flight = InFlight::default();
        in_flight.sent(isn, next, at.time().map(|_| nanos));
        Self {
            next: Some(next),
            window: Some(window),
            window_bytes: window.into(),
            in_flight,
            data: data.into(),
            first_data_at: nanos,
            last_ack_at: nanos,
            ..Self::default()
        }
    }

    /// The byte of a zero-window probe counts as sent once the peer has taken it.
    pub(super) fn accept_probe(&mut self, segment: &Segment) {
        if let (Some(next), Some(ack)) = (self.next, segment.ack)
            && ack == next + 1
            && self.probes > 0
        {
            self.next = Some(ack);
        }
    }

    /// The sequence numbers of a segment it sent.
    #[inline(always)]
    pub(super) fn sent(&mut self, segment: &Segment, marks: Marks) {
        let (start, end, now) = (segment.seq, segment.end(), segment.moment.nanos());
        if marks.intersects(Marks::KEEP_ALIVE | Marks::ZERO_WINDOW_PROBE)
            || (segment.flags.rst() && self.next.is_some())
        {
            return;
        }
        if segment.len > 0 && self.data == 0 {
            self.first_data_at = now;
        }
        let next = *self.next.get_or_insert(start);
        let filled = self.fill(start, if next.precedes(end) { next } else { end });
        if next.precedes(end) {
            // These count as fresh; an acknowledgment may have come before them.
            self.fill(start.later(next), end);
            self.continued(next, start);
            let from = self.acked.map_or(next, |acked| acked.later(next));
            if from.precedes(start) {
                self.trouble().gaps.open(from, segment);
            }
            self.next = Some(end);
        }
        let fresh = if next.precedes(end) { end - start.later(next) } else { 0 };
        // SYN and FIN take a number each and carry no byte.
        self.data = self.data.saturating_add(u64::from(filled.saturating_add(fresh).min(segment.len)));
        self.time(next, segment, marks);
    }

    /// Notes when a segment was sent, where `next` was the number after the highest one before it.
    #[inline(always)]
    fn time(&mut self, next: SeqNumber, segment: &Segment, marks: Marks) {
        let (start, end) = (segment.seq, segment.end());
        let at = segment.moment.time().map(|_| segment.moment.nanos());
        if start.precedes(next) {
            let until = if next.precedes(end) { next } else { end };
            let is_first_time = marks.contains(Marks::OUT_OF_ORDER)
                || (segment.role == Role::Piece && !marks.contains(Marks::RETRANSMISSION));
            self.in_flight.late(start, until, at.filter(|_| is_first_time));
        }
        if next.precedes(end) {
            self.in_flight.sent(start.later(next), end, at);
        }
    }

    /// Notes that a segment that begins at `start` advances the highest number from `next`.
    fn continued(&mut self, next: SeqNumber, start: SeqNumber) {
        if let Some(trouble) = self.trouble.as_mut().filter(|_| !next.precedes(start)) {
            trouble.ahead = false;
        }
    }

    /// What a segment it sent says about the other direction.
    pub(super) fn spoke(&mut self, segment: &Segment, window_bytes: u32, marks: Marks) {
        self.duplicate_acks = match marks.contains(Marks::DUPLICATE_ACK) {
            true => self.duplicate_acks.saturating_add(1),
            false if segment.ack != self.last_ack => 0,
            false => self.duplicate_acks,
        };
        self.last_ack = segment.ack;
        self.last_ack_at = segment.moment.nanos();
        self.window = Some(segment.window);
        self.window_bytes = window_bytes;
        self.keep_alives = self.keep_alives.saturating_add(u8::from(marks.contains(Marks::KEEP_ALIVE)));
        self.probes = self.probes.saturating_add(u8::from(marks.contains(Marks::ZERO_WINDOW_PROBE)));
        if marks.intersects(Marks::RETRANSMISSION | Marks::KEEP_ALIVE | Marks::ZERO_WINDOW_PROBE) && !segment.is_piece()
        {
            self.unanswered = self.unanswered.saturating_add(1);
        }
    }

    /// Takes in whether a segment that is marked so answers what it asked: each question has one answer, which may come
    /// a round trip later, behind other segments of both sides.
    pub(super) fn answered(&mut self, marks: Marks, is_shut: bool) {
        if marks.intersects(Marks::KEEP_ALIVE_ACK | Marks::WINDOW_UPDATE) {
            self.keep_alives = self.keep_alives.saturating_sub(1);
        }
        if marks.contains(Marks::ZERO_WINDOW_PROBE_ACK) {
            self.probes = self.probes.saturating_sub(1);
        } else if !is_shut {
            self.probes = 0;
        }
    }

    /// Forgets the numbers of a connection that was another.
    pub(super) fn renumber(&mut self) {
        (self.next, self.acked) = (None, None);
        (self.keep_alives, self.probes) = (0, 0);
        self.in_flight.clear();
        if let Some(trouble) = &mut self.trouble {
            (trouble.gaps, trouble.ahead) = (Gaps::default(), false);
            trouble.sacked = Sacked::new();
        }
    }

    /// Its bytes up to the segment's acknowledgment number have arrived. One that lies further ahead than any window, or
    /// is not of this connection, is not believed. Returns whether the segment is stamped before what it acknowledges.
    pub(super) fn acknowledged(&mut self, segment: &Segment, unsynchronized: bool) -> bool {
        let Some(ack) = segment.ack else { return false };
        let now = segment.moment.nanos();
        let known = self.acked.map_or(self.next, |acked| Some(self.next.map_or(acked, |next| acked.later(next))));
        let ahead = known.map_or(0, |known| ack.distance_from(known));
        if ahead > LARGEST_WINDOW || (unsynchronized && ahead > 0) {
            return false;
        }
        let mut went_back = false;
        let at = segment.moment.time().map(|_| now);
        if self.acked.is_none_or(|acked| acked.precedes(ack)) {
            match self.in_flight.acknowledged(self.acked, ack, at) {
                Some(nanos) if nanos >= 0 => self.round_trips.add(nanos),
                measured => went_back = measured.is_some(),
            }
            self.last_acked_at = now;
            self.acked = Some(ack);
            // Whatever was asked before that was answered, or its answer was lost.
            (self.keep_alives, self.probes) = (0, 0);
            if let (Some(next), Some(known)) = (self.next, known) {
                self.miss(next, known, ack, now);
            }
        }
        self.selectively_acknowledged(segment, at);
        went_back
    }

    /// Counts what `ack`, a new acknowledgment, covers without its being captured. `next` is the number after the highest
    /// one captured, `known` the number after the highest one captured or acknowledged before.
    fn miss(&mut self, next: SeqNumber, known: SeqNumber, ack: SeqNumber, now: i64) {
        let ahead = next.precedes(ack);
        if !ahead && self.trouble.is_none() {
            return;
        }
        let trouble = self.trouble();
        let missed = trouble.gaps.acknowledge(known, ack, now);
        trouble.missed = trouble.missed.saturating_add(missed);
        trouble.misses = trouble.misses.saturating_add(u32::from(missed > 0));
        trouble.ahead = ahead;
    }

    fn selectively_acknowledged(&mut self, segment: &Segment, at: Option<i64>) {
        if segment.sacked().is_empty() && self.sacked().is_empty() {
            return;
        }
        // One that lies before the acknowledgment tells of a segment that came twice (RFC 2883).
        let is_ahead = |(left, _): &&(SeqNumber, SeqNumber)| segment.ack.is_some_and(|ack| ack.precedes(*left));
        let sacked: Sacked = segment.sacked().iter().filter(is_ahead).copied().collect();
        for (left, right) in &sacked {
            let measured = self.in_flight.reported(*left, *right, at).filter(|nanos| *nanos >= 0);
            measured.into_iter().for_each(|nanos| self.round_trips.add(nanos));
        }
        self.trouble().sacked = sacked;
    }

    pub(super) fn measure_in_flight(&mut self) {
        let in_flight = self.next.zip(self.acked).map_or(0, |(next, acked)| next.distance_from(acked));
        // More than any window holds is not in flight but of a wrong number.
        if (0..=LARGEST_WINDOW).contains(&in_flight) {
            self.max_in_flight = self.max_in_flight.max(in_flight.unsigned_abs());
        }
    }

    pub(super) fn note(&mut self, marks: Marks) {
        if !marks.is_empty() {
            let counts = &mut self.trouble().counts;
            for mark in marks.iter() {
                counts[mark as usize] = counts[mark as usize].saturating_add(1);
            }
        }
    }
}
