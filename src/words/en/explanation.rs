//! One plain sentence a packet, with the arithmetic.

use super::count::bytes;
use crate::analyse::act::{
    Acknowledged, Act, Carried, Data, Datagram, Farewell, Part, Probes, Repeats, Report, Resets, Step,
};
use crate::analyse::{Explanation, Loss, Mark, Marks, Run, Who};
use crate::decode::Resolution;
use crate::model::{Lane, Transport};

/// What a packet does, in a sentence; what else is to be said of it, in further ones.
pub(in crate::words) fn explanation(explanation: &Explanation) -> String {
    let Explanation { who, act, is_unanswered, loss, remarks: marks } = *explanation;
    let who = sender(who);
    let mut said = match act {
        Act::Reports(about) => report(about),
        Act::Resolves(asked) => resolves(asked),
        Act::CarriesOn { transport, run } => carries_on(transport, who, run),
        Act::IsFragment(part) => fragment(who, part),
        Act::IsDatagram(which) => datagram(who, which),
        Act::Resets(why) => reset(who, why),
        Act::MeetsItself => {
            "The socket meets its own SYN, as if both sides had opened at once: it answers with SYN,ACK \
                             and is in SYN-RECEIVED until its own answer comes in."
                .to_owned()
        }
        Act::ConfirmsItself => {
            "The socket has its own SYN,ACK: the connection with itself is established, which this ACK confirms."
                .to_owned()
        }
        Act::Repeats(why) => format!("{who} {}", repeats(why)),
        Act::Probes(what) => format!("{who} {}", probes(what)),
        Act::ClosesWindow => {
            format!("{who} has everything, and no room for more: the window is 0, so the sender must wait.")
        }
        Act::OpensWindow => format!("{who} tells of room for more: a window update."),
        Act::Opens { initial } => format!(
            "{who} asks to open a connection, the first handshake: its numbering starts at SYN j = {initial}, shown as 0; the \
             SYN counts as one byte, so data start at j+1, shown as 1."
        ),
        Act::Agrees { initial, ack } => format!(
            "{who} agrees and opens its own direction, the second handshake (SYN k = {initial}, shown as 0); it acknowledges \
             {ack} (ACK j+1): it has the SYN and waits for number {ack}."
        ),
        Act::Carries(carried) => carries(who, carried),
    };
    if is_unanswered {
        said.push_str(" No acknowledgment of it was captured before it is sent again.");
    }
    said.push_str(loss.map_or("", lost));
    said + &remarks(marks)
}

/// That a packet never came to the connection it is of.
const fn lost(loss: Loss) -> &'static str {
    match loss {
        Loss::MinimumTtl => {
            " It is lost: the receiving socket was told to let in nothing with so small a TTL (IP_MINTTL), so its kernel threw \
             the packet away before the connection saw it; it is seen here because the capture stands ahead of that."
        }
        Loss::QueueFull => {
            " It is lost: as many finished connections as the queue holds wait for accept(), so the server's kernel ignores it."
        }
    }
}

const fn sender(who: Who) -> &'static str {
    match who {
        Who::Client => "The client",
        Who::Server => "The server",
        Who::Socket => "The socket",
    }
}

/// What a message says about a packet that it quotes.
fn report(report: Report) -> String {
    match report {
        Report::PortUnreachable { host, port, sender } => format!(
            "The kernel answers for {host}: nobody listens on UDP port {port}. The message quotes the beginning of the \
             datagram it is about, so that the kernel of {sender} finds the socket that sent it."
        ),
        Report::Trouble { by, from, to } => {
            let by = by.map_or_else(String::new, |by| format!("{by} says so: "));
            format!(
                "{by}the packet from {from} to {to} met trouble on its way. The message quotes its beginning, so that its \
                 sender knows which it was."
            )
        }
    }
}

/// What is asked of neighbours, or told to them.
fn resolves(asked: Resolution) -> String {
    let Resolution { is_reply, from, to, mac } = asked;
    let protocol = if from.is_ipv4() { "ARP" } else { "Neighbor discovery, IPv6's ARP," };
    match (is_reply, mac) {
        (false, _) => format!(
            "{from} asks its link who has {to}: a frame needs the Ethernet address of the next host, and IP knows none. {protocol}              finds it; only then can the first packet leave."
        ),
        (true, Some(mac)) => {
            format!("{from} is at {mac}: frames for it go there from now on, for {to} remembers it.")
        }
        (true, None) => format!("{from} tells {to} that it is there."),
    }
}

fn carries_on(transport: Transport, who: &str, run: Run) -> String {
    if run.packets == 0 {
        let until = run.numbers.map_or_else(String::new, |(_, last)| format!(", in the end up to {last}"));
        return format!("{who} acknowledges {} times in a row{until}.", run.acks);
    }
    let noun = match transport {
        Transport::Tcp => "segments",
        Transport::Udp => "datagrams",
    };
    let numbers =
        run.numbers.map_or_else(String::new, |(first, end)| format!(", numbers {first} to {}", end.wrapping_sub(1)));
    let acknowledged = match run.acks {
        0 => String::new(),
        1 => "; the other side acknowledges once".to_owned(),
        acks => format!("; the other side acknowledges {acks} times"),
    };
    format!("{who} sends {} {noun} in a row, {} bytes{numbers}{acknowledged}.", run.packets, run.bytes)
}

fn fragment(who: &str, part: Part) -> String {
    match part {
        Part::HeaderBegins => {
            format!("{who} begins a segment, too large for one packet: this fragment holds a part of its header.")
        }
        Part::First { len, later } => format!(
            "{who} sends a datagram of {}, too large for one packet: this is its first fragment, with {}. The others have no \
             ports.",
            bytes(len.saturating_add(later)),
            bytes(len)
        ),
        Part::Later { len, is_last } => {
            let which = if is_last { "the last fragment" } else { "a fragment" };
            if len == 0 {
                return format!(
                    "{who} sends {which} of what began in an earlier packet: it holds a part of the header."
                );
            }
            format!("{who} sends {} more of what began in an earlier packet: this is {which} of it.", bytes(len))
        }
    }
}

fn datagram(who: &str, datagram: Datagram) -> String {
    match datagram {
        Datagram::First { len, from, to } => format!(
            "{who} sends one datagram of {} from port {from} to port {to}: no handshake, no sequence number, no \
             acknowledgment.",
            bytes(len)
        ),
        Datagram::Next { len } => format!(
            "{who} sends another datagram, {}: what is sent in one call arrives in one call, or not at all.",
            bytes(len)
        ),
        Datagram::Answer { len, to } => {
            format!("{who} answers with a datagram of {} to port {to}, where the last one came from.", bytes(len))
        }
    }
}

fn reset(who: &str, resets: Resets) -> String {
    match resets {
        Resets::Unheard => format!("{who}'s kernel answers the SYN with a reset: nobody listens on that port."),
        Resets::Refused { port } => {
            format!("Nothing accepts connections on port {port}: the server's host answers the SYN with a reset.")
        }
        Resets::Stray => format!(
            "{who} resets what it was sent, which is of no connection it knows: the one that was asked for goes on."
        ),
        Resets::Connection => {
            format!("{who} resets the connection: it is over at once, and nothing sent before is sure to have arrived.")
        }
    }
}

const fn repeats(why: Repeats) -> &'static str {
    match why {
        Repeats::Acknowledged => "sends the same numbers again, though they had been acknowledged.",
        Repeats::Asked => "sends the same numbers again: duplicate acknowledgments ask for them.",
        Repeats::Unacknowledged => "sends the same numbers again: no acknowledgment of them was captured before.",
    }
}

const fn probes(what: Probes) -> &'static str {
    match what {
        Probes::Life => {
            "asks whether the other side is still there: an ACK with a number that is acknowledged already must be answered."
        }
        Probes::Alive => "acknowledges again: it is still there.",
        Probes::Room => "asks whether there is room yet.",
        Probes::NoRoom => "still has no room: the window is 0.",
    }
}

/// What the segment carries, acknowledges and brings about; each part begins with a blank but the first.
fn carries(who: &str, carried: Carried) -> String {
    let Carried { data, fin, farewell, acknowledges, step } = carried;
    let mut said = data.map_or_else(String::new, |data| sends(who, data));
    if let Some(number) = fin {
        let lead = if said.is_empty() { who } else { " It then" };
        let which = fin_of(farewell);
        said.push_str(&format!("{lead} has nothing more to send: its FIN counts as one byte, number {number}{which}."));
    }
    if let Some(acknowledged) = acknowledges {
        said.push_str(&acknowledgment(said.is_empty(), who, (acknowledged, step, farewell)));
    }
    said.push_str(step.map_or("", brings_about));
    said
}

fn sends(who: &str, data: Data) -> String {
    let Data { seq, len, is_first_push, .. } = data;
    let last = seq.wrapping_add(len).wrapping_sub(1);
    let numbers = if len == 1 { format!("number {seq}") } else { format!("numbers {seq} to {last}") };
    let pushed = if is_first_push { "; PSH asks that they be handed to the application now" } else { "" };
    format!("{who} sends {}, {numbers}{pushed}.", bytes(len))
}

/// Which farewell a FIN is, where that is known.
const fn fin_of(farewell: Option<Farewell>) -> &'static str {
    match farewell {
        Some(Farewell::First) => ", the first of four farewells",
        Some(Farewell::SecondAndThird) => {
            ", and the acknowledgment of the other side's FIN rides along: the second and the third farewell are one segment, so \
             four take three"
        }
        Some(Farewell::Third) => ", the third farewell",
        Some(Farewell::Second | Farewell::Fourth) | None => "",
    }
}

fn acknowledgment(
    first: bool,
    who: &str,
    (acknowledged, step, farewell): (Acknowledged, Option<Step>, Option<Farewell>),
) -> String {
    let Acknowledged { ack, segment } = acknowledged;
    let lead = if first { who } else { " It" };
    let which = match farewell {
        Some(Farewell::Second) => "the second farewell",
        Some(Farewell::Fourth) => "the fourth and last farewell",
        _ => "",
    };
    match segment {
        Some((seq, 1)) if step == Some(Step::Opened) => {
            format!("{lead} acknowledges {ack} ({seq}+1, ACK k+1), the third handshake.")
        }
        Some((seq, 1)) if !which.is_empty() => {
            format!("{lead} acknowledges {ack} ({seq}+1), {which}: it has the FIN, number {seq}.")
        }
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
const fn brings_about(step: Step) -> &'static str {
    match step {
        Step::Opened => " Now each side knows that the other hears it: the connection is open.",
        Step::ClosedByItself => {
            " It has met its own FIN: from FIN-WAIT-1 by way of CLOSING to TIME-WAIT, as where both sides close at once."
        }
        Step::TimeWait(Lane::Client) => {
            " The server is done; the client holds TIME-WAIT for a while, in case this last ACK gets lost."
        }
        Step::TimeWait(Lane::Server) => {
            " The client is done; the server holds TIME-WAIT for a while, in case this last ACK gets lost."
        }
        Step::FinsCrossed => {
            " The FINs crossed: each side has the other's and waits for the acknowledgment of its own."
        }
        Step::BothTimeWait => " Both have closed at once, so both hold TIME-WAIT for a while.",
        Step::HalfClosed => " One direction is closed; the other is still open.",
    }
}

/// What is out of the ordinary about a segment, a sentence each.
fn remarks(marks: Marks) -> String {
    // What is said of a fast retransmission takes the place of what is said of any.
    let is_fast = marks.contains(Marks::FAST_RETRANSMISSION);
    let apt = marks.iter().filter(|mark| !(is_fast && *mark == Mark::Retransmission));
    apt.map(|mark| format!(" {}", remark(mark))).collect()
}

/// What a mark says of a segment.
const fn remark(mark: Mark) -> &'static str {
    match mark {
        Mark::Retransmission => "These numbers were sent before.",
        Mark::FastRetransmission => "These numbers were sent before: duplicate acknowledgments ask for them again.",
        Mark::SpuriousRetransmission => "It was not needed: they had been acknowledged.",
        Mark::OutOfOrder => "A later segment, or its own acknowledgment, overtook it.",
        Mark::DuplicateAck => "It says the same as the acknowledgment before it: something beyond a gap has arrived.",
        Mark::LostSegment => "Before it there is a gap: a segment was lost, is late, or was not captured.",
        Mark::AckLostSegment => "Of the bytes up to its acknowledgment the capture does not hold all.",
        Mark::WindowFull => "It fills the receiver's window: no more may be sent until the window opens.",
        Mark::ZeroWindow => "Its window is 0: the sender of this segment can take no more data for now.",
        Mark::ZeroWindowProbe => "It asks whether the window has opened.",
        Mark::ZeroWindowProbeAck => "It answers a probe: there is no room yet.",
        Mark::WindowUpdate => "It is sent for its window: there is room again.",
        Mark::KeepAlive => "It is a keep-alive, one number back: is the other side still there?",
        Mark::KeepAliveAck => "It answers a keep-alive: still there.",
        Mark::ReusedPorts => "The same ports held a connection before.",
        Mark::SynAckNotAccepted => {
            "The client does not take it: it has other numbers than the one that the client acknowledges, or acknowledges \
         something else than the client's SYN."
        }
        Mark::SynAckOtherNumbers => {
            "It has other numbers than the SYN-ACK before it: the client's acknowledgment will show which of them it takes."
        }
        Mark::DuplicatePacket => "It is an earlier packet once more, duplicated by the network or captured twice.",
        Mark::SuperSegment => {
            "It is larger than the receiver takes: a network card cuts it into segments later, or has joined them."
        }
        Mark::Cut => "The capture kept only its beginning.",
    }
}
