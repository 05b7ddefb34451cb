//! How a lesson is told: what is lost is drawn lost, each reason is given once, and what a scenario is about stays on the
//! screen.

use std::collections::HashSet;

use serde_json::Value;

use crate::run::{as_nobody, layerscope, public_folder, stdout};

#[test]
fn a_lost_segment_is_drawn_lost_wherever_it_is_drawn() {
    let folder = public_folder();
    let file = folder.path().join("lost.pcapng");
    let ascii = stdout(as_nobody(["demo", "retransmit", "--show", "timeline", "--ascii", "-w"]).arg(&file));
    let crosses =
        |text: &str, cross: &str| text.lines().filter(|line| line.contains("seq=1") && line.contains(cross)).count();
    assert_eq!(crosses(&ascii, "--x"), 1, "{ascii}");
    let drawn = |format: &str| stdout(layerscope(["timeline", "-s", "0", "--format", format]).arg(&file));
    assert_eq!(crosses(&drawn("text"), "─✗"), 1);
    assert_eq!(crosses(&drawn("mermaid"), "C-xS: "), 1);
    let svg = drawn("svg");
    assert_eq!((svg.matches("class=\"lost\"").count(), svg.matches("<polygon").count()), (1, 9), "{svg}");
    let coloured = stdout(layerscope(["timeline", "-s", "0", "--color", "always"]).arg(&file));
    let red: Vec<&str> = coloured.lines().filter(|line| line.contains("\x1b[1;31m")).collect();
    assert!(red.len() == 1 && red[0].contains('✗'), "{red:?}");
}

/// The first two clients fill the queue of listen(1); the third one's SYN is ignored until accept() makes room.
#[test]
fn a_syn_that_a_full_queue_ignores_is_drawn_lost() {
    let document = document("backlog");
    let packets = document["packets"].as_array().unwrap();
    let lost = |packet: &&Value| !packet["lesson"]["explanation"]["lost"].is_null();
    let lost: Vec<&Value> = packets.iter().filter(lost).collect();
    assert!(lost.iter().all(|packet| packet["lesson"]["explanation"]["lost"] == "queue_full"), "{lost:?}");
    assert!(lost.len() == 1 && lost[0]["tcp"]["stream"] == 2 && lost[0]["tcp"]["flags"]["syn"] == true, "{lost:?}");
}

/// A capture that shows a segment twice and no acknowledgment between does not say whether it was lost.
#[test]
fn what_no_call_proves_lost_is_not_drawn_lost() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/generated/syn-loss.client.pcap");
    let text = stdout(&mut layerscope(["timeline", "-s", "0", "--explain", file]));
    assert!(text.contains("sent again as packet") && !text.contains('✗') && !text.contains("It is lost"), "{text}");
}

fn document(scenario: &str) -> Value {
    serde_json::from_str(&stdout(as_nobody(["demo"]).args(scenario.split(' ')).args(["--format", "json"]))).unwrap()
}

#[test]
fn each_reason_is_given_once_in_a_run() {
    for scenario in ["echo", "many-clients", "port-in-use", "nagle"] {
        let document = document(scenario);
        let list = |key: &str| document[key].as_array().unwrap().clone();
        let mut reasons: Vec<Value> = list("calls").into_iter().map(|call| call["why"].clone()).collect();
        reasons.extend(list("packets").into_iter().map(|packet| packet["lesson"]["why"].clone()));
        let reasons: Vec<String> = reasons
            .iter()
            .flat_map(|why| why.as_array().unwrap())
            .map(|why| why.as_str().unwrap().to_owned())
            .collect();
        let different: HashSet<&String> = reasons.iter().collect();
        assert!(reasons.len() > 8 && different.len() == reasons.len(), "{scenario}: {reasons:?}");
    }
}

/// Of a capture of strangers nobody knows the calls: it is no lesson.
#[test]
fn a_capture_without_calls_gives_no_reasons() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/generated/basic-v4.client.pcap");
    let text = stdout(&mut layerscope(["timeline", "-s", "0", "--explain", file]));
    assert!(text.contains("the third handshake") && !text.contains("Two messages would not do"), "{text}");
}

#[test]
fn psh_is_explained_once_a_conversation() {
    let text = stdout(&mut as_nobody(["demo", "many-clients", "--show", "timeline", "--explain"]));
    assert_eq!(text.matches("PSH asks").count(), 3, "{text}");
}

#[test]
fn a_socket_connected_to_itself_opens_no_window() {
    let text = stdout(&mut as_nobody(["demo", "self-connect", "--show", "timeline"]));
    assert!(!text.contains("window update"), "{text}");
}

#[test]
fn what_a_scenario_is_about_stays_on_the_screen() {
    let table =
        |name: &str, columns: &str| stdout(as_nobody(["demo", name, "--show", "table"]).env("COLUMNS", columns));
    for columns in ["80", "100", "120"] {
        for (name, headings) in [("buffers", &["win", "marks", "len"][..]), ("big-segments", &["marks", "len"])] {
            let text = table(name, columns);
            let heading = text.lines().find(|line| line.trim_start().starts_with('#')).unwrap();
            let words: Vec<&str> = heading.split_whitespace().collect();
            assert!(headings.iter().all(|it| words.contains(it)), "{name} at {columns}: {heading}");
        }
        assert!(table("refused", columns).contains("ICMP 127.0.0.1"), "{columns}");
    }
}

/// Escape sequences take no room; what is coloured is as wide as what is not.
#[test]
fn colour_makes_no_line_wider() {
    for (name, columns) in [("reset", 60), ("reset", 80), ("retransmit", 80), ("backlog", 80), ("big-segments", 40)] {
        let mut command = as_nobody(["demo", name, "--explain", "--show", "timeline", "--color", "always"]);
        let text = stdout(command.env("COLUMNS", columns.to_string()));
        for line in text.lines() {
            let mut plain = String::new();
            for (place, part) in line.split("\x1b[").enumerate() {
                plain.push_str(if place == 0 { part } else { part.split_once('m').unwrap().1 });
            }
            assert!(layerscope::render::text::width(&plain) <= columns, "{name} at {columns}: {plain:?}");
        }
    }
}
