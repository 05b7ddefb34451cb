//! Which marks a segment gets, from what is known of both directions before it is taken in.
//!
//! The marks and their definitions are Wireshark's ([`Marks`]). They differ in what decides between a retransmission and a
//! segment out of order: here every gap is remembered until it is filled, so a segment whose bytes were seen before is
//! a retransmission whatever the time, and one that fills a gap is out of order only if it comes sooner after the gap
//! than a round trip takes.

use super::{Context, Health, Marks, Segment};
use crate::model::SeqNumber;

/// How soon after a duplicate acknowledgment a retransmission counts as its answer, in nanoseconds.
const FAST: i64 = 20_000_000;

/// What an unknown round trip is taken for when a gap is filled, in nanoseconds.
const SHORT_ROUND_TRIP: i64 = 3_000_000;

/// Everything that can be said of a segment of `own`, before it is taken in.
pub(super) fn marks(own: &Health, peer: &Health, segment: &Segment<'_>, context: Context) -> Marks {
    let mut marks = probe_marks(own, peer, segment) | window_marks(own, peer, segment, context);
    if marks.is_empty() {
        marks |= repeated_ack_marks(own, peer, segment);
    }
    let acked_unseen = match (segment.ack, peer.contiguous(), peer.acked) {
        (Some(ack), Some(seen), acked) => seen.precedes(ack) && acked.is_none_or(|acked| acked.precedes(ack)),
        _ => false,
    };
    marks |= Marks::ACKED_UNSEEN.when(acked_unseen);
    if marks.intersects(Marks::KEEP_ALIVE | Marks::ZERO_WINDOW_PROBE) {
        return marks;
    }
    let after_gap = own.next.is_some_and(|next| next.precedes(segment.seq)) && !segment.flags.rst();
    let oversize = context.peer_mss.is_some_and(|mss| segment.len > u32::from(mss));
    marks
        | Marks::LOST_SEGMENT.when(after_gap)
        | Marks::SUPER_SEGMENT.when(oversize)
        | repetition_marks(own, peer, segment, context)
}

/// Probes go one number back (or one byte ahead); what they probe for is whether the peer's window is shut.
fn probe_marks(own: &Health, peer: &Health, segment: &Segment<'_>) -> Marks {
    let back = own.next == Some(segment.seq + 1) && segment.len <= 1;
    let ahead = own.next == Some(segment.seq) && segment.len == 1;
    match peer.window {
        _ if !segment.is_plain() => Marks::NONE,
        Some(0) => Marks::ZERO_WINDOW_PROBE.when(back || ahead),
        _ => Marks::KEEP_ALIVE.when(back),
    }
}

/// The windows of both sides: this one's own may be shut, the peer's may be full.
fn window_marks(own: &Health, peer: &Health, segment: &Segment<'_>, context: Context) -> Marks {
    if !segment.is_plain() {
        return Marks::NONE;
    }
    let edge = peer.last_ack.filter(|_| context.peer_shift.is_some()).map(|ack| ack + peer.window_bytes);
    let full = segment.len > 0 && edge == Some(segment.seq + segment.len);
    let probed = own.window == Some(0) && segment.len == 0 && peer.last_marks.contains(Marks::ZERO_WINDOW_PROBE);
    Marks::WINDOW_FULL.when(full)
        | Marks::ZERO_WINDOW.when(segment.window == 0)
        | Marks::ZERO_WINDOW_PROBE_ACK.when(segment.window == 0 && probed)
}

/// An empty segment that acknowledges what the one before it did.
fn repeated_ack_marks(own: &Health, peer: &Health, segment: &Segment<'_>) -> Marks {
    let repeats = segment.is_plain()
        && segment.len == 0
        && own.next == Some(segment.seq)
        && segment.ack.is_some()
        && segment.ack == own.last_ack;
    if !repeats {
        Marks::NONE
    } else if own.window != Some(segment.window) {
        Marks::WINDOW_UPDATE
    } else if peer.last_marks.contains(Marks::KEEP_ALIVE) {
        Marks::KEEP_ALIVE_ACK
    } else {
        Marks::DUPLICATE_ACK
    }
}

/// Sequence numbers that are not new: sent again, or late.
fn repetition_marks(own: &Health, peer: &Health, segment: &Segment<'_>, context: Context) -> Marks {
    let Some(next) = own.next.filter(|_| segment.end() != segment.seq && !context.crossing) else { return Marks::NONE };
    // A probe's byte may lie one back, with new data behind it.
    if !segment.seq.precedes(next) || (segment.len > 1 && segment.seq + 1 == next) {
        return Marks::NONE;
    }
    let (start, end, now) = (segment.seq, segment.end(), segment.moment.nanos());
    if segment.len > 0 && peer.last_ack.is_some_and(|ack| !ack.precedes(end)) {
        return Marks::RETRANSMISSION | Marks::SPURIOUS_RETRANSMISSION;
    }
    let round_trip = context.initial_rtt.unwrap_or(SHORT_ROUND_TRIP);
    let gap = own.trouble.as_ref().and_then(|trouble| trouble.gaps.between(start, end));
    if gap.is_some_and(|gap| gap.was_overtaken(segment, round_trip)) {
        return Marks::OUT_OF_ORDER;
    }
    let covers = |(left, right): &(SeqNumber, SeqNumber)| !start.precedes(*left) && !right.precedes(end);
    let asked = peer.duplicate_acks >= 2 && peer.last_ack == Some(start);
    let reported = !own.sacked().is_empty() && !own.sacked().iter().any(covers);
    let soon = now.saturating_sub(peer.last_ack_at) < FAST;
    Marks::RETRANSMISSION | Marks::FAST_RETRANSMISSION.when(soon && (asked || reported))
}
