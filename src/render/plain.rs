//! One line a packet, for `grep`, `awk` and eyes: no columns, no colour, nothing held back.
//!
//! This is the fastest way through a large capture, so a row of TCP or UDP is spelled out into one buffer without the
//! formatting machinery and without allocating. What the other packets say is worth a slower look.

use std::io::{self, Write};

use super::PacketWriter;
use super::columns::{Row, has_raw_window, innermost, macs};
use super::digits::{push_address, push_endpoint, push_number};
use super::summary::purpose;
use super::text;
use super::time::TimeStyle;
use crate::decode::{Flags, Protocol, Tcp};
use crate::model::{Endpoint, SeqNumber};

/// Writes rows like `0.000013 127.0.0.1:8888 > 127.0.0.1:36654 TCP SYN,ACK seq 0 ack 1 win 65483 len 0`.
///
/// Where [`Row::seen`] is there, sequence numbers are relative and windows scaled, with a `?` behind one whose
/// scale is unknown; else both are as the header has them.
#[derive(Debug)]
pub struct PlainRows {
    time: TimeStyle,
    /// How each set of the nine flags is spelled.
    flags: Vec<String>,
    line: Vec<u8>,
}

impl PlainRows {
    /// Rows with their times in this style.
    #[must_use]
    pub fn new(time: TimeStyle) -> Self {
        let flags = (0..1 << 9).map(|bits| format!(" TCP {} seq ", Flags::from_bits(bits))).collect();
        Self { time, flags, line: Vec::with_capacity(256) }
    }
}

impl PacketWriter for PlainRows {
    fn write(&mut self, row: &Row<'_>, out: &mut dyn Write) -> io::Result<()> {
        let line = &mut self.line;
        line.clear();
        if !self.time.push(row, line) {
            line.push(b'-');
        }
        line.push(b' ');
        match row.packet.endpoints() {
            Some((_, source, destination)) => push_segment(line, row, (source, destination), &self.flags),
            None => push_other(line, row),
        }
        if let Some(seen) = row.seen.filter(|seen| !seen.marks.is_empty()) {
            push_remark(line, &seen.marks.to_string());
        }
        if let Some(fragment) = row.packet.fragment() {
            push_remark(line, &fragment.to_string());
        }
        if let Some(problem) = &row.packet.problem {
            push_remark(line, &problem.to_string());
        }
        line.push(b'\n');
        out.write_all(line)
    }
}

fn push_segment(line: &mut Vec<u8>, row: &Row<'_>, (source, destination): (Endpoint, Endpoint), spelled: &[String]) {
    push_endpoint(line, source);
    line.extend_from_slice(b" > ");
    push_endpoint(line, destination);
    match row.packet.tcp() {
        Some(tcp) => push_tcp(line, row, tcp, spelled),
        None => line.extend_from_slice(b" UDP"),
    }
    line.extend_from_slice(b" len ");
    push_number(line, row.packet.payload_len());
}

fn push_tcp(line: &mut Vec<u8>, row: &Row<'_>, tcp: Tcp<'_>, spelled: &[String]) {
    let (flags, seen) = (tcp.flags(), row.seen);
    // The three reserved bits have no names.
    let spelled = spelled.get(usize::from(flags.bits() & 0x1ff)).map_or(" TCP ", String::as_str);
    line.extend_from_slice(spelled.as_bytes());
    let SeqNumber(raw) = tcp.seq();
    push_number(line, seen.and_then(|seen| seen.seq).unwrap_or(raw));
    if flags.ack() {
        line.extend_from_slice(b" ack ");
        let SeqNumber(raw) = tcp.ack();
        push_number(line, seen.and_then(|seen| seen.ack).unwrap_or(raw));
    }
    line.extend_from_slice(b" win ");
    push_number(line, seen.and_then(|seen| seen.window).unwrap_or(tcp.window().into()));
    if has_raw_window(row) {
        line.push(b'?');
    }
}

/// A packet without ports: its hosts (or network cards), its protocol, what it is for and its length.
fn push_other(line: &mut Vec<u8>, row: &Row<'_>) {
    match row.packet.ip().and_then(|ip| ip.source().zip(ip.destination())) {
        Some((source, destination)) => {
            push_address(line, source);
            line.extend_from_slice(b" > ");
            push_address(line, destination);
            line.push(b' ');
        }
        None => {
            let macs = macs(&row.packet, ">");
            if !macs.is_empty() {
                line.extend_from_slice(macs.as_bytes());
                line.push(b' ');
            }
        }
    }
    line.extend_from_slice(innermost(&row.packet).map_or("nothing", Protocol::name).as_bytes());
    if let Some(purpose) = purpose(row) {
        line.push(b' ');
        line.extend_from_slice(purpose.as_bytes());
    }
    line.extend_from_slice(b" frame ");
    push_number(line, row.frame.wire_len);
}

fn push_remark(line: &mut Vec<u8>, words: &str) {
    line.extend_from_slice(b" [");
    line.extend_from_slice(text::sanitise(words).as_bytes());
    line.push(b']');
}
