//! What programs are told: keys, numbers, and what stands in packets; never a sentence. Every verb that writes JSON is run
//! over every capture of ours, and each text in it is looked at.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::{layerscope, stdout};
use crate::support::{captures, name, ours, over};

/// The verbs about a capture, and whether they write an object a line or one document.
const RUNS: [(&[&str], bool); 11] = [
    (&["read"], true),
    (&["flows"], true),
    (&["handshakes"], true),
    (&["stats"], true),
    (&["timeline", "-s", "0", "--explain"], true),
    (&["timeline", "-s", "0", "--explain", "--max-rows", "12"], true),
    (&["timeline", "-s", "udp:0", "--explain"], true),
    (&["follow", "-s", "0"], true),
    (&["follow", "-s", "udp:0"], true),
    (&["inspect", "1"], false),
    (&["inspect", "4"], false),
];

/// Where other texts than keys may stand, by verb and place, and what they are.
const DATA: [(&str, &str, &str); 29] = [
    ("*", "data.text", "payload"),
    ("*", "application.protocol", "a protocol's name"),
    ("*", "application.line", "a message in its protocol's own words"),
    ("read", "frame.interface_name", "a name in the capture"),
    ("read", "process.source.name", "a name in the capture"),
    ("read", "process.destination.name", "a name in the capture"),
    ("flows", "conn_state", "Zeek's letters"),
    ("flows", "history", "Zeek's letters"),
    ("stats", "name", "a protocol's name, or a host"),
    ("stats", "path", "protocols' names"),
    ("stats", "service", "IANA's name"),
    ("timeline", "packet.text", "payload"),
    ("timeline", "call.name", "a call as it was made"),
    ("timeline", "call.arguments", "a call as it was made"),
    ("timeline", "call.result", "what a call gave"),
    ("timeline", "call.error", "the system's name for an error"),
    ("follow", "text", "payload"),
    // The tables of protocols have the names that their RFCs and registries give.
    ("inspect", "protocol", "a protocol's name"),
    ("inspect", "label", "a field's name"),
    ("inspect", "value", "what a field's bytes say"),
    ("inspect", "meaning", "a value's name"),
    ("interfaces", "name", "an interface's name"),
    ("interfaces", "description", "libpcap's words"),
    ("interfaces", "link", "tcpdump.org's name for a link type"),
    ("interfaces", "message", "the system's words; refusal has the key"),
    ("demo", "calls.arguments", "a call as it was made"),
    ("demo", "calls.result", "what a call gave"),
    ("demo", "calls.error", "the system's name for an error"),
    ("demo", "scenario.name", "a scenario, as it is typed"),
];

#[test]
fn no_text_for_programs_is_a_sentence() {
    let is_ours = |path: &PathBuf| path.starts_with(ours("generated").parent().unwrap());
    let found = over(&captures().into_iter().filter(is_ours).collect::<Vec<_>>(), of_capture);
    let told: BTreeSet<String> = found.into_iter().flatten().collect();
    assert!(told.is_empty(), "{} texts that are neither keys nor data:\n{}", told.len(), listed(&told));
}

#[test]
fn no_text_about_this_machine_is_a_sentence() {
    let mut told = BTreeSet::new();
    let interfaces = stdout(&mut layerscope(["interfaces", "--format", "json"]));
    lines(&interfaces, true).iter().for_each(|object| look("interfaces", object, "", &mut told));
    for scenario in ["echo", "refused", "retransmit", "half-close"] {
        let demo = stdout(&mut layerscope(["demo", scenario, "--format", "json", "--network", "private"]));
        look("demo", &lines(&demo, false)[0], "", &mut told);
    }
    assert!(told.is_empty(), "{}", listed(&told));
}

#[test]
fn a_sentence_is_noticed_wherever_it_stands() {
    let told = |verb: &str, text: &str| {
        let mut told = BTreeSet::new();
        look(verb, &serde_json::from_str(text).unwrap(), "", &mut told);
        told.len()
    };
    assert_eq!(told("flows", r#"{"verdict": {"ending": {"key": "still open"}}}"#), 1);
    assert_eq!(told("flows", r#"{"list": [{"marks": {"window full": 1}}, "never_opened", "192.0.2.1"]}"#), 1);
    assert_eq!(told("flows", r#"{"Client": null, "text": "hello, world"}"#), 2);
    assert_eq!(told("follow", r#"{"text": "hello, world", "time": "-1.000000000", "from": "[::1]:80"}"#), 0);
    assert_eq!(told("read", r#"{"icmp": {"quoted": {"data": {"text": "hello, world"}}}}"#), 0);
}

/// What of a capture reads like a sentence.
fn of_capture(path: &Path) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    for (words, is_lines) in RUNS {
        let mut verb = layerscope([&words[..1], &[path.to_str().unwrap()], &words[1..]].concat());
        let run = verb.args(["--format", "json"]).output().unwrap();
        let mut found = BTreeSet::new();
        let text = String::from_utf8(run.stdout).unwrap();
        lines(&text, is_lines).iter().for_each(|object| look(words[0], object, "", &mut found));
        told.extend(found.iter().map(|found| format!("{}: {found}", name(path))));
    }
    told
}

fn lines(text: &str, is_lines: bool) -> Vec<Value> {
    let objects =
        if is_lines { text.lines().collect() } else { Vec::from_iter(Some(text).filter(|text| !text.is_empty())) };
    objects.iter().map(|object| serde_json::from_str(object).unwrap()).collect()
}

/// Notes every text in a value that is neither a key nor data, with its place.
fn look(verb: &str, value: &Value, at: &str, told: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let place = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                if !is_key(key) {
                    told.insert(format!("{verb} {place}: a key of its own kind"));
                }
                look(verb, value, &place, told);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| look(verb, value, at, told)),
        Value::String(text) if !is_key(text) && !is_spelt(text) && !may_be_text(verb, at) => {
            told.insert(format!("{verb} {at}: {text:?}"));
        }
        _ => {}
    }
}

/// A key, a number, a name of Wireshark's.
fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'))
}

/// An address, with a port or without; a link's address; a moment before 1970; the flags of a segment.
fn is_spelt(text: &str) -> bool {
    let is_link_address =
        text.split(':').count() > 1 && text.split(':').all(|byte| u8::from_str_radix(byte, 16).is_ok());
    let is_flags =
        text.split(',').all(|flag| ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"].contains(&flag));
    let is_moment = text.strip_prefix('-').is_some_and(is_key);
    text.parse::<IpAddr>().is_ok() || text.parse::<SocketAddr>().is_ok() || is_link_address || is_flags || is_moment
}

fn may_be_text(verb: &str, at: &str) -> bool {
    let ends = |place: &str| at == place || at.strip_suffix(place).is_some_and(|before| before.ends_with('.'));
    let is_there = |of: &str, place: &str| (of == "*" || of == verb) && ends(place);
    DATA.iter().any(|(of, place, _)| is_there(of, place))
}

fn listed(told: &BTreeSet<String>) -> String {
    told.iter().take(40).cloned().collect::<Vec<_>>().join("\n")
}
