//! `layerscope read` and `inspect` from outside: what they show, what they refuse, and how they end.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use layerscope::model::{Frame, LinkType, Timestamp};
use layerscope::source::{CaptureWriter, Format, Heading};

use crate::support::{captures, over};

const LAYERSCOPE: &str = env!("CARGO_BIN_EXE_layerscope");

fn capture(name: &str) -> String {
    format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/captures/{}"), name)
}

fn layerscope(args: &[&str]) -> Output {
    Command::new(LAYERSCOPE).args(args).env("COLUMNS", "160").stdin(Stdio::null()).output().unwrap()
}

/// Standard output of a run that must succeed.
fn shown(args: &[&str]) -> String {
    let output = layerscope(args);
    assert!(output.status.success(), "{args:?}: {}", complaint(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn tshark(file: &str, args: &[&str]) -> String {
    let output = Command::new("tshark").args(["-n", "-r", file]).args(args).output().unwrap();
    assert!(output.status.success(), "tshark {args:?}: {}", complaint(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// A capture of Ethernet frames, a millisecond apart.
fn write_capture(path: &Path, frames: impl Iterator<Item = Vec<u8>>) {
    let heading = Heading { link: LinkType::ETHERNET, interface: None, comment: None };
    let mut writer = CaptureWriter::new(std::fs::File::create(path).unwrap(), path, Format::Pcap, &heading).unwrap();
    for (bytes, number) in frames.zip(0..) {
        let time = Some(Timestamp::from_parts(1_700_000_000, number * 1_000_000));
        let wire_len = bytes.len() as u32;
        let frame =
            Frame { number: 0, time, interface: 0, link: LinkType::ETHERNET, wire_len, bytes: &bytes, comments: &[] };
        writer.write_frame(&frame).unwrap();
    }
    writer.finish().unwrap();
}

/// A UDP datagram between 10.0.0.1 and 10.0.0.2.
fn datagram(ports: [u16; 2], payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    bytes.extend([0x45, 0]);
    bytes.extend((28 + payload.len() as u16).to_be_bytes());
    bytes.extend([0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    bytes.extend(ports.map(u16::to_be_bytes).concat());
    bytes.extend((8 + payload.len() as u16).to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(payload);
    bytes
}

#[test]
fn packets_of_a_pipe_are_shown_as_they_arrive() {
    let bytes = std::fs::read(capture("derived/le-us.pcap")).unwrap();
    // Three whole packets and the beginning of a fourth.
    let mut end = 24;
    for _ in 0..3 {
        end += 16 + u32::from_le_bytes(bytes[end + 8..end + 12].try_into().unwrap()) as usize;
    }
    for (format, third) in [("table", "   3  "), ("plain", " > "), ("json", "\"number\":3"), ("csv", "\n3,")] {
        let mut child = Command::new(LAYERSCOPE)
            .args(["read", "-", "--format", format])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        let reader = thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| sender.send(line)).ok()
        });
        input.write_all(&bytes[..end + 20]).unwrap();
        let mut shown = String::new();
        while !(shown.contains(third) && shown.lines().count() >= 3) {
            let line = lines.recv_timeout(Duration::from_secs(10));
            shown = format!(
                "{shown}\n{}",
                line.unwrap_or_else(|_| panic!("{format}: no row while the pipe is open: {shown}"))
            );
        }
        drop(input);
        assert_eq!(child.wait().unwrap().code(), Some(3), "the fourth packet is cut off");
        drop(lines);
        reader.join().unwrap();
    }
}

#[test]
fn words_are_files_as_far_as_files_exist_and_then_a_filter() {
    let (first, second) = (capture("derived/le-us.pcap"), capture("generated/basic-v4.client.pcap"));
    let count = |args: &[&str]| shown(args).trim().parse::<u64>().unwrap();
    let (one, two) = (count(&["read", "--count", &first]), count(&["read", "--count", &second]));
    assert!(one > 0 && two > 0);
    assert_eq!(count(&["read", "--count", &first, &second]), one + two);
    assert_eq!(count(&["read", "--count", "--merge", &first, &second]), one + two);
    let syns = count(&["read", &second, "tcp[tcpflags]", "&", "tcp-syn", "!=", "0", "--count"]);
    assert!(syns > 0 && syns < two);
    assert_eq!(count(&["read", "-r", &second, "tcp[tcpflags] & tcp-syn != 0", "--count"]), syns);
    assert_eq!(count(&["read", &second, "--filter", "tcp[tcpflags] & tcp-syn != 0", "--count"]), syns);
    assert_eq!(count(&["read", "-c", "2", "--count", &second]), 2);
    assert_eq!(shown(&[&first, "--count"]).trim(), one.to_string(), "a file alone is read");

    let missing = layerscope(&["read", &first.replace("le-us", "le_us")]);
    assert_eq!((code(&missing), missing.stdout.len()), (1, 0));
    assert!(complaint(&missing).contains("there is no file") && complaint(&missing).contains("did you mean"));
    let mistyped = layerscope(&["read", &first, "nosuch.pcap"]);
    assert_eq!(code(&mistyped), 2);
    assert!(complaint(&mistyped).contains("because there is no such file"), "{}", complaint(&mistyped));
    assert_eq!(code(&layerscope(&["read", &first, "no-such-file", "--filter", "tcp"])), 1);
    assert_eq!(code(&layerscope(&["read", "-r", &first, "tcp", "--filter", "tcp"])), 2);
    assert_eq!(code(&layerscope(&["read"])), 2);
    let verb = layerscope(&["raed", &first]);
    assert!(code(&verb) == 2 && complaint(&verb).contains("'read'"), "{}", complaint(&verb));
}

#[test]
fn a_wrong_filter_is_explained_over_its_expression() {
    let output = layerscope(&["read", &capture("derived/le-us.pcap"), "tcp", "prot", "80"]);
    let complaint = complaint(&output);
    let lines: Vec<&str> = complaint.lines().collect();
    assert_eq!((code(&output), lines.len()), (2, 2), "{complaint}");
    assert!(lines[0].contains("syntax error") && lines[1].trim() == "tcp prot 80", "{complaint}");
    // It has a meaning, but none for raw IP.
    let output = layerscope(&["read", &capture("derived/raw-101.pcap"), "ether", "host", "02:00:00:00:00:01"]);
    assert_eq!((code(&output), output.stdout.len()), (2, 0));
}

#[test]
fn damage_is_told_after_everything_readable_and_ends_with_3() {
    let damaged = capture("derived/cut-in-block.pcapng");
    for format in ["table", "plain", "json", "csv"] {
        let output = layerscope(&["read", &damaged, "--format", format]);
        let complaint = complaint(&output);
        assert_eq!(code(&output), 3, "{format}");
        assert!(String::from_utf8_lossy(&output.stdout).lines().count() >= 88, "{format}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        for word in ["cut-in-block.pcapng", "byte 62164", "packets read before it: 88"] {
            assert!(complaint.contains(word), "{complaint}");
        }
    }
    let twice = layerscope(&["read", "--count", &damaged, &damaged, &capture("derived/le-us.pcap")]);
    assert_eq!((code(&twice), complaint(&twice).lines().count()), (3, 2));
    assert_eq!(String::from_utf8_lossy(&twice.stdout).trim(), (88 + 88 + 18).to_string());
}

#[test]
fn every_format_shows_as_many_packets_as_are_counted() {
    let files: Vec<PathBuf> = captures()
        .into_iter()
        .filter(|path| ["derived", "links", "mixed"].iter().any(|folder| path.parent().unwrap().ends_with(folder)))
        .collect();
    assert!(files.len() > 40);
    over(&files, |path| {
        let file = path.to_str().unwrap();
        let run = |args: &[&str]| String::from_utf8(layerscope(&[&["read", file], args].concat()).stdout).unwrap();
        let Ok(count) = run(&["--count"]).trim().parse::<usize>() else { return };
        let lines = |args: &[&str]| run(args).lines().count();
        assert_eq!(lines(&["--format", "plain"]), count, "{file}");
        assert_eq!(lines(&["--relative", "-T", "delta"]), count, "{file}");
        assert_eq!(lines(&["--format", "json"]), count, "{file}");
        assert_eq!(lines(&["--format", "csv"]), count + 1, "{file}");
        let headings = if count == 0 { 0 } else { 3 };
        assert_eq!(lines(&["--format", "table", "-T", "absolute"]), count + headings, "{file}");
    });
}

#[test]
fn columns_hold_what_tshark_reads() {
    let keys = "frame.number,frame.time_epoch,frame.len,tcp.stream,tcp.srcport,tcp.dstport,tcp.seq,tcp.seq_raw,tcp.ack,tcp.window_size,tcp.len";
    let columns = "number,epoch,length,stream,srcport,dstport,seq,seq-raw,ack,win,len";
    for (name, version) in [
        ("generated/basic-v4.client.pcap", "ip.src,ip.dst,ip.ttl"),
        ("generated/basic-v6.client.pcap", "ipv6.src,ipv6.dst,ipv6.hlim"),
        ("generated/nano-ts.client.pcap", "ip.src,ip.dst,ip.ttl"),
        ("generated/port-reuse.client.pcap", "ip.src,ip.dst,ip.ttl"),
    ] {
        let file = capture(name);
        let wanted: Vec<&str> = keys.split(',').chain(version.split(',')).flat_map(|key| ["-e", key]).collect();
        let theirs = tshark(&file, &[&["-Y", "tcp", "-T", "fields", "-E", "separator=,"], wanted.as_slice()].concat());
        let ours = shown(&[
            "read",
            &file,
            "tcp or ip6 proto 6",
            "--format",
            "csv",
            "--columns",
            &format!("{columns},src,dst,ttl"),
        ]);
        let ours: Vec<&str> = ours.lines().skip(1).collect();
        let theirs: Vec<&str> = theirs.lines().collect();
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            // tshark gives an acknowledgment of 0 where there is none.
            let ours: Vec<&str> = ours.split(',').map(|cell| if cell.is_empty() { "0" } else { cell }).collect();
            assert_eq!(ours, theirs.split(',').collect::<Vec<_>>(), "{name}");
        }
    }
}

#[test]
fn streams_are_those_of_tshark() {
    let file = capture("generated/five-connections.client.pcap");
    for stream in ["0", "3"] {
        let theirs = tshark(&file, &["-Y", &format!("tcp.stream == {stream}"), "-T", "fields", "-e", "frame.number"]);
        let ours = shown(&["read", &file, "--stream", stream, "--format", "csv", "--columns", "number"]);
        assert!(theirs.lines().count() > 3);
        assert!(ours.lines().skip(1).eq(theirs.lines()), "{stream}");
        // A filter chooses among them without changing their numbers.
        let filtered = shown(&["read", &file, "tcp", "--stream", stream, "--count"]);
        assert_eq!(filtered.trim(), theirs.lines().count().to_string());
    }
    assert_eq!(shown(&["read", &file, "--stream", "99", "--count"]).trim(), "0");
}

#[test]
fn a_span_of_time_is_chosen_by_clock_or_by_distance() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ten.pcap");
    write_capture(&path, (0..10).map(|number| datagram([1, 2], &[number])));
    let count = |args: &[&str]| shown(&[&["read", path.to_str().unwrap(), "--count"], args].concat()).trim().to_owned();
    assert_eq!(count(&["--from", "+0.004"]), "6");
    assert_eq!(count(&["--from", "+0.004", "--to", "+0.006"]), "3");
    assert_eq!(count(&["--to", "1700000000.002"]), "3");
    assert_eq!(count(&["--from", "2023-11-14T22:13:20.008Z"]), "2");
    assert_eq!(code(&layerscope(&["read", path.to_str().unwrap(), "--from", "yesterday"])), 2);
    let times = shown(&["read", path.to_str().unwrap(), "--format", "plain", "-T", "absolute", "-c", "1"]);
    assert!(times.starts_with("2023-11-14T22:13:20.000000000Z 10.0.0.1:1 > 10.0.0.2:2 UDP len 1"), "{times}");
}

#[test]
fn nothing_a_packet_says_steers_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile.pcap");
    let payloads = ["\x1b[2J\x07\r\n", "\u{9b}31m\u{202e}\u{200b}", "a,\"b\"\n"];
    write_capture(&path, payloads.iter().map(|payload| datagram([9, 9], payload.as_bytes())));
    let file = path.to_str().unwrap();
    for args in [
        &["read", file][..],
        &["read", file, "--format", "plain"],
        &["read", file, "--format", "json"],
        &["read", file, "--format", "csv"],
        &["read", file, "--verbose", "--hex"],
        &["inspect", file, "1"],
        &["inspect", file, "2", "--format", "json"],
        &["follow", file, "-s", "udp:0", "--format", "json"],
        &["timeline", file, "-s", "udp:0", "--format", "json"],
    ] {
        let shown = shown(args);
        let steers = |c: char| c != '\n' && c.is_control() || matches!(c, '\u{202e}' | '\u{200b}');
        assert!(!shown.contains(steers), "{args:?}: {shown:?}");
    }
    let csv = shown(&["read", file, "--format", "csv", "--columns", "data"]);
    assert_eq!(csv.lines().nth(3).unwrap(), r#""""a,""b""\n""""#);
    let json = shown(&["read", file, "--format", "json"]);
    let last: serde_json::Value = serde_json::from_str(json.lines().nth(1).unwrap()).unwrap();
    assert_eq!(last["data"]["text"], payloads[1], "escaped, and nothing lost");
}

/// Anonymous memory, stacks included, is limited by the system to 40 MB, while the capture has 60 MB and more
/// conversations than are remembered.
#[test]
fn memory_does_not_grow_with_the_capture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.pcap");
    let payload = [b'x'; 1200];
    write_capture(&path, (0..50_000_u32).map(|number| datagram([number as u16 | 1, 7], &payload)));
    for args in [&["--format", "plain"][..], &["--relative"], &["--count", "udp"]] {
        let run = Command::new("sh")
            .args(["-c", "ulimit -d 40960 && exec \"$0\" \"$@\"", LAYERSCOPE, "read", path.to_str().unwrap()])
            .args(args)
            .output()
            .unwrap();
        assert!(run.status.success(), "{args:?}: {}", complaint(&run));
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure_and_a_full_disk_is() {
    let file = capture("mixed/pcapplusplus__many-protocols.pcap");
    for format in ["table", "plain", "json", "csv"] {
        let head = format!("'{LAYERSCOPE}' read '{file}' --format {format} | head -1; exit ${{PIPESTATUS[0]}}");
        let left = Command::new("bash").args(["-c", &head]).output().unwrap();
        assert_eq!((code(&left), complaint(&left)), (0, String::new()), "{format}");
        let full = format!("'{LAYERSCOPE}' read '{file}' --format {format} > /dev/full");
        let full = Command::new("bash").args(["-c", &full]).output().unwrap();
        assert_eq!(code(&full), 1, "{format}");
        assert!(complaint(&full).contains("writing to standard output"), "{}", complaint(&full));
    }
}

#[test]
fn options_that_exclude_each_other_are_refused() {
    let file = capture("derived/le-us.pcap");
    for args in [
        &["--format", "json", "--columns", "number"][..],
        &["--format", "csv", "--verbose"],
        &["--format", "json", "--verbose"],
        &["--format", "table", "--hex"],
        &["--format", "table", "--relative"],
        &["--count", "--format", "json"],
        &["--columns", "nonsense"],
        &["--stream", "x"],
        &["--show", "bytes"],
    ] {
        assert_eq!(code(&layerscope(&[&["read", file.as_str()], args].concat())), 2, "{args:?}");
    }
}

#[test]
fn fragments_are_named_in_every_row() {
    let file = capture("generated/fragments-icmp.client.pcap");
    let plain = shown(&["read", &file, "--format", "plain", "-c", "2"]);
    let plain: Vec<&str> = plain.lines().collect();
    assert!(plain[0].ends_with("UDP len 1472 [first fragment 0..1480 of UDP]"), "{}", plain[0]);
    assert!(plain[1].ends_with("IPv4 frame 1514 [fragment 1480..2960 of UDP]"), "{}", plain[1]);
    let csv = shown(&["read", &file, "--format", "csv", "--columns", "data", "-c", "7"]);
    let csv: Vec<&str> = csv.lines().collect();
    assert!(csv[1].contains("first fragment 0..1480 of UDP: "), "{}", csv[1]);
    assert_eq!((csv[4], csv[7]), ("last fragment 4440..5128 of UDP", "fragment 1448..2896 of UDP"));
}

#[test]
fn numbers_that_outgrow_their_column_are_not_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.pcap");
    write_capture(&path, (0..1500).map(|number| datagram([number, 7], b"x")));
    let table = shown(&["read", path.to_str().unwrap()]);
    assert_eq!(table.lines().count(), 1503);
    assert!(table.lines().last().unwrap().starts_with("1500  1.499000"), "{:?}", table.lines().last());
}

#[test]
fn a_window_whose_scale_is_unknown_is_marked() {
    let file = capture("derived/only-synack-side.pcap");
    let plain = shown(&["read", &file, "--relative", "-c", "2"]);
    let plain: Vec<&str> = plain.lines().collect();
    // The window of a SYN is never scaled.
    assert!(plain[0].contains(" win 65160 ") && plain[1].contains(" win 509? "), "{plain:?}");
    assert!(!shown(&["read", &file, "--format", "plain"]).contains('?'), "as the headers have it");
    let csv = shown(&["read", &file, "--format", "csv", "--columns", "win,win-scale", "-c", "2"]);
    assert_eq!(csv, "win,win-scale\n65160,1\n509,\n");
    assert!(shown(&["read", &file, "--show", "table"]).lines().nth(4).unwrap().contains(" 509? "));
    let json = shown(&["read", &file, "--format", "json", "-c", "2"]);
    let packets: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(packets[1]["tcp"]["window_size_scalefactor"], serde_json::Value::Null);
    assert!(shown(&["inspect", &file, "2"]).contains("the scale is unknown"));
    // Where both SYNs were seen nothing is marked.
    let whole = capture("generated/basic-v4.client.pcap");
    assert!(!shown(&["read", &whole, "--relative", "tcp"]).contains('?'));
    let scale = shown(&["inspect", &whole, "8", "--field", "tcp.window_size_scalefactor"]);
    assert_eq!(
        scale,
        tshark(&whole, &["-Y", "frame.number == 8", "-T", "fields", "-e", "tcp.window_size_scalefactor"])
    );
}

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
    // An ICMP error that quotes a datagram, a tunnel, selective acknowledgments, several answers, payloads.
    for (file, number, keys) in [
        (
            "generated/fragments-icmp.client.pcap",
            "5",
            &["ip.src", "ip.addr", "udp.port", "udp.length", "frame.protocols"][..],
        ),
        ("ip/suricata__bug-5633-gre-02.gre-sample.pcap", "14", &["ip.dst", "ip.ttl", "tcp.payload"]),
        ("generated/loss-many.client.pcap", "87", &["tcp.options.sack_le", "tcp.options.sack_re", "tcp.option_kind"]),
        (
            "mixed/pcapplusplus__many-protocols.pcap",
            "791",
            &["dns.a", "dns.resp.name", "udp.payload", "frame.protocols"],
        ),
        (
            "generated/basic-v4.client.pcap",
            "8",
            &["tcp.payload", "frame.time_delta", "frame.time_relative", "eth.addr"],
        ),
        ("ip/chrissanders__icmp_traceroute.pcapng", "1", &["data.data", "frame.protocols", "frame.cap_len"]),
    ] {
        let file = capture(file);
        for key in keys {
            let frame = format!("frame.number == {number}");
            let preferences = ["-o", "tcp.relative_sequence_numbers:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE"];
            let asked = ["-Y", &frame, "-T", "fields", "-E", "aggregator= ", "-e", key];
            let theirs = tshark(&file, &[&preferences[..], &asked].concat());
            let mut theirs: Vec<&str> = theirs.split_whitespace().collect();
            let ours = shown(&["inspect", &file, number, "--field", key]);
            let mut ours: Vec<&str> = ours.lines().collect();
            // tshark gives the first of two equal fields first, not the first in the packet.
            theirs.sort_unstable();
            ours.sort_unstable();
            assert_eq!(ours, theirs, "{key} of {file} {number}");
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
    assert!(missing == 1 && said.contains("there is no packet 19"), "{said}");
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
        ("mixed/pcapplusplus__many-protocols.pcap", "791", &["dns.a", "dns.resp.ttl", "udp.srcport"]),
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
    let tree: serde_json::Value =
        serde_json::from_str(&shown(&["inspect", &file, SEGMENTS[2], "--format", "json"])).unwrap();
    let transport = tree["layers"].as_array().unwrap().iter().find(|layer| layer["key"] == "tcp").unwrap();
    let field = |key: &str| transport["fields"].as_array().unwrap().iter().find(|field| field["key"] == key).unwrap();
    assert_eq!(field("tcp.srcport")["range"], serde_json::json!([34, 36]));
    assert_eq!(field("tcp.seq")["range"], serde_json::Value::Null);
    assert_eq!(field("tcp.seq")["value"], "1");
    assert_eq!(field("tcp.flags")["fields"].as_array().unwrap().len(), 10);
}
