//! Packets expected from the calls that were made, against packets captured.
//!
//! Each call accounts for certain packets: `connect()` for the three of the handshake, `send()` for a segment and its
//! acknowledgment, `close()` for a FIN and its acknowledgment or, where data lie unread, for a RST. Where a scenario
//! arranges for something else (a segment that gets lost, a probe), the note of the call says what. Where calls and
//! packets do not add up, something was lost, sent again or sent by somebody else, and the ledger names it.

use std::collections::HashMap;

use crate::decode::{Packet, Protocol};
use crate::model::{
    Call, Consequence, Endpoint, Errno, Note, OptionValue, Purpose, SocketCall, SocketOption, Timestamp, Transport,
};

/// What a captured packet is for; `None` where it is of no conversation.
fn purpose(packet: &Packet<'_>) -> Option<Purpose> {
    if let Some(fragment) = packet.fragment() {
        return Some(Purpose::Fragment(fragment.bytes.end.saturating_sub(fragment.bytes.start)));
    }
    if packet.udp().is_some() {
        return Some(Purpose::Datagram(packet.payload_len()));
    }
    let Some(tcp) = packet.tcp() else {
        packet.quoted_endpoints()?;
        return packet.span(Protocol::Icmp).or(packet.span(Protocol::Icmpv6)).map(|_| Purpose::Unreachable);
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
/// way round than in the datagram it quotes.
fn ends(packet: &Packet<'_>) -> Option<(Transport, Endpoint, Endpoint)> {
    let quoted = || packet.quoted_endpoints().map(|(transport, from, to)| (transport, to, from));
    packet.endpoints().or_else(quoted).or_else(|| fragment_ends(packet))
}

/// The ends of a fragment after the first: it has no ports, which 0 stands for.
fn fragment_ends(packet: &Packet<'_>) -> Option<(Transport, Endpoint, Endpoint)> {
    const UDP: u8 = 17;
    let ip = packet.fragment().filter(|fragment| fragment.protocol == UDP).and(packet.ip())?;
    Some((Transport::Udp, Endpoint::new(ip.source()?, 0), Endpoint::new(ip.destination()?, 0)))
}

/// One packet that a call accounts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The call behind it, by its place among the calls.
    pub call: usize,
    /// When that call was entered.
    pub entered: Timestamp,
    /// TCP or UDP.
    pub transport: Transport,
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
}

impl Ledger {
    /// What the calls account for; nothing is captured yet.
    #[must_use]
    pub fn expect(notes: &[Note]) -> Self {
        let mut ledger = Self::default();
        let mut ways = HashMap::new();
        for (index, note) in notes.iter().enumerate() {
            let call = &note.call;
            let (Some(local), Some(peer)) = (call.local, call.peer) else { continue };
            let usual = usual(call, &mut ways);
            for consequence in note.packets.as_ref().unwrap_or(&usual) {
                let Consequence { there, purpose, optional, divisible } = *consequence;
                let (source, destination) = if there { (local, peer) } else { (peer, local) };
                let transport = call.transport;
                ledger.entries.push(Entry {
                    call: index,
                    entered: call.entered,
                    transport,
                    source,
                    destination,
                    purpose,
                    optional,
                    divisible,
                    packet: None,
                });
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
            None => self.unexpected.push((place, purpose)),
        }
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

    /// Whether calls and packets add up, nothing missing and nothing over.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.is_complete() && self.unexpected.is_empty()
    }

    /// The call behind a packet.
    #[must_use]
    pub fn call_behind(&self, place: usize) -> Option<usize> {
        self.entries.iter().find(|entry| entry.packet == Some(place)).map(|entry| entry.call)
    }
}

impl Entry {
    /// Whether it is a packet from one end to another; of a fragment without ports the addresses tell.
    fn is_between(&self, transport: Transport, source: Endpoint, destination: Endpoint) -> bool {
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
    if call.transport == Transport::Udp {
        let is_sent = call.result.is_ok() && matches!(call.what, Call::Send { .. });
        return if is_sent { vec![there(Purpose::Datagram(moved))] } else { Vec::new() };
    }
    if let (Call::Connect(_), Err(Errno::ConnectionRefused)) = (&call.what, &call.result) {
        ways.entry((call.transport, local, peer)).or_default().is_broken = true;
        return vec![there(Purpose::Syn), back(Purpose::Reset)];
    }
    if call.result.is_err() {
        return Vec::new();
    }
    match call.what {
        Call::Connect(_) => vec![there(Purpose::Syn), back(Purpose::SynAck), there(Purpose::Ack)],
        Call::Send { .. } if moved > 0 => {
            ways.entry((call.transport, local, peer)).or_default().moved(moved.into());
            vec![there(Purpose::Data(moved)), back(Purpose::Ack)]
        }
        Call::Receive { .. } => {
            ways.entry((call.transport, peer, local)).or_default().moved(i64::from(moved).saturating_neg());
            Vec::new()
        }
        Call::SetOption(SocketOption::Linger, value) => {
            ways.entry((call.transport, local, peer)).or_default().aborts = value == OptionValue::Seconds(0);
            Vec::new()
        }
        Call::ShutDown(_) => ended(false, (call.transport, local, peer), ways),
        Call::Close { .. } => ended(true, (call.transport, local, peer), ways),
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
