//! SYN-ACKs of other numbers than the first, until the client shows which of them it took.

use arrayvec::ArrayVec;

use super::connection::Connection;
use super::gaps::LARGEST_WINDOW;
use super::marks::Marks;
use super::moment::Moment;
use super::observed::Observed;
use super::segment::Segment;
use crate::model::{Lane, SeqNumber};

/// How many answers of different numbers to one SYN are remembered.
const ANSWERS: usize = 4;

/// SYN-ACKs of other numbers than the first.
#[derive(Clone, Debug)]
pub(super) struct OtherAnswers {
    /// Who sent them.
    pub(super) from: Lane,
    /// How many there were.
    pub(super) times: u32,
    answers: ArrayVec<Answer, ANSWERS>,
}

/// A SYN-ACK, how often it came, and when last.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) segment: Segment,
    pub(super) times: u32,
    pub(super) last: Moment,
}

impl OtherAnswers {
    /// None yet.
    pub(super) fn new(from: Lane) -> Self {
        Self { from, times: 0, answers: ArrayVec::new() }
    }

    /// Takes in another, or one of them once more.
    pub(super) fn add(&mut self, segment: &Segment) {
        self.times = self.times.saturating_add(1);
        match self.answers.iter_mut().find(|answer| answer.segment.seq == segment.seq) {
            Some(answer) => (answer.times, answer.last) = (answer.times.saturating_add(1), segment.moment),
            None => {
                let answer = Answer { segment: segment.clone(), times: 1, last: segment.moment };
                // Of more than a few nobody can say which one was taken.
                self.answers.try_push(answer).unwrap_or_default();
            }
        }
    }

    /// The one that `ack` acknowledges, and how far beyond its SYN.
    pub(super) fn nearest(&self, ack: SeqNumber) -> Option<(&Answer, i32)> {
        let distances = self.answers.iter().map(|answer| (answer, ack.distance_from(answer.segment.seq + 1)));
        distances.filter(|(_, distance)| (0..=LARGEST_WINDOW).contains(distance)).min_by_key(|(_, distance)| *distance)
    }
}

/// Tells of the packets of a connection that was followed to its end which SYN-ACKs its client took, where several came
/// before it acknowledged one: what could only be said later than their [`Seen`](super::Seen). Their numbers become relative
/// to the one that counts.
pub fn settle_answers(connection: &Connection, packets: &mut [Observed]) {
    let Some(handshake) = connection.handshake().filter(|handshake| handshake.other_syn_acks > 0) else { return };
    let (Some(taken), Some(until)) = (handshake.syn_ack, handshake.ack.or(handshake.proof)) else { return };
    let number =
        |observed: &Observed| observed.packet().tcp().filter(|tcp| tcp.flags().is_syn_ack()).map(|tcp| tcp.seq());
    let is_taken = |observed: &&Observed| observed.frame.number == taken.frame() && observed.seen.is_some();
    let Some(isn) = packets.iter().find(is_taken).and_then(number) else { return };
    for observed in packets.iter_mut().filter(|observed| observed.frame.number < until.frame()) {
        let number = number(observed);
        let (Some(seen), Some(number)) = (&mut observed.seen, number) else { continue };
        let in_doubt = seen.marks.without(Marks::SYN_ACK_OTHER_NUMBERS);
        // Of a copy, or of one that does not acknowledge the SYN, nothing was left open.
        if seen.from == Lane::Server && !in_doubt.intersects(Marks::DUPLICATE_PACKET | Marks::SYN_ACK_NOT_ACCEPTED) {
            seen.marks = in_doubt | Marks::SYN_ACK_NOT_ACCEPTED.when(number != isn);
            seen.seq = Some(number - isn);
        }
    }
}
