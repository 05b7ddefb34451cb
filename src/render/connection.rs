//! A connection in words: its verdict with the frames that show it, and what was remarkable.

use super::grid::{Column, Get};
use super::style::Style;
use crate::analyse::{
    Confidence, Connection, Ending, Exchange, Manner, Mark, Marks, Moment, Opening, ResetCause, Verdict,
};
use crate::model::{Lane, Timestamp, Transport};
use crate::words::quantity;

/// What goes wrong on the way or at an end, in the order it is told.
pub(super) const FAULTS: [Mark; 12] = [
    Mark::Retransmission,
    Mark::OutOfOrder,
    Mark::LostSegment,
    Mark::AckLostSegment,
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

/// `tcp` or `udp`, as programs read it.
pub(super) const fn key(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
    }
}

/// A row about a connection.
pub(super) trait Connected {
    /// The connection.
    fn connection(&self) -> &Connection;
}

/// What programs call the transports.
pub(super) const TRANSPORTS: &[&str] = &[key(Transport::Tcp), key(Transport::Udp)];

/// What programs call the sides.
pub(super) const LANES: [&str; 2] = [Lane::Client.name(), Lane::Server.name()];

/// Over what it went.
pub(super) fn transport<T: Connected>() -> Column<T> {
    Column::new("transport", "tcp or udp", Get::Key(TRANSPORTS, |row: &T| Some(key(row.connection().transport()))))
}

/// Its number.
pub(super) fn stream<T: Connected>() -> Column<T> {
    Column::new(
        "stream",
        "its number, TCP's and UDP's counted apart",
        Get::Number(|row: &T| Some(row.connection().stream().into())),
    )
}

/// Its two ends.
pub(super) fn ends<T: Connected>() -> [Column<T>; 2] {
    let client = |row: &T| (row.connection().endpoint(Lane::Client), row.connection().is_assumed());
    let server = |row: &T| (row.connection().endpoint(Lane::Server), false);
    [
        Column::new("client", "who opened it, or asked first", Get::End(client)),
        Column::new("server", "who answered", Get::End(server)),
    ]
}

/// The same in parts, each by itself.
pub(super) fn parts_of_ends<T: Connected>() -> [Column<T>; 4] {
    macro_rules! parts {
        ($lane:expr, $addr:literal, $port:literal, $who:literal) => {
            [
                Column::new(
                    $addr,
                    concat!("the address of ", $who),
                    Get::Address(|row: &T| Some(row.connection().endpoint($lane).addr)),
                )
                .host()
                .derived(),
                Column::new(
                    $port,
                    concat!("the port of ", $who),
                    Get::Number(|row: &T| Some(row.connection().endpoint($lane).port.into())),
                )
                .derived(),
            ]
        };
    }
    let [client, client_port] = parts!(Lane::Client, "client.addr", "client.port", "who opened it, or asked first");
    let [server, server_port] = parts!(Lane::Server, "server.addr", "server.port", "who answered");
    [client, client_port, server, server_port]
}

/// What one side sent: how many packets, and how many bytes they have.
pub(super) fn traffic<T: Connected>(from: Lane) -> [Column<T>; 2] {
    macro_rules! sent {
        ($lane:expr, $side:literal, $what:ident, $doc:literal, $heading:literal, $rank:literal) => {
            Column::new(
                concat!("from_", $side, ".", stringify!($what)),
                concat!($doc, " that the ", $side, " sent"),
                Get::Count(|row: &T| Some(row.connection().traffic($lane).$what)),
            )
            .headed($heading, $rank)
            .once(&[concat!($side, "_", stringify!($what))])
        };
    }
    match from {
        Lane::Client => [
            sent!(Lane::Client, "client", packets, "packets", "pkts →", 3),
            sent!(Lane::Client, "client", bytes, "bytes of the packets", "bytes →", 4),
        ],
        Lane::Server => [
            sent!(Lane::Server, "server", packets, "packets", "pkts ←", 3),
            sent!(Lane::Server, "server", bytes, "bytes of the packets", "bytes ←", 4),
        ],
    }
}

/// Whether its ends are a guess.
pub(super) fn direction_assumed<T: Connected>() -> Column<T> {
    Column::new(
        "direction_assumed",
        "whether who is the client is a guess by the ports, else by the first packet, because no SYN was seen",
        Get::Flag(|row: &T| Some(row.connection().is_assumed())),
    )
}

/// How it opened, with the packets that show it; nothing of UDP.
pub(super) fn opening<T: Connected>() -> [Column<T>; 3] {
    fn opening<T: Connected>(row: &T) -> Option<Opening> {
        Some(row.connection().verdict()?.opening)
    }
    let told = |row: &T, style: Style| {
        opening(row).map(|opening| style.spelling().opening(opening).to_string()).unwrap_or_default()
    };
    let tries = |row: &T| match opening(row)? {
        Opening::NoAnswer { tries } => Some(tries.into()),
        _ => None,
    };
    [
        Column::new(
            "verdict.opening.key",
            "how it opened",
            Get::Key(&Opening::KEYS, |row| opening(row).map(Opening::key)),
        )
        .once(&["verdict.opening"])
        .told(told),
        Column::new("verdict.opening.tries", "how often the SYN was sent that had no answer", Get::Count(tries))
            .or_null(),
        Column::new(
            "verdict.opening.frames",
            "the packets that show how it opened",
            Get::Numbers(|row: &T, each| evidence(row, |verdict| &verdict.opening_evidence, each)),
        )
        .once(&["verdict.opening_frames"]),
    ]
}

/// The packets that show what a verdict says.
fn evidence<T: Connected>(row: &T, of: impl Fn(&Verdict) -> &[u64], each: &mut dyn FnMut(u64)) {
    row.connection().verdict().iter().flat_map(of).copied().for_each(each);
}

/// How it ended, with the packets that show it; nothing of UDP.
pub(super) fn ending<T: Connected>() -> [Column<T>; 7] {
    fn ending<T: Connected>(row: &T) -> Option<Ending> {
        Some(row.connection().verdict()?.ending)
    }
    fn cause<T: Connected>(row: &T) -> Option<ResetCause> {
        ending(row)?.cause()
    }
    let told = |row: &T, style: Style| {
        ending(row).map(|ending| style.spelling().ending(ending).to_string()).unwrap_or_default()
    };
    [
        Column::new("verdict.ending.key", "how it ended", Get::Key(&Ending::KEYS, |row| ending(row).map(Ending::key)))
            .once(&["verdict.ending"])
            .told(told),
        Column::new(
            "verdict.ending.by",
            "who closed first, or reset it; null where nobody did, or both at once",
            Get::Key(&LANES, |row| ending(row)?.by().map(Lane::name)),
        )
        .or_null(),
        Column::new(
            "verdict.ending.manner",
            "in which order the segments of a clean close came",
            Get::Key(&Manner::KEYS, |row| ending(row)?.manner().map(Manner::key)),
        )
        .or_null(),
        Column::new(
            "verdict.ending.half_close",
            "whether data went on in one direction after the other was closed, of a clean close",
            Get::Flag(|row| ending(row)?.half_close()),
        )
        .or_null(),
        Column::new(
            "verdict.ending.cause",
            "why it was reset, as far as the packets tell",
            Get::Key(&ResetCause::KEYS, |row| cause(row).map(ResetCause::key)),
        )
        .or_null(),
        Column::new(
            "verdict.ending.confidence",
            "how sure the cause is",
            Get::Key(&Confidence::KEYS, |row| cause(row).map(|cause| cause.confidence().key())),
        )
        .or_null(),
        Column::new(
            "verdict.ending.frames",
            "the packets that show how it ended",
            Get::Numbers(|row: &T, each| evidence(row, |verdict| &verdict.ending_evidence, each)),
        )
        .once(&["verdict.ending_frames"]),
    ]
}
