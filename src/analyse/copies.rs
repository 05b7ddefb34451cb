//! Whether a packet was seen before: not its data again, but the very same packet.
//!
//! Networks duplicate packets, and captures on the `any` device, on bridges or on several interfaces hold each packet
//! once for every place it passed. Neither is a retransmission. A sender gives a packet it sends again a new IPv4
//! identification; where there is none to compare, only a packet of the same header that lost hops on its way, or came
//! over another interface, is known to be the same.

use crate::decode::{Packet, Tcp};
use crate::model::Frame;

/// How many packets of a connection are remembered: more than pass between a packet and its copy.
const REMEMBERED: usize = 64;

/// A packet's identity: 40 bits of a hash, then where it was seen (8 bits of hop limit, 16 of interface).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Print {
    identity: u64,
    /// Whether the identity holds an IPv4 identification, so that equality alone is proof.
    identified: bool,
}

const PLACE: u64 = 0xff_ffff;

impl Print {
    /// The print of a TCP packet; its ports tell the direction.
    pub(super) fn of(frame: &Frame<'_>, packet: &Packet<'_>, tcp: &Tcp<'_>) -> Self {
        let ip = packet.ip();
        let id = ip.and_then(|ip| ip.identification()).unwrap_or(0);
        let hops = ip.and_then(|ip| ip.ttl()).unwrap_or(0);
        let seed = u64::from(id) << 33 | u64::from(packet.payload_len());
        let hash = tcp.bytes().chunks(8).fold(seed, |hash, chunk| {
            let word = chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
            (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        });
        let place = u64::from(hops) << 16 | u64::from(frame.interface & 0xffff);
        Self { identity: hash & !PLACE | place, identified: id != 0 }
    }

    fn is_copy_of(self, earlier: u64) -> bool {
        (self.identity ^ earlier) & !PLACE == 0 && (self.identified || self.identity != earlier)
    }
}

/// The last packets of one connection, both directions.
#[derive(Clone, Debug, Default)]
pub(super) struct Copies {
    recent: Vec<u64>,
    next: u8,
}

impl Copies {
    /// Whether the packet was here before; it is remembered if not.
    pub(super) fn is_copy(&mut self, print: Print) -> bool {
        if self.recent.iter().any(|earlier| print.is_copy_of(*earlier)) {
            return true;
        }
        match self.recent.get_mut(usize::from(self.next)) {
            Some(oldest) => *oldest = print.identity,
            None => self.recent.push(print.identity),
        }
        self.next = (self.next + 1) % REMEMBERED as u8;
        false
    }
}
