//! A connection in words: its verdict with the frames that show it, and what was remarkable.

use serde::Serialize;

use super::json::Epoch;
use super::style::Style;
use crate::analyse::{Connection, Exchange, Mark, Marks, Moment};
use crate::model::{Endpoint, Timestamp, Transport};
use crate::words::{Spelling, quantity};

/// What goes wrong on the way or at an end, in the order it is told.
pub(super) const FAULTS: [Mark; 12] = [
    Mark::Retransmission,
    Mark::OutOfOrder,
    Mark::LostSegment,
    Mark::AckedUnseen,
    Mark::DuplicateAck,
    Mark::ZeroWindow,
    Mark::WindowFull,
    Mark::ZeroWindowProbe,
    Mark::KeepAlive,
    Mark::ReusedPorts,
    Mark::SynAckNotAccepted,
    Mark::SynAckOtherNumbers,
];

/// What is no fault of the connection: how the capture was made.
pub(super) const ARTEFACTS: [Mark; 3] = [Mark::DuplicatePacket, Mark::SuperSegment, Mark::Cut];

/// What is not told in words: another mark implies it, or it is no trouble.
const UNTOLD: [Mark; 5] = [
    Mark::FastRetransmission,
    Mark::SpuriousRetransmission,
    Mark::ZeroWindowProbeAck,
    Mark::KeepAliveAck,
    Mark::WindowUpdate,
];

// A new mark belongs in one of the lists.
const _: () = {
    let listed = Marks::of(&FAULTS).with(Marks::of(&ARTEFACTS)).with(Marks::of(&UNTOLD));
    assert!(listed.contains(Marks::ALL));
};

/// `2× retransmission, 1× zero window`; empty where nothing was remarkable.
pub(super) fn remarks(connection: &Connection, marks: &[Mark], style: Style) -> String {
    let told = marks.iter().map(|mark| (connection.marked((*mark).into()), mark)).filter(|(times, _)| *times > 0);
    let words: Vec<String> = told.map(|(times, mark)| style.spelling().counted(times, *mark)).collect();
    words.join(", ")
}

/// The frames that show it: those of the opening, then those of the ending, `1,2,3; 9,10,11`.
#[must_use]
pub fn evidence_words(connection: &Connection) -> String {
    match (connection.verdict(), connection.exchange().and_then(Exchange::refusal)) {
        (Some(verdict), _) => {
            let mut words = numbers(&verdict.opening_evidence);
            if !words.is_empty() && !verdict.ending_evidence.is_empty() {
                words.push_str("; ");
            }
            words + &numbers(&verdict.ending_evidence)
        }
        (None, Some(refusal)) => numbers(&[refusal.at.frame()]),
        (None, None) => String::new(),
    }
}

/// `1,2,3`.
pub(super) fn numbers(frames: &[u64]) -> String {
    let mut words = String::new();
    for frame in frames {
        if !words.is_empty() {
            words.push(',');
        }
        words.push_str(&frame.to_string());
    }
    words
}

/// Nanoseconds from the capture's first packet; empty where a time is missing.
pub(super) fn start(at: Option<Moment>, origin: Option<Timestamp>) -> String {
    let nanos = at.and_then(Moment::time).zip(origin).map(|(time, origin)| time - origin);
    nanos.map(quantity::seconds).unwrap_or_default()
}

/// A duration; empty where there is none.
pub(super) fn time(nanos: Option<i64>, style: Style) -> String {
    nanos.map(|nanos| quantity::duration(nanos, style.ascii)).unwrap_or_default()
}

/// The epoch time of a moment, for programs.
pub(super) fn epoch(at: Option<Moment>) -> Option<Epoch> {
    at.and_then(Moment::time).map(Epoch)
}

/// The text of an optional value, empty where there is none.
pub(super) fn optional(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// One end, for programs.
#[derive(Serialize)]
pub(super) struct EndObject {
    addr: std::net::IpAddr,
    port: u16,
}

impl From<Endpoint> for EndObject {
    fn from(Endpoint { addr, port }: Endpoint) -> Self {
        Self { addr, port }
    }
}

/// `tcp` or `udp`, as programs read it.
pub(super) const fn key(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
    }
}

/// The verdict, for programs: words and frames.
#[derive(Serialize)]
pub(super) struct VerdictObject {
    opening: String,
    opening_frames: Vec<u64>,
    ending: String,
    ending_frames: Vec<u64>,
}

impl VerdictObject {
    /// `None` for UDP.
    pub(super) fn new(connection: &Connection) -> Option<Self> {
        let verdict = connection.verdict()?;
        Some(Self {
            opening: Spelling::MACHINE.opening(verdict.opening).to_string(),
            opening_frames: verdict.opening_evidence.to_vec(),
            ending: Spelling::MACHINE.ending(verdict.ending).to_string(),
            ending_frames: verdict.ending_evidence.to_vec(),
        })
    }
}
