//! The tracker on packets made for the question: stream numbers, directions, bounds, the wrap of sequence numbers.

use std::net::SocketAddrV4;

use layerscope::analyse::{Connection, Ending, Health, Limits, Marks, Moment, Opening, Seen};
use layerscope::model::{Lane, SeqNumber, TcpState, Transport};
use layerscope::words::Spelling;
use proptest::prelude::*;

use crate::support::segments::{
    ACK, CLIENT, Capture, FIN, FROM_CLIENT, FROM_SERVER, SERVER, SYN, Segment, ipv4, ports,
};

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
    assert_eq!([0, 1].map(|stream| capture.connection(stream).marked(Marks::REUSED_PORTS)), [0, 1]);
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
    let (one, other) = (SocketAddrV4::new(*CLIENT.ip(), 50_000), SocketAddrV4::new(*SERVER.ip(), 50_001));
    let (from_one, from_other) =
        (Segment { from: one, to: other, ..FROM_CLIENT }, Segment { from: other, to: one, ..FROM_CLIENT });
    capture.isn = [1000; 2];
    let seen = capture.see(Segment { seq: 500, ack: 700, len: 3, ..from_other });
    assert_eq!((seen.from, seen.assumed, seen.seq, seen.ack), (Lane::Client, true, Some(1), Some(1)));
    assert_eq!((seen.client, seen.server), (None, None));
    // The SYN that shows the direction after all; its number is the one before the first seen.
    let seen = capture.see(Segment { flags: SYN, seq: 699, ..from_one });
    assert_eq!((seen.stream, seen.from, seen.assumed), (0, Lane::Client, false));
    assert_eq!(capture.connection(0).traffic(Lane::Server).payload, 3);
}

#[test]
fn an_assumed_server_has_the_port_that_servers_have() {
    let first_sender = |from: u16, to: u16| {
        let (from, to) = (SocketAddrV4::new(*SERVER.ip(), from), SocketAddrV4::new(*CLIENT.ip(), to));
        let mut capture = Capture::new(Limits::default());
        let seen = capture.see(Segment { from, to, seq: 500, ack: 700, len: 3, ..FROM_SERVER });
        assert!(seen.assumed && (seen.stream, seen.seq, seen.ack) == (0, Some(1), Some(1)));
        seen.from
    };
    assert_eq!((first_sender(80, 40_000), first_sender(40_000, 80)), (Lane::Server, Lane::Client));
    // 1433 is registered for a database; an old system also gives it to clients.
    assert_eq!((first_sender(443, 1433), first_sender(1433, 443)), (Lane::Server, Lane::Client));
    assert_eq!((first_sender(1433, 40_000), first_sender(40_000, 1433)), (Lane::Server, Lane::Client));
    // NFS: its clients have system ports of their own.
    assert_eq!((first_sender(2049, 1021), first_sender(1021, 2049)), (Lane::Server, Lane::Client));
    assert_eq!((first_sender(1021, 40_000), first_sender(40_000, 1021)), (Lane::Server, Lane::Client));
    for (from, to) in [(20, 80), (80, 20), (40_000, 50_000), (50_000, 40_000), (0, 40_000)] {
        assert_eq!(first_sender(from, to), Lane::Client, "{from} to {to} tells nothing");
    }
    // A SYN of the one with the server's port says otherwise, and is believed.
    let mut capture = Capture::new(Limits::default());
    assert_eq!(capture.see(Segment { seq: 700, len: 3, ..FROM_CLIENT }).from, Lane::Client);
    let seen = capture.see(Segment { flags: SYN, seq: 0, ..FROM_SERVER });
    assert_eq!((seen.stream, seen.from, seen.assumed), (0, Lane::Client, false));
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
    let closing = [Segment { flags: FIN | ACK, ..own }, Segment { seq: 2, ack: 2, ..own }];
    let seen = closing.map(|segment| capture.see(segment));
    assert_eq!(seen.map(|seen| seen.client), [Some(TcpState::FinWait1), Some(TcpState::TimeWait)]);
    let ending = capture.connection(0).verdict().map(|verdict| Spelling::default().ending(verdict.ending).to_string());
    assert_eq!(ending.as_deref(), Some("closed by both sides at once"));
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

/// A segment of any numbers, flags and time.
fn anything() -> impl Strategy<Value = Segment> {
    let times = prop_oneof![-1000..1000_i64, Just(i64::MAX / 4_000_000), Just(i64::MIN / 4_000_000)];
    let numbers = || prop_oneof![0..50_u32, any::<u32>(), (1 << 30) - 50..(1 << 30) + 50_u32];
    (any::<bool>(), any::<u8>(), numbers(), numbers(), any::<u16>(), 0..40_usize, times).prop_map(
        |(server, flags, seq, ack, window, len, after)| {
            let from = if server { FROM_SERVER } else { FROM_CLIENT };
            Segment { flags, seq, ack, window, len, after, ..from }
        },
    )
}

proptest! {
    /// Arithmetic that would overflow panics in tests.
    #[test]
    fn whatever_comes_can_be_told(segments in prop::collection::vec(anything(), 1..120)) {
        let mut capture = Capture::new(Limits::default());
        for segment in segments {
            capture.millis = capture.millis.clamp(i64::MIN / 4_000_000, i64::MAX / 4_000_000);
            capture.see(segment);
        }
        for connection in capture.tracker.connections(Transport::Tcp) {
            prop_assert!(connection.verdict().is_some() && connection.zeek_history().len() <= 28);
            prop_assert!(connection.round_trip_time().is_none_or(|nanos| nanos >= 0));
            for lane in [Lane::Client, Lane::Server] {
                connection.health(lane).map(Health::goodput);
            }
        }
    }

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
