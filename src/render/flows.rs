//! The table of conversations: who talked to whom, how much, how well, and how it ended.

use std::borrow::Cow;

use super::connection::{
    ARTEFACTS, Connected, FAULTS, direction_assumed, ending, ends, evidence_words, opening, parts_of_ends, remarks,
    stream, transport,
};
use super::direction::{from_client, from_server, times};
use super::grid::{Column, Get, Group, Lack, Tabular};
use crate::analyse::{Connection, Exchange, Mark, Marks, Moment, RoundTrip};
use crate::model::{Timestamp, Transport};

/// A conversation as a row.
#[derive(Clone, Copy, Debug)]
pub struct Flow<'a> {
    /// The conversation.
    pub connection: &'a Connection,
    /// The time that counts as zero.
    pub origin: Option<Timestamp>,
}

/// A column of it.
type Of<'a> = Column<Flow<'a>>;

impl Tabular for Flow<'_> {
    const TITLE: &'static str = "A conversation, one line of the JSON of `layerscope flows`";

    const TABLE: &'static [&'static str] = &[
        "stream",
        "client",
        "server",
        "start",
        "duration_ns",
        "from_client.packets",
        "from_server.packets",
        "from_client.bytes",
        "from_server.bytes",
        "rtt_ns",
        "verdict.words",
        "trouble",
        "frames",
        "conn_state",
        "history",
        "artefacts",
    ];

    const CSV: &'static [&'static str] = &[
        "transport",
        "stream",
        "client",
        "server",
        "direction_assumed",
        "start",
        "duration_ns",
        "from_client.packets",
        "from_server.packets",
        "from_client.bytes",
        "from_server.bytes",
        "from_client.payload",
        "from_server.payload",
        "rtt_ns",
        "retransmissions",
        "out_of_order",
        "lost_segments",
        "duplicate_acks",
        "zero_windows",
        "resets",
        "verdict.opening.key",
        "verdict.opening.tries",
        "verdict.opening.frames",
        "verdict.ending.key",
        "verdict.ending.by",
        "verdict.ending.manner",
        "verdict.ending.half_close",
        "verdict.ending.cause",
        "verdict.ending.confidence",
        "verdict.ending.frames",
        "exchange.asked",
        "exchange.answered",
        "exchange.refused_by",
        "exchange.refused_frame",
        "conn_state",
        "history",
    ];

    const GROUPS: &'static [Group] = &[
        Group { key: "from_client.rtt_ns", doc: "", lack: Lack::Null },
        Group { key: "from_server.rtt_ns", doc: "", lack: Lack::Null },
        Group { key: "verdict", doc: "null for UDP", lack: Lack::Null },
        Group { key: "exchange", doc: "null for TCP", lack: Lack::Null },
        Group { key: "exchange.answer_ns", doc: "", lack: Lack::Null },
    ];

    fn columns() -> Vec<Column<Self>> {
        let mut columns = whole();
        columns.extend(parts_of_ends());
        columns.extend(from_client());
        columns.extend(from_server());
        columns.extend(opening());
        columns.extend(ending());
        columns.extend(exchange());
        columns.extend(as_zeek());
        columns.extend(both_sides());
        columns.extend(remarkable());
        columns
    }

    fn origin(&self) -> Option<Timestamp> {
        self.origin
    }
}

/// Who talked, when, and how long.
fn whole<'a>() -> Vec<Of<'a>> {
    let [client, server] = ends();
    vec![
        transport(),
        stream().told(|flow, _| stream_name(flow.connection)),
        client,
        server,
        direction_assumed(),
        Of::new(
            "start",
            "when its first packet came",
            Get::Time(|flow| flow.connection.first().and_then(Moment::time)),
        )
        .headed("start", 8)
        .or_null(),
        Of::new("duration_ns", "from its first packet to its last", Get::Duration(|flow| flow.connection.duration()))
            .headed("duration", 5)
            .or_null(),
        Of::new("rtt_ns", "the round trip", Get::Duration(|flow| flow.connection.round_trip_time()))
            .headed("RTT", 6)
            .or_null(),
    ]
}

/// How questions were answered, of UDP.
fn exchange<'a>() -> Vec<Of<'a>> {
    fn times(flow: &Flow<'_>) -> Option<RoundTrip> {
        flow.connection.exchange()?.answer_times()
    }
    let mut columns = vec![
        Of::new(
            "exchange.asked",
            "datagrams that asked",
            Get::Count(|flow| flow.connection.exchange().map(Exchange::asked)),
        ),
        Of::new(
            "exchange.answered",
            "those that were answered",
            Get::Count(|flow| flow.connection.exchange().map(Exchange::answered)),
        ),
    ];
    columns.extend(times!(Flow<'_>, "exchange.answer_ns", "time to an answer", times));
    columns.extend([
        Of::new(
            "exchange.refused_by",
            "who said that the port is closed",
            Get::Address(|flow| Some(flow.connection.exchange()?.refusal()?.by)),
        )
        .or_null(),
        Of::new(
            "exchange.refused_frame",
            "the packet that said so",
            Get::Number(|flow| Some(flow.connection.exchange()?.refusal()?.at.frame())),
        )
        .or_null(),
    ]);
    columns
}

fn as_zeek<'a>() -> [Of<'a>; 2] {
    [
        Of::new(
            "conn_state",
            "as Zeek has it in conn.log",
            Get::Text(|flow| Some(flow.connection.zeek_state().into())),
        )
        .headed("state", 7),
        Of::new("history", "as Zeek has it in conn.log", Get::Text(|flow| Some(flow.connection.zeek_history().into())))
            .headed("history", 10),
    ]
}

/// What the two sides come to.
fn both_sides<'a>() -> Vec<Of<'a>> {
    let mut columns = vec![
        Of::new("packets", "packets of both sides", Get::Count(|flow| Some(flow.connection.packets()))),
        Of::new("bytes", "bytes of both sides' packets", Get::Count(|flow| Some(flow.connection.bytes()))),
    ];
    columns.extend(marked());
    columns.push(Of::new("resets", "packets with RST", Get::Count(|flow| Some(flow.connection.resets()))));
    columns.into_iter().map(Column::derived).collect()
}

fn marked<'a>() -> [Of<'a>; 5] {
    /// How many packets of both sides have a mark.
    macro_rules! marked {
        ($key:literal, $doc:literal, $mark:expr) => {
            Of::new($key, concat!($doc, ", of both sides"), Get::Count(|flow| Some(flow.connection.marked($mark))))
        };
    }
    [
        marked!("retransmissions", "packets sent again", Marks::RETRANSMISSION),
        marked!("out_of_order", "packets that were overtaken", Marks::OUT_OF_ORDER),
        marked!("lost_segments", "packets before which one was not captured", Marks::LOST_SEGMENT),
        marked!("duplicate_acks", "acknowledgments that were repeated", Marks::DUPLICATE_ACK),
        marked!("zero_windows", "packets that announce a window of zero", Marks::ZERO_WINDOW),
    ]
}

/// What people read first.
fn remarkable<'a>() -> [Of<'a>; 4] {
    [
        Of::new(
            "verdict.words",
            "how it went, in words",
            Get::Words(|flow, style| style.spelling().conversation(flow.connection)),
        )
        .headed("verdict", 1)
        .once(&["verdict"])
        .prose()
        .sentence(24, 50),
        Of::new("trouble", "what went wrong, and how often", Get::Counts(|flow, each| flow.of_both(&FAULTS, each)))
            .told(|flow, style| remarks(flow.connection, &FAULTS, style))
            .headed("trouble", 2)
            .sentence(15, 20)
            .derived(),
        Of::new(
            "frames",
            "the packets that show the verdict",
            Get::Text(|flow| {
                Some(evidence_words(flow.connection).into()).filter(|words: &Cow<'_, str>| !words.is_empty())
            }),
        )
        .headed("frames", 9)
        .derived(),
        Of::new(
            "artefacts",
            "what is owed to how it was captured, and how often",
            Get::Counts(|flow, each| flow.of_both(&ARTEFACTS, each)),
        )
        .told(|flow, style| remarks(flow.connection, &ARTEFACTS, style))
        .headed("artefacts", 11)
        .sentence(16, 30)
        .derived(),
    ]
}

impl Connected for Flow<'_> {
    fn connection(&self) -> &Connection {
        self.connection
    }
}

impl Flow<'_> {
    /// How often each of some marks occurred on both sides.
    fn of_both(&self, marks: &[Mark], each: &mut dyn FnMut(&str, u64)) {
        let counted = marks.iter().map(|mark| (mark, self.connection.marked((*mark).into())));
        counted.filter(|(_, count)| *count > 0).for_each(|(mark, count)| each(mark.key(), count));
    }
}

/// What `--stream` takes: `3`, `udp:0`.
#[must_use]
pub fn stream_name(connection: &Connection) -> String {
    match connection.transport() {
        Transport::Tcp => connection.stream().to_string(),
        Transport::Udp => format!("udp:{}", connection.stream()),
    }
}
