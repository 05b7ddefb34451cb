//! How expectations are written: the names, the operators, and what is said where a clause makes no sense.

use std::str::FromStr;

use super::clause::{Clause, Count, Expectations, Operator, Test, Time, Word};
use crate::analyse::Mark;
use crate::engine::quantity::measured;

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

/// What is counted beside marks.
const COUNTS: [(&str, Count); 6] = [
    ("connections", Count::Connections),
    ("packets", Count::Packets),
    ("bytes", Count::Bytes),
    ("reset", Count::Resets),
    ("refused", Count::Refused),
    ("unanswered", Count::Unanswered),
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
    let mark = || Mark::ALL.iter().find(|mark| is(&mark_name(**mark))).map(|mark| Count::Marked(*mark));
    COUNTS.into_iter().find(|(known, _)| is(known)).map(|(_, count)| count).or_else(mark)
}

/// A mark as it is written here: `keep-alive-ack`.
fn mark_name(mark: Mark) -> String {
    mark.key().replace('_', "-")
}

fn unknown(name: &str) -> String {
    let names: Vec<&str> = TIMES.iter().map(|(name, _)| *name).chain(WORDS.iter().map(|(name, ..)| *name)).collect();
    let counts = COUNTS.iter().map(|(name, _)| (*name).to_owned());
    let counts: Vec<String> = counts.chain(Mark::ALL.iter().copied().map(mark_name)).collect();
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
