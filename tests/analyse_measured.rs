//! What a scenario measures, found in packets and calls made for the question.

use std::net::SocketAddr;

use layerscope::analyse::{Limits, Measured, Observed, Tracker, measure, timelines};
use layerscope::decode::headers;
use layerscope::model::{
    Call, Descriptors, Endpoint, Errno, Lane, LinkType, Measure, Message, Outcome, OwnedFrame, Receiving, SocketCall,
    Timestamp, Transport,
};

use crate::support::packets::segment;

const SYN: u8 = 0x02;
const SYN_ACK: u8 = 0x12;
const ACK: u8 = 0x10;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_nanos(millis * 1_000_000)
}

/// Packets and the milliseconds at which they were seen, with what the tracker says of them.
fn observed(segments: Vec<(i64, Vec<u8>)>) -> Vec<Observed> {
    let mut tracker = Tracker::new(Limits::default());
    let observe = |(place, (millis, bytes)): (usize, (i64, Vec<u8>))| {
        let (number, time, wire_len) = (place as u64 + 1, Some(at(millis)), bytes.len() as u32);
        let link = LinkType::RAW;
        let frame = OwnedFrame { number, time, interface: 0, link, wire_len, bytes, comments: Vec::new() };
        let seen = tracker.observe(&frame.as_frame(), &headers(&frame.as_frame()));
        Observed { frame, seen }
    };
    segments.into_iter().enumerate().map(observe).collect()
}

fn found(wanted: Measure, packets: &[Observed], calls: &[SocketCall]) -> Vec<Measured> {
    measure(&[wanted], packets, &timelines(packets, calls), calls)
}

/// A handshake in 2 ms, and what follows it.
fn opened(more: Vec<(i64, Vec<u8>)>) -> Vec<Observed> {
    let handshake = vec![
        (0, segment(true, 100, 0, SYN, b"")),
        (1, segment(false, 500, 101, SYN_ACK, b"")),
        (2, segment(true, 101, 501, ACK, b"")),
    ];
    observed([handshake, more].concat())
}

fn call(lane: Lane, what: Call, times: (i64, i64), result: Result<Outcome, Errno>) -> SocketCall {
    let [client, server] =
        [([10, 0, 0, 1], 40_000), ([10, 0, 0, 2], 80)].map(|end| Endpoint::from(SocketAddr::from(end)));
    let (local, peer) = if lane == Lane::Client { (client, server) } else { (server, client) };
    SocketCall {
        lane,
        transport: Some(Transport::Tcp),
        what,
        result,
        entered: at(times.0),
        returned: at(times.1),
        local: Some(local),
        peer: Some(peer),
        state: None,
        descriptors: Descriptors::default(),
    }
}

#[test]
fn the_slowest_acknowledgment_is_that_of_all_the_data() {
    let packets = opened(vec![
        (10, segment(true, 101, 501, ACK, b"ab")),
        (14, segment(false, 501, 103, ACK, b"")),
        (20, segment(true, 103, 501, ACK, b"cdef")),
        // Of the first half alone.
        (25, segment(false, 501, 105, ACK, b"")),
        (60, segment(false, 501, 107, ACK, b"xy")),
        (63, segment(true, 107, 503, ACK, b"")),
    ]);
    let slowest = Measured::SlowestAck { data: 6, ack: 8, after: 40_000_000 };
    assert_eq!(found(Measure::SlowestAck, &packets, &[]), [slowest]);
    assert_eq!(found(Measure::SlowestAck, &opened(vec![]), &[]), [], "without data there is none");
}

#[test]
fn segments_are_counted_by_their_sizes_in_a_row() {
    let sizes = [2, 2, 4, 2];
    let mut seq = 101;
    let mut segments = Vec::new();
    for (place, size) in sizes.into_iter().enumerate() {
        segments.push((10 + place as i64, segment(true, seq, 501, ACK, &vec![b'x'; size])));
        seq += size as u32;
    }
    segments.push((20, segment(false, 501, seq, ACK, b"not the client's")));
    let expected = Measured::Segments { from: Lane::Client, bytes: 10, sizes: vec![(2, 2), (1, 4), (1, 2)] };
    assert_eq!(found(Measure::Segments, &opened(segments), &[]), [expected]);
}

#[test]
fn a_repetition_names_the_last_time_its_numbers_were_sent() {
    let packets = opened(vec![
        (10, segment(true, 101, 501, ACK, b"ab")),
        (11, segment(true, 103, 501, ACK, b"cd")),
        (310, segment(true, 101, 501, ACK, b"ab")),
        (910, segment(true, 101, 501, ACK, b"ab")),
    ]);
    let again = |first, again, millis: i64| Measured::Repeated { first, again, after: millis * 1_000_000 };
    assert_eq!(found(Measure::Repetition, &packets, &[]), [again(4, 6, 300), again(6, 7, 600)]);
}

#[test]
fn a_probe_ends_a_silence() {
    let packets = opened(vec![
        (10, segment(true, 101, 501, ACK, b"ab")),
        (11, segment(false, 501, 103, ACK, b"")),
        (1_011, segment(true, 102, 501, ACK, b"")),
        (1_012, segment(false, 501, 103, ACK, b"")),
    ]);
    assert_eq!(found(Measure::Probe, &packets, &[]), [Measured::Probed { packet: 6, after: 1_000_000_000 }]);
}

#[test]
fn a_closed_window_is_asked_for_and_opens() {
    let with_window = |mut bytes: Vec<u8>, window: u16| {
        bytes[34..36].copy_from_slice(&window.to_be_bytes());
        bytes
    };
    let packets = opened(vec![
        (10, segment(true, 101, 501, ACK, b"abcdefgh")),
        (11, with_window(segment(false, 501, 109, ACK, b""), 0)),
        (211, segment(true, 109, 501, ACK, b"i")),
        (212, with_window(segment(false, 501, 109, ACK, b""), 0)),
        (300, with_window(segment(false, 501, 109, ACK, b""), 8)),
    ]);
    let received = |len| {
        let message = Message { len, text: String::new() };
        Ok(Outcome::Received { message, of: None, from: None })
    };
    let recv = Call::receive(Receiving::Recv, 4096);
    let taken = call(Lane::Server, recv.clone(), (3, 4), received(3));
    let later = call(Lane::Server, recv, (250, 260), received(5));
    let closed =
        Measured::WindowClosed { packet: 5, unread: 5, probe: Some((6, 200_000_000)), opened: Some((8, 289_000_000)) };
    assert_eq!(found(Measure::ClosedWindow, &packets, &[taken, later]), [closed]);
}

#[test]
fn accept_returns_for_the_handshake_or_after_it() {
    let packets = opened(vec![]);
    for (times, after, waited) in [((-5, 9), 7_000_000, true), ((30, 31), 28_000_000, false)] {
        let accept = call(Lane::Server, Call::Accept, times, Ok(Outcome::Done));
        let expected = Measured::Accepted { handshake: 3, after, waited };
        assert_eq!(found(Measure::AcceptAfterHandshake, &packets, &[accept]), [expected]);
    }
    let refused = call(Lane::Server, Call::Accept, (1, 9), Err(Errno::Again));
    assert_eq!(found(Measure::AcceptAfterHandshake, &packets, std::slice::from_ref(&refused)), []);
    let vain = Measured::WaitedInVain { lane: Lane::Server, call: "accept".to_owned(), after: 8_000_000 };
    assert_eq!(found(Measure::VainWait, &packets, &[refused]), [vain]);
    let recv = Call::receive(Receiving::Recv, 4096);
    let reset = call(Lane::Server, recv, (1, 9), Err(Errno::ConnectionReset));
    assert_eq!(found(Measure::VainWait, &packets, &[reset]), []);
}

#[test]
fn traffic_is_all_that_was_captured() {
    let packets = opened(vec![(10, segment(true, 101, 501, ACK, b"ab"))]);
    let expected = Measured::Traffic { connections: 1, packets: 4, with_data: 1 };
    assert_eq!(found(Measure::Traffic, &packets, &[]), [expected]);
}
