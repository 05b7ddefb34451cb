//! ICMPv6 (RFC 4443), neighbor discovery (RFC 4861) and multicast listener discovery (RFC 2710, 3810).

use std::borrow::Cow;

use super::cursor::{Cursor, Next};
use super::group_records::{List, Records, record_name};
use super::malformed::{MALFORMED, MALFORMED_MEANING};
use super::numbers::{eights, fours};
use super::protocol::Protocol;
use super::spec::{self, Show, Spec, named};
use crate::model::{Field, Value};

pub(super) const CHECKSUM: Spec = Spec::bytes("icmpv6.checksum", "Checksum", 2, 2).shown(Show::Hex);

pub(super) const FIELDS: &[Spec] =
    &[Spec::bytes("icmpv6.type", "Type", 0, 1).meaning(type_name), Spec::bytes("icmpv6.code", "Code", 1, 1), CHECKSUM];

const RESERVED: Spec = Spec::bytes("icmpv6.reserved", "Reserved", 4, 4).shown(Show::Hex);
/// How many 8-byte words of the quoted packet come before an extension structure (RFC 4884).
const QUOTED_WORDS: Spec = Spec::bytes("icmpv6.length", "Quoted packet's length", 4, 1).meaning(eights);
/// An error with an extension structure behind what it quotes (RFC 4884).
const EXTENDED_ERROR: &[Spec] = &[QUOTED_WORDS, Spec::bytes("icmpv6.reserved", "Reserved", 5, 3).shown(Show::Hex)];
const TOO_BIG: &[Spec] = &[Spec::bytes("icmpv6.mtu", "MTU of the next hop", 4, 4)];
const PARAMETER_PROBLEM: &[Spec] = &[Spec::bytes("icmpv6.pointer", "Pointer", 4, 4)];
const ECHO: &[Spec] = &[
    Spec::bytes("icmpv6.echo.identifier", "Identifier", 4, 2).shown(Show::Hex),
    Spec::bytes("icmpv6.echo.sequence_number", "Sequence number", 6, 2),
];
const LISTENER: &[Spec] = &[
    Spec::bytes("icmpv6.mld.maximum_response_delay", "Maximum response delay in ms", 4, 2),
    Spec::bytes("icmpv6.reserved", "Reserved", 6, 2).shown(Show::Hex),
    Spec::bytes("icmpv6.mld.multicast_address", "Multicast address", 8, 16).shown(Show::Ipv6),
];
const ROUTER_ADVERTISEMENT: &[Spec] = &[
    Spec::bytes("icmpv6.nd.ra.cur_hop_limit", "Current hop limit", 4, 1),
    Spec::bytes("icmpv6.nd.ra.flag", "Flags", 5, 1).shown(Show::Hex).with(&[
        Spec::flag("icmpv6.nd.ra.flag.m", "Managed address configuration", 40),
        Spec::flag("icmpv6.nd.ra.flag.o", "Other configuration", 41),
        Spec::flag("icmpv6.nd.ra.flag.h", "Home agent", 42),
        Spec::bits("icmpv6.nd.ra.flag.prf", "Preference", 43, 2),
        Spec::flag("icmpv6.nd.ra.flag.p", "Proxy", 45),
        Spec::bits("icmpv6.nd.ra.flag.rsv", "Reserved", 46, 2),
    ]),
    Spec::bytes("icmpv6.nd.ra.router_lifetime", "Router lifetime in s", 6, 2),
    Spec::bytes("icmpv6.nd.ra.reachable_time", "Reachable time in ms", 8, 4),
    Spec::bytes("icmpv6.nd.ra.retrans_timer", "Retransmission timer in ms", 12, 4),
];
const NEIGHBOR_SOLICITATION: &[Spec] =
    &[RESERVED, Spec::bytes("icmpv6.nd.ns.target_address", "Target address", 8, 16).shown(Show::Ipv6)];
const NEIGHBOR_ADVERTISEMENT: &[Spec] = &[
    Spec::bytes("icmpv6.nd.na.flag", "Flags", 4, 4).shown(Show::Hex).with(&[
        Spec::flag("icmpv6.nd.na.flag.r", "Router", 32),
        Spec::flag("icmpv6.nd.na.flag.s", "Solicited", 33),
        Spec::flag("icmpv6.nd.na.flag.o", "Override", 34),
        Spec::bits("icmpv6.nd.na.flag.rsv", "Reserved", 35, 29),
    ]),
    Spec::bytes("icmpv6.nd.na.target_address", "Target address", 8, 16).shown(Show::Ipv6),
];
const REDIRECT: &[Spec] = &[
    RESERVED,
    Spec::bytes("icmpv6.nd.rd.target_address", "Target address", 8, 16).shown(Show::Ipv6),
    Spec::bytes("icmpv6.rd.na.destination_address", "Destination address", 24, 16).shown(Show::Ipv6),
];
const LISTENER_REPORT_V2: &[Spec] = &[
    Spec::bytes("icmpv6.reserved", "Reserved", 4, 2).shown(Show::Hex),
    Spec::bytes("icmpv6.mldr.nb_mcast_records", "Number of multicast records", 6, 2),
];
const LISTENER_QUERY_V2: &[Spec] = &[
    Spec::bytes("icmpv6.mld.maximum_response_code", "Maximum response code", 4, 2),
    Spec::bytes("icmpv6.reserved", "Reserved", 6, 2).shown(Show::Hex),
    Spec::bytes("icmpv6.mld.multicast_address", "Multicast address", 8, 16).shown(Show::Ipv6),
    Spec::bytes("icmpv6.mld.flag", "Flags", 24, 1).shown(Show::Hex).with(&[
        Spec::bits("icmpv6.mld.flag.reserved", "Reserved", 192, 4),
        Spec::flag("icmpv6.mld.flag.s", "Suppress router-side processing", 196),
        Spec::bits("icmpv6.mld.flag.qrv", "Querier's robustness variable", 197, 3),
    ]),
    Spec::bytes("icmpv6.mld.qqi", "Querier's query interval code", 25, 1),
    Spec::bytes("icmpv6.mld.nb_sources", "Number of sources", 26, 2),
];
const SOURCE: Spec = Spec::bytes("icmpv6.mld.source_address", "Source address", 0, 16).shown(Show::Ipv6);
const LISTENER_RECORDS: Records = Records {
    key: "icmpv6.mldr.mar",
    fields: &[
        Spec::bytes("icmpv6.mldr.mar.record_type", "Record type", 0, 1).meaning(record_name),
        Spec::bytes("icmpv6.mldr.mar.aux_data_len", "Auxiliary data length", 1, 1).meaning(fours),
        Spec::bytes("icmpv6.mldr.mar.nb_sources", "Number of sources", 2, 2),
        Spec::bytes("icmpv6.mldr.mar.multicast_address", "Multicast address", 4, 16).shown(Show::Ipv6),
    ],
    source: Spec::bytes("icmpv6.mldr.mar.source_address", "Source address", 0, 16).shown(Show::Ipv6),
    auxiliary: "icmpv6.mldr.mar.auxiliary_data",
};
/// Version 2's lists of sources outside records.
const LISTENER_SOURCES: Records = Records { source: SOURCE, ..LISTENER_RECORDS };
/// RFC 8335 §2.
const EXTENDED_ECHO_REQUEST: &[Spec] = &[
    ECHO[0],
    EXTENDED_SEQUENCE,
    Spec::bits("icmpv6.ext.echo.req.res", "Reserved", 56, 7),
    Spec::flag("icmpv6.ext.echo.req.local", "Local", 63),
];
/// RFC 8335 §3.
const EXTENDED_ECHO_REPLY: &[Spec] = &[
    ECHO[0],
    EXTENDED_SEQUENCE,
    Spec::bits("icmpv6.ext.echo.rsp.state", "State", 56, 3),
    Spec::bits("icmpv6.ext.echo.rsp.res", "Reserved", 59, 2),
    Spec::flag("icmpv6.ext.echo.rsp.active", "Active", 61),
    Spec::flag("icmpv6.ext.echo.rsp.ipv4", "IPv4", 62),
    Spec::flag("icmpv6.ext.echo.rsp.ipv6", "IPv6", 63),
];
const EXTENDED_SEQUENCE: Spec = Spec::bytes("icmpv6.ext.echo.seq", "Sequence number", 6, 1);
const OTHER: &[Spec] = &[Spec::bytes("icmpv6.data", "Data", 4, 4).shown(Show::Bytes)];

/// What the type puts after the checksum.
fn body(message: &[u8]) -> &'static [Spec] {
    match message {
        [1 | 3, _, _, _, words, ..] if *words > 0 => EXTENDED_ERROR,
        [1 | 3 | 133, ..] => &[RESERVED],
        [2, ..] => TOO_BIG,
        [4, ..] => PARAMETER_PROBLEM,
        [128 | 129, ..] => ECHO,
        // The length tells the versions of a query apart (RFC 3810 §8.1).
        [LISTENER_QUERY, ..] if message.len() > spec::len(LISTENER) => LISTENER_QUERY_V2,
        [130..=132, ..] => LISTENER,
        [134, ..] => ROUTER_ADVERTISEMENT,
        [135, ..] => NEIGHBOR_SOLICITATION,
        [136, ..] => NEIGHBOR_ADVERTISEMENT,
        [137, ..] => REDIRECT,
        [LISTENER_REPORT, ..] => LISTENER_REPORT_V2,
        [160, ..] => EXTENDED_ECHO_REQUEST,
        [161, ..] => EXTENDED_ECHO_REPLY,
        _ => OTHER,
    }
}

/// Whether options of neighbor discovery follow, so that the whole message is the header.
const fn has_options(kind: u8) -> bool {
    matches!(kind, 133..=137)
}

const LISTENER_QUERY: u8 = 130;
const LISTENER_REPORT: u8 = 143;

/// How many bytes the header has of a message that had `len` on the wire: what a list holds by its own counts belongs to
/// it.
fn stated_len(message: &[u8], len: usize) -> usize {
    let kind = message.first().copied().unwrap_or(0);
    let table = match kind {
        LISTENER_QUERY if len > spec::len(LISTENER) => LISTENER_QUERY_V2,
        _ => body(message),
    };
    let fixed = spec::len(table);
    match kind {
        _ if has_options(kind) => options_end(message, fixed).max(len),
        LISTENER_QUERY if fixed == spec::len(LISTENER_QUERY_V2) => {
            LISTENER_SOURCES.sources_len(count(table, message)).saturating_add(fixed)
        }
        LISTENER_REPORT => LISTENER_RECORDS.end(message, fixed, count(table, message)),
        _ => fixed,
    }
}

/// Where the options from byte `at` end by their own lengths.
fn options_end(message: &[u8], mut at: usize) -> usize {
    while at < message.len() {
        let len = match message.get(at.saturating_add(1)) {
            Some(0) => return message.len(),
            Some(words) => usize::from(*words).saturating_mul(8),
            None => 2,
        };
        at = at.saturating_add(len);
    }
    at
}

/// How many sources or records there are by the last of the fixed fields; 0 where that is cut.
fn count(table: &[Spec], message: &[u8]) -> u64 {
    table.last().and_then(|last| last.read(message)).unwrap_or(0)
}

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let len = stated_len(cursor.rest_bytes(), cursor.wire_len());
    let Some(header) = cursor.header(Protocol::Icmpv6, len) else { return Next::Stop };
    match header {
        [1 | 3, _, _, _, words, ..] => cursor.quote(usize::from(*words) * 8, QUOTED_WORDS.key),
        [2 | 4, ..] => cursor.quote(0, QUOTED_WORDS.key),
        _ => Next::Data,
    }
}

pub(super) fn body_fields(message: &[u8], start: usize) -> Vec<Field> {
    let kind = message.first().copied().unwrap_or(0);
    let table = body(message);
    let fixed = spec::len(table);
    let mut fields = spec::fields(table, message, start);
    match kind {
        _ if has_options(kind) => options(message, start, fixed, &mut fields),
        LISTENER_REPORT => {
            LISTENER_RECORDS.spell(List { message, start, at: fixed, count: count(table, message) }, &mut fields);
        }
        LISTENER_QUERY if fixed == spec::len(LISTENER_QUERY_V2) => {
            LISTENER_SOURCES
                .spell_sources(List { message, start, at: fixed, count: count(table, message) }, &mut fields);
        }
        _ => {}
    }
    fields
}

const OPTION: &[Spec] = &[
    Spec::bytes("icmpv6.opt.type", "Type", 0, 1).meaning(option_name),
    Spec::bytes("icmpv6.opt.length", "Length", 1, 1).meaning(eights),
];
const PREFIX: &[Spec] = &[
    Spec::bytes("icmpv6.opt.prefix.length", "Prefix length", 2, 1),
    Spec::bytes("icmpv6.opt.prefix.flag", "Flags", 3, 1).shown(Show::Hex).with(&[
        Spec::flag("icmpv6.opt.prefix.flag.l", "On-link", 24),
        Spec::flag("icmpv6.opt.prefix.flag.a", "Autonomous address configuration", 25),
        Spec::flag("icmpv6.opt.prefix.flag.r", "Router address", 26),
        Spec::bits("icmpv6.opt.prefix.flag.reserved", "Reserved", 27, 5),
    ]),
    Spec::bytes("icmpv6.opt.prefix.valid_lifetime", "Valid lifetime in s", 4, 4),
    Spec::bytes("icmpv6.opt.prefix.preferred_lifetime", "Preferred lifetime in s", 8, 4),
    Spec::bytes("icmpv6.opt.reserved", "Reserved", 12, 4).shown(Show::Hex),
    Spec::bytes("icmpv6.opt.prefix", "Prefix", 16, 16).shown(Show::Ipv6),
];
const MTU: &[Spec] = &[
    Spec::bytes("icmpv6.opt.reserved", "Reserved", 2, 2).shown(Show::Hex),
    Spec::bytes("icmpv6.opt.mtu", "MTU", 4, 4),
];
const DNS_SERVERS: &[Spec] = &[
    Spec::bytes("icmpv6.opt.reserved", "Reserved", 2, 2).shown(Show::Hex),
    Spec::bytes("icmpv6.opt.rdnss.lifetime", "Lifetime in s", 4, 4),
];

/// The options of neighbor discovery from byte `at` (RFC 4861 §4.6), each walked by its own length.
fn options(message: &[u8], start: usize, mut at: usize, fields: &mut Vec<Field>) {
    while let Some(rest) = message.get(at..).filter(|rest| !rest.is_empty()) {
        let place = start.saturating_add(at);
        let len = rest.get(1).map_or(0, |words| usize::from(*words).saturating_mul(8));
        let Some(option) = rest.get(..len).filter(|option| !option.is_empty()) else {
            let range = spec::stretch(place, rest.len());
            let malformed = Field::new("icmpv6.opt", MALFORMED, range, Value::Group);
            let children = option_children(rest, len, place);
            fields.push(malformed.meaning(MALFORMED_MEANING).malformed().with(children));
            return;
        };
        let range = spec::stretch(place, len);
        let name = option_name(option[0].into()).unwrap_or("unknown".into());
        let group = Field::new("icmpv6.opt", "Option", range, Value::Group).meaning(name);
        fields.push(group.with(option_children(option, len, place)));
        at = at.saturating_add(len);
    }
}

/// What there is of an option of `len` bytes.
fn option_children(option: &[u8], len: usize, start: usize) -> Vec<Field> {
    let mut children = spec::fields(OPTION, option, start);
    let address = |key| Field::new(key, "Link-layer address", spec::placed(start, 2..option.len()), Value::Bytes);
    let link_layer = |key| match len {
        _ if option.len() < len => None,
        8 => Spec::bytes(key, "Link-layer address", 2, 6).shown(Show::Mac).field(option, start),
        _ => Some(address(key)),
    };
    match option[0] {
        1 => children.extend(link_layer("icmpv6.opt.src_linkaddr")),
        2 => children.extend(link_layer("icmpv6.opt.target_linkaddr")),
        3 => children.extend(spec::fields(PREFIX, option, start)),
        5 => children.extend(spec::fields(MTU, option, start)),
        25 => {
            children.extend(spec::fields(DNS_SERVERS, option, start));
            let servers = (8..option.len().saturating_sub(15)).step_by(16);
            let server = |at| Spec::bytes("icmpv6.opt.rdnss", "DNS server", at as u16, 16).shown(Show::Ipv6);
            children.extend(servers.filter_map(|at| server(at).field(option, start)));
        }
        _ if option.len() > 2 => {
            children.push(Field::new("icmpv6.data", "Data", spec::placed(start, 2..option.len()), Value::Bytes));
        }
        _ => {}
    }
    children
}

fn option_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        1 => "source link-layer address",
        2 => "target link-layer address",
        3 => "prefix information",
        4 => "redirected header",
        5 => "MTU",
        14 => "nonce",
        24 => "route information",
        25 => "recursive DNS server",
        31 => "DNS search list",
        38 => "PREF64",
        _ => return None,
    })
}

fn type_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        1 => "destination unreachable",
        2 => "packet too big",
        3 => "time exceeded",
        4 => "parameter problem",
        128 => "echo request",
        129 => "echo reply",
        130 => "multicast listener query",
        131 => "multicast listener report",
        132 => "multicast listener done",
        133 => "router solicitation",
        134 => "router advertisement",
        135 => "neighbor solicitation",
        136 => "neighbor advertisement",
        137 => "redirect",
        143 => "multicast listener report v2",
        155 => "RPL control",
        160 => "extended echo request",
        161 => "extended echo reply",
        _ => return None,
    })
}

/// What a code means under its type.
pub(super) fn code_name(kind: u8, code: u8) -> Option<Cow<'static, str>> {
    named(match (kind, code) {
        (1, 0) => "no route to destination",
        (1, 1) => "administratively prohibited",
        (1, 2) => "beyond the scope of the source address",
        (1, 3) => "address unreachable",
        (1, 4) => "port unreachable",
        (1, 5) => "source address failed policy",
        (1, 6) => "route rejected",
        (3, 0) => "hop limit exceeded in transit",
        (3, 1) => "fragment reassembly time exceeded",
        (4, 0) => "erroneous header field",
        (4, 1) => "unrecognized next header",
        (4, 2) => "unrecognized option",
        _ => return None,
    })
}
