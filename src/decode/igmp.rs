//! IGMP: versions 1 and 2 (RFC 2236), and version 3 (RFC 3376).

use std::borrow::Cow;

use super::cursor::{Cursor, Next};
use super::group_records::{List, Records, record_name};
use super::numbers::fours;
use super::protocol::Protocol;
use super::spec::{self, Show, Spec, named};
use crate::model::{Field, Value};

pub(super) const CHECKSUM: Spec = Spec::bytes("igmp.checksum", "Checksum", 2, 2).shown(Show::Hex);

pub(super) const FIELDS: &[Spec] = &[Spec::bytes("igmp.type", "Type", 0, 1).shown(Show::Hex).meaning(type_name)];

const MAX_RESPONSE: Spec = Spec::bytes("igmp.max_resp", "Maximum response time in tenths of a second", 1, 1);
const GROUP: Spec = Spec::bytes("igmp.maddr", "Group address", 4, 4).shown(Show::Ipv4);
const V2_BODY: &[Spec] = &[MAX_RESPONSE, CHECKSUM, GROUP];
const V3_QUERY: &[Spec] = &[
    MAX_RESPONSE,
    CHECKSUM,
    GROUP,
    Spec::bits("igmp.reserved", "Reserved", 64, 4).shown(Show::Hex),
    Spec::flag("igmp.s", "Suppress router-side processing", 68),
    Spec::bits("igmp.qrv", "Querier's robustness variable", 69, 3),
    Spec::bytes("igmp.qqic", "Querier's query interval code", 9, 1),
    Spec::bytes("igmp.num_src", "Number of sources", 10, 2),
];
const V3_REPORT: &[Spec] = &[
    Spec::bytes("igmp.reserved", "Reserved", 1, 1).shown(Show::Hex),
    CHECKSUM,
    Spec::bytes("igmp.reserved", "Reserved", 4, 2).shown(Show::Hex),
    Spec::bytes("igmp.num_grp_recs", "Number of group records", 6, 2),
];
const RECORD: &[Spec] = &[
    Spec::bytes("igmp.record_type", "Record type", 0, 1).meaning(record_name),
    Spec::bytes("igmp.aux_data_len", "Auxiliary data length", 1, 1).meaning(fours),
    Spec::bytes("igmp.num_src", "Number of sources", 2, 2),
    Spec::bytes("igmp.maddr", "Group address", 4, 4).shown(Show::Ipv4),
];

const RECORDS: Records = Records {
    key: "igmp.record",
    fields: RECORD,
    source: Spec::bytes("igmp.saddr", "Source address", 0, 4).shown(Show::Ipv4),
    auxiliary: "igmp.aux_data",
};

const QUERY: u8 = 0x11;
const REPORT_V3: u8 = 0x22;

/// What follows the type; `len` is the whole message's length, which tells the versions of a query apart
/// (RFC 3376 §7.1); one of 9 to 11 bytes is of neither, and here the beginning of one of version 3.
const fn body(kind: u8, len: usize) -> &'static [Spec] {
    match kind {
        QUERY if len > 8 => V3_QUERY,
        REPORT_V3 => V3_REPORT,
        _ => V2_BODY,
    }
}

/// The whole message is the header: nothing is carried.
pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let message = cursor.rest_bytes();
    let stated = stated_len(message, cursor.wire_len());
    if cursor.header(Protocol::Igmp, message.len().max(stated)).is_some() { Next::Data } else { Next::Stop }
}

/// How many bytes a message that had `len` on the wire has by its own counts.
fn stated_len(message: &[u8], len: usize) -> usize {
    let kind = message.first().copied().unwrap_or(0);
    let table = body(kind, len);
    let (fixed, count) = (spec::len(table), count(table, message));
    match kind {
        QUERY if fixed > spec::len(V2_BODY) => RECORDS.sources_len(count).saturating_add(fixed),
        REPORT_V3 => RECORDS.end(message, fixed, count),
        _ => fixed,
    }
}

/// How many sources or records there are by the last of the fixed fields; 0 where that is cut.
fn count(table: &[Spec], message: &[u8]) -> u64 {
    table.last().and_then(|last| last.read(message)).unwrap_or(0)
}

pub(super) fn body_fields(message: &[u8], start: usize) -> Vec<Field> {
    let kind = message.first().copied().unwrap_or(0);
    let table = body(kind, message.len());
    let mut fields = spec::fields(table, message, start);
    let mut at = spec::len(table);
    match kind {
        REPORT_V3 => at = RECORDS.spell(List { message, start, at, count: count(table, message) }, &mut fields),
        QUERY if at > spec::len(V2_BODY) => {
            fields.iter_mut().filter(|field| field.key == MAX_RESPONSE.key).for_each(spell_response);
            at = RECORDS.spell_sources(List { message, start, at, count: count(table, message) }, &mut fields);
        }
        _ => {}
    }
    if at < message.len() {
        fields.push(Field::new("igmp.data", "Data", spec::placed(start, at..message.len()), Value::Bytes));
    }
    fields
}

/// From 128 on, the code of version 3 is a floating-point number (RFC 3376 §4.1.1).
fn spell_response(field: &mut Field) {
    if let Value::Decimal(code @ 128..) = field.value {
        field.value = Value::Decimal(((code & 0x0f | 0x10) << (code >> 4 & 0x7)) << 3);
        field.meaning = Some(format!("by the code {code}").into());
    }
}

fn type_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0x11 => "membership query",
        0x12 => "version 1 membership report",
        0x13 => "DVMRP",
        0x14 => "PIM version 1",
        0x16 => "version 2 membership report",
        0x17 => "leave group",
        0x22 => "version 3 membership report",
        _ => return None,
    })
}
