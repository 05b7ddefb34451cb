//! What stands in the columns of packets where it has to be put together, written behind each other into one buffer: a table
//! or a CSV of a million packets has ten times as many cells.

use std::fmt::Display;
use std::io::Write as _;
use std::net::IpAddr;
use std::ops::Range;

use super::pen::{push_address, push_number};
use super::process::{process_words, processes_words};
use super::protocols::protocols;
use super::row::{Names, Passage, Row, has_raw_window, innermost, macs, names, passage};
use super::style::View;
use super::text;
use crate::decode::{Application, Checksum, Packet, Protocol, application_as, checksum, dissect_as};
use crate::model::{Layer, Process, SeqNumber, Transport};

fn word(word: &str, cell: &mut Vec<u8>) {
    cell.extend_from_slice(word.as_bytes());
}

fn number(number: Option<impl Into<u64>>, cell: &mut Vec<u8>) {
    if let Some(number) = number {
        push_number(number.into(), cell);
    }
}

fn address(address: Option<IpAddr>, cell: &mut Vec<u8>) {
    if let Some(address) = address {
        push_address(address, cell);
    }
}

fn name(name: Option<&str>, cell: &mut Vec<u8>) {
    text::push_sanitised(name.unwrap_or_default(), cell);
}

pub(super) fn interface(row: &Row<'_>, _: &View<'_>, cell: &mut Vec<u8>) {
    match passage(row) {
        Passage::Named(called) => name(Some(called), cell),
        Passage::Indexed(index) => said(Some(format_args!("ifindex {index}")), cell),
        Passage::Numbered(count) => number(Some(count), cell),
    }
}

fn process(process: Option<&Process>, cell: &mut Vec<u8>) {
    word(&process.map(process_words).unwrap_or_default(), cell);
}

/// Appends what the formatting machinery makes of a value.
fn said(value: Option<impl Display>, cell: &mut Vec<u8>) {
    if let Some(value) = value {
        // Memory takes everything.
        let _ = write!(cell, "{value}");
    }
}

/// Where the bytes of a layer lie.
pub(super) fn span_of(layer: Layer, row: &Row<'_>, cell: &mut Vec<u8>) {
    if let Some(Range { start, end }) = row.packet.layer(layer) {
        push_number(start as u64, cell);
        word("..", cell);
        push_number(end as u64, cell);
    }
}

pub(super) fn seq(packet: &Packet<'_>) -> Option<SeqNumber> {
    packet.tcp().map(|tcp| tcp.seq())
}

pub(super) fn ack(packet: &Packet<'_>) -> Option<SeqNumber> {
    packet.tcp().filter(|tcp| tcp.flags().ack()).map(|tcp| tcp.ack())
}

/// The relative number, and the absolute one beside it where the view asks.
pub(super) fn both(relative: Option<u32>, raw: Option<SeqNumber>, view: &View<'_>, cell: &mut Vec<u8>) {
    number(relative, cell);
    if let Some(SeqNumber(raw)) = raw.filter(|_| view.absolute) {
        word(" (", cell);
        number(Some(raw), cell);
        word(")", cell);
    }
}

/// The VLAN ids, the outermost first.
pub(super) fn vlans(row: &Row<'_>, _: &View<'_>, cell: &mut Vec<u8>) {
    let start = cell.len();
    for span in row.packet.spans.iter().filter(|span| !span.quoted) {
        let spec = span.protocol.field("vlan.id").or_else(|| span.protocol.field("ieee8021ad.id"));
        if let Some(id) = spec.and_then(|spec| spec.read(row.packet.slice(span))) {
            word(if cell.len() > start { "," } else { "" }, cell);
            number(Some(id), cell);
        }
    }
}

/// From which network card to which.
pub(super) fn macs_of(row: &Row<'_>, view: &View<'_>, cell: &mut Vec<u8>) {
    word(&macs(row.packet, view.style.to()), cell);
}

/// The hosts, by name where one is known, behind the name of what the Internet layer says where that is more than IP.
pub(super) fn addresses(row: &Row<'_>, view: &View<'_>, cell: &mut Vec<u8>) {
    let (packet, to) = (row.packet, view.style.to());
    let protocol = innermost(packet)
        .filter(|protocol| protocol.layer() != Layer::Transport && !matches!(protocol, Protocol::Ipv4 | Protocol::Ipv6))
        .map_or("", Protocol::name);
    word(protocol, cell);
    let Some((source, destination)) = packet.ip().and_then(|ip| ip.source().zip(ip.destination())) else { return };
    let host = |address_of: IpAddr, called: Option<&str>, cell: &mut Vec<u8>| match called {
        Some(_) => name(called, cell),
        None => address(Some(address_of), cell),
    };
    let Names { source: source_name, destination: destination_name } = names(row);
    word(if protocol.is_empty() { "" } else { " " }, cell);
    host(source, source_name, cell);
    arrow(to, cell);
    host(destination, destination_name, cell);
}

fn arrow(to: &str, cell: &mut Vec<u8>) {
    word(" ", cell);
    word(to, cell);
    word(" ", cell);
}

/// The transport and its ports.
pub(super) fn ports(row: &Row<'_>, view: &View<'_>, cell: &mut Vec<u8>) {
    let (packet, to) = (row.packet, view.style.to());
    if let Some((transport, source, destination)) = packet.ends() {
        word(transport.name(), cell);
        word(" ", cell);
        number(Some(source.port), cell);
        arrow(to, cell);
        number(Some(destination.port), cell);
    } else {
        // What has no ports is named where its addresses are, unless it is a transport.
        let transport = innermost(packet).filter(|protocol| protocol.layer() == Layer::Transport);
        word(transport.map_or("", Protocol::name), cell);
    }
}

/// Every checksum of the packet that can be judged, with its protocol.
fn judged<'r>(row: &'r Row<'_>) -> impl Iterator<Item = (Protocol, Checksum)> + 'r {
    let spans = row.packet.spans.iter().filter(|span| !span.quoted);
    spans.filter_map(|span| Some((span.protocol, checksum(row.packet, span)?)))
}

fn are_good(row: &Row<'_>) -> bool {
    let mut judged = judged(row).peekable();
    judged.peek().is_some() && judged.all(|(_, judged)| judged == Checksum::Good)
}

/// `good` where every checksum is, else those that are not, each with its protocol, in words.
pub(super) fn checksums(row: &Row<'_>, _: &View<'_>, cell: &mut Vec<u8>) {
    if are_good(row) {
        return word("good", cell);
    }
    let start = cell.len();
    for (protocol, judged) in judged(row).filter(|(_, judged)| *judged != Checksum::Good) {
        let separator = if cell.len() > start { "; " } else { "" };
        said(Some(format_args!("{separator}{} {}", protocol.name(), judged.describe())), cell);
    }
}

/// The same for programs: `good`, `tcp:bad`.
pub(super) fn checksum_keys(row: &Row<'_>, each: &mut dyn FnMut(&str)) {
    if are_good(row) {
        return each("good");
    }
    for (protocol, judged) in judged(row).filter(|(_, judged)| *judged != Checksum::Good) {
        each(&format!("{}:{}", protocol.key(), judged.key()));
    }
}

/// What is remarkable about the packet.
pub(super) fn mark_keys(row: &Row<'_>, each: &mut dyn FnMut(&str)) {
    if let Some(seen) = row.seen.filter(|seen| !seen.marks.is_empty()) {
        seen.marks.iter().for_each(|mark| each(mark.key()));
    }
}

/// The same in words.
pub(super) fn mark_words(row: &Row<'_>, view: &View<'_>, cell: &mut Vec<u8>) {
    let marks = row.seen.map(|seen| seen.marks).filter(|marks| !marks.is_empty());
    said(marks.map(|marks| view.style.spelling().marks(marks)), cell);
}

/// The window as the table has it: marked where nobody knows how it is scaled.
pub(super) fn marked_window(row: &Row<'_>, _: &View<'_>, cell: &mut Vec<u8>) {
    number(window(row), cell);
    cell.extend(has_raw_window(row).then_some(b'?'));
}

pub(super) fn window(row: &Row<'_>) -> Option<u64> {
    let raw = row.packet.tcp().map(|tcp| u32::from(tcp.window()));
    row.seen.and_then(|seen| seen.window).or(raw).map(u64::from)
}

/// The flags of a segment as people say them: `SYN,ACK`.
pub(super) fn flags(row: &Row<'_>, _: &View<'_>, cell: &mut Vec<u8>) {
    let Some(flags) = row.packet.tcp().map(|tcp| tcp.flags()) else { return };
    // Most segments have one of these two.
    match flags.bits() {
        0x10 => return word("ACK", cell),
        0x18 => return word("PSH,ACK", cell),
        _ => {}
    }
    let start = cell.len();
    for name in flags.names() {
        cell.extend((cell.len() > start).then_some(b','));
        word(name, cell);
    }
    word(if cell.len() > start { "" } else { "none" }, cell);
}

/// The number of the conversation, where it is one of this transport.
pub(super) fn stream(transport: Transport, row: &Row<'_>) -> Option<u64> {
    row.seen.filter(|seen| seen.transport == transport).map(|seen| seen.stream.into())
}

/// What the payload says.
pub(super) fn application(row: &Row<'_>) -> Option<Application> {
    application_as(row.packet, row.seen.and_then(|seen| seen.announced))
}

/// The same in a line.
pub(super) fn application_line(row: &Row<'_>, _: &View<'_>, cell: &mut Vec<u8>) {
    if let Some(Application { line, .. }) = application(row) {
        text::push_sanitised(&line, cell);
    }
}

/// Nanoseconds since the capture's first packet.
pub(super) fn since_origin(row: &Row<'_>) -> Option<i64> {
    row.frame.time.zip(row.origin).map(|(time, origin)| time - origin)
}

/// What it is made of; it is taken apart for that.
pub(super) fn frame_protocols(row: &Row<'_>, _: &View<'_>, cell: &mut Vec<u8>) {
    word(&protocols(&dissect_as(&row.frame, row.seen.and_then(|seen| seen.announced))), cell);
}

/// Its comments, with commas between them.
pub(super) fn comments(row: &Row<'_>, _: &View<'_>, cell: &mut Vec<u8>) {
    for (place, comment) in row.frame.comments.iter().enumerate() {
        cell.extend((place > 0).then_some(b','));
        text::push_sanitised(comment, cell);
    }
}

/// Nanoseconds since the packet shown before.
pub(super) fn since_previous(row: &Row<'_>) -> Option<i64> {
    row.frame.time.zip(row.previous).map(|(time, previous)| time - previous)
}

/// The processes behind its two ends.
pub(super) fn processes(row: &Row<'_>, view: &View<'_>, cell: &mut Vec<u8>) {
    if let Some(known) = row.known.processes {
        word(&processes_words(known, view.style.to(), view.style.missing()), cell);
    }
}

pub(super) fn source_process(row: &Row<'_>, _: &View<'_>, cell: &mut Vec<u8>) {
    process(row.known.processes.and_then(|it| it.source.as_deref()), cell);
}

pub(super) fn destination_process(row: &Row<'_>, _: &View<'_>, cell: &mut Vec<u8>) {
    process(row.known.processes.and_then(|it| it.destination.as_deref()), cell);
}
