//! `layerscope interfaces`: what is there, and whether this user may capture on it.

use std::process::Command;

use crate::run::{as_nobody, binary, is_root, layerscope, stdout, without_root};

/// The cells of the row that begins with a name.
fn row(text: &str, name: &str) -> Vec<String> {
    let line = text.lines().find(|line| line.split_whitespace().next() == Some(name));
    line.unwrap_or_else(|| panic!("no {name} in\n{text}"))
        .split("  ")
        .map(|cell| cell.trim().to_owned())
        .filter(|cell| !cell.is_empty())
        .collect()
}

#[test]
fn the_loopback_is_listed_with_its_address_and_the_right_to_it() {
    let text = stdout(&mut layerscope(["interfaces"]));
    let lo = row(&text, "lo");
    assert!(lo[3].contains("up") && lo[3].contains("loopback"), "{text}");
    assert!(lo[4].contains("127.0.0.1"), "{text}");
    if is_root() {
        // Where there is nothing else, it is the one that is captured on.
        assert!(["yes", "yes, default"].contains(&lo[1].as_str()), "{text}");
        assert_eq!(lo[2], "ETHERNET", "{text}");
        assert_eq!(row(&text, "any")[1..3], ["yes", "LINUX_SLL2"], "{text}");
    }
}

#[test]
fn one_interface_is_the_default_and_that_is_the_loopback_only_where_it_is_alone() {
    if without_root("networks of one's own") {
        return;
    }
    // Its other end stays down, and has no address.
    let card = "ip link add v0 type veth peer name v1; ip link set v0 up; ip address add 192.0.2.1/24 dev v0;";
    let other = "ip link add w0 type veth peer name w1; ip link set w0 up; ip route add default dev w0;";
    for (set_up, default) in [
        (String::new(), "lo"),
        ("ip link add v0 type veth peer name v1;".to_owned(), "lo"),
        (card.to_owned(), "v0"),
        (format!("{card} {other}"), "w0"),
    ] {
        let script = format!("ip link set lo up; {set_up} exec {} interfaces", binary().display());
        let text = stdout(Command::new("unshare").args(["-n", "sh", "-c", &script]));
        assert_eq!(row(&text, default)[1], "yes, default", "{text}");
        assert_eq!(text.matches("default").count(), 1, "{text}");
    }
}

#[test]
fn without_the_right_the_ways_to_it_are_named() {
    let output = as_nobody(["interfaces"]).output().unwrap();
    let (text, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(row(&text, "lo")[1..3], ["no: permission", "–"], "{text}");
    for part in ["CAP_NET_RAW", "sudo ", "setcap cap_net_raw=ep", "--network private"] {
        assert!(said.contains(part), "{part} is missing in\n{said}");
    }
}

#[test]
fn where_there_is_little_room_words_wrap_and_none_is_cut() {
    let wide = stdout(layerscope(["interfaces"]).env("COLUMNS", "300"));
    for (args, columns) in [(&["interfaces"][..], 60), (&["interfaces"], 80), (&["demo", "--list"], 60)] {
        let text = stdout(layerscope(args).env("COLUMNS", columns.to_string()));
        assert!(text.lines().all(|line| line.chars().count() <= columns), "{text}");
        assert!(!text.contains('…'), "{text}");
        if args[0] == "interfaces" {
            let addresses = wide.lines().skip(2).flat_map(|line| line.rsplit("  ").next().unwrap().split(' '));
            let words: Vec<&str> = text.split_whitespace().collect();
            addresses.for_each(|word| assert!(words.contains(&word), "{word} is missing in\n{text}"));
        }
    }
}
