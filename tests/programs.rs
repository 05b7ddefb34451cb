//! The programs that introductions to sockets begin with (`programs/`), and `layerscope echo` at the other end of each.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use crate::echo::Server;
use crate::run::{layerscope, public_folder, without_root};

/// Whether the test must be left out, which is said loudly.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn without_python() -> bool {
    let is_there = Command::new("python3").arg("--version").output().is_ok();
    if !is_there {
        eprintln!("SKIPPED: the programs are in Python, and there is no python3");
        assert!(std::env::var_os("CI").is_none(), "continuous integration has it");
    }
    !is_there
}

fn program(name: &str, args: &[&str]) -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let mut command = Command::new("python3");
    command.arg(folder.join(name)).args(args).env("PYTHONUTF8", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Runs a command with its input, and waits for its end.
fn fed(mut command: Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Whoever ends before it has read all of it is not to blame.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// What a program printed that was fed.
fn printed(output: &Output) -> String {
    let (out, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{said}");
    out.into_owned()
}

/// A client of ours, fed.
fn client(args: &[&str], port: &str, input: &str) -> Output {
    let mut command = layerscope(["echo", "client", &format!("127.0.0.1:{port}")]);
    command.args(args);
    fed(command, input)
}

/// A port that nobody has.
fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

/// A server of theirs, which ends with the test.
struct Theirs {
    child: Child,
    shown: BufReader<ChildStdout>,
    port: String,
}

impl Theirs {
    fn start(name: &str, more: &[&str]) -> Self {
        let port = free_port();
        let args = [&[port.as_str()], more].concat();
        let mut child = program(name, &args).stdout(Stdio::piped()).spawn().unwrap();
        let shown = BufReader::new(child.stdout.take().unwrap());
        let mut server = Self { child, shown, port };
        server.until("waiting");
        server
    }

    /// Reads what it prints until a line is this one.
    fn until(&mut self, wanted: &str) {
        let mut read = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.shown.read_line(&mut line).unwrap(), 0, "{wanted:?} is not in\n{read}");
            if line.trim_end() == wanted {
                return;
            }
            read.push_str(&line);
        }
    }
}

impl Drop for Theirs {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn their_upper_case_client_is_answered_and_ends_with_exit() {
    if without_python() {
        return;
    }
    let mut server = Server::start(&["--tcp", "--recv", "1024"]);
    let output = fed(program("upper_client.py", &[&server.port()]), "hello\n你好\nexit\n");
    assert_eq!(printed(&output).replace("message: ", ""), "received HELLO\nreceived 你好\n");
    // What was typed is what went: no end of a line.
    server.says(&["said 5 B \"hello\""]);
    server.says(&["said 6 B \"你好\""]);
    server.says(&["said 4 B \"exit\""]);
    server.says(&["said exit and is done"]);
    server.says(&["waits for the next client"]);
}

#[test]
fn their_upper_case_server_knows_our_exit() {
    if without_python() {
        return;
    }
    let mut server = Theirs::start("upper_server.py", &[]);
    let output = client(&["--recv", "1024"], &server.port, "hello\nexit\n");
    assert_eq!(printed(&output), "HELLO\nexit\n");
    for line in ["received hello", "has left", "waiting"] {
        server.until(line);
    }
    // It has answered, and keeps the connection until the next client comes: CLOSE-WAIT.
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("has not closed its side: it is in CLOSE-WAIT"), "{said}");
}

/// A message with its line's end is not `exit` for a server that compares.
#[test]
fn with_the_end_of_a_line_their_server_knows_no_exit() {
    if without_python() {
        return;
    }
    let server = Theirs::start("upper_server.py", &[]);
    assert_eq!(printed(&client(&["--newline"], &server.port, "exit\n")), "EXIT\n");
}

/// What `upper_server.py` does when a client just goes: `recv()` gives 0 bytes, again and again.
#[test]
fn a_server_that_takes_0_bytes_for_a_message_is_told() {
    if without_python() {
        return;
    }
    let folder = public_folder();
    let (port, shown) = (free_port(), folder.path().join("shown"));
    // Into a file, so that nobody keeps it waiting.
    let out = std::fs::File::create(&shown).unwrap();
    let mut server = program("upper_server.py", &[&port]).stdout(out).spawn().unwrap();
    while !std::fs::read_to_string(&shown).unwrap().contains("waiting") {
        std::thread::yield_now();
    }
    let output = client(&[], &port, "hello\n");
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(printed(&output), "HELLO\n");
    let said = String::from_utf8(output.stderr).unwrap();
    let program = format!("127.0.0.1:{port}, which is python3[{}], has not closed its side", server.id());
    assert!(said.contains(&program) && said.contains("busy all the time"), "{said}");
    assert!(said.contains("send() of 0 bytes makes no packet"), "{said}");
    assert!(std::fs::read_to_string(&shown).unwrap().contains("received \nreceived \n"), "it turns in circles");
}

/// `done` stays set: whoever comes after `exit` is accepted, and nobody reads what it says.
#[test]
fn what_their_server_never_reads_is_not_answered() {
    if without_python() {
        return;
    }
    let mut server = Theirs::start("upper_server.py", &[]);
    client(&[], &server.port, "exit\n");
    server.until("waiting");
    let output = client(&[], &server.port, "hello\n");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    for part in ["no answer came within 10 s", "EAGAIN", "socket.timeout (TimeoutError)"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn their_datagrams_are_answered_to_their_address() {
    if without_python() {
        return;
    }
    let mut server = Server::start(&["--udp", "--recv", "1024"]);
    let own = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = fed(program("datagram_client.py", &[&server.port(), &own.port().to_string()]), "hello\n你好\n");
    let from = format!("received from ('127.0.0.1', {})", server.port());
    let told = printed(&output).replace("message: ", "");
    assert!(told.starts_with(&format!("{from} HELLO\n{from} 你好\n")), "{told}");
    server.says(&[&format!("UDP {own} said 5 B \"hello\"")]);
}

#[test]
fn our_datagrams_are_answered_and_the_sender_is_seen() {
    if without_python() {
        return;
    }
    let mut server = Theirs::start("datagram_server.py", &[]);
    let own = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let args = ["--udp", "--recv", "1024", "--bind", &own.to_string()];
    assert_eq!(printed(&client(&args, &server.port, "hello\n\n")), "HELLO\n");
    server.until(&format!("received from ('127.0.0.1', {}) hello", own.port()));
    assert_eq!(printed(&client(&["--udp", "--connect"], &server.port, "hello\n")), "HELLO\n");
}

const ASKED: &str = "你好服务端，我是客户端小黑!";
const ANSWERED: &str = "ok, 问题正在处理中...";

#[test]
fn their_gbk_client_is_understood_and_its_bytes_are_counted() {
    if without_python() {
        return;
    }
    let mut server = Server::start(&["--tcp", "--encoding", "gbk", "--reply", ANSWERED]);
    let output = fed(program("gbk_client.py", &[&server.port()]), "");
    assert!(printed(&output).ends_with(&format!("received {ANSWERED}\n")));
    server.says(&[&format!("said 27 B \"{ASKED}\"")]);
    server.says(&[&format!("was answered 21 B \"{ANSWERED}\"")]);
    server.says(&["closed the connection: recv() gave 0 bytes"]);
}

#[test]
fn their_gbk_server_counts_what_we_sent() {
    if without_python() {
        return;
    }
    let mut server = Theirs::start("gbk_server.py", &[]);
    let output = client(&["--encoding", "gbk"], &server.port, &format!("{ASKED}\n"));
    assert_eq!(printed(&output), format!("{ANSWERED}\n"));
    server.until("length 27");
    server.until(&format!("received {ASKED}"));
}

/// In another encoding than the server's nothing is guessed: its bytes are shown, all of them.
#[test]
fn an_answer_in_another_encoding_is_shown_as_bytes() {
    if without_python() {
        return;
    }
    let server = Theirs::start("threads_server.py", &[]);
    let output = client(&[], &server.port, "hello\n");
    assert!(printed(&output).starts_with("ok\\xa3\\xac\\xce\\xca\\xcc\\xe2"), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("these bytes are not UTF-8"), "{output:?}");
}

/// Two of ours are there at once; each that goes is noticed.
#[test]
fn their_threads_serve_two_of_our_clients() {
    if without_python() {
        return;
    }
    let mut server = Theirs::start("threads_server.py", &[]);
    let addr = format!("127.0.0.1:{}", server.port);
    let mut clients: Vec<Child> = (0..2)
        .map(|_| {
            let mut command = layerscope(["echo", "client", &addr, "--encoding", "gbk"]);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    (0..2).for_each(|_| server.until("connected"));
    for (number, child) in clients.iter_mut().enumerate() {
        child.stdin.as_mut().unwrap().write_all(format!("你好{number}\n").as_bytes()).unwrap();
        server.until(&format!("received 你好{number}"));
    }
    for child in clients {
        assert_eq!(printed(&child.wait_with_output().unwrap()), "ok，问题正在处理中...\n");
        server.until("has left");
    }
}

#[test]
fn their_lines_end_with_an_empty_one() {
    if without_python() {
        return;
    }
    let mut server = Server::start(&["--tcp", "--one-at-a-time", "--reply", "OK", "--recv", "1024"]);
    let output = fed(program("lines_client.py", &[&server.port()]), "hello\n\n");
    assert_eq!(printed(&output).replace("data:", ""), "sent\nb'OK'\n");
    server.says(&["said 5 B \"hello\""]);
    server.says(&["closed the connection: recv() gave 0 bytes"]);
    server.says(&["waits for the next client"]);
}

#[test]
fn our_lines_end_with_an_empty_one_and_their_server_gives_up_on_silence() {
    if without_python() {
        return;
    }
    let mut server = Theirs::start("timeout_server.py", &["0.3"]);
    assert_eq!(printed(&client(&["--recv", "4096"], &server.port, "hello\n\nmore\n")), "OK\n");
    for line in ["received hello", "received", "has left"] {
        server.until(line);
    }
    // Who says nothing is closed; that shows with the next line.
    let mut command = layerscope(["echo", "client", &format!("127.0.0.1:{}", server.port)]);
    let mut silent = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    server.until("time out");
    // It says so before it closes.
    std::net::TcpStream::connect(format!("127.0.0.1:{}", server.port)).unwrap();
    server.until("received");
    silent.stdin.take().unwrap().write_all(b"hello\n").unwrap();
    let output = silent.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("closed the connection: recv() gave 0 bytes"), "{said}");
}

/// Our server gives up on theirs: what the call says, and what Python calls it.
#[test]
fn their_silence_is_ours_to_name() {
    if without_python() {
        return;
    }
    let mut server = Server::start(&["--tcp", "--timeout", "300ms"]);
    let mut command = program("lines_client.py", &[&server.port()]);
    let mut silent = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    server.says(&["was silent for 0.3 s: recv() gave EAGAIN, which Python calls socket.timeout (TimeoutError)"]);
    server.says(&["waits for the next client"]);
    // It waits for somebody to type, and knows nothing of it.
    server.says(&["has not closed its side: it is in CLOSE-WAIT, where recv() gives 0 bytes"]);
    drop(silent.stdin.take());
    silent.wait().unwrap();
}

/// Beside its packets: what one recv() gave, byte for byte, and no end of a line that nobody typed.
#[test]
fn their_client_s_exit_is_seen_in_the_packets() {
    if without_python() || without_root("capturing on the host's loopback") {
        return;
    }
    let port = free_port();
    let mut command = layerscope(["echo", "server", "--bind", &format!("127.0.0.1:{port}"), "--tcp", "--capture"]);
    command.args(["--recv", "1024"]).env("COLUMNS", "200").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let mut shown = BufReader::new(server.stdout.take().unwrap());
    // What the end brings comes in no order.
    let mut read = String::new();
    let mut until = |words: &[&str]| {
        while !words.iter().all(|words| read.contains(words)) {
            assert_ne!(shown.read_line(&mut read).unwrap(), 0, "{words:?}");
        }
    };
    until(&["is open and waits for clients"]);
    printed(&fed(program("upper_client.py", &[&port]), "hello\nexit\n"));
    until(&["recv(1024) = 5 B \"hello\"", "recv(1024) = 4 B \"exit\"", "waits for the next client", "TIME-WAIT"]);
    Command::new("kill").args(["-INT", &server.id().to_string()]).status().unwrap();
    assert!(server.wait().unwrap().success());
}

/// What the wire shows of a server that takes 0 bytes for a message: our FIN is acknowledged, and none comes back.
#[test]
fn on_the_wire_an_endless_loop_is_a_fin_that_does_not_come() {
    if without_python() || without_root("capturing on the host's loopback") {
        return;
    }
    let server = Theirs::start("upper_server.py", &[]);
    let output = client(&["--capture"], &server.port, "hello\n");
    let shown = printed(&output);
    assert_eq!(shown.matches("FIN,ACK").count(), 1, "{shown}");
    let said = String::from_utf8(output.stderr).unwrap();
    let told = format!("127.0.0.1:{} has not closed its side: it is in CLOSE-WAIT", server.port);
    assert!(said.contains(&told) && said.contains("send() of 0 bytes makes no packet"), "{said}");
}

/// A server of the introductions has no SO_REUSEADDR, and theirs is what counts: ours does not help.
#[test]
fn the_port_of_their_server_stays_taken_though_ours_sets_so_reuseaddr() {
    if without_python() {
        return;
    }
    let mut server = Theirs::start("timeout_server.py", &["0.1"]);
    let mut silent = std::net::TcpStream::connect(format!("127.0.0.1:{}", server.port)).unwrap();
    server.until("time out");
    assert_eq!(std::io::Read::read(&mut silent, &mut [0; 1]).unwrap(), 0);
    drop(silent);
    let port = server.port.clone();
    drop(server);
    let output = layerscope(["echo", "server", "--tcp", "--bind", &format!("127.0.0.1:{port}")]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    for part in ["in TIME-WAIT, for ", "no program has it", "only where the socket that was closed had set it too"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}
