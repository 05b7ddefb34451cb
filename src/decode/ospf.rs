//! The common header of OSPF, version 2 (RFC 2328 §A.3.1) and version 3 (RFC 5340 §A.3.1).

use std::borrow::Cow;

use super::cursor::{Cursor, Next};
use super::protocol::Protocol;
use super::spec::{self, Show, Spec, named};
use crate::model::Field;

const VERSION: Spec = Spec::bytes("ospf.version", "Version", 0, 1);

pub(super) const FIELDS: &[Spec] = &[
    VERSION,
    Spec::bytes("ospf.msg", "Message type", 1, 1).meaning(message_name),
    Spec::bytes("ospf.packet_length", "Packet length", 2, 2),
    Spec::bytes("ospf.srcrouter", "Router id", 4, 4).shown(Show::Ipv4),
    Spec::bytes("ospf.area_id", "Area id", 8, 4).shown(Show::Ipv4),
    Spec::bytes("ospf.checksum", "Checksum", 12, 2).shown(Show::Hex),
];

pub(super) const V2_FIELDS: &[Spec] = &[
    Spec::bytes("ospf.auth.type", "Authentication type", 14, 2).meaning(authentication_name),
    Spec::bytes("ospf.auth.unknown", "Authentication", 16, 8).shown(Show::Bytes),
];

pub(super) const V3_FIELDS: &[Spec] = &[
    Spec::bytes("ospf.instance_id", "Instance id", 14, 1),
    Spec::bytes("ospf.reserved", "Reserved", 15, 1).shown(Show::Hex),
];

/// What follows the common fields in a version.
fn of_version(bytes: &[u8]) -> &'static [Spec] {
    match VERSION.read(bytes) {
        Some(2) => V2_FIELDS,
        Some(3) => V3_FIELDS,
        _ => &[],
    }
}

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let len = spec::len(FIELDS).max(spec::len(of_version(cursor.rest_bytes())));
    if cursor.header(Protocol::Ospf, len).is_some() { Next::Data } else { Next::Stop }
}

pub(super) fn version_fields(header: &[u8], start: usize) -> Vec<Field> {
    spec::fields(of_version(header), header, start)
}

fn message_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        1 => "hello",
        2 => "database description",
        3 => "link state request",
        4 => "link state update",
        5 => "link state acknowledgment",
        _ => return None,
    })
}

fn authentication_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "none",
        1 => "password in the clear",
        2 => "cryptographic",
        _ => return None,
    })
}
