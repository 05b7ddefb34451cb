//! What is known of both directions only later than the packets it is about: which SYN-ACK counts, that what was acknowledged
//! was never sent, and which packet a fragment that waited is told of.

use super::both_ways::BothWays;
use super::one_way::Health;
use crate::analyse::gaps::Gaps;
use crate::analyse::marks::Marks;
use crate::analyse::segment::Segment;
use crate::model::Lane;

impl BothWays {
    /// The health of `from` begins anew, see [`Health::begin_anew`].
    pub(in crate::analyse) fn begin_anew(&mut self, from: Lane, syn_ack: &Segment) {
        self.0[from as usize].begin_anew(syn_ack);
    }

    /// It is known now which SYN-ACK of `from` counts: of those in doubt, which were `undecided` and the first, `refused` do
    /// not.
    pub(in crate::analyse) fn settle(&mut self, from: Lane, undecided: u32, refused: u32) {
        let counts = &mut self.0[from as usize].trouble().counts;
        let of = |mark: Marks| mark.index();
        let doubt = &mut counts[of(Marks::SYN_ACK_OTHER_NUMBERS)];
        *doubt = doubt.saturating_sub(undecided);
        let known = &mut counts[of(Marks::SYN_ACK_NOT_ACCEPTED)];
        *known = known.saturating_add(refused);
    }

    /// Whether a reset of the server answers an acknowledgment of what it never sent: it has the number that the client
    /// acknowledged (RFC 9293 §3.10.7.4), and nothing was captured that would lead up to it. What was acknowledged counts as
    /// little as if the acknowledgment had not come.
    pub(in crate::analyse) fn is_impossible_answered(&mut self, reset: &Segment) -> bool {
        let [client, server] = &mut self.0;
        let (Some(next), None) = (server.next, reset.ack) else { return false };
        let is_it = client.last_ack == Some(reset.seq) && server.acked == client.last_ack && server.data == 0;
        if !is_it || !next.precedes(reset.seq) {
            return false;
        }
        server.acked = Some(next);
        if let Some(trouble) = &mut server.trouble {
            (trouble.missed, trouble.ahead, trouble.gaps) = (0, false, Gaps::default());
        }
        true
    }

    /// Takes back the count of marks of a packet that are told of another.
    pub(in crate::analyse) fn unnote(&mut self, from: Lane, marks: Marks) {
        if let Some(trouble) = self.0[from as usize].trouble.as_mut() {
            for mark in marks.iter() {
                let count = &mut trouble.counts[mark as usize];
                *count = count.saturating_sub(1);
            }
        }
    }
}

impl Health {
    /// A SYN-ACK that was put aside is the one that counts: what came of its sender before is of no connection.
    fn begin_anew(&mut self, syn_ack: &Segment) {
        self.renumber();
        self.sent(syn_ack, Marks::NONE);
        self.window = Some(syn_ack.window);
        self.window_bytes = syn_ack.window.into();
    }
}
