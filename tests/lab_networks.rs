//! The scenarios that are played between hosts of their own, for real and without privilege.

use std::path::Path;

use serde_json::Value;

use crate::run::{as_nobody, complaint, layerscope, public_folder, status, stdout, tshark, without_root};

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
            ("frame.interface_name == \"server\" && tcp.payload == 68:65:6c:6c:6f", 1),
            ("arp.opcode == 1 && arp.dst.proto_ipv4 == 192.0.2.254", 1),
        ],
    ),
    (
        "ping",
        &[
            ("frame.interface_name == \"client\" && icmp.type == 8 && icmp.ident == 77 && ip.ttl == 64", 3),
            ("frame.interface_name == \"client\" && icmp.type == 0 && icmp.ident == 77 && ip.ttl == 63", 3),
            ("frame.interface_name == \"server\" && icmp.type == 0 && icmp.seq == 3", 1),
            ("tcp || udp", 0),
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
    (
        "checksum",
        &[
            ("frame.interface_name == \"client\" && tcp.payload == 77:72:6f:6e:67", 2),
            ("frame.interface_name == \"server\" && tcp.payload == 77:72:6f:6e:66", 1),
            ("frame.interface_name == \"server\" && udp.payload == 77:72:6f:6e:66", 1),
            ("frame.interface_name == \"client\" && udp.payload == 77:72:6f:6e:67", 1),
            ("udp.checksum == 0", 0),
        ],
    ),
    (
        "firewall",
        &[
            ("frame.interface_name == \"client\" && tcp.dstport == 8889 && tcp.flags == 0x002", 3),
            (
                "frame.interface_name == \"server\" && (tcp.dstport == 8889 || tcp.dstport == 8890 || tcp.dstport == 8891)",
                0,
            ),
            ("frame.interface_name == \"client\" && icmp.type == 3 && icmp.code == 13 && ip.src == 192.0.2.254", 1),
            ("frame.interface_name == \"client\" && tcp.flags.reset == 1 && tcp.srcport == 8891 && tcp.ack == 1", 1),
        ],
    ),
    (
        "reordering",
        &[
            ("frame.interface_name == \"client\" && tcp.len == 4", 3),
            ("frame.interface_name == \"client\" && tcp.srcport == 8888 && tcp.options.sack_le && tcp.len == 0", 1),
        ],
    ),
    (
        "congestion",
        &[
            ("frame.interface_name == \"server\" && tcp.len == 1448", 100),
            ("frame.interface_name == \"client\" && tcp.len == 1448", 101),
        ],
    ),
    (
        "dead-peer",
        &[
            ("frame.interface_name == \"client\" && tcp.flags.reset == 1", 1),
            ("frame.interface_name == \"server\" && tcp.payload == 68:65:6c:6c:6f", 1),
            ("tcp.flags.fin == 1 && ip.src == 198.51.100.2", 0),
        ],
    ),
    (
        "name",
        &[
            ("dns.flags.response == 0 && dns.qry.name == \"echo.example\" && udp.dstport == 53", 1),
            ("dns.flags.response == 1 && dns.a == 192.0.2.2 && dns.resp.ttl == 60", 1),
            ("tcp.flags == 0x002 && ip.dst == 192.0.2.2", 1),
        ],
    ),
];

/// Those with so much under way at once that the order of what is seen together differs from run to run: what they tell is the
/// same all the same.
pub(crate) const IN_FLIGHT: [&str; 1] = ["congestion"];

/// A line of the table of places without its times and the room that they take; `None` for any other line.
pub(crate) fn without_times(line: &str) -> Option<String> {
    let without = |cell: &str| match cell.split_once('/') {
        Some((time, ttl)) if time.contains('.') && time.parse::<f64>().is_ok() => format!("t/{ttl}"),
        _ => cell.to_owned(),
    };
    let cells: Vec<String> = line.split_whitespace().map(without).collect();
    let is_row = cells.iter().any(|cell| cell.starts_with("t/"));
    let is_heading = line.contains("router-left") && line.starts_with('#');
    if line.starts_with('─') {
        return Some("─".to_owned());
    }
    (is_row || is_heading).then(|| cells.join(" "))
}

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
fn the_echo_is_played_over_a_router_too() {
    for (options, packets) in [(&[][..], 21), (&["-6"], 21)] {
        let demo = played(&[&["--network", "routed"], options].concat());
        assert_eq!(demo["ledger"]["captured"], packets, "{options:?}");
        let ways = demo["journeys"].as_array().unwrap();
        assert_eq!(ways.len(), 19);
        assert!(ways.iter().all(|way| way["sightings"].as_array().unwrap().len() == 4), "{ways:?}");
    }
}

/// Who plays between hosts of their own needs its rights to the end of the play, and none behind it.
#[test]
fn root_is_given_up_before_what_was_captured_between_hosts_is_decoded() {
    if without_root("giving up root") {
        return;
    }
    let mut command = layerscope(["demo", "--network", "pair"]);
    for number in 0..100 {
        command.args(["--message", &format!("message {number}")]);
    }
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdout.take().unwrap();
    std::io::Read::read_exact(&mut pipe, &mut [0; 1]).unwrap();
    let told = status(child.id(), &["Uid", "CapEff", "CapPrm", "NoNewPrivs", "Seccomp"]);
    assert!(told.contains(&"Uid: 65534 65534 65534 65534".to_owned()), "{told:?}");
    assert!(told.contains(&"CapEff: 0000000000000000".to_owned()), "{told:?}");
    assert!(told.contains(&"CapPrm: 0000000000000000".to_owned()), "{told:?}");
    assert!(told.contains(&"NoNewPrivs: 1".to_owned()) && told.contains(&"Seccomp: 2".to_owned()), "{told:?}");
    drop(pipe);
    child.wait().unwrap();
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

#[test]
fn slow_start_doubles_and_one_loss_is_repaired_without_a_time_out() {
    let demo = played(&["congestion"]);
    let flights = &demo["measured"][0]["flights"];
    assert_eq!((&flights[0], &flights[1], &flights[2]), (&10.into(), &20.into(), &40.into()), "{flights}");
    assert_eq!(demo["ledger"]["lost_on_the_way"], 1);
    let repeated: Vec<&Value> =
        demo["measured"].as_array().unwrap().iter().filter(|it| it["key"] == "repeated").collect();
    assert_eq!(repeated.len(), 1, "{repeated:?}");
    // A round trip takes 100 ms, a time-out more than 200 ms.
    let after = repeated[0]["after_ns"].as_i64().unwrap();
    assert!((100_000_000..200_000_000).contains(&after), "{after}");
}

/// How long after the first each of the packets of a run came that a filter chooses, in seconds.
fn seconds(demo: &Value, is_it: impl Fn(&Value) -> bool) -> Vec<f64> {
    let packets = demo["packets"].as_array().unwrap().iter().filter(|packet| is_it(packet));
    let times: Vec<f64> =
        packets.map(|packet| packet["frame"]["time_epoch"].as_str().unwrap().parse().unwrap()).collect();
    times.iter().map(|time| time - times[0]).collect()
}

#[test]
fn a_dropped_syn_is_sent_again_after_one_second_and_then_two_more() {
    let demo = played(&["firewall"]);
    let syns = seconds(&demo, |packet| packet["tcp"]["dstport"] == 8889);
    assert_eq!(syns.len(), 3, "{syns:?}");
    assert!((1.0..1.4).contains(&syns[1]) && (3.0..3.5).contains(&syns[2]), "{syns:?}");
    let errors: Vec<&str> =
        demo["calls"].as_array().unwrap().iter().filter_map(|call| call["error"].as_str()).collect();
    assert_eq!(errors, ["EINPROGRESS", "EHOSTUNREACH", "ECONNREFUSED"]);
}

#[test]
fn a_peer_that_vanished_is_noticed_by_who_sends_and_by_who_probes() {
    let demo = played(&["dead-peer"]);
    let errors: Vec<&str> =
        demo["calls"].as_array().unwrap().iter().filter_map(|call| call["error"].as_str()).collect();
    assert_eq!(errors, ["ETIMEDOUT", "ETIMEDOUT"]);
    let tries = seconds(&demo, |packet| packet["tcp"]["seq"] == 6 && packet["tcp"]["len"] == 5);
    let waits: Vec<f64> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // The first is a probe for a loss at the tail; from there on each wait doubles.
    assert!(waits.len() >= 2 && waits[waits.len() - 1] > 1.5 * waits[waits.len() - 2], "{tries:?}");
}

#[test]
fn the_kernel_drops_what_a_checksum_does_not_fit() {
    let folder = public_folder();
    let file = folder.path().join("sums.pcapng");
    stdout(as_nobody(["demo", "checksum", "-w"]).arg(&file));
    // Each at two places: damaged behind the router; left to the card before it, as TCP's FIN is too.
    assert_eq!(count(&file, "tcp.checksum.status", &["0"]), 6);
    assert_eq!(count(&file, "udp.checksum.status", &["0"]), 4);
    let demo = played(&["checksum"]);
    let received: Vec<&str> = (demo["calls"].as_array().unwrap().iter())
        .filter(|call| call["name"] == "recvfrom")
        .map(|call| call["result"].as_str().unwrap().split('"').nth(1).unwrap())
        .collect();
    assert_eq!(received, ["right", "after", "given"]);
    assert_eq!(demo["ledger"]["lost_on_the_way"], 2);
}

#[test]
fn a_segment_that_is_overtaken_is_not_sent_again() {
    let demo = played(&["reordering"]);
    let segments = demo["packets"].as_array().unwrap().iter().filter(|packet| packet["tcp"]["len"] == 4).count();
    assert_eq!(segments, 3);
    let received = demo["calls"].as_array().unwrap().iter().find(|call| call["name"] == "recv").unwrap();
    assert!(received["result"].as_str().unwrap().contains("one two six"), "{received}");
}

#[test]
fn an_echo_is_answered_by_its_identifier_and_number_and_has_no_port() {
    let demo = played(&["ping"]);
    let measured = demo["measured"].as_array().unwrap();
    let told: Vec<(u64, u64)> =
        measured.iter().map(|it| (it["identifier"].as_u64().unwrap(), it["sequence"].as_u64().unwrap())).collect();
    assert_eq!(told, [(77, 1), (77, 2), (77, 3)]);
    assert!(measured.iter().all(|it| it["after_ns"].as_i64().unwrap() > 0));
    assert!(demo["calls"].as_array().unwrap().iter().all(|call| call["transport"].is_null()));
    assert_eq!(demo["ledger"]["expected"], 8);
}

#[test]
fn a_canonical_run_tells_the_same_of_what_was_damaged() {
    for options in [&["checksum"][..], &["checksum", "--canonical"]] {
        let demo = played(options);
        let damaged: Vec<u64> = (demo["journeys"].as_array().unwrap().iter())
            .filter(|journey| journey["lost"] == true)
            .map(|journey| {
                assert_eq!(journey["sightings"].as_array().unwrap().len(), 4, "{options:?}: {journey}");
                assert_eq!(journey["sightings"][3]["damaged"], true, "{options:?}: {journey}");
                journey["number"].as_u64().unwrap()
            })
            .collect();
        assert_eq!(damaged, [10, 16], "{options:?}");
    }
}
