//! Whether the checksums of a packet are right, told apart from those that cannot be known and those that the sender
//! left to its network card.
//!
//! It never raises a false alarm: what the capture does not hold in full is not judged.

use std::net::IpAddr;

use etherparse::checksum::Sum16BitWords;

use super::packet::{Packet, Span};
use super::protocol::Protocol;
use super::spec::Spec;
use super::views::Ip;
use super::{icmp, icmpv6, igmp, ipv4, ipv6, ipv6_extension, tcp, udp};

/// What there is to say about one checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// It fits the bytes.
    Good,
    /// It does not fit the bytes.
    Bad {
        /// What the field would hold if they were what was sent.
        expected: u16,
    },
    /// The capture was taken on the sending host before the network card filled it in: a transport's field holds just
    /// the sum over the pseudo-header, which no finished checksum does but by chance; an IPv4 header's field holds 0.
    NotFilledIn,
    /// A UDP checksum of 0: the sender made none (RFC 768).
    Absent,
    /// None over IPv6, where a receiver throws such a datagram away (RFC 8200 §8.1) but for tunnels that agreed on it
    /// (RFC 6935).
    Missing,
    /// The bytes do not suffice to judge.
    NotCheckable(Unknowable),
}

/// Why a checksum cannot be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknowable {
    /// The capture kept only a part of the packet, or the packet is shorter than its own length fields say.
    Cut,
    /// The packet is one fragment of what the checksum covers.
    Fragment,
    /// The packet is quoted by an ICMP error.
    Quoted,
    /// The pseudo-header's addresses are not those of the IP header but those of its end points (source routes, Mobile IPv6).
    Rerouted,
}

impl Checksum {
    /// Wireshark's number for it in the fields called `….checksum.status`.
    #[must_use]
    pub const fn status(self) -> u8 {
        match self {
            Self::Bad { .. } => 0,
            Self::Good => 1,
            Self::NotFilledIn | Self::NotCheckable(_) => 2,
            Self::Absent => 3,
            Self::Missing => 4,
        }
    }

    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad { .. } => "bad",
            Self::NotFilledIn => "unfinished",
            Self::Absent => "absent",
            Self::Missing => "missing",
            Self::NotCheckable(Unknowable::Cut) => "cut",
            Self::NotCheckable(Unknowable::Fragment) => "fragment",
            Self::NotCheckable(Unknowable::Quoted) => "quoted",
            Self::NotCheckable(Unknowable::Rerouted) => "rerouted",
        }
    }

    /// In words: `good`, `bad, expected 0x1c46`, `not filled in (offload)`.
    #[must_use]
    pub fn describe(self) -> String {
        let words = match self {
            Self::Good => "good",
            Self::Bad { expected } => return format!("bad, expected 0x{expected:04x}"),
            Self::NotFilledIn => "not filled in (offload)",
            Self::Absent => "none",
            Self::Missing => "none, which IPv6 allows to tunnels only",
            Self::NotCheckable(Unknowable::Cut) => "not checkable (cut)",
            Self::NotCheckable(Unknowable::Fragment) => "not checkable (fragment)",
            Self::NotCheckable(Unknowable::Quoted) => "not checkable (quoted)",
            Self::NotCheckable(Unknowable::Rerouted) => "not checkable (the addresses change on the way)",
        };
        words.to_owned()
    }
}

/// The key of the field that holds a protocol's checksum, and of its status; `None` where none is checked.
pub(super) const fn keys(protocol: Protocol) -> Option<(&'static str, &'static str)> {
    Some(match protocol {
        Protocol::Ipv4 => (ipv4::CHECKSUM.key, "ip.checksum.status"),
        Protocol::Tcp => (tcp::CHECKSUM.key, "tcp.checksum.status"),
        Protocol::Udp => (udp::CHECKSUM.key, "udp.checksum.status"),
        Protocol::Icmp => (icmp::CHECKSUM.key, "icmp.checksum.status"),
        Protocol::Icmpv6 => (icmpv6::CHECKSUM.key, "icmpv6.checksum.status"),
        Protocol::Igmp => (igmp::CHECKSUM.key, "igmp.checksum.status"),
        _ => return None,
    })
}

/// Checks the checksum of the header at `span`; `None` where the protocol has none that is checked.
///
/// Checked are IPv4 (RFC 791), TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792), ICMPv6 (RFC 4443) and IGMP (RFC 2236).
#[must_use]
pub fn checksum(packet: &Packet<'_>, span: &Span) -> Option<Checksum> {
    let (field, pseudo) = match span.protocol {
        Protocol::Ipv4 => (&ipv4::CHECKSUM, None),
        Protocol::Icmp => (&icmp::CHECKSUM, None),
        Protocol::Igmp => (&igmp::CHECKSUM, None),
        Protocol::Tcp => (&tcp::CHECKSUM, Some(6)),
        Protocol::Udp => (&udp::CHECKSUM, Some(17)),
        Protocol::Icmpv6 => (&icmpv6::CHECKSUM, Some(58)),
        _ => return None,
    };
    let covered = match covered(packet, span) {
        Ok(covered) => covered,
        Err(why) => return Some(Checksum::NotCheckable(why)),
    };
    let found = field.read(covered)? as u16;
    let Some(number) = pseudo else { return Some(judge(found, expected(covered, field, Sum16BitWords::new()), 0)) };
    let ip = enclosing_ip(packet, span)?;
    let (source, destination) = (ip.header.source()?, ip.header.destination()?);
    if span.protocol == Protocol::Udp && found == 0 {
        return Some(if source.is_ipv6() { Checksum::Missing } else { Checksum::Absent });
    }
    let pseudo = |len| pseudo_header(source, destination, number, len);
    let partial = |len| !pseudo(len).ones_complement().to_be();
    let judged = judge(found, expected(covered, field, pseudo(covered.len())), partial(covered.len()));
    // For segmentation offload Linux leaves the length, which differs for each segment, to the card as well.
    Some(if matches!(judged, Checksum::Bad { .. }) && found == partial(0) { Checksum::NotFilledIn } else { judged })
}

/// Tells good from bad, and from `unfinished`, what the sender leaves to its card.
fn judge(found: u16, expected: u16, unfinished: u16) -> Checksum {
    // 0 and 0xffff are the same number in one's complement.
    if found == expected || (found == 0xffff && expected == 0) || (found == 0 && expected == 0xffff) {
        Checksum::Good
    } else if found == unfinished {
        Checksum::NotFilledIn
    } else {
        Checksum::Bad { expected }
    }
}

/// What the field should hold: the one's complement of the sum over everything but the field.
fn expected(covered: &[u8], field: &Spec, pseudo: Sum16BitWords) -> u16 {
    let place = field.byte_range();
    let (before, after) = (covered.get(..place.start), covered.get(place.end..));
    let sum = pseudo.add_slice(before.unwrap_or_default()).add_slice(after.unwrap_or_default());
    sum.ones_complement().to_be()
}

fn pseudo_header(source: IpAddr, destination: IpAddr, number: u8, len: usize) -> Sum16BitWords {
    let mut sum = Sum16BitWords::new();
    for address in [source, destination] {
        sum = match address {
            IpAddr::V4(address) => sum.add_4bytes(address.octets()),
            IpAddr::V6(address) => sum.add_16bytes(address.octets()),
        };
    }
    sum.add_4bytes((len as u32).to_be_bytes()).add_2bytes([0, number])
}

/// The bytes a header's checksum covers.
fn covered<'a>(packet: &Packet<'a>, span: &Span) -> Result<&'a [u8], Unknowable> {
    if span.quoted {
        return Err(Unknowable::Quoted);
    }
    if span.protocol == Protocol::Ipv4 {
        let header = packet.slice(span);
        let whole = ipv4::HEADER_LEN.read(header) == Some(header.len() as u64);
        return if whole { Ok(header) } else { Err(Unknowable::Cut) };
    }
    let ip = enclosing_ip(packet, span).ok_or(Unknowable::Cut)?;
    if ip.is_fragment {
        return Err(Unknowable::Fragment);
    }
    if ip.is_rerouted && span.protocol != Protocol::Icmp && span.protocol != Protocol::Igmp {
        return Err(Unknowable::Rerouted);
    }
    let start = span.start as usize;
    let end = match udp::LENGTH.read(packet.slice(span)) {
        Some(length) if span.protocol == Protocol::Udp && length > 0 => start.saturating_add(length as usize),
        _ => ip.end,
    };
    if end > ip.end {
        return Err(Unknowable::Cut);
    }
    packet.bytes.get(start..end).ok_or(Unknowable::Cut)
}

/// The IP packet around a header.
struct Enclosing<'a> {
    header: Ip<'a>,
    /// The byte after its last by its own account, captured or not.
    end: usize,
    is_fragment: bool,
    is_rerouted: bool,
}

fn enclosing_ip<'a>(packet: &Packet<'a>, inner: &Span) -> Option<Enclosing<'a>> {
    let before = packet.spans.iter().position(|span| span == inner)?;
    let before = &packet.spans[..before];
    let index = before.iter().rposition(|span| matches!(span.protocol, Protocol::Ipv4 | Protocol::Ipv6))?;
    let span = &before[index];
    let bytes = packet.slice(span);
    let (header, stated) = match span.protocol {
        Protocol::Ipv4 => (Ip::V4(bytes), ipv4::TOTAL_LEN.read(bytes)?),
        // As with IPv4, 0 stands for the frame's own length.
        _ => (Ip::V6(bytes), ipv6::PAYLOAD_LEN.read(bytes).map(ipv6::whole_len)?),
    };
    let end =
        if stated == 0 { packet.wire_len as usize } else { (span.start as usize).saturating_add(stated as usize) };
    let mut ip = Enclosing { header, end, is_fragment: false, is_rerouted: false };
    if let Ip::V4(header) = ip.header {
        ip.is_fragment = ipv4::MORE_FRAGMENTS.read(header)? != 0 || ipv4::FRAGMENT_OFFSET.read(header)? != 0;
        ip.is_rerouted = ipv4::has_source_route(header);
    }
    for extension in before.iter().skip(index).skip(1) {
        let bytes = packet.slice(extension);
        match extension.protocol {
            Protocol::Fragment => ip.is_fragment |= ipv6_extension::is_part(bytes),
            Protocol::Routing | Protocol::DestinationOptions => {
                ip.is_rerouted |= ipv6_extension::changes_addresses(extension.protocol, bytes);
            }
            _ => {}
        }
    }
    Some(ip)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::headers;
    use crate::model::{Frame, LinkType};

    /// 127.0.0.1:40000 → 127.0.0.1:8888, a UDP datagram with `hello`; its checksum is 0x0000 here.
    const DATAGRAM: [u8; 33] = [
        0x45, 0, 0, 33, 0, 0, 0x40, 0, 64, 17, 0x3c, 0xca, 127, 0, 0, 1, 127, 0, 0, 1, 0x9c, 0x40, 0x22, 0xb8, 0, 13,
        0, 0, b'h', b'e', b'l', b'l', b'o',
    ];

    fn of(protocol: Protocol, bytes: &[u8]) -> Option<Checksum> {
        let wire_len = bytes.len().max(DATAGRAM.len()) as u32;
        let frame = Frame { number: 1, time: None, interface: 0, link: LinkType::RAW, wire_len, bytes, comments: &[] };
        let packet = headers(&frame);
        checksum(&packet, packet.span(protocol)?)
    }

    fn with_udp_checksum(checksum: u16) -> [u8; 33] {
        let mut bytes = DATAGRAM;
        bytes[26..28].copy_from_slice(&checksum.to_be_bytes());
        bytes
    }

    #[test]
    fn a_udp_checksum_is_told_apart_five_ways() {
        let Some(Checksum::Bad { expected }) = of(Protocol::Udp, &with_udp_checksum(1)) else { panic!("not bad") };
        assert_eq!(of(Protocol::Udp, &with_udp_checksum(expected)), Some(Checksum::Good));
        assert_eq!(of(Protocol::Udp, &DATAGRAM), Some(Checksum::Absent));
        // 127.0.0.1 twice, protocol 17, length 13: 7f00 + 0001 + 7f00 + 0001 + 0011 + 000d.
        assert_eq!(of(Protocol::Udp, &with_udp_checksum(0xfe20)), Some(Checksum::NotFilledIn));
        assert_eq!(of(Protocol::Udp, &DATAGRAM[..32]), Some(Checksum::NotCheckable(Unknowable::Cut)));
    }

    #[test]
    fn a_datagram_ends_where_its_own_length_says() {
        let Some(Checksum::Bad { expected }) = of(Protocol::Udp, &with_udp_checksum(1)) else { panic!("not bad") };
        let mut longer = [&with_udp_checksum(expected)[..], b"??"].concat();
        longer[3] = 35;
        assert_eq!(of(Protocol::Udp, &longer), Some(Checksum::Good));
        longer[25] = 16;
        assert_eq!(of(Protocol::Udp, &longer), Some(Checksum::NotCheckable(Unknowable::Cut)));
    }

    #[test]
    fn ipv6_has_no_datagram_without_a_checksum() {
        let mut bytes = vec![0x60, 0, 0, 0, 0, 13, 17, 64];
        bytes.extend([0; 15].iter().chain(&[1]).chain(&[0; 15]).chain(&[1]));
        bytes.extend(&DATAGRAM[20..]);
        assert_eq!(of(Protocol::Udp, &bytes), Some(Checksum::Missing));
        assert_eq!(Checksum::Missing.status(), 4);
    }

    #[test]
    fn a_fragment_is_not_judged() {
        let mut bytes = with_udp_checksum(1);
        bytes[6] = 0x20;
        assert_eq!(of(Protocol::Udp, &bytes), Some(Checksum::NotCheckable(Unknowable::Fragment)));
    }

    #[test]
    fn an_ipv4_header_is_checked_even_where_the_packet_is_cut() {
        assert_eq!(of(Protocol::Ipv4, &DATAGRAM[..20]), Some(Checksum::Good));
        let mut bytes = DATAGRAM;
        bytes[8] = 63;
        assert_eq!(of(Protocol::Ipv4, &bytes), Some(Checksum::Bad { expected: 0x3dca }));
        bytes[10..12].fill(0);
        assert_eq!(of(Protocol::Ipv4, &bytes), Some(Checksum::NotFilledIn));
    }
}
