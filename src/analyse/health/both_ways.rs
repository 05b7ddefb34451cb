//! The health of both directions: what a segment means for its sender's and for the other's.

use super::mark_rules::{self, Context};
use super::one_way::Health;
use crate::analyse::marks::Marks;
use crate::analyse::moment::Moment;
use crate::analyse::segment::Segment;
use crate::model::{Lane, SeqNumber};

/// The health of both directions, [`Lane::Client`]'s first.
#[derive(Clone, Debug, Default)]
pub(in crate::analyse) struct BothWays(pub(super) [Health; 2]);

impl BothWays {
    /// Takes in the client's SYN with `data` bytes in it, the first segment of all: its number and the one after it.
    pub(in crate::analyse) fn open(&mut self, (isn, next): (SeqNumber, SeqNumber), data: u32, window: u16, at: Moment) {
        self.0[Lane::Client as usize] = Health::opened((isn, next), data, window, at);
    }

    /// One direction.
    pub(in crate::analyse) const fn of(&self, from: Lane) -> &Health {
        &self.0[from as usize]
    }

    /// Exchanges the roles of client and server.
    pub(in crate::analyse) fn swap(&mut self) {
        self.0.swap(0, 1);
    }

    /// Takes in the next segment of `from` and says what it is.
    pub(in crate::analyse) fn observe(&mut self, from: Lane, segment: &Segment, context: Context<'_>) -> Marks {
        let [client, server] = &mut self.0;
        let (own, peer) = if from == Lane::Client { (client, server) } else { (server, client) };
        if context.renumbered {
            own.renumber();
        }
        peer.accept_probe(segment);
        let marks = mark_rules::marks(own, peer, segment, context);
        own.sent(segment, marks);
        own.spoke(segment, context.window, marks);
        peer.answered(marks, segment.window == 0);
        if peer.acknowledged(segment, context.unsynchronized) {
            // It is stamped before what it answers: neither is anything measured from it.
            own.in_flight.late(segment.seq, segment.end(), None);
        }
        own.measure_in_flight();
        peer.unanswered = 0;
        own.note(marks);
        marks
    }

    /// Counts marks that were found without the segment being taken in.
    pub(in crate::analyse) fn note(&mut self, from: Lane, marks: Marks) {
        self.0[from as usize].note(marks);
    }
}
