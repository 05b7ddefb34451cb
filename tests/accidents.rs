//! Accidents: inputs that can be read once, Ctrl-C amid a conversation, a ring that overflows, no memory, no threads, a port
//! that somebody has.
#![expect(
    clippy::disallowed_methods,
    reason = "how long an end takes, a clock tells; that a process stopped is polled"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use layerscope::model::LinkType;
use rustix::net::{AddressFamily, SocketType};

use super::run::{as_nobody, binary, complaint, is_root, layerscope, public_folder, tshark, without_root};
use super::running::Running;
use super::support::savefile;

/// How it ended, which must not take long.
fn ended(mut child: Child) -> Output {
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("it hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

fn run(command: &mut Command) -> Output {
    ended(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
}

const ONCE: &str = "--ladder reads the capture twice";

#[test]
fn what_can_be_read_once_is_not_read_twice() {
    let folder = public_folder();
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let file = savefile::saved(&savefile::pcap(LinkType::ETHERNET, &[]));
    let ladder = |inputs: &[&Path]| {
        let mut command = layerscope(["handshakes", "--ladder"]);
        command.args(inputs);
        command
    };
    for inputs in [&[fifo.as_path()][..], &[file.path(), &fifo], &[Path::new("/dev/zero")], &[Path::new("/dev/null")]] {
        let output = run(&mut ladder(inputs));
        assert_eq!(output.status.code(), Some(2), "{inputs:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(ONCE), "{inputs:?}");
    }
    // Nobody ever writes to these.
    for name in ["-", "/dev/stdin"] {
        let (reader, _writer) = std::io::pipe().unwrap();
        let output = run(ladder(&[Path::new(name)]).stdin(reader));
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(ONCE), "{name}");
        // A socket cannot be opened by name at all.
        let (socket, _other) = UnixStream::pair().unwrap();
        let output = run(ladder(&[Path::new(name)]).stdin(OwnedFd::from(socket)));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && (said.contains(ONCE) || said.contains("opening /dev/stdin")), "{said}");
    }
    let script = format!("exec {} handshakes --ladder <(sleep 9 2>/dev/null)", binary().display());
    let output = run(Command::new("bash").args(["-c", &script]));
    assert_eq!(output.status.code(), Some(2));
    // The same file by way of standard input can be read from its beginning once more.
    let stdin = std::fs::File::open(file.path()).unwrap();
    assert!(run(ladder(&[Path::new("/dev/stdin")]).stdin(stdin)).status.success());
}

/// Which ends of a saved conversation sent a FIN, by port.
fn fins(file: &Path) -> Vec<String> {
    let rows = tshark(file, &["tcp.flags.fin", "tcp.srcport"]);
    let mut ports: Vec<String> =
        rows.into_iter().filter(|row| ["1", "True"].contains(&row[0].as_str())).map(|mut row| row.remove(1)).collect();
    ports.sort();
    ports.dedup();
    ports
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Reads until a line has this.
fn read_until(shown: &mut impl BufRead, words: &str) -> String {
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        assert!(shown.read_line(&mut line).unwrap() > 0, "no {words:?}");
    }
    line
}

/// An echo program that captures, and what it shows.
fn talker(words: &[&str], file: &Path) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = layerscope(["echo"]);
    command.args(words).arg("--capture").arg("-w").arg(file).env("COLUMNS", "200");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let shown = BufReader::new(child.stdout.take().unwrap());
    (child, shown)
}

#[test]
fn ctrl_c_waits_for_the_segments_that_close_the_conversations() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let folder = public_folder();
    // The server ends two conversations; the peers close when it does.
    let file = folder.path().join("server.pcapng");
    let (child, mut shown) = talker(&["server", "--bind", "127.0.0.1:0"], &file);
    let addr: SocketAddr = read_until(&mut shown, "is open").split_whitespace().nth(2).unwrap().parse().unwrap();
    let mut peers: Vec<TcpStream> = (0..2).map(|_| TcpStream::connect(addr).unwrap()).collect();
    for peer in &mut peers {
        peer.write_all(b"hello\n").unwrap();
        peer.read_exact(&mut [0; 6]).unwrap();
    }
    let ports: Vec<u16> = peers.iter().map(|peer| peer.local_addr().unwrap().port()).chain([addr.port()]).collect();
    signal(&child, "-INT");
    for mut peer in peers {
        assert_eq!(peer.read(&mut [0; 10]).unwrap(), 0);
    }
    let mut rest = String::new();
    shown.read_to_string(&mut rest).unwrap();
    let output = ended(child);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let mut expected: Vec<String> = ports.iter().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(fins(&file), expected, "{rest}");
    assert!(rest.contains("close()") && rest.contains("TIME-WAIT") && !rest.contains("RST"), "{rest}");
    // The client ends its own, at its prompt and while it waits for an answer.
    for waits in [false, true] {
        let file = folder.path().join(format!("client-{waits}.pcapng"));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let (mut child, mut shown) = talker(&["client", &server.to_string()], &file);
        let (mut served, peer) = listener.accept().unwrap();
        if waits {
            child.stdin.as_mut().unwrap().write_all(b"hello\n").unwrap();
            read_until(&mut shown, "\"hello");
            served.read_exact(&mut [0; 5]).unwrap();
        } else {
            read_until(&mut shown, "ESTABLISHED");
        }
        // So it is the signal that ends it, not the end of its input.
        let stdin = child.stdin.take();
        signal(&child, "-INT");
        assert_eq!(served.read(&mut [0; 10]).unwrap(), 0);
        drop(served);
        shown.read_to_string(&mut rest).unwrap();
        let output = ended(child);
        drop(stdin);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let mut expected = [server.port().to_string(), peer.port().to_string()];
        expected.sort();
        assert_eq!(fins(&file), expected, "{waits}: {rest}");
    }
}

#[test]
fn ctrl_c_does_not_wait_for_ever_and_a_second_one_not_at_all() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let folder = public_folder();
    for signals in [1, 2] {
        let (child, mut shown) =
            talker(&["server", "--bind", "127.0.0.1:0"], &folder.path().join(format!("{signals}.pcap")));
        let addr: SocketAddr = read_until(&mut shown, "is open").split_whitespace().nth(2).unwrap().parse().unwrap();
        // It never closes its side.
        let peer = TcpStream::connect(addr).unwrap();
        read_until(&mut shown, "accept()");
        let began = Instant::now();
        signal(&child, "-INT");
        if signals == 2 {
            assert_eq!((&peer).read(&mut [0; 1]).unwrap(), 0);
            signal(&child, "-INT");
        }
        let output = ended(child);
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert_eq!(output.status.code(), Some(if signals == 2 { 130 } else { 0 }));
    }
}

#[test]
fn on_a_loopback_received_and_dropped_are_what_was_sent() {
    const SENT: u64 = 100_000;
    if without_root("capturing on the host's loopback") {
        return;
    }
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let send = |count: u64| {
        for _ in 0..count {
            socket.send_to(b"a datagram", ("127.0.0.1", port)).unwrap();
        }
    };
    // An odd number too, which no halving hits but by chance.
    for sent in [SENT, 30_001] {
        let mut command = layerscope(["capture", "-i", "lo", "-q", "--buffer-size", "256KiB", "udp", "port"]);
        let running = Running::start(command.arg(port.to_string()));
        running.signal("-STOP");
        let is_stopped = || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", running.child.id())).unwrap();
            stat.rsplit(')').next().unwrap().trim_start().starts_with('T')
        };
        while !is_stopped() {
            std::thread::sleep(Duration::from_millis(1));
        }
        send(sent / 2);
        running.signal("-CONT");
        send(sent - sent / 2);
        let (code, _, said) = running.interrupt();
        assert_eq!(code, Some(0), "{said}");
        let numbers: Vec<u64> = said.split([' ', '\n']).filter_map(|word| word.parse().ok()).collect();
        // 3072 packets (.. bytes) in 0.1 s, dropped: 96928 by the kernel, 0 by the interface
        let received = numbers[0];
        let dropped: u64 = said.split("dropped: ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!(dropped > 0, "nothing was dropped: {said}");
        assert_eq!(received + dropped, sent, "{said}");
    }
}

#[test]
fn elsewhere_what_goes_out_is_captured_too() {
    if without_root("capturing on an interface of its own") {
        return;
    }
    let script = format!(
        "ip link set lo up; ip link add e0 type veth peer name e1 && ip link set e1 up && ip addr add 192.0.2.1/24 dev e0 && ip link set e0 up && \
         exec {} capture -i \"$0\" -q --duration 10s -c 3 udp port 9 -- python3 -c 'import socket\ns = \
         socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\nfor i in \
         range(3): s.sendto(b\"x\", (\"192.0.2.255\", 9))\nimport time; time.sleep(8)'",
        binary().display()
    );
    for interface in ["e0", "any"] {
        let output = run(Command::new("unshare").args(["-n", "sh", "-c", &script, interface]));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("\n3 packets"), "{interface}: {said}");
    }
}

/// Every verb with something to do; none that would wait for somebody.
fn verbs(file: &Path) -> Vec<Vec<String>> {
    let file = file.display();
    let mut verbs: Vec<String> = ["read", "flows", "handshakes", "handshakes --ladder", "stats", "inspect"]
        .iter()
        .map(|verb| format!("{verb} {file}{}", if *verb == "inspect" { " 1" } else { "" }))
        .collect();
    verbs.extend(["follow", "timeline"].map(|verb| format!("{verb} {file} --stream 0")));
    verbs.extend(["demo", "demo many-clients", "echo client 127.0.0.1:9 --bind 127.0.0.1:0"].map(str::to_owned));
    if is_root() {
        verbs.push("demo --network host --port 0".to_owned());
        verbs.push("capture -i lo -c 1 --duration 50ms".to_owned());
        verbs.push("echo client 127.0.0.1:9 --capture".to_owned());
    }
    verbs.iter().map(|verb| verb.split(' ').map(str::to_owned).collect()).collect()
}

/// A capture that all of them can do their work with.
fn capture() -> PathBuf {
    let file = super::support::ours("generated/tso-large-frames.client.pcap");
    assert!(file.is_file(), "{}", file.display());
    file
}

/// It did what it was to do, or said why not.
fn is_civil(output: &Output, what: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1)), "{what}: {:?} {said}", output.status);
    assert!(code == Some(0) || said.contains("layerscope: "), "{what}: {said:?}");
    assert!(!said.contains("panicked") && !said.contains("overflow"), "{what}: {said}");
}

fn within(limit: &str, verb: &[String]) -> Output {
    run(Command::new("prlimit").arg(limit).arg(binary()).args(verb).stdin(Stdio::null()))
}

/// The first segments of so many connections, each of 40 bytes.
fn syns(count: u32) -> Vec<Vec<u8>> {
    let syn = |number: u32| {
        let mut bytes = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0];
        bytes.extend((0x0a00_0000 + number).to_be_bytes());
        bytes.extend([192, 0, 2, 1, 0x80, 0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0]);
        bytes
    };
    (0..count).map(syn).collect()
}

#[test]
fn without_memory_every_verb_says_so() {
    let file = capture();
    let many = savefile::saved(&savefile::pcap(LinkType::RAW, &syns(60_000)));
    let of_many = ["flows", "handshakes", "stats"].map(|verb| vec![verb.to_owned(), many.path().display().to_string()]);
    // With less the loader finds no room for the libraries or the first thread for its stack: this program never begins.
    let begins = |megabytes: &u32| {
        let output = within(&format!("--as={}", megabytes * 1_000_000), &["--version".to_owned()]);
        output.status.success()
    };
    let least = (10..60).find(begins).expect("it begins with enough");
    let sizes: Vec<u32> = (least + 1..least + 16).step_by(2).chain([48, 64]).collect();
    let of_few = verbs(&file).into_iter().map(|verb| (verb, sizes.clone()));
    let mut failed = 0;
    for (verb, sizes) in of_few.chain(of_many.map(|verb| (verb, vec![40, 48, 56]))) {
        for megabytes in sizes {
            let output = within(&format!("--as={}", megabytes * 1_000_000), &verb);
            let said = String::from_utf8_lossy(&output.stderr);
            is_civil(&output, &format!("{verb:?} in {megabytes} MB"));
            failed += usize::from(said.contains("no memory left"));
        }
    }
    assert!(failed > 0, "there was memory enough");
}

#[test]
fn without_threads_every_verb_does_without_or_says_so() {
    let file = capture();
    for verb in verbs(&file) {
        let mut command = Command::new(if is_root() { "setpriv" } else { "prlimit" });
        if is_root() {
            command.args(["--reuid", "64999", "--regid", "64999", "--clear-groups", "prlimit"]);
        }
        command.arg("--nproc=1").arg(binary());
        is_civil(&run(command.args(&verb).stdin(Stdio::null())), &format!("{verb:?}"));
    }
}

#[test]
fn with_few_descriptors_every_verb_does_its_work_or_says_so() {
    let file = capture();
    for verb in verbs(&file) {
        // With 3 the loader cannot open the libraries, and this program never begins.
        let output = within("--nofile=3", &verb);
        assert_eq!(output.status.code(), Some(127), "{verb:?}");
        for descriptors in 4..10 {
            is_civil(&within(&format!("--nofile={descriptors}"), &verb), &format!("{verb:?} with {descriptors}"));
        }
    }
}

#[test]
fn a_port_that_is_taken_says_by_whom() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken_udp = datagrams.local_addr().unwrap();
    let me = std::fs::read_to_string("/proc/self/comm").unwrap();
    let me = format!("is taken by {}[{}] ", me.trim_end(), std::process::id());
    for words in [
        vec!["echo".to_owned(), "server".to_owned(), "--bind".to_owned(), taken.to_string()],
        vec!["echo".to_owned(), "server".to_owned(), "--bind".to_owned(), format!("[::]:{}", taken.port())],
        vec!["echo".to_owned(), "server".to_owned(), "--bind".to_owned(), format!("0.0.0.0:{}", taken_udp.port())],
        vec!["echo".to_owned(), "client".to_owned(), "127.0.0.1:9".to_owned(), "--bind".to_owned(), taken.to_string()],
    ] {
        let said = complaint(&mut layerscope(&words), 1);
        assert!(said.contains(&me), "{words:?}: {said}");
    }
    if without_root("acting as somebody else, and capturing on the host's loopback") {
        return;
    }
    let said = complaint(&mut as_nobody(["echo", "server", "--bind", &taken.to_string()]), 1);
    assert!(said.contains("is taken by a program of root"), "{said}");
    // The demonstration gives root up before it plays, and asks before that; there is nothing to show then.
    let port = taken.port().to_string();
    let said = complaint(&mut layerscope(["demo", "--network", "host", "--port", &port]), 1);
    assert!(said.contains(&me) && said.contains("--port 0") && !said.contains("only they and root"), "{said}");
    let output = layerscope(["demo", "--network", "host", "--port", &port]).output().unwrap();
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    // The port of the client's datagrams is taken too where the servers' is not.
    let free = (taken_udp.port() - 1).to_string();
    let said = complaint(&mut layerscope(["demo", "--udp", "--network", "host", "--port", &free]), 1);
    assert!(said.contains(&me), "{said}");
}

/// A server that was ended while its client is still connected: FIN-WAIT-2, and no process has it.
#[test]
fn a_port_whose_client_has_not_closed_is_nobody_s() {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    rustix::net::listen(&socket, 1).unwrap();
    let listener = TcpListener::from(socket);
    let addr = listener.local_addr().unwrap();
    let client = TcpStream::connect(addr).unwrap();
    drop(listener.accept().unwrap());
    drop(listener);
    let said = complaint(&mut layerscope(["echo", "server", "--tcp", "--bind", &addr.to_string()]), 1);
    assert!(said.contains("is taken by 1 connection in the middle of closing"), "{said}");
    assert!(said.contains("the other end has not closed yet") && said.contains("SO_REUSEADDR"), "{said}");
    drop(client);
}

/// std's listener would set `SO_REUSEADDR`, with which TIME-WAIT is in nobody's way.
#[test]
fn a_port_in_time_wait_says_for_how_long() {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    rustix::net::listen(&socket, 1).unwrap();
    let listener = TcpListener::from(socket);
    let addr = listener.local_addr().unwrap();
    let mut client = TcpStream::connect(addr).unwrap();
    // Who closes first waits.
    drop(listener.accept().unwrap());
    assert_eq!(client.read(&mut [0; 1]).unwrap(), 0);
    drop((client, listener));
    let said = complaint(&mut layerscope(["echo", "server", "--tcp", "--bind", &addr.to_string()]), 1);
    assert!(said.contains("is taken by 1 connection in TIME-WAIT, for "), "{said}");
    for part in ["no program has it", "for 60 s", "SO_REUSEADDR", "the socket that was closed had set it too"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    let seconds: f64 = said.split("for ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((1.0..=60.5).contains(&seconds), "{said}");
}
