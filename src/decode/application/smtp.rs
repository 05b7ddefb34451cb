//! SMTP (RFC 5321): commands and replies. The mail itself passes by unread.

use super::message::{Message, Reading};
use super::text::{command, first_line, number, reply};
use crate::model::{Transport, Value};

const PORTS: [u16; 2] = [25, 587];

/// Commands that no other protocol has.
const OWN: [&str; 4] = ["HELO", "EHLO", "MAIL", "RCPT"];
/// Commands that POP3 or FTP may have as well.
const SHARED: [&str; 8] = ["DATA", "RSET", "VRFY", "EXPN", "HELP", "NOOP", "QUIT", "STARTTLS"];

pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    let by_port = message.transport == Transport::Tcp && PORTS.iter().any(|port| message.ports.contains(port));
    let starts =
        |word: &str| message.payload.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word.as_bytes()));
    // Most payloads are told from SMTP by their first bytes, without a search for a line.
    if message.transport != Transport::Tcp || !(by_port || starts("220") || OWN.iter().any(|word| starts(word))) {
        return None;
    }
    let line = first_line(message.payload)?;
    let fields = match reply(line) {
        Some((code, text)) if by_port || (code == b"220" && contains(text, b"SMTP")) => vec![
            message.field("smtp.response.code", "Reply code", code, Value::Decimal(number(code))),
            message.text("smtp.rsp.parameter", "Reply", text),
        ],
        Some(_) => return None,
        None => {
            let (word, argument) = command(line);
            let is = |commands: &[&str]| commands.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()));
            if !(is(&OWN) || by_port && (is(&SHARED) || word.eq_ignore_ascii_case(b"AUTH"))) {
                return None;
            }
            vec![
                message.text("smtp.req.command", "Command", word),
                message.text("smtp.req.parameter", "Argument", argument),
            ]
        }
    };
    Some(Reading { protocol: "SMTP", key: "smtp", line: String::from_utf8_lossy(line).into_owned(), fields })
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}
