//! Whether a packet was seen before: not its data again, but the very same packet.
//!
//! Networks duplicate packets, and captures on the `any` device, on bridges or on several interfaces hold each packet
//! once for every place it passed. Neither is a retransmission. A sender gives a packet it sends again a new IPv4
//! identification, and a segment its clock's new reading; where there is neither to compare, only a packet of the same
//! header that lost hops on its way, or came over another interface, is known to be the same.

use super::segment::Moment;
use crate::decode::{Packet, Tcp};
use crate::model::Frame;

/// How many packets of a connection are remembered: more than commonly pass between a packet and its copy.
const REMEMBERED: usize = 64;

/// For how many of them there is room at first: those of a short connection.
const FIRST: usize = 12;

/// How long after the packet before it a copy may come, in nanoseconds: longer than a path takes, shorter than the
/// patience of a sender that repeats itself.
const SOON: i64 = 500_000_000;

/// The bits of a print that say where a packet was seen: 8 of hop limit, 16 of interface.
const PLACE: u64 = 0xff_ffff;

/// A packet's identity: 40 bits of a hash; then, unless the hash alone is proof, where it was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Print(u64);

impl Print {
    /// The print of a TCP packet; its ports tell the direction. `is_unique` says that its sender would not send the same
    /// header twice.
    pub(super) fn of(
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        tcp: &Tcp<'_>,
        identification: u16,
        is_unique: bool,
    ) -> Self {
        let seed = u64::from(identification) << 33 | u64::from(packet.payload_len());
        let mix = |hash: u64, word| (hash.rotate_left(5) ^ u64::from(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // A TCP header is made of 32-bit words.
        let hash = tcp.bytes().as_chunks().0.iter().map(|word| u32::from_be_bytes(*word)).fold(seed, mix);
        let hops = packet.ip().and_then(|ip| ip.ttl()).unwrap_or(0);
        let place = if is_unique { PLACE } else { u64::from(hops) << 16 | u64::from(frame.interface & 0x7fff) };
        Self(hash & !PLACE | place)
    }

    /// Whether it is the print of the same packet, in another place where that is needed to be sure.
    const fn is_copy_of(self, earlier: Self) -> bool {
        (self.0 ^ earlier.0) & !PLACE == 0 && (self.0 & PLACE == PLACE || self.0 != earlier.0)
    }
}

/// The last packets of one connection, both directions.
#[derive(Clone, Debug, Default)]
pub(super) struct Copies {
    recent: Vec<Print>,
    oldest: u8,
    last: Option<Moment>,
}

impl Copies {
    /// Whether the packet was here before.
    pub(super) fn contains(&self, print: Print, moment: Moment) -> bool {
        let silence = self.last.and_then(|last| moment.since(last));
        silence.is_none_or(|silence| silence < SOON) && self.recent.iter().any(|earlier| print.is_copy_of(*earlier))
    }

    /// Remembers a packet, in the place of the oldest where there are enough.
    pub(super) fn remember(&mut self, print: Print, moment: Moment) {
        self.last = Some(moment);
        if self.recent.is_empty() {
            self.recent.reserve_exact(FIRST);
        }
        if self.recent.len() < REMEMBERED {
            self.recent.push(print);
        } else {
            self.recent[usize::from(self.oldest)] = print;
            self.oldest = (self.oldest + 1) % REMEMBERED as u8;
        }
    }
}
