//! Numbers that a run itself tells: what its scenario wants measured, found in its packets and calls.

use super::marks::Marks;
use super::observed::Observed;
use super::seen::Seen;
use super::timeline::Timeline;
use crate::decode::Echo;
use crate::model::{Call, Errno, Lane, Measure, SocketCall, Transport};

/// Something measured. Packets go by their numbers in the capture, times are nanoseconds, sizes bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measured {
    /// `accept()` took over a connection.
    Accepted {
        /// The packet that finished the handshake.
        handshake: u64,
        /// How long after it the call was made; where it had been made before, how long after it the call returned.
        after: i64,
        /// Whether it had been made before, and waited.
        waited: bool,
    },
    /// A call waited until a packet came.
    Woken {
        /// Whose.
        lane: Lane,
        /// Its name.
        call: String,
        /// The packet that ended its wait.
        packet: u64,
        /// How long it had waited by then.
        waited: i64,
        /// How long after the packet it returned.
        after: i64,
    },
    /// A packet repeats another.
    Repeated {
        /// The packet that was sent before.
        first: u64,
        /// The one that repeats it.
        again: u64,
        /// How long after.
        after: i64,
    },
    /// A window closed.
    WindowClosed {
        /// The packet that told of it.
        packet: u64,
        /// What the receiver had acknowledged by then and no call had taken.
        unread: u32,
        /// The first probe, and how long after it came.
        probe: Option<(u64, i64)>,
        /// The packet that told of room again, and how long after.
        opened: Option<(u64, i64)>,
    },
    /// A side's bytes left in segments.
    Segments {
        /// Whose.
        from: Lane,
        /// In all.
        bytes: u64,
        /// How many in a row had which size.
        sizes: Vec<(u32, u32)>,
    },
    /// The acknowledgment that took longest.
    SlowestAck {
        /// The packet with data.
        data: u64,
        /// The first that acknowledges all of it.
        ack: u64,
        /// How long after.
        after: i64,
    },
    /// A keep-alive probe.
    Probed {
        /// The probe.
        packet: u64,
        /// How long the connection had been silent.
        after: i64,
    },
    /// A call that gave up waiting.
    WaitedInVain {
        /// Whose.
        lane: Lane,
        /// Its name.
        call: String,
        /// How long it waited.
        after: i64,
    },
    /// A host said that it is there.
    Echoed {
        /// The packet that asked.
        request: u64,
        /// The one that answers it.
        reply: u64,
        /// What both have in common.
        identifier: u16,
        /// And this.
        sequence: u16,
        /// How long it took.
        after: i64,
    },
    /// How many segments of a side went off together, from one pause to the next.
    Flights {
        /// Whose.
        from: Lane,
        /// How many in each.
        segments: Vec<u32>,
    },
    /// What it took in all.
    Traffic {
        /// TCP connections.
        connections: u64,
        /// Packets.
        packets: u64,
        /// Those that carry data.
        with_data: u64,
    },
}

impl Measured {
    /// What programs call it.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Woken { .. } => "woken",
            Self::Repeated { .. } => "repeated",
            Self::WindowClosed { .. } => "window_closed",
            Self::Segments { .. } => "segments",
            Self::SlowestAck { .. } => "slowest_ack",
            Self::Probed { .. } => "probed",
            Self::WaitedInVain { .. } => "waited_in_vain",
            Self::Echoed { .. } => "echoed",
            Self::Flights { .. } => "flights",
            Self::Traffic { .. } => "traffic",
        }
    }
}

/// A packet of a connection, and what it meant there.
type Met<'a> = (&'a Observed, Seen);

/// What was wanted and found, in the order it was wanted in.
#[must_use]
pub fn measure(
    wanted: &[Measure],
    packets: &[Observed],
    timelines: &[Timeline],
    calls: &[SocketCall],
) -> Vec<Measured> {
    let connections: Vec<Vec<Met<'_>>> = timelines
        .iter()
        .filter(|timeline| timeline.transport == Transport::Tcp)
        .map(|timeline| of_stream(packets, timeline.stream).collect())
        .collect();
    let each = |find: &dyn Fn(&[Met<'_>]) -> Vec<Measured>| -> Vec<Measured> {
        connections.iter().flat_map(|connection| find(connection)).collect()
    };
    let find = |measure: &Measure| match measure {
        Measure::AcceptAfterHandshake => calls.iter().filter_map(|call| accepted(call, packets)).collect(),
        Measure::Wait => calls.iter().filter_map(|call| woken(call, packets)).collect(),
        Measure::Repetition => each(&repetitions),
        Measure::ClosedWindow => each(&|packets| closed_window(packets, calls).into_iter().collect()),
        Measure::Segments => each(&|packets| segments(packets, Lane::Client).into_iter().collect()),
        Measure::SlowestAck => each(&|packets| slowest_ack(packets).into_iter().collect()),
        Measure::Probe => each(&probes),
        Measure::VainWait => calls.iter().filter_map(waited_in_vain).collect(),
        Measure::Echo => echoes(packets),
        Measure::Flights => each(&|packets| vec![flights(packets, Lane::Client)]),
        Measure::Traffic => vec![traffic(packets, connections.len() as u64)],
    };
    wanted.iter().flat_map(find).collect()
}

fn of_stream(packets: &[Observed], stream: u32) -> impl Iterator<Item = Met<'_>> {
    packets.iter().filter_map(move |observed| {
        let seen = observed.seen.filter(|seen| seen.transport == Transport::Tcp && seen.stream == stream)?;
        Some((observed, seen))
    })
}

/// How long `later` came after `earlier`.
fn between(earlier: &Observed, later: &Observed) -> Option<i64> {
    Some(later.frame.time? - earlier.frame.time?)
}

fn accepted(call: &SocketCall, packets: &[Observed]) -> Option<Measured> {
    let (Some(own), Some(peer), Call::Accept, true) = (call.local, call.peer, &call.what, call.result.is_ok()) else {
        return None;
    };
    let finishes = |observed: &&Observed| {
        let packet = observed.packet();
        let flags = packet.tcp().map(|tcp| tcp.flags());
        packet
            .endpoints()
            .is_some_and(|(transport, from, to)| (Some(transport), from, to) == (call.transport, peer, own))
            && flags.is_some_and(|it| it.ack() && !it.syn())
    };
    let handshake = packets.iter().find(finishes)?;
    let (number, time) = (handshake.frame.number, handshake.frame.time?);
    let waited = call.entered < time;
    let moment = if waited { call.returned } else { call.entered };
    Some(Measured::Accepted { handshake: number, after: moment - time, waited })
}

fn woken(call: &SocketCall, packets: &[Observed]) -> Option<Measured> {
    let waits = matches!(call.what, Call::Accept | Call::Receive { .. }) && call.result.is_ok();
    let (own, peer) = (call.local.filter(|_| waits)?, call.peer?);
    let ends = (call.transport?, peer, own);
    let ends_wait = |observed: &&Observed| {
        let came = observed.frame.time.is_some_and(|time| call.entered < time && time < call.returned);
        came && observed.packet().endpoints() == Some(ends)
    };
    let packet = packets.iter().rfind(ends_wait)?;
    let time = packet.frame.time?;
    Some(Measured::Woken {
        lane: call.lane,
        call: call.key().to_owned(),
        packet: packet.frame.number,
        waited: time - call.entered,
        after: call.returned - time,
    })
}

fn repetitions(packets: &[Met<'_>]) -> Vec<Measured> {
    let repeated = packets.iter().enumerate().filter(|(_, (_, seen))| seen.marks.contains(Marks::RETRANSMISSION));
    let finding = |(place, (again, seen)): (usize, &Met<'_>)| {
        let is_first = |(_, other): &&Met<'_>| other.from == seen.from && other.seq == seen.seq;
        let (first, _) = packets[..place].iter().rfind(is_first)?;
        Some(Measured::Repeated { first: first.frame.number, again: again.frame.number, after: between(first, again)? })
    };
    repeated.filter_map(finding).collect()
}

fn closed_window(packets: &[Met<'_>], calls: &[SocketCall]) -> Option<Measured> {
    let place = packets.iter().position(|(_, seen)| seen.marks.contains(Marks::ZERO_WINDOW))?;
    let (closed, told) = packets[place];
    let (source, destination) = closed.packet().endpoints().map(|(_, source, destination)| (source, destination))?;
    let taken = calls
        .iter()
        .filter(|call| call.local == Some(source) && call.peer == Some(destination))
        .filter(|call| matches!(call.what, Call::Receive { .. }))
        .filter(|call| Some(call.returned) <= closed.frame.time)
        .filter_map(SocketCall::moved)
        .fold(0, u32::saturating_add);
    let after =
        |found: Option<&Met<'_>>| found.and_then(|(packet, _)| Some((packet.frame.number, between(closed, packet)?)));
    let mut later = packets[place..].iter().skip(1);
    let probe = later.clone().find(|(_, seen)| seen.marks.contains(Marks::ZERO_WINDOW_PROBE));
    let opened = later.find(|(_, seen)| seen.from == told.from && seen.window.is_some_and(|window| window > 0));
    // The SYN takes a number too.
    let arrived = told.ack?.wrapping_sub(1);
    Some(Measured::WindowClosed {
        packet: closed.frame.number,
        unread: arrived.saturating_sub(taken),
        probe: after(probe),
        opened: after(opened),
    })
}

fn segments(packets: &[Met<'_>], from: Lane) -> Option<Measured> {
    let mut sizes: Vec<(u32, u32)> = Vec::new();
    for (_, seen) in packets.iter().filter(|(_, seen)| seen.from == from && seen.len > 0) {
        match sizes.last_mut() {
            Some((count, size)) if *size == seen.len => *count = u32::saturating_add(*count, 1),
            _ => sizes.push((1, seen.len)),
        }
    }
    let bytes = sizes.iter().map(|(count, size)| u64::from(*count).saturating_mul(u64::from(*size)));
    let bytes = bytes.fold(0, u64::saturating_add);
    (!sizes.is_empty()).then_some(Measured::Segments { from, bytes, sizes })
}

/// Each answer with its question: the one with the same identifier and sequence number.
fn echoes(packets: &[Observed]) -> Vec<Measured> {
    let answered = packets.iter().filter_map(|reply| {
        let echo = reply.packet().echo().filter(|echo| echo.is_reply)?;
        let (identifier, sequence) = (echo.identifier, echo.sequence);
        let asked = Some(Echo { is_reply: false, ..echo });
        let request = packets.iter().find(|request| request.packet().echo() == asked)?;
        let (request, reply, after) = (request.frame.number, reply.frame.number, between(request, reply)?);
        Some(Measured::Echoed { request, reply, identifier, sequence, after })
    });
    answered.collect()
}

/// A pause that parts two flights, in nanoseconds.
const PAUSE: i64 = 30_000_000;

fn flights(packets: &[Met<'_>], from: Lane) -> Measured {
    let mut segments: Vec<u32> = Vec::new();
    let mut last = None;
    for (observed, _) in packets.iter().filter(|(_, seen)| seen.from == from && seen.len > 0) {
        let pause = last.and_then(|last| between(last, observed));
        match segments.last_mut() {
            Some(count) if pause.is_some_and(|pause| pause < PAUSE) => *count = u32::saturating_add(*count, 1),
            _ => segments.push(1),
        }
        last = Some(*observed);
    }
    Measured::Flights { from, segments }
}

fn slowest_ack(packets: &[Met<'_>]) -> Option<Measured> {
    let answered =
        packets.iter().enumerate().filter(|(_, (_, seen))| seen.len > 0).filter_map(|(place, (data, seen))| {
            let end = seen.seq?.wrapping_add(seen.len);
            let acknowledges = |(_, other): &&Met<'_>| other.from != seen.from && other.ack == Some(end);
            let (ack, _) = packets[place..].iter().find(acknowledges)?;
            Some((between(data, ack)?, data.frame.number, ack.frame.number))
        });
    let (after, data, ack) = answered.max_by_key(|(after, ..)| *after)?;
    Some(Measured::SlowestAck { data, ack, after })
}

fn probes(packets: &[Met<'_>]) -> Vec<Measured> {
    let probed = packets.windows(2).filter(|pair| pair[1].1.marks.contains(Marks::KEEP_ALIVE));
    let finding = |pair: &[Met<'_>]| {
        Some(Measured::Probed { packet: pair[1].0.frame.number, after: between(pair[0].0, pair[1].0)? })
    };
    probed.filter_map(finding).collect()
}

fn waited_in_vain(call: &SocketCall) -> Option<Measured> {
    let gave_up = call.result == Err(Errno::Again);
    gave_up.then(|| Measured::WaitedInVain { lane: call.lane, call: call.key().to_owned(), after: call.duration() })
}

fn traffic(packets: &[Observed], connections: u64) -> Measured {
    let with_data = packets.iter().filter(|observed| observed.packet().payload_len() > 0).count();
    Measured::Traffic { connections, packets: packets.len() as u64, with_data: with_data as u64 }
}
