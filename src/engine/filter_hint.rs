//! Where a filter expression is wrong, and what was probably meant.

use std::ops::Range;

use super::likeness::nearest;
use crate::source::{FIRST_WORDS, SourceError, syntax_fault};

/// Words of libpcap's language beside [`FIRST_WORDS`] that are often typed, and often wrong.
const WORDS: [&str; 12] =
    ["icmp6", "broadcast", "multicast", "greater", "less", "vlan", "mpls", "and", "or", "not", "len", "inbound"];

/// How Wireshark's fields begin that libpcap's users try.
const FIELDS: [&str; 12] =
    ["tcp.", "udp.", "ip.", "ipv6.", "eth.", "frame.", "dns.", "http.", "tls.", "icmp.", "icmpv6.", "arp."];

/// Protocols that libpcap has no word for, and the ports they are known by.
const PORTS: [(&str, &str); 8] = [
    ("http", "tcp port 80"),
    ("https", "tcp port 443"),
    ("tls", "tcp port 443"),
    ("ssl", "tcp port 443"),
    ("dns", "port 53"),
    ("dhcp", "port 67 or port 68"),
    ("ssh", "tcp port 22"),
    ("quic", "udp port 443"),
];

/// What was probably meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FilterHint {
    /// A display filter of Wireshark's.
    DisplayFilter,
    /// A protocol that libpcap has no word for, but that is known by its ports.
    Ports { protocol: &'static str, ports: &'static str },
    /// A word of libpcap's.
    Meant(&'static str),
}

/// Where the expression of a refused filter is wrong, where that can be known.
pub(crate) fn filter_fault(error: &SourceError) -> Option<Range<usize>> {
    let SourceError::Filter { expression, message, .. } = error else { return None };
    syntax_fault(error).or_else(|| unknown(expression, message))
}

/// What was probably meant by an expression, of which a word is wrong.
pub(crate) fn filter_hint(expression: &str, wrong: &str) -> Option<FilterHint> {
    let words = || expression.split(|c: char| c.is_whitespace() || "()!=<>&|".contains(c));
    let is_field = |word: &str| FIELDS.iter().any(|field| word.strip_prefix(field).is_some_and(begins_with_letter));
    if words().any(is_field) {
        return Some(FilterHint::DisplayFilter);
    }
    if let Some(&(protocol, ports)) = PORTS.iter().find(|(protocol, _)| expression.trim() == *protocol) {
        return Some(FilterHint::Ports { protocol, ports });
    }
    if known_words().any(|word| word == wrong) {
        return None;
    }
    swapped(wrong).or_else(|| nearest(wrong, known_words())).map(FilterHint::Meant)
}

/// The name that libpcap says it does not know, `unknown port 'htp'`, where it stands in the expression.
fn unknown(expression: &str, message: &str) -> Option<Range<usize>> {
    let (_, quoted) = message.strip_prefix("unknown ")?.split_once('\'')?;
    let name = quoted.strip_suffix('\'')?;
    let start = expression.find(name)?;
    Some(start..start + name.len())
}

/// The words that could be meant.
fn known_words() -> impl Iterator<Item = &'static str> {
    FIRST_WORDS.into_iter().chain(WORDS)
}

/// The word that has the same letters in another order: in short ones that is unlike enough.
fn swapped(wrong: &str) -> Option<&'static str> {
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    known_words().find(|word| letters(word) == letters(wrong))
}

fn begins_with_letter(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
}
