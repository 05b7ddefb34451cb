//! What goes wrong and how it ends, on segments made for the question.

use layerscope::analyse::{Closing, Health, Limits, Marks, Opening, Seen};
use layerscope::model::{Lane, TcpState};
use layerscope::words::Spelling;

use crate::support::segments::{ACK, Capture, FIN, FROM_CLIENT, FROM_SERVER, RST, SYN, Segment};

// Health

#[test]
fn a_gap_that_the_receiver_acknowledges_was_missed_by_the_capture() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    assert_eq!(capture.see(Segment { len: 10, ..FROM_CLIENT }).marks, Marks::NONE);
    assert_eq!(capture.see(Segment { seq: 31, len: 10, ..FROM_CLIENT }).marks, Marks::LOST_SEGMENT);
    assert_eq!(capture.see(Segment { ack: 41, ..FROM_SERVER }).marks, Marks::ACK_LOST_SEGMENT);
    let health = capture.connection(0).health(Lane::Client).expect("there was data");
    assert_eq!((health.missed(), health.data()), (20, 20));
    // Said once, not again with every later acknowledgment.
    assert_eq!(capture.see(Segment { ack: 41, len: 1, ..FROM_SERVER }).marks, Marks::NONE);
}

#[test]
fn what_is_acknowledged_without_anything_captured_was_missed_at_once() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    assert_eq!(capture.see(Segment { ack: 101, ..FROM_SERVER }).marks, Marks::ACK_LOST_SEGMENT);
    assert_eq!(capture.connection(0).missed(Lane::Client), Some(100));
    assert_eq!(capture.see(Segment { seq: 101, len: 10, ..FROM_CLIENT }).marks, Marks::LOST_SEGMENT);
    capture.see(Segment { ack: 111, ..FROM_SERVER });
    assert_eq!(capture.connection(0).missed(Lane::Client), Some(100), "and no more than once");
}

#[test]
fn the_first_acknowledgment_of_all_may_tell_of_missed_data() {
    let mut capture = Capture::new(Limits::default());
    capture.see(Segment { seq: 1, len: 10, ..FROM_CLIENT });
    assert_eq!(capture.see(Segment { ack: 101, ..FROM_SERVER }).marks, Marks::ACK_LOST_SEGMENT);
    assert_eq!(capture.connection(0).missed(Lane::Client), Some(90));
}

#[test]
fn an_acknowledgment_goes_beyond_the_capture_until_data_behind_the_gap_is_acknowledged_too() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    assert_eq!(capture.see(Segment { ack: 101, ..FROM_SERVER }).marks, Marks::ACK_LOST_SEGMENT);
    assert_eq!(capture.see(Segment { ack: 101, len: 5, ..FROM_SERVER }).marks, Marks::NONE, "nothing new");
    assert_eq!(capture.see(Segment { seq: 101, len: 10, ..FROM_CLIENT }).marks, Marks::LOST_SEGMENT);
    assert_eq!(capture.see(Segment { seq: 6, ack: 111, ..FROM_SERVER }).marks, Marks::ACK_LOST_SEGMENT);
    assert_eq!(capture.see(Segment { seq: 111, len: 10, ..FROM_CLIENT }).marks, Marks::NONE);
    assert_eq!(capture.see(Segment { seq: 6, ack: 121, ..FROM_SERVER }).marks, Marks::NONE);
    let health = capture.connection(0).health(Lane::Client).expect("there was data");
    assert_eq!((health.missed(), health.data()), (100, 20), "each missed byte counts once");
}

#[test]
fn a_segment_captured_after_its_acknowledgment_was_not_missed_and_not_sent_twice() {
    for (after, marks) in [(1, Marks::OUT_OF_ORDER), (300, Marks::RETRANSMISSION | Marks::SPURIOUS_RETRANSMISSION)] {
        let mut capture = Capture::new(Limits::default());
        capture.open();
        capture.see(Segment { ack: 21, ..FROM_SERVER });
        assert_eq!(capture.see(Segment { seq: 1, len: 10, after, ..FROM_CLIENT }).marks, marks, "{after} ms later");
        assert_eq!(capture.see(Segment { seq: 11, len: 10, after: 0, ..FROM_CLIENT }).marks, marks);
        assert_eq!(capture.see(Segment { seq: 21, len: 10, ..FROM_CLIENT }).marks, Marks::NONE);
        assert_eq!(capture.see(Segment { ack: 31, ..FROM_SERVER }).marks, Marks::NONE);
        let health = capture.connection(0).health(Lane::Client).expect("there was data");
        assert_eq!((health.missed(), health.data()), (0, 30));
    }
}

#[test]
fn what_fills_a_gap_after_it_was_acknowledged_was_not_missed() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    capture.see(Segment { seq: 21, len: 10, ..FROM_CLIENT });
    assert_eq!(capture.see(Segment { ack: 31, ..FROM_SERVER }).marks, Marks::ACK_LOST_SEGMENT);
    // Half of it comes; the harness counts identifications up, so it was sent after what lies behind the gap.
    let late = capture.see(Segment { len: 10, ..FROM_CLIENT });
    assert_eq!(late.marks, Marks::RETRANSMISSION | Marks::SPURIOUS_RETRANSMISSION);
    let health = capture.connection(0).health(Lane::Client).expect("there was data");
    assert_eq!((health.missed(), health.data()), (10, 20));
}

#[test]
fn segments_of_an_older_connection_leave_no_trace_in_a_new_one() {
    let mut capture = Capture::new(Limits::default());
    let syn = Segment { flags: SYN, seq: 0, ..FROM_CLIENT };
    capture.see(syn);
    // The server remembers another connection and answers with its numbers (RFC 5961 §4.2); the client resets that.
    assert_eq!(capture.see(Segment { seq: 70_000, ack: 80_000, ..FROM_SERVER }).marks, Marks::ACK_LOST_SEGMENT);
    capture.see(Segment { flags: RST, seq: 80_000, ..FROM_CLIENT });
    assert_eq!(capture.see(Segment { after: 1000, ..syn }).marks, Marks::RETRANSMISSION);
    assert_eq!(capture.see(Segment { flags: SYN | ACK, seq: 0, ..FROM_SERVER }).marks, Marks::REUSED_PORTS);
    for segment in [FROM_CLIENT, Segment { len: 10, ..FROM_CLIENT }, Segment { ack: 11, len: 10, ..FROM_SERVER }] {
        assert_eq!(capture.see(segment).marks, Marks::NONE, "{segment:?}");
    }
    for lane in [Lane::Client, Lane::Server] {
        let health = capture.connection(0).health(lane).expect("there was data");
        assert_eq!((health.missed(), health.data()), (0, 10), "{lane:?}");
    }
    assert_eq!(capture.connection(0).marked_from(Lane::Server, Marks::REUSED_PORTS), 1, "counted where it was marked");
    let verdict = capture.connection(0).verdict().expect("TCP has a verdict");
    assert_eq!(
        (
            Spelling::default().opening(verdict.opening).to_string(),
            Spelling::default().ending(verdict.ending).to_string()
        ),
        ("complete".into(), "still open".into())
    );
}

#[test]
fn a_syn_ack_of_another_number_changes_nothing_once_the_connection_is_open() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    let stray = capture.see(Segment { flags: SYN | ACK, seq: 1 << 31, ..FROM_SERVER });
    assert_eq!(stray.marks, Marks::SYN_ACK_NOT_ACCEPTED);
    assert_eq!((stray.client, stray.server), (Some(TcpState::Established), Some(TcpState::Established)));
    let answer = capture.see(Segment { len: 10, ..FROM_SERVER });
    assert_eq!((answer.seq, answer.marks), (Some(1), Marks::NONE));
    assert_eq!(capture.see(Segment { ack: 11, ..FROM_CLIENT }).marks, Marks::NONE);
    let health = capture.connection(0).health(Lane::Server).expect("there was data");
    assert_eq!((health.missed(), health.data()), (0, 10));
}

#[test]
fn an_acknowledgment_of_more_than_any_window_holds_is_not_believed() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    capture.see(Segment { len: 10, ..FROM_CLIENT });
    assert_eq!(capture.see(Segment { ack: (1 << 30) + 12, ..FROM_SERVER }).marks, Marks::ACK_LOST_SEGMENT);
    capture.see(Segment { ack: 11, ..FROM_SERVER });
    let health = capture.connection(0).health(Lane::Client).expect("there was data");
    assert_eq!((health.missed(), health.data(), health.max_in_flight()), (0, 10, 10));
    assert!(health.goodput().is_some(), "the true acknowledgment counts");
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
fn fins_that_cross_take_both_ends_through_closing_and_both_hold_time_wait() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    capture.see(Segment { flags: FIN | ACK, ..FROM_CLIENT });
    capture.see(Segment { flags: FIN | ACK, ..FROM_SERVER });
    let states = |seen: Seen| (seen.client, seen.server);
    let (closing, time_wait) = (Some(TcpState::Closing), Some(TcpState::TimeWait));
    assert_eq!(states(capture.see(Segment { seq: 2, ack: 2, ..FROM_CLIENT })), (closing, closing));
    assert_eq!(states(capture.see(Segment { seq: 2, ack: 2, ..FROM_SERVER })), (time_wait, time_wait));
    let verdict = capture.connection(0).verdict().expect("TCP has a verdict");
    assert_eq!(Spelling::default().ending(verdict.ending).to_string(), "closed by both sides at once");
    assert_eq!(verdict.ending_evidence[..], [4, 5, 6, 7]);
}

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
    assert_eq!(Spelling::default().ending(verdict.ending).to_string(), "reset by the client: time-out");
    assert_eq!(verdict.ending_evidence[..], [8]);
}

#[test]
fn a_reset_that_acknowledges_something_else_refuses_no_syn() {
    let mut capture = Capture::new(Limits::default());
    let syn = Segment { flags: SYN, seq: 0, ..FROM_CLIENT };
    let reset = Segment { flags: RST | ACK, seq: 0, ..FROM_SERVER };
    capture.see(syn);
    assert_eq!(capture.see(Segment { ack: 2, ..reset }).client, Some(TcpState::SynSent));
    assert_eq!(capture.see(Segment { ack: 0, ..reset }).client, Some(TcpState::SynSent));
    assert!(capture.connection(0).closing().and_then(Closing::reset).is_none());
    assert_eq!(capture.see(reset).client, Some(TcpState::Closed));
    let verdict = capture.connection(0).verdict().expect("TCP has a verdict");
    assert_eq!((verdict.opening, &verdict.opening_evidence[..]), (Opening::Refused, &[1, 4][..]));
}

#[test]
fn only_data_of_one_who_knows_of_the_fin_is_sent_half_closed() {
    for (ack, half_close) in [(1, false), (2, true)] {
        let mut capture = Capture::new(Limits::default());
        capture.open();
        capture.see(Segment { flags: FIN | ACK, ..FROM_CLIENT });
        capture.see(Segment { ack, len: 10, ..FROM_SERVER });
        assert_eq!(capture.connection(0).closing().map(Closing::has_data_after_fin), Some(half_close));
    }
}

#[test]
fn times_at_the_ends_of_their_range_are_reckoned_with() {
    let mut capture = Capture::new(Limits::default());
    let latest = i64::MAX / 1_000_000;
    capture.millis = -latest;
    capture.open();
    capture.see(Segment { len: 10, ..FROM_CLIENT });
    capture.see(Segment { ack: 11, after: 2 * latest - 40, ..FROM_SERVER });
    let backwards = Segment { seq: 11, ack: 1, len: 10, after: -2 * latest + 1000, ..FROM_CLIENT };
    capture.see(backwards);
    capture.see(Segment { len: 10, after: 0, ..backwards });
    let health = capture.connection(0).health(Lane::Client).expect("there was data");
    assert_eq!(health.round_trip().map(|trip| trip.max), Some(i64::MAX));
    assert_eq!(health.count(Marks::RETRANSMISSION), 1);
}

#[test]
fn a_reset_after_a_fin_names_both() {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    capture.see(Segment { flags: FIN | ACK, ..FROM_SERVER });
    capture.see(Segment { ack: 2, len: 10, ..FROM_CLIENT });
    capture.see(Segment { flags: RST, seq: 2, ..FROM_SERVER });
    let verdict = capture.connection(0).verdict().expect("TCP has a verdict");
    assert_eq!(Spelling::default().ending(verdict.ending).to_string(), "reset by the server: after a FIN");
    assert_eq!(verdict.ending_evidence[..], [4, 6]);
    assert_eq!(capture.connection(0).zeek_history(), "ShAfDr");
}
