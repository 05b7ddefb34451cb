//! The same lesson with the same numbers: what differs from run to run, replaced by stable values.
//!
//! A scenario's calls and packets are the same in every run, in the same order as far as one causes the other. Times, the
//! ports the kernel chose, and the numbers it drew at random are not; two events that nothing puts in order may also
//! swap. Here all of that gets values that depend on the scenario alone, in the calls and in the packets' own bytes, so
//! that everything shown is still read from real bytes.

use std::collections::{BTreeSet, HashMap};

use super::ledger::Ledger;
use crate::decode::{Checksum, Packet, Protocol, Span, checksum, dissect, headers};
use crate::model::{Call, Endpoint, Lane, Note, Outcome, OwnedFrame, SeqNumber, SocketCall, Timestamp, Transport};

/// 2023-11-14 22:13:20 UTC, a round number of seconds.
const FIRST: Timestamp = Timestamp::from_parts(1_700_000_000, 0);

/// Between any two events.
const STEP: i64 = 10_000;

/// The ports that stand for those the kernel chose.
const FIRST_PORT: u16 = 40_001;

/// What both ends of a connection get: initial sequence number and timestamp clock, the opener's first.
const INITIAL: [u32; 2] = [1_000_000_000, 2_000_000_000];
const CLOCK: [u32; 2] = [1_000, 2_000];

/// How long after a call has returned the kernel may still do what the call set off, in nanoseconds: less than any timer of
/// TCP, more than it takes.
const SOON: i64 = 5_000_000;

/// A pause that people notice, and that the canonical times keep, in one significant digit: a timer's, in nanoseconds.
const PAUSE: i64 = 30_000_000;

/// Replaces what differs from run to run in the packets and calls of a balanced ledger.
pub fn canonical(frames: &mut [OwnedFrame], notes: &mut Vec<Note>, ledger: &mut Ledger) {
    let mut calls: Vec<SocketCall> = notes.iter().map(|note| note.call.clone()).collect();
    if calls.windows(2).all(|pair| pair[0].returned <= pair[1].entered) {
        set_times_in_turn(frames, &mut calls, ledger);
    } else {
        set_times_of_two(frames, &mut calls, ledger);
    }
    let ports = stable_ports(frames, &calls);
    for (note, mut call) in notes.iter_mut().zip(calls) {
        rename(&mut call, &ports);
        note.call = call;
    }
    sort_notes(notes, ledger);
    let mut opened = HashMap::new();
    let (mut identifications, mut fragmented) = (HashMap::new(), HashMap::new());
    renumber_descriptors(notes);
    for frame in frames {
        let (opened, identifications, fragmented) = (&mut opened, &mut identifications, &mut fragmented);
        Rewrite { frame, ports: &ports, opened, identifications, fragmented }.apply();
    }
}

/// Gives every packet and call its time where each call returned before the next was made: the order is the real one,
/// except that a call ends after the packets it set off, and after those of the call that it heard, which the kernel or the way
/// may put off for a moment.
fn set_times_in_turn(frames: &mut [OwnedFrame], calls: &mut [SocketCall], ledger: &Ledger) {
    let mut moments: Vec<(Timestamp, Moment)> = Vec::new();
    let mut reached = Timestamp::from_nanos(i64::MIN);
    for (index, call) in calls.iter().enumerate() {
        let heard = heard(index, calls);
        let is_own = |call: usize| call == index || Some(call) == heard;
        let own = ledger.entries.iter().filter(|entry| is_own(entry.call)).filter_map(|entry| entry.packet);
        let times = own.filter_map(|packet| frames.get(packet)?.time);
        let last = times.filter(|time| *time - call.returned < SOON).max();
        let entered = call.entered.max(reached);
        reached = call.returned.max(entered).max(last.unwrap_or(entered));
        moments.extend([(entered, Moment::Entered(index)), (reached, Moment::Returned(index))]);
    }
    let packets = frames.iter().enumerate();
    moments.extend(packets.filter_map(|(place, frame)| Some((frame.time?, Moment::Packet(place)))));
    // Stable: the calls of one moment keep their order. A packet stands before them.
    moments.sort_by_key(|(time, moment)| (*time, !matches!(moment, Moment::Packet(_))));
    let mut now = FIRST;
    let mut before = moments.first().map_or(FIRST, |(time, _)| *time);
    for (time, moment) in moments {
        let pause = time - before;
        (now, before) = (now + if pause < PAUSE { STEP } else { one_digit(pause) }, time);
        match moment {
            Moment::Packet(place) => frames[place].time = Some(now),
            Moment::Entered(index) => calls[index].entered = now,
            Moment::Returned(index) => calls[index].returned = now,
        }
    }
}

/// What happens at one moment, by its place.
#[derive(Clone, Copy)]
enum Moment {
    Packet(usize),
    Entered(usize),
    Returned(usize),
}

/// A number rounded to its first digit.
const fn one_digit(number: i64) -> i64 {
    let unit = 10_i64.pow(number.ilog10());
    match number.saturating_add(unit / 2).checked_div(unit) {
        Some(digit) => digit.saturating_mul(unit),
        None => number,
    }
}

/// One event of the canonical order, and what puts it there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// How many packets come before it.
    packets: usize,
    /// Of the two sides, the one that makes the next packet goes last: the other already listens.
    makes_the_next: bool,
    /// Its place among its own side's events.
    turn: usize,
}

/// Gives every packet and call its time where two sides wait for each other: a step after the event before it.
fn set_times_of_two(frames: &mut [OwnedFrame], calls: &mut [SocketCall], ledger: &Ledger) {
    let mut events: Vec<(Place, usize, bool)> = Vec::new();
    for lane in [Lane::Client, Lane::Server] {
        let (mut reached, mut turn) = (0, 0);
        for index in (0..calls.len()).filter(|index| calls[*index].lane == lane) {
            let (before, after) = bounds(index, calls, ledger);
            reached = reached.max(earlier_conversations(index, calls, ledger));
            let entered = before.unwrap_or(reached).max(reached);
            reached = after.unwrap_or(entered).max(entered);
            for (packets, returns) in [(entered, false), (reached, true)] {
                let makes_the_next = ledger.call_behind(packets).is_some_and(|call| calls[call].lane == lane);
                events.push((Place { packets, makes_the_next, turn }, index, returns));
                turn = usize::saturating_add(turn, 1);
            }
        }
    }
    events.sort_unstable_by_key(|(place, index, _)| (*place, *index));
    let mut time = FIRST;
    let mut next = || {
        let now = time;
        time = time + STEP;
        now
    };
    let mut events = events.into_iter().peekable();
    for passed in 0..=frames.len() {
        while let Some((_, index, returns)) = events.next_if(|(place, ..)| place.packets <= passed) {
            let call = &mut calls[index];
            if returns { call.returned = next() } else { call.entered = next() }
        }
        if let Some(frame) = frames.get_mut(passed) {
            frame.time = Some(next());
        }
    }
}

/// Puts the calls in the order of their new times, and the ledger's entries with them.
fn sort_notes(notes: &mut Vec<Note>, ledger: &mut Ledger) {
    let mut order: Vec<usize> = (0..notes.len()).collect();
    order.sort_by_key(|index| notes[*index].call.entered);
    for entry in &mut ledger.entries {
        entry.call = order.iter().position(|index| *index == entry.call).unwrap_or(entry.call);
    }
    *notes = order.into_iter().map(|index| notes[index].clone()).collect();
}

/// How many packets the conversations held before a call's own made: they are over when it is entered.
fn earlier_conversations(index: usize, calls: &[SocketCall], ledger: &Ledger) -> usize {
    let earlier = ledger
        .entries
        .iter()
        .filter(|entry| entry.call < index && entry.transport.is_some() && entry.transport != calls[index].transport);
    earlier.filter_map(|entry| entry.packet).max().map_or(0, |last| last.saturating_add(1))
}

/// How many packets had passed when a call was entered and when it returned, where packets say so.
fn bounds(index: usize, calls: &[SocketCall], ledger: &Ledger) -> (Option<usize>, Option<usize>) {
    let made =
        |call: usize| ledger.entries.iter().filter(move |entry| entry.call == call).filter_map(|entry| entry.packet);
    let before = made(index).min();
    let after = made(index).max().or_else(|| made(heard(index, calls)?).max());
    (before, after.map(|last| last.saturating_add(1)))
}

/// The other side's call that a waiting call heard: its connect, its message, its close.
fn heard(index: usize, calls: &[SocketCall]) -> Option<usize> {
    let call = &calls[index];
    let said: fn(&Call) -> bool = match (&call.what, call.moved()) {
        (Call::Accept, _) => |other| matches!(other, Call::Connect(_)),
        (Call::Receive { .. }, Some(0)) if call.transport == Some(Transport::Tcp) => {
            |other| matches!(other, Call::Close { .. })
        }
        (Call::Receive { .. }, _) => |other| matches!(other, Call::Send { .. }),
        _ => return None,
    };
    let is_pair = |other: &&SocketCall| other.lane != call.lane && other.transport == call.transport;
    let is_like =
        |one: &&SocketCall| one.lane == call.lane && one.transport == call.transport && one.key() == call.key();
    // The n-th message heard is the n-th said; there is one connect and one close a connection.
    let nth = calls[..index].iter().filter(is_like).filter(|one| one.peer == call.peer).count();
    let mut others = calls.iter().enumerate().filter(|(_, other)| {
        is_pair(other) && said(&other.what) && other.local == call.peer && other.peer == call.local
    });
    let is_only = call.moved() == Some(0) || call.what == Call::Accept;
    let (found, _) = if is_only { others.next() } else { others.nth(nth) }?;
    Some(found)
}

/// A stable number for every port that the kernel chose, in the order in which they appear.
fn stable_ports(frames: &[OwnedFrame], calls: &[SocketCall]) -> HashMap<u16, u16> {
    let is_named = |port: u16| calls.iter().any(|call| matches!(call.what, Call::Connect(to) if to.port == port));
    let is_chosen = |port: u16| {
        let of_port = calls.iter().filter(|call| call.local.is_some_and(|local| local.port == port));
        let asked = |call: &SocketCall| if let Call::Bind(asked) = call.what { Some(asked.port) } else { None };
        let mut binds = of_port.filter_map(asked).peekable();
        if binds.peek().is_some() { binds.any(|asked| asked == 0) } else { !is_named(port) }
    };
    let mut ports = HashMap::new();
    for frame in frames {
        let Some((_, source, destination)) = headers(&frame.as_frame()).endpoints() else { continue };
        for port in [source.port, destination.port] {
            if is_chosen(port) {
                let next = FIRST_PORT.saturating_add(ports.len() as u16);
                ports.entry(port).or_insert(next);
            }
        }
    }
    ports
}

/// Renames the ports of a call, in its endpoints and in those that it names.
fn rename(call: &mut SocketCall, ports: &HashMap<u16, u16>) {
    let given = call.result.as_mut().ok().and_then(Outcome::endpoint_mut);
    let named = [call.what.endpoint_mut(), given, call.local.as_mut(), call.peer.as_mut()];
    for end in named.into_iter().flatten() {
        end.port = ports.get(&end.port).copied().unwrap_or(end.port);
    }
}

/// The descriptors that a program would have that holds nothing but its sockets: the first behind the standard streams is 3.
fn renumber_descriptors(notes: &mut [Note]) {
    const FIRST: u32 = 3;
    let told = |note: &Note| [note.call.descriptors.of, note.call.descriptors.given];
    let known: BTreeSet<u32> = notes.iter().flat_map(told).flatten().collect();
    let stable: HashMap<u32, u32> = known.into_iter().zip(FIRST..).collect();
    for note in notes {
        let descriptors = &mut note.call.descriptors;
        for descriptor in [&mut descriptors.of, &mut descriptors.given].into_iter().flatten() {
            *descriptor = stable.get(descriptor).copied().unwrap_or(*descriptor);
        }
    }
}

/// What is remembered of an end of a connection: whether it opened first, and its real first sequence number.
type Opened = HashMap<(Endpoint, Endpoint), (usize, SeqNumber)>;

/// The rewriting of one packet's bytes.
struct Rewrite<'a> {
    frame: &'a mut OwnedFrame,
    ports: &'a HashMap<u16, u16>,
    opened: &'a mut Opened,
    identifications: &'a mut HashMap<(Transport, Endpoint), u16>,
    /// What stands for the identification that the fragments of one packet have in common.
    fragmented: &'a mut HashMap<u32, u16>,
}

impl Rewrite<'_> {
    fn apply(&mut self) {
        let original = self.frame.bytes.clone();
        let view = OwnedFrame { bytes: original, ..self.frame.clone() };
        let packet = headers(&view.as_frame());
        let Some((transport, source, destination)) = packet.endpoints() else {
            self.rewrite_message(&packet);
            self.rewrite_fragment(&packet);
            return;
        };
        if transport == Transport::Tcp {
            self.rewrite_numbers(&packet, source, destination);
            self.rewrite_clocks(&view, source, destination);
        }
        let protocol = if transport == Transport::Tcp { Protocol::Tcp } else { Protocol::Udp };
        let keys = match transport {
            Transport::Tcp => ["tcp.srcport", "tcp.dstport"],
            Transport::Udp => ["udp.srcport", "udp.dstport"],
        };
        for (key, port) in keys.into_iter().zip([source.port, destination.port]) {
            if let Some(stable) = self.ports.get(&port) {
                self.set(&packet, protocol, key, (*stable).into());
            }
        }
        self.rewrite_ip(&packet, transport, source);
        // What was left to the card stays as it was: the sum over the pseudo-header, which none of this changes.
        for (protocol, key) in
            [(Protocol::Ipv4, "ip.checksum"), (Protocol::Tcp, "tcp.checksum"), (Protocol::Udp, "udp.checksum")]
        {
            self.renew_checksum(&packet, protocol, key);
        }
    }

    /// Makes a checksum that was right before the rewriting right again.
    fn renew_checksum(&mut self, before: &Packet<'_>, protocol: Protocol, key: &str) {
        let Some(span) = before.span(protocol) else { return };
        if checksum(before, span) != Some(Checksum::Good) {
            return;
        }
        if let Some(Checksum::Bad { expected }) = checksum(&headers(&self.frame.as_frame()), span) {
            self.set(before, protocol, key, expected.into());
        }
    }

    /// A message about a datagram: its own identification, and that of the datagram it quotes. The message's checksum
    /// stays right, since what a header's fields lose its own checksum gains.
    fn rewrite_message(&mut self, packet: &Packet<'_>) {
        let Some((transport, from, to)) = packet.quoted_endpoints() else {
            if let Some(from) = packet.echo().and(packet.ip()).and_then(|ip| ip.source()) {
                self.rewrite_ip(packet, Transport::Udp, Endpoint::new(from, 0));
                self.renew_checksum(packet, Protocol::Ipv4, "ip.checksum");
            }
            return;
        };
        self.rewrite_ip(packet, transport, to);
        self.renew_checksum(packet, Protocol::Ipv4, "ip.checksum");
        let quoted = packet.spans.iter().find(|span| span.quoted && span.protocol == Protocol::Ipv4);
        let (Some(quoted), Some(drawn)) = (quoted, self.identifications.get(&(transport, from))) else { return };
        let whole = Span { quoted: false, ..*quoted };
        self.set_at(&whole, "ip.id", u64::from(*drawn));
        if let Some(Checksum::Bad { expected }) = checksum(&headers(&self.frame.as_frame()), &whole) {
            self.set_at(&whole, "ip.checksum", expected.into());
        }
    }

    /// A fragment after the first has no ports; its identification is that of the first.
    fn rewrite_fragment(&mut self, packet: &Packet<'_>) {
        let common = packet.fragment().and_then(|fragment| self.fragmented.get(&fragment.identification)).copied();
        if let Some(stable) = common {
            self.set(packet, Protocol::Ipv4, "ip.id", stable.into());
            self.renew_checksum(packet, Protocol::Ipv4, "ip.checksum");
        }
    }

    fn rewrite_numbers(&mut self, packet: &Packet<'_>, source: Endpoint, destination: Endpoint) {
        let Some(tcp) = packet.tcp() else { return };
        if tcp.flags().syn() {
            let role = usize::from(tcp.flags().ack());
            self.opened.entry((source, destination)).or_insert((role, tcp.seq()));
        }
        if let Some((role, first)) = self.opened.get(&(source, destination)).copied() {
            let stable = SeqNumber(INITIAL[role]) + (tcp.seq() - first);
            self.set(packet, Protocol::Tcp, "tcp.seq_raw", stable.0.into());
        }
        let peer = self.opened.get(&(destination, source)).copied();
        if let Some((role, first)) = peer.filter(|_| tcp.flags().ack()) {
            let stable = SeqNumber(INITIAL[role]) + (tcp.ack() - first);
            self.set(packet, Protocol::Tcp, "tcp.ack_raw", stable.0.into());
        }
    }

    /// The timestamp option's clocks stand still: a value for each side.
    fn rewrite_clocks(&mut self, view: &OwnedFrame, source: Endpoint, destination: Endpoint) {
        let dissection = dissect(&view.as_frame());
        let role = |ends| self.opened.get(&ends).map(|(role, _)| *role);
        let (own, peer) = (role((source, destination)), role((destination, source)));
        for (key, role) in [("tcp.options.timestamp.tsval", own), ("tcp.options.timestamp.tsecr", peer)] {
            let range = dissection.field(key).and_then(|field| field.range.clone());
            let (Some(range), Some(role)) = (range, role) else { continue };
            if let Some(bytes) = self.frame.bytes.get_mut(range).filter(|bytes| bytes.iter().any(|byte| *byte != 0)) {
                bytes.copy_from_slice(&CLOCK[role].to_be_bytes());
            }
        }
    }

    fn rewrite_ip(&mut self, packet: &Packet<'_>, transport: Transport, source: Endpoint) {
        let Some(span) = packet.span(Protocol::Ipv4).copied() else {
            self.set(packet, Protocol::Ipv6, "ipv6.flow", 0);
            return;
        };
        let drawn = Protocol::Ipv4.field("ip.id").and_then(|spec| spec.read(packet.slice(&span)));
        if drawn.is_some_and(|drawn| drawn != 0) {
            let counter = self.identifications.entry((transport, source)).or_default();
            *counter = counter.wrapping_add(1);
            let stable = *counter;
            self.fragmented.extend(packet.fragment().map(|fragment| (fragment.identification, stable)));
            self.set(packet, Protocol::Ipv4, "ip.id", stable.into());
        }
    }

    /// Writes one field of one header.
    fn set(&mut self, packet: &Packet<'_>, protocol: Protocol, key: &str, value: u64) {
        if let Some(span) = packet.span(protocol) {
            self.set_at(span, key, value);
        }
    }

    /// Writes one field of the header at `span`.
    fn set_at(&mut self, span: &Span, key: &str, value: u64) {
        let (Some(header), Some(spec)) = (self.frame.bytes.get_mut(span.range()), span.protocol.field(key)) else {
            return;
        };
        spec.write(header, value);
    }
}
