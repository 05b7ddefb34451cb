//! Which interface a packet came from: on `any` for real, and in savefiles that name interfaces or do not.

use std::path::Path;
use std::process::{Command, Output};

use layerscope::model::LinkType;

use crate::run::{binary, layerscope, public_folder, stdout, tshark, without_root};
use crate::support::savefile::{IF_NAME, Order, Pcapng, pcap, saved};

/// Sends a datagram over the loopback, one over a pair of interfaces, and one over a pair that was not there before.
const SEND: &str = r#"
import socket, subprocess
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.sendto(b"loopback", ("127.0.0.1", 9))
s.sendto(b"pair", ("192.0.2.255", 9))
for command in ["link add late0 type veth peer name late1", "address add 198.51.100.1/24 dev late0",
                "link set late1 up", "link set late0 up"]:
    subprocess.run(["ip", *command.split()], check=True)
s.sendto(b"late", ("198.51.100.255", 9))
"#;

/// What they were, in their order: a broadcast leaves one end of a pair and comes to the other.
const EXPECTED: [(&str, &str); 5] =
    [("lo", "loopback"), ("v0", "pair"), ("v1", "pair"), ("late0", "late"), ("late1", "late")];

/// Captures on `any` in a network of its own that has `lo`, `v0` and `v1`, while these are sent.
fn captured(options: &str, columns: &str) -> Output {
    let script = format!(
        "ip link set lo up && ip link add v0 type veth peer name v1 && ip address add 192.0.2.1/24 dev v0 && \
         ip link set v1 up && ip link set v0 up && \
         COLUMNS={columns} exec {} capture -i any {options} udp port 9 -- python3 -c '{SEND}'",
        binary().display()
    );
    let output = Command::new("unshare").args(["-n", "sh", "-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn rows(options: &str, columns: &str) -> Vec<String> {
    let shown = String::from_utf8(captured(options, columns).stdout).unwrap();
    shown.lines().filter(|line| EXPECTED.iter().any(|(_, payload)| line.contains(payload))).map(str::to_owned).collect()
}

#[test]
fn every_row_of_any_names_its_interface() {
    if without_root("a network with interfaces") {
        return;
    }
    let cell = |row: &str, separator: char, at: usize| {
        row.split(separator).filter(|cell| !cell.is_empty()).nth(at).unwrap().to_owned()
    };
    let table: Vec<String> = rows("", "200").iter().map(|row| cell(row, ' ', 2)).collect();
    assert_eq!(table, EXPECTED.map(|(name, _)| name));
    let csv: Vec<String> = rows("--format csv", "80").iter().map(|row| cell(row, ',', 2)).collect();
    assert_eq!(csv, EXPECTED.map(|(name, _)| name));
    let json = rows("--format json", "80");
    for (row, (name, _)) in json.iter().zip(EXPECTED) {
        assert!(row.contains(&format!("\"interface_name\":\"{name}\"")), "{row}");
    }
    assert_eq!(json.len(), EXPECTED.len());
    // What a datagram holds stands in no plain row.
    let plain = String::from_utf8(captured("--format plain", "80").stdout).unwrap();
    assert!(plain.lines().map(|row| row.rsplit(' ').next().unwrap()).eq(EXPECTED.map(|(name, _)| format!("{name}]"))));
}

#[test]
fn the_table_of_any_keeps_the_interface_where_there_is_little_room() {
    if without_root("a network with interfaces") {
        return;
    }
    for columns in ["120", "80"] {
        let rows = rows("", columns);
        for (row, (name, _)) in rows.iter().zip(EXPECTED) {
            assert!(row.split_whitespace().any(|cell| cell == name), "{columns}: {rows:?}");
        }
    }
}

#[test]
fn a_savefile_of_any_describes_each_interface() {
    if without_root("a network with interfaces") {
        return;
    }
    let folder = public_folder();
    let file = folder.path().join("any.pcapng");
    captured(&format!("-w {}", file.display()), "80");
    let fields = |file: &Path| tshark(file, &["frame.interface_name", "data.text", "sll.ifindex"]);
    let names: Vec<String> = fields(&file).into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(names, EXPECTED.map(|(name, _)| name));
    assert_eq!(named(&file), EXPECTED.map(|(name, _)| name), "as shown by read");
    // Who copies it keeps the names, and so does every file of a ring.
    let copy = folder.path().join("copy.pcapng");
    stdout(layerscope(["read", "-w"]).args([&copy, &file]));
    assert_eq!(named(&copy), EXPECTED.map(|(name, _)| name));
    let ring = folder.path().join("ring.pcapng");
    captured(&format!("-w {} --rotate-size 1", ring.display()), "80");
    let mut files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.to_string_lossy().contains("ring_"));
    files.sort();
    let names: Vec<String> = files.iter().flat_map(|file| named(file)).collect();
    assert_eq!(names, EXPECTED.map(|(name, _)| name));
    assert_eq!(files.len(), EXPECTED.len());
}

#[test]
fn in_a_private_network_the_names_are_those_of_that_network() {
    if without_root("making interfaces in a private network") {
        return;
    }
    // They get numbers that other interfaces have outside.
    let script = "ip link add odd0 type veth peer name odd1 && ip address add 192.0.2.1/24 dev odd0 && \
                  ip link set odd1 up && ip link set odd0 up && python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.sendto(b\"private\", (\"192.0.2.255\", 9))'";
    let options = ["--network", "private", "-i", "any", "--format", "csv", "--columns", "interface", "udp port 9"];
    let csv = stdout(layerscope(["capture"]).args(options).args(["--", "sh", "-c", script]));
    assert_eq!(csv, "interface\nodd0\nodd1\n");
}

/// The names that `read` has for the packets' interfaces.
fn named(file: &Path) -> Vec<String> {
    let csv = stdout(layerscope(["read", "--format", "csv", "--columns", "interface"]).arg(file));
    csv.lines().skip(1).map(str::to_owned).collect()
}

/// A cooked frame (LINKTYPE_LINUX_SLL2) that came in from the interface with this index: a UDP datagram without data.
fn cooked(index: u32) -> Vec<u8> {
    let ip = [0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
    let udp = [0, 9, 0, 9, 0, 8, 0, 0];
    let header = [&[8, 0, 0, 0][..], &index.to_be_bytes(), &[0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]].concat();
    [&header[..], &ip, &udp].concat()
}

#[test]
fn an_index_is_no_name() {
    let mut cut = cooked(8);
    cut.truncate(6);
    let file = saved(&pcap(LinkType::LINUX_SLL2, &[cooked(7), cooked(0), cut]));
    assert_eq!(named(file.path()), ["ifindex 7", "ifindex 0", "0"]);
    let plain = stdout(layerscope(["read", "--format", "plain"]).arg(file.path()));
    let ends = ["[on ifindex 7]", "[on ifindex 0]"];
    assert!(plain.lines().zip(ends).all(|(row, end)| row.ends_with(end)), "{plain}");
    let json = stdout(layerscope(["read", "--format", "json"]).arg(file.path()));
    assert!(!json.contains("interface_name") && json.contains("\"ifindex\":7"), "{json}");
    let said =
        crate::run::complaint(layerscope(["inspect", "--field", "frame.interface_name"]).arg(file.path()).arg("1"), 1);
    assert!(said.contains("the capture does not say"), "{said}");
    // As dumpcap and tcpdump write them: that they were captured on `any` is no interface's name either.
    let any = Pcapng::default()
        .section(Order::Little, &[])
        .interface(LinkType::LINUX_SLL2, 0, &[(IF_NAME, b"any")])
        .packet(0, 1, 48, &cooked(7), &[]);
    let file = saved(&any.bytes);
    assert_eq!(named(file.path()), ["ifindex 7"]);
}

/// Two sections with named interfaces, the names of some of which are hostile or missing.
fn sections() -> Vec<u8> {
    let frame: Vec<u8> = (0..60).collect();
    let ethernet = LinkType::ETHERNET;
    Pcapng::default()
        .section(Order::Little, &[])
        .interface(ethernet, 0, &[(IF_NAME, b"eth0")])
        .interface(ethernet, 0, &[])
        .packet(1, 1, 60, &frame, &[])
        .packet(0, 2, 60, &frame, &[])
        .interface(ethernet, 0, &[(IF_NAME, b"=1+1")])
        .packet(2, 3, 60, &frame, &[])
        .section(Order::Big, &[])
        .interface(ethernet, 0, &[(IF_NAME, b"\x1b[31mwlan0")])
        .packet(0, 4, 60, &frame, &[])
        .bytes
}

#[test]
fn names_stand_wherever_packets_are_told_of() {
    let (first, second) = (saved(&sections()), saved(&sections()));
    let expected = ["1", "eth0", "'=1+1", "\\x1b[31mwlan0"];
    assert_eq!(named(first.path()), expected);
    let files = [first.path(), second.path()];
    let both = |options: &[&str]| {
        let csv = stdout(layerscope(["read", "--format", "csv", "--columns", "interface"]).args(options).args(files));
        csv.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    // Interfaces are counted through all files: five of them come before the second one without a name.
    assert_eq!(both(&[]), ["1", "eth0", "'=1+1", "\\x1b[31mwlan0", "5", "eth0", "'=1+1", "\\x1b[31mwlan0"]);
    let merged = both(&["--merge"]);
    for (at, name) in [(2, "eth0"), (3, "eth0"), (4, "'=1+1"), (7, "\\x1b[31mwlan0")] {
        assert_eq!(merged[at], name, "{merged:?}");
    }
    let json = stdout(layerscope(["read", "--format", "json"]).arg(first.path()));
    let names = ["\"interface_id\":1,\"layers\"", "\"interface_name\":\"eth0\"", "\"=1+1\"", "wlan0"];
    assert!(json.lines().zip(names).all(|(line, name)| line.contains(name) && !line.contains('\x1b')), "{json}");
    let field =
        |number: &str| stdout(layerscope(["inspect", "--field", "frame.interface_name"]).arg(first.path()).arg(number));
    assert_eq!([field("2"), field("4")], ["eth0\n", "\\x1b[31mwlan0\n"]);
}

#[test]
fn many_interfaces_keep_their_names_across_threads() {
    let frame: Vec<u8> = (0..60).collect();
    let mut file = Pcapng::default().section(Order::Little, &[]);
    for number in 0..20_000_u32 {
        let name = format!("if-{}", number / 2);
        if number % 2 == 0 {
            file = file.interface(LinkType::ETHERNET, 0, &[(IF_NAME, name.as_bytes())]);
        }
        file = file.packet(number / 2, number.into(), 60, &frame, &[]);
    }
    let file = saved(&file.bytes);
    for (name, number) in named(file.path()).iter().zip(0..) {
        assert_eq!(*name, format!("if-{}", number / 2));
    }
}
