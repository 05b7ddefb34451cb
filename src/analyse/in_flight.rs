//! When each sequence number that waits for its acknowledgment was sent, and what its acknowledgment measures.
//!
//! Every acknowledgment of something new is a measurement: from the last segment it covers, as that one may be what it
//! answers, while those before it may have waited for a delayed acknowledgment (RFC 9293 §3.8.6.3). It is none where it
//! covers anything that was sent again, because nobody knows which of the two it answers (Karn; RFC 6298 §3), or
//! anything that the capture does not hold. What was reported beyond a gap (RFC 2018) is measured then, and not again when
//! the gap is filled.

use std::collections::VecDeque;

use crate::model::SeqNumber;

/// How many segments of one direction are remembered; while they are so many, new ones go unmeasured.
const REMEMBERED: usize = 1024;

/// What stands in place of a time; the year 1677 is free for that.
const NOTHING: i64 = i64::MIN;
const UNMEASURABLE: i64 = i64::MIN + 1;
const DELIVERED: i64 = i64::MIN + 2;
const EARLIEST: i64 = i64::MIN + 3;

/// The segments of one direction that wait for an acknowledgment, in the order of their numbers; they never overlap.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlight {
    /// Most connections have one at a time, and need no memory of their own for it.
    first: Sent,
    #[expect(clippy::box_collection, reason = "a pointer where four words would lie in every connection")]
    more: Option<Box<VecDeque<Sent>>>,
}

/// The numbers from `start` up to `end`, and when they were sent.
#[derive(Clone, Copy, Debug)]
struct Sent {
    start: SeqNumber,
    end: SeqNumber,
    /// In nanoseconds; or [`NOTHING`] for no segment at all, [`UNMEASURABLE`] for one that was sent again or has no time,
    /// [`DELIVERED`] for one that was measured.
    at: i64,
}

impl Default for Sent {
    fn default() -> Self {
        Self { start: SeqNumber::default(), end: SeqNumber::default(), at: NOTHING }
    }
}

impl Sent {
    const fn is_timed(self) -> bool {
        self.at >= EARLIEST
    }
}

/// What the segments have in common that one acknowledgment covers.
#[derive(Clone, Copy, Debug)]
struct Covered {
    /// When the last of them was sent.
    last: Option<i64>,
    is_ambiguous: bool,
}

impl Covered {
    const NOTHING: Self = Self { last: None, is_ambiguous: false };

    fn add(&mut self, sent: Sent) {
        self.is_ambiguous |= sent.at == UNMEASURABLE;
        if sent.is_timed() {
            self.last = self.last.max(Some(sent.at));
        }
    }

    /// How long the last one was under way at `now`; negative where the clock went back.
    fn measured(self, now: i64) -> Option<i64> {
        self.last.filter(|_| !self.is_ambiguous).map(|last| now.saturating_sub(last))
    }
}

impl InFlight {
    /// The numbers from `start` up to `end` are sent for the first time; `at` is `None` where the capture has no time.
    pub(super) fn sent(&mut self, start: SeqNumber, end: SeqNumber, at: Option<i64>) {
        let sent = Sent { start, end, at: at.map_or(UNMEASURABLE, |nanos| nanos.max(EARLIEST)) };
        if self.first.at == NOTHING {
            self.first = sent;
            return;
        }
        let more = self.more.get_or_insert_default();
        if more.len() >= REMEMBERED - 1 {
            return;
        }
        if start.precedes(self.first.start) {
            more.push_front(std::mem::replace(&mut self.first, sent));
        } else if more.back().is_none_or(|last| last.start.precedes(start)) {
            more.push_back(sent);
        } else {
            let place = more.partition_point(|earlier| earlier.start.precedes(start));
            more.insert(place, sent);
        }
    }

    /// The numbers from `start` up to `end` are sent again, or come late: `at` tells when, where they were not seen before.
    pub(super) fn late(&mut self, start: SeqNumber, end: SeqNumber, at: Option<i64>) {
        let mut was_seen = false;
        for sent in
            self.iter_mut().skip_while(|sent| !start.precedes(sent.end)).take_while(|sent| sent.start.precedes(end))
        {
            sent.at = UNMEASURABLE;
            was_seen = true;
        }
        if at.is_some() && !was_seen {
            self.sent(start, end, at);
        }
    }

    /// Everything before `ack` is acknowledged at `now`, after what came before `acked`. Returns how long the last segment
    /// of it was under way, where that is certain; a negative number where the clock went back in between.
    pub(super) fn acknowledged(&mut self, acked: Option<SeqNumber>, ack: SeqNumber, now: Option<i64>) -> Option<i64> {
        let mut covered = Covered::NOTHING;
        let mut next = acked.unwrap_or(self.first.start);
        while self.first.at != NOTHING && self.first.start.precedes(ack) {
            covered.add(self.first);
            // What the capture does not hold may have been sent again.
            covered.is_ambiguous |= next.precedes(self.first.start);
            next = self.first.end;
            if ack.precedes(next) {
                self.first.start = ack;
                break;
            }
            self.first = self.more.as_mut().and_then(|more| more.pop_front()).unwrap_or_default();
        }
        covered.is_ambiguous |= next.precedes(ack);
        covered.measured(now?)
    }

    /// The numbers from `start` up to `end` are reported to have arrived behind a gap. Returns how long the last segment of
    /// those not reported before was under way, where that is certain; a negative number where the clock went back.
    pub(super) fn reported(&mut self, start: SeqNumber, end: SeqNumber, now: Option<i64>) -> Option<i64> {
        let mut covered = Covered::NOTHING;
        let is_whole = |sent: &&mut Sent| !sent.start.precedes(start) && !end.precedes(sent.end);
        let within = self.iter_mut().skip_while(|sent| sent.start.precedes(start)).take_while(is_whole);
        for sent in within {
            covered.add(*sent);
            if sent.is_timed() {
                sent.at = DELIVERED;
            }
        }
        covered.measured(now?)
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn iter_mut(&mut self) -> impl Iterator<Item = &mut Sent> {
        let first = Some(&mut self.first).filter(|first| first.at != NOTHING);
        first.into_iter().chain(self.more.iter_mut().flat_map(|more| more.iter_mut()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u32) -> SeqNumber {
        SeqNumber(u32::MAX - 20) + number
    }

    /// Ten segments of ten bytes each, one every 100 ns.
    fn ten() -> InFlight {
        let mut flight = InFlight::default();
        (0..10).for_each(|index| flight.sent(at(index * 10), at(index * 10 + 10), Some(i64::from(index) * 100)));
        flight
    }

    #[test]
    fn the_last_segment_that_is_covered_is_measured() {
        let mut flight = ten();
        assert_eq!(flight.acknowledged(None, at(10), Some(1_000)), Some(1_000));
        assert_eq!(flight.acknowledged(Some(at(10)), at(30), Some(1_010)), Some(810), "two segments, the second");
        assert_eq!(flight.acknowledged(Some(at(30)), at(35), Some(1_020)), Some(720), "a part of one");
        assert_eq!(flight.acknowledged(Some(at(35)), at(40), Some(1_030)), Some(730), "the rest of it");
        assert_eq!(flight.acknowledged(Some(at(40)), at(40), Some(1_040)), None, "nothing new");
        assert_eq!(flight.acknowledged(Some(at(40)), at(110), Some(1_050)), None, "more than the capture holds");
    }

    #[test]
    fn what_was_sent_again_is_not_measured_and_spoils_what_is_acknowledged_with_it() {
        let mut flight = ten();
        flight.late(at(12), at(14), None);
        assert_eq!(flight.acknowledged(None, at(10), Some(1_000)), Some(1_000));
        assert_eq!(flight.acknowledged(Some(at(10)), at(50), Some(1_000)), None);
        assert_eq!(flight.acknowledged(Some(at(50)), at(60), Some(1_000)), Some(500));
    }

    #[test]
    fn a_hole_in_the_capture_is_not_measured_and_a_late_segment_is_by_its_own_time() {
        let mut flight = InFlight::default();
        flight.sent(at(0), at(10), Some(0));
        flight.sent(at(20), at(30), Some(100));
        let mut filled = flight.clone();
        assert_eq!(flight.acknowledged(None, at(30), Some(500)), None);
        filled.late(at(10), at(20), Some(200));
        assert_eq!(filled.acknowledged(None, at(30), Some(500)), Some(300), "it was waited for");
        filled.late(at(10), at(20), Some(600));
        assert_eq!(filled.acknowledged(Some(at(30)), at(30), Some(700)), None);
    }

    #[test]
    fn what_is_reported_beyond_a_gap_is_measured_once() {
        let mut flight = ten();
        assert_eq!(flight.reported(at(10), at(20), Some(1_000)), Some(900));
        assert_eq!(flight.reported(at(10), at(40), Some(1_000)), Some(700));
        assert_eq!(flight.reported(at(10), at(40), Some(1_000)), None);
        assert_eq!(flight.acknowledged(None, at(40), Some(1_200)), Some(1_200), "the first was waited for");
        assert_eq!(flight.acknowledged(Some(at(40)), at(50), Some(1_300)), Some(900));
    }

    #[test]
    fn segments_without_time_and_times_that_run_backwards_are_not_measured() {
        let mut flight = InFlight::default();
        flight.sent(at(0), at(10), None);
        flight.sent(at(10), at(20), Some(i64::MIN));
        flight.sent(at(20), at(30), Some(500));
        assert_eq!(flight.acknowledged(None, at(10), Some(1_000)), None);
        assert_eq!(flight.acknowledged(Some(at(10)), at(20), Some(1_000)), Some(i64::MAX));
        assert_eq!(flight.acknowledged(Some(at(20)), at(30), Some(400)), Some(-100), "the clock went back");
    }

    #[test]
    fn what_is_remembered_is_bounded_and_goes_on_when_there_is_room() {
        let mut flight = InFlight::default();
        let many = 3 * REMEMBERED as u32;
        (0..many).for_each(|number| flight.sent(at(number), at(number + 1), Some(0)));
        assert_eq!(flight.more.as_ref().map(|more| more.len()), Some(REMEMBERED - 1));
        assert_eq!(flight.acknowledged(None, at(500), Some(7)), Some(7));
        assert_eq!(flight.acknowledged(Some(at(500)), at(many), Some(8)), None);
        flight.sent(at(many), at(many + 1), Some(0));
        assert_eq!(flight.acknowledged(Some(at(many)), at(many + 1), Some(9)), Some(9));
    }
}
