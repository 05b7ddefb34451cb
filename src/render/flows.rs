//! The table of conversations: who talked to whom, how much, how well, and how it ended.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::connection::{
    ARTEFACTS, EndObject, FAULTS, VerdictObject, epoch, evidence_words, key, optional, remarks, start, time,
};
use super::grid::{Column, Field, Recorded, Tabular};
use super::json::{Epoch, SCHEMA};
use super::style::Style;
use crate::analyse::{Connection, Exchange, Health, Mark, Marks, Moment, RoundTrip, Traffic};
use crate::model::{Lane, Timestamp, Transport};
use crate::words::Spelling;
use crate::words::en::count;
use crate::words::quantity::size;

/// A conversation as a row.
#[derive(Clone, Copy)]
pub struct Flow<'a> {
    /// The conversation.
    pub connection: &'a Connection,
    /// The time that counts as zero.
    pub origin: Option<Timestamp>,
}

impl Tabular for Flow<'_> {
    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::number("stream", 0, |flow, _| stream_name(flow.connection)),
            Column::endpoint("client", 0, |flow| {
                (flow.connection.endpoint(Lane::Client), flow.connection.is_assumed())
            }),
            Column::endpoint("server", 0, |flow| (flow.connection.endpoint(Lane::Server), false)),
            Column::number("start", 8, |flow, _| start(flow.connection.first(), flow.origin)),
            Column::number("duration", 5, |flow, style| time(flow.connection.duration(), style)),
            Column::count("pkts →", 3, |flow| flow.sent(Lane::Client).packets),
            Column::count("pkts ←", 3, |flow| flow.sent(Lane::Server).packets),
            Column::count("bytes →", 4, |flow| flow.sent(Lane::Client).bytes),
            Column::count("bytes ←", 4, |flow| flow.sent(Lane::Server).bytes),
            Column::number("RTT", 6, |flow, style| time(flow.connection.round_trip_time(), style)),
            Column::sentence("verdict", 1, (24, 50), |flow, style| style.spelling().conversation(flow.connection)),
            Column::sentence("trouble", 2, (15, 20), |flow, style| remarks(flow.connection, &FAULTS, style)),
            Column::word("frames", 9, |flow, _| evidence_words(flow.connection)),
            Column::word("state", 7, |flow, _| flow.connection.zeek_state().to_owned()),
            Column::word("history", 10, |flow, _| flow.connection.zeek_history()),
            Column::sentence("artefacts", 11, (16, 30), |flow, style| remarks(flow.connection, &ARTEFACTS, style)),
        ]
    }
}

impl Recorded for Flow<'_> {
    fn fields() -> Vec<Field<Self>> {
        vec![
            ("transport", |flow| key(flow.connection.transport()).to_owned()),
            ("stream", |flow| flow.connection.stream().to_string()),
            ("client", |flow| flow.connection.endpoint(Lane::Client).addr.to_string()),
            ("client_port", |flow| flow.connection.endpoint(Lane::Client).port.to_string()),
            ("server", |flow| flow.connection.endpoint(Lane::Server).addr.to_string()),
            ("server_port", |flow| flow.connection.endpoint(Lane::Server).port.to_string()),
            ("direction_assumed", |flow| flow.connection.is_assumed().to_string()),
            ("start", |flow| optional(epoch(flow.connection.first()))),
            ("duration_ns", |flow| optional(flow.connection.duration())),
            ("client_packets", |flow| flow.sent(Lane::Client).packets.to_string()),
            ("server_packets", |flow| flow.sent(Lane::Server).packets.to_string()),
            ("client_bytes", |flow| flow.sent(Lane::Client).bytes.to_string()),
            ("server_bytes", |flow| flow.sent(Lane::Server).bytes.to_string()),
            ("client_payload", |flow| flow.sent(Lane::Client).payload.to_string()),
            ("server_payload", |flow| flow.sent(Lane::Server).payload.to_string()),
            ("rtt_ns", |flow| optional(flow.connection.round_trip_time())),
            ("retransmissions", |flow| flow.marked(Marks::RETRANSMISSION)),
            ("out_of_order", |flow| flow.marked(Marks::OUT_OF_ORDER)),
            ("lost_segments", |flow| flow.marked(Marks::LOST_SEGMENT)),
            ("duplicate_acks", |flow| flow.marked(Marks::DUPLICATE_ACK)),
            ("zero_windows", |flow| flow.marked(Marks::ZERO_WINDOW)),
            ("resets", |flow| flow.connection.resets().to_string()),
            ("verdict", |flow| Spelling::MACHINE.conversation(flow.connection)),
            ("frames", |flow| evidence_words(flow.connection)),
            ("conn_state", |flow| flow.connection.zeek_state().to_owned()),
            ("history", |flow| flow.connection.zeek_history()),
        ]
    }

    fn object(&self) -> impl Serialize {
        let connection = self.connection;
        FlowObject {
            schema: SCHEMA,
            transport: key(connection.transport()),
            stream: connection.stream(),
            client: connection.endpoint(Lane::Client).into(),
            server: connection.endpoint(Lane::Server).into(),
            direction_assumed: connection.is_assumed(),
            start: epoch(connection.first()),
            duration_ns: connection.duration(),
            rtt_ns: connection.round_trip_time(),
            from_client: SideObject::new(connection, Lane::Client),
            from_server: SideObject::new(connection, Lane::Server),
            verdict: VerdictObject::new(connection),
            exchange: connection.exchange().map(ExchangeObject::new),
            conn_state: connection.zeek_state(),
            history: connection.zeek_history(),
        }
    }
}

impl Flow<'_> {
    const fn sent(&self, from: Lane) -> &Traffic {
        self.connection.traffic(from)
    }

    fn marked(&self, mark: Marks) -> String {
        self.connection.marked(mark).to_string()
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

#[derive(Serialize)]
struct FlowObject {
    schema: u32,
    transport: &'static str,
    stream: u32,
    client: EndObject,
    server: EndObject,
    direction_assumed: bool,
    start: Option<Epoch>,
    duration_ns: Option<i64>,
    rtt_ns: Option<i64>,
    from_client: SideObject,
    from_server: SideObject,
    verdict: Option<VerdictObject>,
    exchange: Option<ExchangeObject>,
    conn_state: &'static str,
    history: String,
}

/// What one side sent, and how that went.
#[derive(Serialize)]
struct SideObject {
    packets: u64,
    bytes: u64,
    payload: u64,
    first_frame: Option<u64>,
    last_frame: Option<u64>,
    /// By the names of Wireshark's `tcp.analysis`; what never occurred is left out.
    marks: BTreeMap<&'static str, u32>,
    rtt_ns: Option<TimesObject>,
    max_in_flight: Option<u32>,
    missed_bytes: Option<u64>,
    goodput_bits_per_second: Option<u64>,
}

impl SideObject {
    fn new(connection: &Connection, lane: Lane) -> Self {
        let Traffic { packets, bytes, payload, first, last, cut: _ } = *connection.traffic(lane);
        let health = connection.health(lane);
        let counted = Mark::ALL.iter().map(|mark| (mark, connection.marked_from(lane, (*mark).into())));
        Self {
            packets,
            bytes,
            payload,
            first_frame: first.map(Moment::frame),
            last_frame: last.map(Moment::frame),
            marks: counted.filter(|(_, count)| *count > 0).map(|(mark, count)| (mark.key(), count)).collect(),
            rtt_ns: health.and_then(Health::round_trip).map(TimesObject::new),
            max_in_flight: health.map(Health::max_in_flight),
            missed_bytes: connection.missed(lane),
            goodput_bits_per_second: health.and_then(Health::goodput),
        }
    }
}

#[derive(Serialize)]
struct TimesObject {
    samples: u64,
    min: i64,
    median: i64,
    p95: i64,
    max: i64,
}

impl TimesObject {
    const fn new(times: RoundTrip) -> Self {
        let RoundTrip { samples, min, median, p95, max } = times;
        Self { samples, min, median, p95, max }
    }
}

#[derive(Serialize)]
struct ExchangeObject {
    asked: u64,
    answered: u64,
    answer_ns: Option<TimesObject>,
    refused_by: Option<std::net::IpAddr>,
    refused_frame: Option<u64>,
}

impl ExchangeObject {
    fn new(exchange: &Exchange) -> Self {
        Self {
            asked: exchange.asked(),
            answered: exchange.answered(),
            answer_ns: exchange.answer_times().map(TimesObject::new),
            refused_by: exchange.refusal().map(|refusal| refusal.by),
            refused_frame: exchange.refusal().map(|refusal| refusal.at.frame()),
        }
    }
}

/// What all conversations come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Of TCP and of UDP.
    conversations: [u64; 2],
    packets: u64,
    bytes: u64,
    retransmissions: u64,
    resets: u64,
}

impl Totals {
    /// Adds a conversation.
    pub fn add(&mut self, connection: &Connection) {
        for (total, more) in [
            (&mut self.conversations[connection.transport() as usize], 1),
            (&mut self.packets, connection.packets()),
            (&mut self.bytes, connection.bytes()),
            (&mut self.retransmissions, connection.marked(Marks::RETRANSMISSION)),
            (&mut self.resets, connection.resets()),
        ] {
            *total = total.saturating_add(more);
        }
    }

    /// Writes `5 TCP connections, 1 UDP conversation · 60 packets, 4.3 kB`; `others` packets belong to none.
    ///
    /// # Errors
    ///
    /// Whatever `out` says.
    pub fn write(&self, others: u64, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let dot = style.glyph(" · ", " - ");
        let [tcp, udp] = self.conversations;
        let mut facts = Vec::new();
        facts.extend((tcp > 0 || udp == 0).then(|| count(tcp, "TCP connection")));
        facts.extend((udp > 0).then(|| count(udp, "UDP conversation")));
        facts.push(format!("{}, {}", count(self.packets, "packet"), size(self.bytes)));
        for (times, noun) in [(self.retransmissions, "retransmission"), (self.resets, "reset")] {
            facts.extend((times > 0).then(|| count(times, noun)));
        }
        facts.extend((others > 0).then(|| format!("{} of no conversation", count(others, "other packet"))));
        for line in super::text::wrap_at(&facts, dot, style.width) {
            writeln!(out, "{}", style.bold(&line))?;
        }
        Ok(())
    }
}
