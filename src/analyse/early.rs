//! The bytes of fragments that come before their first one, or before the end of TCP's header: only then it is known which
//! conversation they are of, and which place they have there.
//!
//! What waits is bounded in packets, in fragments of each and in bytes; the oldest gives way.

use std::collections::{HashMap, VecDeque};

use super::assembled::Assembled;
use super::moment::Moment;
use super::part::{LONGEST_HEAD, PIECES, REMEMBERED, Whole, is_past};
use crate::decode::Packet;
use crate::model::Frame;

/// How many bytes wait at most.
const WAITING: usize = 4 << 20;

/// What a fragment takes beside its bytes.
const OVERHEAD: usize = 64;

/// The bytes of a fragment that came early.
#[derive(Debug)]
pub(super) struct EarlyPart {
    /// The place of the first in what its packet carries.
    pub(super) start: u32,
    /// Those that were captured.
    pub(super) bytes: Vec<u8>,
    /// How many the capture cut off.
    pub(super) cut: u64,
    /// Whether others follow.
    more: bool,
    /// The packet that brought them.
    pub(super) at: Moment,
}

impl EarlyPart {
    /// The place behind its last byte.
    fn end(&self) -> u32 {
        let len = self.cut.saturating_add(self.bytes.len() as u64);
        self.start.saturating_add(u32::try_from(len).unwrap_or(u32::MAX))
    }

    /// Its bytes, how many were cut off, and the packet.
    pub(super) fn as_carried(&self) -> (&[u8], u64, Moment) {
        (&self.bytes, self.cut, self.at)
    }
}

/// The fragments that wait for their first ones.
#[derive(Debug, Default)]
pub(super) struct Early {
    packets: HashMap<Whole, Waiting>,
    /// In the order of their arrival; what was taken out still stands here.
    order: VecDeque<(Whole, u64)>,
    begun: u64,
    /// How much memory they take.
    held: usize,
}

/// Those of one packet.
#[derive(Debug)]
struct Waiting {
    number: u64,
    last: Moment,
    /// Whether the first fragment has come without all of TCP's header.
    split: bool,
    parts: Vec<EarlyPart>,
}

/// The fragments of a segment whose header came in several of them.
#[derive(Debug)]
pub(super) struct JoinedParts {
    /// Where its payload begins.
    pub(super) payload: u32,
    pub(super) opens: bool,
    pub(super) parts: Vec<EarlyPart>,
}

impl Early {
    /// Lets a fragment wait, if this is one that can belong to a conversation.
    pub(super) fn add(&mut self, frame: &Frame<'_>, packet: &Packet<'_>) {
        let Some((whole, fragment)) = Whole::of(packet) else { return };
        let split = packet.is_header_split();
        if (fragment.bytes.start == 0 && !split) || !whole.is_of_conversation() {
            return;
        }
        let (at, bytes) = (Moment::of(frame), packet.fragment_bytes().to_vec());
        if self.packets.get(&whole).is_some_and(|waiting| is_past(waiting.last, at)) {
            self.forget(&whole);
        }
        if !self.packets.contains_key(&whole) {
            self.begun = self.begun.wrapping_add(1);
            self.packets.insert(whole, Waiting { number: self.begun, last: at, split, parts: Vec::new() });
            self.order.push_back((whole, self.begun));
        }
        let Some(waiting) = self.packets.get_mut(&whole).filter(|waiting| waiting.parts.len() < PIECES) else { return };
        (waiting.last, waiting.split) = (at, split || waiting.split);
        self.held = self.held.saturating_add(bytes.len()).saturating_add(OVERHEAD);
        let cut = u64::from(fragment.bytes.end.saturating_sub(fragment.bytes.start)).saturating_sub(bytes.len() as u64);
        waiting.parts.push(EarlyPart { start: fragment.bytes.start, bytes, cut, more: fragment.more, at });
        while self.held > WAITING || self.order.len() > REMEMBERED {
            let Some((oldest, number)) = self.order.pop_front() else { break };
            if self.packets.get(&oldest).is_some_and(|waiting| waiting.number == number) {
                self.forget(&oldest);
            }
        }
    }

    /// Takes out what came before a first fragment, in the order of its places; with the place where the payload begins.
    pub(super) fn take(&mut self, frame: &Frame<'_>, packet: &Packet<'_>) -> (u32, Vec<EarlyPart>) {
        let first = Whole::of(packet).filter(|(_, fragment)| fragment.bytes.start == 0 && fragment.more);
        let Some((whole, _)) = first else { return (0, Vec::new()) };
        let header = packet.payload_start().unwrap_or(0);
        let Some(waiting) = self.forget(&whole).filter(|waiting| !is_past(waiting.last, Moment::of(frame))) else {
            return (header, Vec::new());
        };
        let mut parts = waiting.parts;
        parts.sort_by_key(|part| part.start);
        (header, parts)
    }

    /// Whether a fragment is of a segment whose header is not there in full so far.
    pub(super) fn is_split(&self, packet: &Packet<'_>) -> bool {
        let whole = Whole::of(packet).map(|(whole, _)| whole);
        whole.and_then(|whole| self.packets.get(&whole)).is_some_and(|waiting| waiting.split)
    }

    /// Takes out the fragments of such a segment, in the order of their places, where this one completes the header.
    pub(super) fn join(&mut self, packet: &Packet<'_>) -> Option<JoinedParts> {
        let (whole, _) = Whole::of(packet)?;
        let waiting = self.packets.get_mut(&whole).filter(|waiting| waiting.split)?;
        waiting.parts.sort_by_key(|part| part.start);
        let head = |part: &EarlyPart| part.bytes.len().min(LONGEST_HEAD as usize);
        let spans = waiting.parts.iter().map(|part| (part.start, part.end(), part.more, &part.bytes[..head(part)]));
        let assembled = Assembled::of(spans)?;
        let (payload, opens) = (assembled.payload, assembled.tcp()?.flags().syn());
        let parts = self.forget(&whole)?.parts;
        Some(JoinedParts { payload, opens, parts })
    }

    fn forget(&mut self, whole: &Whole) -> Option<Waiting> {
        let waiting = self.packets.remove(whole)?;
        let held = waiting.parts.iter().map(|part| part.bytes.len().saturating_add(OVERHEAD));
        self.held = held.fold(self.held, usize::saturating_sub);
        Some(waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::headers;
    use crate::model::{LinkType, Timestamp};

    /// A fragment of a UDP datagram, from byte 8 on.
    fn fragment(identification: u16, len: usize) -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0x20, 1, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
        packet.resize(20 + len, 0);
        let total = packet.len() as u16;
        packet[2..4].copy_from_slice(&total.to_be_bytes());
        packet[4..6].copy_from_slice(&identification.to_be_bytes());
        packet
    }

    fn frame(bytes: &[u8], seconds: i64) -> Frame<'_> {
        let (time, link) = (Some(Timestamp::from_parts(seconds, 0)), LinkType::RAW);
        Frame { number: 1, time, interface: 0, link, wire_len: bytes.len() as u32, bytes, comments: &[] }
    }

    fn add(early: &mut Early, bytes: &[u8], seconds: i64) {
        let frame = frame(bytes, seconds);
        early.add(&frame, &headers(&frame));
    }

    #[test]
    fn what_waits_is_bounded_in_packets_in_fragments_and_in_bytes() {
        let mut early = Early::default();
        for identification in 0..2_000 {
            add(&mut early, &fragment(identification, 8), 0);
        }
        assert_eq!((early.packets.len(), early.held), (REMEMBERED, REMEMBERED * (8 + OVERHEAD)));
        for _ in 0..2 * PIECES {
            add(&mut early, &fragment(1_999, 8), 0);
        }
        assert_eq!(early.held, (REMEMBERED - 1 + PIECES) * (8 + OVERHEAD));
        for identification in 0..200 {
            add(&mut early, &fragment(identification, 60_000), 0);
            assert!(early.held <= WAITING);
        }
        assert!(early.packets.len() >= 60, "{}", early.packets.len());
        let parts = early.packets.values().flat_map(|waiting| &waiting.parts);
        assert_eq!(early.held, parts.map(|part| part.bytes.len() + OVERHEAD).sum::<usize>());
    }

    #[test]
    fn an_identification_is_that_of_another_packet_after_a_minute() {
        let mut early = Early::default();
        let mut first = fragment(7, 108);
        first[7] = 0;
        first[24..26].copy_from_slice(&300_u16.to_be_bytes());
        for (at, expected) in [(60, 1), (61, 0)] {
            add(&mut early, &fragment(7, 8), 0);
            let frame = frame(&first, at);
            let (header, parts) = early.take(&frame, &headers(&frame));
            assert_eq!((header, parts.len(), early.held), (8, expected, 0), "{at}");
        }
        add(&mut early, &fragment(7, 8), 0);
        add(&mut early, &fragment(7, 16), 100);
        let frame = frame(&first, 100);
        let (_, parts) = early.take(&frame, &headers(&frame));
        assert_eq!(parts.iter().map(|part| part.bytes.len()).collect::<Vec<_>>(), [16]);
    }
}
