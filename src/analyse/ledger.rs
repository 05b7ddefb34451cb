//! Packets expected from the calls that were made, against packets captured.
//!
//! Each call accounts for certain packets: `connect()` for the three of the handshake, `send()` for a segment and its
//! acknowledgment, `close()` for a FIN and its acknowledgment or, where data lie unread, for a RST. Where a scenario
//! arranges for something else (a segment that gets lost, a probe), the note of the call says what. Where calls and
//! packets do not add up, something was lost, sent again or sent by somebody else, and the ledger names it.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::decode::{Packet, Protocol};
use crate::model::{
    Call, Consequence, Endpoint, Errno, Note, OptionValue, Purpose, SocketCall, SocketOption, Timestamp, Transport,
};

/// ICMP's type and code of a packet that a router lets not through (RFC 1812 §5.2.7.1).
const PROHIBITED: [u8; 2] = [3, 13];

/// What a captured packet is for; `None` where it is of no conversation.
fn purpose(packet: &Packet<'_>) -> Option<Purpose> {
    if let Some(asked) = packet.resolution() {
        return Some(if asked.is_reply { Purpose::TellsOfNeighbor } else { Purpose::AsksForNeighbor });
    }
    if let Some(echo) = packet.echo() {
        return Some(if echo.is_reply { Purpose::EchoReply } else { Purpose::EchoRequest });
    }
    if let Some(fragment) = packet.fragment() {
        return Some(Purpose::Fragment(fragment.bytes.end.saturating_sub(fragment.bytes.start)));
    }
    if packet.udp().is_some() {
        return Some(Purpose::Datagram(packet.payload_len()));
    }
    let Some(tcp) = packet.tcp() else {
        packet.quoted_endpoints()?;
        let message = packet.slice(packet.span(Protocol::Icmp).or(packet.span(Protocol::Icmpv6))?);
        return Some(if message.starts_with(&PROHIBITED) { Purpose::Prohibited } else { Purpose::Unreachable });
    };
    let flags = tcp.flags();
    Some(match packet.payload_len() {
        _ if flags.rst() => Purpose::Reset,
        _ if flags.is_syn_ack() => Purpose::SynAck,
        _ if flags.syn() => Purpose::Syn,
        _ if flags.fin() => Purpose::Fin,
        0 => Purpose::Ack,
        len => Purpose::Data(len),
    })
}

/// The conversation's ends, from the sender's to the receiver's; of a message that a datagram found nobody, the other
/// way round than in the datagram it quotes. Neighbours have no ports, nor have later fragments.
fn ends(packet: &Packet<'_>) -> Option<(Option<Transport>, Endpoint, Endpoint)> {
    if let Some(asked) = packet.resolution() {
        return Some((None, Endpoint::new(asked.from, 0), Endpoint::new(asked.to, 0)));
    }
    if packet.echo().is_some() {
        let ip = packet.ip()?;
        return Some((None, Endpoint::new(ip.source()?, 0), Endpoint::new(ip.destination()?, 0)));
    }
    let quoted = || packet.quoted_endpoints().map(|(transport, from, to)| (transport, to, from));
    let ends = packet.endpoints().or_else(quoted).or_else(|| fragment_ends(packet));
    ends.map(|(transport, source, destination)| (Some(transport), source, destination))
}

/// The ends of a fragment after the first: it has no ports, which 0 stands for.
fn fragment_ends(packet: &Packet<'_>) -> Option<(Transport, Endpoint, Endpoint)> {
    const UDP: u8 = 17;
    let ip = packet.fragment().filter(|fragment| fragment.protocol == UDP).and(packet.ip())?;
    Some((Transport::Udp, Endpoint::new(ip.source()?, 0), Endpoint::new(ip.destination()?, 0)))
}

/// Whom a host asks for on its link before its first packet can leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextHop {
    /// The host, by the address that its packets come from.
    pub of: IpAddr,
    /// Whose link-layer address it needs.
    pub asks_for: IpAddr,
}

/// One packet that a call accounts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The call behind it, by its place among the calls.
    pub call: usize,
    /// When that call was entered.
    pub entered: Timestamp,
    /// TCP or UDP; `None` for what goes between neighbours, without ports.
    pub transport: Option<Transport>,
    /// Who sends it.
    pub source: Endpoint,
    /// Who gets it.
    pub destination: Endpoint,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it may also stay away.
    pub optional: bool,
    /// Whether its bytes may also come in several packets.
    pub divisible: bool,
    /// The captured packet that it turned out to be, by its place among the packets entered.
    pub packet: Option<usize>,
}

/// Calls on one side, packets on the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The expected packets, in the order the calls cause them.
    pub entries: Vec<Entry>,
    /// Packets of these conversations that no call accounts for: their place among the packets entered, and what they
    /// are.
    pub unexpected: Vec<(usize, Purpose)>,
    /// How many packets the lab's router threw away.
    pub thrown_away: usize,
    /// How many of the captured packets never arrived where they were to.
    pub vanished: usize,
}

impl Ledger {
    /// What the calls account for; nothing is captured yet.
    #[must_use]
    pub fn expect(notes: &[Note]) -> Self {
        Self::expect_between(notes, &[])
    }

    /// The same between hosts that have to ask for each other first.
    #[must_use]
    pub fn expect_between(notes: &[Note], next_hops: &[NextHop]) -> Self {
        let mut ledger = Self::default();
        let mut to_ask = next_hops.to_vec();
        let mut ways = HashMap::new();
        for (index, note) in notes.iter().enumerate() {
            let call = &note.call;
            let (Some(local), Some(peer)) = (call.local, call.peer) else { continue };
            // What a socket of ICMP has for a port is the identifier of its questions, and no port of a host.
            let portless = |end: Endpoint| if call.transport.is_none() { Endpoint::new(end.addr, 0) } else { end };
            let (local, peer) = (portless(local), portless(peer));
            let usual = usual(call, &mut ways);
            for consequence in note.packets.as_ref().unwrap_or(&usual) {
                let Consequence { there, purpose, optional, divisible } = *consequence;
                let (source, destination) = if there { (local, peer) } else { (peer, local) };
                let transport = call.transport;
                let (entered, packet) = (call.entered, None);
                let entry = Entry {
                    call: index,
                    entered,
                    transport,
                    source,
                    destination,
                    purpose,
                    optional,
                    divisible,
                    packet,
                };
                let asks = to_ask.iter().position(|hop| hop.of == source.addr);
                ledger.entries.extend(asks.into_iter().flat_map(|place| entry.behind(to_ask.swap_remove(place))));
                ledger.entries.push(entry);
            }
        }
        ledger
    }

    /// Whether a packet belongs to a conversation the calls held.
    #[must_use]
    pub fn concerns(&self, packet: &Packet<'_>) -> bool {
        ends(packet).is_some_and(|(transport, source, destination)| {
            self.entries.iter().any(|entry| {
                entry.is_between(transport, source, destination) || entry.is_between(transport, destination, source)
            })
        })
    }

    /// Enters a captured packet, by its place among the packets: it settles the first open entry that it can be. A call
    /// that was made by then comes before a later one, all of an entry before a part, one that must come before one that may
    /// stay away.
    pub fn enter(&mut self, place: usize, time: Option<Timestamp>, packet: &Packet<'_>) {
        let (Some(ends), Some(purpose)) = (ends(packet), purpose(packet)) else { return };
        let (transport, source, destination) = ends;
        let is_open = |entry: &Entry| entry.packet.is_none() && entry.is_between(transport, source, destination);
        let is_early = |entry: &Entry| time.is_some_and(|time| time < entry.entered);
        let is_whole = |entry: &Entry| is_open(entry) && entry.purpose == purpose;
        let is_part = |entry: &Entry| is_open(entry) && entry.remainder(purpose).is_some();
        // What may stay away belongs to the latest call that was made by then.
        let made = |entry: &Entry| if entry.optional { entry.entered.nanos().saturating_neg() } else { 0 };
        let entries = self.entries.iter().enumerate().filter(|(_, entry)| is_whole(entry) || is_part(entry));
        let apt = entries.min_by_key(|(_, entry)| (is_early(entry), is_part(entry), entry.optional, made(entry)));
        match apt.map(|(index, entry)| (index, is_part(entry))) {
            Some((index, false)) => self.entries[index].packet = Some(place),
            Some((index, true)) => self.divide(index, place, purpose),
            // Neighbours make sure of each other now and then.
            None if packet.resolution().is_some() => self.add(place, time, ends, purpose),
            None => self.unexpected.push((place, purpose)),
        }
    }

    /// Adds an entry for what the kernel does by itself, and settles it.
    fn add(
        &mut self,
        place: usize,
        time: Option<Timestamp>,
        (transport, source, destination): (Option<Transport>, Endpoint, Endpoint),
        purpose: Purpose,
    ) {
        let made_by_then = |entry: &&Entry| time.is_none_or(|time| entry.entered <= time);
        let Some(&latest) = self.entries.iter().rev().find(made_by_then).or(self.entries.first()) else { return };
        let packet = Some(place);
        let (optional, divisible) = (true, false);
        self.entries.push(Entry { transport, source, destination, purpose, optional, divisible, packet, ..latest });
    }

    /// Settles a part of an entry; the rest stays open, and the part may be acknowledged by itself.
    fn divide(&mut self, index: usize, place: usize, piece: Purpose) {
        let entry = self.entries[index];
        let Some(rest) = entry.remainder(piece) else { return };
        let acknowledgment = Entry {
            source: entry.destination,
            destination: entry.source,
            purpose: Purpose::Ack,
            optional: true,
            divisible: false,
            ..entry
        };
        let settled = Entry { purpose: piece, packet: Some(place), ..entry };
        self.entries.splice(index..=index, [settled, acknowledgment, Entry { purpose: rest, ..entry }]);
    }

    /// How many packets the calls account for; of those that may stay away, the ones that did not.
    #[must_use]
    pub fn expected(&self) -> usize {
        self.entries.iter().filter(|entry| !entry.optional || entry.packet.is_some()).count()
    }

    /// How many packets of these conversations were captured, expected or not.
    #[must_use]
    pub fn captured(&self) -> usize {
        self.entries
            .iter()
            .filter_map(|entry| entry.packet)
            .chain(self.unexpected.iter().map(|(place, _)| *place))
            .count()
    }

    /// The expected packets that were not captured.
    pub fn missing(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.packet.is_none() && !entry.optional)
    }

    /// Whether every expected packet was captured.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing().next().is_none()
    }

    /// Whether calls and packets add up, nothing missing, nothing over, and nothing lost that was not to be.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.is_complete() && self.unexpected.is_empty() && self.is_accounted_for()
    }

    /// Whether what vanished on its way is what was thrown away there.
    #[must_use]
    pub const fn is_accounted_for(&self) -> bool {
        self.thrown_away == self.vanished
    }

    /// The call behind a packet.
    #[must_use]
    pub fn call_behind(&self, place: usize) -> Option<usize> {
        self.entries.iter().find(|entry| entry.packet == Some(place)).map(|entry| entry.call)
    }
}

impl Entry {
    /// The question and the answer that come before a packet, where its sender does not know its neighbour yet.
    fn behind(self, NextHop { of, asks_for }: NextHop) -> [Self; 2] {
        let (source, destination) = (Endpoint::new(of, 0), Endpoint::new(asks_for, 0));
        let asks = Self { transport: None, source, destination, purpose: Purpose::AsksForNeighbor, ..self };
        [asks, Self { source: destination, destination: source, purpose: Purpose::TellsOfNeighbor, ..asks }]
    }

    /// Whether it is a packet from one end to another; of a fragment without ports the addresses tell.
    fn is_between(&self, transport: Option<Transport>, source: Endpoint, destination: Endpoint) -> bool {
        let has_ports = source.port != 0 || !matches!(self.purpose, Purpose::Fragment(_));
        let (from, to) = (self.source, self.destination);
        let is_same = if has_ports {
            (from, to) == (source, destination)
        } else {
            (from.addr, to.addr) == (source.addr, destination.addr)
        };
        self.transport == transport && is_same
    }

    /// What is left of it when a part has come.
    fn remainder(&self, piece: Purpose) -> Option<Purpose> {
        match (self.purpose, piece) {
            (Purpose::Data(all), Purpose::Data(piece)) if self.divisible && piece < all => {
                all.checked_sub(piece).map(Purpose::Data)
            }
            _ => None,
        }
    }
}

/// What the calls so far did to one direction of a connection.
#[derive(Default)]
struct Way {
    /// Bytes handed to the kernel less those taken from it at the other end; a waiting `recv()` is entered, and counted,
    /// before the `send()` it hears.
    unread: i64,
    /// Whether its FIN is sent.
    is_shut: bool,
    /// Whether closing it is to break it off (`SO_LINGER` of 0 s).
    aborts: bool,
    /// Whether it was broken off, by either end.
    is_broken: bool,
}

impl Way {
    /// Notes bytes handed over, or taken (negative).
    const fn moved(&mut self, bytes: i64) {
        self.unread = self.unread.saturating_add(bytes);
    }
}

/// The packets that such a call makes, as far as this call and those before it tell.
fn usual(call: &SocketCall, ways: &mut HashMap<(Transport, Endpoint, Endpoint), Way>) -> Vec<Consequence> {
    let (Some(local), Some(peer)) = (call.local, call.peer) else { return Vec::new() };
    let there = Consequence::there;
    let back = Consequence::back;
    let moved = call.moved().unwrap_or_default();
    let Some(transport) = call.transport else {
        let is_sent = call.result.is_ok() && matches!(call.what, Call::Send { .. });
        return if is_sent { vec![there(Purpose::EchoRequest), back(Purpose::EchoReply)] } else { Vec::new() };
    };
    if call.transport == Some(Transport::Udp) {
        let is_sent = call.result.is_ok() && matches!(call.what, Call::Send { .. });
        return if is_sent { vec![there(Purpose::Datagram(moved))] } else { Vec::new() };
    }
    if let (Call::Connect(_), Err(Errno::ConnectionRefused)) = (&call.what, &call.result) {
        ways.entry((transport, local, peer)).or_default().is_broken = true;
        return vec![there(Purpose::Syn), back(Purpose::Reset)];
    }
    if call.result.is_err() {
        return Vec::new();
    }
    match call.what {
        Call::Connect(_) => vec![there(Purpose::Syn), back(Purpose::SynAck), there(Purpose::Ack)],
        Call::Send { .. } if moved > 0 => {
            ways.entry((transport, local, peer)).or_default().moved(moved.into());
            vec![there(Purpose::Data(moved)), back(Purpose::Ack)]
        }
        Call::Receive { .. } => {
            ways.entry((transport, peer, local)).or_default().moved(i64::from(moved).saturating_neg());
            Vec::new()
        }
        Call::SetOption(SocketOption::Linger, value) => {
            ways.entry((transport, local, peer)).or_default().aborts = value == OptionValue::Seconds(0);
            Vec::new()
        }
        Call::ShutDown(_) => ended(false, (transport, local, peer), ways),
        Call::Close { .. } => ended(true, (transport, local, peer), ways),
        _ => Vec::new(),
    }
}

/// What ending one direction makes, or closing the socket: a FIN and its acknowledgment, a RST, or nothing more.
fn ended(
    is_closed: bool,
    (transport, local, peer): (Transport, Endpoint, Endpoint),
    ways: &mut HashMap<(Transport, Endpoint, Endpoint), Way>,
) -> Vec<Consequence> {
    let leaves_unread = ways.get(&(transport, peer, local)).is_some_and(|way| way.unread > 0);
    let is_broken = ways.get(&(transport, peer, local)).is_some_and(|way| way.is_broken);
    let way = ways.entry((transport, local, peer)).or_default();
    if is_broken || way.is_broken {
        return Vec::new();
    }
    if is_closed && (way.aborts || leaves_unread) {
        way.is_broken = true;
        return vec![Consequence::there(Purpose::Reset)];
    }
    if std::mem::replace(&mut way.is_shut, true) {
        return Vec::new();
    }
    vec![Consequence::there(Purpose::Fin), Consequence::back(Purpose::Ack)]
}
