//! `layerscope demo` for real, on the host's loopback and in a private network.

use std::io::Read;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::run::{as_nobody, complaint, is_root, layerscope, public_folder, stdout, tshark};

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn assert_balanced(demo: &Value, packets: u64) {
    let ledger = &demo["ledger"];
    assert_eq!(ledger["expected"], packets, "{ledger}");
    assert_eq!(ledger["captured"], packets, "{ledger}");
    assert_eq!(ledger["dropped_by_kernel"], 0, "{ledger}");
    assert_eq!(ledger["balanced"], true, "{ledger}");
}

#[test]
fn the_demonstration_adds_up_without_privilege() {
    let demo = document(&stdout(&mut as_nobody(["demo", "--format", "json"])));
    assert_balanced(&demo, 19);
}

#[test]
fn the_demonstration_adds_up_on_the_hosts_loopback() {
    if !is_root() {
        eprintln!("SKIPPED: capturing on the host's loopback needs root");
        assert!(std::env::var_os("CI").is_none(), "continuous integration runs as root");
        return;
    }
    // Port 0, because another test may have 8888.
    let demo = document(&stdout(&mut layerscope(["demo", "--network", "host", "--port", "0", "--format", "json"])));
    assert_balanced(&demo, 19);
}

#[test]
fn every_option_of_the_conversation_adds_up() {
    let cases: [(&[&str], u64); 7] = [
        (&["--tcp"], 15),
        (&["--udp"], 4),
        (&["--ipv6"], 19),
        (&["--message", "a", "--message", "b", "--message", "c"], 19 + 2 * 6),
        (&["--message", "你好", "--encoding", "gbk", "--reply", "same"], 19),
        (&["--reply", "no idea", "--port", "0"], 19),
        (&["--port", "65535"], 19),
    ];
    for (options, packets) in cases {
        let demo = document(&stdout(as_nobody(["demo", "--format", "json"]).args(options)));
        assert_balanced(&demo, packets);
    }
}

/// Linux stops acknowledging every segment at once after sixteen of them; the lab's ledger must hold beyond that.
#[test]
fn a_long_conversation_adds_up() {
    let mut command = as_nobody(["demo", "--tcp", "--format", "json"]);
    for number in 0..40 {
        command.args(["--message", &format!("message {number}")]);
    }
    assert_balanced(&document(&stdout(&mut command)), 3 + 41 * 4 + 4);
}

#[test]
fn gbk_bytes_go_over_the_wire() {
    let folder = public_folder();
    let file = folder.path().join("gbk.pcap");
    stdout(as_nobody(["demo", "--udp", "--message", "你好", "--reply", "same", "--encoding", "gbk", "-w"]).arg(&file));
    let payloads = tshark(&file, &["udp.payload"]);
    assert_eq!(payloads[0], ["c4e3bac3"]);
    assert_eq!(payloads[1], ["c4e3bac3"]);
}

/// The facts of a canonical run that no kernel's choice of window or scale changes.
fn lesson(demo: &Value) -> Vec<String> {
    let packets = demo["packets"].as_array().unwrap().iter().map(|packet| {
        let tcp = &packet["tcp"];
        format!(
            "{} {} {} {} {} {} {} {} {}",
            packet["frame"]["time_epoch"],
            tcp["srcport"],
            packet["udp"]["srcport"],
            tcp["flags"],
            tcp["seq_raw"],
            tcp["ack_raw"],
            tcp["len"],
            packet["data"],
            packet["lesson"]
        )
    });
    let calls = demo["calls"].as_array().unwrap().iter().map(ToString::to_string);
    packets.chain(calls).collect()
}

#[test]
fn every_run_tells_the_same_lesson_and_the_golden_one() {
    let folder = public_folder();
    let first = document(&stdout(&mut as_nobody(["demo", "--canonical", "--format", "json"])));
    let file = folder.path().join("again.pcapng");
    let again = document(&stdout(as_nobody(["demo", "--canonical", "--format", "json", "-w"]).arg(&file)));
    let (first, again) = (lesson(&first), lesson(&again));
    assert_eq!(first.len(), again.len());
    for (one, other) in first.iter().zip(&again) {
        assert_eq!(one, other);
    }

    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/demo.pcapng");
    let view = |file: &Path| {
        let text = stdout(layerscope(["read", "--show", "timeline", "--explain"]).arg(file));
        // What the kernel offers as window scale depends on its memory settings.
        text.lines().filter(|line| !line.contains("window scale")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(view(&file), view(&golden));
}

#[test]
fn the_golden_capture_is_shown_as_the_golden_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shown = |parts: &str| {
        let mut command = layerscope(["read", "--explain", "--show", parts]);
        stdout(command.arg(root.join("captures/demo.pcapng")).env("COLUMNS", "120"))
    };
    for (parts, name) in [("table", "demo-table.txt"), ("timeline", "demo-timeline.txt")] {
        let file = root.join("tests/golden").join(name);
        let text = shown(parts);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(&file).unwrap(), "{name}; UPDATE_GOLDEN=1 writes it anew");
    }
}

#[test]
fn the_readme_shows_what_is_shown() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let capture = root.join("captures/demo.pcapng").display().to_string();
    for part in [
        &["read", "--show", "table", &capture][..],
        &["read", "--show", "timeline", &capture],
        &["inspect", &capture, "4"],
    ] {
        let text = stdout(layerscope(part).env("COLUMNS", "120"));
        for block in text.trim_end().split("\n\n") {
            assert!(readme.contains(block.trim_end()), "README.md does not show this of {part:?}:\n{block}");
        }
    }
}

#[test]
fn every_value_of_the_table_is_tsharks() {
    let folder = public_folder();
    for (name, options) in
        [("a.pcap", &["--canonical"][..]), ("b.pcapng", &["--message", "one", "--message", "two", "--ipv6"])]
    {
        let file = folder.path().join(name);
        let text = stdout(as_nobody(["demo", "--show", "table", "-w"]).arg(&file).args(options).env("COLUMNS", "200"));
        let rows: Vec<Vec<&str>> = text
            .lines()
            .skip(3)
            .take_while(|line| !line.is_empty())
            .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
            .collect();
        assert_eq!(rows, expected_rows(&file), "{name}");
    }
}

/// The rows of the table, made from what tshark says.
fn expected_rows(file: &Path) -> Vec<Vec<String>> {
    let fields = [
        "frame.number",
        "frame.time_relative",
        "ip.src",
        "ip.dst",
        "ipv6.src",
        "ipv6.dst",
        "tcp.srcport",
        "tcp.dstport",
        "udp.srcport",
        "udp.dstport",
        "tcp.flags",
        "tcp.seq",
        "tcp.ack",
        "tcp.window_size",
        "frame.len",
        "tcp.hdr_len",
        "tcp.payload",
        "udp.payload",
        "tcp.flags.ack",
    ];
    let row = |values: Vec<String>| -> Vec<String> {
        let value = |key: &str| values[fields.iter().position(|field| *field == key).unwrap()].as_str();
        let either = |a: &str, b: &str| if value(a).is_empty() { value(b).to_owned() } else { value(a).to_owned() };
        let is_tcp = !value("tcp.srcport").is_empty();
        let internet = if value("ip.src").is_empty() { 40 } else { 20 };
        let transport = if is_tcp { value("tcp.hdr_len").parse::<usize>().unwrap() } else { 8 };
        let payload = either("tcp.payload", "udp.payload");
        let or_dash = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
        let (data, bytes) = text_and_place(&payload, 14 + internet + transport);
        let micros = value("frame.time_relative").split_at(value("frame.time_relative").len() - 3).0.to_owned();
        let ack = if value("tcp.flags.ack") == "1" { value("tcp.ack") } else { "" };
        vec![
            value("frame.number").to_owned(),
            micros,
            "0..14".to_owned(),
            format!("14..{}", 14 + internet),
            format!("{} → {}", either("ip.src", "ipv6.src"), either("ip.dst", "ipv6.dst")),
            format!("{}..{}", 14 + internet, 14 + internet + transport),
            format!(
                "{} {} → {}",
                if is_tcp { "TCP" } else { "UDP" },
                either("tcp.srcport", "udp.srcport"),
                either("tcp.dstport", "udp.dstport")
            ),
            flags(value("tcp.flags")),
            or_dash(value("tcp.seq")),
            or_dash(ack),
            or_dash(value("tcp.window_size")),
            bytes,
            data,
        ]
    };
    tshark(file, &fields).into_iter().map(row).collect()
}

/// A payload in hexadecimal as quoted text, and its place in the frame from byte `start` on.
fn text_and_place(payload: &str, start: usize) -> (String, String) {
    let len = payload.len() / 2;
    if len == 0 {
        return ("–".to_owned(), "–".to_owned());
    }
    let text = (0..len).map(|at| u8::from_str_radix(&payload[at * 2..at * 2 + 2], 16).unwrap()).collect();
    (format!("\"{}\"", String::from_utf8(text).unwrap()), format!("{start}..{}", start + len))
}

/// Our words for tshark's number.
fn flags(number: &str) -> String {
    let Ok(bits) = u16::from_str_radix(number.trim_start_matches("0x"), 16) else { return "–".to_owned() };
    let names = [(2, "SYN"), (1, "FIN"), (4, "RST"), (8, "PSH"), (16, "ACK")];
    names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect::<Vec<_>>().join(",")
}

#[test]
fn wireshark_shows_calls_and_states_as_comments() {
    let folder = public_folder();
    let file = folder.path().join("lesson.pcapng");
    stdout(as_nobody(["demo", "-w"]).arg(&file));
    let mut command = std::process::Command::new("tshark");
    command.args(["-n", "-T", "fields", "-e", "frame.comment", "-r"]).arg(&file);
    let comments = stdout(&mut command);
    for part in [
        "asks to open a connection",
        "states (inferred): client SYN-SENT",
        "states (inferred): client SYN-SENT, server SYN-RECEIVED",
        "state-after LISTEN] listen(5) = ok",
        "connect(127.0.0.1:8888) = ok",
        "bind(127.0.0.1:8889) = ok",
    ] {
        assert!(comments.contains(part), "{part:?} is missing in\n{comments}");
    }
}

#[test]
fn a_saved_demonstration_reads_back_with_its_calls() {
    let folder = public_folder();
    let file = folder.path().join("lesson.pcapng");
    let mut shown = stdout(as_nobody(["demo", "--show", "table,timeline", "-w"]).arg(&file));
    let read = stdout(layerscope(["read"]).arg(&file));
    let ledger = shown.find("Check:").unwrap();
    shown.truncate(ledger);
    assert_eq!(shown.trim_end(), read.trim_end());
}

#[test]
fn root_is_given_up_before_anything_is_decoded() {
    if !is_root() {
        eprintln!("SKIPPED: giving up root needs root");
        assert!(std::env::var_os("CI").is_none(), "continuous integration runs as root");
        return;
    }
    // More output than a pipe holds: the process waits in the middle of showing what it decoded.
    let mut command = layerscope(["demo", "--network", "private"]);
    for number in 0..100 {
        command.args(["--message", &format!("message {number}")]);
    }
    for (sudo, uid) in [(None, "65534"), (Some("4711"), "4711")] {
        if let Some(sudo) = sudo {
            command.env("SUDO_UID", sudo).env("SUDO_GID", sudo);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stdout.take().unwrap();
        let mut beginning = [0; 1];
        pipe.read_exact(&mut beginning).unwrap();
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let line = |name: &str| status.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        assert_eq!(line("Uid:").split_whitespace().collect::<Vec<_>>(), ["Uid:", uid, uid, uid, uid]);
        assert_eq!(line("Gid:").split_whitespace().collect::<Vec<_>>(), ["Gid:", uid, uid, uid, uid]);
        assert_eq!(line("CapEff:").split_whitespace().nth(1).unwrap(), "0000000000000000");
        assert_eq!(line("CapPrm:").split_whitespace().nth(1).unwrap(), "0000000000000000");
        assert_eq!(line("NoNewPrivs:").split_whitespace().nth(1).unwrap(), "1");
        assert_eq!(line("Groups:").split_whitespace().count(), 1, "{}", line("Groups:"));
        drop(pipe);
        assert_eq!(child.wait().unwrap().code(), Some(0), "a closed pipe is a quiet end");
    }
}

#[test]
fn files_belong_to_the_person_who_ran_sudo() {
    if !is_root() {
        eprintln!("SKIPPED: pretending to be sudo needs root");
        assert!(std::env::var_os("CI").is_none(), "continuous integration runs as root");
        return;
    }
    let folder = public_folder();
    let file = folder.path().join("mine.pcapng");
    let mut command = layerscope(["demo", "--network", "private", "-w"]);
    stdout(command.arg(&file).env("SUDO_UID", "4711").env("SUDO_GID", "4712"));
    let data = file.metadata().unwrap();
    assert_eq!((data.uid(), data.gid()), (4711, 4712));
}

#[test]
fn root_follows_no_symbolic_link() {
    if !is_root() {
        eprintln!("SKIPPED: following a link is only dangerous as root");
        assert!(std::env::var_os("CI").is_none(), "continuous integration runs as root");
        return;
    }
    let folder = public_folder();
    let (target, link) = (folder.path().join("precious"), folder.path().join("link.pcapng"));
    std::fs::write(&target, "precious").unwrap();
    symlink(&target, &link).unwrap();
    let said = complaint(layerscope(["demo", "--network", "private", "-w"]).arg(&link), 1);
    assert!(said.contains("symbolic link"), "{said}");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "precious");
}

#[test]
fn the_bytes_of_a_run_have_the_fields_that_only_the_conversation_tells() {
    let text = stdout(&mut as_nobody(["demo", "--tcp", "--show", "bytes"]));
    for key in ["tcp.stream ", "tcp.seq ", "tcp.ack ", "tcp.window_size "] {
        assert!(text.lines().any(|line| line.contains("derived") && line.contains(key)), "{key} is missing in\n{text}");
    }
}
