//! Everything that five introductions to sockets say or do, a row a statement: the command that shows it, and what in its
//! JSON proves it. A row whose command does not exist yet says what is missing.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use layerscope::lab::Scenario;
use layerscope::words::Spelling;
use serde_json::Value;

use crate::run::{as_nobody, stdout};

/// A statement or a program of the texts.
struct Row {
    number: usize,
    statement: &'static str,
    shown: Shown,
}

/// How it is shown.
enum Shown {
    /// By a demonstration, of which each of these holds.
    Demo(&'static str, &'static [Proof]),
    /// By another command, which a file of tests is about.
    Elsewhere(&'static str, &'static str),
    /// Not yet: what is missing.
    Missing(&'static str),
}
use Shown::{Demo, Elsewhere, Missing};

/// What can prove a statement in the document of a demonstration.
enum Proof {
    /// The reason is told, beside a call or a packet.
    Why(&'static str),
    /// A packet does this.
    Act(&'static str),
    /// A packet is this step of a connection's life.
    Step(&'static str),
    /// A packet is this farewell.
    Farewell(&'static str),
    /// A packet has these headers.
    Has(&'static [&'static str]),
    /// A packet was lost in this way.
    Lost(&'static str),
    /// A call of this name has this among its arguments.
    Called(&'static str, &'static str),
    /// A call of this name gave this, or failed with it.
    Gave(&'static str, &'static str),
    /// The call of this name is behind a packet that does this.
    Causes(&'static str, &'static str),
    /// This was measured.
    Measured(&'static str),
    /// So many conversations were held.
    Conversations(usize),
    /// The lesson says this in so many words.
    Says(&'static str),
}
use Proof::{Act, Called, Causes, Conversations, Farewell, Gave, Has, Lost, Measured, Says, Step, Why};

const fn row(number: usize, statement: &'static str, shown: Shown) -> Row {
    Row { number, statement, shown }
}

/// The 104 statements, in the order of the audit.
const ROWS: [Row; 104] = [
    row(
        1,
        "TCP client: connect, send, receive, ends on exit",
        Demo("echo --tcp", &[Called("send", "exit"), Gave("recv", "5 B \"HELLO\"")]),
    ),
    row(
        2,
        "TCP server: answers in upper case, answers exit and ends",
        Demo("echo --tcp", &[Called("send", "\"exit\"")]),
    ),
    row(3, "the server's lines: waiting, connected, received, sent, left", Missing("echo server: waiting again")),
    row(
        4,
        "ConnectionResetError: the client broke off, the server goes on",
        Demo("reset", &[Gave("recv", "ECONNRESET"), Conversations(2)]),
    ),
    row(
        5,
        "UDP client: bind 8889, sendto, recvfrom with the sender's address",
        Demo(
            "echo --udp",
            &[Called("bind", ":8889"), Called("sendto", ":8888"), Gave("recvfrom", "from 127.0.0.1:8888")],
        ),
    ),
    row(
        6,
        "UDP server: answers to the sender's address",
        Demo("echo --udp", &[Called("sendto", ":8889"), Act("answer")]),
    ),
    row(
        7,
        "size of a read, encoding and backlog are parameters",
        Demo("partial-read", &[Called("recv", "4"), Called("listen", "5")]),
    ),
    row(
        8,
        "the texts' own bugs: a loop that 0 bytes do not end, a flag that stays set",
        Demo("busy-loop", &[Gave("recv", "0 B: peer closed"), Called("send", "0 B"), Says("never ends")]),
    ),
    row(9, "OSI's seven layers and the four of TCP/IP", Demo("encapsulation", &[Says("OSI counts seven layers")])),
    row(
        10,
        "application layer: TFTP, HTTP, SNMP, FTP, SMTP, DNS, Telnet",
        Elsewhere("layerscope read FILE", "tests/decode_application.rs"),
    ),
    row(11, "transport layer: TCP, UDP", Demo("echo", &[Has(&["tcp"]), Has(&["udp"])])),
    row(12, "internet layer: IP, ICMP, OSPF, EIGRP, IGMP", Missing("what each of them is for")),
    row(13, "link layer: SLIP, CSLIP, PPP; the MTU is no protocol", Missing("CSLIP")),
    row(14, "each layer wraps what the one above gives it", Demo("encapsulation", &[Says("before what it is given")])),
    row(15, "the socket lies between application and transport", Demo("echo", &[Why("socket")])),
    row(16, "first handshake: SYN j, SYN_SENT", Demo("handshake", &[Act("opens"), Causes("connect", "opens")])),
    row(17, "second handshake: ACK j+1, SYN k, SYN_RECV", Demo("handshake", &[Act("agrees")])),
    row(18, "third handshake: ACK k+1, both ESTABLISHED", Demo("handshake", &[Step("opened")])),
    row(
        19,
        "SYN_SEND, SYN_RECV: other names of the states",
        Demo("handshake", &[Says("SYN_SENT, SYN_SEND and SYN_RECV")]),
    ),
    row(20, "connect() sends the SYN, and returns at SYN,ACK", Demo("blocking", &[Causes("connect", "opens")])),
    row(21, "accept() returns at the third handshake", Demo("blocking", &[Measured("woken"), Step("opened")])),
    row(22, "no data in the handshake", Demo("handshake", &[Says("None of them carries data")])),
    row(23, "why three messages and not two", Demo("handshake", &[Why("three_messages")])),
    row(24, "an IP address names a device", Missing("a scenario between two addresses: two-hosts")),
    row(25, "IPv4 and IPv6", Demo("encapsulation", &[Has(&["ip"]), Has(&["ipv6"])])),
    row(26, "ifconfig shows cards and addresses", Missing("mask, MTU and Ethernet address in interfaces")),
    row(27, "127.0.0.1 is this host; nothing leaves it", Demo("handshake", &[Why("loopback")])),
    row(28, "localhost is a name, and names are looked up", Missing("a scenario with a name server: name")),
    row(29, "ping checks the network", Missing("a scenario: ping")),
    row(30, "a port says which program gets the data", Demo("handshake", &[Why("port_numbers")])),
    row(31, "65536 port numbers, 16 bits", Demo("handshake", &[Why("port_numbers")])),
    row(32, "well-known ports up to 1023", Demo("handshake", &[Why("port_numbers")])),
    row(33, "ports that are given out", Demo("handshake", &[Why("port_chosen")])),
    row(34, "a client without bind() gets a free port", Demo("blocking", &[Why("port_chosen")])),
    row(
        35,
        "the port is free again when the program ends",
        Demo("port-in-use", &[Why("port_chosen"), Why("reuse_address")]),
    ),
    row(36, "below 1024 only root may bind", Demo("handshake", &[Why("port_numbers")])),
    row(
        37,
        "one port cannot be used by two programs",
        Demo("port-in-use", &[Gave("bind", "EADDRINUSE"), Says("a transport")]),
    ),
    row(38, "TCP: connect, transfer, close", Demo("echo --tcp", &[Step("opened"), Act("carries"), Farewell("first")])),
    row(39, "a connection must be there before data, as with a telephone", Demo("echo --tcp", &[Step("opened")])),
    row(40, "what was sent is acknowledged", Demo("echo --tcp", &[Act("carries")])),
    row(
        41,
        "what is not acknowledged in time is sent again",
        Demo("retransmit", &[Lost("minimum_ttl"), Act("repeats"), Why("repetition")]),
    ),
    row(42, "the checksum finds errors", Missing("a scenario with a right and a wrong one: checksum")),
    row(43, "flow control", Demo("buffers", &[Why("window"), Measured("window_closed")])),
    row(44, "congestion control", Missing("a scenario: congestion")),
    row(45, "the sliding window", Missing("bytes in flight as a picture: congestion")),
    row(46, "packets are put together to a stream", Demo("big-segments", &[Gave("recv", "7240 B")])),
    row(47, "TCP for downloads and browsing", Demo("http-short", &[Gave("recv", "HTTP/1.0 200 OK")])),
    row(48, "a stream keeps its order", Missing("a scenario: reordering")),
    row(
        49,
        "sends and receives of a stream need not match",
        Demo("nagle", &[Gave("recv", "a;"), Called("send", "2 B \"b;\"")]),
    ),
    row(50, "datagrams know no connection", Demo("echo --udp", &[Act("first_datagram"), Why("datagrams")])),
    row(51, "a lost datagram stays lost", Missing("a scenario: udp-loss")),
    row(52, "datagrams may come in another order", Missing("a scenario: udp-reorder")),
    row(
        53,
        "a datagram has a limit",
        Demo("udp-too-large", &[Gave("sendto", "EMSGSIZE"), Act("first_fragment"), Act("later_fragment")]),
    ),
    row(54, "UDP does not check data (it does)", Missing("a scenario: checksum")),
    row(55, "one sendto(), one recvfrom()", Demo("partial-read", &[Act("next_datagram"), Gave("recvfrom", "of 10 B")])),
    row(56, "voice and video take UDP", Demo("echo --udp", &[Why("datagrams")])),
    row(57, "only TCP has connections", Demo("refused", &[Why("datagram_connect")])),
    row(58, "socket(AF_INET, SOCK_STREAM)", Demo("echo --tcp", &[Called("socket", "AF_INET, SOCK_STREAM")])),
    row(59, "bind(): \"\" is any address", Demo("handshake", &[Why("bind")])),
    row(60, "listen(backlog)", Demo("backlog", &[Called("listen", "1"), Why("listen"), Lost("queue_full")])),
    row(61, "accept() blocks until a client comes", Demo("blocking", &[Why("waits"), Measured("woken")])),
    row(
        62,
        "accept() gives a new socket, the listening one carries no data",
        Demo("blocking", &[Why("new_socket"), Says("accept() gave another")]),
    ),
    row(
        63,
        "accepted sockets keep the server's port",
        Demo("many-clients", &[Conversations(3), Says("share the server's port")]),
    ),
    row(64, "five values name a connection", Demo("many-clients", &[Says("one of the five")])),
    row(
        65,
        "protocol, address and port name a process",
        Elsewhere("layerscope capture --process", "tests/capture_process.rs"),
    ),
    row(66, "a firewall judges by the destination port", Missing("a scenario: firewall")),
    row(67, "a socket is a number in the process's table", Demo("blocking", &[Why("socket"), Says("descriptor 3")])),
    row(68, "send() says how many bytes it took", Demo("blocking", &[Why("send_buffer"), Gave("send", "14 B")])),
    row(69, "send() may take a part; sendall()", Demo("send-all", &[Gave("send", "EAGAIN"), Says("sendall()")])),
    row(
        70,
        "recv(n): at most n, the rest stays",
        Demo("partial-read", &[Gave("recv", "4 B \"0123\""), Gave("recv", "2 B \"89\"")]),
    ),
    row(71, "recv() blocks", Demo("blocking", &[Why("waits"), Measured("woken")])),
    row(
        72,
        "a buffer for sending and one for receiving",
        Demo("buffers", &[Measured("window_closed"), Why("send_buffer")]),
    ),
    row(73, "the kernel drives the card, not the program", Demo("one-at-a-time", &[Says("the kernel's work")])),
    row(
        74,
        "when the other side has closed, recv() gives 0 bytes",
        Demo("server-close", &[Gave("recv", "0 B: peer closed"), Why("end_of_stream")]),
    ),
    row(
        75,
        "the listening socket is closed: no new clients, old connections live on",
        Demo("listener-closed", &[Gave("connect", "ECONNREFUSED"), Gave("recv", "3 B \"yes\"")]),
    ),
    row(
        76,
        "closing accept()'s socket ends this client alone",
        Demo("many-clients", &[Conversations(3), Farewell("first")]),
    ),
    row(
        77,
        "four farewells: FIN, ACK, FIN, ACK",
        Demo(
            "server-close",
            &[Farewell("first"), Farewell("second"), Farewell("third"), Farewell("fourth"), Why("four_messages")],
        ),
    ),
    row(78, "a farewell in three segments", Demo("half-read", &[Farewell("second_and_third")])),
    row(79, "the port is held for a minute after the end", Demo("server-close", &[Why("time_wait")])),
    row(
        80,
        "SO_REUSEADDR frees it",
        Demo("port-in-use", &[Why("reuse_address"), Says("the old socket must have had it")]),
    ),
    row(81, "GBK client and server", Demo("gbk", &[Gave("recv", "4 B \"你好\"")])),
    row(82, "UTF-8 and GBK: other bytes", Demo("gbk", &[Gave("recv", "6 B \"你好\""), Gave("recv", "4 B \"你好\"")])),
    row(83, "a server of threads: two clients at once", Demo("many-clients", &[Says("With a thread for each client")])),
    row(84, "daemon threads end with the program", Missing("connections that end when the main thread does")),
    row(
        85,
        "one task: the second client waits",
        Demo("one-at-a-time", &[Measured("accepted"), Says("half a second later")]),
    ),
    row(86, "served in the order of arrival", Demo("backlog", &[Says("in the order")])),
    row(87, "settimeout(): the server gives up", Demo("timeout", &[Gave("recv", "EAGAIN"), Why("time_limit")])),
    row(88, "server on 8001 that answers OK", Elsewhere("layerscope echo server --reply OK", "tests/echo.rs")),
    row(89, "client on 8001, an empty line ends it", Missing("echo client: an empty line ends it")),
    row(90, "HTTP/1.0: a connection a request", Demo("http-short", &[Measured("traffic"), Conversations(2)])),
    row(
        91,
        "HTTP/1.1: several requests on one connection",
        Demo("http-keep-alive", &[Measured("traffic"), Conversations(1)]),
    ),
    row(
        92,
        "HTTP/1.1: requests overlap",
        Demo("pipelining", &[Gave("recv", "GET /logo.png"), Says("before it had an answer")]),
    ),
    row(
        93,
        "short connections connect again and again",
        Demo("http-short", &[Says("two handshakes and two farewells")]),
    ),
    row(94, "a program's own heartbeat", Demo("keep-alive", &[Gave("recv", "ping"), Gave("recv", "pong")])),
    row(95, "a heartbeat that stays away", Missing("a scenario: dead-peer")),
    row(96, "a connection lasts until a side closes it", Demo("timeout", &[Says("never tires")])),
    row(97, "either side may close first", Demo("server-close", &[Farewell("first"), Says("here the server")])),
    row(98, "both directions at once", Demo("half-close", &[Step("half_closed"), Says("two directions")])),
    row(99, "IP from host to host, TCP and UDP add ports", Demo("echo --udp", &[Why("datagram_header")])),
    row(
        100,
        "a loopback pair captured: flags, numbers, ports, layers",
        Demo("echo", &[Has(&["eth", "ip", "tcp", "data"]), Has(&["eth", "ip", "udp", "data"])]),
    ),
    row(101, "a live capture of one's own programs", Missing("the calls of any program")),
    row(102, "a saved capture is analysed", Elsewhere("layerscope read FILE", "tests/cli_read.rs")),
    row(103, "handshakes as timelines", Elsewhere("layerscope handshakes --ladder FILE", "tests/cli_connections.rs")),
    row(104, "in Chinese", Missing("--lang zh")),
];

impl Proof {
    /// Whether it is found in the document of a scenario.
    fn holds(&self, document: &Value, scenario: &Scenario) -> bool {
        let (calls, packets) = (list(&document["calls"]), list(&document["packets"]));
        let explained = |key: &str, value: &str| packets.iter().any(|it| it["lesson"]["explanation"][key] == value);
        let carries = |key: &str, value: &str| {
            packets.iter().any(|packet| packet["lesson"]["explanation"]["values"][key] == value)
        };
        match *self {
            Why(key) => {
                let told =
                    packets.iter().map(|packet| &packet["lesson"]["why"]).chain(calls.iter().map(|call| &call["why"]));
                told.flat_map(list).any(|why| why == key)
            }
            Act(key) => explained("key", key),
            Lost(key) => explained("lost", key),
            Step(key) => carries("step", key),
            Farewell(key) => carries("farewell", key),
            Has(layers) => packets.iter().any(|packet| {
                let found = |layer: &&str| list(&packet["frame"]["layers"]).iter().any(|it| it[0] == **layer);
                layers.iter().all(found)
            }),
            Called(name, part) => calls.iter().any(|call| call["name"] == name && says(&call["arguments"], part)),
            Gave(name, part) => calls
                .iter()
                .any(|call| call["name"] == name && (says(&call["result"], part) || says(&call["error"], part))),
            Causes(name, act) => packets.iter().any(|packet| {
                let lesson = &packet["lesson"];
                let call = lesson["call"].as_u64().and_then(|place| calls.get(place as usize));
                lesson["explanation"]["key"] == act && call.is_some_and(|call| call["name"] == name)
            }),
            Measured(key) => list(&document["measured"]).iter().any(|measured| measured["key"] == key),
            Conversations(number) => list(&document["conversations"]).len() == number,
            Says(part) => Spelling::default().scenario_teaches(scenario.key).iter().any(|told| told.contains(part)),
        }
    }

    /// What proves it, in the table.
    fn told(&self) -> String {
        match *self {
            Why(key) => format!("reason `{key}`"),
            Act(key) => format!("packet `{key}`"),
            Lost(key) => format!("lost `{key}`"),
            Step(key) => format!("step `{key}`"),
            Farewell(key) => format!("farewell `{key}`"),
            Has(layers) => format!("`{}`", layers.join(" / ")),
            Called(name, part) => format!("`{name}({part})`"),
            Gave(name, part) => format!("`{name}` = `{part}`"),
            Causes(name, act) => format!("`{name}()` behind packet `{act}`"),
            Measured(key) => format!("measured `{key}`"),
            Conversations(number) => format!("{number} conversations"),
            Says(part) => format!("“{part}”"),
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn says(value: &Value, part: &str) -> bool {
    value.as_str().is_some_and(|text| text.contains(part))
}

/// The table of the rows, as a part of docs/lab.md.
pub(crate) fn table() -> String {
    let missing = ROWS.iter().filter(|row| matches!(row.shown, Missing(_))).count();
    let mut table = format!(
        "\n## What introductions to sockets say\n\n{} of the {} statements and programs of five introductions are shown; a \
         test runs each command and looks for the proof in its JSON.\n\n| # | statement | command | what proves it |\n\
         |---|---|---|---|\n",
        ROWS.len() - missing,
        ROWS.len()
    );
    for Row { number, statement, shown } in &ROWS {
        let (command, proof) = match shown {
            Demo(demo, proofs) => {
                let proofs: Vec<String> = proofs.iter().map(Proof::told).collect();
                (format!("`layerscope demo {demo}`"), proofs.join(", "))
            }
            Elsewhere(command, test) => (format!("`{command}`"), format!("`{test}`")),
            Missing(what) => ("–".to_owned(), format!("missing: {what}")),
        };
        // Writing to memory cannot fail.
        let _ = writeln!(table, "| {number} | {statement} | {command} | {proof} |");
    }
    table
}

/// The documents of all demonstrations that rows name, each played once.
fn documents() -> HashMap<&'static str, Value> {
    let mut demos: Vec<&str> =
        ROWS.iter().filter_map(|row| if let Demo(demo, _) = row.shown { Some(demo) } else { None }).collect();
    demos.sort_unstable();
    demos.dedup();
    let (next, documents) = (AtomicUsize::new(0), Mutex::new(HashMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(demo) = demos.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut command = as_nobody(["demo"]);
                    command.args(demo.split(' ')).args(["--network", "private", "--format", "json"]);
                    let document = serde_json::from_str(&stdout(&mut command)).unwrap();
                    documents.lock().unwrap().insert(*demo, document);
                }
            });
        }
    });
    documents.into_inner().unwrap()
}

#[test]
fn every_row_is_proven_by_its_command() {
    let documents = documents();
    let mut failed = Vec::new();
    for (place, Row { number, statement, shown }) in ROWS.iter().enumerate() {
        assert_eq!(*number, place + 1, "{statement}");
        match shown {
            Demo(demo, proofs) => {
                let scenario = Scenario::named(demo.split(' ').next().unwrap()).unwrap();
                let lacking = proofs.iter().filter(|proof| !proof.holds(&documents[demo], scenario));
                failed.extend(lacking.map(|proof| format!("{number} {statement}: demo {demo}: no {}", proof.told())));
            }
            Elsewhere(_, test) => assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(test).is_file(), "{test}"),
            Missing(_) => {}
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// A proof that is asked of a lesson that does not have it is found wanting.
#[test]
fn a_row_that_is_not_proven_is_noticed() {
    let (document, scenario) = (&documents()["handshake"], Scenario::named("handshake").unwrap());
    for proof in [Why("time_limit"), Act("repeats"), Step("fins_crossed"), Lost("minimum_ttl"), Measured("woken")] {
        assert!(!proof.holds(document, scenario), "{}", proof.told());
    }
    for proof in [Gave("recv", "EAGAIN"), Called("bind", ":1"), Conversations(2), Says("nonsense"), Has(&["udp"])] {
        assert!(!proof.holds(document, scenario), "{}", proof.told());
    }
}
