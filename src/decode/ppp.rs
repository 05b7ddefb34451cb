//! The Point-to-Point Protocol (RFC 1661), with or without HDLC's address and control (RFC 1662).

use std::borrow::Cow;

use super::cursor::{Cursor, Next};
use super::protocol::Protocol;
use super::spec::{self, Show, Spec, named};
use crate::model::Field;

/// HDLC's address "all stations". It and the control byte behind it may be left out if both ends agree; no protocol's
/// number begins like it.
const ALL_STATIONS: u8 = 0xff;
const ADDRESS: Spec = Spec::bytes("ppp.address", "Address", 0, 1).shown(Show::Hex);
const CONTROL: Spec = Spec::bytes("ppp.control", "Control", 1, 1).shown(Show::Hex);

const fn protocol(byte: u16, count: u16) -> Spec {
    Spec::bytes("ppp.protocol", "Protocol", byte, count).shown(Show::Hex).meaning(protocol_name)
}

/// The four shapes: HDLC's two bytes or not, the protocol's leading zero byte or not.
const HDLC_FULL: &[Spec] = &[ADDRESS, CONTROL, protocol(2, 2)];
const HDLC_SHORT: &[Spec] = &[ADDRESS, CONTROL, protocol(2, 1)];
const FULL: &[Spec] = &[protocol(0, 2)];
const SHORT: &[Spec] = &[protocol(0, 1)];

/// The table for a header's first bytes. A protocol number's last byte is odd, and only its last (RFC 1661 §2).
fn table(bytes: &[u8]) -> &'static [Spec] {
    let framed = bytes.first() == Some(&ALL_STATIONS);
    let first = bytes.get(if framed { 2 } else { 0 });
    match (framed, first.is_some_and(|first| first & 1 == 1)) {
        (true, true) => HDLC_SHORT,
        (true, false) => HDLC_FULL,
        (false, true) => SHORT,
        (false, false) => FULL,
    }
}

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let table = table(cursor.rest_bytes());
    let Some(header) = cursor.header(Protocol::Ppp, spec::len(table)) else { return Next::Stop };
    match table.last().and_then(|protocol| protocol.read(header)) {
        Some(0x0021 | 0x0057) => Next::Ip,
        _ => Next::Data,
    }
}

pub(super) fn fields(header: &[u8], start: usize) -> Vec<Field> {
    spec::fields(table(header), header, start)
}

fn protocol_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0x0021 => "IPv4",
        0x002d => "compressed TCP/IP",
        0x002f => "uncompressed TCP/IP",
        0x003d => "Multilink",
        0x0057 => "IPv6",
        0x00fd => "compressed datagram",
        0x8021 => "IPCP",
        0x8057 => "IPV6CP",
        0x80fd => "CCP",
        0xc021 => "LCP",
        0xc023 => "PAP",
        0xc025 => "link quality report",
        0xc223 => "CHAP",
        _ => return None,
    })
}
