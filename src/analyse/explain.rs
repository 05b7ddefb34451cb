//! One plain sentence a packet, with the arithmetic.

use super::event::{Run, What};
use super::exchange::is_port_unreachable;
use super::marks::Marks;
use super::observed::Observed;
use super::relation::Relation;
use super::seen::Seen;
use super::timeline::Timeline;
use crate::decode::{Flags, Packet};
use crate::model::{Lane, TcpState, Transport};

/// What a packet says, in a sentence; empty for a packet of no conversation.
///
/// `event` is the packet's event in its timeline, which knows the segment it acknowledges.
#[must_use]
pub fn sentence(timeline: &Timeline, observed: &Observed, what: What) -> String {
    let packet = observed.packet();
    let who = match timeline.sender(observed) {
        _ if timeline.is_self_connected() => "The socket",
        Lane::Client => "The client",
        Lane::Server => "The server",
    };
    let Some(seen) = observed.seen else { return refusal(&packet) };
    if let What::Run { run, .. } = what {
        return carried_on(timeline.transport, who, run);
    }
    if let Some(said) = fragment(&packet, who, &seen) {
        return said;
    }
    if timeline.transport == Transport::Udp {
        if seen.later_len > 0 {
            return first_fragment(who, seen.len, seen.later_len);
        }
        return datagram(timeline, what, who, seen.from, seen.len);
    }
    let Some(tcp) = packet.tcp() else { return String::new() };
    let flags = tcp.flags();
    let seq = seen.seq.unwrap_or_default();
    let relation = match what {
        What::Packet { relation, .. } => relation,
        _ => Relation::default(),
    };
    let acknowledged = relation.acknowledges;
    // A reset that answers a SYN has no number of its own (RFC 9293 §3.10.7.1).
    let answers_syn = acknowledged.is_some_and(|(first, _)| first == 0);
    if flags.rst() && tcp.seq().0 == 0 && answers_syn {
        return format!("{who}'s kernel answers the SYN with a reset: nobody listens on that port.");
    }
    if flags.rst() {
        return reset(timeline, who, &seen, acknowledged);
    }
    if timeline.is_self_connected() && flags.is_syn_ack() {
        return "The socket meets its own SYN, as if both sides had opened at once: it answers with SYN,ACK and is in \
                SYN-RECEIVED until its own answer comes in."
            .to_owned();
    }
    if let Some(remark) = remark(who, seen.marks).filter(|_| !timeline.is_self_connected()) {
        return remark;
    }
    if flags.syn() {
        return opening(who, flags, tcp.seq().0, seen.ack) + unanswered(relation) + &remarks(seen.marks);
    }
    if timeline.is_self_connected() && (seq, seen.ack, seen.len) == (1, Some(1), 0) && !flags.fin() {
        return "The socket has its own SYN,ACK: the connection with itself is established, which this ACK confirms."
            .to_owned();
    }
    let mut said = carried(who, flags, seq, seen.len);
    if let (true, Some(ack)) = (flags.ack(), seen.ack) {
        said.push_str(&acknowledgment(said.is_empty(), who, ack, acknowledged));
    }
    said.push_str(aftermath(flags, relation, seen.client, seen.server));
    said + unanswered(relation) + &remarks(seen.marks)
}

/// That nothing came back for a segment.
const fn unanswered(relation: Relation) -> &'static str {
    if relation.repeated_by.is_some() { " No acknowledgment of it was captured before it is sent again." } else { "" }
}

/// What is out of the ordinary about a segment, in words.
const REMARKS: [(Marks, &str); 20] = [
    (Marks::RETRANSMISSION, "These numbers were sent before."),
    (Marks::FAST_RETRANSMISSION, "These numbers were sent before: duplicate acknowledgments ask for them again."),
    (Marks::SPURIOUS_RETRANSMISSION, "It was not needed: they had been acknowledged."),
    (Marks::OUT_OF_ORDER, "A later segment, or its own acknowledgment, overtook it."),
    (Marks::DUPLICATE_ACK, "It says the same as the acknowledgment before it: something beyond a gap has arrived."),
    (Marks::LOST_SEGMENT, "Before it there is a gap: a segment was lost, is late, or was not captured."),
    (Marks::ACKED_UNSEEN, "Of the bytes up to its acknowledgment the capture does not hold all."),
    (Marks::WINDOW_FULL, "It fills the receiver's window: no more may be sent until the window opens."),
    (Marks::ZERO_WINDOW, "Its window is 0: the sender of this segment can take no more data for now."),
    (Marks::ZERO_WINDOW_PROBE, "It asks whether the window has opened."),
    (Marks::ZERO_WINDOW_PROBE_ACK, "It answers a probe: there is no room yet."),
    (Marks::WINDOW_UPDATE, "It is sent for its window: there is room again."),
    (Marks::KEEP_ALIVE, "It is a keep-alive, one number back: is the other side still there?"),
    (Marks::KEEP_ALIVE_ACK, "It answers a keep-alive: still there."),
    (Marks::REUSED_PORTS, "The same ports held a connection before."),
    (
        Marks::SYN_ACK_NOT_ACCEPTED,
        "The client does not take it: it has other numbers than the one that the client acknowledges, or acknowledges \
         something else than the client's SYN.",
    ),
    (
        Marks::SYN_ACK_OTHER_NUMBERS,
        "It has other numbers than the SYN-ACK before it: the client's acknowledgment will show which of them it takes.",
    ),
    (Marks::DUPLICATE_PACKET, "It is an earlier packet once more, duplicated by the network or captured twice."),
    (
        Marks::SUPER_SEGMENT,
        "It is larger than the receiver takes: a network card cuts it into segments later, or has joined them.",
    ),
    (Marks::CUT, "The capture kept only its beginning."),
];

// Nothing is marked without a word about it.
const _: () = {
    let (mut listed, mut place) = (Marks::NONE, 0);
    while place < REMARKS.len() {
        listed = Marks::of(&[listed, REMARKS[place].0]);
        place += 1;
    }
    assert!(listed.contains(Marks::ALL));
};

fn remarks(marks: Marks) -> String {
    // What is said of a fast retransmission takes the place of what is said of any.
    let is_fast = marks.contains(Marks::FAST_RETRANSMISSION);
    let apt = REMARKS.iter().filter(|(mark, _)| marks.contains(*mark) && !(is_fast && *mark == Marks::RETRANSMISSION));
    apt.map(|(_, remark)| format!(" {remark}")).collect()
}

fn reset(timeline: &Timeline, who: &str, seen: &Seen, acknowledged: Option<(u32, u32)>) -> String {
    if [seen.client, seen.server].iter().flatten().any(|state| *state != TcpState::Closed) {
        return format!(
            "{who} resets what it was sent, which is of no connection it knows: the one that was asked for goes on."
        );
    }
    let refuses = seen.from == Lane::Server && acknowledged == Some((0, 1));
    if refuses {
        let port = timeline.server.port;
        return format!("Nothing accepts connections on port {port}: the server's host answers the SYN with a reset.");
    }
    format!("{who} resets the connection: it is over at once, and nothing sent before is sure to have arrived.")
}

/// What a message says about a datagram that it quotes.
fn refusal(packet: &Packet<'_>) -> String {
    packet.quoted_endpoints().map_or_else(String::new, |(_, from, to)| {
        if !is_port_unreachable(packet) {
            let by = packet.ip().and_then(|ip| ip.source()).map_or_else(String::new, |by| format!("{by} says so: "));
            return format!(
                "{by}the packet from {} to {} met trouble on its way. The message quotes its beginning, so that its \
                 sender knows which it was.",
                from.addr, to.addr
            );
        }
        format!(
            "The kernel answers for {}: nobody listens on UDP port {}. The message quotes the beginning of the datagram it \
             is about, so that {} knows whom to tell.",
            to.addr, to.port, from.addr
        )
    })
}

/// What there is to say of a segment that repeats or asks; its numbers are those of another and need no sentence.
fn remark(who: &str, marks: Marks) -> Option<String> {
    let said = if marks.contains(Marks::SPURIOUS_RETRANSMISSION) {
        "sends the same numbers again, though they had been acknowledged."
    } else if marks.contains(Marks::FAST_RETRANSMISSION) {
        "sends the same numbers again: duplicate acknowledgments ask for them."
    } else if marks.contains(Marks::RETRANSMISSION) {
        "sends the same numbers again: no acknowledgment of them was captured before."
    } else if marks.contains(Marks::KEEP_ALIVE) {
        "asks whether the other side is still there: an ACK with a number that is acknowledged already must be answered."
    } else if marks.contains(Marks::KEEP_ALIVE_ACK) {
        "acknowledges again: it is still there."
    } else if marks.contains(Marks::ZERO_WINDOW_PROBE) {
        "asks whether there is room by now."
    } else if marks.contains(Marks::ZERO_WINDOW_PROBE_ACK) {
        "has still no room: the window is 0."
    } else if marks.contains(Marks::ZERO_WINDOW) {
        "has everything, and no room for more: the window is 0, so the sender must wait."
    } else if marks.contains(Marks::WINDOW_UPDATE) {
        "tells of room for more: a window update."
    } else {
        return None;
    };
    Some(format!("{who} {said}"))
}

fn datagram(timeline: &Timeline, what: What, who: &str, from: Lane, len: u32) -> String {
    let size = bytes(len);
    let first = timeline.events.iter().map(|event| event.what).find(|what| matches!(what, What::Packet { .. }));
    let (client, server) = (timeline.client.port, timeline.server.port);
    match from {
        Lane::Client if first == Some(what) => format!(
            "{who} sends one datagram of {size} from port {client} to port {server}: no handshake, no sequence number, no \
             acknowledgment."
        ),
        Lane::Client => {
            format!(
                "{who} sends another datagram, {size}: what is sent in one call arrives in one call, or not at all."
            )
        }
        Lane::Server => {
            format!("{who} answers with a datagram of {size} to port {client}, where the last one came from.")
        }
    }
}

fn first_fragment(who: &str, len: u32, later: u32) -> String {
    let whole = bytes(len.saturating_add(later));
    format!(
        "{who} sends a datagram of {whole}, too large for one packet: this is its first fragment, with {}. The others have no \
         ports.",
        bytes(len)
    )
}

/// What there is to say of a fragment that has no transport's header, or not all of it.
fn fragment(packet: &Packet<'_>, who: &str, seen: &Seen) -> Option<String> {
    if packet.is_header_split() {
        return Some(format!(
            "{who} begins a segment, too large for one packet: this fragment holds a part of its header."
        ));
    }
    let fragment = packet.fragment().filter(|fragment| fragment.bytes.start > 0)?;
    Some(later_fragment(who, seen.len, !fragment.more) + &remarks(seen.marks))
}

/// A fragment behind the one with the transport's header.
fn later_fragment(who: &str, len: u32, is_last: bool) -> String {
    let which = if is_last { "the last fragment" } else { "a fragment" };
    if len == 0 {
        return format!("{who} sends {which} of what began in an earlier packet: it holds a part of the header.");
    }
    format!("{who} sends {} more of what began in an earlier packet: this is {which} of it.", bytes(len))
}

fn carried_on(transport: Transport, who: &str, run: Run) -> String {
    if run.packets == 0 {
        let until = run.numbers.map_or_else(String::new, |(_, last)| format!(", in the end up to {last}"));
        return format!("{who} acknowledges {} times in a row{until}.", run.acks);
    }
    let noun = if transport == Transport::Tcp { "segments" } else { "datagrams" };
    let numbers =
        run.numbers.map_or_else(String::new, |(first, end)| format!(", numbers {first} to {}", end.wrapping_sub(1)));
    let acknowledged = match run.acks {
        0 => String::new(),
        1 => "; the other side acknowledges once".to_owned(),
        acks => format!("; the other side acknowledges {acks} times"),
    };
    format!("{who} sends {} {noun} in a row, {} bytes{numbers}{acknowledged}.", run.packets, run.bytes)
}

fn bytes(count: u32) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

fn opening(who: &str, flags: Flags, initial: u32, ack: Option<u32>) -> String {
    match ack.filter(|_| flags.ack()) {
        Some(ack) => format!(
            "{who} agrees and opens its own direction (SYN k = {initial}, shown as 0); it acknowledges {ack}: it has the SYN, \
             which takes number {}, and waits for {ack} (ACK j+1).",
            ack.wrapping_sub(1)
        ),
        None => format!(
            "{who} asks to open a connection: its numbering starts at SYN j = {initial}, shown as 0, and the SYN itself \
             takes that number."
        ),
    }
}

/// What the segment carries: data, a FIN, or nothing (then the sentence is still empty).
fn carried(who: &str, flags: Flags, seq: u32, len: u32) -> String {
    let mut said = String::new();
    if len > 0 {
        let last = seq.wrapping_add(len).wrapping_sub(1);
        let numbers = if len == 1 { format!("number {seq}") } else { format!("numbers {seq} to {last}") };
        said = format!("{who} sends {}, {numbers}", bytes(len));
        if flags.psh() {
            said.push_str("; PSH asks that they be handed to the application now");
        }
        said.push('.');
    }
    if flags.fin() {
        let number = seq.wrapping_add(len);
        let lead = if said.is_empty() { who.to_owned() } else { " It then".to_owned() };
        said.push_str(&format!("{lead} has nothing more to send: its FIN takes number {number}."));
    }
    said
}

fn acknowledgment(first: bool, who: &str, ack: u32, acknowledged: Option<(u32, u32)>) -> String {
    let lead = if first { who } else { " It" };
    match acknowledged {
        Some((seq, 1)) => format!("{lead} acknowledges {ack} ({seq}+1): it has number {seq} and waits for {ack}."),
        Some((seq, len)) => format!(
            "{lead} acknowledges {ack} ({seq}+{len}): it has everything up to byte {} and waits for {ack}.",
            ack.wrapping_sub(1)
        ),
        None if first => format!("{lead} acknowledges {ack} again and waits for it."),
        None => String::new(),
    }
}

/// What the segment brings about, where that is a step of the connection's life.
fn aftermath(flags: Flags, relation: Relation, client: Option<TcpState>, server: Option<TcpState>) -> &'static str {
    match (client, server) {
        (Some(TcpState::TimeWait), None) if relation.acknowledges_fin => {
            " It has met its own FIN: from FIN-WAIT-1 by way of CLOSING to TIME-WAIT, as where both sides close at once."
        }
        (Some(TcpState::TimeWait), Some(TcpState::Closed)) => {
            " The server is done; the client holds TIME-WAIT for a while, in case this last ACK gets lost."
        }
        (Some(TcpState::Closed), Some(TcpState::TimeWait)) => {
            " The client is done; the server holds TIME-WAIT for a while, in case this last ACK gets lost."
        }
        (Some(TcpState::Closing), Some(TcpState::Closing)) => {
            " The FINs crossed: each side has the other's and waits for the acknowledgment of its own."
        }
        (Some(TcpState::TimeWait), Some(TcpState::TimeWait)) => {
            " Both have closed at once, so both hold TIME-WAIT for a while."
        }
        (Some(TcpState::FinWait2), Some(TcpState::CloseWait))
        | (Some(TcpState::CloseWait), Some(TcpState::FinWait2))
            if relation.acknowledges_fin && !flags.fin() =>
        {
            " One direction is closed; the other is still open."
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_remark_stands_for_one_mark() {
        for (mark, remark) in REMARKS {
            assert_eq!(remarks(mark), format!(" {remark}"));
        }
    }
}
