//! Whether a packet was seen before: not its data again, but the very same packet.
//!
//! Networks duplicate packets, and captures on the `any` device, on bridges or on several interfaces hold each packet
//! once for every place it passed. Neither is a retransmission. A sender gives a packet it sends again a new IPv4
//! identification, and a segment its clock's new reading. Where it does neither, the same header is known to be the same
//! packet only where it was seen in another place, or sooner than anybody sends again.
#![expect(clippy::arithmetic_side_effects, reason = "places of a table of a bounded size")]

use super::gaps::LEAST_TIMEOUT;
use super::moment::Moment;
use super::print::{Place, Print, mix};
use crate::model::SeqNumber;

/// How many packets are remembered, those of all connections together: the oldest give way. 1 MB holds them.
const REMEMBERED: usize = 1 << 15;

/// How many packets share a place to look for them.
const WAYS: usize = 4;

/// How many such places there are.
const SETS: usize = REMEMBERED / WAYS;

/// How long after a packet its copy may come, in nanoseconds: longer than a path takes.
const SOON: i64 = 500_000_000;

/// What an unknown round trip is taken for where a clock's reading is all there is to tell, in nanoseconds: clocks tick
/// every millisecond or more slowly.
const SHORT_ROUND_TRIP: i64 = 3_000_000;

/// What a packet has that its sender would not give another one, and how soon its sender can send again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proof {
    /// An identification of its own.
    pub(super) identification: bool,
    /// A reading of its sender's clock, together with something that is not repeated within a tick.
    pub(super) clock: bool,
    /// Data or a SYN: an acknowledgment may well be repeated.
    pub(super) carries: bool,
    /// Its data was acknowledged before: it has arrived, and is under way no more.
    pub(super) acknowledged: bool,
    /// The connection's initial round trip, in nanoseconds.
    pub(super) round_trip: Option<i64>,
}

/// Whether a sender's identifications tell its packets apart: some give all the same.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Identifications {
    last: u16,
    repeat: bool,
    /// The numbers that the packet with the last one carried.
    seq: SeqNumber,
    len: u32,
}

impl Identifications {
    /// Whether one is proof of a packet.
    pub(super) const fn tell(self, identification: u16) -> bool {
        identification != 0 && !self.repeat
    }

    /// Takes in that of a packet and what it carries.
    pub(super) fn note(&mut self, identification: u16, seq: SeqNumber, len: u32) {
        let is_other = self.seq != seq || self.len != len;
        let repeat = self.repeat || (identification != 0 && identification == self.last && is_other);
        *self = Self { last: identification, repeat, seq, len };
    }
}

/// The last packets of all connections.
///
/// Few packets have to be looked for. So they are only written down, one behind the other, until one has: then those not
/// found yet are given their places, which lie far apart in memory, all at once, and none waits for another's.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// The newest takes the place of the oldest.
    entries: Vec<Entry>,
    /// How many packets were remembered so far, and how many of them can be found.
    remembered: u64,
    findable: u64,
    /// [`SETS`] of them, or none yet.
    sets: Vec<Set>,
}

/// Where packets are that have some bits of their hashes in common, the newest first.
type Set = [Spot; WAYS];

/// The place of a packet among those remembered, and more bits of its hash above that: few that are not alike have both
/// in common. One that nobody took leads to a packet of another hash, or to none.
type Spot = u32;

/// A packet that is remembered.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    hash: u64,
    nanos: i64,
    /// Where it was seen.
    places: [Place; 3],
}

impl Entry {
    /// Whether a packet of the same header is this one. `elapsed` is how much time lies between them, as far as known.
    fn is(&self, place: Place, elapsed: Option<i64>, proof: Proof) -> bool {
        let within = |limit: i64| elapsed.is_none_or(|elapsed| elapsed < limit);
        // A retransmission takes a round trip; half of it leaves room for those that vary.
        let sooner = |unknown: i64| within(proof.round_trip.map_or(unknown, |nanos| (nanos / 2).max(SHORT_ROUND_TRIP)));
        let seen = || self.places.iter().filter(|seen| **seen != Place::default());
        let is_elsewhere = seen().all(|seen| seen.way != place.way);
        let is_other_link = seen().all(|seen| *seen != place);
        // Where a header says nothing of which packet it is, or the packet has arrived already, a timer may have sent another
        // one on another way.
        let is_known = proof.identification || proof.clock || !proof.carries;
        let under_way = if is_known && !proof.acknowledged { SOON } else { LEAST_TIMEOUT };
        (is_elsewhere && within(under_way))
            || (is_other_link && proof.identification && within(under_way))
            || (is_other_link && proof.clock && within(LEAST_TIMEOUT))
            || (is_other_link && sooner(SHORT_ROUND_TRIP))
            || (proof.identification && sooner(LEAST_TIMEOUT))
            || (proof.clock && sooner(SHORT_ROUND_TRIP))
            || (proof.carries && elapsed == Some(0))
    }

    fn note(&mut self, place: Place) {
        let mut places = self.places.iter_mut();
        let free = places.find(|seen| **seen == Place::default() || **seen == place);
        free.into_iter().for_each(|free| *free = place);
    }
}

impl Copies {
    /// Whether a packet of a stream was here before.
    pub(super) fn contains(&mut self, stream: u32, print: Print, moment: Moment, proof: Proof) -> bool {
        self.catch_up();
        let hash = key(stream, print);
        let Some(set) = self.sets.get(set_of(hash)) else { return false };
        for spot in set.iter().filter(|spot| **spot & !SPOT == spot_of(hash, 0)) {
            let entry = self.entries.get_mut((spot & SPOT) as usize).filter(|entry| entry.hash == hash);
            let Some(entry) = entry else { continue };
            let elapsed = moment.time().map(|_| moment.nanos().saturating_sub(entry.nanos).saturating_abs());
            if entry.is(print.place, elapsed, proof) {
                entry.note(print.place);
                return true;
            }
        }
        false
    }

    /// Remembers a packet.
    pub(super) fn remember(&mut self, stream: u32, print: Print, moment: Moment) {
        let places = [print.place, Place::default(), Place::default()];
        let entry = Entry { hash: key(stream, print), nanos: moment.nanos(), places };
        match self.entries.get_mut(place_of(self.remembered)) {
            Some(oldest) => *oldest = entry,
            None => self.entries.push(entry),
        }
        self.remembered += 1;
    }

    /// Gives the packets that were remembered since the last time the places where they are found.
    fn catch_up(&mut self) {
        if self.sets.is_empty() {
            self.sets = vec![[0; WAYS]; SETS];
        }
        let first = self.findable.max(self.remembered.saturating_sub(REMEMBERED as u64));
        for place in (first..self.remembered).map(place_of) {
            let hash = self.entries[place].hash;
            let set = &mut self.sets[set_of(hash)];
            let [first, second, third, _] = *set;
            *set = [spot_of(hash, place), first, second, third];
        }
        self.findable = self.remembered;
    }
}

/// Where the packet is that was remembered after `earlier` others.
const fn place_of(earlier: u64) -> usize {
    earlier as usize % REMEMBERED
}

/// The bits of a [`Spot`] that say where the packet is.
const SPOT: Spot = REMEMBERED as Spot - 1;

const fn spot_of(hash: u64, at: usize) -> Spot {
    ((hash >> 19) as Spot & !SPOT) | at as Spot
}

const fn set_of(hash: u64) -> usize {
    (hash >> 51) as usize % SETS
}

/// What a packet of a stream is found by.
fn key(stream: u32, print: Print) -> u64 {
    mix(print.hash, stream.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Frame, LinkType, Timestamp};

    const NOTHING: Proof =
        Proof { identification: false, clock: false, carries: false, acknowledged: false, round_trip: None };
    const DATA: Proof = Proof { carries: true, ..NOTHING };
    const NUMBERED: Proof = Proof { identification: true, ..DATA };
    const CLOCKED: Proof = Proof { clock: true, ..DATA };

    fn at(micros: i64) -> Moment {
        let time = Some(Timestamp::from_nanos(micros * 1_000));
        let link = LinkType::RAW;
        Moment::of(&Frame { number: 1, time, interface: 0, link, wire_len: 0, bytes: &[], comments: &[] })
    }

    fn print(number: u64, way: u16, link: u16) -> Print {
        Print { hash: mix(7, number), place: Place { way, link } }
    }

    /// Whether a packet seen `micros` after another of the same header is taken for the same.
    fn is_copy(way: u16, link: u16, micros: i64, proof: Proof) -> bool {
        let mut copies = Copies::default();
        copies.remember(3, print(1, 64, 1), at(0));
        assert!(!copies.contains(4, print(1, way, link), at(micros), proof), "of another stream");
        copies.contains(3, print(1, way, link), at(micros), proof)
    }

    #[test]
    fn in_another_place_it_is_the_same_for_as_long_as_a_path_takes() {
        assert!(is_copy(63, 1, 499_000, NOTHING) && !is_copy(63, 1, 500_000, NOTHING));
        assert!(is_copy(64, 2, 0, NOTHING) && is_copy(64, 2, 2_999, NOTHING));
        assert!(!is_copy(64, 2, 3_000, NOTHING), "another router may have sent it on");
        assert!(is_copy(64, 2, 199_000, CLOCKED) && !is_copy(64, 2, 200_000, CLOCKED));
        assert!(is_copy(64, 2, 499_000, NUMBERED) && !is_copy(64, 2, 500_000, NUMBERED));
    }

    #[test]
    fn what_has_arrived_or_says_nothing_of_itself_may_be_sent_again_on_another_way() {
        let arrived = Proof { acknowledged: true, ..NUMBERED };
        for proof in [DATA, arrived, Proof { acknowledged: true, ..DATA }] {
            assert!(is_copy(63, 1, 199_000, proof) && !is_copy(63, 1, 200_000, proof), "{proof:?}");
        }
        assert!(is_copy(63, 1, 499_000, CLOCKED) && !is_copy(64, 2, 200_000, arrived));
    }

    #[test]
    fn in_the_same_place_it_is_the_same_sooner_than_anybody_sends_again() {
        assert!(is_copy(64, 1, 199_000, NUMBERED) && !is_copy(64, 1, 200_000, NUMBERED));
        assert!(is_copy(64, 1, 2_000, CLOCKED) && !is_copy(64, 1, 3_000, CLOCKED));
        let far = |proof| Proof { round_trip: Some(80_000_000), ..proof };
        for proof in [far(NUMBERED), far(CLOCKED)] {
            assert!(is_copy(64, 1, 39_000, proof) && !is_copy(64, 1, 40_000, proof), "{proof:?}");
        }
    }

    #[test]
    fn without_proof_only_data_of_the_same_instant_is_the_same() {
        assert!(is_copy(64, 1, 0, DATA) && !is_copy(64, 1, 1, DATA) && !is_copy(64, 1, 0, NOTHING));
    }

    #[test]
    fn of_acknowledgments_that_are_alike_each_has_its_own_copy() {
        let mut copies = Copies::default();
        for micros in [0, 10, 20] {
            assert!(!copies.contains(0, print(1, 64, 1), at(micros), NOTHING), "{micros}");
            copies.remember(0, print(1, 64, 1), at(micros));
            assert!(copies.contains(0, print(1, 63, 1), at(micros + 1), NOTHING), "{micros}");
        }
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_give_way() {
        let mut copies = Copies::default();
        for number in 0..4 * REMEMBERED as u64 {
            copies.remember(0, print(number, 64, 1), at(0));
            if let Some(earlier) = number.checked_sub(300) {
                assert!(copies.contains(0, print(earlier, 63, 1), at(400), NOTHING), "{number}");
            }
        }
        assert_eq!(copies.entries.len(), REMEMBERED);
        assert!(!copies.contains(0, print(0, 63, 1), at(400), NOTHING));
    }
}
