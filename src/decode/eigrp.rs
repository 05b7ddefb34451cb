//! The fixed header of EIGRP (RFC 7868 §6.2).

use std::borrow::Cow;

use super::cursor::{Cursor, Next};
use super::protocol::Protocol;
use super::spec::{Show, Spec, named};

pub(super) const FIELDS: &[Spec] = &[
    Spec::bytes("eigrp.version", "Version", 0, 1),
    Spec::bytes("eigrp.opcode", "Opcode", 1, 1).meaning(opcode_name),
    Spec::bytes("eigrp.checksum", "Checksum", 2, 2).shown(Show::Hex),
    Spec::bytes("eigrp.flags", "Flags", 4, 4).shown(Show::Hex),
    Spec::bytes("eigrp.seq", "Sequence number", 8, 4),
    Spec::bytes("eigrp.ack", "Acknowledgment number", 12, 4),
    Spec::bytes("eigrp.vrid", "Virtual router id", 16, 2),
    Spec::bytes("eigrp.as", "Autonomous system", 18, 2),
];

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    if cursor.header(Protocol::Eigrp, 20).is_some() { Next::Data } else { Next::Stop }
}

fn opcode_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        1 => "update",
        2 => "request",
        3 => "query",
        4 => "reply",
        5 => "hello",
        10 => "SIA query",
        11 => "SIA reply",
        _ => return None,
    })
}
