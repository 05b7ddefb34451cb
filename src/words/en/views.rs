//! Titles, headings, labels and amounts.

use std::fmt::{self, Formatter};

use super::count::count;
use crate::analyse::{Run, Timeline};
use crate::model::{Layer, Transport};
use crate::words::labels::{Asks, LadderWords, OpenedWords, WaysWords};
use crate::words::noun::Noun;

pub(in crate::words) const LADDER: LadderWords = LadderWords {
    sides: ["client", "server"],
    calls: ["client calls", "server calls"],
    states: ["client state", "server state"],
    own_state: "own state",
    wire: "wire",
    confirmed: "the kernel says so (TCP_INFO); the other states are inferred from the packets",
    live: ["from it", "to it", "calls()"],
    time: "time (UTC)",
    datagram: "datagram",
};

pub(in crate::words) const OPENED_PACKET: OpenedWords = OpenedWords {
    socket_interface: "socket interface",
    quoted: "(quoted)",
    derived: "derived",
    bit: ["not set", "set"],
    each_layer_adds: "What each layer adds",
    two_bytes: "a character for every 2 bytes",
    shows: "What this shows",
};

pub(in crate::words) const WAYS: WaysWords = WaysWords {
    everywhere: "Where each packet was seen: at which millisecond, and with which TTL (crossed: lost, or damaged)",
    packet: "packet",
    echo: ["echo request", "echo reply"],
    place: "place",
    source: "Ethernet from",
    destination: "Ethernet to",
    unchanged: "the same everywhere: IP addresses, ports, numbers, every byte of the payload",
};

/// Above what each place shows of one packet.
pub(in crate::words) fn at_each_place(number: usize) -> String {
    format!("Packet {number} at each place")
}

/// As RFC 1122 writes it.
pub(in crate::words) const fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::Link => "Link",
        Layer::Internet => "Internet",
        Layer::Transport => "Transport",
        Layer::Application => "Application",
    }
}

/// `1 packet`, `2 packets`.
pub(in crate::words) fn counted_noun(number: u64, noun: Noun) -> String {
    let noun = match noun {
        Noun::Packet => "packet",
        Noun::Segment => "segment",
        Noun::Datagram => "datagram",
        Noun::Ack => "ACK",
        Noun::TcpConnection => "TCP connection",
        Noun::UdpConversation => "UDP conversation",
        Noun::Retransmission => "retransmission",
        Noun::Reset => "reset",
    };
    count(number, noun)
}

pub(in crate::words) fn of_no_conversation(packets: u64) -> String {
    format!("{} of no conversation", count(packets, "other packet"))
}

pub(in crate::words) fn within(time: &str) -> String {
    format!(" in {time}")
}

pub(in crate::words) fn hosts_beyond(ends: u64) -> String {
    format!("{ends} ends of packets belong to hosts beyond those told apart")
}

pub(in crate::words) fn interval_heading(each: &str) -> [String; 2] {
    ["     start s  packets      bytes".to_owned(), format!("in each {each}")]
}

pub(in crate::words) fn empty_intervals(intervals: usize) -> String {
    format!("{intervals} without a packet")
}

pub(in crate::words) fn ladder_title(timeline: &Timeline, ascii: bool) -> String {
    let Timeline { transport, client, server, assumed, .. } = timeline;
    if timeline.is_self_connected() {
        return format!("{} {client} (connected to itself: one socket, one lane)", transport.name());
    }
    let arrows = if ascii { "<->" } else { "⇄" };
    let guess = if *assumed { " (who is who is assumed: the beginning was not captured)" } else { "" };
    format!("{} {client} (client) {arrows} {server} (server){guess}", transport.name())
}

/// `TCP 192.0.2.1:40000 → 192.0.2.2:80, stream 3`.
pub(in crate::words) fn picture_title(timeline: &Timeline, ascii: bool) -> String {
    let Timeline { transport, stream, client, server, .. } = timeline;
    format!("{} {client} {} {server}, stream {stream}", transport.name(), if ascii { "->" } else { "→" })
}

/// `8 segments seq=1..1000 999 B (3 ACKs back)`; acknowledgments alone: `5 ACKs ack=1000..2000`.
pub(in crate::words) fn run(transport: Transport, run: Run) -> String {
    let noun = if transport == Transport::Tcp { Noun::Segment } else { Noun::Datagram };
    let (acks, packets) = (counted_noun(run.acks, Noun::Ack), counted_noun(run.packets, noun));
    let label = match (run.packets, run.numbers) {
        (0, None) => return acks,
        (0, Some((first, last))) if first == last => return format!("{acks} ack={last}"),
        (0, Some((first, last))) => return format!("{acks} ack={first}..{last}"),
        (_, None) => format!("{packets} {} B", run.bytes),
        (_, Some((first, end))) => format!("{packets} seq={first}..{end} {} B", run.bytes),
    };
    if run.acks > 0 { format!("{label} ({acks} back)") } else { label }
}

pub(in crate::words) fn on(interface: &str) -> String {
    format!("on {interface}")
}

pub(in crate::words) fn first_fragment(len: u32) -> String {
    format!("first fragment of {len} B:")
}

pub(in crate::words) fn not_captured(len: u32) -> String {
    format!("{len} B, not captured")
}

pub(in crate::words) fn numbers(first: u32, last: u32) -> String {
    if first == last { format!("seq {first}") } else { format!("seq {first} to {last}") }
}

pub(in crate::words) fn gap(offset: u64, len: u64) -> String {
    format!("[{len} bytes from byte {offset} on are missing]")
}

pub(in crate::words) fn asks(asks: Asks<'_>) -> String {
    match asks {
        Asks::WhoHas(wanted, sender) => format!("who has {wanted}? tell {sender}"),
        Asks::IsAt(address, place) => format!("{address} is at {place}"),
        Asks::Type(number) => format!("type {number}"),
    }
}

pub(in crate::words) fn opened_title(number: u64, len: usize, wire_len: Option<u32>, range: &str) -> String {
    let cut = wire_len.map_or_else(String::new, |wire_len| format!(" of {wire_len} on the wire"));
    format!("Packet {number} opened: {len} bytes{cut}, {range}")
}

pub(in crate::words) fn layer_sum(parts: &str, total: usize, payload: &str) -> String {
    format!("{parts} = {total} B, {payload} % payload")
}

pub(in crate::words) fn bytes_in_all(len: usize, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{len} bytes")
}

/// `yes, default`, `no: down`.
pub(in crate::words) fn may_capture(is_default: bool, refusal: Option<&str>) -> String {
    match refusal {
        None if is_default => "yes, default".to_owned(),
        None => "yes".to_owned(),
        Some("other") => "no".to_owned(),
        Some(why) => format!("no: {why}"),
    }
}
