//! What is said where a conversation is asked for that is not there.

use super::args::Stream;
use crate::analyse::{Connection, Tracker};
use crate::model::Transport;

/// Why there is no such conversation, and which there are.
pub(super) fn no_such_stream(tracker: &Tracker, Stream { transport, number }: Stream) -> String {
    let name = transport.name();
    let streams: Vec<u32> = tracker.connections(transport).map(Connection::stream).collect();
    let there_are = match spans(&streams).as_slice() {
        [] => format!("the capture has no {name} conversation"),
        [(0, 0)] => "there is only 0".to_owned(),
        spans if spans.len() <= SPANS => format!("there are {}", spelled(spans)),
        spans => format!("there are {}, and more up to {}", spelled(&spans[..SPANS]), streams.last().unwrap_or(&0)),
    };
    let forgotten = if streams.last().is_some_and(|last| number < *last) {
        " any more, it was forgotten to make room for others"
    } else {
        ""
    };
    let other = match transport {
        Transport::Tcp => Transport::Udp,
        Transport::Udp => Transport::Tcp,
    };
    let there = tracker.connection(other, number).map_or_else(String::new, |_| {
        format!("; {} has one of that number: {}:{number}", other.name(), other.name().to_lowercase())
    });
    format!("there is no {name} stream {number}{forgotten}: {there_are}{there}")
}

/// The most spans of numbers that are spelled out.
const SPANS: usize = 4;

/// Numbers in ascending order as the spans, from the first to the last, that they make without a gap.
fn spans(numbers: &[u32]) -> Vec<(u32, u32)> {
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match spans.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => spans.push((number, number)),
        }
    }
    spans
}

/// `0 to 3, 5 and 8 to 9`.
fn spelled(spans: &[(u32, u32)]) -> String {
    let one = |(first, last): &(u32, u32)| {
        if first == last { first.to_string() } else { format!("{first} to {last}") }
    };
    match spans.split_last() {
        Some((last, [])) => one(last),
        Some((last, before)) => {
            let before: Vec<String> = before.iter().map(one).collect();
            format!("{} and {}", before.join(", "), one(last))
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Limits;
    use crate::decode::headers;
    use crate::model::{Frame, LinkType};

    /// A tracker that remembers so many conversations at once, after one datagram from each of these ports.
    fn tracker(max_connections: usize, ports: &[u16]) -> Tracker {
        let mut tracker = Tracker::new(Limits { max_connections });
        for (port, number) in ports.iter().zip(1..) {
            let header = [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
            let bytes = [&header[..], &port.to_be_bytes(), &[0, 53, 0, 8, 0, 0]].concat();
            let (link, wire_len) = (LinkType::RAW, 28);
            let frame = Frame { number, time: None, interface: 0, link, wire_len, bytes: &bytes, comments: &[] };
            tracker.observe(&frame, &headers(&frame));
        }
        tracker
    }

    fn said(tracker: &Tracker, stream: &str) -> String {
        no_such_stream(tracker, stream.parse().unwrap())
    }

    #[test]
    fn the_numbers_that_there_are_are_named() {
        assert_eq!(said(&tracker(9, &[]), "0"), "there is no TCP stream 0: the capture has no TCP conversation");
        let two = tracker(9, &[1, 2]);
        assert_eq!(said(&two, "udp:2"), "there is no UDP stream 2: there are 0 to 1");
        assert!(said(&two, "1").ends_with("has no TCP conversation; UDP has one of that number: udp:1"));
        assert!(said(&two, "2").ends_with("has no TCP conversation"));
        assert!(said(&tracker(9, &[1]), "udp:7").ends_with("there is only 0"));
    }

    #[test]
    fn a_forgotten_number_is_no_part_of_what_there_is() {
        let of_four = tracker(4, &[1, 2, 3, 4, 2, 5, 6]);
        let gone =
            "there is no UDP stream 0 any more, it was forgotten to make room for others: there are 1 and 3 to 5";
        assert_eq!(said(&of_four, "udp:0"), gone);
        assert_eq!(said(&of_four, "udp:6"), "there is no UDP stream 6: there are 1 and 3 to 5");
    }

    #[test]
    fn many_gaps_are_not_all_spelled_out() {
        let numbers: Vec<u32> = (0..20).step_by(2).chain([u32::MAX]).collect();
        assert_eq!(spelled(&spans(&numbers)[..3]), "0, 2 and 4");
        assert_eq!(spans(&[3, 4, 5, 9]), [(3, 5), (9, 9)]);
    }
}
