//! An event as a row for programs, or the conversation itself: what is known of it.

use super::ladder::Ladder;
use crate::analyse::{Event, Explanation, Observed, Run, Seen, State, What, Why};
use crate::decode::{Protocol, Tcp};
use crate::model::SocketCall;

/// The conversation, or something that happened in it.
pub struct EventRow<'a> {
    pub(super) ladder: &'a Ladder<'a>,
    /// `None` for the conversation itself.
    pub(super) event: Option<&'a Event>,
    /// Where packets are explained.
    pub(super) explanation: Option<Explanation>,
}

impl<'a> EventRow<'a> {
    /// What happened in a conversation, in order.
    #[must_use]
    pub fn events(ladder: &'a Ladder<'a>) -> Vec<Self> {
        let explanation = |event: &Event| ladder.explained(event.what).filter(|_| ladder.explain);
        let row = |event| Self { ladder, event: Some(event), explanation: explanation(event) };
        ladder.timeline.events.iter().map(row).collect()
    }

    /// The conversation, then what happened in it.
    #[must_use]
    pub fn conversation(ladder: &'a Ladder<'a>) -> Vec<Self> {
        let mut rows = vec![Self { ladder, event: None, explanation: None }];
        rows.extend(Self::events(ladder));
        rows
    }

    pub(super) fn what(&self) -> Option<What> {
        self.event.map(|event| event.what)
    }

    /// The packet, or the first of a run.
    pub(super) fn observed(&self) -> Option<&'a Observed> {
        self.ladder.packet(self.what()?)
    }

    /// The packet that it is.
    pub(super) fn packet(&self) -> Option<&'a Observed> {
        self.observed().filter(|_| matches!(self.what(), Some(What::Packet { .. })))
    }

    pub(super) fn seen(&self) -> Option<&'a Seen> {
        self.packet()?.seen.as_ref()
    }

    /// Its TCP header, if it is of the conversation itself.
    pub(super) fn tcp(&self) -> Option<Tcp<'a>> {
        self.packet()?.packet().tcp().filter(|_| self.seen().is_some())
    }

    /// The ICMP error that it is, about a packet of the conversation: its protocol, type and code.
    pub(super) fn icmp(&self) -> Option<(Protocol, u8, u8)> {
        let packet = self.packet().filter(|_| self.seen().is_none())?.packet();
        let header = packet.span(Protocol::Icmp).or_else(|| packet.span(Protocol::Icmpv6))?;
        let [kind, code, ..] = *packet.slice(header) else { return None };
        Some((header.protocol, kind, code))
    }

    /// The segment whose end is acknowledged: where it begins, and how many numbers it takes.
    pub(super) fn acknowledges(&self) -> Option<(u32, u32)> {
        match self.what()? {
            What::Packet { relation, .. } => relation.acknowledges,
            _ => None,
        }
    }

    pub(super) fn run(&self) -> Option<Run> {
        match self.what()? {
            What::Run { run, .. } => Some(run),
            _ => None,
        }
    }

    pub(super) const fn omitted(&self) -> Option<u64> {
        match self.event {
            Some(Event { what: What::Omitted(packets), .. }) => Some(*packets),
            _ => None,
        }
    }

    pub(super) fn call(&self) -> Option<&'a SocketCall> {
        match self.what()? {
            What::Entered(place) | What::Returned(place) | What::Called(place) => self.ladder.calls.get(place),
            _ => None,
        }
    }

    /// Why it is as it is, where that is asked for.
    pub(super) fn why(&self) -> Option<Why> {
        self.event.filter(|_| self.ladder.explain)?.why
    }

    /// What came of a call that has returned.
    pub(super) fn returned(&self) -> Option<&'a SocketCall> {
        self.call().filter(|_| !matches!(self.what(), Some(What::Entered(_))))
    }

    /// Who sent the packet, or the packets.
    pub(super) fn sender(&self) -> Option<&'static str> {
        self.observed().map(|observed| self.ladder.timeline.sender(observed).name())
    }

    pub(super) fn state(&self, of: fn(&Event) -> Option<State>) -> Option<&'static str> {
        self.event.and_then(of).map(|state| state.state.key())
    }
}
