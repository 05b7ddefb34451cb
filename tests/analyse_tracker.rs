//! The tracker on packets made for the question: stream numbers, bounds, gaps, the wrap of sequence numbers.

use std::net::{Ipv4Addr, SocketAddrV4};

use layerscope::analyse::{Connection, Ending, Health, Limits, Marks, Moment, Opening, Seen, Tracker};
use layerscope::decode::headers;
use layerscope::model::{Frame, Lane, LinkType, SeqNumber, TcpState, Timestamp, Transport};
use proptest::prelude::*;

const CLIENT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 40000);
const SERVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 2), 80);
const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

/// A segment's parts; each test changes what it is about.
#[derive(Clone, Copy, Debug)]
struct Segment {
    from: SocketAddrV4,
    to: SocketAddrV4,
    flags: u8,
    seq: u32,
    ack: u32,
    window: u16,
    len: usize,
    /// Milliseconds since the segment before.
    after: i64,
}

const FROM_CLIENT: Segment =
    Segment { from: CLIENT, to: SERVER, flags: ACK, seq: 1, ack: 1, window: 1000, len: 0, after: 10 };
const FROM_SERVER: Segment = Segment { from: SERVER, to: CLIENT, ..FROM_CLIENT };

/// A capture in the making; sequence numbers are relative to `isn`, client's and server's.
struct Capture {
    tracker: Tracker,
    isn: [u32; 2],
    number: u64,
    millis: i64,
}

impl Capture {
    fn new(limits: Limits) -> Self {
        Self { tracker: Tracker::new(limits), isn: [1000, 9000], number: 0, millis: 0 }
    }

    fn see(&mut self, segment: Segment) -> Seen {
        let own = usize::from(segment.from.port() == SERVER.port());
        let seq = self.isn[own].wrapping_add(segment.seq);
        let ack = if segment.flags & ACK != 0 { self.isn[1 - own].wrapping_add(segment.ack) } else { 0 };
        let mut tcp = ports(&segment);
        tcp.extend(seq.to_be_bytes());
        tcp.extend(ack.to_be_bytes());
        tcp.extend([5 << 4, segment.flags]);
        tcp.extend(segment.window.to_be_bytes());
        tcp.extend([0; 4]);
        tcp.resize(20 + segment.len, b'x');
        self.send(&segment, 6, &tcp).expect("a TCP segment belongs to a connection")
    }

    fn datagram(&mut self, segment: Segment) -> Option<Seen> {
        let mut udp = ports(&segment);
        udp.extend((8 + segment.len as u16).to_be_bytes());
        udp.resize(8 + segment.len + 2, 0);
        self.send(&segment, 17, &udp[..8 + segment.len])
    }

    fn send(&mut self, segment: &Segment, protocol: u8, body: &[u8]) -> Option<Seen> {
        self.number += 1;
        self.millis += segment.after;
        let bytes = ipv4(segment.from, segment.to, protocol, self.number as u16, body);
        let frame = Frame {
            number: self.number,
            time: Some(Timestamp::from_nanos(self.millis * 1_000_000)),
            interface: 0,
            link: LinkType::RAW,
            wire_len: bytes.len() as u32,
            bytes: &bytes,
            comments: &[],
        };
        self.tracker.observe(&frame, &headers(&frame))
    }

    fn open(&mut self) {
        self.see(Segment { flags: SYN, seq: 0, ..FROM_CLIENT });
        self.see(Segment { flags: SYN | ACK, seq: 0, ..FROM_SERVER });
        self.see(FROM_CLIENT);
    }

    fn connection(&self, stream: u32) -> &Connection {
        self.tracker.connection(Transport::Tcp, stream).expect("the connection is remembered")
    }
}

fn ports(segment: &Segment) -> Vec<u8> {
    [segment.from.port().to_be_bytes(), segment.to.port().to_be_bytes()].concat()
}

fn ipv4(from: SocketAddrV4, to: SocketAddrV4, protocol: u8, id: u16, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend((20 + body.len() as u16).to_be_bytes());
    packet.extend(id.to_be_bytes());
    packet.extend([0, 0, 64, protocol, 0, 0]);
    packet.extend(from.ip().octets());
    packet.extend(to.ip().octets());
    packet.extend(body);
    packet
}

// Streams and directions

#[test]
fn a_syn_repeated_is_one_connection_and_a_syn_with_another_number_is_another() {
    let mut capture = Capture::new(Limits::default());
    let syn = Segment { flags: SYN, seq: 0, after: 1000, ..FROM_CLIENT };
    assert_eq!(capture.see(syn).stream, 0);
    let again = capture.see(syn);
    assert_eq!((again.stream, again.marks), (0, Marks::RETRANSMISSION));
    let new = capture.see(Segment { seq: 77, ..syn });
    assert_eq!((new.stream, new.marks), (1, Marks::REUSED_PORTS));
    let verdict = capture.connection(0).verdict().expect("TCP has a verdict");
    assert_eq!((verdict.opening, verdict.ending), (Opening::NoAnswer { tries: 2 }, Ending::NeverOpened));
    assert_eq!(verdict.opening_evidence[..], [1, 2]);
}

#[test]
fn the_direction_is_the_syns_and_without_one_it_is_assumed() {
    let mut capture = Capture::new(Limits::default());
    let seen = capture.see(Segment { flags: SYN | ACK, seq: 0, ..FROM_SERVER });
    assert_eq!((seen.from, seen.assumed), (Lane::Server, false));
    let mut capture = Capture::new(Limits::default());
    let seen = capture.see(Segment { seq: 500, ack: 700, len: 3, ..FROM_SERVER });
    assert_eq!((seen.from, seen.assumed, seen.seq, seen.ack), (Lane::Client, true, Some(1), Some(1)));
    assert_eq!((seen.client, seen.server), (None, None));
    // The SYN that shows the direction after all; its number is the one before the first seen.
    let seen = capture.see(Segment { flags: SYN, seq: 699, ..FROM_CLIENT });
    assert_eq!((seen.stream, seen.from, seen.assumed), (0, Lane::Client, false));
    assert_eq!(capture.connection(0).traffic(Lane::Server).payload, 3);
}

#[test]
fn windows_are_not_scaled_by_one_syn_alone() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    assert_eq!(capture.see(FROM_SERVER).window, Some(1000));
}

#[test]
fn a_socket_connected_to_itself_is_one_lane() {
    let mut capture = Capture::new(Limits::default());
    let own = Segment { to: CLIENT, ..FROM_CLIENT };
    capture.isn = [1000, 1000];
    let opening = [Segment { flags: SYN, seq: 0, ..own }, Segment { flags: SYN | ACK, seq: 0, ..own }, own];
    let seen = opening.map(|segment| capture.see(segment));
    assert_eq!(seen.map(|seen| (seen.from, seen.server)), [(Lane::Client, None); 3]);
    assert_eq!(seen[2].client, Some(TcpState::Established));
    assert_eq!(capture.connection(0).verdict().map(|verdict| verdict.opening_evidence.to_vec()), Some(vec![1, 2, 3]));
    assert!(capture.connection(0).is_self_connected());
}

// Health

#[test]
fn a_gap_that_the_receiver_acknowledges_was_missed_by_the_capture() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    assert_eq!(capture.see(Segment { len: 10, ..FROM_CLIENT }).marks, Marks::NONE);
    assert_eq!(capture.see(Segment { seq: 31, len: 10, ..FROM_CLIENT }).marks, Marks::LOST_SEGMENT);
    assert_eq!(capture.see(Segment { ack: 41, ..FROM_SERVER }).marks, Marks::ACKED_UNSEEN);
    let health = capture.connection(0).health(Lane::Client).expect("there was data");
    assert_eq!((health.missed(), health.data()), (20, 20));
    // Said once, not again with every later acknowledgment.
    assert_eq!(capture.see(Segment { ack: 41, len: 1, ..FROM_SERVER }).marks, Marks::NONE);
}

#[test]
fn what_was_seen_before_is_a_retransmission_however_soon_it_comes() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    capture.see(Segment { len: 10, ..FROM_CLIENT });
    capture.see(Segment { seq: 11, len: 10, ..FROM_CLIENT });
    let again = capture.see(Segment { len: 10, after: 0, ..FROM_CLIENT });
    assert_eq!(again.marks, Marks::RETRANSMISSION);
    capture.see(Segment { ack: 21, ..FROM_SERVER });
    let in_vain = capture.see(Segment { len: 10, ..FROM_CLIENT });
    assert_eq!(in_vain.marks, Marks::RETRANSMISSION | Marks::SPURIOUS_RETRANSMISSION);
    let health = capture.connection(0).health(Lane::Client).expect("there was data");
    assert_eq!(health.data(), 20, "bytes sent again count once");
    assert_eq!(health.round_trip().map(|trip| trip.samples), Some(1), "only the SYN was sent once and answered");
}

#[test]
fn a_probe_of_a_shut_window_is_no_keep_alive_and_its_byte_is_not_lost() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    capture.see(Segment { len: 10, ..FROM_CLIENT });
    assert_eq!(capture.see(Segment { ack: 11, window: 0, ..FROM_SERVER }).marks, Marks::ZERO_WINDOW);
    let probe = Segment { seq: 11, len: 1, ..FROM_CLIENT };
    assert_eq!(capture.see(probe).marks, Marks::ZERO_WINDOW_PROBE);
    let shut = capture.see(Segment { ack: 11, window: 0, ..FROM_SERVER });
    assert_eq!(shut.marks, Marks::ZERO_WINDOW | Marks::ZERO_WINDOW_PROBE_ACK);
    capture.see(probe);
    assert_eq!(capture.see(Segment { ack: 12, ..FROM_SERVER }).marks, Marks::NONE);
    assert_eq!(capture.see(Segment { seq: 12, len: 5, ack: 1, ..FROM_CLIENT }).marks, Marks::NONE);
}

#[test]
fn many_gaps_do_not_grow_without_bound() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    for gap in 1..10_000 {
        let seen = capture.see(Segment { seq: 1 + gap * 20, len: 10, ..FROM_CLIENT });
        assert_eq!(seen.marks, Marks::LOST_SEGMENT);
    }
    let data = |capture: &Capture| capture.connection(0).health(Lane::Client).map_or(0, Health::data);
    let before = data(&capture);
    capture.see(Segment { seq: 11 + 9_998 * 20, len: 10, ..FROM_CLIENT });
    assert_eq!(data(&capture), before + 10, "the newest gap is known, and what fills it is new");
    capture.see(Segment { seq: 31, len: 10, ..FROM_CLIENT });
    assert_eq!(data(&capture), before + 10, "the oldest is forgotten, and what fills it counts as sent before");
}

// Ends

#[test]
fn a_reset_after_unanswered_repetitions_is_a_time_out() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    for _ in 0..4 {
        capture.see(Segment { len: 10, after: 500, ..FROM_CLIENT });
    }
    let seen = capture.see(Segment { flags: RST | ACK, seq: 11, ..FROM_CLIENT });
    assert_eq!((seen.client, seen.server), (Some(TcpState::Closed), Some(TcpState::Closed)));
    let verdict = capture.connection(0).verdict().expect("TCP has a verdict");
    assert_eq!(verdict.ending.to_string(), "reset by the client: time-out");
    assert_eq!(verdict.ending_evidence[..], [8]);
}

#[test]
fn a_reset_after_a_fin_names_both() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    capture.see(Segment { flags: FIN | ACK, ..FROM_SERVER });
    capture.see(Segment { ack: 2, len: 10, ..FROM_CLIENT });
    capture.see(Segment { flags: RST, seq: 2, ..FROM_SERVER });
    let verdict = capture.connection(0).verdict().expect("TCP has a verdict");
    assert_eq!(verdict.ending.to_string(), "reset by the server: after a FIN");
    assert_eq!(verdict.ending_evidence[..], [4, 6]);
    assert_eq!(capture.connection(0).zeek_history(), "ShAfDr");
}

// UDP

#[test]
fn answers_are_paired_with_questions_in_order_and_refusals_with_their_datagram() {
    let mut capture = Capture::new(Limits::default());
    let answers = |seen: Option<Seen>| seen.and_then(|seen| seen.answers).map(Moment::frame);
    assert_eq!(answers(capture.datagram(FROM_CLIENT)), None);
    assert_eq!(answers(capture.datagram(FROM_CLIENT)), None);
    assert_eq!(answers(capture.datagram(FROM_SERVER)), Some(1));
    assert_eq!(answers(capture.datagram(FROM_SERVER)), Some(2));
    assert_eq!(answers(capture.datagram(FROM_SERVER)), None, "nobody asked");
    capture.datagram(FROM_CLIENT);
    let quoted = ipv4(CLIENT, SERVER, 17, 6, &[ports(&FROM_CLIENT), vec![0, 8, 0, 0]].concat());
    let icmp = [&[3, 3, 0, 0, 0, 0, 0, 0], &quoted[..]].concat();
    assert_eq!(capture.send(&FROM_SERVER, 1, &icmp), None, "ICMP is no conversation of its own");
    let connection = capture.tracker.connection(Transport::Udp, 0).expect("it is remembered");
    let exchange = connection.exchange().expect("UDP has an exchange");
    assert_eq!((exchange.asked(), exchange.answered(), exchange.refusals()), (3, 2, 1));
    let refusal = exchange.refusal().expect("the port was closed");
    assert_eq!((refusal.at.frame(), refusal.by, refusal.sender), (7, (*SERVER.ip()).into(), Lane::Client));
    assert_eq!(exchange.unanswered().map(Moment::frame).collect::<Vec<_>>(), [6]);
}

#[test]
fn a_packet_quoted_before_it_is_seen_has_its_number_already() {
    let mut capture = Capture::new(Limits::default());
    let quoted = ipv4(CLIENT, SERVER, 17, 6, &[ports(&FROM_CLIENT), vec![0, 8, 0, 0]].concat());
    capture.send(&FROM_SERVER, 1, &[&[11, 0, 0, 0, 0, 0, 0, 0], &quoted[..]].concat());
    assert_eq!(capture.tracker.connections(Transport::Udp).count(), 0);
    let other = Segment { to: SocketAddrV4::new(*SERVER.ip(), 53), ..FROM_CLIENT };
    let streams = [other, FROM_CLIENT].map(|datagram| capture.datagram(datagram).map(|seen| seen.stream));
    assert_eq!(streams, [Some(1), Some(0)]);
}

// Bounds

#[test]
fn the_connection_idle_longest_gives_way_and_is_counted() {
    let mut capture = Capture::new(Limits { max_connections: 2 });
    let from = |port| Segment { from: SocketAddrV4::new(*CLIENT.ip(), port), flags: SYN, seq: 0, ..FROM_CLIENT };
    capture.see(from(1001));
    capture.see(from(1002));
    capture.see(from(1001));
    capture.see(from(1003));
    let kept: Vec<_> = capture.tracker.connections(Transport::Tcp).map(Connection::stream).collect();
    assert_eq!((kept, capture.tracker.evicted()), (vec![0, 2], 1));
    assert!(capture.tracker.connection(Transport::Tcp, 1).is_none());
    // What comes back after that is a new connection, and every number stays what it was.
    assert_eq!(capture.see(from(1002)).stream, 3);
    assert_eq!(capture.connection(3).endpoint(Lane::Client).port, 1002);
    for port in 2000..3000 {
        capture.see(from(port));
    }
    let kept: Vec<_> = capture.tracker.connections(Transport::Tcp).map(Connection::stream).collect();
    assert_eq!((kept, capture.tracker.evicted()), (vec![1002, 1003], 1002));
}

// The wrap of sequence numbers

fn a_life() -> impl Strategy<Value = Vec<(bool, u32, usize, u8)>> {
    // Who sends, how far from what is due, how much, which flag beside ACK.
    prop::collection::vec((any::<bool>(), 0..60_u32, 0..40_usize, prop::sample::select(&[0, 0, 0, 0, FIN][..])), 1..40)
}

/// Anywhere, and often just before the wrap.
fn an_isn() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), u32::MAX - 1500..=u32::MAX, (1 << 31) - 1500..=1_u32 << 31]
}

/// Everything the tracker says of a connection whose numbers begin at `isn`.
fn told(isn: [u32; 2], life: &[(bool, u32, usize, u8)]) -> (Vec<Seen>, String) {
    let mut capture = Capture::new(Limits::default());
    capture.isn = isn;
    let mut seen = vec![
        capture.see(Segment { flags: SYN, seq: 0, ..FROM_CLIENT }),
        capture.see(Segment { flags: SYN | ACK, seq: 0, ..FROM_SERVER }),
    ];
    let mut due = [1_u32, 1];
    for (server, back, len, flag) in life {
        let (own, peer) = (usize::from(*server), usize::from(!*server));
        let template = if *server { FROM_SERVER } else { FROM_CLIENT };
        // Around what is due: sent again, in order, or after a gap.
        let seq = (due[own] + 30).saturating_sub(*back);
        seen.push(capture.see(Segment { flags: ACK | flag, seq, ack: due[peer], len: *len, ..template }));
        due[own] = due[own].max(seq + *len as u32 + u32::from(flag & FIN));
    }
    let connection = capture.connection(0);
    let health = format!("{:?} {:?}", connection.health(Lane::Client), connection.health(Lane::Server));
    let facts = format!("{:?} {:?}", connection.verdict(), connection.zeek_history());
    // The health holds absolute numbers; what it says without them is the same.
    let relative: String =
        health.split("SeqNumber(").map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit())).collect();
    (seen, relative + &facts)
}

proptest! {
    #[test]
    fn where_sequence_numbers_begin_changes_nothing(client in an_isn(), server in an_isn(), life in a_life()) {
        prop_assert_eq!(told([client, server], &life), told([0, 0], &life));
    }

    #[test]
    fn sequence_numbers_wrap_without_changing_their_order(
        start in any::<u32>(),
        step in 1..0x8000_0000_u32,
    ) {
        let (before, after) = (SeqNumber(start), SeqNumber(start) + step);
        prop_assert!(before.precedes(after) && !after.precedes(before));
        prop_assert_eq!(after - before, step);
        prop_assert_eq!(after.distance_from(before), i32::try_from(step).unwrap());
        prop_assert_eq!(before.later(after), after);
        prop_assert_eq!(after.later(before), after);
    }
}
