//! TFTP (RFC 1350).

use std::borrow::Cow;

use super::{Message, Reading};
use crate::decode::Spec;
use crate::decode::spec::named;
use crate::model::{Field, Transport, Value};

const PORT: u16 = 69;
const OPCODE: Spec = Spec::bytes("tftp.opcode", "Opcode", 0, 2).meaning(opcode_name);
const BLOCK: Spec = Spec::bytes("tftp.block", "Block", 2, 2);
const ERROR_CODE: Spec = Spec::bytes("tftp.error.code", "Error code", 2, 2);

/// A request is known by its form; the rest of a transfer, which runs over other ports, is not told apart from anything.
pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    let bytes = message.payload;
    if message.transport != Transport::Udp {
        return None;
    }
    let opcode = OPCODE.read(bytes)?;
    let name = opcode_name(opcode)?;
    let mut fields: Vec<Field> = OPCODE.field(bytes, message.start).into_iter().collect();
    let line = match opcode {
        1 | 2 => request(message, opcode, &mut fields)?,
        _ if !message.ports.contains(&PORT) => return None,
        3 | 4 => {
            fields.extend(BLOCK.field(bytes, message.start));
            format!("block {}", BLOCK.read(bytes)?)
        }
        5 => {
            fields.extend(ERROR_CODE.field(bytes, message.start));
            let (text, _) = string(bytes.get(4..)?)?;
            fields.push(message.text("tftp.error.message", "Error message", text));
            String::from_utf8_lossy(text).into_owned()
        }
        _ => String::new(),
    };
    Some(Reading { protocol: "TFTP", key: "tftp", line: format!("{name} {line}").trim_end().to_owned(), fields })
}

/// A file name, then a transfer mode, each ended by a zero byte.
fn request(message: &Message<'_>, opcode: u64, fields: &mut Vec<Field>) -> Option<String> {
    let (file, rest) = string(message.payload.get(2..)?)?;
    let (mode, _) = string(rest)?;
    let known = [&b"octet"[..], b"netascii", b"mail"].iter().any(|known| mode.eq_ignore_ascii_case(known));
    if !known {
        return None;
    }
    let key = if opcode == 1 { "tftp.source_file" } else { "tftp.destination_file" };
    let terminated = |text: &[u8], label, key| {
        let mut field = message.text(key, label, text);
        field.value = Value::Text(String::from_utf8_lossy(text).into_owned());
        field
    };
    fields.push(terminated(file, "File", key));
    fields.push(terminated(mode, "Mode", "tftp.type"));
    Some(format!("{} {}", String::from_utf8_lossy(file), String::from_utf8_lossy(mode)))
}

/// The bytes before the next zero, and those behind it.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((&bytes[..end], &bytes[end + 1..]))
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
