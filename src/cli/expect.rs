//! `--expect`: what a capture must hold, checked connection by connection and reported as TAP (testanything.org).

use std::io::{self, Write};
use std::str::FromStr;

use super::quantity::measured;
use crate::analyse::{Connection, Ending, Marks, Opening};
use crate::model::{Lane, Transport};
use crate::render::{Style, evidence_words, quantity};

/// The language, for `--help`.
pub(super) const HELP: &str = "\
Expectations:
  Clauses separated by semicolons, each one of:
    no WHAT           none of the counts below: no reset; no retransmission
    WHAT OP NUMBER    OP is one of < <= = != >= >
  Of every TCP connection shown (there must be one):
    handshake<50ms    from the first SYN to the ACK; one that did not come about is not met
    rtt<20ms          the median round trip
    duration<2s       from the first packet to the last (of every conversation, UDP too)
    open=complete     complete, refused, no-answer, half-open or missed
    close=fin         fin (closed by both), reset, open or none (it never opened)
    state=SF          Zeek's conn_state
  Of all conversations together:
    connections=3, packets<=1000, bytes<2MB (k, M and G are powers of ten; a B may follow)
    retransmission, out-of-order, duplicate-ack, lost-segment, zero-window, window-full, keep-alive,
    reset, refused, unanswered: how often
";

/// The most offenders named for a clause.
const NAMED: usize = 5;

/// What is expected, clause by clause.
#[derive(Clone, Debug)]
pub(super) struct Expectations(Vec<Clause>);

#[derive(Clone, Debug)]
struct Clause {
    /// As it was typed.
    text: String,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    /// Of every connection: a duration.
    Time(Time, Operator, i64),
    /// Of every connection: a word.
    Word(Word, Operator, &'static str),
    /// Of all together: a number.
    Count(Count, Operator, u64),
}

#[derive(Clone, Copy, Debug)]
enum Time {
    Handshake,
    RoundTrip,
    Duration,
}

#[derive(Clone, Copy, Debug)]
enum Word {
    Open,
    Close,
    State,
}

#[derive(Clone, Copy, Debug)]
enum Count {
    Connections,
    Packets,
    Bytes,
    Resets,
    Refused,
    Unanswered,
    Marked(Marks),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Less,
    AtMost,
    Equal,
    Unequal,
    AtLeast,
    More,
}

/// Longer spellings first, so that `<=` is not read as `<`.
const OPERATORS: [(&str, Operator); 6] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("!=", Operator::Unequal),
    ("<", Operator::Less),
    (">", Operator::More),
    ("=", Operator::Equal),
];

const TIMES: [(&str, Time); 3] =
    [("handshake", Time::Handshake), ("rtt", Time::RoundTrip), ("duration", Time::Duration)];

/// The words and what they can be.
const WORDS: [(&str, Word, &[&str]); 3] = [
    ("open", Word::Open, &["complete", "refused", "no-answer", "half-open", "missed"]),
    ("close", Word::Close, &["fin", "reset", "open", "none"]),
    (
        "state",
        Word::State,
        &["S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"],
    ),
];

const COUNTS: [(&str, Count); 13] = [
    ("connections", Count::Connections),
    ("packets", Count::Packets),
    ("bytes", Count::Bytes),
    ("reset", Count::Resets),
    ("refused", Count::Refused),
    ("unanswered", Count::Unanswered),
    ("retransmission", Count::Marked(Marks::RETRANSMISSION)),
    ("out-of-order", Count::Marked(Marks::OUT_OF_ORDER)),
    ("duplicate-ack", Count::Marked(Marks::DUPLICATE_ACK)),
    ("lost-segment", Count::Marked(Marks::LOST_SEGMENT)),
    ("zero-window", Count::Marked(Marks::ZERO_WINDOW)),
    ("window-full", Count::Marked(Marks::WINDOW_FULL)),
    ("keep-alive", Count::Marked(Marks::KEEP_ALIVE)),
];

/// A clause that makes no sense: where it stands in the expression, in bytes, and why.
#[derive(Debug)]
struct Malformed {
    at: usize,
    len: usize,
    why: String,
}

impl FromStr for Expectations {
    type Err = String;

    /// Reads clauses; an error shows the expression with a caret under what is wrong.
    fn from_str(expression: &str) -> Result<Self, String> {
        let mut clauses = Vec::new();
        let mut at = 0;
        for part in expression.split(';') {
            let text = part.trim();
            let start = at + (part.len() - part.trim_start().len());
            at += part.len() + 1;
            if !text.is_empty() {
                let test = parse(text).map_err(|error| error.point_at(expression, start))?;
                clauses.push(Clause { text: text.to_owned(), test });
            }
        }
        if clauses.is_empty() {
            return Err("nothing is expected; write for example 'handshake<50ms; close=fin; no reset'".to_owned());
        }
        Ok(Self(clauses))
    }
}

impl Malformed {
    fn new(text: &str, part: &str, why: impl Into<String>) -> Self {
        let at = part.as_ptr().addr().saturating_sub(text.as_ptr().addr()).min(text.len());
        Self { at, len: part.len(), why: why.into() }
    }

    /// The complaint, the expression, and a caret under the part that is wrong.
    fn point_at(&self, expression: &str, start: usize) -> String {
        let column = expression.get(..start + self.at).map_or(0, |before| before.chars().count());
        let part = expression.get(start + self.at..start + self.at + self.len).unwrap_or_default();
        let carets = "^".repeat(part.chars().count().max(1));
        format!("{}\n\n  {expression}\n  {}{carets}\n", self.why, " ".repeat(column))
    }
}

fn parse(text: &str) -> Result<Test, Malformed> {
    if let Some(what) = text.strip_prefix("no ") {
        let what = what.trim();
        return match count(what) {
            Some(count) => Ok(Test::Count(count, Operator::Equal, 0)),
            None => Err(Malformed::new(text, what, unknown(what))),
        };
    }
    let found = OPERATORS.iter().filter_map(|(sign, operator)| Some((text.find(sign)?, *sign, *operator)));
    let Some((at, sign, operator)) = found.min_by_key(|(at, sign, _)| (*at, std::cmp::Reverse(sign.len()))) else {
        let known = count(text).is_some();
        let hint = if known { format!("; to have none, write `no {text}`") } else { String::new() };
        return Err(Malformed::new(text, text, format!("a comparison is missing (< <= = != >= >){hint}")));
    };
    let (what, value) = (text[..at].trim(), text[at + sign.len()..].trim());
    if let Some((_, time)) = TIMES.into_iter().find(|(name, _)| *name == what) {
        let nanos = measured(value).map_err(|why| Malformed::new(text, value, why))?;
        return Ok(Test::Time(time, operator, nanos));
    }
    if let Some((name, word, values)) = WORDS.into_iter().find(|(name, ..)| *name == what) {
        if !matches!(operator, Operator::Equal | Operator::Unequal) {
            return Err(Malformed::new(
                text,
                &text[at..at + sign.len()],
                format!("`{name}` is a word: = or != compares it"),
            ));
        }
        let one_of = || format!("`{name}` is one of {}", values.join(", "));
        let value =
            values.iter().find(|known| **known == value).ok_or_else(|| Malformed::new(text, value, one_of()))?;
        return Ok(Test::Word(word, operator, value));
    }
    let count = count(what).ok_or_else(|| Malformed::new(text, what, unknown(what)))?;
    let number = number(value).ok_or_else(|| Malformed::new(text, value, format!("`{value}` is no whole number")))?;
    Ok(Test::Count(count, operator, number))
}

/// A count by its name, also in the plural.
fn count(name: &str) -> Option<Count> {
    let is = |known: &str| known == name || name.strip_suffix('s') == Some(known);
    COUNTS.into_iter().find(|(known, _)| is(known)).map(|(_, count)| count)
}

fn unknown(name: &str) -> String {
    let names: Vec<&str> = TIMES.iter().map(|(name, _)| *name).chain(WORDS.iter().map(|(name, ..)| *name)).collect();
    let counts: Vec<&str> = COUNTS.iter().map(|(name, _)| *name).collect();
    format!("`{name}` cannot be expected; there are {}, {}", names.join(", "), counts.join(", "))
}

/// `1000`, `2M`, `2MB`.
fn number(text: &str) -> Option<u64> {
    let text = text.strip_suffix('B').unwrap_or(text);
    let (digits, factor) = match text.as_bytes().last()? {
        b'k' => (&text[..text.len() - 1], 1_000),
        b'M' => (&text[..text.len() - 1], 1_000_000),
        b'G' => (&text[..text.len() - 1], 1_000_000_000),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

impl Operator {
    fn holds<T: PartialOrd>(self, left: T, right: T) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::Unequal => left != right,
            Self::AtLeast => left >= right,
            Self::More => left > right,
        }
    }
}

impl Expectations {
    /// Checks the conversations and writes a TAP line for each clause, with what breaks it below; says whether all hold.
    ///
    /// # Errors
    ///
    /// Whatever `out` says.
    pub(super) fn check(&self, connections: &[&Connection], style: Style, out: &mut dyn Write) -> io::Result<bool> {
        writeln!(out, "TAP version 13\n1..{}", self.0.len())?;
        let mut all_hold = true;
        for (number, clause) in (1..).zip(&self.0) {
            let broken = clause.test.broken_by(connections, style);
            let verdict = if broken.is_empty() { "ok" } else { "not ok" };
            writeln!(out, "{verdict} {number} - {}", clause.text)?;
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
            Self::Count(count, operator, wanted) => count.broken_by(connections, operator, wanted),
            _ if concerned.is_empty() => vec!["there is no connection it could hold for".to_owned()],
            Self::Time(time, operator, wanted) => {
                let breaks =
                    |connection: &&&Connection| !time.of(connection).is_some_and(|nanos| operator.holds(nanos, wanted));
                let found =
                    |nanos: Option<i64>| nanos.map_or("none".to_owned(), |nanos| quantity::duration(nanos, style));
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
            Self::Marked(mark) => connection.marked(mark),
        }
    }

    fn broken_by(self, connections: &[&Connection], operator: Operator, wanted: u64) -> Vec<String> {
        let counted: u64 = connections.iter().map(|connection| self.of(connection)).sum();
        if operator.holds(counted, wanted) {
            return Vec::new();
        }
        let mut broken = vec![format!("counted {counted}")];
        // Those that count are worth naming where there should be fewer of them.
        if !matches!(self, Self::Connections | Self::Packets | Self::Bytes) && counted > wanted {
            let guilty = connections.iter().map(|connection| (self.of(connection), connection));
            broken.extend(guilty.filter(|(times, _)| *times > 0).map(|(times, c)| told(c, &times.to_string())));
        }
        broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_that_makes_no_sense_is_pointed_at() {
        let complaint = |text: &str| text.parse::<Expectations>().unwrap_err();
        assert!(
            complaint("close=fin; handsake<50ms").ends_with("\n  close=fin; handsake<50ms\n             ^^^^^^^^\n")
        );
        assert!(complaint("handshake<50").ends_with("  handshake<50\n            ^^\n"));
        assert!(complaint("close<fin").contains("     ^\n"));
        assert!(complaint("close=fine").contains("one of fin, reset, open, none"));
        assert!(complaint("retransmission").contains("write `no retransmission`"));
        assert!(complaint("no é; x").ends_with("\n  no é; x\n     ^\n"));
        assert!(complaint(" ; ").contains("nothing is expected"));
        assert!(complaint("handshake<").contains("^"));
    }

    #[test]
    fn every_clause_of_the_help_can_be_read() {
        for text in [
            "handshake<50ms;close=fin;no reset;no retransmissions;connections=3",
            "bytes < 2MB",
            "packets>=10;",
            "rtt<=1.5s; state!=S0",
            "no lost-segment",
            "open=no-answer",
        ] {
            assert!(text.parse::<Expectations>().is_ok(), "{text}");
        }
    }
}
