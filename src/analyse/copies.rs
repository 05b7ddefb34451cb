//! Whether a packet was seen before: not its data again, but the very same packet.
//!
//! Networks duplicate packets, and captures on the `any` device, on bridges or on several interfaces hold each packet
//! once for every place it passed. Neither is a retransmission. A sender gives a packet it sends again a new IPv4
//! identification, and a segment its clock's new reading; where there is neither to compare, only a packet of the same
//! header that lost hops on its way, or came over another interface, is known to be the same.

use arrayvec::ArrayVec;

use super::segment::Moment;
use crate::decode::{Packet, Tcp};
use crate::model::Frame;

/// How many packets of a connection are remembered: more than commonly pass between a packet and its copy.
const REMEMBERED: usize = 64;

/// How many of them need no memory of their own: those of a short connection.
const FEW: usize = 12;

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
    last: Option<Moment>,
    few: ArrayVec<Print, FEW>,
    /// The place of the oldest among many.
    oldest: u8,
    /// All of them, once they are more than a few.
    many: Option<Box<ArrayVec<Print, REMEMBERED>>>,
}

impl Copies {
    /// Whether the packet was here before.
    pub(super) fn contains(&self, print: Print, moment: Moment) -> bool {
        let silence = self.last.and_then(|last| moment.since(last));
        silence.is_none_or(|silence| silence < SOON) && self.recent().iter().any(|earlier| print.is_copy_of(*earlier))
    }

    /// Remembers a packet, in the place of the oldest where there are enough.
    pub(super) fn remember(&mut self, print: Print, moment: Moment) {
        self.last = Some(moment);
        if self.many.is_none() && self.few.try_push(print).is_ok() {
            return;
        }
        let many = self.many.get_or_insert_with(|| Box::new(self.few.iter().copied().collect()));
        if many.try_push(print).is_err() {
            many[usize::from(self.oldest)] = print;
            self.oldest = (self.oldest + 1) % REMEMBERED as u8;
        }
    }

    fn recent(&self) -> &[Print] {
        self.many.as_deref().map_or(&self.few, ArrayVec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LinkType;

    #[test]
    fn the_last_packets_are_remembered_be_they_few_or_many() {
        let bytes = &[];
        let frame =
            Frame { number: 1, time: None, interface: 0, link: LinkType::RAW, wire_len: 0, bytes, comments: &[] };
        let (moment, mut copies) = (Moment::of(&frame), Copies::default());
        let print = |number: usize| Print((number as u64) << 24 | PLACE);
        for sent in 0..3 * REMEMBERED {
            assert!(!copies.contains(print(sent), moment), "packet {sent} before it was sent");
            copies.remember(print(sent), moment);
            for earlier in 0..=sent {
                let is_recent = sent - earlier < REMEMBERED;
                assert_eq!(copies.contains(print(earlier), moment), is_recent, "packet {earlier} after {sent}");
            }
        }
    }
}
