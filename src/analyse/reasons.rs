//! Which reasons a call or a packet shows.

use super::event::{Event, What};
use super::observed::Observed;
use super::relation::Relation;
use super::seen::Seen;
use super::why::Why;
use crate::decode::{Checksum, Packet, Protocol, checksum};
use crate::model::{Call, Errno, Lane, Outcome, SocketCall, SocketOption, TcpState, Transport};

/// The reasons that an event shows, the most telling first.
pub(super) fn reasons(event: &Event, is_alone: bool, packets: &[Observed], calls: &[SocketCall]) -> Vec<Why> {
    let call = |place: usize| calls.get(place);
    match event.what {
        What::Packet { packet, relation } => {
            let Some((observed, seen)) = packets.get(packet).and_then(|it| Some((it, it.seen?))) else {
                return Vec::new();
            };
            of_packet(&observed.packet(), &seen, relation, is_alone)
        }
        What::Entered(place) => call(place).and_then(|call| entered(call, calls)).into_iter().collect(),
        What::Returned(place) => call(place).and_then(returned).into_iter().collect(),
        What::Called(place) => {
            // What never had to wait shows nothing of waiting.
            let asked = call(place).and_then(|call| entered(call, calls)).into_iter().filter(|why| *why != Why::Waits);
            call(place).and_then(returned).into_iter().chain(asked).collect()
        }
        What::Run { .. } | What::Omitted(_) => Vec::new(),
    }
}

/// What the beginning of a call shows.
fn entered(call: &SocketCall, calls: &[SocketCall]) -> Option<Why> {
    let is_stream = call.transport == Some(Transport::Tcp);
    Some(match (&call.what, call.lane) {
        (Call::Socket { .. }, _) => Why::Socket,
        (Call::Bind(_), Lane::Server) => Why::Bind,
        (Call::SetOption(SocketOption::ReuseAddress, _), _) => Why::ReuseAddress,
        (Call::SetOption(SocketOption::KeepIdle, _), _) => Why::KeepAlive,
        (Call::Listen { .. }, _) => Why::Listen,
        (Call::Connect(_), _) if !is_stream => Why::DatagramConnect,
        (Call::Connect(_), _) if !is_bound(call, calls) => Why::PortChosen,
        (Call::Accept | Call::Receive { .. }, _) if call.result.is_ok() => Why::Waits,
        _ => return None,
    })
}

/// Whether the socket of a call was given a port by `bind()`.
fn is_bound(call: &SocketCall, calls: &[SocketCall]) -> bool {
    let ends = (call.transport, call.lane, call.local);
    let binds =
        |other: &SocketCall| matches!(other.what, Call::Bind(_)) && (other.transport, other.lane, other.local) == ends;
    calls.iter().any(binds)
}

/// What the end of a call shows.
fn returned(call: &SocketCall) -> Option<Why> {
    let is_stream = call.transport == Some(Transport::Tcp);
    Some(match (&call.what, &call.result) {
        (Call::Accept, Ok(_)) => Why::NewSocket,
        (Call::Send { .. }, Ok(_)) if is_stream => Why::SendBuffer,
        (Call::Receive { .. }, Ok(Outcome::PeerClosed)) => Why::EndOfStream,
        (Call::Receive { .. }, Err(Errno::Again)) => Why::TimeLimit,
        _ => return None,
    })
}

/// What a packet shows.
fn of_packet(packet: &Packet<'_>, seen: &Seen, relation: Relation, is_alone: bool) -> Vec<Why> {
    let apt = match packet.tcp().map(|tcp| tcp.flags()) {
        Some(flags) => {
            let states = [seen.client, seen.server];
            let is_third = seen.from == Lane::Client && relation.acknowledges == Some((0, 1)) && !flags.syn();
            let ends = relation.acknowledges_fin && states.contains(&Some(TcpState::TimeWait));
            vec![
                (Why::Loopback, flags.syn() && is_local(packet)),
                (Why::PortNumbers, flags.is_syn_ack() && !is_alone),
                (Why::ThreeMessages, is_third && seen.client == Some(TcpState::Established) && !is_alone),
                (Why::Repetition, relation.loss.is_some()),
                (Why::Window, relation.tells_window && !flags.syn()),
                (Why::ChecksumLeftOut, seen.len > 0 && lacks_checksum(packet)),
                (Why::FourMessages, flags.fin() && !relation.acknowledges_fin && !is_alone),
                (Why::TimeWait, ends),
            ]
        }
        None if packet.udp().is_some() => {
            vec![
                (Why::Datagrams, true),
                (Why::DatagramHeader, true),
                (Why::ChecksumLeftOut, lacks_checksum(packet)),
                (Why::Loopback, is_local(packet)),
            ]
        }
        None => Vec::new(),
    };
    apt.into_iter().filter(|(_, is_apt)| *is_apt).map(|(why, _)| why).collect()
}

/// Whether it goes from this host to itself.
fn is_local(packet: &Packet<'_>) -> bool {
    packet.endpoints().is_some_and(|(_, source, _)| source.addr.is_loopback())
}

/// Whether the transport's checksum is not filled in.
fn lacks_checksum(packet: &Packet<'_>) -> bool {
    let header = packet.span(Protocol::Tcp).or_else(|| packet.span(Protocol::Udp));
    header.and_then(|span| checksum(packet, span)).is_some_and(|sum| matches!(sum, Checksum::NotFilledIn))
}
