//! `layerscope inspect` from outside: what it shows, what it prints for scripts, what it answers to mistakes.

use std::process::Command;

use layerscope::model::LinkType;

use crate::cli_read::{LAYERSCOPE, capture, code, complaint, layerscope, shown, tshark};
use crate::support::packets::{ethernet, ipv4, tcp};
use crate::support::savefile;

/// The SYN,ACK, the request and the beginning of the answer in `basic-v4.client.pcap`.
const SEGMENTS: [&str; 3] = ["6", "8", "10"];

#[test]
fn inspect_prints_one_value_as_tshark_does() {
    let file = capture("generated/basic-v4.client.pcap");
    let keys = [
        "tcp.seq",
        "tcp.ack",
        "tcp.stream",
        "tcp.window_size",
        "ip.src",
        "ip.ttl",
        "tcp.flags.syn",
        "eth.dst",
        "tcp.checksum",
        "frame.time_epoch",
        "frame.len",
    ];
    let wanted: Vec<&str> = keys.iter().flat_map(|key| ["-e", key]).collect();
    let theirs = tshark(&file, &[&["-T", "fields"], wanted.as_slice()].concat());
    for number in SEGMENTS {
        let theirs = theirs.lines().nth(number.parse::<usize>().unwrap() - 1).unwrap().split('\t');
        for (key, theirs) in keys.iter().zip(theirs) {
            assert_eq!(shown(&["inspect", &file, number, "--field", key]).trim_end(), theirs, "{key} of {number}");
        }
    }
}

#[test]
fn inspect_prints_every_value_of_a_field() {
    let made = |packet: &[u8]| savefile::saved(&savefile::pcap(LinkType::ETHERNET, &[ethernet(0x0800, packet)]));
    let tunnel = made(&ipv4(47, &[&[0, 0, 8, 0][..], &ipv4(6, &tcp(80, 40000, &[], b"tunnelled"))].concat()));
    let echo = made(&ipv4(1, &[&[8, 0, 0, 0, 0, 1, 0, 1][..], &[b'x'; 64]].concat()));
    let [tunnel, echo] = [&tunnel, &echo].map(|file| file.path().to_str().unwrap());
    // An ICMP error that quotes a datagram, a tunnel, selective acknowledgments, several answers, payloads.
    for (file, number, keys) in [
        (
            "generated/fragments-icmp.client.pcap",
            "5",
            &["ip.src", "ip.addr", "udp.port", "udp.length", "frame.protocols"][..],
        ),
        ("reports/11-dns-a-aaaa.pcap", "5", &["dns.a", "dns.resp.name", "udp.payload", "frame.protocols"]),
        (tunnel, "1", &["ip.dst", "ip.ttl", "tcp.payload"]),
        ("generated/loss-many.client.pcap", "87", &["tcp.options.sack_le", "tcp.options.sack_re", "tcp.option_kind"]),
        (
            "generated/basic-v4.client.pcap",
            "8",
            &["tcp.payload", "frame.time_delta", "frame.time_relative", "eth.addr"],
        ),
        (echo, "1", &["data.data", "frame.protocols", "frame.cap_len"]),
    ] {
        let file = capture(file);
        let frame = format!("frame.number == {number}");
        let preferences = ["-o", "tcp.relative_sequence_numbers:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE"];
        let asked: Vec<&str> = keys.iter().flat_map(|key| ["-e", key]).collect();
        let form = ["-Y", &frame, "-T", "fields", "-E", "aggregator= "];
        let theirs = tshark(&file, &[&preferences[..], &form, &asked].concat());
        for (key, theirs) in keys.iter().zip(theirs.trim_end_matches('\n').split('\t')) {
            // tshark gives the first of two equal fields first, not the first in the packet.
            let sorted = |text: &str| {
                let mut values: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
                values.sort_unstable();
                values
            };
            let ours = shown(&["inspect", &file, number, "--field", key]);
            assert_eq!(sorted(&ours), sorted(theirs), "{key} of {file} {number}");
        }
    }
}

#[test]
fn inspect_tells_a_field_that_is_not_there_from_one_that_is_nowhere() {
    let file = capture("generated/basic-v4.client.pcap");
    let answer = |key: &str| {
        let output = layerscope(&["inspect", &file, "8", "--field", key]);
        (code(&output), complaint(&output))
    };
    // Known, by a table, by an option, by an application, by what a capture may tell.
    for key in ["udp.length", "tcp.options.sack_le", "dns.qry.name", "dns", "udp.payload", "udp.port"] {
        let (code, said) = answer(key);
        assert!(code == 1 && said.contains(&format!("no {key}: it is made of eth, ip, tcp, http")), "{said}");
    }
    assert_eq!(answer("frame.comment").0, 1);
    for (key, advice) in
        [("tcp.prot", "did you mean tcp.port?"), ("ip.tll", "did you mean ip.ttl?"), ("_ws.col.Info", "--columns")]
    {
        let (code, said) = answer(key);
        assert!(code == 2 && said.contains(&format!("no field {key}")) && said.contains(advice), "{said}");
    }
}

#[test]
fn inspect_says_which_packets_there_are() {
    let file = capture("derived/le-us.pcap");
    let answer = |number: &[&str]| {
        let output = layerscope(&[&["inspect", file.as_str()], number].concat());
        (code(&output), complaint(&output))
    };
    for number in [&["0"][..], &["nosuch"], &["-1"], &["1.5"], &["18446744073709551616"], &[]] {
        let (code, said) = answer(number);
        assert_eq!((code, said.lines().count()), (2, 2), "{said}");
        assert!(said.contains("has the packets 1 to 18\n") && said.contains("inspect"), "{said}");
    }
    let (missing, said) = answer(&["19"]);
    assert!(missing == 2 && said.contains("there is no packet 19"), "{said}");
    assert!(said.ends_with(&format!("layerscope inspect {file} 18\n")), "{said}");
    assert_eq!(code(&layerscope(&["inspect", &capture("derived/cut-in-block.pcapng"), "89"])), 3);
    assert_eq!(code(&layerscope(&["inspect", "no-such-file", "nosuch"])), 1);
    let empty = complaint(&layerscope(&["inspect", &capture("derived/header-only.pcap"), "1"]));
    assert!(empty.contains("has no packet"), "{empty}");
}

/// A TCP segment with timestamps, one over IPv6, and a DNS answer, from wide to narrow.
#[test]
fn inspect_keeps_every_value_where_there_is_little_room() {
    for (file, number, keys) in [
        (
            "generated/basic-v4.client.pcap",
            "8",
            &["ip.src", "tcp.seq_raw", "tcp.options.timestamp.tsval", "eth.dst"][..],
        ),
        ("generated/basic-v6.client.pcap", "8", &["ipv6.src", "ipv6.dst", "tcp.srcport"]),
        ("reports/11-dns-a-aaaa.pcap", "5", &["dns.a", "dns.resp.ttl", "udp.srcport"]),
    ] {
        let file = capture(file);
        for width in (40..=120).step_by(4) {
            let run = Command::new(LAYERSCOPE)
                .args(["inspect", &file, number])
                .env("COLUMNS", width.to_string())
                .output()
                .unwrap();
            let text = String::from_utf8(run.stdout).unwrap();
            let long = text.lines().find(|line| line.chars().count() > width);
            assert_eq!(long, None, "{width} columns");
            let solid: String = text.split_whitespace().collect();
            for key in keys {
                for value in shown(&["inspect", &file, number, "--field", key]).lines() {
                    // The key, perhaps a label, and the value.
                    let stands = solid
                        .match_indices(key)
                        .any(|(at, _)| solid[at..].chars().take(90).collect::<String>().contains(value));
                    assert!(stands, "{key} {value} at {width} columns:\n{text}");
                }
            }
        }
    }
}

#[test]
fn inspect_shows_one_layer_and_the_tree_as_json() {
    let file = capture("generated/basic-v4.client.pcap");
    let layer = shown(&["inspect", &file, SEGMENTS[2], "--layer", "internet"]);
    assert!(layer.contains("ip.ttl") && !layer.contains("tcp.srcport") && !layer.contains("eth.dst"), "{layer}");
    let none = layerscope(&["inspect", &file, "3", "--layer", "application"]);
    assert!(none.stdout.is_empty() && complaint(&none).contains("packet 3 has nothing of the Application layer"));
    let tree: serde_json::Value =
        serde_json::from_str(&shown(&["inspect", &file, SEGMENTS[2], "--format", "json"])).unwrap();
    let transport = tree["layers"].as_array().unwrap().iter().find(|layer| layer["key"] == "tcp").unwrap();
    let field = |key: &str| transport["fields"].as_array().unwrap().iter().find(|field| field["key"] == key).unwrap();
    assert_eq!(field("tcp.srcport")["range"], serde_json::json!([34, 36]));
    assert_eq!(field("tcp.seq")["range"], serde_json::Value::Null);
    assert_eq!(field("tcp.seq")["value"], "1");
    assert_eq!(field("tcp.flags")["fields"].as_array().unwrap().len(), 10);
}
