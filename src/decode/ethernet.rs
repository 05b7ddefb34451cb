//! Ethernet II and IEEE 802.3, and what an EtherType is called.

use std::borrow::Cow;

use etherparse::Ethernet2HeaderSlice;

use super::cursor::{Cursor, Next};
use super::protocol::Protocol;
use super::spec::{Show, Spec, named};

const DESTINATION: Spec = Spec::bytes("eth.dst", "Destination", 0, 6).shown(Show::Mac);
const SOURCE: Spec = Spec::bytes("eth.src", "Source", 6, 6).shown(Show::Mac);
const TYPE: Spec = Spec::bytes("eth.type", "Type", 12, 2).shown(Show::Hex).meaning(ether_type_name);
const LENGTH: Spec = Spec::bytes("eth.len", "Length", 12, 2);

pub(super) const FIELDS: &[Spec] = &[DESTINATION, SOURCE, TYPE];
pub(super) const LENGTH_FIELDS: &[Spec] = &[DESTINATION, SOURCE, LENGTH];

/// The largest number in the type's place that is a length (IEEE 802.3 §3.2.6).
pub(super) const MAX_LENGTH: u16 = 1500;

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let Ok(header) = Ethernet2HeaderSlice::from_slice(cursor.rest_bytes()) else {
        return cursor.no_room(Protocol::Ethernet, 14);
    };
    let type_or_length = header.ether_type().0;
    if type_or_length > MAX_LENGTH {
        return cursor.take_and(Protocol::Ethernet, 14, Next::EtherType(type_or_length));
    }
    cursor.narrow(Protocol::Ieee8023, 14 + usize::from(type_or_length), LENGTH.key);
    cursor.take_and(Protocol::Ieee8023, 14, Next::Llc)
}

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
