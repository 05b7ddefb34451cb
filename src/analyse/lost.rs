//! Which packets were lost on their way to a socket, as far as the calls prove it.

use std::collections::HashMap;

use super::event::{Event, What};
use super::loss::Loss;
use super::observed::Observed;
use crate::decode::Packet;
use crate::model::{Call, Endpoint, Lane, OptionValue, SocketCall, SocketOption, Timestamp};

/// Notes which packets came while the other side's socket let nothing in.
pub(super) fn note_losses(events: &mut [Event], packets: &[Observed], calls: &[SocketCall]) {
    let mut minimum = [0, 0];
    for event in events {
        match &mut event.what {
            What::Called(place) | What::Returned(place) => {
                if let Some((lane, ttl)) = calls.get(*place).and_then(asks_for) {
                    minimum[lane as usize] = ttl;
                }
            }
            What::Packet { packet, relation } => {
                let Some((observed, from)) = packets.get(*packet).and_then(|it| Some((it, it.seen?.from))) else {
                    continue;
                };
                let is_let_in = i64::from(ttl(&observed.packet())) >= minimum[from.other() as usize];
                relation.loss = (!is_let_in).then_some(Loss::MinimumTtl);
            }
            What::Entered(_) | What::Run { .. } | What::Omitted(_) => {}
        }
    }
}

/// The least TTL that a call makes its socket ask for, and whose socket that is.
fn asks_for(call: &SocketCall) -> Option<(Lane, i64)> {
    match (&call.what, &call.result) {
        (&Call::SetOption(SocketOption::MinimumTtl, OptionValue::Number(ttl)), Ok(_)) => Some((call.lane, ttl)),
        _ => None,
    }
}

fn ttl(packet: &Packet<'_>) -> u8 {
    packet.ip().and_then(|ip| ip.ttl()).unwrap_or(u8::MAX)
}

/// What changes how many finished connections wait at a listening socket, or is a SYN to it.
#[derive(Clone, Copy)]
enum AtListener {
    /// `listen()`: how many may wait.
    Listens(i32),
    /// A handshake is finished.
    Finished,
    /// `accept()` has taken one.
    Accepted,
    /// A SYN that is sent again, with its conversation's place and its event's.
    Syn(usize, usize),
}

/// Notes which SYNs came while the queue of finished connections was full, where calls and packets tell. Of each
/// conversation there are its server and its events.
pub(super) fn note_ignored(conversations: &mut [(Endpoint, &mut [Event])], packets: &[Observed], calls: &[SocketCall]) {
    let mut moments: Vec<(Timestamp, Endpoint, AtListener)> = Vec::new();
    for call in calls.iter().filter(|call| call.result.is_ok()) {
        let what = match call.what {
            Call::Listen { backlog } => AtListener::Listens(backlog),
            Call::Accept => AtListener::Accepted,
            _ => continue,
        };
        moments.extend(call.local.map(|local| (call.returned, local, what)));
    }
    if moments.is_empty() {
        return;
    }
    for (number, (server, events)) in conversations.iter().enumerate() {
        for (place, event) in events.iter().enumerate() {
            let what = of_handshake(event, packets, (number, place));
            moments.extend(event.at.zip(what).map(|(at, what)| (at, *server, what)));
        }
    }
    moments.sort_by_key(|(at, ..)| *at);
    for (number, place) in ignored(&moments) {
        if let Some(Event { what: What::Packet { relation, .. }, .. }) =
            conversations.get_mut(number).and_then(|(_, events)| events.get_mut(place))
        {
            relation.loss = relation.loss.or(Some(Loss::QueueFull));
        }
    }
}

/// What a packet is to the socket that listens: the third of a handshake, or a SYN that is sent again.
fn of_handshake(event: &Event, packets: &[Observed], place: (usize, usize)) -> Option<AtListener> {
    let What::Packet { packet, relation } = event.what else { return None };
    let observed = packets.get(packet)?;
    let (seen, flags) = (observed.seen?, observed.packet().tcp()?.flags());
    if seen.from != Lane::Client {
        return None;
    }
    match (flags.syn(), relation.acknowledges) {
        (true, _) if !flags.ack() && relation.repeated_by.is_some() => Some(AtListener::Syn(place.0, place.1)),
        (false, Some((0, 1))) => Some(AtListener::Finished),
        _ => None,
    }
}

/// The SYNs that met a full queue: Linux lets one more wait than `listen()` asks for.
fn ignored(moments: &[(Timestamp, Endpoint, AtListener)]) -> Vec<(usize, usize)> {
    let mut queues: HashMap<Endpoint, (i32, i32)> = HashMap::new();
    let mut ignored = Vec::new();
    for &(_, listener, what) in moments {
        match (what, queues.get_mut(&listener)) {
            (AtListener::Listens(most), _) => drop(queues.insert(listener, (most, 0))),
            (AtListener::Finished, Some((_, waiting))) => *waiting = waiting.saturating_add(1),
            (AtListener::Accepted, Some((_, waiting))) => *waiting = waiting.saturating_sub(1),
            (AtListener::Syn(number, place), Some((most, waiting))) if *waiting > *most => {
                ignored.push((number, place));
            }
            _ => {}
        }
    }
    ignored
}
