//! Handshakes in which something comes twice, with other numbers, or not at all.

use layerscope::analyse::{Handshake, Health, Limits, Marks, Moment, Offer, Opening};
use layerscope::model::{Lane, LinkType, TcpState};

use crate::run::{layerscope, stdout};
use crate::support::packets::{self, tcp};
use crate::support::segments::{ACK, Capture, FROM_CLIENT, FROM_SERVER, RST, SYN, Segment, save, segment};

const COMPLETE: Opening = Opening::Complete { simultaneous: false };
const CLIENT_SYN: Segment = Segment { flags: SYN, seq: 0, ..FROM_CLIENT };
const SYN_ACK: Segment = Segment { flags: SYN | ACK, seq: 0, ..FROM_SERVER };

/// A SYN-ACK of other numbers, that many after the server's.
const fn other(ahead: u32) -> Segment {
    Segment { seq: ahead, ..SYN_ACK }
}

fn opening(capture: &Capture) -> (Opening, Vec<u64>) {
    let verdict = capture.connection(0).verdict().expect("TCP has a verdict");
    (verdict.opening, verdict.opening_evidence.to_vec())
}

fn handshake(capture: &Capture) -> &Handshake {
    capture.connection(0).handshake().expect("TCP has a handshake")
}

#[test]
fn of_two_syn_acks_the_one_counts_that_the_client_acknowledges() {
    for ahead in [1 << 20, 1 << 31, u32::MAX - 5000, 7] {
        for (takes, evidence) in [(0, [1, 2, 5]), (ahead, [1, 3, 5])] {
            let mut capture = Capture::new(Limits::default());
            capture.see(CLIENT_SYN);
            assert_eq!(capture.see(SYN_ACK).marks, Marks::NONE);
            // Nobody knows yet which of them it takes.
            assert_eq!(capture.see(other(ahead)).marks, Marks::SYN_ACK_OTHER_NUMBERS);
            assert_eq!(capture.see(other(ahead)).marks, Marks::SYN_ACK_OTHER_NUMBERS, "once more");
            let acks = capture.see(Segment { ack: takes.wrapping_add(1), ..FROM_CLIENT });
            assert_eq!((acks.ack, acks.marks), (Some(1), Marks::NONE), "{takes}");
            let data = capture.see(Segment { seq: takes.wrapping_add(1), len: 300, ..FROM_SERVER });
            assert_eq!((data.seq, data.marks), (Some(1), Marks::NONE), "{takes}");
            let acks = capture.see(Segment { ack: takes.wrapping_add(301), ..FROM_CLIENT });
            assert_eq!((acks.ack, acks.marks), (Some(301), Marks::NONE), "{takes}");
            assert_eq!(opening(&capture), (COMPLETE, evidence.to_vec()));
            let health = capture.connection(0).health(Lane::Server).expect("there was data");
            assert_eq!((health.data(), health.missed(), health.max_in_flight()), (300, 0, 300));
            let refused = if takes == 0 { 2 } else { 1 };
            assert_eq!(health.count(Marks::SYN_ACK_NOT_ACCEPTED), refused);
            assert_eq!(health.count(Marks::SYN_ACK_OTHER_NUMBERS), 0);
            assert_eq!(handshake(&capture).syn_acks, 3);
            assert_eq!(handshake(&capture).syn_ack_retransmissions(), 2 - refused, "of the one that counts");
        }
    }
}

#[test]
fn once_one_is_acknowledged_no_other_changes_anything() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    assert_eq!(capture.see(other(500)).marks, Marks::SYN_ACK_NOT_ACCEPTED);
    // The answer to it says what is expected (RFC 9293 §3.10.7.4).
    assert_eq!(capture.see(FROM_CLIENT).ack, Some(1));
    let data = capture.see(Segment { len: 10, ..FROM_SERVER });
    assert_eq!((data.seq, data.marks), (Some(1), Marks::NONE));
    assert_eq!(capture.see(Segment { ack: 11, ..FROM_CLIENT }).marks, Marks::NONE);
    assert_eq!(opening(&capture), (COMPLETE, vec![1, 2, 3]));
}

#[test]
fn a_reset_takes_none_of_two_and_data_may_come_with_the_acknowledgment_of_one() {
    let mut capture = Capture::new(Limits::default());
    for segment in [CLIENT_SYN, SYN_ACK, other(5000)] {
        capture.see(segment);
    }
    capture.see(Segment { flags: RST | ACK, ack: 5001, ..FROM_CLIENT });
    assert_eq!(opening(&capture).0, Opening::HalfOpen);
    let mut capture = Capture::new(Limits::default());
    for segment in [CLIENT_SYN, SYN_ACK, other(5000), Segment { ack: 5011, len: 4, ..FROM_CLIENT }] {
        capture.see(segment);
    }
    assert_eq!(opening(&capture), (COMPLETE, vec![1, 3, 4]), "its bare ACK and ten bytes were not captured");
}

#[test]
fn more_answers_than_are_remembered_do_no_harm() {
    let mut capture = Capture::new(Limits::default());
    capture.see(CLIENT_SYN);
    capture.see(SYN_ACK);
    for index in 1..100 {
        assert!(capture.see(other(index * 40_000)).marks.contains(Marks::SYN_ACK_OTHER_NUMBERS));
    }
    assert_eq!(capture.see(FROM_CLIENT).ack, Some(1));
    assert_eq!(opening(&capture), (COMPLETE, vec![1, 2, 102]));
}

#[test]
fn an_acknowledgment_behind_the_handshake_proves_it() {
    let proofs = [
        ("the client's, of data", Segment { ack: 18, ..FROM_CLIENT }),
        ("the client's, of more than was captured", Segment { ack: 5_000, len: 3, ..FROM_CLIENT }),
        ("the server's, of the client's data", Segment { ack: 40, ..FROM_SERVER }),
    ];
    for (what, proof) in proofs {
        let mut capture = Capture::new(Limits::default());
        capture.see(CLIENT_SYN);
        capture.see(SYN_ACK);
        capture.see(Segment { len: 17, ..FROM_SERVER });
        assert_eq!(opening(&capture).0, Opening::HalfOpen, "so far");
        capture.see(proof);
        assert_eq!(opening(&capture), (COMPLETE, vec![1, 2, 4]), "{what}");
        assert_eq!(handshake(&capture).proof.map(Moment::frame), Some(4));
        assert_eq!(handshake(&capture).initial_rtt(), None);
    }
}

#[test]
fn what_another_connection_acknowledges_and_a_reset_prove_nothing() {
    let nothing = [
        ("the server's repeated acknowledgment of the SYN", Segment { ..FROM_SERVER }),
        ("an older number", Segment { ack: 0, ..FROM_CLIENT }),
        ("numbers of another connection", Segment { seq: 1 << 31, ack: 500, ..FROM_CLIENT }),
        ("a reset", Segment { flags: RST | ACK, ack: 18, ..FROM_CLIENT }),
    ];
    for (what, segment) in nothing {
        let mut capture = Capture::new(Limits::default());
        for segment in [CLIENT_SYN, SYN_ACK, Segment { len: 17, ..FROM_SERVER }, segment] {
            capture.see(segment);
        }
        assert_eq!(opening(&capture).0, Opening::HalfOpen, "{what}");
    }
}

#[test]
fn a_proof_that_comes_first_leaves_the_acknowledgment_its_place() {
    let mut capture = Capture::new(Limits::default());
    for segment in [CLIENT_SYN, SYN_ACK, Segment { len: 17, ..FROM_SERVER }, Segment { ack: 18, ..FROM_CLIENT }] {
        capture.see(segment);
    }
    capture.see(FROM_CLIENT);
    assert_eq!(opening(&capture), (COMPLETE, vec![1, 2, 5]), "captured out of order");
    assert_eq!(capture.connection(0).health(Lane::Server).map(Health::data), Some(17));
}

/// A whole handshake by its SYN-ACKs: the client asks, `answers` come, it takes the one at `takes` and sends data.
fn asked(answers: &[Segment], takes: u32) -> Vec<Segment> {
    let ack = Segment { ack: takes.wrapping_add(1), ..FROM_CLIENT };
    let server = Segment { seq: takes.wrapping_add(1), ack: 6, ..FROM_SERVER };
    let data = Segment { len: 300, ..server };
    let last = Segment { seq: 6, ack: takes.wrapping_add(301), ..FROM_CLIENT };
    [&[CLIENT_SYN][..], answers, &[ack, Segment { len: 5, ..ack }, server, data, last]].concat()
}

fn opened_by(segments: &[Segment]) -> Capture {
    let mut capture = Capture::new(Limits::default());
    for segment in segments {
        capture.see(*segment);
    }
    capture
}

#[test]
fn every_syn_ack_but_the_one_acknowledged_counts_once_as_not_accepted() {
    for (answers, takes, refused) in [
        (vec![SYN_ACK, other(70_000), other(90_000)], 70_000, 2),
        (vec![SYN_ACK, other(70_000), other(90_000)], 90_000, 2),
        (vec![SYN_ACK, other(70_000), other(90_000)], 0, 2),
        (vec![SYN_ACK, other(70_000)], 70_000, 1),
        (vec![SYN_ACK, SYN_ACK, other(70_000), other(70_000)], 70_000, 2),
        (vec![SYN_ACK, other(70_000), SYN_ACK], 0, 1),
    ] {
        let capture = opened_by(&asked(&answers, takes));
        let health = capture.connection(0).health(Lane::Server).expect("there was data");
        let counts = [Marks::SYN_ACK_NOT_ACCEPTED, Marks::SYN_ACK_OTHER_NUMBERS].map(|mark| health.count(mark));
        assert_eq!(counts, [refused, 0], "{takes} of {answers:?}");
        assert_eq!((health.missed(), health.data()), (0, 300), "{takes} of {answers:?}");
        let repeated = answers.iter().filter(|answer| answer.seq == takes).count() as u32 - 1;
        assert_eq!(handshake(&capture).syn_ack_retransmissions(), repeated, "{takes} of {answers:?}");
    }
    // While none is acknowledged, none is refused.
    let capture = opened_by(&[CLIENT_SYN, SYN_ACK, other(70_000)]);
    let health = capture.connection(0).health(Lane::Server).expect("there was an answer");
    let counts = [Marks::SYN_ACK_NOT_ACCEPTED, Marks::SYN_ACK_OTHER_NUMBERS].map(|mark| health.count(mark));
    assert_eq!((counts, opening(&capture).0), ([0, 1], Opening::HalfOpen));
}

#[test]
fn a_timeline_says_of_each_syn_ack_whether_it_was_taken() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answers.pcap");
    for (takes, refused) in [(0, [3, 4]), (70_000, [2, 4]), (90_000, [2, 3])] {
        let packets: Vec<_> = asked(&[SYN_ACK, other(70_000), other(90_000)], takes).iter().map(segment).collect();
        save(&file, &packets);
        let run = |args: &[&str]| stdout(layerscope(args).arg(&file).env("COLUMNS", "160"));
        let lines = run(&["timeline", "-s", "0", "--format", "text", "--ascii"]);
        for number in 1..=packets.len() {
            let line = lines.lines().find(|line| line.trim_start().starts_with(&format!("{number} "))).unwrap();
            assert_eq!(line.contains("not accepted"), refused.contains(&number), "{takes}: {line}");
            assert!(!line.contains("other numbers"), "{line}");
        }
        assert!(
            !lines.contains("sent 2 times") && !lines.contains("sent 3 times"),
            "those were different ones: {lines}"
        );
        let rows = run(&["read"]);
        assert!(!rows.contains("not accepted"), "so far nobody knows: {rows}");
        let flow: serde_json::Value = serde_json::from_str(&run(&["flows", "--format", "json"])).unwrap();
        assert_eq!(flow["from_server"]["marks"], serde_json::json!({ "syn_ack_not_accepted": 2 }));
    }
}

#[test]
fn a_syn_ack_that_comes_after_the_acknowledgment_of_another_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("foreign.pcap");
    let packets: Vec<_> = [CLIENT_SYN, SYN_ACK, FROM_CLIENT, other(500), FROM_CLIENT].iter().map(segment).collect();
    save(&file, &packets);
    let lines = stdout(layerscope(["timeline", "-s", "0"]).arg(&file).env("COLUMNS", "120"));
    assert!(lines.contains("handshake") && !lines.contains("times)"), "{lines}");
    save(&file, &[&packets[..2], &packets[1..]].concat());
    let lines = stdout(layerscope(["timeline", "-s", "0"]).arg(&file).env("COLUMNS", "120"));
    assert!(lines.contains("(SYN,ACK sent 2 times)"), "this one was: {lines}");
}

#[test]
fn a_syn_ack_of_something_else_than_the_syn_is_answered_by_a_reset_and_leaves_nothing_behind() {
    for wrong in [500, 0, 1 << 31, 2] {
        let reset = Segment { flags: RST, seq: wrong, ..FROM_CLIENT };
        for repeated in [1, 2] {
            let mut capture = Capture::new(Limits::default());
            capture.see(CLIENT_SYN);
            for _ in 0..repeated {
                let stray = capture.see(Segment { ack: wrong, ..SYN_ACK });
                assert_eq!(
                    (stray.marks, stray.client),
                    (Marks::SYN_ACK_NOT_ACCEPTED, Some(TcpState::SynSent)),
                    "{wrong}"
                );
                assert_eq!(capture.see(reset).marks, Marks::NONE, "{wrong}");
            }
            let real = capture.see(other(70_000));
            assert_eq!((real.seq, real.ack, real.marks), (Some(0), Some(1), Marks::NONE), "{wrong}");
            let ack = Segment { ack: 70_001, ..FROM_CLIENT };
            assert_eq!(capture.see(ack).marks, Marks::NONE);
            assert_eq!(capture.see(Segment { len: 5, ..ack }).marks, Marks::NONE, "{wrong}");
            capture.see(Segment { seq: 70_001, ack: 6, ..FROM_SERVER });
            let connection = capture.connection(0);
            for lane in [Lane::Client, Lane::Server] {
                assert_eq!(connection.missed(lane), Some(0), "{wrong}");
            }
            assert_eq!(connection.marked(Marks::SYN_ACK_NOT_ACCEPTED), repeated, "{wrong}");
            let frame = 2 + 2 * repeated;
            assert_eq!(opening(&capture), (COMPLETE, vec![1, frame, frame + 1]), "{wrong}");
            assert_eq!(handshake(&capture).syn_ack_retransmissions(), 0);
        }
    }
}

#[test]
fn syns_that_cross_open_with_the_later_acknowledgment_of_the_two() {
    let server_syn = Segment { flags: SYN, seq: 0, ..FROM_SERVER };
    let client_syn_ack = Segment { flags: SYN | ACK, ..CLIENT_SYN };
    let data = Segment { len: 2, ..FROM_CLIENT };
    for acks in [[SYN_ACK, client_syn_ack], [client_syn_ack, SYN_ACK], [FROM_SERVER, FROM_CLIENT]] {
        let mut capture = Capture::new(Limits::default());
        for segment in [CLIENT_SYN, server_syn, acks[0], acks[1]] {
            capture.see(segment);
        }
        let crossed = (Opening::Complete { simultaneous: true }, vec![1, 2, 3, 4]);
        assert_eq!(opening(&capture), crossed);
        assert_eq!(handshake(&capture).total(), Some(30_000_000));
        capture.see(data);
        capture.see(Segment { ack: 3, ..FROM_SERVER });
        assert_eq!(opening(&capture), crossed, "and stays so");
        assert_eq!(handshake(&capture).total(), Some(30_000_000));
    }
}

#[test]
fn a_syn_that_later_segments_overtook_is_out_of_order_and_one_that_a_timer_sent_is_not() {
    for (after, mark) in [(0, Marks::OUT_OF_ORDER), (199, Marks::OUT_OF_ORDER), (200, Marks::RETRANSMISSION)] {
        let mut capture = opened_by(&[CLIENT_SYN, Segment { len: 6, ..FROM_SERVER }]);
        assert_eq!(capture.see(Segment { after, ..SYN_ACK }).marks, mark, "{after} ms");
        capture.see(Segment { ack: 7, ..FROM_CLIENT });
        assert_eq!(opening(&capture), (COMPLETE, vec![1, 3, 4]));
        assert_eq!(capture.connection(0).health(Lane::Server).map(Health::data), Some(6));
        // One that was seen before is sent again, however soon.
        assert_eq!(capture.see(Segment { after: 1, ..SYN_ACK }).marks, Marks::RETRANSMISSION);
    }
    let mut capture = opened_by(&[FROM_CLIENT]);
    assert_eq!(capture.see(Segment { after: 1, ..CLIENT_SYN }).marks, Marks::OUT_OF_ORDER, "the client's as well");
}

#[test]
fn an_acknowledgment_that_is_answered_by_a_reset_of_its_number_proves_nothing() {
    let ack = Segment { ack: 999, ..FROM_CLIENT };
    let reset = Segment { flags: RST, seq: 999, ..FROM_SERVER };
    let capture = opened_by(&[CLIENT_SYN, SYN_ACK, ack, reset]);
    assert_eq!(opening(&capture), (Opening::HalfOpen, vec![1, 2]));
    assert_eq!(capture.connection(0).missed(Lane::Server), Some(0), "nothing was sent that it could acknowledge");
    for (what, segments) in [
        ("the reset has another number", vec![CLIENT_SYN, SYN_ACK, ack, Segment { seq: 1, ..reset }]),
        (
            "it has an acknowledgment: it was there",
            vec![CLIENT_SYN, SYN_ACK, ack, Segment { flags: RST | ACK, ..reset }],
        ),
        ("data was captured", vec![CLIENT_SYN, SYN_ACK, Segment { len: 9, ..FROM_SERVER }, ack, reset]),
    ] {
        assert_eq!(opening(&opened_by(&segments)).0, COMPLETE, "{what}");
    }
}

/// A handshake and a segment with its acknowledgment, by the seconds at which they were stamped.
fn stamped(seconds: [i64; 5]) -> Capture {
    let mut capture = Capture::new(Limits::default());
    let data = Segment { len: 50, ..FROM_CLIENT };
    let segments = [CLIENT_SYN, SYN_ACK, FROM_CLIENT, data, Segment { ack: 51, ..FROM_SERVER }];
    for (segment, seconds) in segments.iter().zip(seconds) {
        capture.see(Segment { after: seconds * 1_000 - capture.millis, ..*segment });
    }
    capture
}

#[test]
fn an_interval_whose_ends_are_out_of_order_is_unknown() {
    const SECOND: i64 = 1_000_000_000;
    for (seconds, first, second, total, samples, duration) in [
        ([1, 2, 4, 5, 6], Some(1), Some(2), Some(3), [2, 1], 5),
        // The clock goes back before the acknowledgment, before the SYN-ACK, and all the time.
        ([5_000, 5_001, 1_400, 1_401, 1_399], Some(1), None, None, [1, 0], 3_602),
        ([100, 50, 200, 201, 202], None, None, None, [1, 0], 152),
        ([100, 50, 200, 10, 0], None, None, None, [0, 0], 200),
        ([10, 11, 5, 20, 30], Some(1), None, None, [2, 0], 25),
        ([5, 4, 3, 2, 1], None, None, None, [0, 0], 4),
    ] {
        let capture = stamped(seconds);
        let nanos = |seconds: Option<i64>| seconds.map(|seconds| seconds * SECOND);
        let handshake = handshake(&capture);
        let times = [handshake.syn_to_syn_ack(), handshake.syn_ack_to_ack(), handshake.total()];
        assert_eq!(times, [nanos(first), nanos(second), nanos(total)], "{seconds:?}");
        let both = nanos(first).zip(nanos(second)).map(|(first, second)| first + second);
        assert_eq!(handshake.initial_rtt(), both, "{seconds:?}");
        let connection = capture.connection(0);
        let sampled = [Lane::Client, Lane::Server].map(|lane| {
            let trip = connection.health(lane).and_then(Health::round_trip);
            trip.map_or(0, |trip| trip.samples)
        });
        assert_eq!(sampled, samples, "{seconds:?}");
        assert_eq!(connection.duration(), Some(duration * SECOND), "{seconds:?}: from the earliest to the latest");
        let longest = connection.round_trip_time();
        assert!(longest.is_none_or(|nanos| (0..=30 * SECOND).contains(&nanos)), "{seconds:?}: {longest:?}");
    }
}

#[test]
fn an_expectation_is_not_met_by_a_time_that_nobody_knows() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("back.pcap");
    let data = Segment { len: 50, ..FROM_CLIENT };
    let mut packets: Vec<_> = [CLIENT_SYN, SYN_ACK, FROM_CLIENT, data].iter().map(segment).collect();
    save(&file, &packets);
    // Each packet a second earlier than the one before it.
    let mut bytes = std::fs::read(&file).unwrap();
    let mut at = 24;
    for (packet, seconds) in packets.drain(..).zip([1_000_u32, 999, 998, 997]) {
        bytes[at..at + 4].copy_from_slice(&seconds.to_le_bytes());
        at += 16 + packet.len();
    }
    std::fs::write(&file, bytes).unwrap();
    for (verb, expected) in [("handshakes", "handshake<1s"), ("flows", "rtt<1s"), ("flows", "duration<1s")] {
        let output = layerscope([verb, "--expect", expected]).arg(&file).output().unwrap();
        assert!(!output.status.success(), "{verb} {expected}: {}", String::from_utf8_lossy(&output.stdout));
    }
    let rows = stdout(layerscope(["handshakes", "--format", "csv"]).arg(&file));
    assert!(!rows.contains(",-"), "no time is negative: {rows}");
    let flow: serde_json::Value =
        serde_json::from_str(&stdout(layerscope(["flows", "--format", "json"]).arg(&file))).unwrap();
    let stats = stdout(layerscope(["stats"]).arg(&file));
    assert_eq!(flow["duration_ns"], 3_000_000_000_i64);
    assert!(stats.contains("4 packets, 210 B in 3."), "the same: {stats}");
}

#[test]
fn a_reset_of_what_is_of_no_connection_ends_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stray.pcap");
    let reset = Segment { flags: RST, seq: 500, ..FROM_CLIENT };
    let packets: Vec<_> = [CLIENT_SYN, Segment { ack: 500, ..SYN_ACK }, reset, SYN_ACK].iter().map(segment).collect();
    save(&file, &packets);
    let drawn = stdout(layerscope(["timeline", "-s", "0", "--explain"]).arg(&file).env("COLUMNS", "200"));
    assert!(drawn.contains("the one that was asked for goes on") && !drawn.contains("it is over at once"), "{drawn}");
}

/// What a SYN of these flags and options offers.
fn offered(flags: u8, options: &[u8]) -> Offer {
    let mut segment = tcp(40000, 80, options, b"");
    segment[13] = flags;
    let mut capture = Capture::new(Limits::default());
    capture.packet(LinkType::RAW, 0, &packets::ipv4(6, &segment)).expect("it is of a conversation");
    let handshake = capture.connection(0).handshake().expect("TCP has a handshake");
    [Lane::Client, Lane::Server].into_iter().find_map(|lane| handshake.offer(lane).cloned()).expect("a SYN offers")
}

#[test]
fn congestion_notification_is_asked_for_with_two_flags_and_agreed_to_with_one() {
    const ECE: u8 = 0x40;
    const CWR: u8 = 0x80;
    for (flags, is_asked) in [(SYN, false), (SYN | ECE, false), (SYN | CWR, false), (SYN | ECE | CWR, true)] {
        assert_eq!(offered(flags, &[]).ecn, is_asked, "{flags:#x}");
        let agrees = flags == SYN | ECE;
        assert_eq!(offered(flags | ACK, &[]).ecn, agrees, "{flags:#x} and ACK");
    }
}

#[test]
fn every_option_of_a_syn_is_an_offer_of_its_own() {
    let none = offered(SYN, &[]);
    let cases: [(&[u8], Offer); 9] = [
        (&[2, 4, 5, 0xb4], Offer { mss: Some(1460), ..none.clone() }),
        (&[3, 3, 7, 1], Offer { window_scale: Some(7), ..none.clone() }),
        (&[4, 2, 1, 1], Offer { sack_permitted: true, ..none.clone() }),
        (&[8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1], Offer { timestamps: true, ..none.clone() }),
        (&[34, 6, 1, 2, 3, 4, 1, 1], Offer { fast_open: Some(4), ..none.clone() }),
        (&[30, 4, 0, 1], Offer { mptcp: true, ..none.clone() }),
        (&[&[19, 18][..], &[0; 16], &[1, 1]].concat(), Offer { md5: true, ..none.clone() }),
        (&[29, 4, 1, 1], Offer { authentication: true, ..none.clone() }),
        (&[253, 4, 1, 1, 254, 2, 253, 2], Offer { unknown: [253, 254, 253].into_iter().collect(), ..none.clone() }),
    ];
    for (options, expected) in cases {
        assert_eq!(offered(SYN, options), expected, "{options:?}");
    }
}
