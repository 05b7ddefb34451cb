//! What is expected against what there is, connection by connection, reported as TAP (testanything.org).

use std::io::{self, Write};

use super::clause::{Count, Expectations, Operator, Test, Time, Word};
use crate::analyse::{Connection, Ending, Opening};
use crate::model::{Lane, Transport};
use crate::render::text::sanitise;
use crate::render::{Style, evidence_words};
use crate::words::quantity;

/// The most offenders named for a clause.
const NAMED: usize = 5;

impl Expectations {
    /// Checks the conversations and writes a TAP line for each clause, with what breaks it below; says whether all hold.
    ///
    /// # Errors
    ///
    /// Whatever `out` says.
    pub(crate) fn check(&self, connections: &[&Connection], style: Style, out: &mut dyn Write) -> io::Result<bool> {
        writeln!(out, "TAP version 13\n1..{}", self.0.len())?;
        let mut all_hold = true;
        for (number, clause) in (1..).zip(&self.0) {
            let broken = clause.test.broken_by(connections, style);
            let verdict = if broken.is_empty() { "ok" } else { "not ok" };
            writeln!(out, "{verdict} {number} - {}", sanitise(&clause.text))?;
            broken.iter().take(NAMED).try_for_each(|line| writeln!(out, "# {line}"))?;
            if broken.len() > NAMED {
                writeln!(out, "# and {} more", broken.len() - NAMED)?;
            }
            all_hold &= broken.is_empty();
        }
        Ok(all_hold)
    }
}

impl Test {
    /// What breaks it, a line each; empty where it holds.
    fn broken_by(&self, connections: &[&Connection], style: Style) -> Vec<String> {
        let tcp = |connection: &&&Connection| connection.transport() == Transport::Tcp;
        let every = matches!(self, Self::Time(Time::Duration, ..));
        let concerned: Vec<&Connection> =
            connections.iter().filter(|connection| every || tcp(connection)).copied().collect();
        match *self {
            Self::Count(count, ..) if connections.is_empty() && !count.is_of_traffic() => {
                vec!["there is no conversation it could hold for".to_owned()]
            }
            Self::Count(count, operator, wanted) => count.broken_by(connections, operator, wanted),
            _ if concerned.is_empty() => vec!["there is no connection it could hold for".to_owned()],
            Self::Time(time, operator, wanted) => {
                let breaks =
                    |connection: &&&Connection| !time.of(connection).is_some_and(|nanos| operator.holds(nanos, wanted));
                let found = |nanos: Option<i64>| {
                    nanos.map_or("none".to_owned(), |nanos| quantity::duration(nanos, style.ascii))
                };
                let tell = |connection: &&Connection| told(connection, &found(time.of(connection)));
                concerned.iter().filter(breaks).map(tell).collect()
            }
            Self::Word(word, operator, wanted) => {
                let breaks = |connection: &&&Connection| !operator.holds(word.of(connection), wanted);
                concerned.iter().filter(breaks).map(|connection| told(connection, word.of(connection))).collect()
            }
        }
    }
}

/// `tcp 3 192.0.2.1:40000 > 192.0.2.2:80: reset (frames 1,2,3; 9)`.
fn told(connection: &Connection, what: &str) -> String {
    let (transport, stream) = (connection.transport().name().to_lowercase(), connection.stream());
    let (client, server) = (connection.endpoint(Lane::Client), connection.endpoint(Lane::Server));
    let frames = evidence_words(connection);
    let frames = if frames.is_empty() { String::new() } else { format!(" (frames {frames})") };
    format!("{transport} {stream} {client} > {server}: {what}{frames}")
}

impl Time {
    fn of(self, connection: &Connection) -> Option<i64> {
        match self {
            Self::Handshake => connection.handshake()?.total(),
            Self::RoundTrip => connection.round_trip_time(),
            Self::Duration => connection.duration(),
        }
    }
}

impl Word {
    fn of(self, connection: &Connection) -> &'static str {
        let Some(verdict) = connection.verdict() else { return "" };
        match (self, verdict.opening, verdict.ending) {
            (Self::State, ..) => connection.zeek_state(),
            (Self::Open, Opening::Complete { .. }, _) => "complete",
            (Self::Open, Opening::Refused, _) => "refused",
            (Self::Open, Opening::NoAnswer { .. }, _) => "no-answer",
            (Self::Open, Opening::HalfOpen, _) => "half-open",
            (Self::Open, Opening::Missed, _) => "missed",
            (Self::Close, _, Ending::NeverOpened) => "none",
            (Self::Close, _, Ending::Open | Ending::HalfClosed { .. } | Ending::Closing { .. }) => "open",
            (Self::Close, _, Ending::Closed { .. }) => "fin",
            (Self::Close, _, Ending::Reset(_)) => "reset",
        }
    }
}

impl Count {
    /// Whether it says how much there was, not what happened.
    const fn is_of_traffic(self) -> bool {
        matches!(self, Self::Connections | Self::Packets | Self::Bytes)
    }

    fn of(self, connection: &Connection) -> u64 {
        match self {
            Self::Connections => u64::from(connection.transport() == Transport::Tcp),
            Self::Packets => connection.packets(),
            Self::Bytes => connection.bytes(),
            Self::Resets => connection.resets(),
            Self::Refused => u64::from(
                connection.verdict().is_some_and(|verdict| verdict.opening == Opening::Refused)
                    || connection.exchange().is_some_and(|exchange| exchange.refusals() > 0),
            ),
            Self::Unanswered => match connection.exchange() {
                Some(exchange) => exchange.asked().saturating_sub(exchange.answered()),
                None => {
                    let opening = connection.verdict().map(|verdict| verdict.opening);
                    u64::from(matches!(opening, Some(Opening::NoAnswer { .. })))
                }
            },
            Self::Marked(mark) => connection.marked(mark.into()),
        }
    }

    fn broken_by(self, connections: &[&Connection], operator: Operator, wanted: u64) -> Vec<String> {
        let counted: u64 = connections.iter().map(|connection| self.of(connection)).sum();
        if operator.holds(counted, wanted) {
            return Vec::new();
        }
        let mut broken = vec![format!("counted {counted}")];
        // Those that count are worth naming where there should be fewer of them.
        if !self.is_of_traffic() && counted > wanted {
            let guilty = connections.iter().map(|connection| (self.of(connection), connection));
            broken.extend(guilty.filter(|(times, _)| *times > 0).map(|(times, c)| told(c, &times.to_string())));
        }
        broken
    }
}
