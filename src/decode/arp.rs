//! ARP (RFC 826), and RARP (RFC 903) which shares its format.

use std::borrow::Cow;

use etherparse::ArpPacketSlice;

use super::cursor::{Cursor, Next};
use super::numbers::ether_type_name;
use super::protocol::Protocol;
use super::spec::{Show, Spec, named};
use crate::model::Field;

const HARDWARE_TYPE: Spec = Spec::bytes("arp.hw.type", "Hardware type", 0, 2).meaning(hardware_name);
const PROTOCOL_TYPE: Spec =
    Spec::bytes("arp.proto.type", "Protocol type", 2, 2).shown(Show::Hex).meaning(ether_type_name);
const HARDWARE_SIZE: Spec = Spec::bytes("arp.hw.size", "Hardware address length", 4, 1);
const PROTOCOL_SIZE: Spec = Spec::bytes("arp.proto.size", "Protocol address length", 5, 1);

pub(super) const FIELDS: &[Spec] = &[
    HARDWARE_TYPE,
    PROTOCOL_TYPE,
    HARDWARE_SIZE,
    PROTOCOL_SIZE,
    Spec::bytes("arp.opcode", "Operation", 6, 2).meaning(operation_name),
];

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    match ArpPacketSlice::from_slice(cursor.rest_bytes()) {
        Ok(arp) => {
            let len = arp.slice().len();
            cursor.narrow(Protocol::Arp, len, HARDWARE_SIZE.key);
            cursor.take_and(Protocol::Arp, len, Next::Data)
        }
        Err(error) => cursor.no_room(Protocol::Arp, error.required_len),
    }
}

/// The four addresses; their lengths are in the header.
pub(super) fn address_fields(header: &[u8], start: usize) -> Vec<Field> {
    let number = |spec: &Spec| spec.read(header).unwrap_or(0) as u16;
    let (hardware, protocol) = (number(&HARDWARE_SIZE), number(&PROTOCOL_SIZE));
    let ipv4 = protocol == 4 && number(&PROTOCOL_TYPE) == 0x0800;
    // Ethernet and IEEE 802 networks have the same addresses.
    let mac = hardware == 6 && matches!(number(&HARDWARE_TYPE), 1 | 6);
    let hardware_address = |mac_key, key, label, at| match mac {
        true => Spec::bytes(mac_key, label, at, 6).shown(Show::Mac),
        false => Spec::bytes(key, label, at, hardware).shown(Show::Bytes),
    };
    let protocol_address = |ipv4_key, key, label, at| match ipv4 {
        true => Spec::bytes(ipv4_key, label, at, 4).shown(Show::Ipv4),
        false => Spec::bytes(key, label, at, protocol).shown(Show::Bytes),
    };
    let source = 8_u16;
    let sender = source.saturating_add(hardware);
    let target = sender.saturating_add(protocol);
    let table = [
        hardware_address("arp.src.hw_mac", "arp.src.hw", "Sender hardware address", source),
        protocol_address("arp.src.proto_ipv4", "arp.src.proto", "Sender protocol address", sender),
        hardware_address("arp.dst.hw_mac", "arp.dst.hw", "Target hardware address", target),
        protocol_address(
            "arp.dst.proto_ipv4",
            "arp.dst.proto",
            "Target protocol address",
            target.saturating_add(hardware),
        ),
    ];
    table.iter().filter(|spec| spec.width > 0).map_while(|spec| spec.field(header, start)).collect()
}

fn hardware_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        1 => "Ethernet",
        6 => "IEEE 802",
        7 => "ARCNET",
        15 => "Frame Relay",
        16 | 19 | 21 => "ATM",
        24 => "IEEE 1394",
        32 => "InfiniBand",
        _ => return None,
    })
}

fn operation_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        1 => "request",
        2 => "reply",
        3 => "reverse request",
        4 => "reverse reply",
        8 => "inverse request",
        9 => "inverse reply",
        _ => return None,
    })
}
