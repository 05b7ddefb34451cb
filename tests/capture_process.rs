//! `layerscope capture --process` for real: programs of several users that talk to each other, and what cannot be known.
#![expect(clippy::disallowed_methods, reason = "how late a row is, a clock tells")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::run::{as_nobody, binary, complaint, layerscope, public_folder, status, stdout, tshark, without_root};
use crate::running::{Running, Traffic, next_row, usual_rows_are_not_late};

/// The packets of a Python program, on a port that was free. What is sent with `soon` is sent again and again for half a
/// second: on a busy machine the finder may be late for the first ones.
fn captured(program: &str) -> Vec<Value> {
    let mut command = layerscope(["capture", "-i", "lo", "--process", "--format", "json"]);
    let (filter, program) = complete(program);
    command.arg(filter).args(["--", "python3", "-c", &program]);
    stdout(&mut command).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The filter for a program's packets, and the program with what it takes for granted.
fn complete(program: &str) -> (String, String) {
    let port = Traffic::new().port();
    let before = "import socket, os, time, ctypes\ndef soon(send):\n    for _ in range(10):\n        send()\n        \
                  time.sleep(0.05)\ndef udp(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
                  def udp6(): return socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)";
    (format!("port {port}"), format!("{before}\nport = {port}\n{program}"))
}

/// Whether what is said of an end is that at last, and never anything else.
fn settles(
    packets: &[Value],
    end: impl Fn(&Value) -> Option<(String, String)>,
    as_expected: &Option<(String, String)>,
) -> bool {
    let said: Vec<_> = packets.iter().map(end).collect();
    said.last() == Some(as_expected) && said.iter().all(|it| it.is_none() || it == as_expected)
}

/// What stands behind an end of a packet: name and user.
fn who(packet: &Value, end: &str) -> Option<(String, String)> {
    let process = packet["process"][end].as_object()?;
    let word = |key: &str| process[key].as_str().unwrap().to_owned();
    Some((word("name"), word("user")))
}

fn named(name: &str, user: &str) -> Option<(String, String)> {
    Some((name.to_owned(), user.to_owned()))
}

/// netcat as daemon listens, netcat as bin talks to it.
fn two_users(port: u16) -> String {
    format!(
        "setpriv --reuid 1 --regid 1 --clear-groups nc -l -s 127.0.0.1 -p {port} >/dev/null &
         until ss -Hltn 'sport = :{port}' | grep -q LISTEN; do :; done
         (for i in 1 2 3 4 5; do echo hello; sleep 0.1; done) | setpriv --reuid 2 --regid 2 --clear-groups nc -q0 127.0.0.1 {port}; wait"
    )
}

#[test]
fn both_ends_of_a_connection_have_their_programs_and_users() {
    if without_root("programs of two users") {
        return;
    }
    let (folder, port) = (public_folder(), Traffic::new().port());
    let file = folder.path().join("both.pcapng");
    let mut command = layerscope(["capture", "-i", "lo", "--process", "--format", "json", "--print", "-w"]);
    command.arg(&file).arg(format!("tcp port {port}")).args(["--", "sh", "-c", &two_users(port)]);
    let shown = stdout(&mut command);
    let packets: Vec<Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(packets.len() > 5, "{shown}");
    let from_client = |packet: &Value| packet["tcp"]["dstport"] == json!(port);
    let client = |packet: &Value| who(packet, if from_client(packet) { "src" } else { "dst" });
    let server = |packet: &Value| who(packet, if from_client(packet) { "dst" } else { "src" });
    assert!(settles(&packets, client, &named("nc", "bin")), "{shown}");
    assert!(settles(&packets, server, &named("nc", "daemon")), "{shown}");
    // The savefile has each once, and the packets from there on are shown with both.
    let comments: Vec<String> = tshark(&file, &["frame.comment"]).concat();
    assert!(matches!(comments.iter().filter(|comment| !comment.is_empty()).count(), 1 | 2), "{comments:?}");
    let read = stdout(layerscope(["read", "--format", "json"]).arg(&file));
    let again: Vec<Value> = read.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(again.last().unwrap()["process"], packets.last().unwrap()["process"]);
    let table = stdout(layerscope(["read", "--columns", "number,process"]).arg(&file));
    assert!(table.lines().last().unwrap().contains("] bin") && table.contains("] daemon → nc["), "{table}");
}

#[test]
fn every_file_of_a_ring_names_the_processes() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let (folder, traffic) = (public_folder(), Traffic::new());
    let file = folder.path().join("ring.pcapng");
    let mut command = layerscope(["capture", "-i", "lo", "--process", &traffic.filter(), "--rotate-size", "10kB"]);
    let running = Running::start(command.arg("-w").arg(&file));
    traffic.send(300);
    assert_eq!(running.interrupt().0, Some(0));
    let mut files = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let comments: Vec<String> = tshark(&file.unwrap().path(), &["frame.comment"]).concat();
        assert!(comments[0].contains(&format!("pid {}", std::process::id())), "{comments:?}");
        assert!(comments[1..].iter().all(String::is_empty), "{comments:?}");
        files += 1;
    }
    assert!(files > 2, "{files}");
}

#[test]
fn the_finder_keeps_the_right_to_look_and_nothing_else() {
    if without_root("giving up root") {
        return;
    }
    let running = Running::start(&mut layerscope(["capture", "-i", "lo", "--process", "port 9"]));
    let children = format!("/proc/{0}/task/{0}/children", running.child.id());
    let finder: u32 = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
    let name = std::fs::read_to_string(format!("/proc/{finder}/cmdline")).unwrap();
    assert!(name.contains("find-processes"), "{name}");
    let names = ["Uid", "Groups", "CapEff", "CapPrm", "CapInh", "CapAmb", "NoNewPrivs", "Seccomp"];
    // CAP_DAC_READ_SEARCH is 2, CAP_SYS_PTRACE is 19.
    let (kept, none) = ("0000000000080004", "0000000000000000");
    let expected = [
        format!("CapAmb: {none}"),
        format!("CapEff: {kept}"),
        format!("CapInh: {none}"),
        format!("CapPrm: {kept}"),
        "Groups:".to_owned(),
        "NoNewPrivs: 1".to_owned(),
        "Seccomp: 2".to_owned(),
        "Uid: 65534 65534 65534 65534".to_owned(),
    ];
    assert_eq!(status(finder, &names), expected);
    // The capture itself is as confined as ever, and the finder ends with it.
    let capture = status(running.child.id(), &["CapEff", "Seccomp"]);
    assert_eq!(capture, [format!("CapEff: {none}"), "Seccomp: 2".to_owned()]);
    assert_eq!(running.interrupt().0, Some(0));
    let since = Instant::now();
    while Path::new(&format!("/proc/{finder}/exe")).read_link().is_ok() {
        assert!(since.elapsed() < Duration::from_secs(10), "the finder is left over");
    }
}

#[test]
fn who_is_not_root_sees_their_own_programs_and_no_others() {
    if without_root("handing on a single capability") {
        return;
    }
    let traffic = Traffic::new();
    let program = format!(
        "exec 3<>/dev/udp/127.0.0.1/{}; for i in {{1..20}}; do echo mine >&3; sleep 0.05; done 2>/dev/null; read",
        traffic.port()
    );
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps", "-all,+net_raw"]);
    command.args(["--ambient-caps", "-all,+net_raw", "--bounding-set", "-all,+net_raw"]).arg(binary());
    command.args([
        "capture",
        "-i",
        "lo",
        "--process",
        "--format",
        "json",
        "-c",
        "15",
        "--duration",
        "20s",
        &traffic.filter(),
    ]);
    let running = Running::start(&mut command);
    let mut mine = Command::new("setpriv");
    mine.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "bash", "-c", &program]);
    let mut mine = mine.stdin(Stdio::piped()).spawn().unwrap();
    let (code, shown, said) = running.end();
    drop(mine.stdin.take());
    mine.wait().unwrap();
    assert_eq!(code, Some(0), "{said}");
    let packet: Value = serde_json::from_str(shown.lines().last().unwrap()).unwrap();
    assert_eq!(who(&packet, "src"), named("bash", "nobody"), "{shown}");
    assert_eq!(packet["process"]["src"]["pid"], json!(mine.id()), "{shown}");
    // The other end is this test's, which is root's.
    assert_eq!(packet["process"]["dst"], Value::Null, "{shown}");
}

#[test]
fn in_a_private_network_the_command_is_known() {
    let program = "import socket\na = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\na.bind(('127.0.0.1', 0))\n\
                   import time\nfor _ in range(10):\n    a.sendto(b'x', a.getsockname())\n    time.sleep(0.05)";
    let options = ["capture", "--network", "private", "--process", "--format", "plain", "udp", "--", "python3", "-c"];
    let shown = stdout(as_nobody(options).arg(program));
    assert!(shown.contains("[python3[") && shown.contains("> python3["), "{shown}");
    // What is asked for is shown even where there is little room.
    let options = ["capture", "--network", "private", "--process", "--resolve", "udp", "--", "python3", "-c"];
    let shown = stdout(as_nobody(options).arg(program).env("COLUMNS", "80"));
    let headings = shown.lines().nth(1).unwrap();
    assert!(headings.contains("process") && headings.contains("addresses"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
}

#[test]
fn a_hostile_name_stays_a_name() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let program = "ctypes.CDLL(None).prctl(15, b'\\x1b]0;x\\x07\\xff\\\"\\n\\\\[1', 0, 0, 0)\n\
                   a = udp()\na.bind(('127.0.0.1', port))\nsoon(lambda: a.sendto(b'x', a.getsockname()))";
    let packets = captured(program);
    let name = who(packets.last().unwrap(), "src").unwrap().0;
    assert_eq!(name, "\x1b]0;x\x07\u{fffd}\"\n\\[1");
    let folder = public_folder();
    let file = folder.path().join("hostile.pcapng");
    let (filter, program) = complete(program);
    for format in ["table", "plain", "json", "csv"] {
        let options = ["capture", "-i", "lo", "--process", "--format", format, "--print", &filter, "-w"];
        let shown = stdout(layerscope(options).arg(&file).args(["--", "python3", "-c", &program]));
        let read = stdout(layerscope(["read", "--format", format]).arg(&file));
        assert!(
            !matches!(format, "plain" | "json") || read.contains("x1b]0;x") || read.contains("u001b]0;x"),
            "{read}"
        );
        for text in [shown, read] {
            assert!(!text.contains(|it: char| it.is_control() && it != '\n'), "{text:?}");
        }
    }
    let events = ["capture", "-i", "lo", "--process", "--connections", &filter, "--", "python3", "-c", &program];
    let shown = stdout(&mut layerscope(events));
    assert!(shown.contains("begins  [") && !shown.contains('\x1b'), "{shown:?}");
}

#[test]
fn a_socket_that_is_gone_has_no_owner() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let port = Traffic::new().port();
    let options = ["capture", "-i", "lo", "-c", "1", "--process", "--format", "json", &format!("udp port {port}")];
    let running = Running::start(&mut layerscope(options));
    // It looks when the socket is closed, however quick it is.
    running.signal("-STOP");
    std::net::UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"x", ("127.0.0.1", port)).unwrap();
    running.signal("-CONT");
    let (_, shown, said) = running.end();
    let packet: Value = serde_json::from_str(&shown).unwrap_or_else(|_| panic!("{shown}{said}"));
    assert_eq!(packet["process"], json!({"src": null, "dst": null}));
}

#[test]
fn sockets_for_both_families_and_unconnected_ones_are_found() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let receive = "a = udp6()\na.bind(('::', port))\n";
    let listen = "l = socket.create_server(('', port), family=socket.AF_INET6, dualstack_ipv6=True)\n";
    for program in [
        &format!("{receive}b = udp()\nsoon(lambda: b.sendto(b'x', ('127.0.0.1', port)))"),
        &format!(
            "{receive}b = udp()\nb.sendto(b'x', ('127.0.0.1', port))\n_, peer = a.recvfrom(9)\nsoon(lambda: a.sendto(b'y', peer))"
        ),
        &format!("{receive}b = udp6()\nsoon(lambda: b.sendto(b'x', ('::1', port)))"),
        &format!(
            "{listen}b = socket.create_connection(('127.0.0.1', port))\nc, _ = l.accept()\nsoon(lambda: b.send(b'x'))"
        ),
        &format!("{listen}b = socket.create_connection(('::1', port))\nc, _ = l.accept()\nsoon(lambda: b.send(b'x'))"),
    ] {
        let packets = captured(program);
        for end in ["src", "dst"] {
            assert!(settles(&packets, |packet| who(packet, end), &named("python3", "root")), "{packets:?}");
        }
    }
}

#[test]
fn connections_between_addresses_of_a_link_have_their_programs() {
    if without_root("a network with interfaces") {
        return;
    }
    let (filter, program) = complete(
        "to = ('fe80::1', port, 0, socket.if_nametoindex('v0'))\nl = socket.socket(socket.AF_INET6)\nl.bind(to)\n\
         l.listen()\nc = socket.socket(socket.AF_INET6)\nc.connect(to)\ns, _ = l.accept()\nsoon(lambda: c.send(b'x'))",
    );
    let script = format!(
        "ip link set lo up && ip link add v0 type veth peer name v1 && ip address add fe80::1/64 dev v0 nodad && \
         ip link set v0 up && ip link set v1 up && \
         exec {} capture -i lo --process --format json {filter} -- python3 -c \"$PROGRAM\"",
        binary().display()
    );
    let shown = stdout(Command::new("unshare").args(["-n", "sh", "-c", &script]).env("PROGRAM", program));
    let packets: Vec<Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ends = |packet: &Value| ["src", "dst"].map(|end| who(packet, end));
    let both = [named("python3", "root"), named("python3", "root")];
    assert!(packets.iter().any(|packet| ends(packet) == both), "{shown}");
}

#[test]
fn of_two_processes_that_could_be_meant_none_is_named() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    // Each has a socket of its own on the port, and the kernel hands packets to either.
    let bind = "s = udp()\ns.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\ns.bind(('127.0.0.1', port))\n";
    let apart = format!(
        "bound, done = os.pipe()\nchild = os.fork()\n{bind}if child == 0:\n    os.write(done, b'!')\n    time.sleep(10)\n\
         os.read(bound, 1)\nc = udp()\nsoon(lambda: c.sendto(b'x', ('127.0.0.1', port)))\nos.kill(child, 9)"
    );
    let packets = captured(&apart);
    assert!(packets.iter().all(|packet| packet["process"]["dst"].is_null()), "{packets:?}");
    assert!(settles(&packets, |packet| who(packet, "src"), &named("python3", "root")), "{packets:?}");
    // Two processes that share one socket are told together.
    let shared = format!(
        "{bind}child = os.fork()\nif child == 0:\n    time.sleep(10)\n\
         soon(lambda: s.sendto(b'x', s.getsockname()))\nos.kill(child, 9)"
    );
    let packets = captured(&shared);
    assert_eq!(packets.last().unwrap()["process"]["dst"]["others"], json!(1), "{packets:?}");
}

#[test]
fn whoever_accepts_a_connection_has_it_then() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    // The parent listens, and so does its child, which accepts when the parent has said all it has to say.
    let program = "l = socket.create_server(('127.0.0.1', port))\nready, go = os.pipe()\nif os.fork() == 0:\n    \
                   os.read(ready, 1)\n    c, _ = l.accept()\n    soon(lambda: c.send(b'late'))\n    c.recv(99)\n    os._exit(0)\n\
                   c = socket.create_connection(('127.0.0.1', port))\nsoon(lambda: c.send(b'x'))\nl.close()\n\
                   os.write(go, b'!')\nwhile c.recv(9): pass";
    let packets = captured(program);
    let said = |text: &str| packets.iter().rfind(|packet| packet["data"]["text"] == json!(text)).unwrap();
    let (asked, answered) = (&said("x")["process"], &said("late")["process"]);
    let parent = &asked["src"]["pid"];
    assert_eq!(asked["dst"]["others"], json!(1), "{asked}");
    assert_eq!((&answered["dst"]["pid"], &answered["src"]["others"]), (parent, &json!(0)), "{answered}");
    assert_ne!(&answered["src"]["pid"], parent, "{answered}");
}

#[test]
fn a_row_with_processes_is_not_late() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let traffic = Traffic::new();
    let options = ["capture", "-i", "lo", "--process", "--format", "plain", &traffic.filter()];
    let mut running = Running::start(&mut layerscope(options));
    let mut rows = BufReader::new(running.child.stdout.take().unwrap());
    usual_rows_are_not_late(|| {
        // A new socket each time, which must be looked for.
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(b"x", traffic.address()).unwrap();
        let port = socket.local_addr().unwrap().port();
        let mut line = String::new();
        rows.read_line(&mut line).unwrap();
        assert!(line.contains(&format!(":{port} > ")), "{line}");
    });
    // Without the finder rows go on; that is said, and what was asked for was not done.
    let children = format!("/proc/{0}/task/{0}/children", running.child.id());
    let finder = std::fs::read_to_string(children).unwrap();
    assert!(Command::new("kill").args(["-KILL", finder.trim()]).status().unwrap().success());
    traffic.send(1);
    next_row(&mut rows, "len 13");
    running.child.stdout = Some(rows.into_inner());
    let (code, _, said) = running.interrupt();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the search for processes ended"), "{said}");
}

#[test]
fn where_nothing_would_show_processes_that_is_said() {
    for options in [&["-q"][..], &["-w", "x.pcap"]] {
        let said = complaint(layerscope(["capture", "-i", "lo", "--process"]).args(options), 2);
        assert!(said.contains(".pcapng") && said.contains("--print"), "{said}");
    }
    let said = complaint(&mut layerscope(["capture", "-i", "lo", "--process", "--columns", "number"]), 2);
    assert!(said.contains("src-process"), "{said}");
    let said = complaint(&mut layerscope(["find-processes"]), 2);
    assert!(said.contains("capture --process"), "{said}");
}
