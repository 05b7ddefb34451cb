//! The tracker against tshark's word on every capture (`tests/captures/oracle`, one row a connection), and against the
//! truth of those whose losses and delays are known (`tests/captures/generated/truth.tsv`).

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use layerscope::analyse::{Connection, Health, Limits, Marks, Moment, Tracker};
use layerscope::decode::headers;
use layerscope::model::{Lane, Transport};
use layerscope::source::{CaptureFile, FrameSource};
use layerscope::words::Spelling;

use crate::support::{corpus, oracle, ours, over, there};

/// The files whose connections differ from the oracle's, each group with its reason. A name that ends in `*` stands for
/// all that begin so. A file that no longer differs fails the test, so that the list stays true.
const DIFFERENCES: &[(&str, &[&str])] = &[
    (
        "an encapsulation or link type that layerscope does not read (ETag, VXLAN, Geneve, GTP, L2TP, ERSPAN, \
         WCCP, MPLS in PPP, PPI, Cisco HDLC, ARCNET, IPoIB, Juniper, IPComp, sFlow samples)",
        &[
            "ip__pcapplusplus__gtp.pcap",
            "ip__suricata__decode-etag-0*",
            "ip__suricata__vxlan-*",
            "libpcap-tests__AH-IPcomp-IPv*",
            "libpcap-tests__arcnet-rfc1*",
            "libpcap-tests__geneve.pcap",
            "libpcap-tests__http_PPI.pcap",
            "links__pcapplusplus__CiscoHDLC.pcap",
            "links__suricata__decode-chdlc-01.hdlc-http_1tx.pcap",
            "tcp__dpkt__nb6-http.pcap",
            "tcp__pcapplusplus__tcp-reassembly.pcap",
            "tcp__suricata__bug-5437-0*",
            "tcpdump-tests__arcnet-rfc1*",
            "tcpdump-tests__bgp-aigp.pcap",
            "tcpdump-tests__geneve*",
            "tcpdump-tests__gso-*",
            "tcpdump-tests__ipoib.pcap",
            "tcpdump-tests__lspping-fec-ldp.pcap",
            "tcpdump-tests__sflow_expanded.pcap",
            "tcpdump-tests__wccp_redirect_gre.pcap",
        ],
    ),
    (
        "IP fragments: tshark reassembles them and counts the segment where it is complete; layerscope counts the first",
        &[
            "ip__pcapplusplus__frag_http_req.pcap",
            "ip__pcapplusplus__http_req_frag.pcap",
            "ip__suricata__defrag_bug-6887-defrag-*",
        ],
    ),
    (
        "an IP total length beyond the frame or a first fragment: tshark trusts the frame, layerscope the header",
        &[
            "tcpdump-tests__bgp-bgp_capabilities_print-oobr-*",
            "tcpdump-tests__bgp_pmsi_tunnel-oobr.pcap",
            "tcpdump-tests__rpki-rtr-oobr.pcap",
        ],
    ),
    (
        "a time no clock can show (a second of 1,999,999 microseconds, the year 584,554): tshark overflows or divides",
        &[
            "derived__record5-usec-1999999.pcap",
            "formats__pcapplusplus__PcapExamples_pcapng-example.pcapng",
            "malformed__pcapplusplus__clusterfuzz-testcase-minimized-*",
            "tcpdump-tests__timestamp_invalid_*",
        ],
    ),
    (
        "a SYN, SYN-ACK or FIN captured twice is one to layerscope",
        &[
            "generated__two-interfaces.mid.pcapng",
            "mixed__gopacket__cip.pcap",
            "tcp__chrissanders__nowebaccess3.pcapng",
            "tcp__ipfixprobe__tls.pcap",
            "tcp__suricata__mac-eve-multiple-disabled.multi_mac.pcap",
        ],
    ),
    (
        "without the SYN the oracle gives no ACK; layerscope times SYN-ACK to ACK all the same",
        &["tcp__suricata__alert-testmyids-midstream5.pcap"],
    ),
    (
        "the oracle takes the direction from addresses inside the payload (OpenFlow quotes a packet)",
        &["tcpdump-tests__of13_ericsson.pcapng"],
    ),
];

/// The tracker after every frame of a capture that can be read; `None` where it is no capture at all.
fn track(path: &Path) -> Option<Tracker> {
    let mut file = CaptureFile::open(path).ok()?;
    let mut tracker = Tracker::new(Limits::default());
    while let Ok(Some(frame)) = file.next_frame() {
        tracker.observe(&frame, &headers(&frame));
    }
    Some(tracker)
}

type Row = HashMap<String, String>;

/// The rows of a file of tab-separated values: column name to cell.
fn rows(path: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<_> = lines.next().unwrap_or_default().split('\t').map(str::to_owned).collect();
    lines.map(|line| names.iter().cloned().zip(line.split('\t').map(str::to_owned)).collect()).collect()
}

/// What `each` says of every capture the oracle knows, with the name it has there.
fn over_oracle<T: Send>(each: impl Fn(&str, &Tracker, &[Row]) -> T + Sync) -> Vec<(String, T)> {
    over(&oracle(), |file| {
        let name = file.file_name().unwrap().to_str().unwrap().trim_end_matches(".conn.tsv");
        let tracker = track(&capture(name)).unwrap_or_else(|| panic!("{name} cannot be read"));
        (name.to_owned(), each(name, &tracker, &rows(file)))
    })
}

/// The oracle writes `__` for `/`, and the files' own names hold `__` too.
fn capture(name: &str) -> PathBuf {
    let (folder, file) = name.split_once("__").expect("an oracle file names its folder");
    there(&format!("{folder}/{file}")).expect("the captures are where their oracle is")
}

fn seconds(moment: Option<Moment>) -> String {
    moment.and_then(Moment::time).map_or_else(String::new, |time| {
        let (seconds, nanos) = time.parts();
        format!("{seconds}.{nanos:09}")
    })
}

/// Our word on the columns that are facts of the capture; `client` is whom the oracle calls so.
fn facts(connection: &Connection, client: Lane) -> Vec<(&'static str, String)> {
    let handshake = connection.handshake().expect("a TCP connection has a handshake");
    let ends = (connection.endpoint(client), connection.endpoint(client.other()));
    let fins_and_resets = |lane| connection.closing().map_or((0, 0), |all| (all.fins(lane), all.resets(lane)));
    let (from_client, from_server) = (fins_and_resets(client), fins_and_resets(client.other()));
    let (client, server) = (connection.traffic(client), connection.traffic(client.other()));
    // The oracle fills these only where a SYN was answered, or an answer acknowledged.
    let answered = |moment| if handshake.syn.is_some() && handshake.syn_ack.is_some() { moment } else { None };
    vec![
        ("client", ends.0.to_string()),
        ("server", ends.1.to_string()),
        ("first", seconds(connection.first())),
        ("last", seconds(connection.last())),
        ("c_pkts", client.packets.to_string()),
        ("s_pkts", server.packets.to_string()),
        ("c_frame_bytes", client.bytes.to_string()),
        ("s_frame_bytes", server.bytes.to_string()),
        ("c_payload", client.payload.to_string()),
        ("s_payload", server.payload.to_string()),
        ("syn_first", seconds(handshake.syn)),
        ("syn_last", seconds(answered(handshake.last_syn))),
        ("synack", seconds(handshake.syn_ack)),
        ("synack_last", seconds(answered(handshake.last_syn_ack))),
        ("ack", seconds(handshake.ack)),
        ("n_syn", handshake.syns.to_string()),
        ("n_synack", handshake.syn_acks.to_string()),
        ("fin_c", from_client.0.to_string()),
        ("fin_s", from_server.0.to_string()),
        ("rst_c", from_client.1.to_string()),
        ("rst_s", from_server.1.to_string()),
    ]
}

/// Whom the oracle calls the client. Where the first packet alone made it one, it may be our server: the ports say so.
fn client_of(row: &Row, connection: &Connection) -> Lane {
    let is_assumed = row["role_by"] == "first-packet" && connection.is_assumed();
    let is_other = connection.endpoint(Lane::Client).to_string() != row["client"];
    if is_assumed && is_other { Lane::Server } else { Lane::Client }
}

fn differences(tracker: &Tracker, rows: &[Row]) -> Vec<String> {
    let mut found = Vec::new();
    let (ours, theirs) = (tracker.connections(Transport::Tcp).count(), rows.len());
    if ours != theirs {
        found.push(format!("connections: {ours}, oracle {theirs}"));
    }
    for row in rows.iter().filter(|row| row["hs_ambiguous"] != "1") {
        let stream = &row["stream"];
        let Some(connection) = tracker.connection(Transport::Tcp, stream.parse().expect("a number")) else {
            found.push(format!("stream {stream}: not here"));
            continue;
        };
        let different =
            facts(connection, client_of(row, connection)).into_iter().filter(|(column, ours)| *ours != row[*column]);
        found.extend(
            different.map(|(column, ours)| format!("stream {stream} {column}: {ours}, oracle {}", row[column])),
        );
    }
    found
}

#[test]
fn every_connection_equals_the_oracle_or_differs_for_a_named_reason() {
    let listed = |file: &str| {
        DIFFERENCES.iter().flat_map(|(_, files)| *files).find(|pattern| match pattern.strip_suffix('*') {
            Some(start) => file.starts_with(start),
            None => file == **pattern,
        })
    };
    let mut unexplained = Vec::new();
    let mut needed = BTreeSet::new();
    for (file, differences) in over_oracle(|_, tracker, rows| differences(tracker, rows)) {
        match listed(&file) {
            Some(pattern) if !differences.is_empty() => drop(needed.insert(*pattern)),
            _ => unexplained.extend(differences.into_iter().map(|difference| format!("{file}: {difference}"))),
        }
    }
    assert!(unexplained.is_empty(), "{} differences:\n{}", unexplained.len(), unexplained.join("\n"));
    // Of other projects' captures nothing is known where they are absent.
    let is_asked = |file: &str| corpus().is_some() || file.starts_with("generated__") || file.starts_with("derived__");
    let listed = DIFFERENCES.iter().flat_map(|(_, files)| *files).filter(|file| is_asked(file));
    let idle: Vec<_> = listed.filter(|file| !needed.contains(**file)).collect();
    assert!(idle.is_empty(), "listed, but equal to the oracle: {idle:?}");
}

/// How often a mark was given on each side of a generated capture: client's packets, server's packets.
fn marked(connection: &Connection, mark: Marks) -> (u32, u32) {
    let of = |lane| connection.health(lane).map_or(0, |health| health.count(mark));
    (of(Lane::Client), of(Lane::Server))
}

/// The truth of a generated capture: what was dropped on the link (by sender), what was delayed, what was duplicated.
#[derive(Debug, Default, PartialEq, Eq)]
struct Actions {
    dropped_data: u32,
    delayed: bool,
    duplicated: u32,
}

fn actions(row: &Row) -> Actions {
    let mut actions = Actions::default();
    for action in row["link_actions"].split(" | ").filter(|action| !action.is_empty()) {
        let fields: Vec<_> = action.split_whitespace().collect();
        match fields[0] {
            // Retransmitted SYNs are the handshake's; they are tested with the oracle.
            "drop" if action.contains("len=0") => {}
            "drop" => actions.dropped_data += 1,
            "act" if action.contains("[0.0, ") => actions.duplicated += 1,
            "act" => actions.delayed = true,
            other => panic!("an action nobody knows: {other}"),
        }
    }
    actions
}

/// On the captures whose losses, delays and copies are known, each is found from either side, and nothing else.
#[test]
fn marks_equal_the_truth_from_either_capture_point() {
    for row in rows(&ours("generated/truth.tsv")) {
        let file = &row["file"];
        let tracker = track(&ours("generated").join(file)).expect("a capture");
        let actions = actions(&row);
        let at_receiver = file.contains(".server.");
        for connection in tracker.connections(Transport::Tcp) {
            let handshake = connection.handshake().expect("a TCP connection");
            // Blocked SYNs are repeated too, and marked so.
            let syns = handshake.syn_retransmissions() + handshake.syn_ack_retransmissions();
            let (client, server) = marked(connection, Marks::RETRANSMISSION);
            // The reordered transfer made its sender retransmit once, in vain: the receiver answered with a D-SACK.
            let spurious = u32::from(actions.delayed);
            let expected = if handshake.is_simultaneous() { 0 } else { actions.dropped_data + syns + spurious };
            assert_eq!(client + server, expected, "{file}: retransmissions");
            let late = if actions.delayed && at_receiver { 3 } else { 0 };
            assert_eq!(marked(connection, Marks::OUT_OF_ORDER), (late, 0), "{file}: out of order");
            let gaps = if at_receiver { actions.dropped_data + late } else { 0 };
            assert_eq!(marked(connection, Marks::LOST_SEGMENT), (gaps, 0), "{file}: gaps");
            assert_eq!(marked(connection, Marks::ACK_LOST_SEGMENT), (0, 0), "{file}: ACKed unseen");
            let copies = marked(connection, Marks::DUPLICATE_PACKET);
            match file.as_str() {
                "duplicated-capture.mid-any.pcap" | "two-interfaces.mid.pcapng" => {
                    let packets = |lane| connection.traffic(lane).packets as u32;
                    let halves = (packets(Lane::Client) / 2, packets(Lane::Server) / 2);
                    assert_eq!(copies, halves, "{file}: every packet is here twice");
                }
                _ => assert_eq!(copies, (if at_receiver { actions.duplicated } else { 0 }, 0), "{file}: copies"),
            }
            windows(file, connection);
        }
    }
}

/// Probes, keep-alives and super-segments, where the truth says there are any.
fn windows(file: &str, connection: &Connection) {
    let probes = if file.starts_with("zero-window.") { 3 } else { 0 };
    assert_eq!(marked(connection, Marks::ZERO_WINDOW_PROBE), (probes, 0), "{file}: probes");
    assert_eq!(marked(connection, Marks::ZERO_WINDOW_PROBE_ACK), (0, probes), "{file}: answers to probes");
    let keep_alives = if file.starts_with("keep-alive.") { 4 } else { 0 };
    assert_eq!(marked(connection, Marks::KEEP_ALIVE), (keep_alives, 0), "{file}: keep-alives");
    assert_eq!(marked(connection, Marks::KEEP_ALIVE_ACK), (0, keep_alives), "{file}: answers to keep-alives");
    let (client, server) = marked(connection, Marks::SUPER_SEGMENT);
    assert_eq!(client + server > 0, file.starts_with("tso-"), "{file}: super-segments");
}

/// How each generated connection opened and ended, in the words of its truth.
#[test]
fn verdicts_tell_the_truth() {
    let verdicts = |file: &str| -> Vec<String> {
        let tracker = track(&ours("generated").join(file)).expect("a capture");
        let said = |connection: &Connection| {
            let verdict = connection.verdict().expect("TCP has a verdict");
            let (opening, ending) =
                (Spelling::default().opening(verdict.opening), Spelling::default().ending(verdict.ending));
            format!("{opening}; {ending}; {}", connection.zeek_state())
        };
        tracker.connections(Transport::Tcp).map(said).collect()
    };
    let closed = "complete; closed by the client, three segments; SF";
    for (file, expected) in [
        ("abort-rst-client.client.pcap", "complete; reset by the client: abort; RSTO"),
        ("abort-rst-client.server.pcap", "complete; reset by the client: abort; RSTO"),
        ("blackhole.client.pcap", "no answer after 5 tries; never opened; S0"),
        ("half-close.client.pcap", "complete; closed by the client, four-way, half-closed in between; SF"),
        ("linux-loopback.client.pcap", "complete; closed by the server, four-way; SF"),
        ("loss-fast-retransmit.client.pcap", closed),
        ("refused.client.pcap", "refused; reset by the server: refused; REJ"),
        ("server-close-unread-rst.client.pcap", "complete; reset by the server: unread data; RSTR"),
        ("simultaneous-close.client.pcap", "complete; closed by both sides at once; SF"),
        ("simultaneous-open.server.pcap", "complete, from both sides at once; closed by both sides at once; SF"),
        ("tail-loss-rto.client.pcap", closed),
    ] {
        assert_eq!(verdicts(file), [expected], "{file}");
    }
    let flood = verdicts("syn-flood.client.pcap");
    let half_open = flood.iter().filter(|said| *said == "half-open; never opened; S1").count();
    let unanswered = flood.iter().filter(|said| *said == "no answer; never opened; S0").count();
    assert_eq!((half_open, half_open + unanswered), (17, 400), "{flood:?}");
    assert_eq!(verdicts("port-reuse.client.pcap").len(), 3);
}

/// Round trips measured near the client are the path's, whose delay is known.
#[test]
fn round_trips_equal_the_known_delay() {
    for row in rows(&ours("generated/truth.tsv")) {
        let delay: u64 = row["one_way_delay_ms"].split('.').next().expect("a number").parse().expect("a number");
        // Where captures hold each packet twice, or on the wire between, the client's side is not the whole path.
        if delay == 0 || !row["file"].contains(".client.") {
            continue;
        }
        let tracker = track(&ours("generated").join(&row["file"])).expect("a capture");
        for connection in tracker.connections(Transport::Tcp) {
            let Some(trip) = connection.health(Lane::Client).and_then(Health::round_trip) else { continue };
            let path = 2 * delay as i64 * 1_000_000;
            assert!((path..path + 12_000_000).contains(&trip.min), "{}: {trip:?}, not {path}", row["file"]);
        }
    }
}
