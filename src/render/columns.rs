//! The columns a packet can be shown in, and what stands in each.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::ops::Range;

use super::process::{process_words, processes_words};
use super::row::{Names, Row, has_raw_window, innermost, macs, names};
use super::style::View;
use super::summary::says;
use super::text;
use super::time::TimeStyle;
use super::value::half_open;
use crate::decode::{Checksum, Packet, Protocol, checksum, service};
use crate::model::{Endpoint, Layer, SeqNumber};

/// What there is to know about a column.
struct About {
    name: &'static str,
    heading: &'static str,
    layer: Option<Layer>,
    /// How much it would be missed: where there is no room, the column with the highest number goes first.
    dispensable: u8,
    /// Whether it holds numbers, which stand to the right and are never cut.
    is_number: bool,
    /// Whether it needs to know the packet's conversation.
    follows: bool,
    /// How wide its cells usually are, for when there are too few to tell.
    usual: usize,
}

const NUMBER: bool = true;
const TEXT: bool = false;
const FOLLOWS: bool = true;
const ALONE: bool = false;

/// One line a column: name, heading, layer, how dispensable, whether it is a number, whether it follows conversations,
/// how wide it usually is.
macro_rules! columns {
    ($($(#[$doc:meta])* $variant:ident: $name:literal, $heading:literal, $layer:expr, $dispensable:literal, $number:expr, $follows:expr, $usual:literal;)*) => {
        /// A column of the packet table, from left to right.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Column {
            $($(#[$doc])* $variant,)*
        }

        impl Column {
            /// All there are, from left to right.
            pub const ALL: &[Self] = &[$(Self::$variant),*];
        }

        /// In the order of the variants.
        const ABOUT: &[About] = &[$(About {
            name: $name, heading: $heading, layer: $layer, dispensable: $dispensable, is_number: $number, follows: $follows, usual: $usual,
        }),*];
    };
}

const LINK: Option<Layer> = Some(Layer::Link);
const INTERNET: Option<Layer> = Some(Layer::Internet);
const TRANSPORT: Option<Layer> = Some(Layer::Transport);
const APPLICATION: Option<Layer> = Some(Layer::Application);

columns! {
    /// The packet's number in the capture.
    Number: "number", "#", None, 0, NUMBER, ALONE, 6;
    /// Seconds since the first packet.
    Time: "time", "time", None, 6, NUMBER, ALONE, 10;
    /// The moment in UTC.
    Absolute: "absolute", "time (UTC)", None, 6, TEXT, ALONE, 30;
    /// Seconds since the packet shown before.
    Delta: "delta", "delta", None, 6, NUMBER, ALONE, 9;
    /// Seconds since 1970.
    Epoch: "epoch", "epoch", None, 6, NUMBER, ALONE, 20;
    /// The interface it came from, counted from 0.
    Interface: "interface", "if", None, 20, NUMBER, ALONE, 1;
    /// Its length on the wire in bytes.
    Length: "length", "length", None, 12, NUMBER, ALONE, 5;
    /// Where the link layer's header lies.
    LinkBytes: "link-bytes", "bytes", LINK, 11, TEXT, ALONE, 5;
    /// From which network card to which.
    Macs: "macs", "MACs", LINK, 15, TEXT, ALONE, 37;
    /// Its VLAN ids, the outermost first.
    Vlan: "vlan", "VLAN", LINK, 14, TEXT, ALONE, 4;
    /// Where the internet layer's headers lie.
    InternetBytes: "internet-bytes", "bytes", INTERNET, 10, TEXT, ALONE, 6;
    /// From which host to which.
    Addresses: "addresses", "addresses", INTERNET, 7, TEXT, ALONE, 33;
    /// The sending host.
    Source: "src", "source", INTERNET, 7, TEXT, ALONE, 15;
    /// The receiving host.
    Destination: "dst", "destination", INTERNET, 7, TEXT, ALONE, 15;
    /// What the sending host is called.
    SourceName: "src-name", "source", INTERNET, 7, TEXT, ALONE, 30;
    /// What the receiving host is called.
    DestinationName: "dst-name", "destination", INTERNET, 7, TEXT, ALONE, 30;
    /// Time to live, or hop limit.
    Ttl: "ttl", "TTL", INTERNET, 16, NUMBER, ALONE, 3;
    /// The IPv4 identification.
    Id: "id", "ID", INTERNET, 17, NUMBER, ALONE, 5;
    /// Where the transport's header lies.
    TransportBytes: "transport-bytes", "bytes", TRANSPORT, 9, TEXT, ALONE, 6;
    /// The innermost header's protocol.
    Protocol: "protocol", "protocol", TRANSPORT, 2, TEXT, ALONE, 4;
    /// The transport, and from which port to which.
    Ports: "ports", "ports", TRANSPORT, 2, TEXT, ALONE, 17;
    /// The sender's port.
    SourcePort: "srcport", "port", TRANSPORT, 2, NUMBER, ALONE, 5;
    /// The receiver's port.
    DestinationPort: "dstport", "to port", TRANSPORT, 2, NUMBER, ALONE, 5;
    /// The service registered for the receiver's port, else for the sender's.
    Service: "service", "service", TRANSPORT, 13, TEXT, ALONE, 6;
    /// The conversation's number, TCP's and UDP's counted apart.
    Stream: "stream", "stream", TRANSPORT, 8, NUMBER, FOLLOWS, 4;
    /// The TCP flags.
    Flags: "flags", "flags", TRANSPORT, 1, TEXT, ALONE, 7;
    /// The sequence number, relative.
    Seq: "seq", "seq", TRANSPORT, 3, NUMBER, FOLLOWS, 7;
    /// The sequence number as it stands in the header.
    SeqRaw: "seq-raw", "seq (raw)", TRANSPORT, 18, NUMBER, ALONE, 10;
    /// The acknowledgment number, relative.
    Ack: "ack", "ack", TRANSPORT, 4, NUMBER, FOLLOWS, 7;
    /// The acknowledgment number as it stands in the header.
    AckRaw: "ack-raw", "ack (raw)", TRANSPORT, 18, NUMBER, ALONE, 10;
    /// The window in bytes; as it stands in the header where the scale is unknown, which the table marks with `?`.
    Window: "win", "win", TRANSPORT, 12, NUMBER, FOLLOWS, 6;
    /// What the window field was multiplied by; empty where nobody knows, because not both SYNs were seen.
    WindowScale: "win-scale", "scale", TRANSPORT, 18, NUMBER, FOLLOWS, 5;
    /// What the checksums say.
    Checksum: "checksum", "checksums", TRANSPORT, 19, TEXT, ALONE, 8;
    /// What is remarkable about it: retransmission, window full.
    Marks: "marks", "marks", TRANSPORT, 8, TEXT, FOLLOWS, 14;
    /// The processes behind its two ends.
    Process: "process", "process", APPLICATION, 2, TEXT, ALONE, 46;
    /// The process behind its sending end.
    SourceProcess: "src-process", "process", APPLICATION, 2, TEXT, ALONE, 22;
    /// The process behind its receiving end.
    DestinationProcess: "dst-process", "to process", APPLICATION, 2, TEXT, ALONE, 22;
    /// How many bytes the transport carried.
    PayloadLength: "len", "len", APPLICATION, 8, NUMBER, ALONE, 5;
    /// Where the payload lies.
    DataBytes: "data-bytes", "bytes", APPLICATION, 9, TEXT, ALONE, 7;
    /// The payload's beginning, what the packet says, or what stopped decoding.
    Data: "data", "data", APPLICATION, 5, TEXT, ALONE, 255;
}

impl Column {
    /// The columns of the table where nobody chooses.
    pub const TABLE: &[Self] = &[
        Self::Number,
        Self::Time,
        Self::LinkBytes,
        Self::InternetBytes,
        Self::Addresses,
        Self::TransportBytes,
        Self::Ports,
        Self::Flags,
        Self::Seq,
        Self::Ack,
        Self::Window,
        Self::Marks,
        Self::DataBytes,
        Self::Data,
    ];

    /// The columns of CSV where nobody chooses: one value each.
    pub const CSV: &[Self] = &[
        Self::Number,
        Self::Time,
        Self::Source,
        Self::SourcePort,
        Self::Destination,
        Self::DestinationPort,
        Self::Protocol,
        Self::Length,
        Self::Stream,
        Self::Flags,
        Self::Seq,
        Self::Ack,
        Self::Window,
        Self::PayloadLength,
        Self::Data,
    ];

    const fn about(self) -> &'static About {
        &ABOUT[self as usize]
    }

    /// The column that tells the time in a style.
    #[must_use]
    pub const fn of_time(style: TimeStyle) -> Self {
        match style {
            TimeStyle::Relative => Self::Time,
            TimeStyle::Absolute => Self::Absolute,
            TimeStyle::Delta => Self::Delta,
            TimeStyle::Epoch => Self::Epoch,
        }
    }

    /// Its name for programs and command lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.about().name
    }

    /// Its heading for people.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        self.about().heading
    }

    /// The layer it speaks of.
    #[must_use]
    pub const fn layer(self) -> Option<Layer> {
        self.about().layer
    }

    /// How much it would be missed: where there is no room, the column with the highest number goes first.
    #[must_use]
    pub const fn dispensable(self) -> u8 {
        self.about().dispensable
    }

    /// Whether it holds numbers, which stand to the right and are never cut.
    #[must_use]
    pub const fn is_number(self) -> bool {
        self.about().is_number
    }

    /// Whether it needs to know the packet's conversation ([`Row::seen`]).
    #[must_use]
    pub const fn follows(self) -> bool {
        self.about().follows
    }

    /// How wide its cells usually are.
    #[must_use]
    pub const fn usual_width(self) -> usize {
        self.about().usual
    }

    /// What stands in it for a packet in a table: the cell, marked where it is not what it seems.
    #[must_use]
    pub fn shown(self, row: &Row<'_>, view: &View<'_>) -> String {
        let mut cell = self.cell(row, view);
        if self == Self::Window && has_raw_window(row) {
            cell.push('?');
        }
        cell
    }

    /// Whether it needs to know the processes behind a packet ([`Known::processes`](super::row::Known::processes)).
    #[must_use]
    pub const fn needs_processes(self) -> bool {
        matches!(self, Self::Process | Self::SourceProcess | Self::DestinationProcess)
    }

    /// Whether it needs to know what hosts are called ([`Known::names`](super::row::Known::names)).
    #[must_use]
    pub const fn needs_names(self) -> bool {
        matches!(self, Self::SourceName | Self::DestinationName)
    }

    /// What stands in it for a packet, safe to print; empty where the packet has nothing for it.
    #[must_use]
    pub fn cell(self, row: &Row<'_>, view: &View<'_>) -> String {
        let (packet, seen) = (row.packet, row.seen);
        match self {
            Self::Number => row.frame.number.to_string(),
            Self::Time => TimeStyle::Relative.text(row),
            Self::Absolute => TimeStyle::Absolute.text(row),
            Self::Delta => TimeStyle::Delta.text(row),
            Self::Epoch => TimeStyle::Epoch.text(row),
            Self::Interface => row.frame.interface.to_string(),
            Self::Length => row.frame.wire_len.to_string(),
            Self::LinkBytes => span(packet.layer(Layer::Link)),
            Self::Macs => macs(packet, view.style.to()),
            Self::Vlan => vlans(packet),
            Self::InternetBytes => span(packet.layer(Layer::Internet)),
            Self::Addresses => addresses(row, view.style.to()),
            Self::Source => said(packet.ip().and_then(|ip| ip.source())),
            Self::Destination => said(packet.ip().and_then(|ip| ip.destination())),
            Self::SourceName => said(names(row).source.map(text::sanitise)),
            Self::DestinationName => said(names(row).destination.map(text::sanitise)),
            Self::Ttl => said(packet.ip().and_then(|ip| ip.ttl())),
            Self::Id => said(packet.ip().and_then(|ip| ip.identification())),
            Self::TransportBytes => span(packet.layer(Layer::Transport)),
            Self::Protocol => innermost(packet).map_or("", Protocol::name).to_owned(),
            Self::Ports => ports(packet, view.style.to()),
            Self::SourcePort => said(packet.endpoints().map(|(_, Endpoint { port, .. }, _)| port)),
            Self::DestinationPort => said(packet.endpoints().map(|(_, _, Endpoint { port, .. })| port)),
            Self::Service => service_of(packet).unwrap_or_default().to_owned(),
            Self::Stream => said(seen.map(|seen| seen.stream)),
            Self::Flags => said(packet.tcp().map(|tcp| tcp.flags())),
            Self::Seq => number(seen.and_then(|seen| seen.seq), seq(packet), view),
            Self::SeqRaw => said(seq(packet).map(|SeqNumber(raw)| raw)),
            Self::Ack => number(seen.and_then(|seen| seen.ack), ack(packet), view),
            Self::AckRaw => said(ack(packet).map(|SeqNumber(raw)| raw)),
            Self::Window => {
                let raw = packet.tcp().map(|tcp| u32::from(tcp.window()));
                said(seen.and_then(|seen| seen.window).or(raw))
            }
            Self::WindowScale => said(seen.and_then(|seen| seen.window_scale).map(|shift| 1_u32 << shift)),
            Self::Checksum => checksums(packet),
            Self::Marks => said(seen.map(|seen| seen.marks)),
            Self::Process => {
                let words = |known| processes_words(known, view.style.to(), view.style.missing());
                row.known.processes.map(words).unwrap_or_default()
            }
            Self::SourceProcess => said(row.known.processes.and_then(|it| it.source.as_deref()).map(process_words)),
            Self::DestinationProcess => {
                said(row.known.processes.and_then(|it| it.destination.as_deref()).map(process_words))
            }
            Self::PayloadLength => said(packet.endpoints().map(|_| packet.payload_len())),
            Self::DataBytes => span(packet.layer(Layer::Application)),
            Self::Data => says(row, view),
        }
    }
}

fn said(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn span(range: Option<Range<usize>>) -> String {
    range.as_ref().map(half_open).unwrap_or_default()
}

fn seq(packet: &Packet<'_>) -> Option<SeqNumber> {
    packet.tcp().map(|tcp| tcp.seq())
}

fn ack(packet: &Packet<'_>) -> Option<SeqNumber> {
    packet.tcp().filter(|tcp| tcp.flags().ack()).map(|tcp| tcp.ack())
}

/// The relative number, and the absolute one beside it where the view asks.
fn number(relative: Option<u32>, raw: Option<SeqNumber>, view: &View<'_>) -> String {
    let mut text = said(relative);
    if let Some(SeqNumber(raw)) = raw.filter(|_| view.absolute) {
        let _ = write!(text, " ({raw})");
    }
    text
}

fn vlans(packet: &Packet<'_>) -> String {
    let id = |span: &&crate::decode::Span| {
        let spec = span.protocol.field("vlan.id").or_else(|| span.protocol.field("ieee8021ad.id"))?;
        spec.read(packet.slice(span)).map(|id| id.to_string())
    };
    packet.spans.iter().filter(|span| !span.quoted).filter_map(|span| id(&span)).collect::<Vec<_>>().join(",")
}

/// The hosts, by name where one is known, behind the name of what the Internet layer says where that is more than IP.
fn addresses(row: &Row<'_>, to: &str) -> String {
    let packet = row.packet;
    let host = |address: IpAddr, name: Option<&str>| name.map_or_else(|| address.to_string(), text::sanitise);
    let Names { source: source_name, destination: destination_name } = names(row);
    let name = innermost(packet)
        .filter(|protocol| protocol.layer() != Layer::Transport && !matches!(protocol, Protocol::Ipv4 | Protocol::Ipv6))
        .map_or("", Protocol::name);
    match packet.ip().and_then(|ip| ip.source().zip(ip.destination())) {
        Some((source, destination)) => {
            let (source, destination) = (host(source, source_name), host(destination, destination_name));
            let gap = if name.is_empty() { "" } else { " " };
            format!("{name}{gap}{source} {to} {destination}")
        }
        None => name.to_owned(),
    }
}

fn ports(packet: &Packet<'_>, to: &str) -> String {
    match packet.endpoints() {
        Some((transport, source, destination)) => {
            format!("{} {} {to} {}", transport.name(), source.port, destination.port)
        }
        // What has no ports is named where its addresses are, unless it is a transport.
        None => innermost(packet)
            .filter(|protocol| protocol.layer() == Layer::Transport)
            .map_or("", Protocol::name)
            .to_owned(),
    }
}

fn service_of(packet: &Packet<'_>) -> Option<&'static str> {
    let (transport, source, destination) = packet.endpoints()?;
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
