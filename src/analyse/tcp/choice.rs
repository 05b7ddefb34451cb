//! Which SYN-ACK a client takes, where several come or one that it cannot take.

use super::connection::TcpConnection;
use super::other_answers::{Answer, OtherAnswers};
use crate::analyse::marks::Marks;
use crate::analyse::segment::Segment;
use crate::model::{Lane, TcpState};

/// Whether a segment's sequence numbers go on from those its sender used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// They do, as far as can be told.
    Continued,
    /// A SYN-ACK begins anew: what came before was of another connection.
    Renumbered,
    /// A SYN-ACK of another connection comes to one that has its numbers.
    Foreign,
    /// A SYN-ACK does not acknowledge the SYN that it comes to.
    Unacceptable,
}

impl TcpConnection {
    /// Whose numbers a segment has. An end that has agreed on them with its peer takes no others (RFC 9293 §3.10.7.4),
    /// and one that is being asked takes one answer.
    pub(super) fn numbers(&self, from: Lane, segment: &Segment) -> Numbers {
        use TcpState::{CloseWait, Closing, Established, FinWait1, FinWait2, LastAck, SynSent};
        if !segment.flags.is_syn_ack() {
            return Numbers::Continued;
        }
        if self.is_unacceptable(from, segment) {
            return Numbers::Unacceptable;
        }
        if self.flow(from).isn.is_none_or(|isn| isn == segment.seq) {
            return Numbers::Continued;
        }
        // Without a SYN of its own its numbers so far are a guess.
        match self.state(from.other()).filter(|_| self.handshake.offer(from).is_some()) {
            Some(SynSent | Established | FinWait1 | FinWait2 | CloseWait | Closing | LastAck) => Numbers::Foreign,
            _ => Numbers::Renumbered,
        }
    }

    /// Settles which SYN-ACK the client took, by the first segment of it that acknowledges one.
    pub(super) fn choose(&mut self, from: Lane, segment: &Segment) {
        let (to, flags) = (from.other(), segment.flags);
        let (Some(others), Some(ack)) = (&self.others, segment.ack) else { return };
        if others.from != to || flags.syn() || flags.rst() {
            return;
        }
        // The nearest below: it may acknowledge data behind the SYN-ACK as well.
        let first = self.flow(to).isn.map(|isn| ack.distance_from(isn + 1)).filter(|distance| *distance >= 0);
        let undecided = others.times;
        let refused = match (others.nearest(ack), first) {
            (None, None) => return,
            (Some((answer, distance)), first) if first.is_none_or(|first| distance < first) => {
                let answer = answer.clone();
                self.take_instead(to, &answer, undecided)
            }
            _ => undecided,
        };
        self.others = None;
        self.rest.get_or_insert_default().health.settle(to, undecided, refused);
    }

    /// Takes back what was taken for proof that the client acknowledged the server's SYN, where the server's reset says that
    /// it sent nothing like that.
    #[cold]
    pub(super) fn disprove(&mut self, reset: &Segment) {
        if self.rest.as_mut().is_some_and(|rest| rest.health.is_impossible_answered(reset)) {
            self.handshake.disprove();
        }
    }

    /// The client took another SYN-ACK than the first. Returns how many it did not take, of those of the first's numbers and
    /// the `undecided` of others.
    fn take_instead(&mut self, server: Lane, answer: &Answer, undecided: u32) -> u32 {
        let of_first = self.handshake.syn_acks.saturating_sub(self.handshake.other_syn_acks);
        self.number(server, &answer.segment);
        self.handshake.take_instead(&answer.segment, answer.last, answer.times);
        self.rest.get_or_insert_default().health.begin_anew(server, &answer.segment);
        of_first.saturating_add(undecided).saturating_sub(answer.times)
    }

    /// A SYN-ACK that the client cannot take changes nothing, nor does one of other numbers; that one is remembered until the
    /// client has acknowledged one.
    #[cold]
    pub(super) fn put_aside(&mut self, from: Lane, segment: &Segment, numbers: Numbers) -> Marks {
        self.handshake.put_aside();
        let is_undecided = numbers == Numbers::Foreign && !self.handshake.is_acknowledged();
        let mark = if is_undecided { Marks::SYN_ACK_OTHER_NUMBERS } else { Marks::SYN_ACK_NOT_ACCEPTED };
        if is_undecided {
            self.others.get_or_insert_with(|| Box::new(OtherAnswers::new(from))).add(segment);
        }
        let rest = self.rest.get_or_insert_default();
        rest.history.observe(from, segment, false);
        rest.health.note(from, mark);
        mark
    }

    /// Whether a SYN-ACK acknowledges anything else than the SYN that it comes to: its receiver answers with a reset, and
    /// goes on waiting (RFC 9293 §3.10.7.3).
    fn is_unacceptable(&self, from: Lane, segment: &Segment) -> bool {
        let (to, flow) = (from.other(), self.flow(from.other()));
        let Some((isn, ack)) = flow.isn.zip(segment.ack) else { return false };
        self.state(to) == Some(TcpState::SynSent)
            && self.handshake.offer(to).is_some()
            && !(1..=flow.syn_end - isn).contains(&(ack - isn))
    }
}
