//! The columns of a timeline for programs.

use super::connection::{LANES, TRANSPORTS, key};
use super::event::EventRow;
use super::grid::{Column, Get, Group, Lack, Tabular};
use super::json::values;
use crate::analyse::{Loss, Mark, What, Who, Why, call_notation};
use crate::decode::Protocol;
use crate::model::{Errno, SeqNumber, TcpState, Timestamp};

const CONVERSATION: &[&str] = &["conversation"];
const PACKET: &[&str] = &["packet"];
const RUN: &[&str] = &["run"];
const SENT: &[&str] = &["packet", "run"];
const OMITTED: &[&str] = &["omitted"];
const CALLS: &[&str] = &["entered", "returned", "called"];
const EVENTS: &[&str] = &["packet", "run", "omitted", "entered", "returned", "called"];

/// Why things are as they are.
const WHYS: [&str; Why::ALL.len()] = {
    let mut keys = [""; Why::ALL.len()];
    let mut place = 0;
    while place < keys.len() {
        keys[place] = Why::ALL[place].key();
        place += 1;
    }
    keys
};

/// A column of it.
type Of<'a> = Column<EventRow<'a>>;

impl Tabular for EventRow<'_> {
    const TITLE: &'static str = "A conversation, then its events, one line of the JSON of `layerscope timeline`";

    const KINDS: &'static [&'static str] =
        &["conversation", "packet", "run", "omitted", "entered", "returned", "called"];

    const CSV: &'static [&'static str] = &[
        "kind",
        "time",
        "from",
        "frame",
        "packets",
        "packet.flags",
        "seq",
        "packet.seq_raw",
        "packet.ack",
        "packet.ack_raw",
        "packet.window",
        "len",
        "packet.marks",
        "client_state",
        "server_state",
        "call.notation",
        "result",
        "packet.icmp.type",
        "packet.icmp.code",
        "packet.text",
        "explanation.key",
    ];

    const GROUPS: &'static [Group] = &[
        Group {
            key: "packet.acknowledges",
            doc: "the segment whose end is acknowledged: where it begins, and how many numbers it takes",
            lack: Lack::Null,
        },
        Group { key: "packet.icmp", doc: "of an ICMP error about a packet of the conversation", lack: Lack::LeftOut },
        Group { key: "explanation", doc: "where it is asked for", lack: Lack::LeftOut },
    ];

    fn columns() -> Vec<Column<Self>> {
        let mut columns = conversation();
        columns.extend(whenever());
        columns.extend(packet());
        columns.extend(run());
        columns.extend(call());
        columns.push(Of::new("omitted_packets", "how many are left out", Get::Count(EventRow::omitted)).of(OMITTED));
        columns.extend(explanation());
        columns.push(
            Of::new(
                "why",
                "why it is so, where that is seen here first",
                Get::Key(&WHYS, |row| row.why().map(Why::key)),
            )
            .of(&["packet", "run", "entered", "returned", "called"])
            .or_left_out(),
        );
        columns.extend(of_several_kinds());
        columns
    }

    fn kind(&self) -> Option<&'static str> {
        Some(match self.what() {
            None => "conversation",
            Some(What::Packet { .. }) => "packet",
            Some(What::Run { .. }) => "run",
            Some(What::Omitted(_)) => "omitted",
            Some(What::Entered(_)) => "entered",
            Some(What::Returned(_)) => "returned",
            Some(What::Called(_)) => "called",
        })
    }

    fn origin(&self) -> Option<Timestamp> {
        self.ladder.origin
    }
}

fn conversation<'a>() -> Vec<Of<'a>> {
    vec![
        Of::new("kind", "what it is", Get::Key(EventRow::KINDS, Tabular::kind)),
        Of::new("transport", "tcp or udp", Get::Key(TRANSPORTS, |row| Some(key(row.ladder.timeline.transport))))
            .of(CONVERSATION),
        Of::new(
            "stream",
            "its number, TCP's and UDP's counted apart",
            Get::Number(|row| Some(row.ladder.timeline.stream.into())),
        )
        .of(CONVERSATION),
        Of::new(
            "client",
            "who opened it, or asked first",
            Get::End(|row| (row.ladder.timeline.client, row.ladder.timeline.assumed)),
        )
        .of(CONVERSATION),
        Of::new("server", "who answered", Get::End(|row| (row.ladder.timeline.server, false))).of(CONVERSATION),
        Of::new(
            "direction_assumed",
            "whether who is the client is a guess by the ports, else by the first packet, because no SYN was seen",
            Get::Flag(|row| Some(row.ladder.timeline.assumed)),
        )
        .of(CONVERSATION),
    ]
}

/// When it happened, and what state that left both ends in.
fn whenever<'a>() -> [Of<'a>; 3] {
    [
        Of::new("time", "when it happened", Get::Time(|row| row.event?.at)),
        Of::new(
            "client_state",
            "the client's state, where it is another one now",
            Get::Key(&TcpState::KEYS, |row| row.state(|event| event.client)),
        ),
        Of::new(
            "server_state",
            "the server's state, where it is another one now",
            Get::Key(&TcpState::KEYS, |row| row.state(|event| event.server)),
        ),
    ]
    .map(|column| column.of(EVENTS).or_null())
}

fn packet<'a>() -> Vec<Of<'a>> {
    let mut columns = vec![
        Of::new("packet.frame", "its number", Get::Number(|row| row.packet().map(|packet| packet.frame.number))),
        Of::new("packet.from", "who sent it", Get::Key(&LANES, |row| row.packet().and_then(|_| row.sender()))),
        Of::new(
            "packet.flags",
            "those of TCP that are set",
            Get::Text(|row| Some(row.tcp()?.flags().to_string().into())),
        )
        .once(&["flags"])
        .or_null(),
    ];
    columns.extend(numbers());
    columns.extend([
        Of::new(
            "packet.acknowledges.0",
            "where the segment begins whose end is acknowledged",
            Get::Number(|row| row.acknowledges().map(|(seq, _)| seq.into())),
        ),
        Of::new(
            "packet.acknowledges.1",
            "how many numbers that segment takes",
            Get::Number(|row| row.acknowledges().map(|(_, len)| len.into())),
        ),
        Of::new(
            "packet.window",
            "as it stands in the header where not both SYNs were seen",
            Get::Number(|row| row.seen()?.window.map(Into::into)),
        )
        .once(&["window"])
        .or_null(),
        Of::new(
            "packet.len",
            "bytes that it carries",
            Get::Count(|row| row.packet().map(|_| row.seen().map_or(0, |seen| seen.len.into()))),
        ),
        Of::new(
            "packet.marks",
            "what is out of the ordinary about it",
            Get::Texts(|row, each| {
                row.seen().into_iter().flat_map(|seen| seen.marks.iter()).map(Mark::key).for_each(each);
            }),
        )
        .once(&["marks"]),
    ]);
    columns.extend(icmp());
    columns.push(
        Of::new(
            "packet.text",
            "the payload",
            Get::Text(|row| {
                let (packet, read_text) = (row.packet()?, row.ladder.view.read_text);
                Some(row.seen().map(|_| read_text.read(packet.packet().carried())).unwrap_or_default().into())
            }),
        )
        .once(&["text"]),
    );
    columns.into_iter().map(|column| column.of(PACKET)).collect()
}

fn numbers<'a>() -> [Of<'a>; 4] {
    [
        Of::new("packet.seq", "relative to the first", Get::Number(|row| row.seen()?.seq.map(Into::into))),
        Of::new(
            "packet.seq_raw",
            "as it stands in the header",
            Get::Number(|row| {
                let SeqNumber(raw) = row.tcp()?.seq();
                Some(raw.into())
            }),
        )
        .once(&["seq_raw"]),
        Of::new("packet.ack", "relative to the first", Get::Number(|row| row.seen()?.ack.map(Into::into)))
            .once(&["ack"]),
        Of::new(
            "packet.ack_raw",
            "as it stands in the header",
            Get::Number(|row| row.tcp().filter(|tcp| tcp.flags().ack()).map(|tcp| tcp.ack().0.into())),
        )
        .once(&["ack_raw"]),
    ]
    .map(Column::or_null)
}

fn icmp<'a>() -> [Of<'a>; 3] {
    const PROTOCOLS: [&str; 2] = [Protocol::Icmp.key(), Protocol::Icmpv6.key()];
    [
        Of::new(
            "packet.icmp.protocol",
            "icmp or icmpv6",
            Get::Key(&PROTOCOLS, |row| row.icmp().map(|(protocol, ..)| protocol.key())),
        ),
        Of::new("packet.icmp.type", "its type", Get::Number(|row| row.icmp().map(|(_, kind, _)| kind.into())))
            .once(&["icmp.type"]),
        Of::new("packet.icmp.code", "its code", Get::Number(|row| row.icmp().map(|(.., code)| code.into())))
            .once(&["icmp.code"]),
    ]
}

fn run<'a>() -> [Of<'a>; 7] {
    [
        Of::new(
            "run.first_frame",
            "its first packet",
            Get::Number(|row| row.run().and(row.observed()).map(|packet| packet.frame.number)),
        ),
        Of::new("run.from", "who sent it", Get::Key(&LANES, |row| row.run().and_then(|_| row.sender()))),
        Of::new("run.packets", "packets with data", Get::Count(|row| row.run().map(|run| run.packets))),
        Of::new("run.bytes", "bytes that they carry", Get::Count(|row| row.run().map(|run| run.bytes))),
        Of::new("run.seq", "where they begin", Get::Number(|row| row.run()?.numbers.map(|(first, _)| first.into())))
            .or_null(),
        Of::new(
            "run.next_seq",
            "the number behind them",
            Get::Number(|row| row.run()?.numbers.map(|(_, end)| end.into())),
        )
        .or_null(),
        Of::new("run.acks", "acknowledgments among them", Get::Count(|row| row.run().map(|run| run.acks))),
    ]
    .map(|column| column.of(RUN))
}

fn call<'a>() -> [Of<'a>; 6] {
    [
        Of::new("call.lane", "who made it", Get::Key(&LANES, |row| row.call().map(|call| call.lane.name()))),
        Of::new("call.name", "its name", Get::Text(|row| row.call().map(|call| call.key().into()))),
        Of::new(
            "call.arguments",
            "as strace writes them",
            Get::Text(|row| row.call().map(|call| call_notation::arguments(&call.what))),
        ),
        Of::new(
            "call.result",
            "of a call that has returned",
            Get::Text(|row| row.returned()?.result.as_ref().ok().map(call_notation::given)),
        )
        .or_null(),
        Of::new(
            "call.error",
            "of one that failed",
            Get::Text(|row| row.returned()?.result.as_ref().err().map(|error| Errno::key(error).into())),
        )
        .or_null(),
        Of::new(
            "call.notation",
            "its name and arguments",
            Get::Text(|row| {
                let call = row.call()?;
                Some(format!("{}({})", call.key(), call_notation::arguments(&call.what)).into())
            }),
        )
        .once(&["call"])
        .derived(),
    ]
    .map(|column| column.of(CALLS))
}

fn explanation<'a>() -> [Of<'a>; 6] {
    const LOSSES: [&str; 2] = [Loss::MinimumTtl.key(), Loss::QueueFull.key()];
    const WHO: [&str; 3] = [Who::Client.key(), Who::Server.key(), Who::Socket.key()];
    [
        Of::new(
            "explanation.key",
            "what the packet does",
            Get::Text(|row| row.explanation.as_ref().map(|told| told.act.key().into())),
        ),
        Of::new(
            "explanation.who",
            "who sent it",
            Get::Key(&WHO, |row| row.explanation.as_ref().map(|told| told.who.key())),
        ),
        Of::new(
            "explanation.values",
            "the numbers and addresses that belong to the key",
            Get::Object(|row| row.explanation.as_ref().map(|told| values(told.act))),
        ),
        Of::new(
            "explanation.unanswered",
            "whether it is sent again, and no acknowledgment of it was captured before",
            Get::Flag(|row| row.explanation.as_ref().map(|told| told.is_unanswered)),
        ),
        Of::new(
            "explanation.lost",
            "how it was lost, where that is proven",
            Get::Key(&LOSSES, |row| row.explanation.as_ref()?.loss.map(Loss::key)),
        )
        .or_null(),
        Of::new(
            "explanation.remarks",
            "what else is out of the ordinary about it, by the keys of marks",
            Get::Texts(|row, each| {
                row.explanation.iter().flat_map(|told| told.remarks.iter()).map(Mark::key).for_each(each);
            }),
        ),
    ]
    .map(|column| column.of(SENT))
}

/// What packets, runs of them and calls have alike, in one column.
fn of_several_kinds<'a>() -> [Of<'a>; 6] {
    [
        Of::new(
            "from",
            "who sent it, or made the call",
            Get::Key(&LANES, |row| row.sender().or_else(|| row.call().map(|call| call.lane.name()))),
        )
        .of(&["packet", "run", "entered", "returned", "called"]),
        Of::new(
            "frame",
            "the packet, or the first of a run",
            Get::Number(|row| row.observed().map(|packet| packet.frame.number)),
        )
        .of(SENT),
        Of::new(
            "packets",
            "how many packets it is",
            Get::Count(|row| {
                let run = || row.run().map(|run| run.packets.saturating_add(run.acks));
                row.packet().map(|_| 1).or_else(run).or_else(|| row.omitted())
            }),
        )
        .of(&["packet", "run", "omitted"]),
        Of::new(
            "seq",
            "relative to the first, of a packet or a run's first",
            Get::Number(|row| {
                let run = || row.run()?.numbers.map(|(first, _)| first);
                row.seen().and_then(|seen| seen.seq).or_else(run).map(Into::into)
            }),
        )
        .of(SENT),
        Of::new(
            "len",
            "bytes that it carries",
            Get::Count(|row| {
                let packet = row.packet().map(|_| row.seen().map_or(0, |seen| seen.len.into()));
                packet.or_else(|| row.run().map(|run| run.bytes))
            }),
        )
        .of(SENT),
        Of::new(
            "result",
            "what came of a call: its result, or its error",
            Get::Text(|row| {
                let returned = row.returned()?;
                Some(returned.result.as_ref().map_or_else(|error| Errno::key(error).into(), call_notation::given))
            }),
        )
        .of(CALLS),
    ]
    .map(|column| column.or_null().derived())
}
