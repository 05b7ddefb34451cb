//! Logical link control (IEEE 802.2) and its SNAP extension: what follows an 802.3 length.

use std::borrow::Cow;

use super::cursor::{Cursor, Next};
use super::numbers::ether_type_name;
use super::protocol::Protocol;
use super::spec::{self, Show, Spec, named};
use crate::model::{Field, Value};

pub(super) const FIELDS: &[Spec] = &[
    Spec::bytes("llc.dsap", "Destination service access point", 0, 1).shown(Show::Hex).meaning(access_point_name),
    Spec::bytes("llc.ssap", "Source service access point", 1, 1).shown(Show::Hex).meaning(access_point_name),
];

const OUI: Spec = Spec::bytes("llc.oui", "Organization", 0, 3).shown(Show::Hex);
const TYPE: Spec = Spec::bytes("llc.type", "Type", 3, 2).shown(Show::Hex).meaning(ether_type_name);
const PROTOCOL_ID: Spec = Spec::bytes("llc.pid", "Protocol id", 3, 2).shown(Show::Hex);

pub(super) const SNAP_FIELDS: &[Spec] = &[OUI];

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let bytes = cursor.rest_bytes();
    // Novell's "raw 802.3" puts IPX straight behind the length; its checksum of FF FF marks it.
    if bytes.starts_with(&[0xff, 0xff]) {
        return Next::Data;
    }
    let control_len = bytes.get(2).map_or(1, |control| control_len(*control));
    let Some(header) = cursor.header(Protocol::Llc, control_len.saturating_add(2)) else { return Next::Stop };
    match header {
        [0xaa, 0xaa, 0x03] => walk_snap(cursor),
        [0x06, _, 0x03] => Next::Ip,
        _ => Next::Data,
    }
}

fn walk_snap(cursor: &mut Cursor<'_, '_>) -> Next {
    let Some(header) = cursor.header(Protocol::Snap, 5) else { return Next::Stop };
    match TYPE.read(header) {
        Some(ether_type) if carries_ether_type(header) => Next::EtherType(ether_type as u16),
        _ => Next::Data,
    }
}

/// Unnumbered frames have one byte of control, the numbered ones two.
const fn control_len(control: u8) -> usize {
    if control & 0x03 == 0x03 { 1 } else { 2 }
}

/// RFC 1042's encapsulation, or Cisco's for bridges that must not undo it: an EtherType follows.
fn carries_ether_type(snap: &[u8]) -> bool {
    matches!(OUI.read(snap), Some(0x00_0000 | 0x00_00f8))
}

pub(super) fn control_field(header: &[u8], start: usize) -> Vec<Field> {
    let value = match header.get(2..) {
        Some(&[control]) => Value::Hex(control.into(), 8),
        // Of the two bytes of a numbered frame the first is the less significant one.
        Some(&[low, high]) => Value::Hex(u16::from_le_bytes([low, high]).into(), 16),
        _ => return Vec::new(),
    };
    vec![Field::new("llc.control", "Control", super::spec::placed(start, 2..header.len()), value)]
}

pub(super) fn snap_type(header: &[u8], start: usize) -> Vec<Field> {
    spec::fields(if carries_ether_type(header) { &[TYPE] } else { &[PROTOCOL_ID] }, header, start)
}

fn access_point_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number & 0xfe {
        0x00 => "null",
        0x06 => "IP",
        0x42 => "spanning tree",
        0xaa => "SNAP",
        0xe0 => "NetWare",
        0xf0 => "NetBIOS",
        0xfe => "ISO network layer",
        _ => return None,
    })
}
