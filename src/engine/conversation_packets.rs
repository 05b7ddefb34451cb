//! Passes that gather packets of conversations: all of one with what quotes them, what its ends said, how some began.

use std::collections::HashMap;

use super::choice::{Choice, Fate, Stream, Wanted};
use super::failure::Failure;
use super::ordered_batches::OrderedBatches;
use super::scan::{Passed, Passing, Scan};
use crate::analyse::{Connection, Follow, Limits, Moment, Observed, Opening, Piece, Rows, call_notation};
use crate::decode::Packet;
use crate::model::{FlowKey, SocketCall, Transport};

/// The most calls that are read from a capture's comments.
const CALLS: usize = 100_000;

/// The most packets of one handshake: one of more is repeated SYNs.
const RUNGS: usize = 32;

/// What a timeline is drawn of.
pub(crate) struct Gathered {
    /// The chosen packets of the conversation, and the ICMP errors of that time that quote it.
    pub(crate) rows: Rows,
    /// The calls of a saved demonstration, which are comments of its packets, in the order of their times.
    pub(crate) calls: Vec<SocketCall>,
}

/// Gathers the packets of a conversation, with long runs of them folded so that no more than `max_rows` are kept one by one.
///
/// # Errors
///
/// What the pass says.
pub(crate) fn gather(scan: Scan, stream: Option<Stream>, max_rows: usize) -> Result<(Passed, Gathered), Failure> {
    let (mut rows, mut calls): (_, Vec<SocketCall>) = (Rows::new(max_rows), Vec::new());
    // Its ends, once a packet of it was there: ICMP errors quote them.
    let mut ends = None;
    let passed = scan.run(&mut |Passing { frame, packet, seen, fate, .. }: Passing<'_>| {
        let spoken = frame.comments.iter().filter_map(|comment| call_notation::read(comment));
        calls.extend(spoken.take(CALLS - calls.len()));
        let belongs = match fate {
            Fate::Chosen => stream.is_some(),
            Fate::Beside => ends.is_some() && quoted(packet) == ends,
            Fate::LeftOut => false,
        };
        if belongs {
            ends = packet.flow().or(ends);
            rows.push(Observed { frame: frame.to_owned(), seen: seen.copied() });
        }
        Ok(())
    })?;
    calls.sort_by_key(|call| call.entered);
    Ok((passed, Gathered { rows, calls }))
}

/// The conversation that an ICMP error quotes.
fn quoted(packet: &Packet<'_>) -> Option<FlowKey> {
    packet.quoted_endpoints().map(|(transport, from, to)| FlowKey::new(transport, from, to))
}

/// Puts together what the ends of a conversation said in the chosen packets, and hands it to `tell` piece by piece; what still
/// waits for a gap to be filled is left to [`Follow::finish`].
///
/// # Errors
///
/// What the pass or `tell` says.
pub(crate) fn follow(
    scan: Scan,
    stream: Option<Stream>,
    mut tell: impl FnMut(Piece<'_>) -> Result<(), Failure> + Send,
) -> Result<(Passed, Follow), Failure> {
    let mut follow = Follow::default();
    let passed = scan.run(&mut |Passing { frame, packet, seen, fate, .. }: Passing<'_>| {
        match (fate, seen.filter(|_| stream.is_some())) {
            (Fate::Chosen, Some(seen)) => {
                follow.observe(frame, packet, seen, &mut tell)?;
            }
            (Fate::Beside, _) => follow.keep(frame, packet),
            (Fate::Chosen | Fate::LeftOut, _) => {}
        }
        Ok(())
    })?;
    Ok((passed, follow))
}

/// The packets of the handshakes of some TCP connections, which were followed before, by their numbers.
///
/// # Errors
///
/// None of its own.
pub(crate) fn handshakes<'c>(
    batches: OrderedBatches,
    limits: Limits,
    connections: impl Iterator<Item = &'c Connection>,
) -> Result<HashMap<u32, Vec<Observed>>, Failure> {
    let last_frames: HashMap<u32, u64> =
        connections.map(|connection| (connection.stream(), last_frame(connection))).collect();
    let mut handshakes: HashMap<u32, Vec<Observed>> = HashMap::new();
    // After the last of these frames there is nothing more to gather.
    let limit = Some(last_frames.values().copied().max().unwrap_or(0));
    let scan = Scan { batches, choice: Choice::following(Wanted::default(), limits), limit };
    scan.run(&mut |Passing { frame, seen, .. }: Passing<'_>| {
        let Some(seen) = seen.filter(|seen| seen.transport == Transport::Tcp) else { return Ok(()) };
        if last_frames.get(&seen.stream).is_some_and(|last| frame.number <= *last) {
            let packets = handshakes.entry(seen.stream).or_default();
            if packets.len() < RUNGS {
                packets.push(Observed { frame: frame.to_owned(), seen: Some(*seen) });
            }
        }
        Ok(())
    })?;
    Ok(handshakes)
}

/// The last frame of a handshake: what completed or refused it; of one that did not come about, the last try. 0 where
/// the capture holds none of it.
fn last_frame(connection: &Connection) -> u64 {
    let Some(verdict) = connection.verdict() else { return 0 };
    match verdict.opening {
        Opening::NoAnswer { .. } | Opening::HalfOpen => connection.last().map_or(0, Moment::frame),
        Opening::Complete { .. } | Opening::Refused | Opening::Missed => {
            verdict.opening_evidence.last().copied().unwrap_or(0)
        }
    }
}
