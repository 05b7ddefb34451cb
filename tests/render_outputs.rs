//! What the verbs print of captures of our own, held against how it was read last: one file a question, in
//! `tests/golden/outputs`.
//!
//! `UPDATE_GOLDEN=1 cargo test render_outputs` writes the files anew.

use std::path::PathBuf;
use std::process::Command;

use crate::support::over;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

type Words = &'static [&'static str];

/// What is asked of which captures: the golden file's name, the words before the capture and those after it.
const QUESTIONS: &[(&str, Words, Words, Words)] = &[
    ("read-table", &["read"], &["-c", "25", "--show", "table"], VARIED),
    ("read-table-color", &["read", "--color", "always"], &["-c", "12"], &["generated/loss-many.client"]),
    ("read-table-absolute", &["read", "-S", "-T", "absolute"], &["-c", "12"], &["generated/loss-many.client"]),
    ("read-hex", &["read", "-x", "-v"], &["-c", "5"], &["reports/11-dns-a-aaaa", "generated/basic-v6.client"]),
    ("read-explain", &["read", "--explain"], &[], &["generated/refused.client", "generated/half-close.client"]),
    ("read-plain", &["read", "--format", "plain"], &["-c", "25"], VARIED),
    ("read-csv", &["read", "--format", "csv"], &["-c", "12"], VARIED),
    ("read-json", &["read", "--format", "json"], &["-c", "4"], VARIED),
    ("read-json-hex", &["read", "--format", "json", "-x"], &["-c", "2"], &["reports/11-dns-a-aaaa"]),
    ("inspect", &["inspect"], &["1"], VARIED),
    (
        "inspect-json",
        &["inspect", "--format", "json"],
        &["2"],
        &["reports/11-dns-a-aaaa", "generated/loss-many.client"],
    ),
    ("inspect-color", &["inspect", "--color", "always"], &["4"], &["generated/basic-v4.client"]),
    ("flows", &["flows"], &[], CONVERSATIONS),
    ("flows-csv", &["flows", "--format", "csv"], &[], CONVERSATIONS),
    ("flows-json", &["flows", "--format", "json"], &[], CONVERSATIONS),
    (
        "flows-color",
        &["flows", "--color", "always"],
        &[],
        &["generated/syn-flood.client", "generated/five-connections.client"],
    ),
    ("handshakes", &["handshakes"], &[], CONVERSATIONS),
    (
        "handshakes-ladder",
        &["handshakes", "--ladder"],
        &[],
        &["generated/syn-loss.client", "generated/simultaneous-open.client"],
    ),
    ("handshakes-json", &["handshakes", "--format", "json"], &[], CONVERSATIONS),
    ("stats", &["stats"], &[], VARIED),
    ("stats-interval", &["stats", "--interval", "100ms", "--color", "always"], &[], &["generated/loss-many.client"]),
    ("stats-csv", &["stats", "--format", "csv"], &[], &["generated/loss-many.client", "reports/11-dns-a-aaaa"]),
    ("stats-json", &["stats", "--format", "json"], &[], &["generated/loss-many.client", "reports/11-dns-a-aaaa"]),
    ("timeline", &["timeline"], &["-s", "0"], CONVERSATIONS),
    ("timeline-explain", &["timeline", "--explain", "--color", "always"], &["-s", "0"], LONG),
    ("timeline-short", &["timeline", "--max-rows", "12"], &["-s", "0"], LONG),
    ("timeline-json", &["timeline", "--format", "json"], &["-s", "0"], LONG),
    ("timeline-csv", &["timeline", "--format", "csv"], &["-s", "0"], LONG),
    (
        "timeline-svg",
        &["timeline", "--format", "svg"],
        &["-s", "0"],
        &["generated/basic-v4.client", "generated/refused.client"],
    ),
    ("timeline-mermaid", &["timeline", "--format", "mermaid"], &["-s", "0"], LONG),
    ("timeline-udp", &["timeline"], &["-s", "udp:0"], &["reports/11-dns-a-aaaa", "reports/33c-tftp"]),
    ("follow", &["follow"], &["-s", "0"], LONG),
    ("follow-hex", &["follow", "--as", "hex", "--color", "always"], &["-s", "0"], &["generated/basic-v4.client"]),
    (
        "follow-json",
        &["follow", "--format", "json"],
        &["-s", "0"],
        &["generated/loss-many.server", "reports/61-fragmented-stream"],
    ),
    ("follow-udp", &["follow"], &["-s", "udp:0"], &["reports/33c-tftp"]),
];

/// Link types, layers and applications of many kinds.
const VARIED: Words = &[
    "generated/basic-v4.client",
    "generated/basic-v6.client",
    "generated/any-sll2.client",
    "generated/fragments-icmp.client",
    "generated/loss-many.client",
    "reports/11-dns-a-aaaa",
    "reports/13-icmp-prohibited",
    "reports/21-vxlan-mirror",
    "reports/22-tls-split-alert",
    "reports/33b-dhcp",
    "reports/33c-tftp",
    "derived/qinq-88a8-200-100",
    "derived/snaplen-34",
    "derived/null-le-header-macos-af30",
];

/// Conversations that begin, go on and end in many ways.
const CONVERSATIONS: Words = &[
    "generated/abort-rst-client.client",
    "generated/basic-v6.client",
    "generated/five-connections.client",
    "generated/half-close.client",
    "generated/keep-alive.client",
    "generated/port-reuse.client",
    "generated/refused.client",
    "generated/reorder.server",
    "generated/simultaneous-open.client",
    "generated/syn-loss.client",
    "generated/urgent.client",
    "reports/11-dns-a-aaaa",
    "reports/13-icmp-prohibited",
    "reports/60-second-synack",
];

/// Conversations with many segments, or with odd ones.
const LONG: Words = &[
    "generated/loss-many.client",
    "generated/zero-window.client",
    "generated/tso-large-frames.client",
    "reports/24-banner-ack-missing",
    "reports/61-fragmented-stream",
];

/// The first and last lines of a long output, and of a long line.
fn ends(told: &str) -> String {
    let lines: Vec<String> = told.lines().map(|line| line.chars().take(500).collect()).collect();
    let (first, last) = if lines.len() > 80 { (60, lines.len() - 20) } else { (lines.len(), lines.len()) };
    lines[..first].iter().chain(&lines[last..]).map(|line| format!("{line}\n")).collect()
}

/// What the verb says, on either output, of one capture after the other.
fn said(before: &[&str], after: &[&str], captures: &[&str]) -> String {
    let of = |capture: &&str| {
        let file = format!("tests/captures/{capture}.pcap");
        let mut command = Command::new(env!("CARGO_BIN_EXE_layerscope"));
        command.current_dir(ROOT).args(before).arg(&file).args(after);
        command.env("COLUMNS", "100").env("TZ", "UTC").env_remove("NO_COLOR").env_remove("SUDO_UID");
        let output = command.output().unwrap();
        let [told, complained] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        format!("== {capture}: {:?}\n{}{complained}", output.status.code(), ends(&told))
    };
    captures.iter().map(of).collect()
}

#[test]
fn every_verb_prints_what_was_read_last() {
    let names: Vec<PathBuf> = QUESTIONS.iter().map(|(name, ..)| PathBuf::from(name)).collect();
    let changed: Vec<String> = over(&names, |name| {
        let (name, before, after, captures) = QUESTIONS.iter().find(|question| name.ends_with(question.0))?;
        let now = said(before, after, captures);
        let path = format!("{ROOT}/tests/golden/outputs/{name}.txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(format!("{ROOT}/tests/golden/outputs")).unwrap();
            std::fs::write(&path, &now).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        let lines = now.lines().zip(golden.lines().chain(std::iter::repeat("")));
        let (now_line, golden_line) = lines.into_iter().find(|(now, golden)| now != golden).unwrap_or_default();
        (now != golden).then(|| format!("{path}:\n  now  {now_line:?}\n  then {golden_line:?}"))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(changed.is_empty(), "UPDATE_GOLDEN=1 writes them anew: read them\n{}", changed.join("\n"));
}
