//! Packets as a router sees them: a TTL that falls, Ethernet addresses of the next link, and answers of its own.

use std::net::{IpAddr, Ipv4Addr};

/// How long Ethernet's header is.
pub(super) const HEADER: usize = 14;

/// IPv4's EtherType.
const IPV4: [u8; 2] = [8, 0];

/// A packet that passes the router.
#[derive(Clone, Copy, Debug)]
pub(in crate::lab) struct Passing<'a> {
    /// Whether it goes to the server.
    pub(in crate::lab) to_server: bool,
    /// Its place among those of its direction, from 1.
    pub(in crate::lab) number: usize,
    /// From its IP header on.
    pub(in crate::lab) packet: &'a [u8],
}

impl Passing<'_> {
    /// What the transport's header begins with.
    fn transport(&self) -> &[u8] {
        let header = self.packet.first().map_or(0, |first| usize::from(first & 15) * 4);
        self.packet.get(header..).unwrap_or_default()
    }

    /// Whether TCP carries it.
    pub(in crate::lab) fn is_tcp(&self) -> bool {
        self.packet.get(9) == Some(&6)
    }

    /// How many bytes of the stream it carries.
    pub(in crate::lab) fn data(&self) -> usize {
        let (transport, total) = (self.transport(), self.packet.get(2..4).map_or(0, be16));
        let header = transport.get(12).map_or(0, |offset| usize::from(offset >> 4) * 4);
        let before = self.packet.len() - transport.len() + header;
        if self.is_tcp() { usize::from(total).saturating_sub(before) } else { 0 }
    }

    /// The port that it goes to.
    pub(in crate::lab) fn port(&self) -> Option<u16> {
        self.transport().get(2..4).map(be16)
    }

    /// The answer of a router that lets nobody through: ICMP, communication administratively prohibited (RFC 1812 §5.2.7.1).
    pub(in crate::lab) fn prohibited(&self, by: IpAddr) -> Vec<u8> {
        let quoted = self.packet.get(..self.packet.len().min(548)).unwrap_or_default();
        let mut message = [&[3, 13, 0, 0, 0, 0, 0, 0][..], quoted].concat();
        let sum = checksum(&[&message]);
        message[2..4].copy_from_slice(&sum.to_be_bytes());
        self.answer(by, 1, &message)
    }

    /// The answer of a router that speaks for the server: RST to a SYN (RFC 9293 §3.5.2).
    pub(in crate::lab) fn reset(&self) -> Vec<u8> {
        let transport = self.transport();
        let &[a, b, c, d, e, f, g, h, ..] = transport else { return Vec::new() };
        let next = u32::from_be_bytes([e, f, g, h]).wrapping_add(1).to_be_bytes();
        let mut segment = [&[c, d, a, b, 0, 0, 0, 0][..], &next, &[0x50, 0x14, 0, 0, 0, 0, 0, 0]].concat();
        let (source, destination) = (self.address(16), self.address(12));
        let sum = checksum(&[&source, &destination, &[0, 6, 0, 20], &segment]);
        segment[16..18].copy_from_slice(&sum.to_be_bytes());
        self.answer(IpAddr::from(source), 6, &segment)
    }

    /// An IP packet to the sender.
    fn answer(&self, from: IpAddr, protocol: u8, carried: &[u8]) -> Vec<u8> {
        let from = if let IpAddr::V4(from) = from { from } else { Ipv4Addr::UNSPECIFIED };
        let total = u16::try_from(20 + carried.len()).unwrap_or(u16::MAX).to_be_bytes();
        let mut packet = vec![0x45, 0, total[0], total[1], 0, 0, 0, 0, 64, protocol, 0, 0];
        packet.extend(from.octets());
        packet.extend(self.address(12));
        let sum = checksum(&[&packet]);
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
        packet.extend(carried);
        packet
    }

    fn address(&self, at: usize) -> [u8; 4] {
        self.packet.get(at..).and_then(|bytes| bytes.first_chunk()).copied().unwrap_or_default()
    }
}

fn be16(bytes: &[u8]) -> u16 {
    bytes.first_chunk().copied().map_or(0, u16::from_be_bytes)
}

/// The frame that takes a packet over the next link: with one less in its TTL, its header's checksum mended. `None` for one whose
/// TTL is used up.
pub(super) fn forwarded(packet: &[u8], from: [u8; 6], to: [u8; 6]) -> Option<Vec<u8>> {
    let mut frame = answer_to(packet, from, to);
    let len = usize::from(packet.first()? & 15) * 4;
    let header = frame.get_mut(HEADER..HEADER + len)?;
    let ttl = header.get(8)?.checked_sub(1).filter(|ttl| *ttl > 0)?;
    header[8] = ttl;
    header[10..12].fill(0);
    let sum = checksum(&[header]);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    Some(frame)
}

/// The frame that takes a packet over a link.
pub(super) fn answer_to(packet: &[u8], from: [u8; 6], to: [u8; 6]) -> Vec<u8> {
    [&to[..], &from, &IPV4, packet].concat()
}

/// The Internet checksum (RFC 1071) of parts of even length, the last of any.
pub(in crate::lab) fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let mut sum: u32 = words.map(|word| u32::from(word[0]) << 8 | word.get(1).map_or(0, |low| u32::from(*low))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A SYN from 192.0.2.1:40000 to 198.51.100.2:80, its header's checksum as tshark finds it right.
    fn syn(ttl: u8) -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 40, 0, 1, 0x40, 0, ttl, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2];
        let sum = checksum(&[&packet]);
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
        packet.extend([0x9c, 0x40, 0, 80, 0, 0, 0, 9, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0]);
        packet
    }

    #[test]
    fn a_forwarded_packet_has_the_next_links_addresses_and_one_less_to_live() {
        let frame = forwarded(&syn(64), [1; 6], [2; 6]).unwrap();
        assert_eq!(frame[..14], [2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 8, 0]);
        assert_eq!(frame[22], 63);
        assert_eq!(checksum(&[&frame[14..34]]), 0, "the sum over a right header is 0");
        assert_eq!(frame[34..], syn(64)[20..]);
        assert_eq!(forwarded(&syn(1), [1; 6], [2; 6]), None);
    }

    #[test]
    fn a_reset_acknowledges_the_syn_and_is_right() {
        let packet = syn(64);
        let reset = Passing { to_server: true, number: 1, packet: &packet }.reset();
        assert_eq!(reset[12..20], [198, 51, 100, 2, 192, 0, 2, 1]);
        assert_eq!(reset[20..24], [0, 80, 0x9c, 0x40]);
        assert_eq!(reset[28..32], [0, 0, 0, 10]);
        assert_eq!(checksum(&[&reset[12..20], &[0, 6, 0, 20], &reset[20..]]), 0);
    }

    #[test]
    fn what_is_prohibited_is_quoted() {
        let packet = syn(64);
        let passing = Passing { to_server: true, number: 1, packet: &packet };
        let answer = passing.prohibited(Ipv4Addr::new(192, 0, 2, 254).into());
        assert_eq!(answer[20..22], [3, 13]);
        assert_eq!(answer[28..], packet[..]);
        assert_eq!(checksum(&[&answer[20..]]), 0);
        assert_eq!((passing.port(), passing.data(), passing.is_tcp()), (Some(80), 0, true));
    }
}
