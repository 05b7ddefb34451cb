//! The table of handshakes: how long each took, what it agreed on, how it went.

use serde::Serialize;

use super::connection::{EndObject, VerdictObject, epoch, numbers, optional, start, time};
use super::grid::{Column, Field, Recorded, Tabular};
use super::json::{Epoch, SCHEMA};
use crate::analyse::{Connection, Handshake, InForce, Offer};
use crate::model::{Lane, Timestamp};
use crate::words::Spelling;

/// A TCP connection's handshake as a row.
#[derive(Clone, Copy)]
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

    fn frames(&self) -> Vec<u64> {
        self.connection.verdict().map(|verdict| verdict.opening_evidence.to_vec()).unwrap_or_default()
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

impl Tabular for HandshakeRow<'_> {
    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::number("stream", 0, |row, _| row.connection.stream().to_string()),
            Column::endpoint("client", 0, |row| (row.connection.endpoint(Lane::Client), row.connection.is_assumed())),
            Column::endpoint("server", 0, |row| (row.connection.endpoint(Lane::Server), false)),
            Column::number("start", 5, |row, _| start(row.handshake.syn.or(row.connection.first()), row.origin)),
            Column::number("SYN→SYN,ACK", 3, |row, style| time(row.handshake.syn_to_syn_ack(), style)),
            Column::number("SYN,ACK→ACK", 3, |row, style| time(row.handshake.syn_ack_to_ack(), style)),
            Column::number("resending", 3, |row, style| time(row.handshake.resending(), style)),
            Column::number("total", 1, |row, style| time(row.handshake.total(), style)),
            Column::sentence("verdict", 2, (12, 30), |row, style| row.verdict(style.spelling())),
            Column::word("frames", 6, |row, _| numbers(&row.frames())),
            Column::sentence("options in force", 4, (16, 27), |row, _| row.options()),
        ]
    }
}

impl Recorded for HandshakeRow<'_> {
    fn fields() -> Vec<Field<Self>> {
        vec![
            ("stream", |row| row.connection.stream().to_string()),
            ("client", |row| row.connection.endpoint(Lane::Client).addr.to_string()),
            ("client_port", |row| row.connection.endpoint(Lane::Client).port.to_string()),
            ("server", |row| row.connection.endpoint(Lane::Server).addr.to_string()),
            ("server_port", |row| row.connection.endpoint(Lane::Server).port.to_string()),
            ("start", |row| optional(epoch(row.handshake.syn))),
            ("syn_to_syn_ack_ns", |row| optional(row.handshake.syn_to_syn_ack())),
            ("syn_ack_to_ack_ns", |row| optional(row.handshake.syn_ack_to_ack())),
            ("resending_ns", |row| optional(row.handshake.resending())),
            ("total_ns", |row| optional(row.handshake.total())),
            ("syns", |row| row.handshake.syns.to_string()),
            ("syn_acks", |row| row.handshake.syn_acks.to_string()),
            ("client_mss", |row| optional(row.offered(Lane::Client).and_then(|offer| offer.mss))),
            ("server_mss", |row| optional(row.offered(Lane::Server).and_then(|offer| offer.mss))),
            ("client_window_scale", |row| optional(row.offered(Lane::Client).and_then(|offer| offer.window_scale))),
            ("server_window_scale", |row| optional(row.offered(Lane::Server).and_then(|offer| offer.window_scale))),
            ("sack", |row| optional(row.in_force().map(|agreed| agreed.sack))),
            ("timestamps", |row| optional(row.in_force().map(|agreed| agreed.timestamps))),
            ("ecn", |row| optional(row.in_force().map(|agreed| agreed.ecn))),
            ("opening", |row| {
                optional(row.connection.verdict().map(|verdict| Spelling::MACHINE.opening(verdict.opening)))
            }),
            ("frames", |row| numbers(&row.frames())),
        ]
    }

    fn object(&self) -> impl Serialize {
        let (connection, handshake) = (self.connection, self.handshake);
        RowObject {
            schema: SCHEMA,
            stream: connection.stream(),
            client: connection.endpoint(Lane::Client).into(),
            server: connection.endpoint(Lane::Server).into(),
            direction_assumed: connection.is_assumed(),
            syn: epoch(handshake.syn),
            syn_ack: epoch(handshake.syn_ack),
            ack: epoch(handshake.ack),
            syn_to_syn_ack_ns: handshake.syn_to_syn_ack(),
            syn_ack_to_ack_ns: handshake.syn_ack_to_ack(),
            resending_ns: handshake.resending(),
            total_ns: handshake.total(),
            initial_rtt_ns: handshake.initial_rtt(),
            ambiguous: handshake.is_ambiguous(),
            syns: handshake.syns,
            syn_acks: handshake.syn_acks,
            syn_data: handshake.syn_data,
            simultaneous: handshake.is_simultaneous(),
            offered: [Lane::Client, Lane::Server].map(|lane| handshake.offer(lane).map(OfferObject::new)),
            verdict: VerdictObject::new(connection),
        }
    }
}

#[derive(Serialize)]
struct RowObject {
    schema: u32,
    stream: u32,
    client: EndObject,
    server: EndObject,
    direction_assumed: bool,
    syn: Option<Epoch>,
    syn_ack: Option<Epoch>,
    ack: Option<Epoch>,
    syn_to_syn_ack_ns: Option<i64>,
    syn_ack_to_ack_ns: Option<i64>,
    /// What repeated SYNs and SYN-ACKs cost; the total holds it.
    resending_ns: Option<i64>,
    total_ns: Option<i64>,
    initial_rtt_ns: Option<i64>,
    /// Whether a repeated SYN or SYN-ACK leaves open which was answered.
    ambiguous: bool,
    syns: u32,
    syn_acks: u32,
    syn_data: u32,
    simultaneous: bool,
    /// By the client and by the server; an option is in force where it needs no agreement or both have it.
    offered: [Option<OfferObject>; 2],
    verdict: Option<VerdictObject>,
}

#[derive(Serialize)]
struct OfferObject {
    mss: Option<u16>,
    window_scale: Option<u8>,
    sack_permitted: bool,
    timestamps: bool,
    ecn: bool,
    fast_open_cookie: Option<u8>,
    mptcp: bool,
    md5: bool,
    authentication: bool,
    other_kinds: Vec<u8>,
}

impl OfferObject {
    fn new(offer: &Offer) -> Self {
        Self {
            mss: offer.mss,
            window_scale: offer.window_scale,
            sack_permitted: offer.sack_permitted,
            timestamps: offer.timestamps,
            ecn: offer.ecn,
            fast_open_cookie: offer.fast_open,
            mptcp: offer.mptcp,
            md5: offer.md5,
            authentication: offer.authentication,
            other_kinds: offer.unknown.to_vec(),
        }
    }
}
