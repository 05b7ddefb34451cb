//! Generic Routing Encapsulation: RFC 2784 and 2890 (version 0), PPTP's RFC 2637 (version 1).

use super::cursor::{Cursor, Next};
use super::numbers::ether_type_name;
use super::protocol::Protocol;
use super::spec::{self, Show, Spec};
use crate::model::Field;

const FLAGS: Spec = Spec::bytes("gre.flags_and_version", "Flags and version", 0, 2).shown(Show::Hex).with(&[
    Spec::flag("gre.flags.checksum", "Checksum", 0),
    Spec::flag("gre.flags.routing", "Routing", 1),
    Spec::flag("gre.flags.key", "Key", 2),
    Spec::flag("gre.flags.sequence_number", "Sequence number", 3),
    Spec::flag("gre.flags.strict_source_route", "Strict source route", 4),
    Spec::bits("gre.flags.recursion_control", "Recursion control", 5, 3),
    Spec::flag("gre.flags.ack", "Acknowledgment", 8),
    Spec::bits("gre.flags.reserved", "Reserved", 9, 4),
    Spec::bits("gre.flags.version", "Version", 13, 3),
]);
const PROTOCOL: Spec = Spec::bytes("gre.proto", "Protocol type", 2, 2).shown(Show::Hex).meaning(ether_type_name);

pub(super) const FIELDS: &[Spec] = &[FLAGS, PROTOCOL];

/// The optional fields that a header's flags announce, in wire order.
fn optional(header: &[u8]) -> Vec<Spec> {
    let flags = FLAGS.read(header).unwrap_or(0);
    let mut at = spec::len(FIELDS) as u16;
    let mut table = Vec::new();
    let mut add = |fields: &[(&'static str, &'static str, u16, Show)]| {
        for (key, label, width, show) in fields {
            table.push(Spec::bytes(key, label, at, *width).shown(*show));
            at = at.saturating_add(*width);
        }
    };
    let version = flags & 0x7;
    if flags & (CHECKSUM | ROUTING) != 0 {
        add(&[("gre.checksum", "Checksum", 2, Show::Hex), ("gre.offset", "Offset", 2, Show::Decimal)]);
    }
    match flags & KEY {
        0 => {}
        _ if version == 1 => add(&[
            ("gre.key.payload_length", "Payload length", 2, Show::Decimal),
            ("gre.key.call_id", "Call id", 2, Show::Decimal),
        ]),
        _ => add(&[("gre.key", "Key", 4, Show::Hex)]),
    }
    if flags & SEQUENCE != 0 {
        add(&[("gre.sequence_number", "Sequence number", 4, Show::Decimal)]);
    }
    if version == 1 && flags & ACKNOWLEDGMENT != 0 {
        add(&[("gre.ack_number", "Acknowledgment number", 4, Show::Decimal)]);
    }
    table
}

const CHECKSUM: u64 = 0x8000;
const ROUTING: u64 = 0x4000;
const KEY: u64 = 0x2000;
const SEQUENCE: u64 = 0x1000;
const ACKNOWLEDGMENT: u64 = 0x0080;

/// How many bytes the flags announce: the sum of what [`optional`] lists.
fn header_len(flags: u64) -> usize {
    let words = [
        flags & (CHECKSUM | ROUTING) != 0,
        flags & KEY != 0,
        flags & SEQUENCE != 0,
        flags & 0x7 == 1 && flags & ACKNOWLEDGMENT != 0,
    ];
    words.iter().filter(|word| **word).count().saturating_add(1).saturating_mul(4)
}

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let flags = FLAGS.read(cursor.rest_bytes()).unwrap_or(0);
    let Some(header) = cursor.header(Protocol::Gre, header_len(flags)) else { return Next::Stop };
    match PROTOCOL.read(header) {
        // A source route (withdrawn by RFC 2784) lies between this and what is carried.
        _ if flags & ROUTING != 0 => Next::Data,
        Some(0x880b) => Next::Ppp,
        Some(ether_type @ 0x0600..) => Next::EtherType(ether_type as u16),
        _ => Next::Data,
    }
}

pub(super) fn optional_fields(header: &[u8], start: usize) -> Vec<Field> {
    spec::fields(&optional(header), header, start)
}
