//! `layerscope capture --resolve` for real, with a name server that is quick, slow, hostile or not there.
#![expect(clippy::disallowed_methods, reason = "how late a row is, a clock tells")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use serde_json::Value;

use crate::run::{binary, complaint, layerscope, public_folder, without_root};

/// A name server on 127.0.0.1 that says on standard error what it was asked, and traffic from 127.0.0.2 to `to`.
/// 127.0.0.3 is called so at once, 127.0.0.4 after five seconds, 127.0.0.6 what would steer a terminal, 127.0.0.7
/// nothing, and of 127.0.0.8 the server does not know.
const PROGRAM: &str = r#"
import socket, struct, sys, threading, time
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 53))
NAMES = {1: b'\x06server\x04test\0', 2: b'\x06sender\x04test\0', 3: b'\x05quick\x04test\0', 4: b'\x04slow\x04test\0',
         6: b'\x0b\x1b]0;own\x07 \r\n\0'}
def answer(message, peer, host):
    time.sleep(5 if host == 4 else 0)
    code = {7: 3, 8: 2}.get(host, 0)
    data = NAMES.get(host)
    records = b'' if code else b'\xc0\x0c' + struct.pack('>HHIH', 12, 1, 60, len(data)) + data
    server.sendto(message[:2] + struct.pack('>HHHHH', 0x8180 | code, 1, 0 if code else 1, 0, 0) + message[12:] + records, peer)
def serve():
    while True:
        message, peer = server.recvfrom(512)
        host = int(message[13:13 + message[12]])
        print('asked for', host, file=sys.stderr, flush=True)
        threading.Thread(target=answer, args=(message, peer, host), daemon=True).start()
if 'serve' in sys.argv: threading.Thread(target=serve, daemon=True).start()
for round in range(int(sys.argv[1])):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind(('127.0.0.2', 0))
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    for to in sys.argv[3:]:
        sender.sendto(b'x', (to, 9))
    time.sleep(0.1)
"#;

/// The capture of a network with that name server.
fn captured(options: &str, rounds: u32, server: &str, to: &str) -> Child {
    let folder = public_folder().keep();
    std::fs::write(folder.join("resolv.conf"), "nameserver 127.0.0.1\n").unwrap();
    std::fs::write(folder.join("hosts"), "127.0.0.9 listed.test\n").unwrap();
    std::fs::write(folder.join("program.py"), PROGRAM).unwrap();
    let (binary, folder) = (binary().display(), folder.display());
    let script = format!(
        "ip link set lo up && mount -t tmpfs none /mnt && cp -a /etc/. /mnt && \
         cp --remove-destination {folder}/resolv.conf {folder}/hosts /mnt && mount --move /mnt /etc && \
         rm -r {folder} && exec {binary} capture -i lo --resolve {options} -- python3 -c \"$PROGRAM\" {rounds} {server} {to}"
    );
    let mut command = Command::new("unshare");
    command.args(["-nm", "sh", "-c", &script]).env("PROGRAM", PROGRAM).env_remove("SUDO_UID").env("COLUMNS", "200");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What it showed and what it said.
fn told(child: Child) -> (String, String) {
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    (String::from_utf8(output.stdout).unwrap(), said)
}

#[test]
fn names_appear_when_they_are_known_and_no_row_waits_for_them() {
    if without_root("a network with a name server") {
        return;
    }
    let mut child = captured("--format json", 62, "serve", "127.0.0.3 127.0.0.4 127.0.0.7 127.0.0.8 127.0.0.9");
    let (mut packets, mut late): (Vec<Value>, _) = (Vec::new(), Vec::new());
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let packet: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let captured: f64 = packet["frame"]["time_epoch"].as_str().unwrap().parse().unwrap();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
        late.push(now - captured);
        packets.push(packet);
    }
    late.sort_by(f64::total_cmp);
    assert!(late[late.len() / 2] < 0.05, "{:?}", &late[late.len() / 2..]);
    let (_, said) = told(child);
    let names = |host: u8| {
        let address = format!("127.0.0.{host}");
        let to_host =
            packets.iter().filter(move |packet| packet["ip"]["dst"] == *address && packet["udp"]["dstport"] == 9);
        to_host.map(|packet| packet["names"]["dst"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    for (host, name) in [(3, "quick.test"), (4, "slow.test"), (9, "listed.test")] {
        let said = names(host);
        assert_eq!(said.last().unwrap().as_deref(), Some(name), "{host}");
        assert!(said.iter().flatten().all(|said| said == name), "{host}: {said:?}");
    }
    assert_eq!(names(9)[0].as_deref(), Some("listed.test"), "/etc/hosts is known from the beginning");
    assert!(names(4)[..20].iter().all(Option::is_none), "a name that came before its answer");
    for host in [7, 8] {
        assert!(names(host).iter().all(Option::is_none), "{host}");
    }
    // Each address is asked for once, what is slow or not known once more; the questions' own packets ask for nothing
    // but the server.
    let mut asked: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("asked for ")).collect();
    asked.sort_unstable();
    assert_eq!(asked, ["1", "2", "3", "4", "4", "7", "8", "8"], "{said}");
}

#[test]
fn a_name_is_a_host_name_or_none() {
    if without_root("a network with a name server") {
        return;
    }
    for options in
        ["--format plain", "--format table", "--format csv", "--connections", "--columns number,src-name,dst-name"]
    {
        let options = format!("{options} udp port 9");
        let (shown, _) = told(captured(&options, 8, "serve", "127.0.0.6 127.0.0.3 127.255.255.255"));
        assert!(shown.contains("sender.test"), "{options}: {shown}");
        assert!(!shown.contains("0;own") && !shown.contains('\x1b'), "{options}: {shown:?}");
    }
}

#[test]
fn every_shape_shows_names_its_way() {
    if without_root("a network with a name server") {
        return;
    }
    let last = |options: &str| {
        let (shown, _) = told(captured(&format!("{options} udp port 9"), 8, "serve", "127.0.0.3"));
        shown.lines().last().unwrap().to_owned()
    };
    let plain = last("--format plain");
    assert!(plain.contains(" sender.test:") && plain.contains(" > quick.test:9 UDP"), "{plain}");
    let table = last("");
    assert!(table.contains("sender.test → quick.test"), "{table}");
    let chosen = last("--columns src,src-name,dst,dst-name");
    let cells: BTreeSet<&str> = chosen.split_whitespace().collect();
    assert_eq!(cells, ["127.0.0.2", "sender.test", "127.0.0.3", "quick.test"].into(), "{chosen}");
    let csv = last("--format csv");
    assert!(
        csv.contains(",127.0.0.2,") && csv.contains(",sender.test,quick.test,"),
        "names stand beside addresses: {csv}"
    );
}

#[test]
fn connections_are_named_too() {
    if without_root("a network with a name server") {
        return;
    }
    // Every round is another conversation; the first asks for the names.
    let (shown, _) = told(captured("--connections udp port 9", 8, "serve", "127.0.0.3 127.0.0.7"));
    assert!(shown.contains("UDP sender.test:") && shown.contains(" → quick.test:9  begins"), "{shown}");
    assert!(shown.contains(" → 127.0.0.7:9  begins"), "{shown}");
    let (shown, said) = told(captured("--format plain", 3, "silent", "127.0.0.3"));
    assert!(shown.contains("127.0.0.3:9") && !said.contains("asked"), "nobody listens there: {shown}\n{said}");
}

#[test]
fn where_there_is_nothing_to_name_that_is_said() {
    let said = complaint(&mut layerscope(["capture", "-i", "lo", "--resolve", "-w", "x.pcapng"]), 2);
    assert!(said.contains("--resolve") && said.contains("--print"), "{said}");
    let said = complaint(&mut layerscope(["capture", "-i", "lo", "--resolve", "--columns", "number,src"]), 2);
    assert!(said.contains("--resolve") && said.contains("src-name"), "{said}");
}
