//! Captures that run, and what happens to them.
#![expect(clippy::disallowed_methods, reason = "how late a row is, a clock tells")]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

/// A capture that is active.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// What it said first.
    pub(crate) first: String,
    pub(crate) stderr: BufReader<ChildStderr>,
}

/// A test that fails leaves no capture behind.
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts it and waits until it says that it captures.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::start_after(command, "")
    }

    /// The same where it says something else before.
    pub(crate) fn start_after(command: &mut Command, words: &str) -> Self {
        // Wide enough for what the packets say.
        let command = command.env("COLUMNS", "200").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        stderr.read_line(&mut first).unwrap();
        if !words.is_empty() {
            assert!(first.contains(words), "{first}");
            first.clear();
            stderr.read_line(&mut first).unwrap();
        }
        assert!(first.contains("capturing on"), "{first}");
        Self { child, first, stderr }
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Ends it as Ctrl-C does: exit code, what it showed, what it said.
    pub(crate) fn interrupt(self) -> (Option<i32>, String, String) {
        self.signal("-INT");
        self.end()
    }

    pub(crate) fn end(mut self) -> (Option<i32>, String, String) {
        let (mut shown, mut said) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut shown).unwrap();
        self.stderr.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), shown, said)
    }
}

/// Reads on until a row that holds this; what comes before it is the heading, and other packets.
pub(crate) fn next_row(rows: &mut impl BufRead, text: &str) {
    let mut line = String::new();
    while !line.contains(text) {
        assert!(!line.contains("\"pac") || line.contains("\"packet 0"), "no room for {text:?}: {line}");
        line.clear();
        assert!(rows.read_line(&mut line).unwrap() > 0, "no row with {text:?}");
    }
}

/// Has packets shown, one after the other (`show` sends one and returns when its row is there), and says how many that
/// were: the usual row must not be late.
///
/// A busy machine is late now and then, and may be for a second; a capture that holds rows back is late every time.
pub(crate) fn usual_rows_are_not_late(mut show: impl FnMut()) -> usize {
    const TOGETHER: usize = 10;
    let mut all = Vec::new();
    for _ in 0..10 {
        let mut delays: Vec<Duration> = std::iter::repeat_with(|| {
            let sent = Instant::now();
            show();
            sent.elapsed()
        })
        .take(TOGETHER)
        .collect();
        delays.sort();
        all.push(delays[TOGETHER / 2]);
        if delays[TOGETHER / 2] < Duration::from_millis(50) {
            return all.len() * TOGETHER;
        }
    }
    panic!("the medians of {TOGETHER} rows each: {all:?}");
}

/// A socket that talks to itself over the loopback, and the filter that sees nothing else.
pub(crate) struct Traffic(UdpSocket);

impl Traffic {
    pub(crate) fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(socket.local_addr().unwrap()).unwrap();
        Self(socket)
    }

    pub(crate) fn filter(&self) -> String {
        format!("udp port {}", self.port())
    }

    pub(crate) fn port(&self) -> u16 {
        self.address().port()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub(crate) fn send(&self, packets: usize) {
        self.send_long(packets, 0);
    }

    /// Sends packets whose payload has at least so many bytes.
    pub(crate) fn send_long(&self, packets: usize, size: usize) {
        for number in 0..packets {
            self.0.send(format!("packet {number:06}{:.<1$}", "", size.saturating_sub(13)).as_bytes()).unwrap();
        }
    }
}

/// A process that this one started, by a word of its command line.
pub(crate) fn child(pid: u32, word: &str) -> u32 {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    let has_word = |child: &&str| {
        let line = fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes())
    };
    let child = children.split_whitespace().find(has_word);
    child.unwrap_or_else(|| panic!("no {word} among {children}")).parse().unwrap()
}
