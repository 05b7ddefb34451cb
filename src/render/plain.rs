//! One line a packet, for `grep`, `awk` and eyes: no columns, no colour, nothing held back.
//!
//! This is the fastest way through a large capture, so a row of TCP or UDP is spelled out into one buffer without the
//! formatting machinery and without allocating. What the other packets say is worth a slower look.

use std::io;
use std::net::IpAddr;

use super::PacketWriter;
use super::gist::{purpose, push_application};
use super::pen::{Pen, append};
use super::process::processes_words;
use super::row::{Names, Passage, Row, has_raw_window, innermost, macs, passage};
use super::text;
use super::time::TimeStyle;
use crate::decode::{Flags, Protocol, Tcp};
use crate::model::{Endpoint, LinkType, SeqNumber};
use crate::words::Spelling;

/// Writes rows like `0.000013 127.0.0.1:8888 > 127.0.0.1:36654 TCP SYN,ACK seq 0 ack 1 win 65483 len 0`.
///
/// Where [`Row::seen`] is there, sequence numbers are relative and windows scaled, with a `?` behind one whose
/// scale is unknown, and behind the row stands what the application says; else numbers are as the header has them.
pub struct PlainRows {
    time: TimeStyle,
    /// How each set of the nine flags is spelled.
    flags: Vec<Spelled>,
}

/// The transport and the flags of a segment, and how many bytes of that count.
struct Spelled([u8; 48], usize);

impl PlainRows {
    /// Rows with their times in this style.
    #[must_use]
    pub fn new(time: TimeStyle) -> Self {
        Self { time, flags: (0..1 << 9).map(|bits| Spelled::new(Flags::from_bits(bits))).collect() }
    }
}

impl PlainRows {
    #[inline]
    fn write_time(&self, row: &Row<'_>, pen: &mut Pen<'_>) {
        if !self.time.write(row, pen) {
            pen.text(b"-");
        }
        pen.text(b" ");
    }

    /// Writes hosts by name, where one is known: names may be longer than what is written in one go.
    fn push_named(&self, row: &Row<'_>, names: Names<'_>, out: &mut Vec<u8>) {
        append(out, |pen| self.write_time(row, pen));
        if let Some((_, source, destination)) = row.packet.endpoints() {
            push_end(source, names.source, out);
            out.extend_from_slice(b" > ");
            push_end(destination, names.destination, out);
            append(out, |pen| write_segment(row, &self.flags, pen));
        } else if let Some((source, destination)) = row.packet.ip().and_then(|ip| ip.source().zip(ip.destination())) {
            push_host(source, names.source, out);
            out.extend_from_slice(b" > ");
            push_host(destination, names.destination, out);
            out.push(b' ');
        }
    }
}

fn push_end(endpoint: Endpoint, name: Option<&str>, out: &mut Vec<u8>) {
    match name {
        None => append(out, |pen| pen.endpoint(endpoint)),
        Some(name) => out.extend_from_slice(format!("{}:{}", text::sanitise(name), endpoint.port).as_bytes()),
    }
}

fn push_host(address: IpAddr, name: Option<&str>, out: &mut Vec<u8>) {
    match name {
        None => append(out, |pen| pen.address(address)),
        Some(name) => out.extend_from_slice(text::sanitise(name).as_bytes()),
    }
}

impl Spelled {
    fn new(flags: Flags) -> Self {
        let text = format!(" TCP {flags} seq ");
        let mut spelled = [0; 48];
        spelled[..text.len()].copy_from_slice(text.as_bytes());
        Self(spelled, text.len())
    }
}

impl PacketWriter for PlainRows {
    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        let ends = row.packet.endpoints();
        match row.known.names {
            None => append(out, |pen| {
                self.write_time(row, pen);
                match ends {
                    Some((_, source, destination)) => {
                        pen.endpoint(source);
                        pen.text(b" > ");
                        pen.endpoint(destination);
                        write_segment(row, &self.flags, pen);
                    }
                    None => write_hosts(row, pen),
                }
            }),
            Some(names) => self.push_named(row, names, out),
        }
        if ends.is_none() {
            push_other(row, out);
        }
        if let Some(seen) = row.seen.filter(|seen| !seen.marks.is_empty()) {
            push_remark(&Spelling::default().marks(seen.marks).to_string(), out);
        }
        if let Some(fragment) = row.packet.fragment() {
            push_remark(&Spelling::default().fragment(&fragment).to_string(), out);
        }
        if let Some(problem) = &row.packet.problem {
            push_remark(&Spelling::default().problem(problem).to_string(), out);
        }
        // Of packets captured on all interfaces.
        if row.frame.link == LinkType::LINUX_SLL2 {
            push_passage(row, out);
        }
        let processes = row.known.processes.map(|processes| processes_words(processes, ">", "-"));
        if let Some(words) = processes.filter(|words| !words.is_empty()) {
            push_remark(&words, out);
        }
        // Who follows conversations looks closer.
        if row.seen.is_some() && row.packet.payload_len() > 0 {
            push_application(row, ": ", out);
        }
        out.push(b'\n');
        Ok(())
    }
}

#[inline]
fn write_segment(row: &Row<'_>, spelled: &[Spelled], pen: &mut Pen<'_>) {
    match row.packet.tcp() {
        Some(tcp) => write_tcp(row, tcp, spelled, pen),
        None => pen.text(b" UDP"),
    }
    pen.text(b" len ");
    pen.number(row.packet.payload_len());
}

#[inline]
fn write_tcp(row: &Row<'_>, tcp: Tcp<'_>, spelled: &[Spelled], pen: &mut Pen<'_>) {
    let (flags, seen) = (tcp.flags(), row.seen);
    // The three reserved bits have no names.
    #[expect(clippy::arithmetic_side_effects, reason = "every set of the nine flags is spelled")]
    let Spelled(text, count) = &spelled[usize::from(flags.bits()) % spelled.len()];
    pen.put(*text, *count);
    let SeqNumber(raw) = tcp.seq();
    pen.number(seen.and_then(|seen| seen.seq).unwrap_or(raw));
    if flags.ack() {
        pen.text(b" ack ");
        let SeqNumber(raw) = tcp.ack();
        pen.number(seen.and_then(|seen| seen.ack).unwrap_or(raw));
    }
    pen.text(b" win ");
    pen.number(seen.and_then(|seen| seen.window).unwrap_or(tcp.window().into()));
    if has_raw_window(row) {
        pen.text(b"?");
    }
}

/// A packet that belongs to no conversation: its hosts, as far as it has any, with their ports where those are there.
#[cold]
fn write_hosts(row: &Row<'_>, pen: &mut Pen<'_>) {
    if let Some((_, source, destination)) = row.packet.ends() {
        pen.endpoint(source);
        pen.text(b" > ");
        pen.endpoint(destination);
        pen.text(b" ");
    } else if let Some((source, destination)) = row.packet.ip().and_then(|ip| ip.source().zip(ip.destination())) {
        pen.address(source);
        pen.text(b" > ");
        pen.address(destination);
        pen.text(b" ");
    }
}

/// What a packet without ports is: its network cards where it has no hosts, its protocol, what it is for and its length.
fn push_other(row: &Row<'_>, out: &mut Vec<u8>) {
    let macs = if row.packet.ip().is_none() { macs(row.packet, ">") } else { String::new() };
    let separator = if macs.is_empty() { "" } else { " " };
    let protocol = innermost(row.packet).map_or("nothing", Protocol::name);
    let purpose = purpose(row, Spelling::default()).map(|purpose| format!(" {purpose}")).unwrap_or_default();
    let line = format!("{macs}{separator}{protocol}{purpose} frame {}", row.frame.wire_len);
    out.extend_from_slice(line.as_bytes());
}

fn push_passage(row: &Row<'_>, out: &mut Vec<u8>) {
    match passage(row) {
        Passage::Named(name) => push_remark(&Spelling::default().on(name), out),
        Passage::Indexed(index) => push_remark(&Spelling::default().on(&format!("ifindex {index}")), out),
        Passage::Numbered(_) => {}
    }
}

fn push_remark(words: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b" [");
    out.extend_from_slice(text::sanitise(words).as_bytes());
    out.push(b']');
}
