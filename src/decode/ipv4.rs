//! IPv4 (RFC 791).

use std::cmp::Ordering;

use etherparse::Ipv4HeaderSlice;
use etherparse::err::ipv4::{HeaderError, HeaderSliceError};

use super::cursor::{Cursor, Next};
use super::malformed::walk_options;
use super::numbers::{dscp_name, ecn_name, eights, ip_protocol_name};
use super::protocol::Protocol;
use super::spec::{self, Show, Spec, named};
use crate::model::{Fault, Field, Value};

pub(super) const HEADER_LEN: Spec =
    Spec::bits("ip.hdr_len", "Header length", 4, 4).in_units_of(4).meaning(|_| named("bytes"));
pub(super) const TOTAL_LEN: Spec = Spec::bytes("ip.len", "Total length", 2, 2);
pub(super) const MORE_FRAGMENTS: Spec = Spec::flag("ip.flags.mf", "More fragments", 50);
pub(super) const IDENTIFICATION: Spec = Spec::bytes("ip.id", "Identification", 4, 2).shown(Show::Hex);
pub(super) const FLAGS: Spec = Spec::bits("ip.flags", "Flags", 48, 3).shown(Show::Hex).with(&[
    Spec::flag("ip.flags.rb", "Reserved", 48),
    Spec::flag("ip.flags.df", "Don't fragment", 49),
    MORE_FRAGMENTS,
]);
/// In units of 8 bytes, as Wireshark 4 gives it.
pub(super) const FRAGMENT_OFFSET: Spec = Spec::bits("ip.frag_offset", "Fragment offset", 51, 13).meaning(eights);
pub(super) const TTL: Spec = Spec::bytes("ip.ttl", "Time to live", 8, 1);
pub(super) const PROTOCOL: Spec = Spec::bytes("ip.proto", "Protocol", 9, 1).meaning(ip_protocol_name);
pub(super) const SOURCE: Spec = Spec::bytes("ip.src", "Source", 12, 4).shown(Show::Ipv4);
pub(super) const DESTINATION: Spec = Spec::bytes("ip.dst", "Destination", 16, 4).shown(Show::Ipv4);

pub(super) const CHECKSUM: Spec = Spec::bytes("ip.checksum", "Header checksum", 10, 2).shown(Show::Hex);

pub(super) const FIELDS: &[Spec] = &[
    Spec::bits("ip.version", "Version", 0, 4),
    HEADER_LEN,
    Spec::bytes("ip.dsfield", "Differentiated services", 1, 1).shown(Show::Hex).with(&[
        Spec::bits("ip.dsfield.dscp", "DSCP", 8, 6).meaning(dscp_name),
        Spec::bits("ip.dsfield.ecn", "ECN", 14, 2).meaning(ecn_name),
    ]),
    TOTAL_LEN,
    IDENTIFICATION,
    FLAGS,
    FRAGMENT_OFFSET,
    TTL,
    PROTOCOL,
    CHECKSUM,
    SOURCE,
    DESTINATION,
];

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let header = match Ipv4HeaderSlice::from_slice(cursor.rest_bytes()) {
        Ok(header) => header,
        Err(HeaderSliceError::Len(error)) => return cut(cursor, error.required_len),
        Err(HeaderSliceError::Content(error @ HeaderError::UnexpectedVersion { .. })) => {
            return cursor.problem(Protocol::Ipv4, 0, contradiction(&error));
        }
        Err(HeaderSliceError::Content(error)) => {
            let len = spec::len(FIELDS).min(cursor.rest_bytes().len());
            return cursor.contradiction(Protocol::Ipv4, len, contradiction(&error));
        }
    };
    let header_len = header.slice().len();
    let total_len = header.total_len() as usize;
    // A total length of 0 is segmentation offload: the frame's own length is all there is.
    if total_len > 0 && total_len < header_len {
        let fault = Fault::LengthTooSmall { field: TOTAL_LEN.key, stated: total_len, header: header_len };
        return cursor.contradiction(Protocol::Ipv4, header_len, fault);
    }
    if total_len > 0 {
        cursor.narrow(Protocol::Ipv4, total_len, TOTAL_LEN.key);
    }
    if header.is_fragmenting_payload() {
        cursor.is_fragment(header.fragments_offset().value() == 0);
    }
    let next = Next::IpProtocol(header.protocol().0);
    cursor.take_ip(Protocol::Ipv4, header_len, next)
}

/// A header that does not fit in what is left; its version is there if anything is.
#[cold]
fn cut(cursor: &mut Cursor<'_, '_>, needed: usize) -> Next {
    match cursor.rest_bytes().first().map(|byte| byte >> 4) {
        None | Some(4) => cursor.cut_ip(Protocol::Ipv4, spec::len(FIELDS), needed),
        Some(found) => cursor.problem(Protocol::Ipv4, 0, Fault::WrongVersion { found, expected: 4 }),
    }
}

#[cold]
const fn contradiction(error: &HeaderError) -> Fault {
    match *error {
        HeaderError::UnexpectedVersion { version_number } => Fault::WrongVersion { found: version_number, expected: 4 },
        HeaderError::HeaderLengthSmallerThanHeader { ihl } => {
            Fault::HeaderTooShort { field: HEADER_LEN.key, words: ihl, least: 5 }
        }
    }
}

const OPTION: &[Spec] = &[
    Spec::bytes("ip.opt.type", "Type", 0, 1).with(&[
        Spec::flag("ip.opt.type.copy", "Copied into fragments", 0),
        Spec::bits("ip.opt.type.class", "Class", 1, 2),
        Spec::bits("ip.opt.type.number", "Number", 3, 5),
    ]),
    Spec::bytes("ip.opt.len", "Length", 1, 1),
];

/// The options (RFC 791 §3.1), each walked by its own length.
pub(super) fn option_fields(header: &[u8], start: usize) -> Vec<Field> {
    let is_cut = HEADER_LEN.read(header).is_some_and(|stated| header.len() < stated as usize);
    let measured = |rest: &[u8]| {
        let stated = rest.get(1).copied().unwrap_or(0).into();
        Some(match rest[0] {
            0 => (rest.len(), "End of option list"),
            1 => (1, "No operation"),
            kind if (2..=rest.len()).contains(&stated) => (stated, option_name(kind)),
            kind if is_cut => (rest.len(), option_name(kind)),
            _ => return None,
        })
    };
    walk_options("ip.opt", (header, start), spec::len(FIELDS), measured, option_children)
}

const RECORD_ROUTE: u8 = 7;
const LOOSE_SOURCE_ROUTE: u8 = 131;
const STRICT_SOURCE_ROUTE: u8 = 137;

fn option_children(option: &[u8], start: usize) -> Vec<Field> {
    let (table, kind) = if option[0] < 2 { (&OPTION[..1], option[0]) } else { (OPTION, option[0]) };
    let mut children = spec::fields(table, option, start);
    let data = match kind {
        RECORD_ROUTE | LOOSE_SOURCE_ROUTE | STRICT_SOURCE_ROUTE => {
            children.extend(POINTER.field(option, start));
            children.extend(route(option, start));
            None
        }
        68 => {
            children.extend(spec::fields(TIMESTAMP, option, start));
            Some(4)
        }
        136 => {
            children.extend(Spec::bytes("ip.opt.sid", "Stream id", 2, 2).field(option, start));
            None
        }
        148 => {
            children.extend(Spec::bytes("ip.opt.ra", "Router alert", 2, 2).field(option, start));
            None
        }
        0 => Some(1),
        1 => None,
        _ => Some(2),
    };
    if let Some(at) = data.filter(|at| *at < option.len()) {
        let key = if kind == 0 { "ip.opt.padding" } else { "ip.opt.data" };
        children.push(Field::new(key, "Data", spec::placed(start, at..option.len()), Value::Bytes));
    }
    children
}

/// Counted from 1 at the option's first byte.
const POINTER: Spec = Spec::bytes("ip.opt.ptr", "Pointer", 2, 1);

/// The slots of a route option. Those before the pointer are recorded; behind it a source route has the hops to come
/// and a record route has room.
fn route(option: &[u8], start: usize) -> Vec<Field> {
    let pointer = POINTER.read(option).unwrap_or(0) as usize;
    let slot = |at: usize| {
        let (key, label) = match at.saturating_add(1).cmp(&pointer) {
            Ordering::Less => ("ip.rec_rt", "Recorded"),
            _ if option[0] == RECORD_ROUTE => ("ip.empty_rt", "Empty"),
            Ordering::Equal => ("ip.cur_rt", "Next hop"),
            Ordering::Greater => ("ip.src_rt", "Later hop"),
        };
        Spec::bytes(key, label, at as u16, 4).shown(Show::Ipv4).field(option, start)
    };
    (3..option.len().saturating_sub(3)).step_by(4).filter_map(slot).collect()
}

const TIMESTAMP: &[Spec] =
    &[POINTER, Spec::bits("ip.opt.overflow", "Overflow", 24, 4), Spec::bits("ip.opt.flag", "Flag", 28, 4)];

/// Whether the header's destination may be a stop on the way to the real one (RFC 791, source route options).
pub(super) fn has_source_route(header: &[u8]) -> bool {
    let options = option_fields(header, 0);
    let routes = |option: &Field| option.children.iter().any(|child| matches!(child.key, "ip.cur_rt" | "ip.src_rt"));
    options.iter().any(routes)
}

fn option_name(kind: u8) -> &'static str {
    match kind {
        RECORD_ROUTE => "Record route",
        68 => "Timestamp",
        130 => "Security",
        LOOSE_SOURCE_ROUTE => "Loose source route",
        134 => "Commercial security",
        136 => "Stream id",
        STRICT_SOURCE_ROUTE => "Strict source route",
        148 => "Router alert",
        _ => "Unknown option",
    }
}
