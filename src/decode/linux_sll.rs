//! Linux "cooked" captures (`any` and the like): version 1 (LINUX_SLL) and version 2 (LINUX_SLL2).

use std::borrow::Cow;

use super::cursor::{Cursor, Next};
use super::numbers::ether_type_name;
use super::protocol::Protocol;
use super::spec::{self, Show, Spec, named};
use crate::model::Field;

const TYPE: Spec = Spec::bytes("sll.etype", "Protocol", 14, 2).shown(Show::Hex).meaning(ether_type_name);
const ADDRESS_LEN: Spec = Spec::bytes("sll.halen", "Address length", 4, 2);

pub(super) const FIELDS: &[Spec] = &[
    Spec::bytes("sll.pkttype", "Packet type", 0, 2).meaning(packet_type_name),
    Spec::bytes("sll.hatype", "ARPHRD type", 2, 2).meaning(hardware_name),
    ADDRESS_LEN,
];

const V2_TYPE: Spec = Spec::bytes("sll.etype", "Protocol", 0, 2).shown(Show::Hex).meaning(ether_type_name);
const V2_ADDRESS_LEN: Spec = Spec::bytes("sll.halen", "Address length", 11, 1);

pub(super) const V2_FIELDS: &[Spec] = &[
    V2_TYPE,
    Spec::bytes("sll.reserved", "Reserved", 2, 2).shown(Show::Hex),
    Spec::bytes("sll.ifindex", "Interface index", 4, 4),
    Spec::bytes("sll.hatype", "ARPHRD type", 8, 2).meaning(hardware_name),
    Spec::bytes("sll.pkttype", "Packet type", 10, 1).meaning(packet_type_name),
    V2_ADDRESS_LEN,
];

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let Some(header) = cursor.header(Protocol::LinuxSll, 16) else { return Next::Stop };
    carried(TYPE.read(header))
}

pub(super) fn walk_v2(cursor: &mut Cursor<'_, '_>) -> Next {
    let Some(header) = cursor.header(Protocol::LinuxSll2, 20) else { return Next::Stop };
    carried(V2_TYPE.read(header))
}

/// Small protocol numbers are Linux's own (`if_ether.h`): 4 is 802.2 LLC.
fn carried(protocol: Option<u64>) -> Next {
    match protocol {
        Some(4) => Next::Llc,
        Some(number @ 1501..) => Next::EtherType(number as u16),
        _ => Next::Data,
    }
}

pub(super) fn address_fields(header: &[u8], start: usize) -> Vec<Field> {
    let mut fields = address(ADDRESS_LEN.read(header), 6, header, start);
    fields.extend(TYPE.field(header, start));
    fields
}

pub(super) fn v2_address_fields(header: &[u8], start: usize) -> Vec<Field> {
    address(V2_ADDRESS_LEN.read(header), 12, header, start)
}

/// The 8 bytes the address has at byte `at`, of which it uses `len`.
fn address(len: Option<u64>, at: u16, header: &[u8], start: usize) -> Vec<Field> {
    let used = len.unwrap_or(0).min(8) as u16;
    let source = match used {
        0 => None,
        6 => Some(Spec::bytes("sll.src.eth", "Source", at, 6).shown(Show::Mac)),
        4 => Some(Spec::bytes("sll.src.ipv4", "Source", at, 4).shown(Show::Ipv4)),
        _ => Some(Spec::bytes("sll.src.other", "Source", at, used).shown(Show::Bytes)),
    };
    let unused = (used < 8).then(|| {
        Spec::bytes("sll.unused", "Unused", at.saturating_add(used), 8_u16.saturating_sub(used)).shown(Show::Bytes)
    });
    let table: Vec<Spec> = source.into_iter().chain(unused).collect();
    spec::fields(&table, header, start)
}

fn packet_type_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "unicast to us",
        1 => "broadcast",
        2 => "multicast",
        3 => "unicast to another host",
        4 => "sent by us",
        _ => return None,
    })
}

/// The kernel's `ARPHRD_` numbers; the first ones are IANA's ARP hardware types.
fn hardware_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        1 => "Ethernet",
        512 => "PPP",
        768 => "IP tunnel",
        769 => "IPv6 tunnel",
        772 => "loopback",
        776 => "SIT",
        778 => "GRE",
        801..=803 => "802.11",
        824 => "netlink",
        65534 => "none",
        _ => return None,
    })
}
