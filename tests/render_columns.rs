//! The columns of rows: that their lists hold together, and what `--columns` and `--sort` make of them in every format.

use std::collections::BTreeSet;

use layerscope::render::grid::{Column, Tabular, find};
use layerscope::render::{EventRow, Flow, HandshakeRow, InterfaceRow, PieceRow, StatsRow};
use serde_json::Value;

use crate::cli_connections::{DEMO, generated, objects};
use crate::run::{complaint, layerscope, stdout};

/// Every name means one column, what is shown where nobody chooses is there, and every column says what it is.
fn holds_together<T: Tabular>() {
    let columns = T::columns();
    let keys: BTreeSet<&str> = columns.iter().map(Column::key).collect();
    assert_eq!(keys.len(), columns.len(), "{keys:?}");
    for key in &keys {
        let nested = format!("{key}.");
        // An end is an object itself, whose members go by their own keys as well.
        let of_end = ["addr", "port"].map(|member| nested.clone() + member);
        let clashes = |other: &&str| other.starts_with(&nested) && !of_end.iter().any(|member| member == other);
        assert!(!keys.iter().any(clashes), "{key} is a value and an object");
    }
    for name in T::TABLE.iter().chain(T::CSV) {
        assert!(keys.contains(name), "{name}");
    }
    for column in &columns {
        assert!(!column.doc().is_empty(), "{}", column.key());
        for once in column.once_called() {
            assert_eq!(find(&columns, once).map(Column::key), Some(column.key()), "{once}");
        }
        assert!(!column.is_prose() || !T::CSV.contains(&column.key()), "{} is prose", column.key());
    }
}

#[test]
fn every_list_of_columns_holds_together() {
    holds_together::<Flow<'_>>();
    holds_together::<HandshakeRow<'_>>();
    holds_together::<InterfaceRow>();
    holds_together::<StatsRow>();
    holds_together::<EventRow<'_>>();
    holds_together::<PieceRow>();
}

#[test]
fn chosen_columns_are_the_same_in_every_format() {
    let chosen = ["flows", DEMO, "--columns", "server,from_client.packets,stream"];
    let text = stdout(layerscope(chosen).env("COLUMNS", "20"));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("server          pkts →  stream"), "{text}");
    assert_eq!(lines.nth(1), Some("127.0.0.1:8888       8       0"), "{text}");
    let csv = stdout(layerscope(chosen).args(["--format", "csv"]));
    assert_eq!(csv, "server.addr,server.port,from_client.packets,stream\n127.0.0.1,8888,8,0\n127.0.0.1,8888,2,0\n");
    let json = stdout(layerscope(chosen).args(["--format", "json"]));
    let first = r#"{"schema":2,"server":{"addr":"127.0.0.1","port":8888},"from_client":{"packets":8},"stream":0}"#;
    assert_eq!(json.lines().next(), Some(first));
}

#[test]
fn what_a_column_was_called_before_names_it_everywhere() {
    let by = |columns: &str| objects(&["handshakes", DEMO, "--format", "json", "--columns", columns]);
    assert_eq!(
        by("client_mss,server_window_scale,frames"),
        by("offered.0.mss,offered.1.window_scale,verdict.opening.frames")
    );
    assert_eq!(by("client_mss")[0]["offered"][0]["mss"], 65495);
    assert_eq!(by("verdict.opening,verdict.ending"), by("verdict.opening.key,verdict.ending.key"));
}

#[test]
fn programs_are_told_keys_and_people_words() {
    for verb in ["flows", "handshakes"] {
        let words = stdout(&mut layerscope([verb, DEMO, "--columns", "verdict"]));
        assert!(words.contains(if verb == "flows" { "closed by the client, four-way" } else { "complete" }), "{words}");
        for format in ["csv", "json"] {
            let said = complaint(&mut layerscope([verb, DEMO, "--columns", "stream,verdict", "--format", format]), 2);
            assert!(said.contains("the column verdict.words is words for people"), "{said}");
        }
    }
    let told = stdout(&mut layerscope(["flows", DEMO, "--columns", "verdict.ending.key,verdict.ending.by"]));
    assert!(told.contains("closed by the client, four-way") && told.contains("client"), "{told}");
}

#[test]
fn rows_are_sorted_by_any_column() {
    let file = generated("loss-many.client.pcap");
    let numbers = |key: &str| -> Vec<u64> {
        let lines = objects(&["flows", &file, "--format", "json", "--columns", "from_server.bytes", "--sort", key]);
        lines.iter().map(|line| line["from_server"]["bytes"].as_u64().unwrap()).collect()
    };
    assert!(numbers("from_server.bytes").is_sorted_by(|a, b| a >= b));
    assert_eq!(numbers("server_bytes"), numbers("from_server.bytes"));
    // What is missing comes last, amounts from the largest, moments from the earliest.
    let sorted = objects(&["flows", DEMO, "--format", "json", "--sort", "from_client.rtt_ns.max"]);
    assert!(sorted.last().unwrap()["from_client"]["rtt_ns"].is_null());
    let starts = |key: &str| -> Vec<Value> {
        let lines = objects(&["handshakes", &file, "--format", "json", "--sort", key]);
        lines.into_iter().map(|mut line| line["syn"].take()).collect()
    };
    assert_eq!(starts("syn"), starts("start"));
}

#[test]
fn an_unknown_column_is_answered_with_the_nearest() {
    for (verb, option, name, near) in [
        ("flows", "--columns", "from_client.packts", "from_client.packets"),
        ("flows", "--sort", "retransmision", "retransmissions"),
        ("handshakes", "--columns", "stream,total", "total_ns"),
        ("handshakes", "--sort", "syn_to_synack", "syn_to_syn_ack_ns"),
        ("stats", "--columns", "kind,sent_byte", "sent_bytes"),
        ("stats", "--sort", "packts", "packets"),
        ("timeline", "--columns", "packet.flag", "packet.flags"),
        ("interfaces", "--columns", "name,adresses", "addresses"),
        ("interfaces", "--sort", "nam", "name"),
        ("read", "--columns", "numbr", "number"),
    ] {
        let file = (verb != "interfaces").then_some(DEMO);
        let said = complaint(layerscope([verb]).args(file).args([option, name]), 2);
        assert!(said.contains(&format!("a similar value exists: '{near}'")), "{said}");
    }
}

#[test]
fn facts_are_of_the_kinds_that_have_all_columns() {
    let kinds = |columns: &str| -> BTreeSet<String> {
        let columns = format!("kind,{columns}");
        let facts = objects(&["stats", DEMO, "--format", "json", "--columns", &columns]);
        facts.iter().map(|fact| fact["kind"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds("packets").len(), 5);
    assert_eq!(kinds("received_bytes,name"), ["endpoint".to_owned()].into());
    assert_eq!(kinds("service"), ["port".to_owned()].into());
    let chosen = ["stats", DEMO, "--columns", "bytes,endpoint,sent_bytes"];
    let text = stdout(&mut layerscope(chosen));
    let cells = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(cells(text.lines().next().unwrap()), ["bytes", "endpoint", "sent"], "{text}");
    let csv = stdout(layerscope(chosen).args(["--format", "csv"]));
    assert_eq!(csv.lines().count(), text.lines().count() - 1, "{csv}");
    assert_eq!(cells(text.lines().nth(2).unwrap()).join(","), csv.lines().nth(1).unwrap());
    let said = complaint(&mut layerscope(["stats", DEMO, "--columns", "start,sent_bytes"]), 2);
    assert!(said.contains("no kind of fact has all of these columns"), "{said}");
}

#[test]
fn hosts_and_ports_are_sorted_before_the_first_are_taken() {
    let file = generated("loss-many.client.pcap");
    let sent = |options: &[&str]| -> Vec<u64> {
        let args = [&["stats", &file, "--format", "json", "--columns", "sent_bytes"], options].concat();
        objects(&args).iter().map(|fact| fact["sent_bytes"].as_u64().unwrap()).collect()
    };
    let all = sent(&["--sort", "sent_bytes"]);
    assert!(all.len() > 1 && all.is_sorted_by(|a, b| a >= b), "{all:?}");
    assert_eq!(sent(&["--sort", "sent_bytes", "--top", "1"]), all[..1]);
    let said = complaint(&mut layerscope(["stats", &file, "--sort", "start"]), 2);
    assert!(said.contains("neither endpoints nor ports have the column start"), "{said}");
}

#[test]
fn interfaces_have_columns_too() {
    let chosen = ["interfaces", "--columns", "addresses,name", "--sort", "name"];
    let json = objects(&[&chosen[..], &["--format", "json"]].concat());
    assert!(json.iter().all(|row| row.as_object().unwrap().len() == 3), "{json:?}");
    let names: Vec<&str> = json.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.contains(&"lo"), "{names:?}");
    assert!(stdout(layerscope(chosen).args(["--format", "csv"])).starts_with("addresses,name\n"));
    let text = stdout(&mut layerscope(chosen));
    assert!(text.lines().next().unwrap().split_whitespace().eq(["addresses", "name"]), "{text}");
    let said = complaint(&mut layerscope(["interfaces", "--columns", "capture", "--format", "csv"]), 2);
    assert!(said.contains("the column capture is words for people"), "{said}");
}

#[test]
fn events_have_columns_too() {
    let chosen = ["timeline", DEMO, "--stream", "0", "--columns", "frame,flags,call,packet.len", "--format"];
    let csv = stdout(layerscope(chosen).arg("csv"));
    assert!(csv.starts_with("frame,packet.flags,call.notation,packet.len\n"), "{csv}");
    assert!(csv.contains("\n1,SYN,,0\n"), "{csv}");
    let json = objects(&[&chosen[..], &["json"]].concat());
    assert_eq!(json.len(), csv.lines().count() - 1);
    let first = json.iter().find(|event| event["frame"] == 1).unwrap();
    assert_eq!(first.to_string(), r#"{"frame":1,"packet":{"flags":"SYN","len":0},"schema":2}"#);
    let call = json.iter().find(|event| event["call"].is_object()).unwrap();
    assert!(call["call"]["notation"].is_string() && call.get("packet").is_none(), "{call}");
    for format in ["text", "svg", "mermaid"] {
        let said = complaint(layerscope(chosen).arg(format), 2);
        assert!(said.contains("--columns is for --format json and csv"), "{said}");
    }
}
