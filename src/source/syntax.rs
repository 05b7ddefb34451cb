//! Where a filter expression makes no sense, which libpcap does not tell.
//!
//! As much of an expression as some ending makes a whole of is in order; the fault is in the word behind it.

use std::ops::Range;
use std::time::Duration;

use pcap::{Capture, Linktype};

use super::SourceError;
use crate::clock::now;

/// How long the search may take.
const PATIENCE: Duration = Duration::from_millis(300);

/// The most words that are looked at: what is longer was not typed by hand.
const WORDS: usize = 64;

/// The most brackets that are open at once in what is looked at.
const DEPTH: usize = 4;

/// What an expression can go on with, so that it is whole or nearly so.
const ENDINGS: [&str; 7] = ["", " 1", " tcp", " host 192.0.2.1", " 192.0.2.1", " 1-2", "[0]"];

/// Where a filter's grammar is wrong: the first word that nothing could make sense of, as a range of bytes of the expression,
/// empty at its end where something is missing there. `None` where that cannot be told, or something else is wrong.
#[must_use]
pub fn syntax_fault(error: &SourceError) -> Option<Range<usize>> {
    let SourceError::Filter { expression, message, .. } = error else { return None };
    // Names may be asked of name servers anew each time.
    let begun = now();
    let fault = || fault(expression, || begun.elapsed() > PATIENCE);
    is_syntax_error(message).then(fault).flatten()
}

/// The same of an expression whose grammar is wrong; the search ends where it `is_late`.
fn fault(expression: &str, is_late: impl Fn() -> bool) -> Option<Range<usize>> {
    let words = words(expression);
    if words.len() > WORDS {
        return None;
    }
    for word in words {
        let viable = can_go_on(expression.get(..word.end)?);
        if is_late() {
            return None;
        }
        if !viable? {
            return Some(word);
        }
    }
    let end = expression.trim_end().len();
    Some(end..end)
}

/// The words of an expression: brackets and operators stand for themselves.
fn words(expression: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut before = Kind::Blank;
    for (at, character) in expression.char_indices() {
        let (kind, end) = (Kind::of(character), at.saturating_add(character.len_utf8()));
        match words.last_mut() {
            Some(word) if kind == before && kind != Kind::Bracket && kind != Kind::Blank => word.end = end,
            _ if kind != Kind::Blank => words.push(at..end),
            _ => {}
        }
        before = kind;
    }
    words
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Bracket,
    Operator,
    Letter,
}

impl Kind {
    fn of(character: char) -> Self {
        match character {
            '(' | ')' | '[' | ']' => Self::Bracket,
            '=' | '!' | '<' | '>' | '&' | '|' | '+' | '*' | '/' | '%' | '^' => Self::Operator,
            blank if blank.is_whitespace() => Self::Blank,
            _ => Self::Letter,
        }
    }
}

/// Whether some ending makes sense of it; `None` where there are too many brackets to try.
fn can_go_on(beginning: &str) -> Option<bool> {
    let closing = closing(beginning)?;
    let makes_sense = |ending: &&str| {
        // A comparison may be missing inside of each bracket that is open.
        let compared = (0..=closing.len()).map(|at| {
            let (inner, outer) = closing.split_at(at);
            format!("{beginning}{ending}{inner} = 1{outer}")
        });
        std::iter::once(format!("{beginning}{ending}{closing}")).chain(compared).any(|whole| is_grammatical(&whole))
    };
    Some(ENDINGS.iter().any(makes_sense))
}

/// What closes the brackets that are open.
fn closing(beginning: &str) -> Option<String> {
    let mut open = Vec::new();
    for character in beginning.chars() {
        match character {
            '(' => open.push(')'),
            '[' => open.push(']'),
            ')' | ']' => drop(open.pop()),
            _ => {}
        }
    }
    (open.len() <= DEPTH).then(|| open.iter().rev().collect())
}

/// Whether libpcap finds nothing wrong with the grammar; it may well find no meaning.
fn is_grammatical(expression: &str) -> bool {
    let compiled = Capture::dead(Linktype::ETHERNET).and_then(|dead| dead.compile(expression, false));
    !matches!(compiled, Err(pcap::Error::PcapError(message)) if is_syntax_error(&message))
}

/// Whether libpcap's words are those about a fault of grammar.
fn is_syntax_error(message: &str) -> bool {
    message.contains("syntax error")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word that is found to be wrong; nothing where the end is.
    fn found(expression: &str) -> &str {
        &expression[fault(expression, || false).unwrap()]
    }

    #[test]
    fn the_first_word_without_sense_is_found() {
        for (expression, word) in [
            ("tcp port 80 adn udp", "adn"),
            ("tcp prt 80", "prt"),
            ("port 80 or or port 81", "or"),
            ("(tcp port 80)) and udp", ")"),
            ("tcp[13 & 2 != 0", "!="),
            ("tcp[13] & 2 !== 0", "!=="),
            ("ip[2:2] - ((ip[0] & 0xf) << 2) == 4 foo", "foo"),
            ("host 192.0.2.1 192.0.2.2", "192.0.2.2"),
            ("and tcp", "and"),
        ] {
            assert_eq!(found(expression), word, "{expression}");
        }
    }

    #[test]
    fn where_the_end_is_missing_nothing_else_is_wrong() {
        for expression in
            ["tcp port", "(tcp port 80", "host", "not", "tcp and ", "tcp[13", "tcp[13] &", "ip[0] >", "(("]
        {
            assert_eq!(found(expression), "", "{expression}");
            assert_eq!(fault(expression, || false).unwrap().end, expression.trim_end().len());
        }
    }

    #[test]
    fn what_takes_too_long_or_is_too_long_is_not_looked_for() {
        assert_eq!(fault("tcp prt 80", || true), None);
        assert_eq!(fault(&"tcp and ".repeat(WORDS), || false), None);
        assert_eq!(fault("(((((tcp prt", || false), None);
    }
}
