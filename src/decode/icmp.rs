//! ICMP (RFC 792) and the packet that its errors quote.

use std::borrow::Cow;

use super::cursor::{Cursor, Next};
use super::numbers::fours;
use super::protocol::Protocol;
use super::spec::{self, Show, Spec, named};
use crate::model::Field;

const TYPE: Spec = Spec::bytes("icmp.type", "Type", 0, 1).meaning(type_name);

pub(super) const CHECKSUM: Spec = Spec::bytes("icmp.checksum", "Checksum", 2, 2).shown(Show::Hex);

pub(super) const FIELDS: &[Spec] = &[TYPE, Spec::bytes("icmp.code", "Code", 1, 1), CHECKSUM];

const IDENTIFIER: Spec = Spec::bytes("icmp.ident", "Identifier", 4, 2);
const SEQUENCE: Spec = Spec::bytes("icmp.seq", "Sequence number", 6, 2);
const ECHO: &[Spec] = &[IDENTIFIER, SEQUENCE];
const TIMESTAMPS: &[Spec] = &[
    IDENTIFIER,
    SEQUENCE,
    Spec::bytes("icmp.originate_timestamp", "Originate timestamp", 8, 4),
    Spec::bytes("icmp.receive_timestamp", "Receive timestamp", 12, 4),
    Spec::bytes("icmp.transmit_timestamp", "Transmit timestamp", 16, 4),
];
const ADDRESS_MASK: &[Spec] =
    &[IDENTIFIER, SEQUENCE, Spec::bytes("icmp.address_mask", "Address mask", 8, 4).shown(Show::Ipv4)];
const UNUSED: Spec = Spec::bytes("icmp.unused", "Unused", 4, 1).shown(Show::Hex);
/// How many 4-byte words of the quoted packet come before an extension structure (RFC 4884).
const QUOTED_WORDS: Spec = Spec::bytes("icmp.length", "Quoted packet's length", 5, 1).meaning(fours);
/// RFC 1191 §4.
const FRAGMENTATION_NEEDED: &[Spec] = &[
    Spec::bytes("icmp.unused", "Unused", 4, 2).shown(Show::Hex),
    Spec::bytes("icmp.mtu", "MTU of the next hop", 6, 2),
];
/// An error with an extension structure behind what it quotes (RFC 4884).
const EXTENDED_ERROR: &[Spec] =
    &[UNUSED, QUOTED_WORDS, Spec::bytes("icmp.reserved", "Reserved", 6, 2).shown(Show::Hex)];
const PARAMETER_PROBLEM: &[Spec] = &[
    Spec::bytes("icmp.pointer", "Pointer", 4, 1),
    QUOTED_WORDS,
    Spec::bytes("icmp.reserved", "Reserved", 6, 2).shown(Show::Hex),
];
const REDIRECT: &[Spec] = &[Spec::bytes("icmp.redir_gw", "Gateway address", 4, 4).shown(Show::Ipv4)];
const ROUTER_ADVERTISEMENT: &[Spec] = &[
    Spec::bytes("icmp.num_addrs", "Number of addresses", 4, 1),
    Spec::bytes("icmp.addr_entry_size", "Address entry size", 5, 1).meaning(fours),
    Spec::bytes("icmp.lifetime", "Lifetime", 6, 2),
];
/// RFC 8335 §2.
const EXTENDED_ECHO_REQUEST: &[Spec] = &[
    IDENTIFIER,
    EXTENDED_SEQUENCE,
    Spec::bits("icmp.ext.echo.req.res", "Reserved", 56, 7),
    Spec::flag("icmp.ext.echo.req.local", "Local", 63),
];
/// RFC 8335 §3.
const EXTENDED_ECHO_REPLY: &[Spec] = &[
    IDENTIFIER,
    EXTENDED_SEQUENCE,
    Spec::bits("icmp.ext.echo.rsp.state", "State", 56, 3),
    Spec::bits("icmp.ext.echo.rsp.res", "Reserved", 59, 2),
    Spec::flag("icmp.ext.echo.rsp.active", "Active", 61),
    Spec::flag("icmp.ext.echo.rsp.ipv4", "IPv4", 62),
    Spec::flag("icmp.ext.echo.rsp.ipv6", "IPv6", 63),
];
const EXTENDED_SEQUENCE: Spec = Spec::bytes("icmp.ext.echo.seq", "Sequence number", 6, 1);
const OTHER: &[Spec] = &[Spec::bytes("icmp.unused", "Unused", 4, 4).shown(Show::Hex)];

/// What the type puts after the checksum.
fn body(message: &[u8]) -> &'static [Spec] {
    match message {
        [0 | 8 | 15 | 16, ..] => ECHO,
        [3, 4, ..] => FRAGMENTATION_NEEDED,
        [3 | 11, _, _, _, _, words, ..] if *words > 0 => EXTENDED_ERROR,
        [5, ..] => REDIRECT,
        [9, ..] => ROUTER_ADVERTISEMENT,
        [12, ..] => PARAMETER_PROBLEM,
        [13 | 14, ..] => TIMESTAMPS,
        [17 | 18, ..] => ADDRESS_MASK,
        [42, ..] => EXTENDED_ECHO_REQUEST,
        [43, ..] => EXTENDED_ECHO_REPLY,
        _ => OTHER,
    }
}

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let len = spec::len(body(cursor.rest_bytes()));
    let Some(header) = cursor.header(Protocol::Icmp, len) else { return Next::Stop };
    match header {
        [3 | 11 | 12, _, _, _, _, words, ..] => cursor.quote(usize::from(*words) * 4, QUOTED_WORDS.key),
        [4 | 5, ..] => cursor.quote(0, QUOTED_WORDS.key),
        _ => Next::Data,
    }
}

pub(super) fn body_fields(header: &[u8], start: usize) -> Vec<Field> {
    spec::fields(body(header), header, start)
}

fn type_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "echo reply",
        3 => "destination unreachable",
        4 => "source quench",
        5 => "redirect",
        8 => "echo request",
        9 => "router advertisement",
        10 => "router solicitation",
        11 => "time exceeded",
        12 => "parameter problem",
        13 => "timestamp request",
        14 => "timestamp reply",
        15 => "information request",
        16 => "information reply",
        17 => "address mask request",
        18 => "address mask reply",
        42 => "extended echo request",
        43 => "extended echo reply",
        _ => return None,
    })
}

/// What a code means under its type.
pub(super) fn code_name(kind: u8, code: u8) -> Option<Cow<'static, str>> {
    named(match (kind, code) {
        (3, 0) => "network unreachable",
        (3, 1) => "host unreachable",
        (3, 2) => "protocol unreachable",
        (3, 3) => "port unreachable",
        (3, 4) => "fragmentation needed",
        (3, 5) => "source route failed",
        (3, 9 | 10 | 13) => "administratively prohibited",
        (5, 0) => "for the network",
        (5, 1) => "for the host",
        (11, 0) => "time to live exceeded in transit",
        (11, 1) => "fragment reassembly time exceeded",
        _ => return None,
    })
}
