//! `follow` from outside, held to tshark where it puts together the same.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::cli_connections::{DEMO, generated, objects};
use crate::run::{layerscope, stdout};

#[test]
fn a_followed_stream_holds_the_bytes_that_tshark_puts_together() {
    for name in [
        "loss-fast-retransmit.server.pcap",
        "loss-many.client.pcap",
        "reorder.server.pcap",
        "network-dup.server.pcap",
        "zero-window.server.pcap",
        "basic-v6.client.pcap",
        "half-close.client.pcap",
    ] {
        let file = generated(name);
        let followed =
            Command::new("tshark").args(["-n", "-q", "-z", "follow,tcp,raw,0", "-r", &file]).output().unwrap();
        let text = String::from_utf8(followed.stdout).unwrap();
        let (mut client, mut server) = (String::new(), String::new());
        for line in text.lines().skip_while(|line| !line.starts_with("Node 1")).skip(1) {
            match line.strip_prefix('\t') {
                Some(line) => server.push_str(line),
                None if !line.starts_with('=') => client.push_str(line),
                None => {}
            }
        }
        for (side, expected) in [("client", client), ("server", server)] {
            let output = layerscope(["follow", &file, "-s", "0", "--side", side, "--as", "raw"]).output().unwrap();
            let said = if expected.is_empty() { "layerscope: this side sent no bytes\n" } else { "" };
            assert!(output.status.success() && output.stderr == said.as_bytes(), "{name} {side}");
            let found: String = output.stdout.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(found == expected, "{name} {side}: {} hex digits, tshark has {}", found.len(), expected.len());
        }
    }
}

#[test]
fn gaps_are_shown_as_gaps() {
    let cut = stdout(&mut layerscope(["follow", &generated("snaplen96.client.pcap"), "-s", "0", "--ascii"]));
    assert!(cut.contains("bytes from byte ") && cut.contains(" on are missing]"), "{cut:.500}");
    let pieces = objects(&["follow", &generated("snaplen96.client.pcap"), "-s", "0", "--format", "json"]);
    let mut next = BTreeMap::new();
    for piece in &pieces {
        let (from, offset, len) = (piece["from"].as_str().unwrap(), &piece["offset"], piece["len"].as_u64().unwrap());
        let expected = next.entry(from.to_owned()).or_insert(0);
        assert_eq!(offset.as_u64(), Some(*expected), "every byte once, in order");
        *expected += len;
    }
}

/// A datagram in four fragments, of which the first alone has ports; tshark puts 5120 bytes together, and so is done here.
#[test]
fn what_later_fragments_hold_is_followed() {
    let file = generated("fragments-icmp.client.pcap");
    let output = layerscope(["follow", &file, "-s", "udp:0", "--as", "raw"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.stdout.len(), &*said), (5120, ""));
    let pieces = objects(&["follow", &file, "-s", "udp:0", "--format", "json"]);
    let told = |piece: &Value| (piece["kind"].as_str().unwrap().to_owned(), piece["len"].as_u64().unwrap());
    let expected = [1472, 1480, 1480, 688].map(|len| ("bytes".to_owned(), len));
    assert_eq!(pieces.iter().map(told).collect::<Vec<_>>(), expected);
    let explained = stdout(&mut layerscope(["timeline", &file, "-s", "udp:0", "--explain"]));
    assert!(explained.contains("first fragment of 5120 B: 1472 B"), "{explained}");
    assert!(explained.contains("sends a datagram of 5120 bytes"), "{explained}");
    assert!(explained.contains("last fragment 4440..5128 of UDP: 688 B"), "{explained}");
    assert!(explained.contains("sends 688 bytes more of what began in an earlier packet"), "{explained}");
    let flow = &objects(&["flows", &file, "--format", "json"])[0];
    assert_eq!((&flow["from_client"]["payload"], &flow["from_client"]["missed_bytes"]), (&5120.into(), &0.into()));
}

#[test]
fn raw_bytes_are_the_bytes() {
    let raw =
        |side: &str| layerscope(["follow", DEMO, "-s", "0", "--side", side, "--as", "raw"]).output().unwrap().stdout;
    assert_eq!((raw("client"), raw("server")), (b"helloexit".to_vec(), b"HELLOexit".to_vec()));
}
