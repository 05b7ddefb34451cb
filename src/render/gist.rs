//! What a packet says, in a few words.

use super::row::{Row, innermost};
use super::style::View;
use super::text;
use super::value::raw_value;
use crate::decode::{Application, Protocol, application_as, dissect};
use crate::model::Value;
use crate::words::{Asks, Spelling};

/// How much of a payload is read; more would never fit a line.
const BEGINNING: usize = 256;

/// What may be missing of a character at the end of a payload's beginning.
const SLACK: usize = 16;

/// Appends what the packet holds, and which part of a packet it is where it is one; safe to print. Of what takes more than
/// `room` columns the beginning will do, as long as it takes more of them too.
pub(super) fn push_gist(row: &Row<'_>, view: &View<'_>, room: usize, out: &mut Vec<u8>) {
    let start = out.len();
    if let Some(fragment) = row.packet.fragment() {
        out.extend_from_slice(format!("{}: ", view.style.spelling().fragment(&fragment)).as_bytes());
    }
    let behind = out.len();
    push_content(row, view, room, out);
    if out.len() == behind {
        out.truncate(behind.saturating_sub(": ".len()).max(start));
    }
}

/// What stopped decoding, else what the application says, else the payload's beginning, else what a packet without ports is for.
fn push_content(row: &Row<'_>, view: &View<'_>, room: usize, out: &mut Vec<u8>) {
    let payload = row.packet.payload();
    if let Some(problem) = &row.packet.problem {
        text::push_sanitised(&format!("[{}]", view.style.spelling().problem(problem)), out);
    } else if payload.is_empty() {
        out.extend_from_slice(purpose(row, view.style.spelling()).unwrap_or_default().as_bytes());
    } else if !push_application(row, "", out) {
        push_beginning(payload, view, room, out);
    }
}

/// Appends what the application says behind `before`, where layerscope knows its language; whether it does.
pub(super) fn push_application(row: &Row<'_>, before: &str, out: &mut Vec<u8>) -> bool {
    let Some(Application { protocol, line }) = application_as(row.packet, row.seen.and_then(|seen| seen.announced))
    else {
        return false;
    };
    out.extend_from_slice(before.as_bytes());
    out.extend_from_slice(protocol.as_bytes());
    out.push(b' ');
    text::push_sanitised(&line, out);
    true
}

/// Appends the payload's beginning in quotes.
fn push_beginning(payload: &[u8], view: &View<'_>, room: usize, out: &mut Vec<u8>) {
    let start = out.len();
    // A byte takes a column or more, but for those of longer characters.
    for most in [room.saturating_add(SLACK).saturating_mul(2), BEGINNING] {
        let is_part = most < BEGINNING.min(payload.len());
        out.truncate(start);
        out.push(b'"');
        let beginning = payload.get(..most.min(BEGINNING)).unwrap_or(payload);
        view.read_text.push_harmless(beginning, out);
        if !is_part || text::is_surely_wider(&out[start..], room.saturating_add(SLACK)) {
            break;
        }
    }
    out.push(b'"');
}

/// What a message of the protocols around IP is for: `who has 10.0.0.2? tell 10.0.0.1`, `Echo request`.
pub(super) fn purpose(row: &Row<'_>, spelling: Spelling) -> Option<String> {
    let protocol = innermost(row.packet)?;
    let kind = match protocol {
        Protocol::Arp => "arp.opcode",
        Protocol::Icmp => "icmp.type",
        Protocol::Icmpv6 => "icmpv6.type",
        Protocol::Igmp => "igmp.type",
        _ => return None,
    };
    let dissection = dissect(&row.frame);
    let layer = dissection.layers.iter().rfind(|layer| layer.protocol == protocol && !layer.quoted)?;
    let field = |key: &str| layer.fields.iter().find(|field| field.key == key);
    let value = |key| field(key).map(|field| raw_value(field, row.frame.bytes));
    let meaning = |key| field(key).and_then(|field| field.meaning.as_deref());
    let words = match (kind, field(kind)?.value.clone()) {
        ("arp.opcode", Value::Decimal(1)) => {
            spelling.asks(Asks::WhoHas(&value("arp.dst.proto_ipv4")?, &value("arp.src.proto_ipv4")?))
        }
        ("arp.opcode", Value::Decimal(2)) => {
            spelling.asks(Asks::IsAt(&value("arp.src.proto_ipv4")?, &value("arp.src.hw_mac")?))
        }
        _ => match (meaning(kind), meaning(&kind.replace("type", "code"))) {
            (Some(kind), Some(code)) => format!("{kind}: {code}"),
            (Some(kind), None) => kind.to_owned(),
            (None, _) => spelling.asks(Asks::Type(&value(kind)?)),
        },
    };
    Some(text::sanitise(&words))
}
