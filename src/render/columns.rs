//! The columns a packet can be shown in, and what stands in each.

use std::fmt::Write as _;
use std::ops::Range;

use super::style::View;
use super::text;
use crate::analyse::Seen;
use crate::decode::{Packet, Protocol};
use crate::model::{Frame, Layer, SeqNumber, Timestamp};

/// A packet about to be shown.
pub struct Row<'a> {
    /// The frame.
    pub frame: Frame<'a>,
    /// Its headers.
    pub packet: Packet<'a>,
    /// What it meant in its conversation.
    pub seen: Option<Seen>,
    /// The time that counts as zero.
    pub origin: Option<Timestamp>,
}

/// A column of the packet table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The packet's number.
    Number,
    /// Seconds since the first packet.
    Time,
    /// Where the link layer's header lies.
    LinkBytes,
    /// Where the internet layer's headers lie.
    InternetBytes,
    /// From which host to which.
    Addresses,
    /// Where the transport's header lies.
    TransportBytes,
    /// From which port to which.
    Ports,
    /// The TCP flags.
    Flags,
    /// The sequence number.
    Seq,
    /// The acknowledgment number.
    Ack,
    /// The window in bytes.
    Window,
    /// Where the payload lies.
    DataBytes,
    /// The payload's beginning, or what stopped decoding.
    Data,
}

impl Column {
    /// All columns, from left to right.
    pub const ALL: [Self; 13] = [
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
        Self::DataBytes,
        Self::Data,
    ];

    /// Its heading.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Number => "#",
            Self::Time => "time",
            Self::LinkBytes | Self::InternetBytes | Self::TransportBytes | Self::DataBytes => "bytes",
            Self::Addresses => "addresses",
            Self::Ports => "ports",
            Self::Flags => "flags",
            Self::Seq => "seq",
            Self::Ack => "ack",
            Self::Window => "win",
            Self::Data => "data",
        }
    }

    /// The layer it speaks of.
    #[must_use]
    pub const fn layer(self) -> Option<Layer> {
        match self {
            Self::Number | Self::Time => None,
            Self::LinkBytes => Some(Layer::Link),
            Self::InternetBytes | Self::Addresses => Some(Layer::Internet),
            Self::TransportBytes | Self::Ports | Self::Flags | Self::Seq | Self::Ack | Self::Window => {
                Some(Layer::Transport)
            }
            Self::DataBytes | Self::Data => Some(Layer::Application),
        }
    }

    /// How much it would be missed: where there is no room, the column with the highest number goes first.
    #[must_use]
    pub const fn dispensable(self) -> u8 {
        match self {
            Self::Number => 0,
            Self::Flags => 1,
            Self::Ports => 2,
            Self::Seq => 3,
            Self::Ack => 4,
            Self::Data => 5,
            Self::Time => 6,
            Self::Addresses => 7,
            Self::DataBytes => 8,
            Self::TransportBytes => 9,
            Self::InternetBytes => 10,
            Self::LinkBytes => 11,
            Self::Window => 12,
        }
    }

    /// Whether it holds numbers, which stand to the right.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Time | Self::Seq | Self::Ack | Self::Window)
    }

    /// What stands in it for a packet, safe to print; empty where the packet has nothing for it.
    #[must_use]
    pub fn cell(self, row: &Row<'_>, view: &View<'_>) -> String {
        let seen = row.seen;
        match self {
            Self::Number => row.frame.number.to_string(),
            Self::Time => seconds(row),
            Self::LinkBytes => span(row.packet.layer(Layer::Link)),
            Self::InternetBytes => span(row.packet.layer(Layer::Internet)),
            Self::TransportBytes => span(row.packet.layer(Layer::Transport)),
            Self::DataBytes => span(row.packet.layer(Layer::Application)),
            Self::Addresses => addresses(row, view.style.to()),
            Self::Ports => ports(row, view.style.to()),
            Self::Flags => row.packet.tcp().map(|tcp| tcp.flags().to_string()).unwrap_or_default(),
            Self::Seq => {
                let raw = row.packet.tcp().map(|tcp| tcp.seq());
                number(seen.and_then(|seen| seen.seq), raw, view)
            }
            Self::Ack => {
                let raw = row.packet.tcp().filter(|tcp| tcp.flags().ack()).map(|tcp| tcp.ack());
                number(seen.and_then(|seen| seen.ack), raw, view)
            }
            Self::Window => {
                let scaled = seen.and_then(|seen| seen.window);
                let raw = row.packet.tcp().map(|tcp| u32::from(tcp.window()));
                scaled.or(raw).map(|window| window.to_string()).unwrap_or_default()
            }
            Self::Data => data(row, view),
        }
    }
}

fn seconds(row: &Row<'_>) -> String {
    let (Some(time), Some(origin)) = (row.frame.time, row.origin) else { return String::new() };
    let nanos = time - origin;
    let micros = nanos.unsigned_abs() / 1000;
    let sign = if nanos < 0 { "-" } else { "" };
    format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

fn span(range: Option<Range<usize>>) -> String {
    range.map(|range| format!("{}..{}", range.start, range.end)).unwrap_or_default()
}

fn addresses(row: &Row<'_>, to: &str) -> String {
    let Some(ip) = row.packet.ip() else { return String::new() };
    match (ip.source(), ip.destination()) {
        (Some(source), Some(destination)) => format!("{source} {to} {destination}"),
        _ => String::new(),
    }
}

fn ports(row: &Row<'_>, to: &str) -> String {
    match row.packet.endpoints() {
        Some((transport, source, destination)) => {
            format!("{} {} {to} {}", transport.name(), source.port, destination.port)
        }
        None => {
            let innermost = row.packet.spans.iter().rfind(|span| {
                !span.quoted && !matches!(span.protocol, Protocol::Data | Protocol::Payload | Protocol::Trailer)
            });
            innermost.map(|span| span.protocol.name().to_owned()).unwrap_or_default()
        }
    }
}

/// The relative number, and the absolute one beside it where the view asks.
fn number(relative: Option<u32>, raw: Option<SeqNumber>, view: &View<'_>) -> String {
    let mut text = relative.map(|number| number.to_string()).unwrap_or_default();
    if let Some(SeqNumber(raw)) = raw.filter(|_| view.absolute) {
        let _ = write!(text, " ({raw})");
    }
    text
}

fn data(row: &Row<'_>, view: &View<'_>) -> String {
    if let Some(problem) = &row.packet.problem {
        return text::sanitise(&format!("[{problem}]"));
    }
    let payload = row.packet.payload();
    if payload.is_empty() {
        return String::new();
    }
    // More would never fit a line; a large payload is not read to its end.
    let beginning = payload.get(..256).unwrap_or(payload);
    format!("\"{}\"", text::sanitise(&(view.read_text)(beginning)))
}
