//! Telnet (RFC 854): the commands, and the text between them.

use super::message::{Message, Reading};
use crate::model::{Transport, Value};

const PORT: u16 = 23;
/// "Interpret as command": what follows is not text.
const IAC: u8 = 255;
const SUBNEGOTIATION: u8 = 250;
const SUBNEGOTIATION_END: u8 = 240;
/// More commands than one line usefully shows.
const MAX_COMMANDS: usize = 12;

pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    // Two commands in a row about options that exist are hardly anything else.
    let negotiates = message.transport == Transport::Tcp
        && matches!(message.payload, [IAC, 251..=254, 0..=49, IAC, 250..=254, 0..=49, ..]);
    if message.payload.is_empty() || !(negotiates || message.by(Transport::Tcp, PORT)) {
        return None;
    }
    let (mut words, mut fields, mut rest) = (Vec::new(), Vec::new(), message.payload);
    while !rest.is_empty() && words.len() < MAX_COMMANDS {
        let (part, after) = rest.split_at(part_len(rest));
        // Twice it is the byte 255 itself.
        if part[0] == IAC && part.get(1) != Some(&IAC) {
            words.push(describe(part));
            if let [_, command, ..] = part {
                fields.push(message.field("telnet.cmd", "Command", &part[1..2], Value::Decimal((*command).into())));
            }
        } else {
            words.push(format!("{:?}", String::from_utf8_lossy(part)));
            fields.push(message.text("telnet.data", "Data", part));
        }
        rest = after;
    }
    Some(Reading { protocol: "Telnet", key: "telnet", line: words.join(", "), fields })
}

/// How many of the bytes are one command, or text up to the next command.
fn part_len(bytes: &[u8]) -> usize {
    let whole = match bytes {
        [IAC, SUBNEGOTIATION, ..] => {
            let end = bytes.windows(2).position(|pair| pair == [IAC, SUBNEGOTIATION_END]);
            end.map_or(bytes.len(), |end| end.saturating_add(2))
        }
        [IAC, 251..=254, ..] => 3,
        [IAC, ..] => 2,
        _ => bytes.iter().position(|byte| *byte == IAC).unwrap_or(bytes.len()),
    };
    whole.min(bytes.len())
}

fn describe(command: &[u8]) -> String {
    let verb = match command.get(1) {
        Some(240) => "Subnegotiation End",
        Some(241) => "No Operation",
        Some(242) => "Data Mark",
        Some(243) => "Break",
        Some(244) => "Interrupt Process",
        Some(245) => "Abort Output",
        Some(246) => "Are You There",
        Some(249) => "Go Ahead",
        Some(250) => "Subnegotiate",
        Some(251) => "Will",
        Some(252) => "Won't",
        Some(253) => "Do",
        Some(254) => "Don't",
        _ => "Command",
    };
    match command.get(2) {
        Some(option) => format!("{verb} {}", option_name(*option)),
        None => verb.to_owned(),
    }
}

/// The name of an option (IANA "Telnet Options").
fn option_name(option: u8) -> String {
    let name = match option {
        0 => "Binary",
        1 => "Echo",
        3 => "Suppress Go Ahead",
        5 => "Status",
        24 => "Terminal Type",
        31 => "Window Size",
        32 => "Terminal Speed",
        33 => "Remote Flow Control",
        34 => "Linemode",
        35 => "X Display Location",
        36 => "Environment",
        37 => "Authentication",
        38 => "Encryption",
        39 => "New Environment",
        _ => return format!("option {option}"),
    };
    name.to_owned()
}
