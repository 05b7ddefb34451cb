//! The scenarios that are played between hosts of their own, for real and without privilege.

use std::path::Path;

use serde_json::Value;

use crate::run::{as_nobody, complaint, layerscope, public_folder, stdout, tshark};

/// For each what its saved file must show: display filters of Wireshark, and how many packets pass.
pub(crate) const FACTS: &[(&str, &[(&str, usize)])] = &[
    (
        "two-hosts",
        &[
            (
                "frame.number == 1 && arp.opcode == 1 && eth.dst == ff:ff:ff:ff:ff:ff && arp.dst.proto_ipv4 == 192.0.2.2",
                1,
            ),
            ("frame.number == 2 && arp.opcode == 2 && arp.src.hw_mac == 02:00:00:00:00:02", 1),
            ("tcp && eth.src == 02:00:00:00:00:01 && ip.src == 192.0.2.1 && ip.dst == 192.0.2.2", 6),
            ("tcp && eth.src == 02:00:00:00:00:02 && ip.src == 192.0.2.2 && ip.dst == 192.0.2.1", 5),
            ("!arp && !tcp", 0),
        ],
    ),
    (
        "hops",
        &[
            ("tcp && ip.src == 192.0.2.1 && eth.dst == 02:00:00:00:00:11 && ip.ttl == 64", 12),
            ("tcp && ip.src == 192.0.2.1 && eth.src == 02:00:00:00:00:12 && ip.ttl == 63", 12),
            ("frame.interface_name == \"server\" && tcp.payload == 68:65:6c:6c:6f && ip.checksum.status == 1", 1),
            ("arp.opcode == 1 && arp.dst.proto_ipv4 == 192.0.2.254", 1),
        ],
    ),
    (
        "udp-loss",
        &[
            ("frame.interface_name == \"router-left\" && udp", 3),
            ("frame.interface_name == \"server\" && udp", 2),
            ("frame.interface_name == \"server\" && udp.payload == 74:77:6f", 0),
        ],
    ),
    ("udp-reorder", &[("frame.interface_name == \"server\" && udp", 3), ("udp && udp.checksum != 0", 12)]),
];

/// A run as a document, which must add up.
fn played(options: &[&str]) -> Value {
    let text = stdout(as_nobody(["demo", "--format", "json"]).args(options));
    let demo: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(demo["ledger"]["balanced"], true, "{options:?}: {}", demo["ledger"]);
    demo
}

/// How many packets of a file have one of these values in a field, in tshark's eyes.
fn count(file: &Path, field: &str, values: &[&str]) -> usize {
    let mut command = std::process::Command::new("tshark");
    command.args(["-n", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-T", "fields", "-e", field]);
    let text = stdout(command.arg("-r").arg(file));
    text.lines().filter(|line| values.contains(line)).count()
}

#[test]
fn the_echo_is_played_between_two_hosts_too() {
    for (options, packets) in [(&["--tcp"][..], 17), (&["--udp"], 6), (&[], 21), (&["-6"], 21), (&["--port", "0"], 21)]
    {
        let demo = played(&[&["--network", "pair"], options].concat());
        assert_eq!(demo["ledger"]["captured"], packets, "{options:?}");
    }
}

#[test]
fn between_two_hosts_every_checksum_is_filled_in() {
    let folder = public_folder();
    let file = folder.path().join("two.pcapng");
    stdout(as_nobody(["demo", "--network", "pair", "-w"]).arg(&file));
    assert_eq!(count(&file, "tcp.checksum.status", &["1"]), 15);
    assert_eq!(count(&file, "udp.checksum.status", &["1"]), 4);
    let names = tshark(&file, &["frame.interface_name"]);
    assert!(names.iter().all(|row| row[0] == "client"), "{names:?}");
}

#[test]
fn what_a_neighbor_asks_stands_before_the_handshake_and_is_explained() {
    let demo = played(&["two-hosts"]);
    let explained = |place: usize| &demo["packets"][place]["lesson"]["explanation"];
    assert_eq!(explained(0)["key"], "neighbor_request");
    assert_eq!(explained(0)["values"]["to"], "192.0.2.2");
    assert_eq!(explained(1)["key"], "neighbor_reply");
    assert_eq!(explained(1)["values"]["mac"], "02:00:00:00:00:02");
    // The call behind them is connect().
    let call = demo["packets"][0]["lesson"]["call"].as_u64().unwrap();
    assert_eq!(demo["calls"][usize::try_from(call).unwrap()]["name"], "connect");
}

#[test]
fn a_canonical_run_between_two_hosts_is_the_same_every_time() {
    let run = || stdout(&mut as_nobody(["demo", "--network", "pair", "--canonical", "--show", "table"]));
    assert_eq!(run(), run());
}

#[test]
fn a_network_that_a_scenario_is_not_played_in_is_refused() {
    let said = complaint(&mut layerscope(["demo", "self-connect", "--network", "pair"]), 2);
    assert!(said.contains("self-connect is not played with --network pair") && said.contains("echo"), "{said}");
    let said = complaint(&mut layerscope(["demo", "two-hosts", "--network", "private"]), 2);
    assert!(said.contains("more than one host") && said.contains("--network pair"), "{said}");
    let said = complaint(&mut layerscope(["demo", "two-hosts", "--network", "host"]), 2);
    assert!(said.contains("more than one host"), "{said}");
}

#[test]
fn a_lost_datagram_is_seen_before_the_router_and_not_behind_it() {
    let demo = played(&["udp-loss"]);
    let journeys = demo["journeys"].as_array().unwrap();
    let lost: Vec<&Value> = journeys.iter().filter(|journey| journey["lost"] == true).collect();
    assert_eq!(lost.len(), 1, "{journeys:?}");
    let places: Vec<&Value> = lost[0]["sightings"].as_array().unwrap().iter().map(|seen| &seen["interface"]).collect();
    assert_eq!(places, ["client", "router-left"]);
    assert_eq!(demo["ledger"]["lost_on_the_way"], 1);
}

#[test]
fn a_datagram_that_is_overtaken_is_received_last_in_a_canonical_run_too() {
    for options in [&["udp-reorder"][..], &["udp-reorder", "--canonical"]] {
        let demo = played(options);
        let at = |place: usize, interface: &str| {
            let seen = demo["journeys"][place]["sightings"].as_array().unwrap();
            let it = seen.iter().find(|seen| seen["interface"] == interface).unwrap();
            it["time_epoch"].as_str().unwrap().to_owned()
        };
        assert!(at(1, "router-left") < at(2, "router-left"), "{options:?}");
        assert!(at(1, "server") > at(2, "server"), "{options:?}");
        let received: Vec<&str> = (demo["calls"].as_array().unwrap().iter())
            .filter(|call| call["name"] == "recvfrom")
            .map(|call| call["result"].as_str().unwrap().split('"').nth(1).unwrap())
            .collect();
        assert_eq!(received, ["one", "six", "two"]);
    }
}

#[test]
fn a_router_changes_the_frame_and_the_ttl_alone() {
    let demo = played(&["hops"]);
    for journey in demo["journeys"].as_array().unwrap() {
        let seen = journey["sightings"].as_array().unwrap();
        let ttls: Vec<u64> = seen.iter().map(|it| it["ttl"].as_u64().unwrap()).collect();
        assert!(ttls == [64, 64, 63, 63] || ttls == [63, 63, 64, 64], "{journey}");
        assert_ne!((&seen[0]["eth_src"], &seen[0]["eth_dst"]), (&seen[3]["eth_src"], &seen[3]["eth_dst"]));
    }
}
