//! DHCP (RFC 2131), and BOOTP (RFC 951) whose format it extends.

use std::borrow::Cow;

use super::message::{Message, Reading};
use crate::decode::spec::{self, Show, Spec, named};
use crate::model::{Field, Transport, Value};

const TYPE: Spec = Spec::bytes("dhcp.type", "Message type", 0, 1).meaning(|number| match number {
    1 => named("request"),
    2 => named("reply"),
    _ => None,
});
const TRANSACTION: Spec = Spec::bytes("dhcp.id", "Transaction id", 4, 4).shown(Show::Hex);
const COOKIE: Spec = Spec::bytes("dhcp.cookie", "Magic cookie", 236, 4).shown(Show::Ipv4);

const FIELDS: &[Spec] = &[
    TYPE,
    Spec::bytes("dhcp.hw.type", "Hardware type", 1, 1),
    Spec::bytes("dhcp.hw.len", "Hardware address length", 2, 1),
    Spec::bytes("dhcp.hops", "Hops", 3, 1),
    TRANSACTION,
    Spec::bytes("dhcp.secs", "Seconds elapsed", 8, 2),
    Spec::bytes("dhcp.flags", "Flags", 10, 2).shown(Show::Hex),
    Spec::bytes("dhcp.ip.client", "Client address", 12, 4).shown(Show::Ipv4),
    Spec::bytes("dhcp.ip.your", "Your (client) address", 16, 4).shown(Show::Ipv4),
    Spec::bytes("dhcp.ip.server", "Next server address", 20, 4).shown(Show::Ipv4),
    Spec::bytes("dhcp.ip.relay", "Relay agent address", 24, 4).shown(Show::Ipv4),
    Spec::bytes("dhcp.hw.mac_addr", "Client hardware address", 28, 6).shown(Show::Mac),
    Spec::bytes("dhcp.hw.addr_padding", "Hardware address padding", 34, 10).shown(Show::Bytes),
    Spec::bytes("dhcp.server", "Server host name", 44, 64).shown(Show::Bytes),
    Spec::bytes("dhcp.file", "Boot file name", 108, 128).shown(Show::Bytes),
];
const COOKIE_NUMBER: u64 = 0x6382_5363;

pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    let bytes = message.payload;
    let by_port = message.by(Transport::Udp, 67) || message.by(Transport::Udp, 68);
    let cookie = COOKIE.read(bytes) == Some(COOKIE_NUMBER);
    if message.transport != Transport::Udp || !matches!(TYPE.read(bytes)?, 1 | 2) || !(cookie || by_port) {
        return None;
    }
    let mut fields = spec::fields(FIELDS, bytes, message.start);
    let mut kind = None;
    if cookie {
        fields.extend(COOKIE.field(bytes, message.start));
        kind = options(message, COOKIE.byte_range().end, &mut fields);
    }
    let id = TRANSACTION.read(bytes)?;
    let (protocol, name) = match kind.and_then(|kind| message_name(kind.into())) {
        Some(name) => ("DHCP", name),
        None => ("BOOTP", if TYPE.read(bytes) == Some(1) { "request" } else { "reply" }.into()),
    };
    Some(Reading { protocol, key: "dhcp", line: format!("{name} transaction 0x{id:08x}"), fields })
}

/// The options from byte `at` (RFC 2132); the DHCP message type among them.
fn options(message: &Message<'_>, mut at: usize, fields: &mut Vec<Field>) -> Option<u8> {
    let mut kind = None;
    while let Some(rest) = message.payload.get(at..).filter(|rest| !rest.is_empty()) {
        let len = match rest {
            [0 | 255, ..] => 1,
            [_, len, ..] if rest.len() >= 2 + usize::from(*len) => 2 + usize::from(*len),
            _ => break,
        };
        let option = &rest[..len];
        if let [53, 1, number] = option {
            kind = Some(*number);
        }
        let group = message.field("dhcp.option", "Option", option, Value::Group);
        fields.push(group.with(option_children(message, option)));
        if option == [255] {
            break;
        }
        at = at.saturating_add(len);
    }
    kind
}

fn option_children(message: &Message<'_>, option: &[u8]) -> Vec<Field> {
    let number = option[0];
    let [_, len, data @ ..] = option else {
        let key = if number == 0 { "dhcp.option.padding" } else { "dhcp.option.end" };
        return vec![message.field(key, "Option", option, Value::Decimal(number.into()))];
    };
    let value = message.field("dhcp.option.value", "Value", data, Value::Bytes);
    vec![
        message.field("dhcp.option.type", "Option", &option[..1], Value::Decimal(number.into())),
        message.field("dhcp.option.length", "Length", &option[1..2], Value::Decimal((*len).into())),
        value.with(meaning_of(message, number, data).into_iter().collect()),
    ]
}

/// The value of the options people ask about, as what it is.
fn meaning_of(message: &Message<'_>, number: u8, data: &[u8]) -> Option<Field> {
    let address = |key, label| {
        let address = <[u8; 4]>::try_from(data).ok()?;
        Some(message.field(key, label, data, Value::Ipv4(address.into())))
    };
    match number {
        1 => address("dhcp.option.subnet_mask", "Subnet mask"),
        12 => Some(message.text("dhcp.option.hostname", "Host name", data.strip_suffix(b"\0").unwrap_or(data))),
        50 => address("dhcp.option.requested_ip_address", "Requested address"),
        53 => {
            let kind = (*data.first()?).into();
            let mut field = message.field("dhcp.option.dhcp", "DHCP message type", &data[..1], Value::Decimal(kind));
            field.meaning = message_name(kind);
            Some(field)
        }
        54 => address("dhcp.option.dhcp_server_id", "Server identifier"),
        _ => None,
    }
}

fn message_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        1 => "Discover",
        2 => "Offer",
        3 => "Request",
        4 => "Decline",
        5 => "ACK",
        6 => "NAK",
        7 => "Release",
        8 => "Inform",
        _ => return None,
    })
}
