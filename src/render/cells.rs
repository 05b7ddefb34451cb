//! What stands in each column for a packet, written behind each other into one buffer: a table or a CSV of a million
//! packets has ten times as many cells.

use std::fmt::Display;
use std::io::Write as _;
use std::net::IpAddr;
use std::ops::Range;

use super::columns::Column;
use super::pen::append;
use super::process::{process_words, processes_words};
use super::row::{Names, Passage, Row, has_raw_window, innermost, macs, names, passage};
use super::style::View;
use super::summary::push_says;
use super::text;
use super::time::TimeStyle;
use crate::decode::{Checksum, Packet, Protocol, checksum, service};
use crate::model::{Endpoint, Layer, Process, SeqNumber};

impl Column {
    /// Appends what stands in it for a packet in a table: the cell, marked where it is not what it seems.
    pub(super) fn push_shown(self, row: &Row<'_>, view: &View<'_>, cell: &mut Vec<u8>) {
        self.push(row, view, cell);
        if self == Self::Window && has_raw_window(row) {
            cell.push(b'?');
        }
    }

    /// Appends what stands in it for a packet, safe to print; nothing where the packet has nothing for it.
    pub(super) fn push(self, row: &Row<'_>, view: &View<'_>, cell: &mut Vec<u8>) {
        let (packet, seen) = (row.packet, row.seen);
        match self {
            Self::Number => number(Some(row.frame.number), cell),
            Self::Time => time(TimeStyle::Relative, row, cell),
            Self::Absolute => time(TimeStyle::Absolute, row, cell),
            Self::Delta => time(TimeStyle::Delta, row, cell),
            Self::Epoch => time(TimeStyle::Epoch, row, cell),
            Self::Interface => interface(row, cell),
            Self::Length => number(Some(row.frame.wire_len), cell),
            Self::LinkBytes => span(packet.layer(Layer::Link), cell),
            Self::Macs => word(&macs(packet, view.style.to()), cell),
            Self::Vlan => word(&vlans(packet), cell),
            Self::InternetBytes => span(packet.layer(Layer::Internet), cell),
            Self::Addresses => addresses(row, view.style.to(), cell),
            Self::Source => address(packet.ip().and_then(|ip| ip.source()), cell),
            Self::Destination => address(packet.ip().and_then(|ip| ip.destination()), cell),
            Self::SourceName => name(names(row).source, cell),
            Self::DestinationName => name(names(row).destination, cell),
            Self::Ttl => number(packet.ip().and_then(|ip| ip.ttl()), cell),
            Self::Id => said(packet.ip().and_then(|ip| ip.identification()), cell),
            Self::TransportBytes => span(packet.layer(Layer::Transport), cell),
            Self::Protocol => word(innermost(packet).map_or("", Protocol::name), cell),
            Self::Ports => ports(packet, view.style.to(), cell),
            Self::SourcePort => number(packet.ends().map(|(_, Endpoint { port, .. }, _)| port), cell),
            Self::DestinationPort => number(packet.ends().map(|(_, _, Endpoint { port, .. })| port), cell),
            Self::Service => word(service_of(packet).unwrap_or_default(), cell),
            Self::Stream => said(seen.map(|seen| seen.stream), cell),
            Self::Flags => said(packet.tcp().map(|tcp| tcp.flags()), cell),
            Self::Seq => both(seen.and_then(|seen| seen.seq), seq(packet), view, cell),
            Self::SeqRaw => number(seq(packet).map(|SeqNumber(raw)| raw), cell),
            Self::Ack => both(seen.and_then(|seen| seen.ack), ack(packet), view, cell),
            Self::AckRaw => number(ack(packet).map(|SeqNumber(raw)| raw), cell),
            Self::Window => {
                let raw = packet.tcp().map(|tcp| u32::from(tcp.window()));
                number(seen.and_then(|seen| seen.window).or(raw), cell);
            }
            Self::WindowScale => number(seen.and_then(|seen| seen.window_scale).map(|shift| 1_u32 << shift), cell),
            Self::Checksum => word(&checksums(packet), cell),
            Self::Marks => said(seen.map(|seen| view.style.spelling().marks(seen.marks)), cell),
            Self::Process => {
                let words = |known| processes_words(known, view.style.to(), view.style.missing());
                word(&row.known.processes.map(words).unwrap_or_default(), cell);
            }
            Self::SourceProcess => process(row.known.processes.and_then(|it| it.source.as_deref()), cell),
            Self::DestinationProcess => process(row.known.processes.and_then(|it| it.destination.as_deref()), cell),
            Self::PayloadLength => number(packet.endpoints().map(|_| packet.payload_len()), cell),
            Self::DataBytes => span(packet.layer(Layer::Application), cell),
            Self::Data => push_says(row, view, cell),
        }
    }
}

fn word(word: &str, cell: &mut Vec<u8>) {
    cell.extend_from_slice(word.as_bytes());
}

fn number(number: Option<impl Into<u64>>, cell: &mut Vec<u8>) {
    if let Some(number) = number {
        append(cell, |pen| pen.number(number));
    }
}

fn time(style: TimeStyle, row: &Row<'_>, cell: &mut Vec<u8>) {
    append(cell, |pen| {
        style.write(row, pen);
    });
}

fn address(address: Option<IpAddr>, cell: &mut Vec<u8>) {
    if let Some(address) = address {
        append(cell, |pen| pen.address(address));
    }
}

fn name(name: Option<&str>, cell: &mut Vec<u8>) {
    text::push_sanitised(name.unwrap_or_default(), cell);
}

fn interface(row: &Row<'_>, cell: &mut Vec<u8>) {
    match passage(row) {
        Passage::Named(called) => name(Some(called), cell),
        Passage::Indexed(index) => said(Some(format_args!("ifindex {index}")), cell),
        Passage::Numbered(count) => number(Some(count), cell),
    }
}

fn process(process: Option<&Process>, cell: &mut Vec<u8>) {
    word(&process.map(process_words).unwrap_or_default(), cell);
}

fn said(value: Option<impl Display>, cell: &mut Vec<u8>) {
    if let Some(value) = value {
        // Memory takes everything.
        let _ = write!(cell, "{value}");
    }
}

fn span(range: Option<Range<usize>>, cell: &mut Vec<u8>) {
    if let Some(Range { start, end }) = range {
        append(cell, |pen| {
            pen.number(start as u64);
            pen.text(b"..");
            pen.number(end as u64);
        });
    }
}

fn seq(packet: &Packet<'_>) -> Option<SeqNumber> {
    packet.tcp().map(|tcp| tcp.seq())
}

fn ack(packet: &Packet<'_>) -> Option<SeqNumber> {
    packet.tcp().filter(|tcp| tcp.flags().ack()).map(|tcp| tcp.ack())
}

/// The relative number, and the absolute one beside it where the view asks.
fn both(relative: Option<u32>, raw: Option<SeqNumber>, view: &View<'_>, cell: &mut Vec<u8>) {
    number(relative, cell);
    if let Some(SeqNumber(raw)) = raw.filter(|_| view.absolute) {
        word(" (", cell);
        number(Some(raw), cell);
        word(")", cell);
    }
}

fn vlans(packet: &Packet<'_>) -> String {
    let id = |span: &&crate::decode::Span| {
        let spec = span.protocol.field("vlan.id").or_else(|| span.protocol.field("ieee8021ad.id"))?;
        spec.read(packet.slice(span)).map(|id| id.to_string())
    };
    packet.spans.iter().filter(|span| !span.quoted).filter_map(|span| id(&span)).collect::<Vec<_>>().join(",")
}

/// The hosts, by name where one is known, behind the name of what the Internet layer says where that is more than IP.
fn addresses(row: &Row<'_>, to: &str, cell: &mut Vec<u8>) {
    let packet = row.packet;
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

fn ports(packet: &Packet<'_>, to: &str, cell: &mut Vec<u8>) {
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

fn service_of(packet: &Packet<'_>) -> Option<&'static str> {
    let (transport, source, destination) = packet.ends()?;
    service(transport, destination.port).or_else(|| service(transport, source.port))
}

/// `good` where every checksum is, else those that are not, each with its protocol.
fn checksums(packet: &Packet<'_>) -> String {
    let judged: Vec<_> = packet
        .spans
        .iter()
        .filter(|span| !span.quoted)
        .filter_map(|span| Some((span.protocol, checksum(packet, span)?)))
        .collect();
    let remarkable = judged.iter().filter(|(_, judged)| *judged != Checksum::Good);
    let words: Vec<_> =
        remarkable.map(|(protocol, judged)| format!("{} {}", protocol.name(), judged.describe())).collect();
    if words.is_empty() && !judged.is_empty() { "good".to_owned() } else { words.join("; ") }
}
