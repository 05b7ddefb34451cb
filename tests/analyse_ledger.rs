//! Calls held against packets, where more than one entry could be a packet's.

use std::net::SocketAddr;

use layerscope::analyse::Ledger;
use layerscope::decode::headers;
use layerscope::model::{
    Call, Consequence, Descriptors, Frame, Lane, LinkType, Message, Note, Outcome, Purpose, SocketCall, Timestamp,
    Transport,
};
use layerscope::words::Spelling;

const DATA: Consequence = Consequence::there(Purpose::Data(2));
const ACK: Consequence = Consequence::back(Purpose::Ack);

fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

fn send() -> Call {
    Call::send(Message::default(), None)
}

/// A call of the client with what it accounts for.
fn call(what: Call, entered: i64, packets: &[Consequence]) -> Note {
    let end = |port| SocketAddr::from(([127, 0, 0, 1], port)).into();
    let call = SocketCall {
        lane: Lane::Client,
        transport: Some(Transport::Tcp),
        what,
        result: Ok(Outcome::Done),
        entered: at(entered),
        returned: at(entered + 5),
        local: Some(end(40_000)),
        peer: Some(end(80)),
        state: None,
        descriptors: Descriptors::default(),
    };
    Note { call, packets: Some(packets.to_vec()) }
}

/// Enters segments: when, from whom, with which flags and how many bytes.
fn enter(ledger: &mut Ledger, segments: &[(i64, Lane, u8, usize)]) {
    for (place, (time, from, flags, len)) in segments.iter().enumerate() {
        let (source, destination) = if *from == Lane::Client { (40_000_u16, 80_u16) } else { (80, 40_000) };
        let mut bytes = vec![0x45, 0, 0, 40 + *len as u8, 0, 0, 0, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1];
        bytes.extend([source.to_be_bytes(), destination.to_be_bytes()].concat());
        bytes.extend([0, 0, 0, 1, 0, 0, 0, 1, 0x50, *flags, 1, 0, 0, 0, 0, 0]);
        bytes.resize(40 + len, b'x');
        let wire_len = bytes.len() as u32;
        let (time, link, bytes) = (Some(at(*time)), LinkType::RAW, bytes.as_slice());
        let frame = Frame { number: place as u64 + 1, time, interface: 0, link, wire_len, bytes, comments: &[] };
        ledger.enter(place, time, &headers(&frame));
    }
}

const A: u8 = 0x10;
const FIN: u8 = 0x11;

#[test]
fn what_must_come_is_settled_before_what_may() {
    let mut ledger = Ledger::expect(&[call(send(), 0, &[DATA, DATA.maybe()]), call(send(), 10, &[DATA])]);
    enter(&mut ledger, &[(1, Lane::Client, A, 2), (11, Lane::Client, A, 2)]);
    assert!(ledger.is_balanced(), "{ledger:?}");
    assert_eq!((ledger.call_behind(0), ledger.call_behind(1)), (Some(0), Some(1)));
}

#[test]
fn a_call_made_later_is_not_behind_a_packet() {
    let fin = Consequence::there(Purpose::Fin);
    let mut ledger = Ledger::expect(&[
        call(send(), 0, &[DATA, ACK, ACK.maybe()]),
        call(Call::Close { listener: false }, 10, &[fin, ACK]),
    ]);
    let both = [(1, Lane::Client, A, 2), (2, Lane::Server, A, 0), (3, Lane::Server, A, 0)];
    enter(&mut ledger, &[&both[..], &[(11, Lane::Client, FIN, 0), (12, Lane::Server, A, 0)]].concat());
    assert!(ledger.is_balanced(), "{ledger:?}");
    assert_eq!((ledger.call_behind(2), ledger.call_behind(4)), (Some(0), Some(1)));
}

#[test]
fn bytes_come_in_pieces_only_where_they_may() {
    let joined = Consequence::there(Purpose::Data(6));
    let pieces = [(1, Lane::Client, A, 2), (2, Lane::Server, A, 0), (3, Lane::Client, A, 4), (4, Lane::Server, A, 0)];
    for (expected, is_balanced) in [(joined.or_in_pieces(), true), (joined, false)] {
        let mut ledger = Ledger::expect(&[call(send(), 0, &[expected, ACK])]);
        enter(&mut ledger, &pieces);
        assert_eq!(ledger.is_balanced(), is_balanced, "{ledger:?}");
    }
    let mut ledger = Ledger::expect(&[call(send(), 0, &[joined.or_in_pieces(), ACK])]);
    enter(&mut ledger, &pieces[..2]);
    assert!(!ledger.is_complete(), "{ledger:?}");
}

#[test]
fn an_entry_says_what_it_is_and_between_whom() {
    let ledger = Ledger::expect(&[call(send(), 0, &[DATA, ACK])]);
    let said: Vec<String> = ledger.entries.iter().map(|entry| Spelling::default().entry(entry)).collect();
    let expected =
        ["TCP segment of 2 B from 127.0.0.1:40000 to 127.0.0.1:80", "TCP ACK from 127.0.0.1:80 to 127.0.0.1:40000"];
    assert_eq!(said, expected);
}
