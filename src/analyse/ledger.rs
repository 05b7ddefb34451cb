//! Packets expected from the calls that were made, against packets captured.
//!
//! Each call that succeeded accounts for certain packets: `connect()` for the three of the handshake, `send()` for a
//! segment and its acknowledgment, `close()` for a FIN and its acknowledgment, `sendto()` for a datagram. Where calls
//! and packets do not add up, something was lost, sent again or sent by somebody else, and the ledger names it.

use std::fmt;

use crate::decode::Packet;
use crate::model::{Endpoint, SocketCall, Transport};

/// What a packet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Opens a connection.
    Syn,
    /// Agrees to it.
    SynAck,
    /// Acknowledges and carries nothing.
    Ack,
    /// Carries so many bytes of the stream.
    Data(u32),
    /// Says that no more data follow.
    Fin,
    /// Breaks the connection off.
    Reset,
    /// Is a datagram of so many bytes.
    Datagram(u32),
}

impl Purpose {
    /// What a captured packet is for; `None` for anything but TCP and UDP.
    #[must_use]
    pub fn of(packet: &Packet<'_>) -> Option<Self> {
        if packet.udp().is_some() {
            return Some(Self::Datagram(packet.payload_len()));
        }
        let flags = packet.tcp()?.flags();
        Some(match packet.payload_len() {
            _ if flags.rst() => Self::Reset,
            _ if flags.is_syn_ack() => Self::SynAck,
            _ if flags.syn() => Self::Syn,
            _ if flags.fin() => Self::Fin,
            0 => Self::Ack,
            len => Self::Data(len),
        })
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syn => f.write_str("SYN"),
            Self::SynAck => f.write_str("SYN,ACK"),
            Self::Ack => f.write_str("ACK"),
            Self::Data(len) => write!(f, "segment of {len} B"),
            Self::Fin => f.write_str("FIN"),
            Self::Reset => f.write_str("RST"),
            Self::Datagram(len) => write!(f, "datagram of {len} B"),
        }
    }
}

/// One packet that a call accounts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The call behind it, by its place among the calls.
    pub call: usize,
    /// TCP or UDP.
    pub transport: Transport,
    /// Who sends it.
    pub source: Endpoint,
    /// Who gets it.
    pub destination: Endpoint,
    /// What it is for.
    pub purpose: Purpose,
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
    pub fn expect(calls: &[SocketCall]) -> Self {
        let mut ledger = Self::default();
        for (index, call) in calls.iter().enumerate().filter(|(_, call)| call.result.is_ok()) {
            let (Some(local), Some(peer)) = (call.local, call.peer) else { continue };
            let mut note = |there: bool, purpose| {
                let (source, destination) = if there { (local, peer) } else { (peer, local) };
                let transport = call.transport;
                ledger.entries.push(Entry { call: index, transport, source, destination, purpose, packet: None });
            };
            let moved = call.moved.unwrap_or_default();
            match (call.transport, &*call.name) {
                (Transport::Tcp, "connect") => {
                    note(true, Purpose::Syn);
                    note(false, Purpose::SynAck);
                    note(true, Purpose::Ack);
                }
                (Transport::Tcp, "send") if moved > 0 => {
                    note(true, Purpose::Data(moved));
                    note(false, Purpose::Ack);
                }
                (Transport::Tcp, "close") => {
                    note(true, Purpose::Fin);
                    note(false, Purpose::Ack);
                }
                (Transport::Udp, "sendto" | "send") => note(true, Purpose::Datagram(moved)),
                _ => {}
            }
        }
        ledger
    }

    /// Whether a packet belongs to a conversation the calls held.
    #[must_use]
    pub fn concerns(&self, packet: &Packet<'_>) -> bool {
        packet.endpoints().is_some_and(|(transport, source, destination)| {
            self.entries.iter().any(|entry| {
                let ends = (entry.source, entry.destination);
                entry.transport == transport && (ends == (source, destination) || ends == (destination, source))
            })
        })
    }

    /// Enters a captured packet, by its place among the packets: it settles the first open entry that it can be.
    pub fn enter(&mut self, place: usize, packet: &Packet<'_>) {
        let (Some(ends), Some(purpose)) = (packet.endpoints(), Purpose::of(packet)) else { return };
        let open = self.entries.iter_mut().find(|entry| {
            entry.packet.is_none()
                && (entry.transport, entry.source, entry.destination) == ends
                && entry.purpose == purpose
        });
        match open {
            Some(entry) => entry.packet = Some(place),
            None => self.unexpected.push((place, purpose)),
        }
    }

    /// How many packets the calls account for.
    #[must_use]
    pub fn expected(&self) -> usize {
        self.entries.len()
    }

    /// How many packets of these conversations were captured, expected or not.
    #[must_use]
    pub fn captured(&self) -> usize {
        self.entries.iter().filter(|entry| entry.packet.is_some()).count() + self.unexpected.len()
    }

    /// The expected packets that were not captured.
    pub fn missing(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.packet.is_none())
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

/// `the ACK from 127.0.0.1:8888 to 127.0.0.1:40112 that close() accounts for`, less the call.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} from {} to {}", self.transport.name(), self.purpose, self.source, self.destination)
    }
}
