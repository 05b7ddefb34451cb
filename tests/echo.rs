//! `layerscope echo`: the server with clients of other programs, the client with servers of other programs, and what
//! either does when the other side misbehaves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::run::{as_nobody, complaint, layerscope};

/// A server that ends with the test, and what it says.
pub(crate) struct Server {
    child: Child,
    /// `None` where somebody else reads it.
    said: Option<BufReader<ChildStdout>>,
    addr: SocketAddr,
}

impl Server {
    /// On any free port.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::on("127.0.0.1:0", options)
    }

    fn on(bind: &str, options: &[&str]) -> Self {
        let mut command = layerscope(["echo", "server", "--bind", bind]);
        let mut child = command.args(options).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        // 12:00:00.000Z TCP 127.0.0.1:40001 is open and waits for clients; Ctrl-C ends
        let addr = line.split(' ').nth(2).unwrap_or_else(|| panic!("{line}")).parse().unwrap();
        Self { child, said: Some(said), addr }
    }

    pub(crate) fn port(&self) -> String {
        self.addr.port().to_string()
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream
    }

    /// Reads what the server says until a line has all of `parts`.
    pub(crate) fn says(&mut self, parts: &[&str]) {
        let said = self.said.as_mut().unwrap();
        let mut read = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(said.read_line(&mut line).unwrap(), 0, "the server ended; {parts:?} is not in\n{read}");
            if parts.iter().all(|part| line.contains(part)) {
                return;
            }
            read.push_str(&line);
        }
    }

    fn interrupt(mut self) {
        Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ask(stream: &mut TcpStream, message: &str) -> String {
    stream.write_all(message.as_bytes()).unwrap();
    let mut buffer = [0; 100];
    let len = stream.read(&mut buffer).unwrap();
    String::from_utf8(buffer[..len].to_vec()).unwrap()
}

/// What a program prints when it is given `input`.
pub(crate) fn piped(command: &mut Command, input: &str) -> String {
    piped_bytes(command, input.as_bytes())
}

fn piped_bytes(command: &mut Command, input: &[u8]) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

fn python(script: &str) -> Command {
    let mut command = Command::new("python3");
    command.args(["-u", "-c", script]);
    command
}

#[test]
fn netcat_is_answered_over_both_transports() {
    let mut server = Server::start(&[]);
    let port = server.addr.port().to_string();
    let text = piped(Command::new("nc").args(["-w", "5", "127.0.0.1", &port]), "hello\nexit\n");
    assert_eq!(text, "HELLO\nexit\n");
    // What is counted was on the wire.
    server.says(&["TCP 127.0.0.1:", "said 6 B \"hello\\n\""]);
    server.says(&["said exit and is done"]);
    server.says(&[&format!("TCP {} waits for the next client", server.addr)]);
    let text = piped(Command::new("nc").args(["-u", "-w", "1", "127.0.0.1", &port]), "hello\n");
    assert_eq!(text, "HELLO\n");
}

#[test]
fn a_python_client_is_answered_over_both_transports() {
    let server = Server::start(&["--encoding", "gbk", "--reply", "same"]);
    for (kind, end) in [("STREAM", "s.recv(9) == b''"), ("DGRAM", "True")] {
        let script = format!(
            "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_{kind})\ns.settimeout(5)\n\
             s.connect(('127.0.0.1', {}))\ns.send('你好'.encode('gbk'))\nprint(s.recv(100).decode('gbk'))\n\
             s.send(b'exit')\nprint(s.recv(100).decode(), {end})",
            server.addr.port()
        );
        assert_eq!(piped(&mut python(&script), ""), "你好\nexit True\n");
    }
}

/// An echo server of two lines of Python, with or without line ends.
fn python_server(kind: &str) -> (Child, String) {
    let script = match kind {
        "tcp" => {
            "import socket\nl = socket.create_server(('127.0.0.1', 0))\nprint(l.getsockname()[1])\nc, _ = l.accept()\n\
             while d := c.recv(100): c.sendall(d.strip().upper())"
        }
        _ => {
            "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(('127.0.0.1', 0))\n\
             print(s.getsockname()[1])\nwhile True:\n d, a = s.recvfrom(100)\n s.sendto(d.upper(), a)"
        }
    };
    let mut child = python(script).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, format!("localhost:{}", line.trim()))
}

#[test]
fn the_client_talks_to_a_python_server_over_both_transports() {
    for kind in ["tcp", "udp"] {
        let (mut server, addr) = python_server(kind);
        let addr = addr.replace("localhost", "127.0.0.1");
        let text = piped(&mut layerscope(["echo", "client", &addr, &format!("--{kind}")]), "hello\nand more\nexit\n");
        assert_eq!(text, "HELLO\nAND MORE\nEXIT\n");
        server.kill().unwrap();
        server.wait().unwrap();
    }
}

#[test]
fn on_a_terminal_the_client_asks_for_each_line_and_tells_what_went_until_one_is_empty() {
    let server = Server::start(&[]);
    let script = format!(
        "import pty, os, sys\npid, fd = pty.fork()\n\
         if pid == 0: os.execv({:?}, ['layerscope', 'echo', 'client', '{}'])\n\
         def until(end):\n got = b''\n while not got.endswith(end): got += os.read(fd, 1)\n return got\n\
         until(b'> ')\nos.write(fd, b'hello\\n')\nprint(until(b'> '))\nos.write(fd, b'\\n')\nprint(until(b'\\n'))\n\
         print(os.waitpid(pid, 0)[1])",
        crate::run::binary(),
        server.addr
    );
    let told = r"b'hello\r\nsent 5 B to ADDR\r\ngot 5 B from ADDR: HELLO\r\n> '";
    let expected = format!("{told}\nb'\\r\\n'\n0\n").replace("ADDR", &server.addr.to_string());
    assert_eq!(piped(&mut python(&script), ""), expected);
}

#[test]
fn a_client_that_misbehaves_harms_no_other_and_is_reported() {
    let mut server = Server::start(&["--timeout", "500ms"]);
    let mut good = server.connect();
    assert_eq!(ask(&mut good, "one"), "ONE");

    // Breaks off in the middle: its answer lies unread, so closing sends RST.
    let mut rude = server.connect();
    rude.write_all(b"bye").unwrap();
    server.says(&["was answered 3 B \"BYE\""]);
    drop(rude);
    server.says(&["is lost", "ECONNRESET", "ConnectionResetError"]);

    let mut garbled = server.connect();
    garbled.write_all(b"\xff\x1b[31m").unwrap();
    server.says(&["said 6 B", "\\x1b"]);
    server.says(&["not UTF-8"]);
    let mut same = [0; 6];
    garbled.read_exact(&mut same).unwrap();
    assert_eq!(&same, b"\xff\x1b[31m");

    let mut long = server.connect();
    long.write_all(&[b'x'; 10_000]).unwrap();
    let mut answer = vec![0; 10_000];
    long.read_exact(&mut answer).unwrap();
    assert_eq!(answer, [b'X'; 10_000]);
    server.says(&["longer than the buffer"]);
    assert_eq!(ask(&mut good, "two"), "TWO");

    // Says nothing more.
    server.says(&[&format!("TCP {} was silent for 0.5 s", long.local_addr().unwrap()), "EAGAIN", "socket.timeout"]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(&[b'x'; 5000], server.addr).unwrap();
    server.says(&["UDP", "datagram longer than the buffer", "4096 of its 5000 B"]);
}

/// TCP may cut a message anywhere.
#[test]
fn a_character_that_comes_in_two_segments_is_one() {
    let mut server = Server::start(&["--tcp"]);
    let mut client = server.connect();
    let (one, other) = "one\na你".as_bytes().split_at(6);
    client.write_all(one).unwrap();
    // It has taken that, the beginning of the character included.
    let mut answer = [0; 4];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"ONE\n");
    client.write_all(other).unwrap();
    server.says(&["said 4 B \"a你\""]);
    client.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, "A你".as_bytes());
    // What never comes whole is answered when the client has no more to say.
    client.write_all(b"\xe4").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    server.says(&["said 1 B \"\\xe4\""]);
    server.says(&["not UTF-8"]);
}

#[test]
fn a_line_that_cannot_be_sent_is_refused_and_the_next_is_sent() {
    let server = Server::start(&["--encoding", "gbk"]);
    let mut command = layerscope(["echo", "client", &server.addr.to_string(), "--encoding", "gbk"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all("one\n😀\n".as_bytes()).unwrap_or_default();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"ONE\n".as_slice()), "{said}");
    assert!(said.contains("not sent: GBK cannot express"), "{said}");
    let rest = piped_bytes(&mut layerscope(["echo", "client", &server.addr.to_string()]), b"\xff\ntwo\n");
    assert_eq!(rest, "TWO\n");
}

#[test]
fn one_at_a_time_means_that_the_second_waits() {
    let mut server = Server::start(&["--one-at-a-time", "--reply", "OK", "--tcp"]);
    let (mut first, mut second) = (server.connect(), server.connect());
    second.write_all(b"me too").unwrap();
    assert_eq!(ask(&mut first, "hello"), "OK");
    second.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(second.read(&mut [0; 10]).is_err(), "nobody reads it yet");
    first.shutdown(Shutdown::Both).unwrap();
    second.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut answer = [0; 2];
    second.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"OK");
    server.says(&["said 6 B \"me too\""]);
}

#[test]
fn an_interrupt_frees_the_port_at_once() {
    let server = Server::start(&[]);
    let addr = server.addr.to_string();
    let mut client = server.connect();
    assert_eq!(ask(&mut client, "hello"), "HELLO");
    server.interrupt();
    let again = Server::on(&addr, &[]);
    assert_eq!(ask(&mut again.connect(), "again"), "AGAIN");
}

#[test]
fn a_thousand_clients_at_once_are_served() {
    let mut server = Server::start(&["--backlog", "1024", "--tcp"]);
    let script = format!(
        "import socket, resource\nhard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n\
         resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))\n\
         cs = [socket.create_connection(('127.0.0.1', {}), 10) for _ in range(1000)]\n\
         for i, c in enumerate(cs): c.sendall(b'client %d' % i)\n\
         print(sum(c.recv(100) == b'CLIENT %d' % i for i, c in enumerate(cs)))",
        server.addr.port()
    );
    // What it says must be read, or it would wait for its reader.
    let mut said = server.said.take().unwrap();
    let reader = std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    assert_eq!(piped(&mut python(&script), ""), "1000\n");
    drop(server);
    reader.join().unwrap().unwrap();
}

#[test]
fn a_name_is_looked_up_and_no_host_is_every_address() {
    let mut command = layerscope(["echo", "server", "--bind", "localhost:0", "--tcp"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    let said = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    assert!(line.contains("TCP 127.0.0.1:") && said.contains("localhost is 127.0.0.1"), "{line}{said}");
    let everywhere = Server::on(":0", &["--tcp"]);
    assert!(everywhere.addr.ip().is_unspecified());
    let port = everywhere.addr.port();
    assert_eq!(piped(&mut layerscope(["echo", "client", &format!("localhost:{port}")]), "hello\n"), "HELLO\n");
    for wrong in ["8888", "localhost", "localhost:99999"] {
        let said = complaint(&mut layerscope(["echo", "server", "--bind", wrong]), 2);
        assert!(said.contains("names no address") && said.contains("HOST:PORT"), "{said}");
    }
}

#[test]
fn a_port_that_is_root_s_says_so() {
    let start = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap();
    if start.trim() != "1024" {
        return;
    }
    for args in [&["server", "--bind", "127.0.0.1:1023"][..], &["client", "--bind", "127.0.0.1:1023", "127.0.0.1:1"]] {
        let said = complaint(as_nobody(["echo"]).args(args).stdin(Stdio::null()), 1);
        for part in ["EACCES", "ip_unprivileged_port_start", "from 1024 on", "sudo ", "cap_net_bind_service"] {
            assert!(said.contains(part), "{part} is not in {said}");
        }
    }
    let said = complaint(&mut layerscope(["echo", "server", "--bind", "192.0.2.1:8888"]), 1);
    assert!(said.contains("EADDRNOTAVAIL") && said.contains("192.0.2.1 is no address of this machine"), "{said}");
}

/// `--recv`: of a stream the rest stays, of a datagram it is lost.
#[test]
fn what_a_call_does_not_ask_for_stays_or_is_lost() {
    let mut server = Server::start(&["--recv", "4"]);
    let addr = server.addr.to_string();
    assert_eq!(piped(&mut layerscope(["echo", "client", &addr]), "0123456789\n"), "0123456789\n");
    server.says(&["longer than the buffer of 4 B", "in pieces"]);
    server.says(&["said 4 B \"0123\""]);
    let output = layerscope(["echo", "client", "--udp", "--recv", "3", &addr])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = output.unwrap();
    child.stdin.take().unwrap().write_all(b"0123456789\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"012\n");
    assert!(String::from_utf8_lossy(&output.stderr).contains("recvfrom() took 3 of its 4 B"));
    server.says(&["recvfrom() took 4 of its 10 B, and the rest is lost"]);
    for wrong in ["0", "65537", "x"] {
        complaint(&mut layerscope(["echo", "server", "--recv", wrong]), 2);
    }
}

#[test]
fn a_datagram_that_is_refused_says_what_sendto_cannot_know() {
    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for (more, told) in [(&[][..], true), (&["--connect"], false)] {
        let mut child = layerscope(["echo", "client", "--udp", &closed]);
        let mut child = child.args(more).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"hello\n").unwrap();
        let said = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
        assert!(said.contains("nobody listens there"), "{said}");
        assert_eq!(said.contains("sendto() had said yes before") && said.contains("IP_RECVERR"), told, "{said}");
    }
    complaint(&mut layerscope(["echo", "client", "--connect"]), 2);
}

/// A server that answers from another socket than it was asked on.
#[test]
fn who_answered_is_seen() {
    let script = "import socket\na, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in 'ab')\n\
                  a.bind(('127.0.0.1', 0)); b.bind(('127.0.0.1', 0))\nprint(a.getsockname()[1], b.getsockname()[1])\n\
                  d, who = a.recvfrom(100)\nb.sendto(d, who)";
    let mut theirs = python(script).stdout(Stdio::piped()).spawn().unwrap();
    let mut ports = String::new();
    BufReader::new(theirs.stdout.take().unwrap()).read_line(&mut ports).unwrap();
    let [asked, answers] = ports.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{ports}") };
    let mut child = layerscope(["echo", "client", "--udp", &format!("127.0.0.1:{asked}")]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"hello\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.stdout, b"hello\n");
    assert!(said.contains(&format!("this came from 127.0.0.1:{answers}, not from 127.0.0.1:{asked}")), "{said}");
    theirs.wait().unwrap();
}

#[test]
fn what_cannot_be_reached_or_bound_is_named_with_a_way_out() {
    let said = complaint(layerscope(["echo", "client", "127.0.0.1:1"]).stdin(Stdio::null()), 1);
    assert!(said.contains("127.0.0.1:1") && said.contains("port 8888") && !said.contains("--bind"), "{said}");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let said = complaint(layerscope(["echo", "client", &free]).stdin(Stdio::null()), 1);
    assert!(said.contains(&format!("echo server --bind {free}")), "{said}");
    let said = complaint(&mut layerscope(["echo", "client", "nowhere"]), 2);
    assert!(said.contains("HOST:PORT"), "{said}");
    let server = Server::start(&[]);
    let said = complaint(&mut layerscope(["echo", "server", "--bind", &server.addr.to_string()]), 1);
    assert!(said.contains("is taken") && said.contains("--bind 127.0.0.1:0"), "{said}");
    let said = complaint(&mut layerscope(["echo", "server", "--reply", "😀", "--encoding", "gbk"]), 2);
    assert!(said.contains("GBK cannot express"), "{said}");
}

#[test]
fn two_thousand_clients_at_once_are_served_without_a_wait() {
    let mut server = Server::start(&["--tcp"]);
    let port = server.addr.port();
    // What it says must be read, or it would wait for that.
    let mut said = server.said.take().unwrap();
    let reader = std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    // All connect before any is answered; none may have had to send its SYN again, which takes a second.
    let script = format!(
        "import resource, socket, struct\n\
         hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n\
         resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))\n\
         clients = [socket.socket() for _ in range(2000)]\n\
         for c in clients: c.setblocking(False)\n\
         for c in clients: c.connect_ex(('127.0.0.1', {port}))\n\
         for c in clients: c.settimeout(20)\n\
         for c in clients: c.connect(('127.0.0.1', {port})) if c.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) else None\n\
         for c in clients: c.sendall(b'hello\\n')\n\
         print(sum(c.recv(100) == b'HELLO\\n' for c in clients))\n\
         info = [c.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104) for c in clients]\n\
         print(sum(struct.unpack_from('I', i, 100)[0] for i in info))"
    );
    let output = Command::new("python3").args(["-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "2000\n0\n", "{}", String::from_utf8_lossy(&output.stderr));
    drop(server);
    drop(reader.join());
}
