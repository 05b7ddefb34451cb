//! Handshakes in which something comes twice, with other numbers, or not at all.

use layerscope::analyse::{Handshake, Health, Limits, Marks, Moment, Opening};
use layerscope::model::Lane;

use crate::support::segments::{ACK, Capture, FROM_CLIENT, FROM_SERVER, RST, SYN, Segment};

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
            assert_eq!(capture.see(other(ahead)).marks, Marks::SYN_ACK_NOT_ACCEPTED);
            assert_eq!(capture.see(other(ahead)).marks, Marks::SYN_ACK_NOT_ACCEPTED, "once more");
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
        assert!(capture.see(other(index * 40_000)).marks.contains(Marks::SYN_ACK_NOT_ACCEPTED));
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
