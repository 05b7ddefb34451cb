//! TFTP (RFC 1350), and its options (RFC 2347).

use std::borrow::Cow;

use super::message::{Announced, Message, Reading};
use crate::decode::packet::Packet;
use crate::decode::spec::{Spec, named};
use crate::model::{Field, Transport, Value};

const PORT: u16 = 69;
const OPCODE: Spec = Spec::bytes("tftp.opcode", "Opcode", 0, 2).meaning(opcode_name);
const BLOCK: Spec = Spec::bytes("tftp.block", "Block", 2, 2);
const ERROR_CODE: Spec = Spec::bytes("tftp.error.code", "Error code", 2, 2);

/// A request is known by its form. The server answers from a port of its own choice, so that the rest of a transfer is
/// told from anything else only by the request that was seen before it.
pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    let bytes = message.payload;
    if message.transport != Transport::Udp {
        return None;
    }
    let is_known = message.ports.contains(&PORT) || message.announced == Some(Announced::Tftp);
    let opcode = OPCODE.read(bytes)?;
    let name = opcode_name(opcode)?;
    let mut fields: Vec<Field> = OPCODE.field(bytes, message.start).into_iter().collect();
    let line = match opcode {
        1 | 2 => request(message, opcode, &mut fields)?,
        _ if !is_known => return None,
        3 | 4 => block(message, opcode, &mut fields)?,
        5 => {
            fields.extend(ERROR_CODE.field(bytes, message.start));
            let (text, _) = string(bytes.get(4..)?)?;
            fields.push(message.text("tftp.error.message", "Error message", text));
            String::from_utf8_lossy(text).into_owned()
        }
        _ => {
            options(message, bytes.get(2..)?, &mut fields);
            String::new()
        }
    };
    Some(Reading { protocol: "TFTP", key: "tftp", line: format!("{name} {line}").trim_end().to_owned(), fields })
}

/// Whether a packet asks a server for a file, or to take one: what follows between the two hosts, from the client's port,
/// is the transfer.
pub(super) fn is_request(packet: &Packet<'_>) -> bool {
    let to_server = packet.endpoints().is_some_and(|(transport, _, to)| transport == Transport::Udp && to.port == PORT);
    to_server && matches!(packet.payload(), [0, 1 | 2, file @ ..] if mode(file).is_some())
}

/// A block of data, or the number of the one that came.
fn block(message: &Message<'_>, opcode: u64, fields: &mut Vec<Field>) -> Option<String> {
    let bytes = message.payload;
    let number = BLOCK.read(bytes)?;
    fields.extend(BLOCK.field(bytes, message.start));
    match bytes.get(4..) {
        Some(data) if opcode == 3 && !data.is_empty() => {
            fields.push(message.field("tftp.data", "Data", data, Value::Bytes));
        }
        // An acknowledgment has nothing behind the number.
        Some(data) if opcode == 4 && !data.is_empty() => return None,
        _ => {}
    }
    Some(format!("block {number}"))
}

/// A file name, then a transfer mode, each ended by a zero byte.
fn request(message: &Message<'_>, opcode: u64, fields: &mut Vec<Field>) -> Option<String> {
    let (file, _) = string(message.payload.get(2..)?)?;
    let (mode, rest) = mode(message.payload.get(2..)?)?;
    let key = if opcode == 1 { "tftp.source_file" } else { "tftp.destination_file" };
    fields.push(message.text(key, "File", file));
    fields.push(message.text("tftp.type", "Mode", mode));
    options(message, rest, fields);
    Some(format!("{} {}", String::from_utf8_lossy(file), String::from_utf8_lossy(mode)))
}

/// The transfer mode behind a file name, and what follows it; `None` for one that nobody speaks.
fn mode(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_, rest) = string(bytes)?;
    let known =
        |mode: &[u8]| [&b"octet"[..], b"netascii", b"mail"].iter().any(|known| mode.eq_ignore_ascii_case(known));
    string(rest).filter(|(mode, _)| known(mode))
}

/// Options, each a name and a value.
fn options(message: &Message<'_>, mut rest: &[u8], fields: &mut Vec<Field>) {
    while let Some((name, after)) = string(rest) {
        let Some((value, after)) = string(after) else { return };
        fields.push(message.text("tftp.option.name", "Option", name));
        fields.push(message.text("tftp.option.value", "Value", value));
        rest = after;
    }
}

/// The bytes before the next zero, and those behind it.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let (string, after) = bytes.split_at_checked(end)?;
    Some((string, after.get(1..)?))
}

fn opcode_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        1 => "Read Request",
        2 => "Write Request",
        3 => "Data",
        4 => "Acknowledgement",
        5 => "Error",
        6 => "Option Acknowledgement",
        _ => return None,
    })
}
