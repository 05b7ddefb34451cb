//! The JSON that programs read: its shape, published in `docs/schema`, is declared here a second time, but for rows that
//! are listed as columns, which tell it; and every packet of every capture, and what the other verbs say of them, is held
//! to it.
//!
//! `UPDATE_GOLDEN=1 cargo test json_schema` writes the published schemas anew.

mod demo;
mod packet;
mod shape;

use std::path::Path;
use std::process::Command;

use layerscope::analyse::{Limits, Tracker};
use layerscope::decode::{dissect, headers};
use layerscope::model::{LinkType, Process, Processes};
use layerscope::render::{
    self, EventRow, Flow, HandshakeRow, InterfaceRow, JsonRows, Known, Names, PacketWriter, PieceRow, Row, StatsRow,
    Style, View, json, text,
};
use layerscope::source::{CaptureFile, FrameSource};
use layerscope::words::Language;
use serde_json::{Value, json};

use crate::run::{as_nobody, layerscope, stdout};
use crate::support::packets::{address6, ipv4, ipv6, tcp};
use crate::support::{captures, name, ours, over, savefile, those_of};
use shape::{Unique, check};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema");

/// Packets of each file that are looked at.
const PACKETS: usize = 40;

/// Packets of each file that are opened to their fields.
const OPENED: usize = 8;

/// Every published schema by its file's name.
fn schemas() -> [(&'static str, Value); 9] {
    [
        ("packet", packet::packet()),
        ("inspect", packet::inspect()),
        ("demo", demo::demo()),
        ("interface", render::schema::<InterfaceRow>()),
        ("flows", render::schema::<Flow<'_>>()),
        ("handshakes", render::schema::<HandshakeRow<'_>>()),
        ("timeline", render::schema::<EventRow<'_>>()),
        ("follow", render::schema::<PieceRow>()),
        ("stats", render::schema::<StatsRow>()),
    ]
}

#[test]
fn the_published_schemas_are_those_of_this_version() {
    for (name, schema) in schemas() {
        let path = format!("{FOLDER}/{name}.schema.json");
        let declared = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &declared).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), declared, "{path}: run with UPDATE_GOLDEN=1 and look");
    }
}

#[test]
fn every_packet_of_every_capture_fits_the_schema() {
    let schema = packet::packet();
    let complaints = over(&captures(), |path| complaints(&name(path), &lines(path, true), &schema));
    none(&complaints.concat());
}

#[test]
fn every_packet_opened_fits_the_schema() {
    let schema = packet::inspect();
    let complaints = over(&captures(), |path| {
        let Ok(mut file) = CaptureFile::open(path) else { return Vec::new() };
        let mut documents = Vec::new();
        while let (true, Ok(Some(frame))) = (documents.len() < OPENED, file.next_frame()) {
            let mut out = Vec::new();
            json::write_fields(&frame, &dissect(&frame), None, &mut out).unwrap();
            documents.push(String::from_utf8(out).unwrap());
        }
        complaints(&name(path), &documents, &schema)
    });
    none(&complaints.concat());
}

#[test]
fn every_interface_fits_the_schema() {
    for mut command in [layerscope(["interfaces", "--format", "json"]), as_nobody(["interfaces", "--format", "json"])] {
        let lines: Vec<String> = stdout(&mut command).lines().map(str::to_owned).collect();
        none(&complaints("interfaces", &lines, &render::schema::<InterfaceRow>()));
        let interfaces: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(interfaces.iter().any(|interface| interface["addresses"][0] == json!("127.0.0.1")), "{lines:?}");
        for interface in interfaces {
            assert_eq!(interface["can_capture"] == json!(true), interface["link_type"].is_number(), "{interface}");
        }
    }
}

#[test]
fn what_the_other_verbs_say_fits_their_schemas() {
    let mut files = those_of(&[
        "generated/loss-many.client.pcap",
        "generated/simultaneous-open.client.pcap",
        "generated/snaplen96.client.pcap",
        "generated/fragments-icmp.client.pcap",
        "generated/syn-flood.client.pcap",
        "derived/no-handshake.pcap",
        "derived/timestamps-zero.pcap",
        "mixed/pcapplusplus__many-protocols.pcap",
    ]);
    files.push(concat!(env!("CARGO_MANIFEST_DIR"), "/captures/demo.pcapng").into());
    let mut seen = std::collections::BTreeSet::new();
    for file in &files {
        for (verb, options) in [
            ("flows", &[][..]),
            ("handshakes", &[]),
            ("stats", &[]),
            ("timeline", &["-s", "0", "--explain"]),
            ("timeline", &["-s", "0", "--max-rows", "12"]),
            ("timeline", &["-s", "udp:0"]),
            ("follow", &["-s", "0"]),
            ("follow", &["-s", "udp:0"]),
        ] {
            let (_, schema) = schemas().into_iter().find(|(name, _)| *name == verb).unwrap();
            let run = Command::new(env!("CARGO_BIN_EXE_layerscope"))
                .args([&[verb, file.to_str().unwrap()], options, &["--format", "json"]].concat())
                .output()
                .unwrap();
            let lines: Vec<String> = String::from_utf8(run.stdout).unwrap().lines().map(str::to_owned).collect();
            none(&complaints(&format!("{verb} {}", file.display()), &lines, &schema));
            for line in &lines {
                let object: Value = serde_json::from_str(line).unwrap();
                seen.insert(format!("{verb} {}", object["kind"].as_str().unwrap_or_default()));
            }
        }
    }
    let kinds = [
        "flows ",
        "follow bytes",
        "follow gap",
        "handshakes ",
        "stats endpoint",
        "stats interval",
        "stats port",
        "stats port_class",
        "stats protocol",
        "timeline called",
        "timeline conversation",
        "timeline entered",
        "timeline omitted",
        "timeline packet",
        "timeline returned",
        "timeline run",
    ];
    assert!(seen.iter().eq(&kinds), "{seen:?}");
}

#[test]
fn what_does_not_fit_is_noticed() {
    let schema = packet::packet();
    let segment = lines(&ours("generated/nano-ts.client.pcap"), false).remove(0);
    for (change, at) in [
        (json!({"schema": 1}), "schema"),
        (json!({"tcp": {"srcport": "80"}}), "tcp.srcport"),
        (json!({"tcp": {"nonsense": 1}}), "tcp.nonsense"),
        (json!({"ip": {"flags": {"df": 1}}}), "ip.flags.df"),
        (json!({"problem": 5}), "problem"),
        (json!({"frame": null}), "frame"),
        (json!({"icmp": {"quoted": {"ip": {"ttl": "64"}}}}), "icmp.quoted.ip.ttl"),
    ] {
        let mut packet: Value = serde_json::from_str(&segment).unwrap();
        assert_eq!(check(&packet, &schema, ""), [""; 0]);
        merge(&mut packet, change);
        let found = check(&packet, &schema, "");
        assert!(found.len() == 1 && found[0].starts_with(&format!(".{at}")), "{at}: {found:?}");
    }
    let fact = json!({"schema": 2, "kind": "interval", "start": 0.5, "packets": 1, "bytes": 60});
    assert_eq!(check(&fact, &render::schema::<StatsRow>(), ""), [""; 0]);
    for (change, complaint) in
        [(json!({"start": "0.5"}), ".start"), (json!({"kind": "nonsense"}), ".kind"), (json!({"ports": 1}), ".ports")]
    {
        let mut fact = fact.clone();
        merge(&mut fact, change);
        let found = check(&fact, &render::schema::<StatsRow>(), "");
        assert!(found.iter().any(|found| found.starts_with(complaint)), "{complaint}: {found:?}");
    }
}

#[test]
fn an_error_quotes_a_packet_and_a_tunnel_keeps_both_ends() {
    let packet = |file: &str, number: usize, hex| -> Value {
        serde_json::from_str(&lines(&ours(file), hex)[number - 1]).unwrap()
    };
    let made = |bytes: &[u8], hex| -> Value {
        let file = savefile::saved(&savefile::pcap(LinkType::RAW, &[bytes.to_vec()]));
        serde_json::from_str(&lines(file.path(), hex)[0]).unwrap()
    };
    let error = packet("generated/fragments-icmp.client.pcap", 5, false);
    let quoted = &error["icmp"]["quoted"];
    assert_eq!((&error["ip"]["src"], &quoted["ip"]["src"]), (&json!("10.9.0.2"), &json!("10.9.0.1")));
    assert_eq!((&quoted["udp"]["dstport"], &quoted["data"]["len"]), (&json!(20030), &json!(520)));
    assert_eq!((&error["udp"], &error["data"]), (&Value::Null, &Value::Null), "it is not the error's own");

    let tunnel = made(&ipv4(47, &[&[0, 0, 8, 0][..], &ipv4(6, &tcp(80, 40000, &[], b"tunnelled"))].concat()), true);
    assert_eq!(tunnel["outer"][0]["ip"]["proto"], 47);
    assert_eq!(tunnel["ip"]["proto"], 6);
    let (len, data) = (&tunnel["data"]["len"], tunnel["data"]["data"].as_str().unwrap());
    assert_eq!(len.as_u64().unwrap() as usize * 2, data.len());
    let raw = tunnel["frame"]["raw"].as_str().unwrap();
    assert!(raw.len() as u64 == 2 * tunnel["frame"]["cap_len"].as_u64().unwrap() && raw.contains(data));

    // The parts of a field that a type decides.
    let advertisement = made(&ipv6(58, &[&[136, 0, 0, 0, 0x20, 0, 0, 0][..], &address6(0xfe80, 1)].concat()), false);
    assert_eq!(advertisement["icmpv6"]["nd.na.flag"]["o"], true, "{advertisement}");

    // What a header that is no transport carries, as long as it was on the wire.
    let echo = made(&ipv4(1, &[&[8, 0, 0, 0, 0, 1, 0, 1][..], &[b'x'; 64]].concat()), false);
    assert_eq!(echo["data"]["len"], 64);
    let cut = packet("generated/snaplen96.client.pcap", 8, false);
    assert!(cut["data"]["len"].as_u64() > Some(96), "{cut}");
}

#[test]
fn the_demonstration_is_the_document_it_says_it_is() {
    let output = Command::new(env!("CARGO_BIN_EXE_layerscope"))
        .args(["demo", "--format", "json", "--port", "0", "--network", "private"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(check(&document, &demo::demo(), ""), [""; 0]);
}

fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}", complaints[..complaints.len().min(20)].join("\n"));
}

/// What of these objects does not fit a schema, or would harm a terminal.
fn complaints(source: &str, objects: &[String], schema: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        let place = format!("{source} object {number}");
        match serde_json::from_str::<Unique>(object) {
            Ok(Unique(value)) => complaints.extend(check(&value, schema, &place)),
            Err(error) => complaints.push(format!("{place}: {error}")),
        }
        if object.chars().any(|character| character.is_control() && character != '\n') {
            complaints.push(format!("{place}: a control character came through"));
        }
    }
    complaints
}

/// The beginning of a capture as NDJSON.
fn lines(path: &Path, hex: bool) -> Vec<String> {
    let read_text = |bytes: &[u8]| text::utf8_or_hex(bytes);
    let style = Style { color: false, ascii: true, width: 120, language: Language::En };
    let mut writer = JsonRows::new(View { style, absolute: false, read_text: &read_text }, hex);
    let process = Process { pid: 1, name: "\u{1b}[31m\"".to_owned(), user: "a".to_owned(), others: 0 };
    let processes = Processes { source: Some(process.into()), destination: None };
    let (mut tracker, mut out) = (Tracker::new(Limits::default()), Vec::new());
    let Ok(mut file) = CaptureFile::open(path) else { return Vec::new() };
    for _ in 0..PACKETS {
        let Ok(Some(frame)) = file.next_frame() else { break };
        let packet = headers(&frame);
        let seen = tracker.observe(&frame, &packet);
        let named = Names { source: Some("a.example"), destination: None };
        let is_even = frame.number % 2 == 0;
        let known = Known {
            processes: is_even.then_some(&processes),
            names: is_even.then_some(named),
            interface: is_even.then_some("\u{1b}[31m\""),
        };
        let row = Row { frame, packet: &packet, seen, origin: frame.time, previous: None, known };
        writer.write(&row, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

fn merge(value: &mut Value, change: Value) {
    match (value, change) {
        (Value::Object(map), Value::Object(change)) => {
            for (key, change) in change {
                merge(map.entry(key).or_insert(Value::Null), change);
            }
        }
        (value, change) => *value = change,
    }
}
