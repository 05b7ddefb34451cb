//! Decoded fields as columns of packets: they are those that taking a packet apart gives, and tshark's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use layerscope::analyse::{Limits, Tracker};
use layerscope::decode::{Protocol, dissect_as, headers, keys};
use layerscope::model::{OwnedFrame, Value as FieldValue};
use layerscope::render::{Column, CsvRows, Known, PacketWriter, Row, Style, Utf8OrHex, View, field_keys, raw_value};
use layerscope::words::Language;
use serde_json::{Value, json};

use crate::run::{layerscope, stdout};
use crate::support::{captures, frames, name, ours, over};

const STYLE: Style = Style { color: false, ascii: true, width: 100, language: Language::En };

/// The values of a line of CSV, without the mark before those that a spreadsheet would run.
fn values(line: &str) -> Vec<String> {
    let (mut values, mut rest) = (Vec::new(), line);
    loop {
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = quoted;
            while let Some((part, behind)) = rest.split_once('"') {
                value += part;
                rest = behind;
                let Some(more) = rest.strip_prefix('"') else { break };
                value.push('"');
                rest = more;
            }
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            value += &rest[..end];
            rest = &rest[end..];
        }
        values.push(value.strip_prefix('\'').map_or(value.clone(), str::to_owned));
        let Some(more) = rest.strip_prefix(',') else { return values };
        rest = more;
    }
}

/// Every value of every key of a packet, in order.
fn told(frame: &OwnedFrame, tracker: &mut Tracker, rows: &mut CsvRows<'_>) -> (String, BTreeMap<&'static str, String>) {
    let frame = frame.as_frame();
    let packet = headers(&frame);
    let seen = tracker.observe(&frame, &packet);
    let mut line = Vec::new();
    let row = Row { frame, packet: &packet, seen, origin: None, previous: None, known: Known::default() };
    rows.write(&row, &mut line).unwrap();
    let dissection = dissect_as(&frame, seen.and_then(|seen| seen.announced));
    let mut expected = BTreeMap::new();
    for field in dissection.fields() {
        let value = match field.value {
            FieldValue::Hex(number, bits) => {
                format!("0x{number:0digits$x}", digits = usize::from(bits.div_ceil(8)) * 2)
            }
            _ => raw_value(field, frame.bytes),
        };
        // Wireshark's key of the version is one for both.
        let version = Some("ip.version").filter(|_| field.key == "ipv6.version");
        for key in [field.key].into_iter().chain(version) {
            let known: &mut String = expected.entry(key).or_default();
            known.push_str(if known.is_empty() { "" } else { "," });
            known.push_str(&value);
        }
    }
    (String::from_utf8(line).unwrap(), expected)
}

#[test]
fn a_column_has_what_taking_the_packet_apart_gives() {
    let ours: Vec<_> = captures().into_iter().filter(|path| path.starts_with(ours(""))).collect();
    assert!(ours.len() > 20, "{ours:?}");
    compare(&ours);
}

#[test]
#[ignore = "slow over other projects' captures: make compare"]
fn a_column_has_what_taking_the_packet_apart_gives_in_every_capture() {
    compare(&captures());
}

/// Holds every key, as a column, to the packet taken apart.
fn compare(captures: &[PathBuf]) {
    let differences = over(captures, |path| {
        let mut tracker = Tracker::new(Limits::default());
        let mut differences = BTreeSet::new();
        // Made once: what each key stands for is looked up in the tables of all protocols.
        let view = View { style: STYLE, absolute: false, read_text: &Utf8OrHex };
        let mut rows = CsvRows::new(keys().map(Column::Field).collect(), view);
        for frame in frames(path).iter().take(100) {
            let (line, expected) = told(frame, &mut tracker, &mut rows);
            for (key, value) in keys().zip(values(line.trim_end_matches('\n'))) {
                let expected = expected.get(key).map_or("", String::as_str);
                // What goes by a header's key is the whole header, of which only parts are fields.
                let is_whole = key == "data.data" || Protocol::ALL.iter().any(|protocol| protocol.key() == key);
                if value != expected.strip_prefix('\'').unwrap_or(expected) && !is_whole {
                    differences.insert(format!("{} #{}: {key}: {value:?}, {expected:?}", name(path), frame.number));
                }
            }
        }
        differences
    });
    let differences: Vec<String> = differences.into_iter().flatten().collect();
    assert!(
        differences.is_empty(),
        "{} differences: {:#?}",
        differences.len(),
        &differences[..differences.len().min(20)]
    );
}

#[test]
fn a_column_has_the_values_that_tshark_has() {
    const KEYS: &str = "frame.number,frame.len,frame.cap_len,eth.type,ip.src,ip.dst,ip.ttl,ip.id,ip.flags.df,ip.proto,\
                        ipv6.src,ipv6.hlim,tcp.srcport,tcp.dstport,tcp.seq,tcp.seq_raw,tcp.ack,tcp.flags,tcp.flags.syn,\
                        tcp.flags.push,tcp.len,tcp.stream,tcp.window_size_value,tcp.options.mss_val,\
                        tcp.options.timestamp.tsval,udp.port,udp.stream,udp.length,dns.id,dns.qry.name,dns.flags,icmp.type";
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("SKIPPED: tshark is not installed");
        return;
    }
    for file in ["basic-v4.client", "basic-v6.client", "port-reuse.client", "linux-loopback.client", "loss-many.client"]
        .map(|file| ours(&format!("generated/{file}.pcap")))
        .into_iter()
        .chain([ours("reports/11-dns-a-aaaa.pcap")])
        .filter(|file| file.exists())
    {
        let path = file.to_str().unwrap();
        let ours = stdout(&mut layerscope(["read", path, "--format", "csv", "--columns", KEYS]));
        let mut tshark = Command::new("tshark");
        tshark.args([
            "-n",
            "-T",
            "fields",
            "-E",
            "separator=,",
            "-E",
            "quote=n",
            "-E",
            "occurrence=a",
            "-E",
            "aggregator=;",
        ]);
        tshark.args(["-o", "tcp.desegment_tcp_streams:FALSE", "-r", path]);
        KEYS.split(',').for_each(|key| {
            tshark.args(["-e", key]);
        });
        let theirs = String::from_utf8(tshark.output().unwrap().stdout).unwrap();
        assert_eq!(ours.lines().count(), theirs.lines().count() + 1, "{path}");
        for (ours, theirs) in ours.lines().skip(1).zip(theirs.lines()) {
            let ours = values(ours);
            let theirs =
                theirs.split(',').map(|value| value.replace("True", "1").replace("False", "0").replace(';', ","));
            for ((key, ours), theirs) in KEYS.split(',').zip(ours).zip(theirs) {
                // A number that acknowledges nothing is none.
                let theirs = if key == "tcp.ack" && ours.is_empty() { String::new() } else { theirs };
                assert_eq!(ours, theirs, "{path}: {key}");
            }
        }
    }
}

#[test]
fn json_has_the_chosen_columns_alone_and_nests_them() {
    let file = ours("reports/11-dns-a-aaaa.pcap");
    let read = |columns: &str, count: &str| {
        let args = ["read", file.to_str().unwrap(), "--format", "json", "-c", count, "--columns", columns];
        let text = stdout(&mut layerscope(args));
        let last = text.lines().last().unwrap().to_owned();
        serde_json::from_str::<Value>(&last).unwrap()
    };
    let object = read("number,ip.src,udp.srcport,tcp.flags,dns.qry.name", "1");
    let object_keys: Vec<&String> = object.as_object().unwrap().keys().collect();
    assert_eq!(object_keys, ["dns", "ip", "number", "schema", "tcp", "udp"]);
    assert_eq!((&object["number"], &object["tcp"]), (&json!(1), &Value::Null));
    assert!(object["dns"]["qry"]["name"].is_string() && object["ip"]["src"].is_string(), "{object}");
    assert!(object["udp"]["srcport"].is_number());
    // What JSON has of a packet under a path has it under that path where it is chosen.
    let whole: Value = serde_json::from_str(
        stdout(&mut layerscope(["read", file.to_str().unwrap(), "--format", "json", "-c", "1"]))
            .lines()
            .next()
            .unwrap(),
    )
    .unwrap();
    for path in [
        "frame.number",
        "frame.time_epoch",
        "frame.time_relative",
        "frame.len",
        "ip.flags",
        "ip.dsfield",
        "udp.stream",
        "eth.type",
        "application.protocol",
        "application.line",
    ] {
        let pointer = format!("/{}", path.replace('.', "/"));
        assert_eq!(read(path, "1").pointer(&pointer), whole.pointer(&pointer), "{path}");
    }
}

#[test]
fn a_field_that_does_not_exist_is_answered_with_the_one_that_was_meant() {
    let file = ours("reports/11-dns-a-aaaa.pcap");
    let output = layerscope(["read", file.to_str().unwrap(), "--columns", "number,tcp.flag.syn"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("'tcp.flags.syn'"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let known: BTreeSet<&str> = field_keys().collect();
    let mut names: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
    assert!(
        names.iter().all(|name| !name.contains('.') || !known.contains(name) || *name == "tcp.len"),
        "listed twice"
    );
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Column::ALL.len());
    assert!(Column::ALL.iter().all(|column| !column.doc().is_empty()));
}
