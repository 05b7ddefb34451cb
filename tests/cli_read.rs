//! `layerscope read` from outside: what they show, what they refuse, and how they end.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use layerscope::model::{Frame, LinkType, Timestamp};
use layerscope::source::{CaptureWriter, Format, Heading};

use crate::support::packets::{ethernet, ipv4_between, tcp};
use crate::support::{captures, ours, over, savefile};

pub(crate) const LAYERSCOPE: &str = env!("CARGO_BIN_EXE_layerscope");

pub(crate) fn capture(name: &str) -> String {
    ours(name).to_string_lossy().into_owned()
}

pub(crate) fn layerscope(args: &[&str]) -> Output {
    Command::new(LAYERSCOPE).args(args).env("COLUMNS", "160").stdin(Stdio::null()).output().unwrap()
}

/// Standard output of a run that must succeed.
pub(crate) fn shown(args: &[&str]) -> String {
    let output = layerscope(args);
    assert!(output.status.success(), "{args:?}: {}", complaint(&output));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn tshark(file: &str, args: &[&str]) -> String {
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

/// What a terminal shows of a shell command whose `$FIFO` brings a packet every 20 ms, until it has shown `awaited` or
/// there were `most` packets.
fn on_a_terminal(command: &str, awaited: &str, most: u32) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (file, fifo) = (folder.path().join("one.pcap"), folder.path().join("fifo"));
    write_capture(&file, std::iter::once(datagram([1, 2], b"x")));
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let mut terminal = Command::new("script")
        .args(["-qefc", command, "/dev/null"])
        .env("FIFO", &fifo)
        .env("LAYERSCOPE", LAYERSCOPE)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = terminal.stdout.take().unwrap();
    let (sender, pieces) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(len @ 1..) = output.read(&mut piece) {
            let _ = sender.send(String::from_utf8_lossy(&piece[..len]).into_owned());
        }
    });
    let bytes = std::fs::read(&file).unwrap();
    let mut input = std::fs::File::options().write(true).open(&fifo).unwrap();
    input.write_all(&bytes).unwrap();
    let mut shown = String::new();
    for _ in 0..most {
        if shown.contains(awaited) {
            break;
        }
        input.write_all(&bytes[24..]).unwrap();
        shown.extend(pieces.recv_timeout(Duration::from_millis(20)));
    }
    drop(input);
    assert!(terminal.wait().unwrap().success());
    reader.join().unwrap();
    shown.extend(pieces.try_iter());
    shown
}

#[test]
fn a_long_reading_tells_a_terminal_how_far_it_is() {
    let shown = on_a_terminal("exec \"$LAYERSCOPE\" read \"$FIFO\" --count > \"$FIFO.out\"", "packets read", 1000);
    let (lines, erased) = shown.rsplit_once('\r').unwrap();
    let counts = lines.split('\r').skip(1).map(|line| line.strip_suffix(" packets read")?.parse::<u64>().ok());
    assert!(counts.clone().count() > 0 && counts.flatten().all(|count| count > 1), "{shown:?}");
    assert_eq!(erased, "\x1b[K", "{shown:?}");
    // Rows on the terminal are progress enough, and what goes to a file is not for eyes.
    for quiet in ["read \"$FIFO\" --format plain", "read \"$FIFO\" --count > \"$FIFO.out\" 2> \"$FIFO.err\""] {
        let shown = on_a_terminal(&format!("\"$LAYERSCOPE\" {quiet}"), "packets read", 80);
        assert!(!shown.contains("packets read"), "{quiet}: {shown:?}");
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

    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tcp")).unwrap();
    let beside = |args: &[&str]| Command::new(LAYERSCOPE).args(args).current_dir(folder.path()).output().unwrap();
    let said = beside(&["read", &second, "tcp", "--count"]);
    assert_eq!(
        (said.stdout, said.stderr),
        (shown(&["read", "-r", &second, "tcp", "--count"]).into_bytes(), Vec::new())
    );
    assert!(complaint(&beside(&["read", "tcp"])).contains("all files in it: tcp/*"));

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
    assert_eq!((code(&output), lines.len()), (2, 4), "{complaint}");
    assert!(lines[0].contains("syntax error") && lines[1] == "  tcp prot 80", "{complaint}");
    assert!(lines[2].starts_with("      ^^^^ ") && lines[3] == "  did you mean port?", "{complaint}");
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
    let missing = layerscope(&["read", &file, "--stream", "99", "--count"]);
    assert_eq!((&*missing.stdout, missing.status.code()), (&b"0\n"[..], Some(2)));
}

#[test]
fn a_span_of_time_is_chosen_by_clock_or_by_distance() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ten.pcap");
    write_capture(&path, (0..10).map(|number| datagram([1, 2], &[number])));
    let count = |args: &[&str]| shown(&[&["read", path.to_str().unwrap(), "--count"], args].concat()).trim().to_owned();
    assert_eq!(count(&["--from", "+0.004s"]), "6");
    assert_eq!(count(&["--from", "+4ms", "--to", "+0.006s"]), "3");
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
    let file = capture("generated/loss-many.client.pcap");
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
        &["--format", "plain", "--columns", "number"][..],
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
fn who_talks_to_whom_is_shown_before_numbers_of_bytes_but_on_a_loopback() {
    let heading = |file: &str, columns: &str, args: &[&str]| {
        let mut command = Command::new(LAYERSCOPE);
        command.args(["read", file, "--show", "table"]).args(args).env("COLUMNS", columns);
        let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
        text.lines().nth(1).unwrap().to_owned()
    };
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/demo.pcapng");
    let segments = [tcp(1606, 80, &[], b""), tcp(1606, 80, &[], b"GET / HTTP/1.1\r\n\r\n")];
    let segments = segments.map(|it| ethernet(0x0800, &ipv4_between([172, 16, 16, 128], [198, 51, 100, 104], 6, &it)));
    let between = savefile::saved(&savefile::pcap(LinkType::ETHERNET, &segments));
    let between = between.path().to_str().unwrap();
    for (file, args, shown, left_out) in [
        (demo, &[][..], &["seq", "ack", "data"][..], &["addresses"][..]),
        (between, &[], &["time", "addresses", "ports", "data"], &["seq", "ack"]),
        (between, &["-tttt"], &["time (UTC)", "ports", "flags"], &["seq"]),
    ] {
        let heading = heading(file, "80", args);
        assert!(shown.iter().all(|name| heading.contains(name)), "{file}: {heading}");
        assert!(!left_out.iter().any(|name| heading.contains(name)), "{file}: {heading}");
    }
    assert!(heading(between, "100", &[]).contains("ack"), "there is room for both");
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
