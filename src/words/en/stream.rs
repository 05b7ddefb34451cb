//! Which conversations there are, by their numbers.

use super::count;
use crate::analyse::{Connection, Tracker};
use crate::model::Transport;

/// `2 TCP connections and 1 UDP conversation`.
pub(crate) fn streams(list: &[&Connection]) -> String {
    let udp = list.iter().filter(|connection| connection.transport() == Transport::Udp).count();
    let numbers = [(list.len().saturating_sub(udp), "TCP connection"), (udp, "UDP conversation")];
    let words = numbers.into_iter().filter(|(number, _)| *number > 0);
    words.map(|(number, noun)| count(number as u64, noun)).collect::<Vec<_>>().join(" and ")
}

/// Why there is no such conversation among those that were followed, and which there are; `have` names what has them.
pub(crate) fn no_such_stream(tracker: &Tracker, transport: Transport, number: u32, have: &str) -> String {
    let name = transport.name();
    let streams: Vec<u32> = tracker.connections(transport).map(Connection::stream).collect();
    let there_are = match spans(&streams).as_slice() {
        [] => format!("{have} no {name} conversation"),
        spans => format!("{have} {}", numbers(spans, "")),
    };
    let forgotten = if streams.last().is_some_and(|last| number < *last) {
        " any more, it was forgotten to make room for others"
    } else {
        ""
    };
    let others: Vec<u32> = tracker.connections(transport.other()).map(Connection::stream).collect();
    let prefix = format!("{}:", transport.other().name().to_lowercase());
    let others = match spans(&others).as_slice() {
        [] => String::new(),
        spans => format!("; of {} {}", transport.other().name(), numbers(spans, &prefix)),
    };
    format!("there is no {name} stream {number}{forgotten}: {there_are}{others}")
}

/// `0 to 3, 5 and 8`, or as many of them as there is room for; `only 0` where that is all.
fn numbers(spans: &[(u32, u32)], prefix: &str) -> String {
    match spans {
        [(one, last)] if one == last => format!("only {prefix}{one}"),
        _ if spans.len() <= SPANS => spelled(spans, prefix),
        [.., (_, last)] => format!("{}, and more up to {prefix}{last}", spelled(&spans[..SPANS], prefix)),
        [] => String::new(),
    }
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
fn spelled(spans: &[(u32, u32)], prefix: &str) -> String {
    let one = |(first, last): &(u32, u32)| {
        if first == last { format!("{prefix}{first}") } else { format!("{prefix}{first} to {prefix}{last}") }
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

    fn said(tracker: &Tracker, transport: Transport, number: u32) -> String {
        no_such_stream(tracker, transport, number, "x.pcap has")
    }

    #[test]
    fn the_numbers_that_there_are_are_named() {
        assert_eq!(
            said(&tracker(9, &[]), Transport::Tcp, 0),
            "there is no TCP stream 0: x.pcap has no TCP conversation"
        );
        let two = tracker(9, &[1, 2]);
        assert_eq!(said(&two, Transport::Udp, 2), "there is no UDP stream 2: x.pcap has 0 to 1");
        for missing in [1, 7] {
            let wanted = "has no TCP conversation; of UDP udp:0 to udp:1";
            assert!(said(&two, Transport::Tcp, missing).ends_with(wanted), "{}", said(&two, Transport::Tcp, missing));
        }
        assert!(said(&tracker(9, &[1]), Transport::Udp, 7).ends_with("x.pcap has only 0"));
        assert!(said(&tracker(9, &[1]), Transport::Tcp, 0).ends_with("of UDP only udp:0"));
    }

    #[test]
    fn a_forgotten_number_is_no_part_of_what_there_is() {
        let of_four = tracker(4, &[1, 2, 3, 4, 2, 5, 6]);
        let gone =
            "there is no UDP stream 0 any more, it was forgotten to make room for others: x.pcap has 1 and 3 to 5";
        assert_eq!(said(&of_four, Transport::Udp, 0), gone);
        assert_eq!(said(&of_four, Transport::Udp, 6), "there is no UDP stream 6: x.pcap has 1 and 3 to 5");
    }

    #[test]
    fn many_gaps_are_not_all_spelled_out() {
        let numbers: Vec<u32> = (0..20).step_by(2).chain([u32::MAX]).collect();
        assert_eq!(spelled(&spans(&numbers)[..3], ""), "0, 2 and 4");
        assert_eq!(
            super::numbers(&spans(&numbers), "udp:"),
            "udp:0, udp:2, udp:4 and udp:6, and more up to udp:4294967295"
        );
        assert_eq!(spans(&[3, 4, 5, 9]), [(3, 5), (9, 9)]);
    }
}
