//! What makes a packet this packet: a hash of what its sender made of it, and the place where it was seen.

use crate::decode::{Packet, Protocol, Tcp};
use crate::model::Frame;

/// A packet's identity, and where it was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Print {
    /// Of what its sender made of it.
    pub(super) hash: u64,
    /// Where it was seen.
    pub(super) place: Place,
}

/// Where a packet was seen, as far as its headers show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Of its hop limit and the interface it was captured on.
    pub(super) way: u16,
    /// Of its outermost link header.
    pub(super) link: u16,
}

/// Hashes words, each after those before it.
pub(super) fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The upper bits of a hash, which depend on all words.
const fn upper(hash: u64) -> u16 {
    (hash >> 48) as u16
}

impl Print {
    /// The print of a TCP packet; its ports tell the direction.
    pub(super) fn of(frame: &Frame<'_>, packet: &Packet<'_>, tcp: &Tcp<'_>, identification: u16) -> Self {
        let seed = u64::from(identification) << 33 | u64::from(packet.payload_len());
        // A TCP header is made of 32-bit words.
        let words = tcp.bytes().as_chunks().0.iter().map(|word| u64::from(u32::from_be_bytes(*word)));
        Self { hash: words.fold(seed, mix), place: Place::of(frame, packet) }
    }

    /// The print of a later part of this packet, seen at `place`, of which `content` is a hash.
    pub(super) fn of_part(self, content: u64, place: Place) -> Self {
        Self { hash: mix(self.hash, content), place }
    }
}

/// A hash of bytes.
pub(super) fn hash_of(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let hash = words.iter().map(|word| u64::from_be_bytes(*word)).fold(bytes.len() as u64, mix);
    rest.iter().fold(hash, |hash, byte| mix(hash, (*byte).into()))
}

impl Place {
    #[inline(always)]
    pub(super) fn of(frame: &Frame<'_>, packet: &Packet<'_>) -> Self {
        let hops = packet.ip().and_then(|ip| ip.ttl()).unwrap_or(0);
        let (header, cooked) = match packet.spans.first() {
            Some(span) => (packet.slice(span), cooked_way(span.protocol, packet.slice(span))),
            None => (&[][..], 0),
        };
        let way = cooked ^ (u64::from(frame.interface) << 9 | u64::from(hops) << 1 | 1);
        // Both ends of it: that of Ethernet has 14 bytes.
        let end = |bytes: Option<&[u8; 8]>| bytes.map_or(1, |bytes| u64::from_ne_bytes(*bytes));
        let link = mix(mix(0, end(header.first_chunk())), end(header.last_chunk()));
        Self { way: upper(mix(0, way)), link: upper(link) }
    }
}

/// Whether a packet came in or went out, and where, as the header of a capture on every interface tells it.
fn cooked_way(protocol: Protocol, header: &[u8]) -> u64 {
    match protocol {
        Protocol::LinuxSll => hash_of(header.get(..2).unwrap_or_default()),
        Protocol::LinuxSll2 => hash_of(header.get(4..11).unwrap_or_default()),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::headers;
    use crate::model::LinkType;

    #[test]
    fn every_hop_and_interface_is_another_place() {
        let mut places = std::collections::HashSet::new();
        for interface in 0..4 {
            for hops in 0..=255 {
                let bytes = [0x45, 0, 0, 20, 0, 0, 0, 0, hops, 255, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2];
                let (link, wire_len) = (LinkType::RAW, 20);
                let frame = Frame { number: 1, time: None, interface, link, wire_len, bytes: &bytes, comments: &[] };
                let place = Place::of(&frame, &headers(&frame));
                assert!(places.insert((place.way, place.link)), "hop limit {hops} on {interface}");
            }
        }
    }
}
