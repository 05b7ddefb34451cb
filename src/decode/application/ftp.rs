//! The control connection of FTP (RFC 959).

use super::message::{Message, Reading};
use super::text::{command, first_line, number, reply};
use crate::model::{Transport, Value};

const PORT: u16 = 21;

pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    let by_port = message.by(Transport::Tcp, PORT);
    if message.transport != Transport::Tcp || !(by_port || message.payload.starts_with(b"220")) {
        return None;
    }
    let line = first_line(message.payload)?;
    let fields = match reply(line) {
        Some((code, text)) if by_port || code == b"220" && text.windows(3).any(|word| word == b"FTP") => vec![
            message.field("ftp.response.code", "Reply code", code, Value::Decimal(number(code))),
            message.text("ftp.response.arg", "Reply", text),
        ],
        Some(_) => return None,
        None => {
            let (word, argument) = command(line);
            // Every command is three or four letters (RFC 959 §5.3).
            if !by_port || !(3..=4).contains(&word.len()) || !word.iter().all(u8::is_ascii_alphabetic) {
                return None;
            }
            vec![
                message.text("ftp.request.command", "Command", word),
                message.text("ftp.request.arg", "Argument", argument),
            ]
        }
    };
    Some(Reading { protocol: "FTP", key: "ftp", line: String::from_utf8_lossy(line).into_owned(), fields })
}
