//! SYN-ACKs of other numbers than the first, until the client shows which of them it took.

use crate::analyse::gaps::LARGEST_WINDOW;
use crate::analyse::moment::Moment;
use crate::analyse::segment::Segment;
use crate::model::{Few, Lane, SeqNumber};

/// How many answers of different numbers to one SYN are remembered.
const ANSWERS: usize = 4;

/// SYN-ACKs of other numbers than the first.
#[derive(Clone, Debug)]
pub(super) struct OtherAnswers {
    /// Who sent them.
    pub(super) from: Lane,
    /// How many there were.
    pub(super) times: u32,
    answers: Few<Answer, ANSWERS>,
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
        Self { from, times: 0, answers: Few::new() }
    }

    /// Takes in another, or one of them once more.
    pub(super) fn add(&mut self, segment: &Segment) {
        self.times = self.times.saturating_add(1);
        match self.answers.iter_mut().find(|answer| answer.segment.seq == segment.seq) {
            Some(answer) => (answer.times, answer.last) = (answer.times.saturating_add(1), segment.moment),
            None => {
                let answer = Answer { segment: segment.clone(), times: 1, last: segment.moment };
                // Of more than a few nobody can say which one was taken.
                self.answers.push(answer);
            }
        }
    }

    /// The one that `ack` acknowledges, and how far beyond its SYN.
    pub(super) fn nearest(&self, ack: SeqNumber) -> Option<(&Answer, i32)> {
        let distances = self.answers.iter().map(|answer| (answer, ack.distance_from(answer.segment.seq + 1)));
        distances.filter(|(_, distance)| (0..=LARGEST_WINDOW).contains(distance)).min_by_key(|(_, distance)| *distance)
    }
}
