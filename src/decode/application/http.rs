//! HTTP/1 (RFC 9112): the request or status line and the headers people ask about.

use httparse::{EMPTY_HEADER, Header, Request, Response};

use super::{Message, Reading};
use crate::model::{Field, Transport, Value};

/// More headers than real messages have; those behind are not looked at.
const MAX_HEADERS: usize = 64;

pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    let (line, fields) = match message.payload {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', ..] => response(message)?,
        [first, ..] if first.is_ascii_uppercase() => request(message)?,
        _ => return None,
    };
    // Over UDP it is the Simple Service Discovery Protocol, in the same words.
    let (protocol, key) = if message.transport == Transport::Tcp { ("HTTP", "http") } else { ("SSDP", "ssdp") };
    Some(Reading { protocol, key, line, fields })
}

fn request(message: &Message<'_>) -> Option<(String, Vec<Field>)> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut request = Request::new(&mut headers);
    // An error behind the first line (too many headers, a cut one) leaves the first line read.
    let _ = request.parse(message.payload);
    let (method, path, version) = (request.method?, request.path?, request.version?);
    let mut fields = vec![
        message.text("http.request.method", "Method", method.as_bytes()),
        message.text("http.request.uri", "Target", path.as_bytes()),
    ];
    fields.extend(header_fields(message, request.headers));
    Some((format!("{method} {path} HTTP/1.{version}"), fields))
}

fn response(message: &Message<'_>) -> Option<(String, Vec<Field>)> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut response = Response::new(&mut headers);
    let _ = response.parse(message.payload);
    let (version, code) = (response.version?, response.code?);
    let digits = message.payload.get(9..12)?;
    let mut fields = vec![message.field("http.response.code", "Status code", digits, Value::Decimal(code.into()))];
    let phrase = response.reason.unwrap_or_default();
    if !phrase.is_empty() {
        fields.push(message.text("http.response.phrase", "Reason phrase", phrase.as_bytes()));
    }
    fields.extend(header_fields(message, response.headers));
    Some((format!("HTTP/1.{version} {code} {phrase}").trim_end().to_owned(), fields))
}

fn header_fields(message: &Message<'_>, headers: &[Header<'_>]) -> Vec<Field> {
    let known = |header: &Header<'_>| {
        Some(match header.name.to_ascii_lowercase().as_str() {
            "host" => ("http.host", "Host"),
            "user-agent" => ("http.user_agent", "User agent"),
            "server" => ("http.server", "Server"),
            "content-type" => ("http.content_type", "Content type"),
            "location" => ("http.location", "Location"),
            _ => return None,
        })
    };
    let field = |header: &Header<'_>| known(header).map(|(key, label)| message.text(key, label, header.value));
    headers.iter().filter_map(field).collect()
}
