//! What is said of a filter expression that libpcap refuses: where, and what to write instead.

use std::ops::Range;

use super::exit::Exit;
use super::report::{Failure, nearest};
use crate::render::text::{sanitise, width};
use crate::source::{SourceError, syntax_fault};

/// The longest expression, in bytes, that is shown under the message.
const SHOWN: usize = 200;

/// Words of libpcap's language that are often typed, and often wrong.
const WORDS: [&str; 28] = [
    "host",
    "net",
    "port",
    "portrange",
    "src",
    "dst",
    "tcp",
    "udp",
    "icmp",
    "icmp6",
    "ip",
    "ip6",
    "arp",
    "ether",
    "proto",
    "broadcast",
    "multicast",
    "gateway",
    "greater",
    "less",
    "vlan",
    "mpls",
    "and",
    "or",
    "not",
    "sctp",
    "len",
    "inbound",
];

/// How Wireshark's fields begin that libpcap's users try.
const FIELDS: [&str; 12] =
    ["tcp.", "udp.", "ip.", "ipv6.", "eth.", "frame.", "dns.", "http.", "tls.", "icmp.", "icmpv6.", "arp."];

/// What to do instead of a filter that is too large.
const INSTEAD: &str = "use fewer terms, `portrange` for many ports and `net` for many hosts, or save the packets and filter \
                       them with `layerscope read`, which takes long lists that `or` alone joins";

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

/// The failure of a filter that libpcap refuses: the expression under its words, a mark under the fault, the next step. Of
/// any other error, the error alone.
pub(super) fn refused(error: SourceError) -> Failure {
    if let SourceError::FilterTooLarge { .. } = &error {
        return Failure::new(Exit::Usage, error).advise(INSTEAD);
    }
    let SourceError::Filter { expression, message, .. } = &error else { return error.into() };
    let fault = syntax_fault(&error).or_else(|| unknown(expression, message));
    let is_unknown_host = message.starts_with("unknown host");
    let expression = expression.clone();
    let mut failure = Failure::new(Exit::Usage, error);
    let word = fault.clone().and_then(|fault| expression.get(fault)).unwrap_or_default();
    // What is long enough to be cut in the message is better read where it was typed.
    if expression.len() <= SHOWN {
        failure = failure.advise(&expression);
        if let Some(mark) = fault.and_then(|fault| mark(&expression, fault)) {
            failure = failure.advise(mark);
        }
    } else if !word.is_empty() {
        failure = failure.advise(format!("it makes no sense from '{word}' on"));
    }
    match next_step(&expression, word) {
        Some(step) => failure.advise(step),
        None if is_unknown_host => failure.advise("its address does without name servers: host 192.0.2.1"),
        None => failure,
    }
}

/// The name that libpcap says it does not know, `unknown port 'htp'`, where it stands in the expression.
fn unknown(expression: &str, message: &str) -> Option<Range<usize>> {
    let (_, quoted) = message.strip_prefix("unknown ")?.split_once('\'')?;
    let name = quoted.strip_suffix('\'')?;
    let start = expression.find(name)?;
    Some(start..start + name.len())
}

/// `    ^^^ from here on it makes no sense`, to stand under the expression.
fn mark(expression: &str, fault: Range<usize>) -> Option<String> {
    // What is spelled out differently on the terminal has no places that could be marked.
    let before = expression.get(..fault.start).filter(|_| sanitise(expression) == expression)?;
    let word = width(expression.get(fault)?);
    let words = if word == 0 { "here something is missing" } else { "this makes no sense here" };
    Some(format!("{}{} {words}", " ".repeat(width(before)), "^".repeat(word.max(1))))
}

/// What to write instead.
fn next_step(expression: &str, wrong: &str) -> Option<String> {
    let words = || expression.split(|c: char| c.is_whitespace() || "()!=<>&|".contains(c));
    let is_field = |word: &str| FIELDS.iter().any(|field| word.strip_prefix(field).is_some_and(begins_with_letter));
    if words().any(is_field) {
        let advice = "a filter is written in libpcap's language (man pcap-filter), not as Wireshark's display filter";
        return Some(format!("{advice}: tcp port 80, host 192.0.2.1"));
    }
    if let Some((protocol, ports)) = PORTS.iter().find(|(protocol, _)| expression.trim() == *protocol) {
        return Some(format!("libpcap has no word for {protocol}; by its ports it is: {ports}"));
    }
    if WORDS.contains(&wrong) {
        return None;
    }
    swapped(wrong).or_else(|| nearest(wrong, WORDS)).map(|word| format!("did you mean {word}?"))
}

/// The word that has the same letters in another order: in short ones that is unlike enough.
fn swapped(wrong: &str) -> Option<&'static str> {
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    WORDS.into_iter().find(|word| letters(word) == letters(wrong))
}

fn begins_with_letter(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
}
