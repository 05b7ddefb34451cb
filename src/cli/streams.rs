//! What is said where a conversation is asked for that is not there, or none is.

use std::path::PathBuf;

use anyhow::anyhow;

use super::exit::Exit;
use super::input::captures_have;
use super::report::{Failure, quoted};
use super::terminal;
use crate::analyse::{Connection, Tracker};
use crate::engine::{Passed, Stream};
use crate::model::{Lane, Transport};
use crate::render::{stream_name, write_wrapped};
use crate::words::en::count;
use crate::words::quantity::size;

/// The most conversations that are listed where none was asked for.
const LISTED: usize = 10;

/// Why `verb` cannot show the one conversation it is for, and how to choose one of those with a chosen packet.
pub(super) fn which(passed: &Passed, paths: &[PathBuf], stream: Option<Stream>, verb: &str) -> Failure {
    let list: Vec<&Connection> = passed.connections().collect();
    let refusal = |words: String| Failure::new(Exit::Usage, anyhow!(words));
    let files = paths.iter().map(quoted).collect::<Vec<_>>().join(" ");
    let command = |name: &str| format!("layerscope {verb} {files} -s {name}");
    match (stream.zip(passed.tracker()), list.first()) {
        (Some((stream, tracker)), first) => {
            let failure = refusal(no_such_stream(tracker, stream, paths));
            match nearest(tracker, stream).or(first.map(|first| stream_name(first))) {
                Some(name) => failure.advise(command(&name)),
                None => failure,
            }
        }
        (None, None) if passed.matched.is_some() => refusal(format!(
            "-s is missing, and {} no TCP or UDP conversation with a chosen packet",
            captures_have(paths)
        )),
        (None, None) => refusal(format!("{} no TCP or UDP conversation", captures_have(paths))),
        (None, Some(first)) => {
            let failure = refusal(format!("-s is missing: {} {}", captures_have(paths), counted(&list)));
            let failure = listed(&list).into_iter().fold(failure, Failure::advise);
            let failure = match list.len().saturating_sub(LISTED) {
                0 => failure,
                more => failure.advise(format!("... {more} more: layerscope flows {files}")),
            };
            failure.advise(format!("to see one of them: {}", command(&stream_name(first))))
        }
    }
}

/// `2 TCP connections and 1 UDP conversation`.
fn counted(list: &[&Connection]) -> String {
    let udp = list.iter().filter(|connection| connection.transport() == Transport::Udp).count();
    let numbers = [(list.len() - udp, "TCP connection"), (udp, "UDP conversation")];
    let words = numbers.into_iter().filter(|(number, _)| *number > 0);
    words.map(|(number, noun)| count(number as u64, noun)).collect::<Vec<_>>().join(" and ")
}

/// The first conversations in a table, a line each.
fn listed(list: &[&Connection]) -> Vec<String> {
    let style = terminal::style_of_errors();
    let row = |connection: &&Connection| {
        let [client, server] = [Lane::Client, Lane::Server].map(|lane| connection.endpoint(lane));
        vec![
            stream_name(connection),
            format!("{client} {} {server}", style.glyph("⇄", "<->")),
            connection.packets().to_string(),
            size(connection.bytes()),
        ]
    };
    let (headings, mut table) = (["stream", "ends", "packets", "bytes"], Vec::new());
    // Memory takes everything.
    let _ = write_wrapped(&headings, list.iter().take(LISTED).map(row), style, &mut table);
    String::from_utf8_lossy(&table).lines().map(str::to_owned).collect()
}

/// The conversation that was probably meant: the first of its transport, else the other transport's of the same number.
fn nearest(tracker: &Tracker, Stream { transport, number }: Stream) -> Option<String> {
    let same = tracker.connection(other(transport), number);
    tracker.connections(transport).next().or(same).map(stream_name)
}

const fn other(transport: Transport) -> Transport {
    match transport {
        Transport::Tcp => Transport::Udp,
        Transport::Udp => Transport::Tcp,
    }
}

/// Why there is no such conversation, and which there are.
pub(super) fn no_such_stream(tracker: &Tracker, stream: Stream, files: &[PathBuf]) -> String {
    let Stream { transport, number } = stream;
    let (name, have) = (transport.name(), captures_have(files));
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
    let others: Vec<u32> = tracker.connections(other(transport)).map(Connection::stream).collect();
    let prefix = format!("{}:", other(transport).name().to_lowercase());
    let others = match spans(&others).as_slice() {
        [] => String::new(),
        spans => format!("; of {} {}", other(transport).name(), numbers(spans, &prefix)),
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

    fn said(tracker: &Tracker, stream: &str) -> String {
        no_such_stream(tracker, stream.parse().unwrap(), &["x.pcap".into()])
    }

    #[test]
    fn the_numbers_that_there_are_are_named() {
        assert_eq!(said(&tracker(9, &[]), "0"), "there is no TCP stream 0: x.pcap has no TCP conversation");
        let two = tracker(9, &[1, 2]);
        assert_eq!(said(&two, "udp:2"), "there is no UDP stream 2: x.pcap has 0 to 1");
        for missing in ["1", "7"] {
            let wanted = "has no TCP conversation; of UDP udp:0 to udp:1";
            assert!(said(&two, missing).ends_with(wanted), "{}", said(&two, missing));
        }
        assert!(said(&tracker(9, &[1]), "udp:7").ends_with("x.pcap has only 0"));
        assert!(said(&tracker(9, &[1]), "0").ends_with("of UDP only udp:0"));
    }

    #[test]
    fn a_forgotten_number_is_no_part_of_what_there_is() {
        let of_four = tracker(4, &[1, 2, 3, 4, 2, 5, 6]);
        let gone =
            "there is no UDP stream 0 any more, it was forgotten to make room for others: x.pcap has 1 and 3 to 5";
        assert_eq!(said(&of_four, "udp:0"), gone);
        assert_eq!(said(&of_four, "udp:6"), "there is no UDP stream 6: x.pcap has 1 and 3 to 5");
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
