//! Ethernet II and 802.1Q tags (IEEE 802.3, 802.1Q).

use std::borrow::Cow;

use etherparse::{Ethernet2HeaderSlice, SingleVlanSlice};

use super::spec::named;
use super::walk::{Cursor, Next};
use super::{Protocol, Show, Spec, ipv4, ipv6};

const DESTINATION: Spec = Spec::bytes("eth.dst", "Destination", 0, 6).shown(Show::Mac);
const SOURCE: Spec = Spec::bytes("eth.src", "Source", 6, 6).shown(Show::Mac);
const TYPE: Spec = Spec::bytes("eth.type", "Type", 12, 2).shown(Show::Hex).meaning(ether_type_name);

pub(super) const FIELDS: &[Spec] = &[DESTINATION, SOURCE, TYPE];

const VLAN_TYPE: Spec = Spec::bytes("vlan.etype", "Type", 2, 2).shown(Show::Hex).meaning(ether_type_name);

pub(super) const VLAN_FIELDS: &[Spec] = &[
    Spec::bits("vlan.priority", "Priority", 0, 3),
    Spec::flag("vlan.dei", "Drop eligible", 3),
    Spec::bits("vlan.id", "VLAN id", 4, 12),
    VLAN_TYPE,
];

pub(super) fn walk(cursor: &mut Cursor<'_>) -> Next {
    let bytes = cursor.rest_bytes();
    let Ok(header) = Ethernet2HeaderSlice::from_slice(bytes) else {
        return cursor.problem(Protocol::Ethernet, 14, "no room for an Ethernet header".to_owned());
    };
    let ether_type = header.ether_type().0;
    if !cursor.take(Protocol::Ethernet, header.slice().len()) {
        return Next::Stop;
    }
    Next::EtherType(ether_type)
}

/// What an EtherType stands for.
pub(super) fn walk_ether_type(cursor: &mut Cursor<'_>, ether_type: u16) -> Next {
    match ether_type {
        0x0800 => ipv4::walk(cursor),
        0x86dd => ipv6::walk(cursor),
        0x8100 | 0x88a8 | 0x9100 => walk_vlan(cursor),
        _ => Next::Data,
    }
}

fn walk_vlan(cursor: &mut Cursor<'_>) -> Next {
    let Ok(tag) = SingleVlanSlice::from_slice(cursor.rest_bytes()) else {
        return cursor.problem(Protocol::Vlan, 4, "no room for a VLAN tag".to_owned());
    };
    let ether_type = tag.ether_type().0;
    if !cursor.take(Protocol::Vlan, 4) {
        return Next::Stop;
    }
    Next::EtherType(ether_type)
}

fn ether_type_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0x0800 => "IPv4",
        0x0806 => "ARP",
        0x8100 => "802.1Q VLAN",
        0x86dd => "IPv6",
        0x88a8 => "802.1ad service VLAN",
        _ => return None,
    })
}
