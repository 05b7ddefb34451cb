//! A header as an object by its field table, and behind it what a type or a length in it decides.

use std::net::IpAddr;

use super::push::{push_count, push_flag, push_key, push_quoted, push_text, separate};
use crate::decode::{Protocol, Show, Spec, TcpOption, sack_edges, tcp_options};
use crate::model::{Field, Value};
use crate::render::pen::{self, push_number};
use crate::render::value::{push_hex, raw_value};

/// How the headers of each protocol are written, in the order of [`Protocol::ALL`].
pub(super) struct HeaderTables(Vec<HeaderTable>);

/// A protocol's field table with all that stands between the values.
struct HeaderTable {
    steps: Vec<Step>,
    /// What stands behind the last value.
    end: Vec<u8>,
}

struct Step {
    /// What stands before the value, since the one before.
    before: Vec<u8>,
    spec: &'static Spec,
}

impl HeaderTables {
    pub(super) fn new() -> Self {
        Self(Protocol::ALL.iter().map(|protocol| HeaderTable::new(*protocol)).collect())
    }

    /// Appends the members of a header's fixed fields.
    pub(super) fn push(&self, protocol: Protocol, header: &[u8], out: &mut Vec<u8>) {
        let HeaderTable { steps, end } = &self.0[protocol as usize];
        for Step { before, spec } in steps {
            out.extend_from_slice(before);
            push_value(spec, header, out);
        }
        out.extend_from_slice(end);
    }
}

impl HeaderTable {
    fn new(protocol: Protocol) -> Self {
        let mut table = Self { steps: Vec::new(), end: Vec::new() };
        let mut between = vec![b'{'];
        for spec in protocol.fields() {
            table.plan(spec, tail(spec.key, protocol.key()), &mut between);
        }
        // The first bracket is the caller's.
        if let Some(first) = table.steps.first_mut() {
            first.before.remove(0);
        }
        Self { end: between, ..table }
    }

    /// Plans a field, the parts of one that has any; `between` stands before it, and then what stands behind it.
    fn plan(&mut self, spec: &'static Spec, name: &str, between: &mut Vec<u8>) {
        push_key(name, between);
        if spec.children.is_empty() {
            return self.steps.push(Step { before: std::mem::take(between), spec });
        }
        between.push(b'{');
        for child in spec.children {
            self.plan(child, part(child.key, spec.key), between);
        }
        between.push(b'}');
    }
}

/// Appends a field's value, null where the header is cut before its end.
#[inline]
fn push_value(spec: &Spec, header: &[u8], out: &mut Vec<u8>) {
    let Some(bytes) = header.get(spec.byte_range()) else { return out.extend_from_slice(b"null") };
    match spec.show {
        Show::Decimal | Show::Hex => push_count(spec.read(header), out),
        Show::Flag => push_flag(spec.read(header) == Some(1), out),
        Show::Mac => push_quoted(|out| push_hex(bytes, b":", out), out),
        Show::Ipv4 | Show::Ipv6 => push_quoted(|out| push_address(bytes, out), out),
        Show::Bytes => push_quoted(|out| push_hex(bytes, b"", out), out),
    }
}

/// Appends the address in 4 or 16 bytes.
fn push_address(bytes: &[u8], out: &mut Vec<u8>) {
    let v6 = |bytes: &[u8]| <[u8; 16]>::try_from(bytes).map(IpAddr::from);
    if let Ok(address) = <[u8; 4]>::try_from(bytes).map(IpAddr::from).or_else(|_| v6(bytes)) {
        pen::push_address(address, out);
    }
}

/// A Wireshark key without the part its parent already says: `syn` of `tcp.flags.syn` in `tcp.flags`.
fn tail<'k>(key: &'k str, parent: &str) -> &'k str {
    key.strip_prefix(parent).and_then(|rest| rest.strip_prefix('.')).unwrap_or(key)
}

/// The last part of a key, of a field that is part of another: `checksum` of `gre.flags.checksum` in
/// `gre.flags_and_version`.
fn part<'k>(key: &'k str, parent: &str) -> &'k str {
    let tail = tail(key, parent);
    tail.rsplit_once('.').map_or(tail, |(_, last)| last)
}

/// A Wireshark key inside an object that has another's name: without what the two have in common, the protocol at least.
fn inner<'k>(key: &'k str, parent: &str) -> &'k str {
    match tail(key, parent) {
        whole if whole == key => key.split_once('.').map_or(key, |(_, rest)| rest),
        tail => tail,
    }
}

/// Appends what a type or a length in the header decides: addresses, identifiers, options, records.
pub(super) fn push_rest(protocol: Protocol, header: &[u8], out: &mut Vec<u8>) {
    if protocol.fields().last().is_some_and(|last| header.len() > last.byte_range().end) {
        push_fields(&protocol.rest(header, 0), &|key| inner(key, protocol.key()), header, out);
    }
}

/// What lists things: it stands in an array, be they few or many.
const LISTS: [&str; 10] = [
    "icmpv6.mld.source_address",
    "icmpv6.mldr.mar.source_address",
    "icmpv6.opt.rdnss",
    "igmp.saddr",
    "ip.empty_rt",
    "ip.rec_rt",
    "ip.src_rt",
    "ipv6.routing.mipv6.home_address",
    "ipv6.routing.src.addr",
    "ipv6.routing.srh.addr",
];

/// Appends fields by their keys, as `name` has them. Those of one key stand together in an array where they are a list, a
/// record or an option, or where the key occurs again, as tshark has them.
fn push_fields(fields: &[Field], name: &dyn Fn(&'static str) -> &'static str, header: &[u8], out: &mut Vec<u8>) {
    let mut written: Vec<&str> = Vec::new();
    for field in fields {
        if written.contains(&field.key) {
            continue;
        }
        written.push(field.key);
        push_key(name(field.key), out);
        let same = || fields.iter().filter(|other| other.key == field.key);
        if field.value == Value::Group || LISTS.contains(&field.key) || same().nth(1).is_some() {
            out.push(b'[');
            for field in same() {
                separate(out);
                push_field(field, header, out);
            }
            out.push(b']');
        } else {
            push_field(field, header, out);
        }
    }
}

/// Appends a field that is not in its header's table.
fn push_field(field: &Field, header: &[u8], out: &mut Vec<u8>) {
    let is_group = field.value == Value::Group;
    if is_group || !field.children.is_empty() {
        let name = |key| if is_group { inner(key, field.key) } else { part(key, field.key) };
        out.push(b'{');
        push_fields(&field.children, &name, header, out);
        return out.push(b'}');
    }
    match field.value {
        Value::Decimal(number) | Value::Hex(number, _) => push_number(number, out),
        Value::Flag(set) => push_flag(set, out),
        _ => push_text(&raw_value(field, header), out),
    }
}

/// Appends the options of a TCP header, where it is there in full.
pub(super) fn push_tcp_options(header: &[u8], out: &mut Vec<u8>) {
    let Some(options) = tcp_options(header) else { return };
    let (mut mss, mut shift, mut permitted, mut clock, mut has_sack) = (None, None, false, None, false);
    out.extend_from_slice(b",\"options\":{\"kinds\":[");
    for option in options {
        separate(out);
        push_number(option.kind().into(), out);
        match option {
            TcpOption::MaximumSegmentSize(size) => mss = Some(size),
            TcpOption::WindowScale(by) => shift = Some(by),
            TcpOption::SackPermitted => permitted = true,
            TcpOption::Timestamps { value, echo } => clock = Some((value, echo)),
            TcpOption::Sack(_) => has_sack = true,
            _ => {}
        }
    }
    out.extend_from_slice(b"],\"mss_val\":");
    push_count(mss, out);
    out.extend_from_slice(b",\"wscale_shift\":");
    push_count(shift, out);
    out.extend_from_slice(b",\"sack_perm\":");
    push_flag(permitted, out);
    out.extend_from_slice(b",\"timestamp\":");
    match clock {
        Some((value, echo)) => {
            out.extend_from_slice(b"{\"tsval\":");
            push_number(value.into(), out);
            out.extend_from_slice(b",\"tsecr\":");
            push_number(echo.into(), out);
            out.push(b'}');
        }
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"sack\":[");
    if has_sack {
        push_sack(header, out);
    }
    out.extend_from_slice(b"]}");
}

/// Appends left and right edges.
fn push_sack(header: &[u8], out: &mut Vec<u8>) {
    for option in tcp_options(header).into_iter().flatten() {
        let TcpOption::Sack(blocks) = option else { continue };
        for (left, right) in sack_edges(blocks) {
            separate(out);
            out.push(b'[');
            push_number(left.into(), out);
            out.push(b',');
            push_number(right.into(), out);
            out.push(b']');
        }
    }
}
