//! A packet about to be shown, and what more than one format says of it.

use super::value::raw_value;
use crate::analyse::Seen;
use crate::decode::{Packet, Protocol};
use crate::model::{Frame, Processes, Timestamp};

/// A packet about to be shown.
pub struct Row<'a> {
    /// The frame.
    pub frame: Frame<'a>,
    /// Its headers.
    pub packet: &'a Packet<'a>,
    /// What it meant in its conversation.
    pub seen: Option<Seen>,
    /// The time that counts as zero.
    pub origin: Option<Timestamp>,
    /// The time of the packet shown before it.
    pub previous: Option<Timestamp>,
    /// What is known of it beside what it says itself.
    pub known: Known<'a>,
}

/// What is known of a packet's ends, and of where it passed, beside what the packet says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The processes behind them; `None` where nobody asked.
    pub processes: Option<&'a Processes>,
    /// What its hosts are called; `None` where nobody asked.
    pub names: Option<Names<'a>>,
    /// What the interface is called that it came from; `None` where nobody knows. Text from strangers.
    pub interface: Option<&'a str>,
}

/// What a packet's hosts are called; `None` for one whose name is not known (yet). Text from strangers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    /// The sending host.
    pub source: Option<&'a str>,
    /// The receiving host.
    pub destination: Option<&'a str>,
}

/// Whether the conversation does not tell how the window is scaled.
pub(super) fn has_raw_window(row: &Row<'_>) -> bool {
    row.seen.is_some_and(|seen| seen.window.is_some() && seen.window_scale.is_none())
}

/// What is known of the names of a packet's hosts.
pub(super) fn names<'a>(row: &Row<'a>) -> Names<'a> {
    row.known.names.unwrap_or_default()
}

/// The interface that a packet came from, as far as it is known.
pub(super) enum Passage<'a> {
    /// It has this name. Text from strangers.
    Named(&'a str),
    /// It had this index on the machine that captured it.
    Indexed(u64),
    /// It is the one with this number in the capture.
    Numbered(u32),
}

/// The interface that a packet came from. That it was captured on `any` tells less than the index in its header.
pub(super) fn passage<'a>(row: &Row<'a>) -> Passage<'a> {
    let index = || {
        let link = row.packet.spans.first().filter(|span| span.protocol == Protocol::LinuxSll2)?;
        link.protocol.field("sll.ifindex")?.read(row.packet.slice(link))
    };
    match row.known.interface {
        Some(name) if name != "any" => Passage::Named(name),
        name => match (index(), name) {
            (Some(index), _) => Passage::Indexed(index),
            (None, Some(name)) => Passage::Named(name),
            (None, None) => Passage::Numbered(row.frame.interface),
        },
    }
}

/// The innermost header's protocol.
pub(super) fn innermost(packet: &Packet<'_>) -> Option<Protocol> {
    let is_header =
        |protocol| !matches!(protocol, Protocol::Data | Protocol::LinkPayload | Protocol::Payload | Protocol::Trailer);
    packet.spans.iter().rfind(|span| !span.quoted && is_header(span.protocol)).map(|span| span.protocol)
}

/// Both addresses of the innermost Ethernet header.
pub(super) fn macs(packet: &Packet<'_>, to: &str) -> String {
    let ethernet = |protocol| matches!(protocol, Protocol::Ethernet | Protocol::Ieee8023);
    let Some(span) = packet.spans.iter().rfind(|span| !span.quoted && ethernet(span.protocol)) else {
        return String::new();
    };
    let address = |key| {
        let field = span.protocol.field(key)?.field(packet.slice(span), 0)?;
        Some(raw_value(&field, packet.slice(span)))
    };
    address("eth.src").zip(address("eth.dst")).map(|(from, dest)| format!("{from} {to} {dest}")).unwrap_or_default()
}
