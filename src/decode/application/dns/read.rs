//! Finds the messages of a payload: one a datagram, by TCP any number, each behind its length.

use super::header::Dialect;
use super::message::Dns;
use crate::decode::application::message::{Message, Reading, Wanted};
use crate::decode::spec::Spec;
use crate::model::Transport;

pub(in crate::decode::application) fn read(message: &Message<'_>) -> Option<Reading> {
    let dialect = Dialect::by_port(message);
    match message.transport {
        Transport::Udp => datagram(message, dialect),
        Transport::Tcp => segment(message, dialect?),
    }
}

/// One message. Where no port says what it is, it has to ask one question that makes sense.
fn datagram(message: &Message<'_>, dialect: Option<Dialect>) -> Option<Reading> {
    let by_port = dialect.is_some();
    let dns = Dns::of(message.payload, message.start, dialect.unwrap_or(Dialect::Dns));
    if !dns.is_plausible(message.wire_len)? || !(by_port || dns.asks_one_question()) {
        return None;
    }
    let line = if message.wanted == Wanted::Name { String::new() } else { dns.line() };
    let fields = if message.wanted == Wanted::Fields { dns.fields() } else { Vec::new() };
    Some(dns.dialect.reading(line, fields))
}

/// The messages of a TCP segment, each behind its length (RFC 1035 §4.2.2). The port is not enough: most segments of a
/// long answer begin in its middle.
fn segment(message: &Message<'_>, dialect: Dialect) -> Option<Reading> {
    let (mut line, mut fields, mut more) = (String::new(), Vec::new(), 0);
    let mut rest = message.payload;
    while let Some((prefixed, after)) = split(rest) {
        let (start, bytes) = (message.at(rest), &prefixed[2..]);
        let dns = Dns::of(bytes, start.saturating_add(2), dialect);
        let is_first = start == message.start;
        let stated = LENGTH.read(prefixed)? as usize;
        if !dns.is_plausible(stated).unwrap_or(false) || is_first && !dns.asks_one_question() {
            break;
        }
        match message.wanted {
            Wanted::Name => return Some(dialect.reading(line, fields)),
            Wanted::Line if is_first => line = dns.line(),
            Wanted::Line => more = u32::saturating_add(more, 1),
            Wanted::Fields => {
                fields.extend(LENGTH.field(prefixed, start));
                fields.extend(dns.fields());
            }
        }
        rest = after;
    }
    if rest.len() == message.payload.len() {
        return None;
    }
    if more > 0 {
        line.push_str(&format!(" and {more} more message{}", if more == 1 { "" } else { "s" }));
    }
    Some(dialect.reading(line, fields))
}

/// The first message with its length, as far as it is there, and what follows it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let len = (LENGTH.read(bytes)? as usize).saturating_add(2);
    (bytes.len() > 2).then(|| bytes.split_at(len.min(bytes.len())))
}

const LENGTH: Spec = Spec::bytes("dns.length", "Length", 0, 2);
