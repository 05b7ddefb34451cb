//! Answers that must be true and questions that must be understood: numbers of conversations, points in time, durations,
//! how many rows are wanted.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::run::{binary, complaint, layerscope, public_folder, stdout};
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
        for number in ["0", "7"] {
            let said = complaint(&mut layerscope([verb, file, "-s", number]), 2);
            assert!(said.contains("no TCP conversation; of UDP udp:0 to udp:1\n"), "{said}");
        }
        let said = complaint(&mut layerscope([verb, file, "-s", "udp:2"]), 2);
        assert!(said.contains(&format!("there is no UDP stream 2: {file} has 0 to 1\n")), "{said}");
        assert!(said.ends_with(&format!("layerscope {verb} {file} -s udp:0\n")), "{said}");
    }
    for more in [&["--format", "plain"][..], &["--count"], &["-w", "-"]] {
        let output = layerscope(["read", file, "--stream", "0"]).args(more).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(&format!("there is no TCP stream 0: {file} has no TCP conversation; of UDP")), "{said}");
    }
    let said = complaint(&mut layerscope(["read", file, "--stream", "udp:0", "--from", "+1h"]), 0);
    assert!(said.contains("has no packet of that time") && !said.contains("there is no"), "{said}");
}

#[test]
fn the_other_transport_is_named_both_ways() {
    let (_folder, file) = saved(&[segment(&Segment { flags: SYN, seq: 0, ..FROM_CLIENT })]);
    let said = complaint(&mut layerscope(["follow", file.to_str().unwrap(), "-s", "udp:0"]), 2);
    assert!(said.contains("of TCP only tcp:0"), "{said}");
}

#[test]
fn who_names_no_stream_is_told_which_there_are() {
    let (_folder, file) = udp_alone();
    let file = file.to_str().unwrap();
    for verb in ["follow", "timeline"] {
        let said = complaint(&mut layerscope([verb, file]), 2);
        assert!(said.contains(&format!("-s is missing: {file} has 2 UDP conversations\n  stream")), "{said}");
        assert!(said.contains("udp:1   192.0.2.3:1000 ⇄ "), "{said}");
        assert!(said.ends_with(&format!("layerscope {verb} {file} -s udp:0\n")) && !said.contains(" more"), "{said}");
    }
    let many: Vec<_> =
        (1..=25).map(|port| Segment { from: format!("192.0.2.3:{port}").parse().unwrap(), ..FROM_CLIENT }).collect();
    let (_folder, file) = saved(&many.iter().map(datagram).collect::<Vec<_>>());
    let said = complaint(layerscope(["timeline"]).arg(&file).env("COLUMNS", "40"), 2);
    assert!(said.contains("udp:9 ") && !said.contains("udp:10"), "{said}");
    assert!(said.contains(&format!("... 15 more: layerscope flows {}\n", file.display())), "{said}");
    let through_a_pipe = "cat \"$0\" | \"$1\" timeline -";
    let mut piped = Command::new("sh");
    let said = complaint(piped.args(["-c", through_a_pipe]).arg(&file).arg(binary()), 2);
    assert!(said.contains("standard input has 25 UDP conversations"), "{said}");
    let (_folder, file) = saved(&[]);
    let said = complaint(layerscope(["timeline"]).arg(&file), 2);
    assert_eq!(said, format!("layerscope: {} has no TCP or UDP conversation\n", file.display()));
}

#[test]
fn a_packet_and_a_stream_that_are_not_there_end_alike() {
    let (_folder, file) = udp_alone();
    let file = file.to_str().unwrap();
    let packet = complaint(&mut layerscope(["inspect", file, "9"]), 2);
    assert!(
        packet.starts_with(&format!("layerscope: there is no packet 9: {file} has the packets 1 to 3\n")),
        "{packet}"
    );
    let stream = complaint(&mut layerscope(["follow", file, "-s", "udp:9"]), 2);
    assert!(stream.starts_with(&format!("layerscope: there is no UDP stream 9: {file} has 0 to 1\n")), "{stream}");
}

#[test]
fn a_span_of_time_without_packets_is_answered_with_the_captures_own() {
    let (_folder, file) = udp_alone();
    let file = file.to_str().unwrap();
    let extent =
        "has no packet of that time; its times are 2023-11-14T22:13:20.000000000Z to 2023-11-14T22:13:22.000000000Z";
    let wrong = [&["--from", "+1h"][..], &["--to", "2001-01-01"], &["--from", "23:00", "--to", "23:30", "--count"]];
    for options in wrong {
        let said = complaint(layerscope(["read", file]).args(options), 0);
        assert_eq!(said, format!("layerscope: {file} {extent}\n"));
    }
    let said = complaint(&mut layerscope(["read", file, "--from", "+1s", "port", "9"]), 0);
    assert!(said.contains("has no such packet of that time; its times are 2023-11-14T22:13:20"), "{said}");
    for (from, to) in [("+2s", "+1s"), ("22:00", "21:00"), ("2023-11-15", "2023-11-14"), ("+1h", "2001-01-01")] {
        for more in [&[][..], &["--count"], &["--format", "json"]] {
            let said = complaint(layerscope(["read", file, "--from", from, "--to", to]).args(more), 2);
            assert!(said.contains("--from") && said.contains("later than --to"), "{said}");
        }
    }
    assert_eq!(stdout(&mut layerscope(["read", file, "--count", "--from", "+1s", "--to", "+1s"])), "1\n");
}

#[test]
fn no_packets_at_all_are_no_count() {
    let (_folder, file) = udp_alone();
    for verb in [&["read", file.to_str().unwrap()][..], &["capture"]] {
        let said = complaint(layerscope(verb).args(["-c", "0"]), 2);
        assert!(said.contains("write 1 or more, or leave it out for all"), "{said}");
    }
}

#[test]
fn a_file_without_packets_is_named_by_every_verb() {
    let (_folder, file) = saved(&[]);
    let file = file.to_str().unwrap();
    for (verb, what) in
        [("read", "packet"), ("stats", "packet"), ("flows", "conversation"), ("handshakes", "TCP connection")]
    {
        let said = complaint(&mut layerscope([verb, file]), 0);
        assert_eq!(said, format!("layerscope: {file} has no {what}\n"));
    }
    let said = complaint(&mut layerscope(["read", file, file]), 0);
    assert_eq!(said, "layerscope: the 2 captures have no packet\n");
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
                words.push(&joined);
            } else {
                words.extend([*last, wrong]);
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

#[test]
fn a_column_of_processes_that_the_file_does_not_name_is_explained() {
    let (_folder, file) = udp_alone();
    let file = file.to_str().unwrap();
    for columns in ["number,process", "src-process", "dst-process,data"] {
        let said = complaint(&mut layerscope(["read", file, "--columns", columns]), 0);
        assert_eq!(
            said,
            format!(
                "layerscope: {file} has no process named: `layerscope capture --process -w FILE.pcapng` saves them\n"
            )
        );
    }
    let output = layerscope(["read", file, "--columns", "number,data"]).output().unwrap();
    assert!(output.stderr.is_empty());
}
