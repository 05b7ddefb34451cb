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

/// Appends what the packet holds, and which part of a packet it is where it is one; safe to print.
pub(super) fn push_says(row: &Row<'_>, view: &View<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    if let Some(fragment) = row.packet.fragment() {
        out.extend_from_slice(format!("{}: ", view.style.spelling().fragment(&fragment)).as_bytes());
    }
    let behind = out.len();
    push_content(row, view, out);
    if out.len() == behind {
        out.truncate(behind.saturating_sub(": ".len()).max(start));
    }
}

/// What stopped decoding, else what the application says, else the payload's beginning, else what a packet without ports is for.
fn push_content(row: &Row<'_>, view: &View<'_>, out: &mut Vec<u8>) {
    let payload = row.packet.payload();
    if let Some(problem) = &row.packet.problem {
        text::push_sanitised(&format!("[{}]", view.style.spelling().problem(problem)), out);
    } else if payload.is_empty() {
        out.extend_from_slice(purpose(row, view.style.spelling()).unwrap_or_default().as_bytes());
    } else if let Some(Application { protocol, line }) =
        application_as(row.packet, row.seen.and_then(|seen| seen.announced))
    {
        text::push_sanitised(protocol, out);
        out.push(b' ');
        text::push_sanitised(&line, out);
    } else {
        out.push(b'"');
        text::push_sanitised(&(view.read_text)(payload.get(..BEGINNING).unwrap_or(payload)), out);
        out.push(b'"');
    }
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
