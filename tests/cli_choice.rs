//! Which packets the verbs over saved captures look at: the same options mean the same everywhere, and are held to tshark.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use crate::cli_connections::{generated, objects};
use crate::run::{complaint, layerscope, public_folder, stdout, tshark};
use crate::support::ours;

/// Five TCP connections that begin 39 ms apart.
const FIVE: &str = "five-connections.client.pcap";

/// The packets of a file in tshark's eyes: number, time since the first, stream, source port, payload.
fn packets(file: &str) -> Vec<(u64, f64, String, u16, String)> {
    let fields = ["frame.number", "frame.time_relative", "tcp.stream", "tcp.srcport", "tcp.payload"];
    let row = |row: Vec<String>| {
        let [number, time, stream, port, payload] = row.try_into().unwrap();
        (number.parse().unwrap(), time.parse().unwrap(), stream, port.parse().unwrap(), payload)
    };
    tshark(Path::new(file), &fields).into_iter().map(row).collect()
}

/// The streams that a verb shows, in words as tshark's.
fn streams(verb: &str, file: &str, options: &[&str]) -> BTreeSet<String> {
    let rows = objects(&[&[verb, file, "--format", "json"], options].concat());
    rows.iter().map(|row| row["stream"].to_string()).collect()
}

/// How many packets `read` chooses.
fn count(file: &str, options: &[&str]) -> u64 {
    stdout(layerscope(["read", "--count", file]).args(options)).trim().parse().unwrap()
}

/// How many packets both sides of a conversation sent.
fn sent(row: &Value) -> u64 {
    ["from_client", "from_server"].iter().map(|side| row[side]["packets"].as_u64().unwrap()).sum()
}

/// The choices that the tests below make.
const CHOICES: [&[&str]; 7] = [
    &["--from", "+0.1s"],
    &["--to", "+0.05s"],
    &["--from", "+0.1s", "--to", "+0.15s"],
    &["--stream", "2"],
    &["--filter", "tcp[13] & 1 != 0"],
    &["-c", "20"],
    &["--stream", "1", "-c", "4", "--filter", "src port 20028"],
];

#[test]
fn conversations_with_a_chosen_packet_are_shown_whole() {
    let file = generated(FIVE);
    let whole = objects(&["flows", &file, "--format", "json"]);
    for (options, from, to) in [(CHOICES[0], 0.1, 9.0), (CHOICES[1], 0.0, 0.05), (CHOICES[2], 0.1, 0.15)] {
        let then = packets(&file).into_iter().filter(|(_, time, ..)| (from..=to).contains(time));
        let expected: BTreeSet<String> = then.map(|(_, _, stream, ..)| stream).collect();
        for verb in ["flows", "handshakes"] {
            assert_eq!(streams(verb, &file, options), expected, "{verb} {options:?}");
        }
        for row in objects(&[&["flows", &file, "--format", "json"], options].concat()) {
            assert!(whole.contains(&row), "whole, whatever was chosen: {row}");
        }
    }
    assert_eq!(streams("flows", &file, &["-s", "tcp:3"]), BTreeSet::from(["3".to_owned()]));
    assert_eq!(streams("handshakes", &file, &["--filter", "port 9"]), BTreeSet::new());
}

#[test]
fn a_reading_that_ends_early_shows_what_it_read() {
    let file = generated(FIVE);
    for limit in [1_u64, 4, 20] {
        let rows = objects(&["flows", &file, "--format", "json", "-c", &limit.to_string()]);
        assert_eq!(rows.iter().map(sent).sum::<u64>(), limit);
    }
    // The first packet of the server's is the second of all.
    let rows = objects(&["flows", &file, "--format", "json", "-c", "1", "src", "port", "20028"]);
    assert_eq!(rows.iter().map(sent).collect::<Vec<_>>(), [2], "{rows:?}");
}

#[test]
fn stats_and_timelines_are_of_the_packets_that_read_chooses() {
    let file = generated(FIVE);
    for options in CHOICES {
        let rows = objects(&[&["stats", &file, "--format", "json"], options].concat());
        let ethernet = rows.iter().find(|row| row["name"] == "Ethernet II").unwrap();
        assert_eq!(ethernet["packets"].as_u64().unwrap(), count(&file, options), "{options:?}");
    }
    let options: [&[&str]; 6] = [
        &["--from", "+0.1s"],
        &["--to", "+0.24s"],
        &["--from", "+0.1s", "--to", "+0.25s"],
        &["--filter", "tcp[13] & 1 != 0"],
        &["--filter", "src port 20028"],
        &["-c", "7"],
    ];
    for options in options {
        let chosen = [options, &["--stream", "1"]].concat();
        let events = objects(&[&["timeline", &file, "--format", "json"], &*chosen].concat());
        let drawn: Vec<u64> = events.iter().filter_map(|event| event["packet"]["frame"].as_u64()).collect();
        let read = stdout(layerscope(["read", &file, "--format", "csv", "--columns", "number"]).args(&chosen));
        let expected: Vec<u64> = read.lines().skip(1).map(|number| number.parse().unwrap()).collect();
        assert!(drawn == expected && !drawn.is_empty(), "{options:?}: {drawn:?}, read has {expected:?}");
    }
}

#[test]
fn what_is_followed_is_what_the_chosen_packets_carry() {
    let file = generated(FIVE);
    let spans: [(&[&str], _, _); 4] = [
        (&[], 0.0, 9.0),
        (&["--to", "+0.23325s"], 0.0, 0.23325),
        (&["--from", "+0.1s", "--to", "+0.235s"], 0.1, 0.235),
        (&["--from", "+0.25s"], 0.25, 9.0),
    ];
    for (options, from, to) in spans {
        for (side, is_server) in [("client", false), ("server", true)] {
            let mut command = layerscope(["follow", &file, "-s", "0", "--side", side, "--as", "raw"]);
            let output = command.args(options).output().unwrap();
            let found: String = output.stdout.iter().map(|byte| format!("{byte:02x}")).collect();
            let is_it = |packet: &(u64, f64, String, u16, String)| {
                packet.2 == "0" && (packet.3 == 20028) == is_server && (from..=to).contains(&packet.1)
            };
            let expected: String = packets(&file).into_iter().filter(is_it).map(|packet| packet.4).collect();
            assert!(output.status.success() && found == expected, "{side} {options:?}: {found} {expected}");
        }
    }
    let pieces = objects(&["follow", &file, "-s", "0", "--from", "+0.25s", "--side", "server", "--format", "json"]);
    assert_eq!((&pieces[0]["kind"], &pieces[0]["offset"]), (&"gap".into(), &0.into()), "{}", pieces[0]);
}

#[test]
fn the_first_chosen_packet_is_inspected() {
    let file = generated(FIVE);
    for options in CHOICES.iter().filter(|options| !options.contains(&"-c")) {
        let number = stdout(layerscope(["inspect", &file, "--field", "frame.number"]).args(*options));
        let read =
            layerscope(["read", &file, "-c", "1", "--format", "csv", "--columns", "number"]).args(*options).output();
        assert_eq!(String::from_utf8(read.unwrap().stdout).unwrap(), format!("number\n{number}"), "{options:?}");
    }
    let delta = stdout(&mut layerscope(["inspect", &file, "--stream", "1", "--field", "frame.time_delta"]));
    let number = stdout(&mut layerscope(["inspect", &file, "--stream", "1", "--field", "frame.number"]));
    let same = stdout(&mut layerscope(["inspect", &file, number.trim(), "--field", "frame.time_delta"]));
    assert_eq!(delta, same, "the packet before is the capture's, not the choice's");
    for (options, words) in [
        (&["3", "--filter", "tcp"][..], "the number names the packet already"),
        (&["-c", "3"], "inspect opens one"),
        (&["--filter", "port 9"], "0 of 170 packets match"),
        (&["--stream", "9"], "there is no TCP stream 9"),
        (&["--from", "+1h"], "has no packet of that time"),
        (&["--merge"], "--merge -w FILE"),
    ] {
        let said = complaint(layerscope(["inspect", &file]).args(options), 2);
        assert!(said.contains(words), "{options:?}: {said}");
    }
}

/// A capture in two, the later part first.
fn halves(file: &str) -> (TempDir, [String; 2]) {
    let folder = public_folder();
    let halves = [("--from", "late.pcap"), ("--to", "early.pcap")].map(|(option, name)| {
        let half = folder.path().join(name).to_string_lossy().into_owned();
        complaint(&mut layerscope(["read", file, option, "+0.24s", "-w", &half]), 0);
        half
    });
    (folder, halves)
}

#[test]
fn two_halves_merged_are_the_whole() {
    let file = generated(FIVE);
    let (_folder, [late, early]) = halves(&file);
    for words in [
        "flows --format json",
        "flows --format json -c 100 --from +0.05s",
        "handshakes --format json",
        "handshakes --ladder --stream 2",
        "stats --format json",
        "stats --format json --to +0.3s",
        "timeline -s 1 --format csv",
        "timeline -s 1 --to +0.3s",
        "follow -s 4 --format json",
        "follow -s 4 -c 16 --as hex",
    ] {
        let whole = stdout(layerscope(words.split(' ')).arg(&file));
        let merged = stdout(layerscope(words.split(' ')).args([&*late, &early, "--merge"]));
        assert_eq!(merged, whole, "{words}");
        let chained = layerscope(words.split(' ')).args([&late, &early]).output().unwrap();
        assert!(chained.stdout != whole.as_bytes() || words.starts_with("stats"), "{words}");
    }
}

#[test]
fn damage_is_told_whatever_is_chosen_and_only_where_it_was_read() {
    let file = ours("derived/cut-in-block.pcapng").to_string_lossy().into_owned();
    let verbs: [&[&str]; 6] =
        [&["read"], &["flows"], &["handshakes"], &["stats"], &["timeline", "-s", "0"], &["follow", "-s", "0"]];
    for verb in verbs {
        for options in [&[][..], &["--from", "+0s"], &["--filter", "tcp"], &["-c", "100000"], &["--merge"]] {
            let said = complaint(layerscope(verb).arg(&file).args(options), 3);
            assert_eq!(said.matches("cut-in-block.pcapng").count(), 1, "{verb:?} {options:?}: {said}");
        }
        complaint(layerscope(verb).args([&file, "-c", "3"]), 0);
    }
    for options in [&["99999"][..], &["--from", "+1h"]] {
        complaint(layerscope(["inspect", &file]).args(options), 3);
    }
    complaint(&mut layerscope(["inspect", &file, "3"]), 0);
}

#[test]
fn a_capture_that_is_none_ends_itself_alone() {
    let [good, none] = ["generated/five-connections.client.pcap", "derived/not-a-capture.pcap"].map(ours);
    for verb in [&["flows"][..], &["handshakes"], &["stats"], &["timeline", "-s", "0"], &["follow", "-s", "0"]] {
        let alone = stdout(layerscope(verb).arg(&good));
        let output = layerscope(verb).args([&good, &none]).output().unwrap();
        let read = layerscope(["read", "--count"]).args([&good, &none]).output().unwrap();
        assert_eq!(output.status.code(), read.status.code(), "{verb:?}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), alone, "{verb:?}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("not-a-capture.pcap"), "{verb:?}");
    }
}

/// What comes through a pipe is not waited for when there is enough.
#[test]
fn enough_is_enough_though_more_might_come() {
    let bytes = fs::read(generated(FIVE)).unwrap();
    let verbs: [&[&str]; 6] = [
        &["flows"],
        &["handshakes"],
        &["stats"],
        &["timeline", "-s", "0"],
        &["follow", "-s", "0"],
        &["read", "-w", "-"],
    ];
    for verb in verbs {
        let mut command = layerscope(verb);
        command.args(["-", "-c", "30"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().unwrap();
        let mut pipe = running.stdin.take().unwrap();
        // It may have read enough of them before.
        let _ = pipe.write_all(&bytes);
        let output = running.wait_with_output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty(), "{verb:?}");
        drop(pipe);
    }
}

#[test]
fn what_makes_no_sense_is_refused_by_every_verb() {
    let file = generated(FIVE);
    for verb in
        [&["flows"][..], &["handshakes"], &["stats"], &["timeline", "-s", "0"], &["follow", "-s", "0"], &["inspect"]]
    {
        for (options, words) in [
            (&["--from", "+2s", "--to", "+1s"][..], "--from is later than --to"),
            (&["--from", "14:00", "--to", "2001-01-01"], "later than --to"),
            (&["--from", "client"], "layerscope follow --side client"),
            (&["--filter", "tcp prot 80"], "this makes no sense here"),
            (&["-c", "0"], "write 1 or more"),
        ] {
            let said = complaint(layerscope(verb).arg(&file).args(options), 2);
            assert!(said.contains(words), "{verb:?} {options:?}: {said}");
        }
    }
    for verb in ["flows", "handshakes", "stats", "timeline", "follow"] {
        let said = complaint(&mut layerscope([verb, &file, "--filter", "tcp", "udp"]), 1);
        assert!(said.contains("there is no file udp"), "the filter is named already: {said}");
    }
}

#[test]
fn nothing_chosen_is_said_by_every_verb() {
    let file = generated(FIVE);
    for (words, told) in [
        ("flows --from +1h", "has no packet of that time; its times are 2026-11-20T18:16:13"),
        ("handshakes --to 2001-01-01", "has no packet of that time"),
        ("stats --from +1h", "has no packet of that time"),
        ("timeline -s 0 --from +1h", "has no packet of that time"),
        ("follow -s 0 --from +1h", "has no packet of that time"),
        ("follow -s 0 --filter udp", "0 of 170 packets match"),
    ] {
        let said = complaint(layerscope(words.split(' ')).arg(&file), 0);
        assert!(said.contains(told) && said.lines().count() == 1, "{words}: {said}");
    }
    for (words, told) in [("flows -s 9", "there is no TCP stream 9"), ("stats -s udp:0", "there is no UDP stream 0")] {
        let said = complaint(layerscope(words.split(' ')).arg(&file), 2);
        assert!(said.contains(told) && said.lines().count() == 1, "{words}: {said}");
    }
    for verb in ["timeline", "follow"] {
        let said = complaint(&mut layerscope([verb, &file, "--to", "+0.05s"]), 2);
        assert!(
            said.contains("-s is missing") && said.contains("2 TCP connections"),
            "those with a chosen packet: {said}"
        );
        let said = complaint(&mut layerscope([verb, &file, "udp"]), 2);
        assert!(said.contains("no TCP or UDP conversation with a chosen packet"), "{said}");
    }
}
