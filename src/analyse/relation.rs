//! What the packets of a conversation have to do with each other: which segment an acknowledgment answers, which one is sent
//! again, which one tells of a window worth knowing.

use super::loss::Loss;
use super::marks::Marks;
use super::observed::Observed;
use crate::model::{Lane, SeqNumber};

/// What a packet has to do with those before and after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// The segment it acknowledges up to its end, for the first time, relative: where that begins and how many numbers it
    /// takes.
    pub acknowledges: Option<(u32, u32)>,
    /// Whether that segment ends with a FIN.
    pub acknowledges_fin: bool,
    /// The place of the packet that sends it again, because no acknowledgment came.
    pub repeated_by: Option<usize>,
    /// Whether its window is worth knowing: its sender's has shrunk by half or more, or is open again; then the first
    /// window is too.
    pub tells_window: bool,
    /// Whether it is the conversation's first with PSH.
    pub is_first_push: bool,
    /// How it was lost, where that is proven.
    pub loss: Option<Loss>,
}

/// The places of a conversation's packets among all of them, and what each has to do with the others; `is_alone` where a
/// socket is connected to itself.
pub(super) fn relations(is_alone: bool, packets: &[Observed], places: &[usize]) -> Vec<(usize, Relation)> {
    let mut relations: Vec<(usize, Relation)> = Vec::with_capacity(places.len());
    let mut sides = [Side::default(), Side::default()];
    for (place, observed) in places.iter().filter_map(|place| Some((*place, packets.get(*place)?))) {
        let mut relation = Relation::default();
        if let Some(repeated) = take_in(&mut sides, is_alone, observed, relations.len(), &mut relation) {
            relations[repeated].1.repeated_by = Some(place);
        }
        relations.push((place, relation));
    }
    if let Some(first) = relations.iter_mut().find(|(place, _)| packets.get(*place).is_some_and(is_pushed)) {
        first.1.is_first_push = true;
    }
    for first in sides.iter().filter(|side| side.window.was_told).filter_map(|side| side.window.first) {
        relations[first].1.tells_window = true;
    }
    relations
}

/// Whether its data shall be handed to the application now.
fn is_pushed(observed: &Observed) -> bool {
    observed.seen.is_some_and(|seen| seen.len > 0) && observed.packet().tcp().is_some_and(|tcp| tcp.flags().psh())
}

/// A segment that is not acknowledged yet.
#[derive(Clone, Copy)]
struct InFlight {
    /// Its first number, relative, and how many it takes.
    seq: u32,
    numbers: u32,
    has_fin: bool,
    /// Its place among the relations.
    index: usize,
}

/// What is remembered of what one side sent.
#[derive(Default)]
struct Side {
    in_flight: Vec<InFlight>,
    window: Window,
}

/// Fills in what a packet says of those before it; returns which one it repeats, by its place among the relations.
fn take_in(
    sides: &mut [Side; 2],
    is_alone: bool,
    observed: &Observed,
    index: usize,
    relation: &mut Relation,
) -> Option<usize> {
    let seen = observed.seen?;
    let flags = observed.packet().tcp()?.flags();
    let own = seen.from as usize;
    let other = if is_alone { own } else { Lane::other(seen.from) as usize };
    if let Some(window) = seen.window.filter(|_| !flags.rst()) {
        relation.tells_window = sides[own].window.take_in(window, index);
    }
    let mut repeated = None;
    let numbers = seen.len.saturating_add(flags.syn().into()).saturating_add(flags.fin().into());
    if let Some(seq) = seen.seq.filter(|_| numbers > 0) {
        let in_flight = &mut sides[own].in_flight;
        if seen.marks.contains(Marks::RETRANSMISSION) {
            repeated = in_flight.iter().rfind(|segment| segment.seq == seq).map(|segment| segment.index);
        }
        in_flight.push(InFlight { seq, numbers, has_fin: flags.fin(), index });
    }
    if let Some(ack) = seen.ack.map(SeqNumber) {
        let in_flight = &mut sides[other].in_flight;
        let answered = in_flight.iter().find(|segment| SeqNumber(segment.seq) + segment.numbers == ack);
        relation.acknowledges = answered.map(|segment| (segment.seq, segment.numbers));
        relation.acknowledges_fin = answered.is_some_and(|segment| segment.has_fin);
        in_flight.retain(|segment| ack.precedes(SeqNumber(segment.seq) + segment.numbers));
    }
    repeated
}

/// The windows that one side offered.
#[derive(Default)]
struct Window {
    /// Where the first stands among the relations.
    first: Option<usize>,
    largest: u32,
    last: u32,
    is_small: bool,
    was_told: bool,
}

impl Window {
    /// Whether the next one is worth knowing.
    fn take_in(&mut self, window: u32, index: usize) -> bool {
        self.first.get_or_insert(index);
        self.largest = self.largest.max(window);
        let was_small = std::mem::replace(&mut self.is_small, window <= self.largest / 2);
        let last = std::mem::replace(&mut self.last, window);
        let is_news = if self.is_small { window != last } else { was_small };
        self.was_told |= is_news;
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_told_when_it_shrinks_by_half_and_when_it_opens_again() {
        let mut window = Window::default();
        let told =
            [65_000, 66_000, 40_000, 33_000, 33_000, 0, 0, 60_000, 60_000, 90_000].map(|it| window.take_in(it, 0));
        assert_eq!(told, [false, false, false, true, false, true, false, true, false, false]);
        assert!(window.was_told);
    }
}
