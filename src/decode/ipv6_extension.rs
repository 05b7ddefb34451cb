//! IPv6 extension headers (RFC 8200 §4): options, routes, fragments.

use std::borrow::Cow;

use etherparse::{Ipv6FragmentHeaderSlice, Ipv6RawExtHeaderSlice};

use super::cursor::{Cursor, Next};
use super::malformed::walk_options;
use super::numbers::{eights, ip_protocol_name};
use super::protocol::Protocol;
use super::spec::{self, Show, Spec, named};
use crate::model::{Field, Value};

const fn next_header(key: &'static str) -> Spec {
    Spec::bytes(key, "Next header", 0, 1).meaning(ip_protocol_name)
}

const fn length(key: &'static str) -> Spec {
    Spec::bytes(key, "Length in 8-byte units after the first", 1, 1)
}

pub(super) const HOP_BY_HOP_FIELDS: &[Spec] = &[next_header("ipv6.hopopts.nxt"), length("ipv6.hopopts.len")];
pub(super) const DESTINATION_FIELDS: &[Spec] = &[next_header("ipv6.dstopts.nxt"), length("ipv6.dstopts.len")];

const ROUTING_TYPE: Spec = Spec::bytes("ipv6.routing.type", "Type", 2, 1).meaning(routing_name);

const SEGMENTS_LEFT: Spec = Spec::bytes("ipv6.routing.segleft", "Segments left", 3, 1);

pub(super) const ROUTING_FIELDS: &[Spec] =
    &[next_header("ipv6.routing.nxt"), length("ipv6.routing.len"), ROUTING_TYPE, SEGMENTS_LEFT];

pub(super) const FRAGMENT_NEXT_HEADER: Spec = next_header("ipv6.fraghdr.nxt");
pub(super) const FRAGMENT_OFFSET: Spec = Spec::bits("ipv6.fraghdr.offset", "Fragment offset", 16, 13).meaning(eights);
pub(super) const MORE_FRAGMENTS: Spec = Spec::flag("ipv6.fraghdr.more", "More fragments", 31);

pub(super) const FRAGMENT_IDENTIFICATION: Spec =
    Spec::bytes("ipv6.fraghdr.ident", "Identification", 4, 4).shown(Show::Hex);

pub(super) const FRAGMENT_FIELDS: &[Spec] = &[
    FRAGMENT_NEXT_HEADER,
    Spec::bytes("ipv6.fraghdr.reserved_octet", "Reserved octet", 1, 1).shown(Show::Hex),
    FRAGMENT_OFFSET,
    Spec::bits("ipv6.fraghdr.reserved_bits", "Reserved bits", 29, 2),
    MORE_FRAGMENTS,
    FRAGMENT_IDENTIFICATION,
];

/// Hop-by-Hop Options, Routing or Destination Options: they share their first two bytes.
pub(super) fn walk(cursor: &mut Cursor<'_, '_>, protocol: Protocol) -> Next {
    match Ipv6RawExtHeaderSlice::from_slice(cursor.rest_bytes()) {
        Ok(header) => {
            let next = Next::IpProtocol(header.next_header().0);
            cursor.take_and(protocol, header.slice().len(), next)
        }
        Err(error) => cursor.no_room(protocol, error.required_len),
    }
}

pub(super) fn walk_fragment(cursor: &mut Cursor<'_, '_>) -> Next {
    match Ipv6FragmentHeaderSlice::from_slice(cursor.rest_bytes()) {
        Ok(header) => {
            if is_part(header.slice()) {
                cursor.is_fragment(header.fragment_offset().value() == 0);
            }
            let next = Next::IpProtocol(header.next_header().0);
            cursor.take_and(Protocol::Fragment, header.slice().len(), next)
        }
        Err(error) => cursor.no_room(Protocol::Fragment, error.required_len),
    }
}

/// The options of a Hop-by-Hop or Destination Options header, each walked by its own length (RFC 8200 §4.2).
pub(super) fn option_fields(header: &[u8], start: usize) -> Vec<Field> {
    let is_cut = header.get(1).is_some_and(|eights| header.len() / 8 <= usize::from(*eights));
    let measured = |rest: &[u8]| {
        let stated = usize::from(rest.get(1).copied().unwrap_or(0)).saturating_add(2);
        Some(match rest[0] {
            0 => (1, "Pad1"),
            kind if stated <= rest.len() => (stated, option_name(kind)),
            kind if is_cut => (rest.len(), option_name(kind)),
            _ => return None,
        })
    };
    walk_options("ipv6.opt", (header, start), spec::len(HOP_BY_HOP_FIELDS), measured, option_children)
}

const OPTION: &[Spec] = &[
    Spec::bytes("ipv6.opt.type", "Type", 0, 1).shown(Show::Hex).with(&[
        Spec::bits("ipv6.opt.type.action", "Action where it is unknown", 0, 2),
        Spec::flag("ipv6.opt.type.change", "May change on the way", 2),
        Spec::bits("ipv6.opt.type.rest", "Number", 3, 5).shown(Show::Hex),
    ]),
    Spec::bytes("ipv6.opt.length", "Length", 1, 1),
];

const PAD1: Spec = Spec::bytes("ipv6.opt.type", "Type", 0, 1).shown(Show::Hex);

fn option_children(option: &[u8], start: usize) -> Vec<Field> {
    if option[0] == 0 {
        return PAD1.field(option, start).into_iter().collect();
    }
    let mut children = spec::fields(OPTION, option, start);
    if let [0x30, _, data @ ..] = option {
        children.extend(path_mtu_fields(data, start.saturating_add(2)));
    } else if option.len() > 2 {
        let width = (option.len() as u16).saturating_sub(2);
        let data = match (option[0], width) {
            (1, _) => Spec::bytes("ipv6.opt.padn", "Padding", 2, width).shown(Show::Bytes),
            (4, 1) => Spec::bytes("ipv6.opt.tel", "Tunnel encapsulation limit", 2, 1),
            (5, 2) => Spec::bytes("ipv6.opt.router_alert", "Router alert", 2, 2),
            (0xc2, 4) => Spec::bytes("ipv6.opt.jumbo", "Jumbo payload length", 2, 4),
            (0xc9, 16) => Spec::bytes("ipv6.opt.mipv6.home_address", "Home address", 2, 16).shown(Show::Ipv6),
            _ => Spec::bytes("ipv6.opt.unknown", "Data", 2, width).shown(Show::Bytes),
        };
        children.extend(data.field(option, start));
    }
    children
}

/// The data of a Minimum Path MTU option (RFC 9268 §5): the lowest MTU so far, and the one to be told of, whose lowest bit
/// asks for it to be sent back.
fn path_mtu_fields(data: &[u8], start: usize) -> Vec<Field> {
    let mut fields = spec::fields(&[Spec::bytes("ipv6.opt.pmtu.min", "Lowest MTU so far", 0, 2)], data, start);
    if let Some([high, low]) = data.get(2..4) {
        let place = spec::placed(start, 2..4);
        let returned = Value::Decimal(u64::from(u16::from_be_bytes([*high, low & 0xfe])));
        fields.push(Field::new("ipv6.opt.pmtu.rtn", "Returned lowest MTU", place, returned));
        fields.extend(Spec::flag("ipv6.opt.pmtu.r_flag", "Return asked for", 31).field(data, start));
    }
    if let Some(rest) = data.len().checked_sub(4).filter(|rest| *rest > 0) {
        fields
            .extend(Spec::bytes("ipv6.opt_unknown_data", "Data", 4, rest as u16).shown(Show::Bytes).field(data, start));
    }
    fields
}

/// Whether a fragment header stands for a real fragment: "atomic" ones (RFC 6946) hold the whole packet.
pub(super) fn is_part(header: &[u8]) -> bool {
    FRAGMENT_OFFSET.read(header) != Some(0) || MORE_FRAGMENTS.read(header) != Some(0)
}

/// Whether a Routing or Destination Options header puts other addresses in the pseudo-header than the IPv6 header has
/// (RFC 8200 §8.1; RFC 6275 §6.3, the home address).
pub(super) fn changes_addresses(protocol: Protocol, header: &[u8]) -> bool {
    if protocol == Protocol::Routing {
        return SEGMENTS_LEFT.read(header) != Some(0);
    }
    let home = |option: &Field| option.children.iter().any(|child| child.key == "ipv6.opt.mipv6.home_address");
    option_fields(header, 0).iter().any(home)
}

const SEGMENT_ROUTING: &[Spec] = &[
    Spec::bytes("ipv6.routing.srh.last_entry", "Last entry", 4, 1),
    Spec::bytes("ipv6.routing.srh.flags", "Flags", 5, 1).shown(Show::Hex),
    Spec::bytes("ipv6.routing.srh.tag", "Tag", 6, 2).shown(Show::Hex),
];

/// What follows "segments left": for the types with a list of addresses, that list.
pub(super) fn route_fields(header: &[u8], start: usize) -> Vec<Field> {
    let reserved = |key| Spec::bytes(key, "Reserved", 4, 4).shown(Show::Hex).field(header, start);
    let (mut fields, key): (Vec<Field>, _) = match ROUTING_TYPE.read(header) {
        Some(0) => (reserved("ipv6.routing.src.reserved").into_iter().collect(), Some("ipv6.routing.src.addr")),
        Some(2) => {
            (reserved("ipv6.routing.mipv6.reserved").into_iter().collect(), Some("ipv6.routing.mipv6.home_address"))
        }
        Some(4) => (spec::fields(SEGMENT_ROUTING, header, start), Some("ipv6.routing.srh.addr")),
        _ => (Vec::new(), None),
    };
    let mut at: usize = if key.is_some() { 8 } else { 4 };
    let end = addresses_end(header);
    while let Some(key) = key.filter(|_| at.saturating_add(16) <= end) {
        fields.extend(Spec::bytes(key, "Address", at as u16, 16).shown(Show::Ipv6).field(header, start));
        at = at.saturating_add(16);
    }
    if at < header.len() {
        let range = spec::placed(start, at..header.len());
        fields.push(Field::new("ipv6.routing.unknown_data", "Data", range, Value::Bytes));
    }
    fields
}

/// Where the list of addresses ends: behind the last entry of a segment routing header, which may have more behind it
/// (RFC 8754 §2), else with the header.
fn addresses_end(header: &[u8]) -> usize {
    match (ROUTING_TYPE.read(header), header.get(4)) {
        (Some(4), Some(last_entry)) => header.len().min(usize::from(*last_entry).saturating_mul(16).saturating_add(24)),
        _ => header.len(),
    }
}

fn option_name(kind: u8) -> &'static str {
    match kind {
        1 => "PadN",
        5 => "Router alert",
        0x04 => "Tunnel encapsulation limit",
        0x26 => "Quick-start",
        0x30 => "Minimum path MTU",
        0x63 => "RPL",
        0x6d => "MPL",
        0xc2 => "Jumbo payload",
        0xc9 => "Home address",
        _ => "Unknown option",
    }
}

fn routing_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "source route (deprecated)",
        2 => "Mobile IPv6",
        3 => "RPL source route",
        4 => "segment routing",
        _ => return None,
    })
}
