//! Questions and answers over UDP: which datagram answers which, which got none, and which met a closed port.

use std::collections::VecDeque;
use std::net::IpAddr;

use super::moment::Moment;
use super::round_trip::{RoundTrip, RoundTrips};
use crate::decode::{Packet, Protocol};
use crate::model::Lane;

/// How many unanswered datagrams are remembered; the oldest gives way.
const WAITING: usize = 16;

/// What two UDP endpoints exchanged. UDP itself pairs nothing: an answer is taken for that to the client's oldest
/// datagram without one.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    waiting: VecDeque<Moment>,
    asked: u64,
    answered: u64,
    times: RoundTrips,
    fragmented: [u64; 2],
    refusal: Option<Refusal>,
    refusals: u64,
}

/// An ICMP message that a datagram found nobody at its port (RFC 1122 §4.1.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The message.
    pub at: Moment,
    /// Who sent it.
    pub by: IpAddr,
    /// Who had sent the datagram it quotes.
    pub sender: Lane,
}

impl Exchange {
    /// Takes in a datagram with `later` bytes in later fragments; returns the one it answers.
    pub(super) fn observe(&mut self, from: Lane, moment: Moment, later: u32) -> Option<Moment> {
        let fragmented = &mut self.fragmented[from as usize];
        *fragmented = fragmented.saturating_add(u64::from(later));
        if from == Lane::Client {
            self.asked = self.asked.saturating_add(1);
            if self.waiting.len() == WAITING {
                self.waiting.pop_front();
            }
            self.waiting.push_back(moment);
            return None;
        }
        let question = self.waiting.pop_front()?;
        self.answered = self.answered.saturating_add(1);
        if let Some(nanos) = moment.since(question) {
            self.times.add(nanos);
        }
        Some(question)
    }

    /// Takes in `bytes` of a datagram whose first fragment came before.
    pub(super) const fn continued(&mut self, from: Lane, bytes: u32) {
        self.fragmented[from as usize] = self.fragmented[from as usize].saturating_sub(bytes as u64);
    }

    /// Takes in a message that a datagram was refused.
    pub(super) fn refused(&mut self, refusal: Refusal) {
        self.refusals = self.refusals.saturating_add(1);
        self.refusal.get_or_insert(refusal);
    }

    /// How many datagrams the client sent.
    #[must_use]
    pub const fn asked(&self) -> u64 {
        self.asked
    }

    /// How many of them were answered.
    #[must_use]
    pub const fn answered(&self) -> u64 {
        self.answered
    }

    /// The latest datagrams of the client that have had no answer, oldest first; at most 16 are remembered.
    pub fn unanswered(&self) -> impl Iterator<Item = Moment> {
        self.waiting.iter().copied()
    }

    /// How many bytes of one side's datagrams lie in fragments after the first that the capture does not hold.
    #[must_use]
    pub const fn fragmented(&self, from: Lane) -> u64 {
        self.fragmented[from as usize]
    }

    /// How long the answers took.
    #[must_use]
    pub fn answer_times(&self) -> Option<RoundTrip> {
        self.times.summary()
    }

    /// The first message that a port was closed.
    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// How many such messages there were.
    #[must_use]
    pub const fn refusals(&self) -> u64 {
        self.refusals
    }
}

/// Whether a packet is an ICMP error that says "port unreachable".
pub(super) fn is_port_unreachable(packet: &Packet<'_>) -> bool {
    let icmp = packet.span(Protocol::Icmp).or_else(|| packet.span(Protocol::Icmpv6));
    // Type and code: 3 and 3 (RFC 792), or 1 and 4 (RFC 4443 §3.1).
    icmp.is_some_and(|icmp| match packet.slice(icmp) {
        [kind, code, ..] if icmp.protocol == Protocol::Icmp => (*kind, *code) == (3, 3),
        [kind, code, ..] => (*kind, *code) == (1, 4),
        _ => false,
    })
}
