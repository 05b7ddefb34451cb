//! A packet as an object: its headers by the keys of their field tables (`tcp.flags.syn` stands in
//! `{"tcp":{"flags":{"syn":true}}}`), then what the conversation adds to them.
//!
//! Where a protocol occurs more than once, its key holds the innermost header, and the others stand in `outer`, outermost
//! first. The packet that an ICMP error quotes is an object of the same shape inside the error.

use std::io;

use super::header::{HeaderTables, push_rest, push_tcp_options};
use super::members::Members;
use super::problem::ProblemObject;
use super::push::{push_count, push_key, push_moment, push_quoted, push_text, separate};
use super::{SCHEMA, write_value};
use crate::analyse::Seen;
use crate::decode::{Application, Packet, Protocol, Span, application_as};
use crate::render::PacketWriter;
use crate::render::payload::ReadText;
use crate::render::pen::push_number;
use crate::render::process::ProcessesObject;
use crate::render::row::{Names, Row};
use crate::render::style::View;
use crate::render::value::push_hex;

/// Writes packets as NDJSON: an object a line.
pub struct JsonRows<'v> {
    objects: PacketObjects<'v>,
}

impl<'v> JsonRows<'v> {
    /// Lines for the packets of a capture; with `hex` also their bytes.
    #[must_use]
    pub fn new(view: View<'v>, hex: bool) -> Self {
        Self { objects: PacketObjects { read_text: view.read_text, hex, tables: HeaderTables::new() } }
    }
}

impl PacketWriter for JsonRows<'_> {
    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        out.extend_from_slice(b"{\"schema\":");
        push_number(SCHEMA.into(), out);
        self.objects.push_members(row, out)?;
        out.extend_from_slice(b"}\n");
        Ok(())
    }
}

/// How packets are written as objects.
pub(super) struct PacketObjects<'v> {
    read_text: &'v dyn ReadText,
    /// Whether the bytes stand there too.
    hex: bool,
    tables: HeaderTables,
}

impl<'v> PacketObjects<'v> {
    /// Objects without their bytes; `read_text` reads payloads.
    pub(super) fn new(read_text: &'v dyn ReadText) -> Self {
        Self { read_text, hex: false, tables: HeaderTables::new() }
    }

    /// The members of a packet's object, as a part of a document.
    pub(super) fn members(&self, row: &Row<'_>) -> io::Result<Members> {
        let mut text = vec![b'{'];
        self.push_members(row, &mut text)?;
        text.push(b'}');
        Ok(serde_json::from_slice(&text)?)
    }

    /// Appends the members of a packet's object.
    pub(super) fn push_members(&self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        self.push_frame(row, out)?;
        self.push_headers(row, false, out);
        if let Some(Application { protocol, line }) =
            application_as(row.packet, row.seen.and_then(|seen| seen.announced))
        {
            push_key("application", out);
            out.extend_from_slice(b"{\"protocol\":\"");
            out.extend_from_slice(protocol.as_bytes());
            out.extend_from_slice(b"\",\"line\":");
            push_text(&line, out);
            out.push(b'}');
        }
        if let Some(processes) = row.known.processes {
            push_key("process", out);
            write_value(&ProcessesObject::new(processes), out)?;
        }
        if let Some(Names { source, destination }) = row.known.names {
            push_key("names", out);
            out.extend_from_slice(b"{\"src\":");
            push_known(source, out);
            out.extend_from_slice(b",\"dst\":");
            push_known(destination, out);
            out.push(b'}');
        }
        push_key("problem", out);
        write_value(&row.packet.trouble().map(|problem| ProblemObject::from(&*problem)), out)
    }

    fn push_frame(&self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        let frame = &row.frame;
        push_key("frame", out);
        out.extend_from_slice(b"{\"number\":");
        push_number(frame.number, out);
        out.extend_from_slice(b",\"time_epoch\":");
        push_moment(frame.time, out);
        out.extend_from_slice(b",\"time_relative\":");
        write_value(&frame.time.zip(row.origin).map(|(time, origin)| (time - origin) as f64 / 1e9), out)?;
        out.extend_from_slice(b",\"len\":");
        push_number(frame.wire_len.into(), out);
        out.extend_from_slice(b",\"cap_len\":");
        push_number(frame.bytes.len() as u64, out);
        out.extend_from_slice(b",\"interface_id\":");
        push_number(frame.interface.into(), out);
        if let Some(name) = row.known.interface {
            out.extend_from_slice(b",\"interface_name\":");
            push_text(name, out);
        }
        out.extend_from_slice(b",\"layers\":[");
        for span in &row.packet.spans {
            separate(out);
            out.extend_from_slice(b"[\"");
            out.extend_from_slice(span.protocol.key().as_bytes());
            out.extend_from_slice(b"\",");
            push_number(span.start.into(), out);
            out.push(b',');
            push_number(span.end.into(), out);
            out.push(b']');
        }
        out.push(b']');
        if self.hex {
            out.extend_from_slice(b",\"raw\":");
            push_quoted(|out| push_hex(frame.bytes, b"", out), out);
        }
        out.push(b'}');
        Ok(())
    }

    /// Appends the headers of the packet, or of the one it quotes, and what the last of them carries.
    fn push_headers(&self, row: &Row<'_>, quoted: bool, out: &mut Vec<u8>) {
        let spans = &row.packet.spans;
        let headers = || spans.iter().filter(|span| span.quoted == quoted && !span.protocol.fields().is_empty());
        let key = |span: &Span| span.protocol.key();
        let is_innermost = |span: &Span| headers().rfind(|other| key(other) == key(span)) == Some(span);
        let mut has_outer = false;
        for span in headers() {
            if is_innermost(span) {
                push_key(key(span), out);
                self.push_header(row, span, out);
            } else {
                has_outer = true;
            }
        }
        if has_outer {
            push_key("outer", out);
            out.push(b'[');
            for span in headers().filter(|span| !is_innermost(span)) {
                separate(out);
                out.push(b'{');
                push_key(key(span), out);
                self.push_header(row, span, out);
                out.push(b'}');
            }
            out.push(b']');
        }
        self.push_data(row.packet, quoted, out);
    }

    /// Appends a header by its field table, and what else there is to say of it.
    fn push_header(&self, row: &Row<'_>, span: &Span, out: &mut Vec<u8>) {
        let (packet, protocol) = (row.packet, span.protocol);
        let header = packet.slice(span);
        out.push(b'{');
        self.tables.push(protocol, header, out);
        match (protocol, row.seen.filter(|_| packet.is_transport(span))) {
            (Protocol::Tcp, seen) => {
                push_tcp_options(header, out);
                if let Some(seen) = seen {
                    push_segment(&seen, out);
                }
            }
            (Protocol::Udp, Some(seen)) => {
                push_key("stream", out);
                push_number(seen.stream.into(), out);
            }
            _ => push_rest(protocol, header, out),
        }
        let quotes = || !span.quoted && packet.spans.iter().any(|span| span.quoted);
        if matches!(protocol, Protocol::Icmp | Protocol::Icmpv6) && quotes() {
            push_key("quoted", out);
            out.push(b'{');
            self.push_headers(row, true, out);
            out.push(b'}');
        }
        out.push(b'}');
    }

    /// Appends what no header takes apart.
    fn push_data(&self, packet: &Packet<'_>, quoted: bool, out: &mut Vec<u8>) {
        let span = packet.spans.iter().find(|span| span.quoted == quoted && span.protocol.key() == "data");
        let bytes = span.map_or(&[][..], |span| packet.slice(span));
        let carried = if quoted { 0 } else { packet.carried_len() };
        // How many bytes on the wire, cut by the capture or not.
        let len = carried.max(bytes.len() as u32);
        if len == 0 {
            return;
        }
        push_key("data", out);
        out.extend_from_slice(b"{\"len\":");
        push_number(len.into(), out);
        out.extend_from_slice(b",\"text\":");
        push_text(&self.read_text.read(bytes), out);
        if self.hex {
            out.extend_from_slice(b",\"data\":");
            push_quoted(|out| push_hex(bytes, b"", out), out);
        }
        out.push(b'}');
    }
}

/// Appends what the conversation knows of a segment.
fn push_segment(seen: &Seen, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"stream\":");
    push_number(seen.stream.into(), out);
    out.extend_from_slice(b",\"seq\":");
    push_count(seen.seq, out);
    out.extend_from_slice(b",\"ack\":");
    push_count(seen.ack, out);
    out.extend_from_slice(b",\"window_size\":");
    push_count(seen.window, out);
    out.extend_from_slice(b",\"window_size_scalefactor\":");
    push_count(seen.window_scale.map(|shift| 1_u32 << shift), out);
    out.extend_from_slice(b",\"analysis\":[");
    for mark in seen.marks.iter() {
        separate(out);
        out.push(b'"');
        out.extend_from_slice(mark.key().as_bytes());
        out.push(b'"');
    }
    out.extend_from_slice(b"],\"len\":");
    push_number(seen.len.into(), out);
}

/// Appends a text from strangers, null where there is none.
fn push_known(text: Option<&str>, out: &mut Vec<u8>) {
    match text {
        Some(text) => push_text(text, out),
        None => out.extend_from_slice(b"null"),
    }
}
