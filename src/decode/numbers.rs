//! What the numbers mean that the headers of several protocols have: EtherTypes, IP protocols, code points, lengths in
//! units of several bytes.

use std::borrow::Cow;

use super::spec::named;

/// The largest number in an EtherType's place that is a length (IEEE 802.3 §3.2.6).
pub(super) const MAX_ETHERNET_LENGTH: u16 = 1500;

/// The name of an EtherType (IEEE registry, RFC 9542).
pub(super) fn ether_type_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0x0800 => "IPv4",
        0x0806 => "ARP",
        0x0842 => "Wake-on-LAN",
        0x22f3 => "TRILL",
        0x6002 => "DEC MOP RC",
        0x6003 => "DECnet",
        0x6558 => "Transparent Ethernet bridging",
        0x8035 => "RARP",
        0x809b => "AppleTalk",
        0x80f3 => "AppleTalk ARP",
        0x8100 => "802.1Q VLAN",
        0x8137 => "IPX",
        0x86dd => "IPv6",
        0x8808 => "Ethernet flow control",
        0x8809 => "Slow protocols (LACP)",
        0x880b => "PPP",
        0x8847 => "MPLS",
        0x8848 => "MPLS multicast",
        0x8863 => "PPPoE discovery",
        0x8864 => "PPPoE session",
        0x888e => "802.1X (EAPOL)",
        0x8892 => "PROFINET",
        0x88a8 => "802.1ad service VLAN",
        0x88cc => "LLDP",
        0x88e5 => "MACsec",
        0x88e7 => "802.1ah backbone",
        0x88f7 => "PTP",
        0x8902 => "802.1ag CFM",
        0x9000 => "Ethernet loopback test",
        0x9100 => "QinQ VLAN",
        _ => return None,
    })
}

/// The keyword of an IP protocol number (IANA "Assigned Internet Protocol Numbers").
pub(super) fn ip_protocol_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "HOPOPT",
        1 => "ICMP",
        2 => "IGMP",
        4 => "IPv4",
        6 => "TCP",
        17 => "UDP",
        41 => "IPv6",
        43 => "IPv6-Route",
        44 => "IPv6-Frag",
        47 => "GRE",
        50 => "ESP",
        51 => "AH",
        58 => "IPv6-ICMP",
        59 => "IPv6-NoNxt",
        60 => "IPv6-Opts",
        88 => "EIGRP",
        89 => "OSPF",
        132 => "SCTP",
        _ => return None,
    })
}

/// The name of a differentiated services code point (RFC 2474, 2597, 3246).
pub(super) fn dscp_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "CS0",
        8 => "CS1",
        10 => "AF11",
        12 => "AF12",
        14 => "AF13",
        16 => "CS2",
        18 => "AF21",
        20 => "AF22",
        22 => "AF23",
        24 => "CS3",
        26 => "AF31",
        28 => "AF32",
        30 => "AF33",
        32 => "CS4",
        34 => "AF41",
        36 => "AF42",
        38 => "AF43",
        40 => "CS5",
        46 => "EF",
        48 => "CS6",
        56 => "CS7",
        _ => return None,
    })
}

/// The name of an explicit congestion notification code point (RFC 3168 §5).
pub(super) fn ecn_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "not ECN-capable",
        1 => "ECT(1)",
        2 => "ECT(0)",
        _ => "congestion experienced",
    })
}

/// A number of 8-byte units.
pub(super) fn eights(number: u64) -> Option<Cow<'static, str>> {
    Some(format!("{} bytes", number.saturating_mul(8)).into())
}

/// A number of 4-byte units.
pub(super) fn fours(number: u64) -> Option<Cow<'static, str>> {
    Some(format!("{} bytes", number.saturating_mul(4)).into())
}
