//! Which marks a segment gets, from what is known of both directions before it is taken in.
//!
//! The marks and their definitions are Wireshark's ([`Marks`]). They differ in what decides between a retransmission and a
//! segment out of order: here every gap is remembered until it is filled, so a segment whose bytes were seen before is
//! a retransmission whatever the time, and one that fills a gap is out of order only if it comes sooner after the gap
//! than a round trip takes.

use super::one_way::Health;
use crate::analyse::gaps::LEAST_TIMEOUT;
use crate::analyse::handshake::Handshake;
use crate::analyse::marks::Marks;
use crate::analyse::segment::{Role, Segment};
use crate::model::{Lane, SeqNumber};

/// How soon after a duplicate acknowledgment a retransmission counts as its answer, in nanoseconds.
const FAST: i64 = 20_000_000;

/// What an unknown round trip is taken for when a gap is filled, in nanoseconds.
const SHORT_ROUND_TRIP: i64 = 3_000_000;

/// What the connection knows and a segment's marks depend on.
#[derive(Clone, Copy, Debug)]
pub(in crate::analyse) struct Context<'a> {
    pub(in crate::analyse) handshake: &'a Handshake,
    /// Where the segment goes.
    pub(in crate::analyse) to: Lane,
    /// The sender's window, scaled.
    pub(in crate::analyse) window: u32,
    /// Whether a SYN-ACK answers a SYN that crossed its sender's own: then it is no repetition of that.
    pub(in crate::analyse) crossing: bool,
    /// Whether it is the first SYN of its sender: what that sent before has overtaken it.
    pub(in crate::analyse) first_syn: bool,
    /// Whether its sequence numbers begin anew: those before were of another connection.
    pub(in crate::analyse) renumbered: bool,
    /// Whether the receiver has sent a SYN and the sender none: then an acknowledgment of anything but that SYN is of
    /// another connection (RFC 5961 §4.2).
    pub(in crate::analyse) unsynchronized: bool,
}

/// Everything that can be said of a segment of `own`, before it is taken in.
pub(super) fn marks(own: &Health, peer: &Health, segment: &Segment, context: Context<'_>) -> Marks {
    let mut marks = probe_marks(own, peer, segment) | window_marks(own, peer, segment, context);
    if marks.is_empty() {
        marks |= repeated_ack_marks(own, peer, segment, context);
    }
    marks |= Marks::ACK_LOST_SEGMENT.when(acks_unseen(peer, segment));
    if marks.intersects(Marks::KEEP_ALIVE | Marks::ZERO_WINDOW_PROBE) {
        return marks;
    }
    let is_ahead = own.next.is_some_and(|next| next.precedes(segment.seq));
    let after_gap = is_ahead && !segment.flags.rst() && !segment.is_piece();
    let peer_mss = context.handshake.offer(context.to).and_then(|offer| offer.mss);
    let oversize = peer_mss.is_some_and(|mss| segment.len > u32::from(mss));
    marks
        | Marks::LOST_SEGMENT.when(after_gap)
        | Marks::SUPER_SEGMENT.when(oversize)
        | repetition_marks(own, peer, segment, context)
}

/// Whether a new acknowledgment goes beyond what the segments captured so far lead to expect. Where everything before it
/// was acknowledged without being captured, that is so until captured segments behind the gap are acknowledged too.
fn acks_unseen(peer: &Health, segment: &Segment) -> bool {
    let (Some(ack), Some(expected)) = (segment.ack, peer.contiguous()) else { return false };
    let is_new = peer.acked.is_none_or(|acked| acked.precedes(ack));
    is_new && (expected.precedes(ack) || peer.is_acknowledged_ahead())
}

/// Probes go one number back (or one byte ahead); what they probe for is whether the peer's window is shut.
fn probe_marks(own: &Health, peer: &Health, segment: &Segment) -> Marks {
    let back = own.next == Some(segment.seq + 1) && segment.len <= 1;
    let ahead = own.next == Some(segment.seq) && segment.len == 1;
    match peer.window {
        _ if !segment.is_plain() => Marks::NONE,
        Some(0) => Marks::ZERO_WINDOW_PROBE.when(back || ahead),
        _ => Marks::KEEP_ALIVE.when(back),
    }
}

/// The windows of both sides: this one's own may be shut, the peer's may be full.
fn window_marks(own: &Health, peer: &Health, segment: &Segment, context: Context<'_>) -> Marks {
    if !segment.is_plain() {
        return Marks::NONE;
    }
    let edge =
        peer.last_ack.filter(|_| context.handshake.shift(context.to).is_some()).map(|ack| ack + peer.window_bytes);
    let full = segment.len > 0 && edge == Some(segment.seq + segment.len);
    let probed = own.window == Some(0) && segment.len == 0 && peer.probes > 0;
    Marks::WINDOW_FULL.when(full)
        | Marks::ZERO_WINDOW.when(segment.window == 0 && !segment.is_piece())
        | Marks::ZERO_WINDOW_PROBE_ACK.when(segment.window == 0 && probed)
}

/// An empty segment that acknowledges what the one before it did.
fn repeated_ack_marks(own: &Health, peer: &Health, segment: &Segment, context: Context<'_>) -> Marks {
    let repeats = segment.is_plain()
        && segment.len == 0
        && own.next == Some(segment.seq)
        && segment.ack.is_some()
        && segment.ack == own.last_ack
        && !confirms_itself(own, peer, context);
    if !repeats {
        Marks::NONE
    } else if own.window != Some(segment.window) {
        Marks::WINDOW_UPDATE
    } else if peer.keep_alives > 0 {
        Marks::KEEP_ALIVE_ACK
    } else {
        Marks::DUPLICATE_ACK
    }
}

/// Whether it ends the handshake of a socket with itself: both SYN and SYN-ACK are its own, and their windows not scaled.
fn confirms_itself(own: &Health, peer: &Health, context: Context<'_>) -> bool {
    let handshake = context.handshake;
    own.data == 0 && peer.next.is_none() && handshake.syn.is_some() && handshake.syn_ack.is_some()
}

/// Sequence numbers that are not new: sent again, or late.
fn repetition_marks(own: &Health, peer: &Health, segment: &Segment, context: Context<'_>) -> Marks {
    let Some(next) = own.next.filter(|_| segment.end() != segment.seq && !context.crossing) else { return Marks::NONE };
    let (start, end, now) = (segment.seq, segment.end(), segment.moment.nanos());
    let gap = own.gap(start, end);
    if gap.is_some() && segment.role == Role::Piece {
        return Marks::NONE;
    }
    let round_trip = || context.handshake.initial_rtt().unwrap_or(SHORT_ROUND_TRIP);
    if gap.is_some_and(|gap| gap.was_overtaken(segment, round_trip())) {
        return Marks::OUT_OF_ORDER;
    }
    // A probe's byte may lie one back, with new data behind it.
    let is_new = !start.precedes(next) || (segment.len > 1 && start + 1 == next);
    if is_new && gap.is_none() {
        return Marks::NONE;
    }
    // Nobody asks for a SYN again: only a timer sends one.
    if context.first_syn && now.saturating_sub(own.last_ack_at) < LEAST_TIMEOUT {
        return Marks::OUT_OF_ORDER;
    }
    if segment.len > 0 && peer.last_ack.is_some_and(|ack| !ack.precedes(end)) {
        return Marks::RETRANSMISSION | Marks::SPURIOUS_RETRANSMISSION;
    }
    let covers = |(left, right): &(SeqNumber, SeqNumber)| !start.precedes(*left) && !right.precedes(end);
    let asked = peer.duplicate_acks >= 2 && peer.last_ack == Some(start);
    let reported = !own.sacked().is_empty() && !own.sacked().iter().any(covers);
    let soon = now.saturating_sub(peer.last_ack_at) < FAST;
    Marks::RETRANSMISSION | Marks::FAST_RETRANSMISSION.when(soon && (asked || reported))
}
