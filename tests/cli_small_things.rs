//! What each verb, key and width owes to who guesses it from the others.

use std::path::Path;

use crate::run::{complaint, layerscope, stdout, tshark};
use crate::support;

const FIVE: &str = "generated/five-connections.client.pcap";

/// The path of a capture of ours.
fn capture(name: &str) -> String {
    support::ours(name).into_os_string().into_string().unwrap()
}

/// The lines of a command's output.
fn lines(args: &[&str]) -> Vec<String> {
    stdout(&mut layerscope(args)).lines().map(str::to_owned).collect()
}

#[test]
fn a_stream_that_is_not_there_ends_every_verb_alike() {
    let file = capture(FIVE);
    for verb in ["read", "flows", "handshakes", "stats", "timeline", "follow", "inspect"] {
        let said = complaint(&mut layerscope([verb, &file, "--stream", "99"]), 2);
        assert!(said.contains("there is no TCP stream 99"), "{verb}: {said}");
    }
    for more in [&["--count"][..], &["--format", "json"], &["-w", "-"]] {
        complaint(layerscope(["read", &file, "--stream", "99"]).args(more), 2);
    }
}

#[test]
fn each_end_of_a_conversation_is_a_column_in_parts() {
    let file = capture(FIVE);
    for verb in ["flows", "handshakes"] {
        let whole = lines(&[verb, &file, "--columns", "client,server", "--format", "csv"]);
        let keys = "client.addr,client.port,server.addr,server.port";
        assert_eq!(lines(&[verb, &file, "--columns", keys, "--format", "csv"]), whole, "{verb}");
        assert_eq!(whole[0], keys);
        let json = lines(&[verb, &file, "--columns", "server.port", "--format", "json", "--top", "1"]);
        let port = whole[1].rsplit(',').next().unwrap();
        assert_eq!(json, [format!("{{\"schema\":2,\"server\":{{\"port\":{port}}}}}")]);
        assert!(lines(&[verb, &file, "--columns", "server.port"])[0].contains("server.port"));
    }
}

#[test]
fn capital_letters_do_not_make_a_key_another() {
    let file = capture(FIVE);
    let said = complaint(&mut layerscope(["read", &file, "--columns", "TCP.flags"]), 2);
    assert!(said.contains("'tcp.flags'"), "{said}");
    let said = complaint(&mut layerscope(["inspect", &file, "1", "--field", "TCP.flags"]), 2);
    assert!(said.contains("did you mean tcp.flags?"), "{said}");
}

#[test]
fn inspect_knows_every_key_that_is_a_column() {
    let file = capture("generated/loss-fast-retransmit.server.pcap");
    let keys = "frame.number,tcp.stream,tcp.len,tcp.analysis,tcp.analysis.retransmission,frame.protocols";
    let rows = lines(&["read", &file, "--columns", keys, "--format", "csv"]);
    let keys: Vec<&str> = keys.split(',').collect();
    let mut seen = 0;
    for row in rows.iter().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        if seen > 1 || cells[3].is_empty() && cells[0] != "1" || cells.len() != keys.len() {
            continue;
        }
        for (key, cell) in keys.iter().zip(&cells) {
            let command = &mut layerscope(["inspect", &file, cells[0], "--field", key]);
            match cell.is_empty() {
                true => assert!(complaint(command, 1).contains(&format!("has no {key}"))),
                false => assert_eq!(stdout(command).trim(), *cell, "{key} of packet {}", cells[0]),
            }
        }
        seen += usize::from(!cells[3].is_empty());
    }
    assert!(seen > 0, "no packet has a mark: {rows:?}");
}

#[test]
fn keys_of_the_frame_and_the_version_are_columns_as_tshark_has_them() {
    for name in [FIVE, "derived/ipv6-229.pcap", "derived/vlan-100.pcap"] {
        let file = capture(name);
        let keys = ["frame.protocols", "ip.version"];
        let theirs = tshark(Path::new(&file), &keys);
        let ours: Vec<Vec<String>> = lines(&["read", &file, "--columns", &keys.join(","), "--format", "csv"])
            .iter()
            .skip(1)
            .map(|line| line.splitn(2, ',').map(str::to_owned).collect())
            .collect();
        assert_eq!(ours.len(), theirs.len());
        for (mine, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(mine[1], theirs[1], "{name}");
            // What a payload speaks, each guesses for itself.
            let [mine, theirs] = [&mine[0], &theirs[0]].map(|said| said.trim_end_matches(":data"));
            assert!(theirs.starts_with(mine) || mine.starts_with(theirs), "{name}: {mine} {theirs}");
        }
    }
    let comments = lines(&["read", "captures/demo.pcapng", "--columns", "frame.comment", "--format", "csv"]);
    assert!(comments.iter().skip(1).any(|comment| !comment.is_empty()), "{comments:?}");
}

#[test]
fn a_table_of_fields_alone_begins_with_their_names() {
    let table = lines(&["read", &capture(FIVE), "--columns", "ip.src,ip.ttl", "-c", "2"]);
    assert!(table[0].starts_with("ip.src"), "{table:?}");
}

#[test]
fn narrow_terminals_are_not_written_beyond() {
    let file = capture(FIVE);
    let text = stdout(layerscope(["stats", &file]).env("COLUMNS", "40"));
    let at = text.lines().position(|line| line.contains("in each")).expect(&text);
    for line in text.lines().skip(at) {
        assert!(line.chars().count() <= 40, "{line}");
    }
    let text = stdout(layerscope(["inspect", &capture("derived/snaplen-34.pcap"), "4"]).env("COLUMNS", "60"));
    let (_, said) = text.split_once("ARP at byte 14").expect(&text);
    assert!(said.contains("cut by") && said.lines().all(|line| line.chars().count() <= 60), "{said}");
}
