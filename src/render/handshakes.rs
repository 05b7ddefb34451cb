//! The table of handshakes: how long each took, what it agreed on, how it went.

use super::connection::{Connected, direction_assumed, ending, ends, opening, parts_of_ends, start, stream};
use super::grid::{Column, Get, Group, Lack, Tabular};
use crate::analyse::{Connection, Handshake, InForce, Moment, Offer};
use crate::model::{Lane, Timestamp};
use crate::words::Spelling;

/// A TCP connection's handshake as a row.
#[derive(Clone, Copy, Debug)]
pub struct HandshakeRow<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// Its handshake.
    pub handshake: &'a Handshake,
    /// The time that counts as zero.
    pub origin: Option<Timestamp>,
}

impl HandshakeRow<'_> {
    /// How it opened, and what did not go at the first try.
    fn verdict(&self, spelling: Spelling) -> String {
        let opening = self.connection.verdict().map(|verdict| verdict.opening);
        opening.map_or_else(String::new, |opening| spelling.attempts(opening, self.handshake))
    }

    /// `MSS 1460/1380, scale 7, SACK, TS`: the client's value first where they differ.
    fn options(&self) -> String {
        let (Some(client), Some(server)) = (self.handshake.offer(Lane::Client), self.handshake.offer(Lane::Server))
        else {
            return String::new();
        };
        let mut words = Vec::new();
        words.extend(pair("MSS", client.mss, server.mss));
        words.extend(pair("scale", client.window_scale, server.window_scale));
        let agreed = [
            (client.sack_permitted && server.sack_permitted, "SACK"),
            (client.timestamps && server.timestamps, "TS"),
            (client.ecn && server.ecn, "ECN"),
            (client.mptcp && server.mptcp, "MPTCP"),
            (client.md5 && server.md5, "MD5"),
            (client.authentication && server.authentication, "AO"),
        ];
        words.extend(agreed.iter().filter(|(both, _)| *both).map(|(_, name)| (*name).to_owned()));
        words.join(", ")
    }

    const fn offered(&self, lane: Lane) -> Option<&Offer> {
        self.handshake.offer(lane)
    }

    fn in_force(&self) -> Option<InForce> {
        self.handshake.in_force(Lane::Client)
    }
}

/// The values of an option, once where both are the same; `None` where neither end has it.
fn pair<T: ToString + PartialEq>(name: &str, client: Option<T>, server: Option<T>) -> Option<String> {
    if client == server {
        return client.map(|value| format!("{name} {}", value.to_string()));
    }
    let [client, server] = [client, server].map(|value| value.map_or("none".to_owned(), |value| value.to_string()));
    Some(format!("{name} {client}/{server}"))
}

/// A column of it.
type Of<'a> = Column<HandshakeRow<'a>>;

/// Whether one side offered an option, whose key ends in the name of its field; then what that says.
macro_rules! offers {
    ($lane:expr, $group:literal, $option:ident, $($doc:literal),+) => {
        Of::new(
            concat!($group, ".", stringify!($option)),
            concat!($($doc),+),
            Get::Flag(|row| Some(row.offered($lane)?.$option)),
        )
    };
}

/// What one side offered, by the beginning of its keys and of its headings in CSV.
macro_rules! offered {
    ($lane:expr, $group:literal, $side:literal) => {
        [
            Of::new(
                concat!($group, ".mss"),
                concat!("the largest segment that the ", $side, " takes"),
                Get::Count(|row| row.offered($lane)?.mss.map(Into::into)),
            )
            .once(&[concat!($side, "_mss")])
            .or_null(),
            Of::new(
                concat!($group, ".window_scale"),
                concat!("the shift count of the ", $side, "'s windows"),
                Get::Count(|row| row.offered($lane)?.window_scale.map(Into::into)),
            )
            .once(&[concat!($side, "_window_scale")])
            .or_null(),
            offers!($lane, $group, sack_permitted, "whether the ", $side, " takes selective acknowledgments"),
            offers!($lane, $group, timestamps, "whether the ", $side, " sends timestamps"),
            offers!($lane, $group, ecn, "whether the ", $side, " knows explicit congestion notification"),
            Of::new(
                concat!($group, ".fast_open_cookie"),
                "its length; 0 for a request of one",
                Get::Count(|row| row.offered($lane)?.fast_open.map(Into::into)),
            )
            .or_null(),
            offers!($lane, $group, mptcp, "whether the ", $side, " offers Multipath TCP"),
            offers!($lane, $group, md5, "whether the ", $side, " signs with MD5"),
            offers!($lane, $group, authentication, "whether the ", $side, " signs with TCP-AO"),
            Of::new(
                concat!($group, ".other_kinds"),
                concat!("kinds of the ", $side, "'s other options"),
                Get::Numbers(|row, each| {
                    let kinds = row.offered($lane).map(|offer| &offer.unknown);
                    kinds.into_iter().flatten().map(|kind| u64::from(*kind)).for_each(each);
                }),
            ),
        ]
    };
}

impl Tabular for HandshakeRow<'_> {
    const TITLE: &'static str = "A TCP opening, one line of the JSON of `layerscope handshakes`";

    const TABLE: &'static [&'static str] = &[
        "stream",
        "client",
        "server",
        "syn",
        "syn_to_syn_ack_ns",
        "syn_ack_to_ack_ns",
        "resending_ns",
        "total_ns",
        "verdict.words",
        "verdict.opening.frames",
        "options",
    ];

    const CSV: &'static [&'static str] = &[
        "stream",
        "client",
        "server",
        "syn",
        "syn_to_syn_ack_ns",
        "syn_ack_to_ack_ns",
        "resending_ns",
        "total_ns",
        "syns",
        "syn_acks",
        "offered.0.mss",
        "offered.1.mss",
        "offered.0.window_scale",
        "offered.1.window_scale",
        "in_force.sack",
        "in_force.timestamps",
        "in_force.ecn",
        "verdict.opening.key",
        "verdict.opening.tries",
        "verdict.opening.frames",
    ];

    const GROUPS: &'static [Group] = &[
        Group { key: "offered", doc: "by the client and by the server", lack: Lack::Never },
        Group { key: "offered.0", doc: "", lack: Lack::Null },
        Group { key: "offered.1", doc: "", lack: Lack::Null },
        Group { key: "verdict", doc: "", lack: Lack::Null },
    ];

    fn columns() -> Vec<Column<Self>> {
        let [client, server] = ends();
        let opening = opening().into_iter().map(|column| match column.key() {
            "verdict.opening.key" => column.once(&["verdict.opening", "opening"]),
            "verdict.opening.frames" => column.headed("frames", 6).once(&["verdict.opening_frames", "frames"]),
            _ => column,
        });
        let mut columns = vec![stream(), client, server, direction_assumed()];
        columns.extend(parts_of_ends());
        columns.extend(moments());
        columns.extend(times());
        columns.extend(counts());
        columns.extend(offered!(Lane::Client, "offered.0", "client"));
        columns.extend(offered!(Lane::Server, "offered.1", "server"));
        columns.extend(opening);
        columns.extend(ending());
        columns.extend(in_force());
        columns.extend(in_words());
        columns
    }

    fn origin(&self) -> Option<Timestamp> {
        self.origin
    }
}

impl Connected for HandshakeRow<'_> {
    fn connection(&self) -> &Connection {
        self.connection
    }
}

fn moments<'a>() -> [Of<'a>; 3] {
    [
        Of::new(
            "syn",
            "when the SYN that counts was sent; in a table, else the first packet",
            Get::Time(|row| row.handshake.syn.and_then(Moment::time)),
        )
        .told(|row, _| start(row.handshake.syn.or(row.connection.first()), row.origin))
        .headed("start", 5)
        .once(&["start"])
        .or_null(),
        Of::new("syn_ack", "when it was answered", Get::Time(|row| row.handshake.syn_ack.and_then(Moment::time)))
            .or_null(),
        Of::new("ack", "when that was acknowledged", Get::Time(|row| row.handshake.ack.and_then(Moment::time)))
            .or_null(),
    ]
}

fn times<'a>() -> [Of<'a>; 5] {
    [
        Of::new(
            "syn_to_syn_ack_ns",
            "from the SYN that was answered to the SYN,ACK",
            Get::Duration(|row| row.handshake.syn_to_syn_ack()),
        )
        .headed("SYN→SYN,ACK", 3),
        Of::new(
            "syn_ack_to_ack_ns",
            "from the SYN,ACK that was acknowledged to the ACK",
            Get::Duration(|row| row.handshake.syn_ack_to_ack()),
        )
        .headed("SYN,ACK→ACK", 3),
        Of::new(
            "resending_ns",
            "what repeated SYNs and SYN-ACKs cost; the total holds it",
            Get::Duration(|row| row.handshake.resending()),
        )
        .headed("resending", 3),
        Of::new("total_ns", "from the first SYN to the ACK", Get::Duration(|row| row.handshake.total()))
            .headed("total", 1),
        Of::new(
            "initial_rtt_ns",
            "the round trip, as far as the handshake tells",
            Get::Duration(|row| row.handshake.initial_rtt()),
        ),
    ]
    .map(Column::or_null)
}

fn counts<'a>() -> [Of<'a>; 5] {
    [
        Of::new(
            "ambiguous",
            "whether a repeated SYN or SYN-ACK leaves open which was answered",
            Get::Flag(|row| Some(row.handshake.is_ambiguous())),
        ),
        Of::new("syns", "how often the SYN was sent", Get::Count(|row| Some(row.handshake.syns.into()))),
        Of::new("syn_acks", "how often the SYN,ACK was sent", Get::Count(|row| Some(row.handshake.syn_acks.into()))),
        Of::new("syn_data", "bytes that the SYN carried", Get::Count(|row| Some(row.handshake.syn_data.into()))),
        Of::new(
            "simultaneous",
            "whether both ends sent a SYN of their own",
            Get::Flag(|row| Some(row.handshake.is_simultaneous())),
        ),
    ]
}

/// What both ends agreed on.
fn in_force<'a>() -> [Of<'a>; 3] {
    [
        Of::new(
            "in_force.sack",
            "whether both take selective acknowledgments",
            Get::Flag(|row| Some(row.in_force()?.sack)),
        )
        .once(&["sack"]),
        Of::new(
            "in_force.timestamps",
            "whether both send timestamps",
            Get::Flag(|row| Some(row.in_force()?.timestamps)),
        )
        .once(&["timestamps"]),
        Of::new(
            "in_force.ecn",
            "whether both know explicit congestion notification",
            Get::Flag(|row| Some(row.in_force()?.ecn)),
        )
        .once(&["ecn"]),
    ]
    .map(Column::derived)
}

fn in_words<'a>() -> [Of<'a>; 2] {
    [
        Of::new(
            "verdict.words",
            "how it opened, and what did not go at the first try, in words",
            Get::Words(|row, style| row.verdict(style.spelling())),
        )
        .headed("verdict", 2)
        .once(&["verdict"])
        .prose()
        .sentence(12, 30),
        Of::new(
            "options",
            "what is in force, in words, the client's value first where they differ",
            Get::Words(|row, _| row.options()),
        )
        .headed("options in force", 4)
        .prose()
        .sentence(16, 27),
    ]
}
