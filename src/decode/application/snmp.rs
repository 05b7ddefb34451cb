//! SNMP, versions 1 and 2c (RFC 1157, RFC 3416) and the outside of version 3 (RFC 3412): the envelope and the request.

use super::message::{Message, Reading};
use crate::model::{Field, Transport, Value};

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    if message.transport != Transport::Udp || message.payload.first() != Some(&SEQUENCE) {
        return None;
    }
    let (mut rest, _) = value(message.payload, SEQUENCE)?;
    let version = next(&mut rest, INTEGER)?;
    let mut fields = vec![message.field("snmp.version", "Version", version, Value::Decimal(number(version)?))];
    let line = match number(version)? {
        0 => format!("v1 {}", community(message, rest, &mut fields)?),
        1 => format!("v2c {}", community(message, rest, &mut fields)?),
        3 if rest.first() == Some(&SEQUENCE) => "v3".to_owned(),
        _ => return None,
    };
    Some(Reading { protocol: "SNMP", key: "snmp", line, fields })
}

/// The community's name, the request's kind and the first object asked for.
fn community(message: &Message<'_>, mut rest: &[u8], fields: &mut Vec<Field>) -> Option<String> {
    let community = next(&mut rest, OCTET_STRING)?;
    fields.push(message.text("snmp.community", "Community", community));
    let tag = *rest.first()?;
    let kind = kind_name(tag)?;
    let number = Value::Decimal((tag & 0x1f).into());
    fields.push(message.field("snmp.data", "Request", &rest[..1], number).meaning(kind));
    let mut line = format!("{kind} {}", String::from_utf8_lossy(community));
    if let Some(object) = first_object(rest, tag) {
        fields.push(message.field("snmp.name", "Object", object, Value::Text(dotted(object))));
        line.push(' ');
        line.push_str(&dotted(object));
    }
    Some(line)
}

/// The first variable's name, behind the request id and two more integers; version 1 traps are built otherwise.
fn first_object(request: &[u8], tag: u8) -> Option<&[u8]> {
    let (mut body, _) = value(request, tag)?;
    for _ in 0..3 {
        next(&mut body, INTEGER)?;
    }
    let (list, _) = value(body, SEQUENCE)?;
    let (variable, _) = value(list, SEQUENCE)?;
    value(variable, OBJECT_ID).map(|(object, _)| object)
}

/// The content of a BER value with the tag `tag` (X.690 §8.1), and what follows it. A value that is cut gives what
/// there is of it.
fn value(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [found, first, rest @ ..] = bytes else { return None };
    if *found != tag {
        return None;
    }
    let (len, content) = match *first {
        short @ 0..=0x7f => (usize::from(short), rest),
        long @ 0x81..=0x84 => {
            let (digits, content) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (digits.iter().fold(0, |len, digit| len << 8 | usize::from(*digit)), content)
        }
        _ => return None,
    };
    Some(content.split_at(len.min(content.len())))
}

/// The content of the value that comes next, which `rest` then lies behind.
fn next<'a>(rest: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let (content, after) = value(rest, tag)?;
    *rest = after;
    Some(content)
}

fn number(bytes: &[u8]) -> Option<u64> {
    (1..=8).contains(&bytes.len()).then(|| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// An object identifier in dotted form (X.690 §8.19).
fn dotted(object: &[u8]) -> String {
    let mut parts: Vec<u64> = Vec::new();
    let mut part = 0_u64;
    for byte in object {
        part = part << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            match parts.is_empty() {
                true => {
                    let first = (part / 40).min(2);
                    parts.extend([first, part.saturating_sub(first.saturating_mul(40))]);
                }
                false => parts.push(part),
            }
            part = 0;
        }
    }
    parts.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

fn kind_name(tag: u8) -> Option<&'static str> {
    Some(match tag {
        0xa0 => "get-request",
        0xa1 => "get-next-request",
        0xa2 => "get-response",
        0xa3 => "set-request",
        0xa4 => "trap",
        0xa5 => "getBulkRequest",
        0xa6 => "informRequest",
        0xa7 => "snmpV2-trap",
        0xa8 => "report",
        _ => return None,
    })
}
