//! The sequence numbers of one direction that were passed over and have not come yet.
//!
//! Two things pass over numbers: a segment behind them, and an acknowledgment of them. What was acknowledged without
//! having been captured may still come, where a capture holds an acknowledgment before its segment.

use super::segment::Segment;
use crate::model::SeqNumber;

/// How many gaps are remembered; the oldest gives way.
const REMEMBERED: usize = 32;

/// The gaps of one direction, in the order they opened; they never overlap.
#[derive(Clone, Debug, Default)]
pub(super) struct Gaps(Vec<Gap>);

/// Sequence numbers that were passed over, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    start: SeqNumber,
    end: SeqNumber,
    opened: i64,
    /// The sender's clock and the packet's identification, of the segment behind the gap.
    clock: Option<u32>,
    identification: u16,
    /// Whether the receiver has acknowledged what is missing: then it was sent, and arrived.
    acknowledged: bool,
}

/// The largest window there can be (RFC 7323 §2.3): how far behind an acknowledgment its gaps are remembered.
pub(super) const LARGEST_WINDOW: i32 = 1 << 30;

/// The least time a sender waits for an acknowledgment that has arrived already before it sends again, in nanoseconds:
/// Linux's, the shortest in wide use (RFC 6298 §2.4 asks for a second).
pub(super) const LEAST_TIMEOUT: i64 = 200_000_000;

/// How far apart two identifications may lie that a sender's counter gave out within a round trip or so.
const SAME_COUNTER: u16 = 1024;

impl Gap {
    /// Whether a segment that fills the gap was sent before the one behind it, and only overtaken.
    ///
    /// The sender's clock tells where it moved between the two, then its counter of packets, where it has one. Else only
    /// the time can: a retransmission takes a round trip from the gap; half of it leaves room for those that vary. Where
    /// the gap was acknowledged, nobody asks for a retransmission, and only a timer can cause one.
    pub(super) fn was_overtaken(&self, segment: &Segment, round_trip: i64) -> bool {
        let by_clock = match (segment.clock, self.clock) {
            (Some(sent), Some(behind)) => SeqNumber(sent).distance_from(SeqNumber(behind)),
            _ => 0,
        };
        let by_counter = segment.identification.wrapping_sub(self.identification) as i16;
        let counted = segment.identification != 0 && self.identification != 0;
        if by_clock != 0 {
            by_clock < 0
        } else if counted && by_counter != 0 && by_counter.unsigned_abs() < SAME_COUNTER {
            by_counter < 0
        } else {
            let patience = if self.acknowledged { LEAST_TIMEOUT } else { round_trip / 2 };
            segment.moment.nanos().saturating_sub(self.opened) < patience
        }
    }

    /// Whether another that nothing was captured behind either begins where it ends, and both stay within a window.
    fn continues_with(&self, next: &Self) -> bool {
        self.acknowledged && self.end == next.start && next.end.distance_from(self.start) < LARGEST_WINDOW
    }
}

/// How many missing numbers came after all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    /// All of them.
    pub(super) numbers: u32,
    /// Those that had been acknowledged before.
    pub(super) acknowledged: u64,
}

impl Gaps {
    /// The lowest number that is missing and not acknowledged.
    pub(super) fn first(&self) -> Option<SeqNumber> {
        let open = self.0.iter().filter(|gap| !gap.acknowledged);
        open.map(|gap| gap.start).reduce(|a, b| if b.precedes(a) { b } else { a })
    }

    /// A gap that holds some of the numbers from `start` up to `end`.
    pub(super) fn between(&self, start: SeqNumber, end: SeqNumber) -> Option<&Gap> {
        self.0.iter().find(|gap| gap.start.precedes(end) && start.precedes(gap.end))
    }

    /// Notes that the numbers from `start` up to the segment's first were passed over.
    pub(super) fn open(&mut self, start: SeqNumber, segment: &Segment) {
        self.0.push(Gap {
            start,
            end: segment.seq,
            opened: segment.moment.nanos(),
            clock: segment.clock,
            identification: segment.identification,
            acknowledged: false,
        });
        self.forget_oldest();
    }

    /// Notes that everything up to `ack` was acknowledged at `nanos`, where `next` is the number after the highest one
    /// captured or acknowledged so far. Returns how many numbers were acknowledged without having been captured.
    pub(super) fn acknowledge(&mut self, next: SeqNumber, ack: SeqNumber, nanos: i64) -> u64 {
        let mut missed = 0;
        self.0.retain(|gap| !gap.acknowledged || ack.distance_from(gap.end) < LARGEST_WINDOW);
        let is_covered = |gap: &Gap| !gap.acknowledged && gap.start.precedes(ack);
        if self.0.iter().any(is_covered) {
            for gap in std::mem::take(&mut self.0) {
                if !is_covered(&gap) {
                    self.0.push(gap);
                    continue;
                }
                let end = if ack.precedes(gap.end) { ack } else { gap.end };
                missed = u64::saturating_add(missed, (end - gap.start).into());
                self.0.push(Gap { end, acknowledged: true, ..gap });
                self.0.extend(end.precedes(gap.end).then_some(Gap { start: end, ..gap }));
            }
        }
        if next.precedes(ack) {
            missed = missed.saturating_add((ack - next).into());
            self.acknowledge_unseen(next, ack, nanos);
        }
        self.forget_oldest();
        missed
    }

    /// A gap with nothing captured behind it; one that continues the last such is part of it.
    fn acknowledge_unseen(&mut self, start: SeqNumber, end: SeqNumber, opened: i64) {
        let gap = Gap { start, end, opened, clock: None, identification: 0, acknowledged: true };
        match self.0.last_mut() {
            Some(last) if last.continues_with(&gap) => (last.end, last.opened) = (end, opened),
            _ => self.0.push(gap),
        }
    }

    /// Takes the numbers from `start` up to `end` out of the gaps.
    pub(super) fn fill(&mut self, start: SeqNumber, end: SeqNumber) -> Filled {
        let mut filled = Filled::default();
        if self.between(start, end).is_none() {
            return filled;
        }
        for gap in std::mem::take(&mut self.0) {
            let (from, to) = (gap.start.later(start), if end.precedes(gap.end) { end } else { gap.end });
            if !from.precedes(to) {
                self.0.push(gap);
                continue;
            }
            filled.numbers = filled.numbers.saturating_add(to - from);
            if gap.acknowledged {
                filled.acknowledged = filled.acknowledged.saturating_add((to - from).into());
            }
            self.0.extend(gap.start.precedes(from).then_some(Gap { end: from, ..gap }));
            self.0.extend(to.precedes(gap.end).then_some(Gap { start: to, ..gap }));
        }
        self.forget_oldest();
        filled
    }

    fn forget_oldest(&mut self) {
        self.0.drain(..self.0.len().saturating_sub(REMEMBERED));
    }
}
