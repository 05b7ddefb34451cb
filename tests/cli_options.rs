//! No option is left out in silence: with every format it changes what is shown, or is refused with a word on where it
//! belongs.

use std::path::PathBuf;
use std::sync::OnceLock;

use layerscope::model::LinkType;

use crate::run::{complaint, layerscope, stdout};
use crate::support::ending::shared;
use crate::support::packets::segment;
use crate::support::segments::{ACK, SYN};
use crate::support::{ours, savefile};

/// The later capture first, so that merging changes the order; the other one greets in GBK.
fn files() -> [String; 2] {
    static GREETINGS: OnceLock<PathBuf> = OnceLock::new();
    let greetings = GREETINGS.get_or_init(|| {
        let path = shared(tempfile::tempdir().unwrap()).join("greetings.pcap");
        std::fs::write(&path, savefile::pcap(LinkType::RAW, &greetings())).unwrap();
        path
    });
    [&*ours("generated/five-connections.client.pcap"), greetings].map(|path| path.to_string_lossy().into_owned())
}

/// A connection in which each side greets the other ten times.
fn greetings() -> Vec<Vec<u8>> {
    let greeting = b"\xc4\xe3\xba\xc3\r\n";
    let mut packets =
        vec![segment(true, 0, 0, SYN, b""), segment(false, 0, 1, SYN | ACK, b""), segment(true, 1, 1, ACK, b"")];
    for sent in (1..).step_by(greeting.len()).take(10) {
        packets.push(segment(true, sent, sent, ACK, greeting));
        packets.push(segment(false, sent, sent + greeting.len() as u32, ACK, greeting));
    }
    packets
}

/// Runs a verb with each format and each option; what differs in nothing and is not refused is listed.
fn ignored(base: &[&str], formats: &[&[&str]], options: &[&[&str]]) -> Vec<String> {
    let files = files();
    let command = |parts: [&[&str]; 2]| {
        let mut command = layerscope(base);
        command.args(&files).args(parts.concat()).env("COLUMNS", "140");
        command
    };
    let mut ignored = Vec::new();
    for format in formats {
        let without = stdout(&mut command([format, &[]]));
        for option in options.iter().filter(|option| format.first() != option.first()) {
            let output = command([format, option]).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            let is_refused = output.status.code() == Some(2) && output.stdout.is_empty();
            let is_explained = ["is for", "are for", "cannot be used with", "--columns", "which --show"];
            // Nothing is drawn there, or nothing but ASCII.
            let is_drawn = !matches!(format.last(), Some(&"json" | &"csv")) && !without.is_ascii();
            let is_fulfilled = option == &["--ascii"] && !is_drawn;
            let differs = output.status.code() != Some(2) && output.stdout != without.as_bytes();
            if !(differs || is_fulfilled || is_refused && is_explained.iter().any(|words| said.contains(words))) {
                ignored.push(format!("{base:?} {format:?} {option:?}: {} {said}", output.status));
            }
        }
    }
    ignored
}

#[track_caller]
fn assert_none(ignored: &[String]) {
    assert!(ignored.is_empty(), "left out in silence:\n{}", ignored.join("\n"));
}

const LOOK: [&[&str]; 2] = [&["--color", "always"], &["--ascii"]];

#[test]
fn read_heeds_or_refuses_every_option_in_every_format() {
    let formats: [&[&str]; 9] = [
        &[],
        &["--format", "table"],
        &["--format", "plain"],
        &["--format", "json"],
        &["--format", "csv"],
        &["--columns", "number,addresses"],
        &["--show", "timeline"],
        &["--count"],
        &["--verbose"],
    ];
    let options: [&[&str]; 18] = [
        &["--merge"],
        &["--filter", "tcp port 80"],
        &["--stream", "1"],
        &["--from", "+1s"],
        &["--to", "+0.1s"],
        &["-c", "3"],
        &["--columns", "number,data"],
        &["-T", "epoch"],
        &["-tttt"],
        &["--relative"],
        &["--verbose"],
        &["--hex"],
        &["--absolute"],
        &["--encoding", "gbk"],
        &["--show", "timeline"],
        &["--explain"],
        LOOK[0],
        LOOK[1],
    ];
    // A number says nothing of the order.
    let mut ignored = ignored(&["read"], &formats, &options);
    ignored.retain(|line| !line.contains("[\"--count\"] [\"--merge\"]"));
    assert_none(&ignored);
}

#[test]
fn the_verbs_over_connections_heed_or_refuse_every_option_in_every_format() {
    let tables: [&[&str]; 3] = [&[], &["--format", "json"], &["--format", "csv"]];
    let choice: [&[&str]; 5] =
        [&["--merge"], &["--filter", "src port 20028"], &["--from", "+0.1s"], &["--to", "+0.05s"], &["-c", "30"]];
    let many: [&[&str]; 4] = [&["--top", "1"], &["--expect", "connections=99"], &["--max-connections", "1"], LOOK[1]];
    let flows =
        [&many[..], &[&["--sort", "rtt"], &["--columns", "stream,client"], LOOK[0]], &choice, &[&["-s", "5"]]].concat();
    assert_none(&ignored(&["flows"], &tables, &flows));
    let handshakes = [
        &many[..],
        &[
            &["--sort", "total"],
            &["--columns", "client,syn"],
            &["--failed"],
            &["--slower-than", "5s"],
            &["--ladder"],
            LOOK[0],
            &["-s", "5"],
        ],
        &choice,
    ];
    assert_none(&ignored(&["handshakes"], &tables, &handshakes.concat()));
    let stats: [&[&str]; 7] = [
        &["--columns", "kind,bytes"],
        &["--sort", "endpoint"],
        &["--top", "1"],
        &["--interval", "100ms"],
        LOOK[0],
        LOOK[1],
        &["-s", "5"],
    ];
    // A sum says nothing of the order.
    assert_none(&ignored(&["stats"], &tables, &[&stats, &choice[1..]].concat()));
    let timeline: [&[&str]; 7] = [
        &["--columns", "time,from"],
        &["--max-rows", "8"],
        &["--encoding", "gbk"],
        &["--absolute"],
        &["--explain"],
        LOOK[0],
        LOOK[1],
    ];
    // Which of its packets: the number would be another one, were the captures merged.
    let greeting: [&[&str]; 4] = [
        &["--filter", "src port 80"],
        &["--from", "2023-11-14T22:13:21Z"],
        &["--to", "2023-11-14T22:13:20.008Z"],
        &["-c", "8"],
    ];
    let pictures: [&[&str]; 2] = [&["--format", "mermaid"], &["--format", "svg"]];
    assert_none(&ignored(
        &["timeline", "--stream", "5"],
        &[&tables[..], &pictures].concat(),
        &[&timeline[..], &greeting].concat(),
    ));
    let shapes: [&[&str]; 2] = [&["--as", "hex"], &["--format", "text"]];
    let follow: [&[&str]; 5] = [&["--side", "client"], &["--as", "hex"], &["--encoding", "gbk"], LOOK[0], LOOK[1]];
    assert_none(&ignored(
        &["follow", "--stream", "5"],
        &[&tables[..], &shapes].concat(),
        &[&follow[..], &greeting].concat(),
    ));
}

#[test]
fn capture_refuses_the_options_of_rows_where_it_shows_none() {
    for (shown, options) in [
        (&["-w", "x.pcap"][..], &["--format json", "--columns number", "-T epoch", "--hex", "--absolute"][..]),
        (&["--connections"], &["--format csv", "--relative", "--encoding gbk"]),
        (&["--quiet"], &["--format plain", "--color always"]),
        (&["--format", "json"], &["--absolute", "-T delta", "--color always", "--verbose"]),
        (&["--columns", "number"], &["-T delta", "--absolute", "--encoding gbk"]),
    ] {
        for option in options {
            let words = shown.iter().copied().chain(option.split(' '));
            let said = complaint(&mut layerscope(["capture", "-i", "lo"].into_iter().chain(words)), 2);
            let option = option.split(' ').next().unwrap();
            let name = if option == "-T" { "--time" } else { option };
            assert!(said.contains(name), "{shown:?} {option}: {said}");
        }
    }
    assert!(!std::path::Path::new("x.pcap").exists());
}

#[test]
fn what_tcpdumps_users_type_is_understood_or_answered() {
    let [file, _] = files();
    let same = |habit: &[&str], own: &[&str]| {
        let typed = |args: &[&str]| stdout(layerscope(["read", "-c", "3"]).args(args).arg(&file));
        assert_eq!(typed(habit), typed(own), "{habit:?}");
    };
    same(&["-nn", "-l"], &[]);
    same(&["-vvv"], &["--verbose"]);
    same(&["-XX"], &["--hex"]);
    same(&["-tttt"], &["-T", "absolute"]);
    same(&["-tt", "--format", "plain"], &["-T", "epoch", "--format", "plain"]);
    same(&["-nS"], &["--absolute"]);
    same(&["-nnr"], &["--read"]);
    for (words, answer) in [
        ("read -nne", "macs"),
        ("read -A", "follow"),
        ("read -q", "--format plain"),
        ("read -i lo", "layerscope capture -i"),
        ("read -t", "--columns"),
        ("capture -D", "layerscope interfaces"),
        ("capture -C 1", "--rotate-size"),
        ("capture -r x.pcap", "layerscope read FILE"),
        ("-nnr x.pcap", "a verb comes first"),
        ("-i lo", "layerscope capture -i"),
    ] {
        let said = complaint(layerscope(words.split(' ')).arg(&file), 2);
        assert!(said.contains(answer), "{words}: {said}");
    }
}

#[test]
fn nothing_found_is_said_on_standard_error_alone() {
    let [file, _] = files();
    for (words, told) in [
        ("read port 9", "0 of 170 packets match"),
        ("read port 9 --format csv", "0 of 170 packets match"),
        ("read port 9 --format json", "0 of 170 packets match"),
        ("read --show timeline port 9", "0 of 170 packets match"),
        ("flows port 9 --format json", "0 of 5 conversations match"),
        ("handshakes --failed", "0 of 5 TCP connections match"),
        ("stats port 9", "0 of 170 packets match"),
    ] {
        let mut words = words.split(' ');
        let output = layerscope(words.by_ref().take(1)).arg(&file).args(words).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said), (Some(0), format!("layerscope: {file}: {told}\n")));
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(!shown.starts_with('\n') && !shown.contains("match"), "{shown}");
    }
    assert_eq!(stdout(layerscope(["read", "--count", "port", "9", "-r"]).arg(&file)), "0\n");
}
