//! Which of several SYN-ACKs a client took, told of the packets once that is known.

use super::connection::Connection;
use super::marks::Marks;
use super::observed::Observed;
use crate::model::Lane;

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
