//! HTTP/1 (RFC 9112): the request or status line and the headers people ask about.
//!
//! What a server or a browser would refuse is no less what was sent: a line that is no header hides none of the others.

use std::borrow::Cow;

use super::message::{Message, Reading, Wanted};
use crate::model::{Field, Transport, Value};

/// Longer than any method's name (IANA "HTTP Method Registry").
const LONGEST_METHOD: usize = 32;

const VERSION_LEN: usize = "HTTP/1.1".len();

pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    let (line, mut fields) = match message.payload {
        [b'H', b'T', b'T', b'P', b'/', ..] => response(message)?,
        [first, ..] if first.is_ascii_uppercase() => request(message)?,
        _ => return None,
    };
    if message.wanted == Wanted::Fields {
        header_fields(message, &mut fields);
    }
    // Over UDP it is the Simple Service Discovery Protocol, in the same words.
    let (protocol, key) = if message.transport == Transport::Tcp { ("HTTP", "http") } else { ("SSDP", "ssdp") };
    Some(Reading { protocol, key, line, fields })
}

/// A method, mostly a target, and the version.
fn request(message: &Message<'_>) -> Option<(String, Vec<Field>)> {
    let method_len = message.payload.iter().take(LONGEST_METHOD).position(|byte| *byte == b' ')?;
    let is_method = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    let (method, _) = message.payload.split_at(method_len);
    let line = method.iter().all(is_method).then(|| first_line(message.payload))??;
    let (before, version) = line.split_at_checked(line.len().checked_sub(VERSION_LEN)?)?;
    if !is_version(version) || !before.ends_with(b" ") {
        return None;
    }
    let target = before.get(method_len..)?.trim_ascii();
    // No white space is allowed in a target (§3.2): with some in it, all behind the first is the version's word.
    let (target, version) = match target.iter().position(u8::is_ascii_whitespace) {
        Some(end) => (target.get(..end)?, line.get(method_len..)?.trim_ascii().get(end..)?.trim_ascii()),
        None => (target, version),
    };
    let mut words = String::with_capacity(line.len());
    for word in [method, target, version].into_iter().filter(|word| !word.is_empty()) {
        words.push_str(if words.is_empty() { "" } else { " " });
        words.push_str(&text(word));
    }
    if message.wanted != Wanted::Fields {
        return Some((words, Vec::new()));
    }
    let mut fields = vec![message.text("http.request.method", "Method", method)];
    if !target.is_empty() {
        fields.push(message.text("http.request.uri", "Target", target));
    }
    fields.push(message.text("http.request.version", "Version", version));
    Some((words, fields))
}

/// The version, a status code, and mostly a reason; what stands between them may be more than the one space there should
/// be (RFC 9112 §4 lets a reader take it for one).
fn response(message: &Message<'_>) -> Option<(String, Vec<Field>)> {
    let line = first_line(message.payload)?;
    let (version, rest) = line.split_at_checked(VERSION_LEN)?;
    let (digits, reason) = rest.strip_prefix(b" ")?.trim_ascii_start().split_at_checked(3)?;
    if !is_version(version) || !digits.iter().all(u8::is_ascii_digit) || !matches!(reason, [] | [b' ', ..]) {
        return None;
    }
    let words = text(line.trim_ascii_end()).into_owned();
    if message.wanted != Wanted::Fields {
        return Some((words, Vec::new()));
    }
    let code = super::text::number(digits);
    let mut fields = vec![
        message.text("http.response.version", "Version", version),
        message.field("http.response.code", "Status code", digits, Value::Decimal(code)),
    ];
    let phrase = reason.trim_ascii();
    if !phrase.is_empty() {
        fields.push(message.text("http.response.phrase", "Reason phrase", phrase));
    }
    Some((words, fields))
}

/// The bytes as text: that of most lines can be had at once.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

const fn is_version(bytes: &[u8]) -> bool {
    matches!(bytes, [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'..=b'9'])
}

/// The first line, without control characters, which neither line of HTTP has.
fn first_line(payload: &[u8]) -> Option<&[u8]> {
    let line = payload.split(|byte| *byte == b'\n').next()?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    (!line.iter().any(u8::is_ascii_control)).then_some(line)
}

/// The headers people ask about, up to the empty line; what is no header is passed over, a line that is cut too.
fn header_fields(message: &Message<'_>, fields: &mut Vec<Field>) {
    let lines = message.payload.split_inclusive(|byte| *byte == b'\n').skip(1);
    for line in lines.take_while(|line| line.ends_with(b"\n")) {
        if matches!(line, b"\n" | b"\r\n") {
            return;
        }
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        let (name, value) = (name.trim_ascii_end(), value.trim_ascii());
        if let Some((key, label)) = known(name) {
            fields.push(message.text(key, label, value));
        }
    }
}

/// Wireshark's key for a header, and what it is called here.
fn known(name: &[u8]) -> Option<(&'static str, &'static str)> {
    Some(match name.to_ascii_lowercase().as_slice() {
        b"host" => ("http.host", "Host"),
        b"user-agent" => ("http.user_agent", "User agent"),
        b"server" => ("http.server", "Server"),
        b"connection" => ("http.connection", "Connection"),
        b"content-type" => ("http.content_type", "Content type"),
        b"content-length" => ("http.content_length_header", "Content length"),
        b"transfer-encoding" => ("http.transfer_encoding", "Transfer encoding"),
        b"location" => ("http.location", "Location"),
        b"referer" => ("http.referer", "Referer"),
        _ => return None,
    })
}
