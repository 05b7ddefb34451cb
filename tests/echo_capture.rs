//! `layerscope echo --capture`: the programs' packets beside their calls, with netcat and Python at the other end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::run::{as_nobody, complaint, layerscope, public_folder, status, stdout, tshark, without_root};

/// A server that captures.
struct Server {
    child: Child,
    shown: BufReader<ChildStdout>,
    addr: SocketAddr,
    /// What was read of what it shows.
    read: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(options: &[&str]) -> Self {
        Self::on("127.0.0.1:0", options)
    }

    fn on(bind: &str, options: &[&str]) -> Self {
        let mut command = layerscope(["echo", "server", "--capture", "--bind", bind]);
        command.args(options).env("COLUMNS", "200").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let shown = BufReader::new(child.stdout.take().unwrap());
        let mut server = Self { child, shown, addr: bind.parse().unwrap(), read: String::new() };
        // 12:00:00.000000 TCP 127.0.0.1:40001    is open and waits for clients; Ctrl-C ends
        let line = server.until(&["TCP", "is open"]);
        server.addr = line.split_whitespace().nth(2).unwrap().parse().unwrap();
        server
    }

    /// Reads what it shows until a line has all of `parts`.
    fn until(&mut self, parts: &[&str]) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.shown.read_line(&mut line).unwrap(), 0, "{parts:?} is not in\n{}", self.read);
            self.read.push_str(&line);
            if parts.iter().all(|part| line.contains(part)) {
                return line;
            }
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Ctrl-C: its exit code, all it showed, all it said.
    fn interrupt(mut self) -> (Option<i32>, String, String) {
        Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        let code = self.child.wait().unwrap().code();
        self.shown.read_to_string(&mut self.read).unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (code, std::mem::take(&mut self.read), said)
    }
}

/// Holds the lines about a peer to an order: each of `expected` is words that a later line than the one before has.
fn assert_order(shown: &str, peer: &str, expected: &[&[&str]]) {
    let mut lines = shown.lines().filter(|line| line.contains(peer));
    for parts in expected {
        let found = lines.any(|line| parts.iter().all(|part| line.contains(part)));
        assert!(found, "{parts:?} does not come in its place in\n{shown}");
    }
}

fn ask(stream: &mut TcpStream, message: &[u8]) -> Vec<u8> {
    stream.write_all(message).unwrap();
    let mut buffer = [0; 100];
    let len = stream.read(&mut buffer).unwrap();
    buffer[..len].to_vec()
}

#[test]
fn a_connection_s_calls_stand_between_the_packets_they_make_and_wait_for() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let mut server = Server::start(&["--tcp"]);
    let mut client = server.connect();
    let peer = client.local_addr().unwrap().to_string();
    // Were the client quicker, accept() could stand behind the data too.
    server.until(&["accept()"]);
    assert_eq!(ask(&mut client, b"hello"), b"HELLO");
    server.until(&["send(5 B \"HELLO\")"]);
    drop(client);
    server.until(&["TIME-WAIT"]);
    let (code, shown, said) = server.interrupt();
    assert_order(
        &shown,
        &peer,
        &[
            &["→ SYN ", "seq 0", "SYN-SENT"],
            &["← SYN,ACK", "seq 0 ack 1", "SYN-RECEIVED"],
            &["→ ACK", "seq 1 ack 1", "ESTABLISHED"],
            &["accept() = ", "ESTABLISHED ✓"],
            &["→ PSH,ACK", "seq 1 ack 1", "5 B \"hello\""],
            &["recv(4096) = 5 B \"hello\"", "seq 1 to 5"],
            &["send(5 B \"HELLO\")", "seq 1 to 5"],
            &["← PSH,ACK", "seq 1 ack 6", "5 B \"HELLO\""],
            &["→ FIN,ACK", "seq 6 ack 6"],
            &["recv(4096) = 0 B: peer closed", "CLOSE-WAIT ✓"],
            &["close()"],
            &["← FIN,ACK", "seq 6 ack 7", "LAST-ACK"],
            &["→ ACK", "seq 7 ack 7", "TIME-WAIT"],
        ],
    );
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("capturing on lo") && said.contains("dropped: 0 by the kernel"), "{said}");
}

/// While packets and calls keep coming, some of either are still on their way when the others are shown.
#[test]
fn a_talk_without_a_pause_stays_in_order() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let mut server = Server::start(&["--tcp"]);
    let mut client = server.connect();
    let peer = client.local_addr().unwrap().to_string();
    // What it shows is read meanwhile: a server whose words nobody reads waits at last.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..500 {
                assert_eq!(ask(&mut client, format!("m{number:03}").as_bytes()), format!("M{number:03}").as_bytes());
            }
        });
        server.until(&["←", "\"M499\""]);
    });
    let (_, shown, _) = server.interrupt();
    let messages: Vec<[String; 2]> = (0..500).map(|it| [format!("\"m{it:03}\""), format!("\"M{it:03}\"")]).collect();
    let expected: Vec<Vec<&str>> = messages
        .iter()
        .flat_map(|[asked, answered]| {
            [vec!["→ PSH,ACK", asked], vec!["recv(", asked], vec!["send(", answered], vec!["← PSH,ACK", answered]]
        })
        .collect();
    let expected: Vec<&[&str]> = expected.iter().map(Vec::as_slice).collect();
    assert_order(&shown, &peer, &expected);
}

/// The time that a client may be silent runs out in recv(), which says so; then the server closes first.
#[test]
fn a_time_out_is_what_recv_gives() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let mut server = Server::start(&["--tcp", "--timeout", "300ms", "--recv", "100"]);
    let mut client = server.connect();
    let peer = client.local_addr().unwrap().to_string();
    assert_eq!(ask(&mut client, b"hello"), b"HELLO");
    assert_eq!(client.read(&mut [0; 1]).unwrap(), 0);
    drop(client);
    server.until(&["TIME-WAIT"]);
    let expected: [&[&str]; 5] = [
        &["recv(100) = 5 B \"hello\""],
        &["recv(100) = EAGAIN"],
        &["was silent for 0.3 s", "EAGAIN", "socket.timeout"],
        &["close()"],
        &["← FIN,ACK"],
    ];
    let (_, shown, _) = server.interrupt();
    assert_order(&shown, &peer, &expected);
}

#[test]
fn a_datagram_s_calls_stand_around_it() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let mut server = Server::start(&[]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let peer = socket.local_addr().unwrap().to_string();
    socket.send_to(b"hello", server.addr).unwrap();
    server.until(&["←", "HELLO"]);
    let (_, shown, _) = server.interrupt();
    let expected: [&[&str]; 4] = [
        &["UDP", "→ datagram", "5 B \"hello\""],
        &["recvfrom(4096) = 5 B \"hello\""],
        &["sendto(5 B \"HELLO\""],
        &["← datagram", "5 B \"HELLO\""],
    ];
    assert_order(&shown, &peer, &expected);
}

#[test]
fn netcat_is_seen_by_a_server_of_all_addresses_over_both_families() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let mut server = Server::on("[::]:0", &["--tcp"]);
    let port = server.addr.port().to_string();
    for (host, peer) in [("127.0.0.1", "TCP 127.0.0.1:"), ("::1", "TCP [::1]:")] {
        let mut netcat = Command::new("nc");
        netcat.args(["-w", "5", host, &port]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut netcat = netcat.spawn().unwrap();
        netcat.stdin.take().unwrap().write_all(b"exit\n").unwrap();
        server.until(&[peer, "TIME-WAIT"]);
        netcat.wait().unwrap();
        assert_order(&server.read, peer, &[&["→ SYN "], &["accept()"], &["said exit"], &["close()"], &["← FIN,ACK"]]);
    }
}

#[test]
fn the_client_shows_its_side_and_saves_it_with_its_calls() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let script = "import socket\nl = socket.create_server(('127.0.0.1', 0))\nprint(l.getsockname()[1], flush=True)\n\
                  c, _ = l.accept()\nwhile d := c.recv(100): c.sendall(d.upper())";
    let mut python = Command::new("python3").args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
    let mut port = String::new();
    BufReader::new(python.stdout.take().unwrap()).read_line(&mut port).unwrap();
    let peer = format!("127.0.0.1:{}", port.trim());
    let folder = public_folder();
    let file = folder.path().join("client.pcapng");
    let mut command = layerscope(["echo", "client", &peer, "--capture", "--write"]);
    let mut child =
        command.arg(&file).env("COLUMNS", "200").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"hello\n").unwrap();
    let output = child.wait_with_output().unwrap();
    python.wait().unwrap();
    assert!(output.status.success());
    let shown = String::from_utf8(output.stdout).unwrap();
    let expected: [&[&str]; 10] = [
        &["connect("],
        &["← SYN "],
        &["→ SYN,ACK"],
        &["← ACK"],
        &["connect(", "= ok", "ESTABLISHED ✓"],
        &["send(5 B \"hello\")", "seq 1 to 5"],
        &["← PSH,ACK", "hello"],
        &["→ PSH,ACK", "HELLO"],
        &["recv(4096) = 5 B \"HELLO\"", "seq 1 to 5"],
        &["close()"],
    ];
    assert_order(&shown, &peer, &expected);
    assert!(shown.lines().any(|line| line == "HELLO"), "what it prints by itself stays: {shown}");
    assert!(shown.contains("TIME-WAIT"), "the last packets are waited for: {shown}");
    assert_eq!(tshark(&file, &["tcp.flags.syn"]).iter().filter(|row| row[0] == "1").count(), 2);
    let timeline = stdout(layerscope(["read", "--show", "timeline"]).arg(&file));
    for call in ["connect(", "send(5 B", "5 B \"HELLO\"", "close()"] {
        assert!(timeline.contains(call), "{call} is not in\n{timeline}");
    }
}

#[test]
fn who_refuses_a_client_is_seen_to() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = layerscope(["echo", "client", &free.to_string(), "--capture"]).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let expected: [&[&str]; 4] = [&["connect("], &["← SYN "], &["→ RST,ACK"], &["= ECONNREFUSED"]];
    assert_order(&shown, &free.to_string(), &expected);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("nobody listens there"), "{said}");

    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut child = layerscope(["echo", "client", "--udp", &closed, "--capture"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"hello\n").unwrap();
    let shown = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert_order(&shown, &closed, &[&["← datagram"], &["→", "port unreachable"], &["recvfrom(4096) = ECONNREFUSED"]]);
}

#[test]
fn fifty_clients_at_once_are_told_apart_and_none_is_lost() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let mut server = Server::start(&["--tcp", "--backlog", "64"]);
    let mut clients: Vec<TcpStream> = (0..50).map(|_| server.connect()).collect();
    let peers: Vec<String> = clients.iter().map(|client| client.local_addr().unwrap().to_string()).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.write_all(format!("client {number:02}").as_bytes()).unwrap();
    }
    for (number, client) in clients.iter_mut().enumerate() {
        let mut answer = [0; 9];
        client.read_exact(&mut answer).unwrap();
        assert_eq!(answer, *format!("CLIENT {number:02}").as_bytes());
    }
    drop(clients);
    for _ in &peers {
        server.until(&["TIME-WAIT"]);
    }
    let (_, shown, said) = server.interrupt();
    for (number, peer) in peers.iter().enumerate() {
        let (asked, answered) = (format!("\"client {number:02}\""), format!("\"CLIENT {number:02}\""));
        let expected: [&[&str]; 9] = [
            &["→ SYN "],
            &["← SYN,ACK"],
            &["→ PSH,ACK", &asked],
            &["recv(4096) = 9 B", &asked, "seq 1 to 9"],
            &["send(", &answered],
            &["← PSH,ACK", &answered],
            &["→ FIN,ACK"],
            &["close()"],
            &["← FIN,ACK"],
        ];
        assert_order(&shown, &format!("{peer} "), &expected);
    }
    assert!(said.contains("dropped: 0 by the kernel"), "{said}");
}

#[test]
fn hostile_bytes_are_spelled_out() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let mut server = Server::start(&["--color", "never"]);
    let mut client = server.connect();
    let hostile = b"\x1b]0;owned\x07\x1b[2J\xff\r\xe2\x80\xae";
    assert_eq!(ask(&mut client, hostile), hostile);
    // Bytes that are no UTF-8 are spelled out all of them, characters that deceive as what they are.
    let deceiving = "a\u{202e}b".as_bytes();
    assert_eq!(ask(&mut client, deceiving), "A\u{202e}B".as_bytes());
    server.until(&["← PSH,ACK", "5 B \"A\\u{202e}B\""]);
    let (_, shown, _) = server.interrupt();
    assert!(shown.contains("\\x1b]0;owned\\x07\\x1b[2J\\xff\\r\\xe2\\x80\\xae"), "{shown}");
    let steering = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
    assert!(!shown.contains(steering), "{shown:?}");
}

#[test]
fn root_is_given_up_and_a_root_s_port_is_served() {
    if without_root("serving a port below 1024") {
        return;
    }
    let port = (1000..1024).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap();
    let mut server = Server::on(&format!("127.0.0.1:{port}"), &["--tcp"]);
    let mut client = server.connect();
    assert_eq!(ask(&mut client, b"hello"), b"HELLO");
    server.until(&["←", "HELLO"]);
    let names = ["Uid", "Gid", "Groups", "CapEff", "CapPrm", "CapInh", "CapAmb", "NoNewPrivs", "Seccomp"];
    // Of every thread, the client's among them.
    let mut expected = ["CapEff", "CapPrm", "CapInh", "CapAmb"].map(|name| format!("{name}: {:016}", 0)).to_vec();
    expected.extend(["Uid", "Gid"].map(|name| format!("{name}: 65534 65534 65534 65534")));
    expected.extend(["Groups:", "NoNewPrivs: 1", "Seccomp: 2"].map(str::to_owned));
    expected.sort();
    assert_eq!(status(server.child.id(), &names), expected);
}

#[test]
fn an_interrupt_ends_it_at_once_and_keeps_what_was_saved() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let folder = public_folder();
    let file = folder.path().join("server.pcapng");
    let mut server = Server::start(&["--tcp", "--write", file.to_str().unwrap()]);
    let addr = server.addr;
    let mut client = server.connect();
    assert_eq!(ask(&mut client, b"hello"), b"HELLO");
    server.until(&["←", "HELLO"]);
    let (code, _, said) = server.interrupt();
    assert_eq!(code, Some(0), "{said}");
    let again = Server::on(&addr.to_string(), &["--tcp"]);
    assert_eq!(ask(&mut again.connect(), b"again"), b"AGAIN");
    let calls = tshark(&file, &["frame.comment"]).concat().join("\n");
    assert!(tshark(&file, &["tcp.len"]).iter().filter(|row| row[0] == "5").count() == 2);
    assert!(calls.contains("client SYN-SENT, server SYN-RECEIVED"), "{calls}");
    let timeline = stdout(layerscope(["read", "--show", "timeline"]).arg(&file));
    assert!(timeline.contains("accept()") && timeline.contains("recv"), "{timeline}");
}

#[test]
fn what_a_server_of_all_addresses_saves_names_the_interface() {
    if without_root("capturing everywhere") {
        return;
    }
    let folder = public_folder();
    let file = folder.path().join("server.pcapng");
    let mut server = Server::on("0.0.0.0:0", &["--tcp", "--write", file.to_str().unwrap()]);
    assert_eq!(ask(&mut server.connect(), b"hello"), b"HELLO");
    server.until(&["←", "HELLO"]);
    let (code, _, said) = server.interrupt();
    assert_eq!(code, Some(0), "{said}");
    let interfaces = tshark(&file, &["frame.interface_name"]).concat();
    assert!(interfaces.len() > 5 && interfaces.iter().all(|name| name == "lo"), "{interfaces:?}");
}

#[test]
fn without_the_right_to_capture_nothing_is_served_and_the_ways_are_named() {
    for program in [&["server", "--bind", "127.0.0.1:0"][..], &["client", "127.0.0.1:1"]] {
        let mut args = vec!["echo"];
        args.extend(program);
        args.extend(["--capture", "--encoding", "gbk"]);
        let said = complaint(&mut as_nobody(&args), 1);
        let command = format!("{} --capture --encoding gbk", program.join(" "));
        for part in ["CAP_NET_RAW", "sudo", &command, "setcap cap_net_raw", "demo --explain", "Without --capture"] {
            assert!(said.contains(part), "{part:?} is not in {said}");
        }
    }
    let said = complaint(&mut layerscope(["echo", "server", "--write", "x.pcapng"]), 2);
    assert!(said.contains("--capture"), "{said}");
}

#[test]
fn narrow_terminals_get_the_ports_and_wide_ones_the_states() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    for (width, has, has_not) in [(60, " :", "ESTABLISHED"), (80, "ESTABLISHED", "server state")] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        let mut command = layerscope(["echo", "client", &addr, "--capture", "--ascii"]);
        let output = command.env("COLUMNS", width.to_string()).output().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(shown.contains(has) && !shown.contains(has_not), "{width}: {shown}");
        assert!(shown.contains("<- SYN ") && shown.is_ascii(), "{shown}");
        assert!(shown.lines().all(|line| line.len() <= width), "{width}: {shown}");
    }
}
