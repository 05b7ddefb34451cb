//! Situations that people met in public, made anew, with what is right to say of each.

use std::process::Command;

use layerscope::analyse::{Connection, Handshake, Health, Limits, Mark, Marks, Opening, Seen, Tracker};
use layerscope::decode::headers;
use layerscope::model::{Lane, Transport};
use serde_json::Value;

use crate::support::{frames, ours};

/// What is said of each packet of a report, and the tracker behind it.
fn follow(name: &str) -> (Vec<Option<Seen>>, Tracker) {
    let mut tracker = Tracker::new(Limits::default());
    let frames = frames(&ours(name));
    assert!(!frames.is_empty(), "{name} cannot be read");
    let seen = frames.iter().map(|frame| tracker.observe(&frame.as_frame(), &headers(&frame.as_frame()))).collect();
    (seen, tracker)
}

fn only(tracker: &Tracker) -> &Connection {
    let mut connections = tracker.connections(Transport::Tcp);
    let connection = connections.next().expect("there is a connection");
    assert!(connections.next().is_none(), "there is one");
    connection
}

fn opening(connection: &Connection) -> (Opening, Vec<u64>) {
    let verdict = connection.verdict().expect("TCP has a verdict");
    (verdict.opening, verdict.opening_evidence.to_vec())
}

const COMPLETE: Opening = Opening::Complete { simultaneous: false };

#[test]
fn a_later_acknowledgment_proves_a_handshake_whose_ack_was_not_captured() {
    let (_, tracker) = follow("reports/24-banner-ack-missing.pcap");
    let connection = only(&tracker);
    assert_eq!(opening(connection), (COMPLETE, vec![1, 2, 4]));
    let handshake = connection.handshake().expect("TCP has a handshake");
    assert_eq!((handshake.ack, handshake.syn_ack_to_ack()), (None, None), "no time is known of what was not captured");
}

#[test]
fn a_second_syn_ack_with_other_numbers_changes_nothing() {
    let (seen, tracker) = follow("reports/60-second-synack.pcap");
    let connection = only(&tracker);
    assert_eq!(opening(connection), (COMPLETE, vec![1, 2, 4]));
    let marks: Vec<Marks> = seen.iter().flatten().map(|seen| seen.marks).collect();
    // Which of two the client takes shows its acknowledgment.
    assert_eq!(marks[2], Marks::SYN_ACK_OTHER_NUMBERS);
    assert_eq!(connection.marked(Marks::SYN_ACK_NOT_ACCEPTED), 1);
    let timeline = run(&["timeline", "-s", "0"], "reports/60-second-synack.pcap");
    let line = timeline.lines().find(|line| line.trim_start().starts_with("3 ")).expect("there is packet 3");
    assert!(line.contains("[SYN-ACK not accepted]") && !timeline.contains("times)"), "{timeline}");
    let acks: Vec<_> = [3, 5, 8].iter().map(|place| seen[*place].and_then(|seen| seen.ack)).collect();
    assert_eq!(acks, [Some(1), Some(1), Some(301)]);
    for mark in [Marks::REUSED_PORTS, Marks::RETRANSMISSION, Marks::LOST_SEGMENT] {
        assert_eq!(connection.marked(mark), 0, "{mark:?}");
    }
    let health = connection.health(Lane::Server).expect("there was data");
    assert_eq!((health.data(), health.missed(), health.max_in_flight()), (300, 0, 300));
    assert_eq!(connection.handshake().map(Handshake::syn_ack_retransmissions), Some(0));
}

#[test]
fn a_stream_in_ip_fragments_that_were_all_captured_misses_nothing() {
    let (seen, tracker) = follow("reports/61-fragmented-stream.pcap");
    let connection = only(&tracker);
    assert_eq!((seen.iter().flatten().count(), connection.packets(), tracker.late()), (22, 22, 0));
    let (client, health) = (connection.traffic(Lane::Client), connection.health(Lane::Client));
    assert_eq!(
        (client.payload, health.map(Health::data), connection.missed(Lane::Client)),
        (1360, Some(1360), Some(0))
    );
    assert!(seen.iter().flatten().all(|seen| seen.marks.is_empty()), "{seen:?}");
    let numbers: Vec<_> = seen[3..6].iter().flatten().map(|seen| (seen.seq, seen.len)).collect();
    assert_eq!(numbers, [(Some(1), 100), (Some(101), 120), (Some(221), 120)]);
    assert_eq!(connection.verdict().map(|verdict| verdict.ending_evidence.to_vec()), Some(vec![20, 21, 22]));
}

/// What `layerscope VERB` says of a report.
fn run(verb: &[&str], name: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_layerscope"))
        .args(verb)
        .arg(ours(name))
        .env("COLUMNS", "120")
        .output()
        .expect("layerscope can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is text")
}

/// The lines of `layerscope VERB --format json` on a report.
fn lines(verb: &[&str], name: &str) -> Vec<Value> {
    let text = run(&[verb, &["--format", "json"]].concat(), name);
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

#[test]
fn the_bytes_of_fragments_are_followed() {
    let pieces = lines(&["follow", "-s", "0"], "reports/61-fragmented-stream.pcap");
    assert!(pieces.iter().all(|piece| piece["kind"] == "bytes"), "{pieces:?}");
    let bytes: usize = pieces.iter().map(|piece| piece["hex"].as_str().map_or(0, |hex| hex.len() / 2)).sum();
    assert_eq!(bytes, 1360);
}

#[test]
fn every_mark_of_the_packets_is_counted_in_the_flow() {
    for name in
        ["generated/keep-alive.client.pcap", "generated/zero-window.client.pcap", "reports/60-second-synack.pcap"]
    {
        let (seen, tracker) = follow(name);
        let flow = &lines(&["flows"], name)[0];
        for lane in [Lane::Client, Lane::Server] {
            let counted = &flow[format!("from_{}", lane.name())]["marks"];
            // Which SYN-ACK was taken is known only later.
            let in_doubt = [Mark::SynAckNotAccepted, Mark::SynAckOtherNumbers];
            let plain = Mark::ALL.iter().copied().filter(|mark| name.contains("generated") || !in_doubt.contains(mark));
            for mark in plain {
                let of = |seen: &&Seen| seen.from == lane && seen.marks.contains(mark.into());
                let packets = seen.iter().flatten().filter(of).count() as u64;
                assert_eq!(counted[mark.key()].as_u64().unwrap_or(0), packets, "{name}: {} of the {lane}", mark.key());
                assert_eq!(u64::from(only(&tracker).marked_from(lane, mark.into())), packets, "{name}: {}", mark.key());
            }
        }
    }
    let flow = &lines(&["flows"], "generated/keep-alive.client.pcap")[0];
    assert_eq!(flow["from_server"]["marks"]["keep_alive_ack"], 4);
    let flow = &lines(&["flows"], "generated/zero-window.client.pcap")[0];
    assert_eq!(flow["from_server"]["marks"]["zero_window_probe_ack"], 3);
}

#[test]
fn goodput_is_in_bits_a_second() {
    // 1360 bytes, acknowledged 70 ms after the first of them was sent; the FIN's acknowledgment came 90 ms after it.
    let flow = &lines(&["flows"], "reports/61-fragmented-stream.pcap")[0];
    let rate = flow["from_client"]["goodput_bits_per_second"].as_u64().expect("there is a rate");
    assert_eq!(rate, 1360 * 8 * 1000 / 90);
}
