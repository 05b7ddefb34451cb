//! Answers that must be true and questions that must be understood: numbers of conversations, points in time, durations,
//! how many rows are wanted.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::run::{complaint, layerscope, public_folder, stdout};
use crate::support::segments::{FROM_CLIENT, FROM_SERVER, SYN, Segment, datagram, save, segment};

/// A capture of two UDP conversations and no TCP, one datagram a second from 2023-11-14 22:13:20 on.
fn udp_alone() -> (TempDir, PathBuf) {
    let other = Segment { from: "192.0.2.3:1000".parse().unwrap(), ..FROM_CLIENT };
    saved(&[datagram(&FROM_CLIENT), datagram(&FROM_SERVER), datagram(&other)])
}

fn saved(packets: &[Vec<u8>]) -> (TempDir, PathBuf) {
    let folder = public_folder();
    let file = folder.path().join("x.pcap");
    save(&file, packets);
    (folder, file)
}

#[test]
fn a_stream_that_is_not_there_is_answered_with_what_is() {
    let (_folder, file) = udp_alone();
    let file = file.to_str().unwrap();
    for verb in ["follow", "timeline"] {
        let said = complaint(&mut layerscope([verb, file, "-s", "0"]), 2);
        assert!(said.contains("no TCP conversation; UDP has one of that number: udp:0"), "{said}");
        let said = complaint(&mut layerscope([verb, file, "-s", "udp:2"]), 2);
        assert!(said.contains("there is no UDP stream 2: there are 0 to 1"), "{said}");
        let said = complaint(&mut layerscope([verb, file, "-s", "7"]), 2);
        assert!(said.contains("no TCP conversation") && !said.contains("udp:7"), "{said}");
    }
    for more in [&["--format", "plain"][..], &["--count"], &["-w", "-"]] {
        let output = layerscope(["read", file, "--stream", "0"]).args(more).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("there is no TCP stream 0: the capture has no TCP conversation; UDP has"), "{said}");
    }
    let said = complaint(&mut layerscope(["read", file, "--stream", "udp:0", "--from", "+1h"]), 0);
    assert!(said.contains("0 of 3 packets match") && !said.contains("there is no"), "{said}");
}

#[test]
fn the_other_transport_is_named_both_ways() {
    let (_folder, file) = saved(&[segment(&Segment { flags: SYN, seq: 0, ..FROM_CLIENT })]);
    let said = complaint(&mut layerscope(["follow", file.to_str().unwrap(), "-s", "udp:0"]), 2);
    assert!(said.contains("TCP has one of that number: tcp:0"), "{said}");
}

#[test]
fn points_in_time_are_read_in_every_usual_way() {
    let (_folder, file) = udp_alone();
    let count = |from: &str| stdout(&mut layerscope(["read", "--count", file.to_str().unwrap(), "--from", from]));
    for from in [
        "+1s",
        "+1000ms",
        "22:13:21",
        "2023-11-14 22:13:21",
        "2023-11-14T22:13:21Z",
        "2023-11-15T00:13:21+02:00",
        "2023-11-14 16:43:21-05:30",
        "1700000001",
        "1700000001.0",
    ] {
        assert_eq!(count(from), "2\n", "{from}");
    }
    assert_eq!(count("2023-11-14"), "3\n");
    for (typed, advice) in [("10", "+10s"), ("+10", "write 10s"), ("1.5", "+1.5s"), ("noon", "14:00:00")] {
        for option in ["--from", "--to"] {
            let said = complaint(&mut layerscope(["read", file.to_str().unwrap(), option, typed]), 2);
            assert!(said.contains(advice), "{typed}: {said}");
        }
    }
}

#[test]
fn durations_are_read_alike_by_every_option() {
    let (_folder, file) = udp_alone();
    let file = file.to_str().unwrap();
    let places: [&[&str]; 7] = [
        &["stats", file, "--interval"],
        &["handshakes", file, "--slower-than"],
        &["read", file, "--to", "+"],
        &["capture", "--duration"],
        &["capture", "-w", "x.pcap", "--rotate-every"],
        &["echo", "server", "--timeout"],
        &["demo", "timeout", "--timeout"],
    ];
    for place in places {
        for (wrong, advice) in
            [("10", "write 10s"), ("1.5", "write 1.5s"), ("soon", "10s, 50ms"), ("5 parsecs", "10s, 50ms")]
        {
            let (last, before) = place.split_last().unwrap();
            let mut words = before.to_vec();
            let joined = format!("{last}{wrong}");
            if *last == "+" {
                words.push(&joined)
            } else {
                words.extend([*last, wrong])
            }
            let said = complaint(&mut layerscope(&words), 2);
            assert!(said.contains(advice), "{words:?}: {said}");
        }
    }
    let said = complaint(&mut layerscope(["flows", file, "--expect", "duration<10"]), 2);
    assert!(said.contains("write 10s"), "{said}");
    for right in ["10s", "1.5ms", "2h", "250us", "1d"] {
        stdout(&mut layerscope(["stats", file, "--interval", right]));
        stdout(&mut layerscope(["read", file, "--from", &format!("+{right}"), "--count"]));
    }
}

#[test]
fn the_top_0_are_none() {
    let (_folder, file) = saved(&[segment(&Segment { flags: SYN, seq: 0, ..FROM_CLIENT }), datagram(&FROM_CLIENT)]);
    let file = file.to_str().unwrap();
    for verb in [&["flows"][..], &["handshakes"], &["handshakes", "--ladder"]] {
        let output = layerscope(verb).args([file, "--top", "0"]).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(!shown.contains("192.0.2.1"), "{shown}");
    }
    assert_eq!(stdout(&mut layerscope(["flows", file, "--top", "0", "--format", "json"])), "");
    let stats = stdout(&mut layerscope(["stats", file, "--top", "0", "--format", "json"]));
    assert!(!stats.contains("\"endpoint\"") && !stats.contains("\"port\""), "{stats}");
}
