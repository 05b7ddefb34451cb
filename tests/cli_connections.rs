//! `handshakes`, `flows`, `timeline` and `stats` from outside, held to tshark where it can say the same.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use layerscope::model::LinkType;
use serde_json::Value;

use crate::run::{complaint, layerscope, stdout, tshark};
use crate::support::packets::segment;
use crate::support::segments::{ACK, SYN};
use crate::support::{ours, savefile, those_of};

pub(crate) const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/demo.pcapng");

pub(crate) fn generated(name: &str) -> String {
    ours("generated").join(name).to_string_lossy().into_owned()
}

fn csv(verb: &str, file: &Path, args: &[&str]) -> Vec<BTreeMap<String, String>> {
    let text = stdout(layerscope([verb, file.to_str().unwrap(), "--format", "csv"]).args(args));
    let mut lines = text.lines().map(record);
    let names = lines.next().unwrap();
    lines.map(|values| names.iter().cloned().zip(values).collect()).collect()
}

/// The values of a line of CSV.
fn record(line: &str) -> Vec<String> {
    let (mut values, mut quoted) = (vec![String::new()], false);
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' if quoted && rest.next_if_eq(&'"').is_some() => values.last_mut().unwrap().push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => values.push(String::new()),
            other => values.last_mut().unwrap().push(other),
        }
    }
    values
}

pub(crate) fn objects(args: &[&str]) -> Vec<Value> {
    stdout(&mut layerscope(args)).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn flows_count_what_tshark_counts() {
    for file in those_of(&[
        "generated/loss-many.server.pcap",
        "generated/port-reuse.client.pcap",
        "generated/basic-v6.client.pcap",
        "reports/11-dns-a-aaaa.pcap",
        "mixed/ipfixprobe__mixed.pcap",
    ]) {
        let fields =
            ["tcp.stream", "udp.stream", "tcp.srcport", "udp.srcport", "frame.len", "icmp.type", "icmpv6.type"];
        // Of every stream and source port: packets and bytes.
        let mut expected: BTreeMap<(String, String, String), (u64, u64)> = BTreeMap::new();
        for row in tshark(&file, &fields).iter().filter(|row| row[5].is_empty() && row[6].is_empty()) {
            let (transport, stream, port) = match (row[0].as_str(), row[1].as_str()) {
                ("", "") => continue,
                ("", stream) => ("udp", stream, &row[3]),
                (stream, _) => ("tcp", stream, &row[2]),
            };
            let counted = expected.entry((transport.to_owned(), stream.to_owned(), port.clone())).or_default();
            *counted = (counted.0 + 1, counted.1 + row[4].parse::<u64>().unwrap());
        }
        let mut found = BTreeMap::new();
        for row in csv("flows", &file, &[]) {
            for side in ["client", "server"] {
                let key = (row["transport"].clone(), row["stream"].clone(), row[&format!("{side}.port")].clone());
                let number = |what: &str| row[&format!("from_{side}.{what}")].parse::<u64>().unwrap();
                if number("packets") > 0 {
                    let counted: &mut (u64, u64) = found.entry(key).or_default();
                    *counted = (counted.0 + number("packets"), counted.1 + number("bytes"));
                }
            }
        }
        assert_eq!(found, expected, "{}", file.display());
    }
}

#[test]
fn protocols_are_counted_as_tshark_counts_them() {
    for file in those_of(&[
        "generated/syn-flood.client.pcap",
        "derived/le-us.pcap",
        "reports/33b-dhcp.pcap",
        "reports/13b-icmp-host-unreach.pcap",
        "mixed/pcapplusplus__many-protocols.pcap",
        "mixed/ipfixprobe__mixed.pcap",
    ]) {
        let said = Command::new("tshark").args(["-n", "-q", "-z", "io,phs", "-r"]).arg(&file).output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        // The first three levels, where no dissector guesses.
        let mut path: Vec<String> = Vec::new();
        let mut expected = BTreeMap::new();
        for line in said.lines().filter(|line| line.contains("frames:")) {
            let depth = (line.len() - line.trim_start().len()) / 2;
            let mut words = line.split_whitespace();
            path.truncate(depth);
            path.push(words.next().unwrap().to_owned());
            let packets: u64 = words.next().unwrap().trim_start_matches("frames:").parse().unwrap();
            expected.insert(path.join("/"), packets);
        }
        let counted: BTreeMap<String, u64> = objects(&["stats", file.to_str().unwrap(), "--format", "json"])
            .iter()
            .filter(|object| object["kind"] == "protocol")
            .map(|object| {
                let path = object["path"].as_array().unwrap().iter().map(|name| match name.as_str().unwrap() {
                    "Ethernet II" => "eth".to_owned(),
                    "IPv4" => "ip".to_owned(),
                    other => other.to_lowercase(),
                });
                (path.collect::<Vec<_>>().join("/"), object["packets"].as_u64().unwrap())
            })
            .collect();
        for key in ["eth/ip", "eth/ip/tcp", "eth/ip/udp", "eth/ip/icmp", "eth/arp", "eth/ipv6"] {
            assert_eq!(counted.get(key), expected.get(key), "{} {key}\n{said}", file.display());
        }
    }
}

#[test]
fn a_saved_demonstration_gives_the_timeline_it_was_shown_with() {
    let all = stdout(&mut layerscope(["read", DEMO, "--show", "timeline"]));
    let alone = |stream: &str| stdout(&mut layerscope(["timeline", DEMO, "--stream", stream]));
    assert_eq!(format!("{}\n{}\n", alone("0"), alone("udp:0")), all);
    assert!(alone("0").contains("connect(") && alone("udp:0").contains("sendto("), "the calls are included");
}

#[test]
fn a_long_timeline_folds_its_data_and_counts_every_packet() {
    let file = generated("loss-many.client.pcap");
    for max_rows in ["8", "40", "100", "10000"] {
        let events = objects(&["timeline", &file, "-s", "0", "--max-rows", max_rows, "--format", "json"]);
        let number = |value: &Value| value.as_u64().unwrap_or(0);
        let packets: u64 = events
            .iter()
            .skip(1)
            .map(|event| match event["kind"].as_str().unwrap() {
                "run" => number(&event["run"]["packets"]) + number(&event["run"]["acks"]),
                "omitted" => number(&event["omitted_packets"]),
                _ => 1,
            })
            .sum();
        assert_eq!(packets, 785, "--max-rows {max_rows}");
        assert!(events.len() <= max_rows.parse::<usize>().unwrap() + 2, "{max_rows}: {}", events.len());
    }
}

#[test]
fn expectations_are_reported_as_tap_and_by_the_exit_code() {
    let met =
        "handshake<50ms; close=fin; open=complete; state=SF; no reset; no retransmission; connections=1; bytes<2k";
    let said = stdout(&mut layerscope(["flows", DEMO, "--expect", met]));
    assert!(said.starts_with("TAP version 13\n1..8\nok 1 - handshake<50ms\n"), "{said}");
    assert!(!said.contains("not ok"), "{said}");
    let output = layerscope(["flows", &generated("refused.client.pcap"), "--expect", "no reset; close=fin"]).output();
    let output = output.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("not ok 1 - no reset\n# counted 1\n# tcp 0 10.9.0.1:") && said.contains("# tcp 0"), "{said}");
    let vacuous = layerscope(["handshakes", DEMO, "udp", "--expect", "close=fin"]).output().unwrap();
    assert_eq!(vacuous.status.code(), Some(4), "nothing was held to it");
    let vacuous = layerscope(["flows", DEMO, "port", "1", "--expect", "connections=0; no reset"]).output().unwrap();
    let said = String::from_utf8(vacuous.stdout).unwrap();
    assert!(said.contains("ok 1 - connections=0\nnot ok 2 - no reset"), "{said}");
    let said = complaint(&mut layerscope(["flows", DEMO, "--expect", "close=fin; handsake<1s"]), 2);
    assert!(said.contains("\n  close=fin; handsake<1s\n             ^^^^^^^^\n"), "{said}");
}

#[test]
fn a_flood_is_bounded_and_every_eviction_reported() {
    let file = generated("syn-flood.client.pcap");
    let all = csv("flows", Path::new(&file), &[]).len();
    let output = layerscope(["flows", &file, "--max-connections", "10", "--format", "csv"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 11);
    let said = String::from_utf8(output.stderr).unwrap();
    // One that goes on after it was forgotten counts as another.
    let forgotten: usize = said.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(all > 10 && forgotten >= all - 10 && said.contains(" conversations were forgotten"), "{all}: {said}");
}

#[test]
fn handshakes_can_be_picked_by_how_they_went() {
    let rows = |args: &[&str]| objects(&[&["handshakes"], args, &["--format", "json"]].concat());
    let slow = generated("syn-loss.client.pcap");
    assert_eq!(rows(&[&slow, "--slower-than", "1s"]).len(), 1);
    assert_eq!(rows(&[&slow, "--slower-than", "2s"]).len(), 0);
    assert_eq!(rows(&[&slow, "--failed"]).len(), 0);
    let refused = generated("refused.client.pcap");
    assert_eq!(rows(&[&refused, "--failed"])[0]["verdict"]["opening"]["key"], "refused");
    let five = rows(&[&generated("five-connections.client.pcap"), "--sort", "total", "--top", "2"]);
    assert!(five.len() == 2 && five[0]["total_ns"].as_i64() >= five[1]["total_ns"].as_i64());
    let ladder = stdout(&mut layerscope(["handshakes", &slow, "--ladder"]));
    assert_eq!(ladder.lines().filter(|line| line.contains("SYN seq=0")).count(), 2, "{ladder}");
    assert!(!ladder.contains("FIN"), "the handshake alone:\n{ladder}");
    let twice = complaint(&mut layerscope(["handshakes", "-", "--ladder"]), 2);
    assert!(twice.contains("standard input"), "{twice}");
}

#[test]
fn a_filter_picks_whole_conversations_under_their_own_numbers() {
    let flood = generated("syn-flood.client.pcap");
    let row = &csv("flows", Path::new(&flood), &[])[100];
    let filter = format!("tcp[13] == 2 and src host {} and src port {}", row["client.addr"], row["client.port"]);
    let rows = objects(&["flows", &flood, &filter, "--format", "json"]);
    assert_eq!((rows.len(), &rows[0]["stream"].to_string()), (1, &row["stream"]), "{rows:?}");
    let file = generated("five-connections.client.pcap");
    let port = csv("flows", Path::new(&file), &[])[3]["client.port"].clone();
    let rows = objects(&["flows", &file, "tcp[13] == 2 and port", &port, "--format", "json"]);
    assert_eq!((rows.len(), &rows[0]["stream"], &rows[0]["from_client"]["packets"]), (1, &3.into(), &17.into()));
    let said = complaint(&mut layerscope(["flows", &file, "nowhere.pcap"]), 2);
    assert!(said.contains("the filter begins at 'nowhere.pcap', because there is no such file"), "{said}");
    let said = complaint(&mut layerscope(["timeline", &file, "-s", "9"]), 2);
    assert!(said.contains("five-connections.client.pcap has 0 to 4"), "{said}");
}

#[test]
fn a_filter_is_asked_of_packets_of_conversations_alone() {
    // libpcap filters no IEEE 802.15.4.
    let file = savefile::saved(&savefile::pcap(LinkType(195), &[vec![0x41, 0x88, 1, 0xff, 0xff, 0xff, 0xff, 2, 0, 9]]));
    let file = file.path().to_str().unwrap();
    for verb in ["flows", "handshakes"] {
        assert_eq!(stdout(&mut layerscope([verb, file, "--format", "json", "tcp port 80"])), "");
    }
}

#[test]
fn nothing_in_a_payload_steers_a_terminal_or_breaks_a_picture() {
    for file in those_of(&[
        "generated/loss-many.client.pcap",
        "generated/fragments-icmp.client.pcap",
        "attacks/evil.pcapng",
        "mixed/retina__quic.pcap",
        "mixed/gopacket__cip.pcap",
    ]) {
        let name = file.display();
        for stream in ["0", "udp:0"] {
            for args in [&["follow"][..], &["timeline", "--format", "svg"], &["timeline", "--format", "mermaid"]] {
                let output = layerscope(args).arg(&file).args(["-s", stream]).output().unwrap();
                let text = String::from_utf8(output.stdout).unwrap();
                assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{name} {args:?}");
                if args.contains(&"svg") {
                    assert_eq!(unbalanced(&text), Vec::<String>::new(), "{name}");
                }
            }
        }
    }
}

/// The elements of an SVG that are not closed in the order they were opened.
fn unbalanced(svg: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap();
        assert!(!text.contains('>') && text.split('&').skip(1).all(|entity| entity.contains(';')), "{text}");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop().as_deref(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split([' ', '\n']).next().unwrap().to_owned()),
        }
    }
    open
}

#[test]
fn every_verb_over_connections_explains_itself_with_examples_and_exit_codes() {
    for verb in ["handshakes", "flows", "timeline", "follow", "stats"] {
        let help = stdout(&mut layerscope([verb, "--help"]));
        let examples = help.lines().skip_while(|line| *line != "Examples:").skip(1);
        let count = examples.take_while(|line| !line.is_empty()).filter(|line| line.contains("layerscope")).count();
        assert!((2..=3).contains(&count) && help.contains("Exit codes:"), "{help}");
    }
}

#[test]
fn a_timeline_says_where_its_times_count_from_and_keeps_the_captures_order() {
    let backwards = ours("derived/time-backwards.pcap");
    let backwards = backwards.to_str().unwrap();
    let text = stdout(&mut layerscope(["timeline", backwards, "--stream", "0"]));
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert_eq!(lines[1], "time starts at packet 5, 0.509918 s into the capture");
    assert!(lines[2].starts_with("packet 9 is stamped 4.965463 s before the packet above it"), "{text}");
    let events = csv("timeline", Path::new(backwards), &["--stream", "0"]);
    let frames: Vec<u64> = events.iter().map(|event| event["frame"].parse().unwrap()).collect();
    assert!(frames.is_sorted() && frames.len() == 14, "{frames:?}");
    assert_eq!((&*events[0]["client_state"], &*events[13]["client_state"]), ("syn_sent", "closed"));
    // The table above the timeline counts from the capture's first packet, whichever packets are chosen.
    let text = stdout(&mut layerscope(["read", backwards, "tcp"]));
    assert!(text.contains("\n 5   0.509918 ") && text.contains("time starts at packet 5, 0.509918 s into"), "{text}");
    let text = stdout(&mut layerscope(["timeline", &generated("basic-v4.client.pcap"), "--stream", "0"]));
    assert!(!text.contains("is stamped"), "{text}");
}

#[test]
fn a_timeline_is_the_same_in_every_format() {
    let objects = objects(&["timeline", DEMO, "--stream", "0", "--format", "json"]);
    let records = csv("timeline", Path::new(DEMO), &["--stream", "0"]);
    assert_eq!(objects.len(), records.len() + 1);
    for (object, record) in objects[1..].iter().zip(&records) {
        assert_eq!(
            (object["kind"].as_str().unwrap(), object["time"].as_str().unwrap()),
            (&*record["kind"], &*record["time"])
        );
        let packet = &object["packet"];
        let headings = [
            ("frame", "frame"),
            ("seq", "seq"),
            ("seq_raw", "packet.seq_raw"),
            ("ack_raw", "packet.ack_raw"),
            ("len", "len"),
        ];
        for (key, heading) in headings.into_iter().filter(|_| !packet.is_null()) {
            let value = if packet[key].is_null() { String::new() } else { packet[key].to_string() };
            assert_eq!(value, record[heading], "{key} of {packet}");
        }
    }
    let is_unanswered = |record: &BTreeMap<String, String>| {
        record["call.notation"] == "connect(127.0.0.1:8888)" && record["result"].is_empty()
    };
    assert!(records.iter().any(is_unanswered));
}

#[test]
fn an_icmp_error_stands_in_the_timeline_of_the_datagram_it_quotes() {
    let file = generated("fragments-icmp.client.pcap");
    let text = stdout(&mut layerscope(["timeline", &file, "--stream", "udp:0"]));
    assert!(text.contains("ICMP: port unreachable"), "{text}");
}

/// Each end's SYN is acknowledged, though the server sends no SYN-ACK.
#[test]
fn a_split_handshake_is_a_complete_one() {
    let packets = [
        segment(true, 1000, 0, SYN, b""),
        segment(false, 9000, 0, SYN, b""),
        segment(true, 1000, 9001, SYN | ACK, b""),
        segment(false, 9001, 1001, ACK, b""),
    ];
    let file = savefile::saved(&savefile::pcap(LinkType::RAW, &packets));
    let row = csv("handshakes", file.path(), &[])[0].clone();
    assert_eq!(row["verdict.opening.key"], "simultaneous");
    assert_eq!((row["verdict.opening.frames"].as_str(), row["total_ns"].as_str()), ("1,2,3,4", "3000000"));
    assert_eq!((row["syn_acks"].as_str(), row["syn_to_syn_ack_ns"].as_str()), ("0", ""), "as tshark has it");
    stdout(layerscope(["flows", "--expect", "open=complete"]).arg(file.path()));
}

#[test]
fn the_parts_of_a_handshake_add_up_to_its_total() {
    for (name, resent) in [("syn-loss.client", true), ("synack-loss.server", true), ("basic-v4.client", false)] {
        let file = generated(&format!("{name}.pcap"));
        let row = csv("handshakes", Path::new(&file), &[])[0].clone();
        let part = |key: &str| row[key].parse::<i64>().unwrap_or(0);
        let sum = part("syn_to_syn_ack_ns") + part("syn_ack_to_ack_ns") + part("resending_ns");
        assert_eq!((sum, part("resending_ns") > 900_000_000), (part("total_ns"), resent), "{row:?}");
        let table = stdout(layerscope(["handshakes", &file]).env("COLUMNS", "160"));
        assert_eq!(table.contains("resending"), resent, "{table}");
        let ladder = stdout(&mut layerscope(["timeline", &file, "--stream", "0"]));
        assert_eq!(ladder.contains(" resending + "), resent, "{ladder}");
    }
}
