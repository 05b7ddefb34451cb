//! What is said of a filter expression that libpcap refuses: where, and what to write instead.

use std::ops::Range;

use super::exit::Exit;
use super::report::Failure;
use crate::engine::{FilterHint, filter_fault, filter_hint};
use crate::render::text::{sanitise, width};
use crate::source::SourceError;

/// The longest expression, in bytes, that is shown under the message.
const SHOWN: usize = 200;

/// What to do instead of a filter that is too large.
const INSTEAD: &str = "use fewer terms, `portrange` for many ports and `net` for many hosts, or save the packets and filter \
                       them with `layerscope read`, which takes long lists that `or` alone joins";

/// The failure of a filter that libpcap refuses: the expression under its words, a mark under the fault, the next step. Of
/// any other error, the error alone.
pub(super) fn refused(error: SourceError) -> Failure {
    if let SourceError::FilterTooLarge { .. } = &error {
        return Failure::new(Exit::Usage, error).advise(INSTEAD);
    }
    let SourceError::Filter { expression, message, .. } = &error else { return error.into() };
    let fault = filter_fault(&error);
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
    match filter_hint(&expression, word) {
        Some(hint) => failure.advise(next_step(hint)),
        None if is_unknown_host => failure.advise("its address does without name servers: host 192.0.2.1"),
        None => failure,
    }
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
fn next_step(hint: FilterHint) -> String {
    match hint {
        FilterHint::DisplayFilter => {
            "a filter is written in libpcap's language (man pcap-filter), not as Wireshark's display filter: tcp port 80, \
             host 192.0.2.1"
                .to_owned()
        }
        FilterHint::Ports { protocol, ports } => {
            format!("libpcap has no word for {protocol}; by its ports it is: {ports}")
        }
        FilterHint::Meant(word) => format!("did you mean {word}?"),
    }
}
