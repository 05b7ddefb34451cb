//! The sequence numbers of one direction that were passed over and have not come yet.

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
}

/// How far apart two identifications may lie that a sender's counter gave out within a round trip or so.
const SAME_COUNTER: u16 = 1024;

impl Gap {
    /// Whether a segment that fills the gap was sent before the one behind it, and only overtaken.
    ///
    /// The sender's clock tells where it moved between the two, then its counter of packets, where it has one. Else only
    /// the time can: a retransmission takes a round trip from the gap; half of it leaves room for those that vary.
    pub(super) fn was_overtaken(&self, segment: &Segment<'_>, round_trip: i64) -> bool {
        let by_clock = match (segment.clock(), self.clock) {
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
            segment.moment.nanos().saturating_sub(self.opened) < round_trip / 2
        }
    }
}

impl Gaps {
    /// The lowest number that is missing.
    pub(super) fn first(&self) -> Option<SeqNumber> {
        self.0.iter().map(|gap| gap.start).reduce(|a, b| if b.precedes(a) { b } else { a })
    }

    /// A gap that holds some of the numbers from `start` up to `end`.
    pub(super) fn between(&self, start: SeqNumber, end: SeqNumber) -> Option<&Gap> {
        self.0.iter().find(|gap| gap.start.precedes(end) && start.precedes(gap.end))
    }

    /// Notes that the numbers from `start` up to the segment's first were passed over.
    pub(super) fn open(&mut self, start: SeqNumber, segment: &Segment<'_>) {
        self.0.push(Gap {
            start,
            end: segment.seq,
            opened: segment.moment.nanos(),
            clock: segment.clock(),
            identification: segment.identification,
        });
        self.forget_oldest();
    }

    /// Takes the numbers from `start` up to `end` out of the gaps; returns how many of them were missing.
    pub(super) fn fill(&mut self, start: SeqNumber, end: SeqNumber) -> u32 {
        if self.between(start, end).is_none() {
            return 0;
        }
        let mut filled = 0;
        for gap in std::mem::take(&mut self.0) {
            let (from, to) = (gap.start.later(start), if end.precedes(gap.end) { end } else { gap.end });
            if !from.precedes(to) {
                self.0.push(gap);
                continue;
            }
            filled += to - from;
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
