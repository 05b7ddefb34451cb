//! Which acknowledgments measure a round trip, and what keep-alives and probes ask and get.

use layerscope::analyse::{Health, Limits, Marks, RoundTrip};
use layerscope::model::Lane;

use crate::support::segments::{Capture, FROM_CLIENT, FROM_SERVER, Segment};

fn measured(capture: &Capture, from: Lane) -> Option<RoundTrip> {
    capture.connection(0).health(from).and_then(Health::round_trip)
}

/// Samples, the shortest and the longest in milliseconds.
fn of_client(capture: &Capture) -> (u64, i64, i64) {
    let trip = measured(capture, Lane::Client).expect("the SYN was answered");
    (trip.samples, trip.min / 1_000_000, trip.max / 1_000_000)
}

fn data(index: u32, after: i64) -> Segment {
    Segment { seq: 1 + index * 10, len: 10, after, ..FROM_CLIENT }
}

fn acks(until: u32, after: i64) -> Segment {
    Segment { ack: 1 + until * 10, after, ..FROM_SERVER }
}

fn opened() -> Capture {
    let mut capture = Capture::new(Limits::default());
    capture.open();
    assert_eq!(of_client(&capture), (1, 10, 10), "the SYN's");
    capture
}

#[test]
fn every_acknowledgment_is_a_sample_though_many_segments_are_under_way() {
    let mut capture = opened();
    for index in 0..20 {
        capture.see(data(index, 1));
    }
    // The first acknowledgment comes 30 ms after its segment, each later one a millisecond later still.
    for index in 0..20 {
        capture.see(acks(index + 1, if index == 0 { 11 } else { 2 }));
    }
    assert_eq!(of_client(&capture), (21, 10, 49), "the longest is the last one's");
    assert_eq!(measured(&capture, Lane::Client).map(|trip| trip.p95 / 1_000_000), Some(48));
}

#[test]
fn an_acknowledgment_of_two_segments_is_one_sample_of_the_second() {
    let mut capture = opened();
    capture.see(data(0, 5));
    capture.see(data(1, 30));
    capture.see(acks(2, 20));
    assert_eq!(of_client(&capture), (2, 10, 20));
}

#[test]
fn what_was_sent_again_is_no_sample_and_neither_is_what_waited_for_it() {
    let mut capture = opened();
    for index in 0..4 {
        capture.see(data(index, 1));
    }
    assert_eq!(capture.see(Segment { after: 300, ..data(0, 0) }).marks, Marks::RETRANSMISSION);
    capture.see(acks(4, 25));
    assert_eq!(of_client(&capture), (1, 10, 10));
    capture.see(data(4, 5));
    capture.see(acks(5, 25));
    assert_eq!(of_client(&capture), (2, 10, 25), "what was sent once is measured again");
}

#[test]
fn an_acknowledgment_of_what_was_not_captured_is_no_sample() {
    let mut capture = opened();
    capture.see(data(0, 1));
    capture.see(data(2, 1));
    capture.see(acks(3, 70));
    assert_eq!(of_client(&capture), (1, 10, 10), "it may have waited for what is missing");
    capture.see(data(3, 1));
    capture.see(acks(5, 70));
    assert_eq!(of_client(&capture), (1, 10, 10), "it answers a segment that is not here");
}

#[test]
fn a_repeated_acknowledgment_measures_nothing() {
    let mut capture = opened();
    capture.see(data(0, 1));
    capture.see(acks(1, 20));
    capture.see(acks(1, 20));
    capture.see(data(1, 1));
    capture.see(acks(1, 20));
    assert_eq!(of_client(&capture), (2, 10, 20));
}

// Questions and answers

#[test]
fn a_keep_alive_is_answered_a_round_trip_later_whatever_comes_in_between() {
    let keep_alive = Segment { seq: 10, after: 100, ..FROM_CLIENT };
    let answer = Segment { ack: 11, ..FROM_SERVER };
    let base = || {
        let mut capture = opened();
        capture.see(data(0, 1));
        capture.see(acks(1, 20));
        assert_eq!(capture.see(keep_alive).marks, Marks::KEEP_ALIVE);
        capture
    };
    let mut capture = base();
    assert_eq!(capture.see(answer).marks, Marks::KEEP_ALIVE_ACK);
    assert_eq!(capture.see(answer).marks, Marks::DUPLICATE_ACK, "one question has one answer");
    // Data of the one who asked, on its way when the answer comes.
    let mut capture = base();
    capture.see(data(1, 5));
    assert_eq!(capture.see(answer).marks, Marks::KEEP_ALIVE_ACK);
    assert_eq!(capture.see(answer).marks, Marks::DUPLICATE_ACK);
    // Two questions before the first answer.
    let mut capture = base();
    assert_eq!(capture.see(keep_alive).marks, Marks::KEEP_ALIVE);
    assert_eq!([answer, answer].map(|answer| capture.see(answer).marks), [Marks::KEEP_ALIVE_ACK; 2]);
    // Both ask at once.
    let mut capture = base();
    assert_eq!(capture.see(Segment { seq: 0, ..answer }).marks, Marks::KEEP_ALIVE);
    assert_eq!(capture.see(Segment { seq: 11, ..FROM_CLIENT }).marks, Marks::KEEP_ALIVE_ACK);
    assert_eq!(capture.see(answer).marks, Marks::KEEP_ALIVE_ACK);
    // An answer that was lost is not waited for for ever.
    let mut capture = base();
    capture.see(data(1, 5));
    capture.see(acks(2, 20));
    assert_eq!(capture.see(acks(2, 20)).marks, Marks::DUPLICATE_ACK);
}

#[test]
fn a_probe_of_a_shut_window_is_answered_a_round_trip_later() {
    let shut = Segment { ack: 11, window: 0, ..FROM_SERVER };
    let probe = Segment { seq: 10, after: 200, ..FROM_CLIENT };
    let mut capture = opened();
    capture.see(data(0, 1));
    assert_eq!(capture.see(shut).marks, Marks::ZERO_WINDOW);
    assert_eq!(capture.see(probe).marks, Marks::ZERO_WINDOW_PROBE);
    // What the other side says meanwhile.
    capture.see(Segment { seq: 11, ack: 1, ..FROM_CLIENT });
    let answered = Marks::ZERO_WINDOW | Marks::ZERO_WINDOW_PROBE_ACK;
    assert_eq!(capture.see(shut).marks, answered);
    assert_eq!([probe, probe].map(|probe| capture.see(probe).marks), [Marks::ZERO_WINDOW_PROBE; 2]);
    assert_eq!([shut, shut].map(|shut| capture.see(shut).marks), [answered; 2]);
    assert_eq!(capture.see(shut).marks, Marks::ZERO_WINDOW, "nothing was asked");
    assert_eq!(capture.connection(0).marked_from(Lane::Server, Marks::ZERO_WINDOW_PROBE_ACK), 3);
}
