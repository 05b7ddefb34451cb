//! The same lesson with the same numbers: two runs that differ in everything a kernel chooses become one.

use std::net::SocketAddr;

use layerscope::analyse::{Ledger, canonical};
use layerscope::decode::headers;
use layerscope::model::{
    Call, Consequence, Descriptors, Endpoint, Lane, LinkType, Message, Note, Outcome, OwnedFrame, Purpose, Receiving,
    SocketCall, Timestamp, Transport,
};

use crate::support::packets::segment;

const SYN: u8 = 0x02;
const SYN_ACK: u8 = 0x12;
const ACK: u8 = 0x10;
const PSH_ACK: u8 = 0x18;
const FIN_ACK: u8 = 0x11;

/// What a kernel chooses: the client's port, both first sequence numbers, the speed of everything, and whether the server
/// waits before the client calls or after.
#[derive(Clone, Copy)]
struct Run {
    port: u16,
    client: u32,
    server: u32,
    pace: i64,
    server_first: bool,
}

impl Run {
    fn at(&self, moment: i64) -> Timestamp {
        Timestamp::from_nanos(1_600_000_000_000_000_000 + moment * self.pace)
    }

    fn call(&self, lane: Lane, name: &'static str, moved: Option<u32>, times: (i64, i64)) -> SocketCall {
        let client = Endpoint::from(SocketAddr::from(([10, 0, 0, 1], self.port)));
        let server = Endpoint::from(SocketAddr::from(([10, 0, 0, 2], 80)));
        let (local, peer) = if lane == Lane::Client { (client, server) } else { (server, client) };
        let message = Message { len: moved.unwrap_or_default(), text: String::new() };
        let (what, result) = match (name, moved) {
            ("connect", _) => (Call::Connect(server), Outcome::Done),
            ("accept", _) => (Call::Accept, Outcome::Accepted(client)),
            ("send", Some(len)) => (Call::send(message, None), Outcome::Sent(len)),
            ("recv", Some(0)) => (Call::receive(Receiving::Recv, 4096), Outcome::PeerClosed),
            ("recv", _) => (Call::receive(Receiving::Recv, 4096), Outcome::Received { message, of: None, from: None }),
            _ => (Call::Close { listener: false }, Outcome::Done),
        };
        SocketCall {
            lane,
            transport: Some(Transport::Tcp),
            what,
            result: Ok(result),
            entered: self.at(times.0),
            returned: self.at(times.1),
            local: Some(local),
            peer: Some(peer),
            state: None,
            descriptors: Descriptors::default(),
        }
    }

    /// A client connects, says two things and closes; the server hears all of it and closes too.
    fn notes(&self) -> Vec<Note> {
        use Lane::{Client, Server};
        use Purpose::{Ack, Data, Fin, Syn, SynAck};
        let (there, back) = (Consequence::there, Consequence::back);
        let waits = |moment: i64| if self.server_first { moment - 15 } else { moment };
        let mut notes = vec![
            (self.call(Client, "connect", None, (10, 20)), vec![there(Syn), back(SynAck), there(Ack)]),
            (self.call(Server, "accept", None, (waits(16), 25)), vec![]),
            (self.call(Client, "send", Some(5), (40, 50)), vec![there(Data(5)), back(Ack)]),
            (self.call(Server, "recv", Some(5), (waits(46), 55)), vec![]),
            (self.call(Client, "send", Some(2), (70, 80)), vec![there(Data(2)), back(Ack)]),
            (self.call(Server, "recv", Some(2), (waits(76), 85)), vec![]),
            (self.call(Client, "close", None, (100, 110)), vec![there(Fin), back(Ack)]),
            (self.call(Server, "recv", Some(0), (waits(106), 115)), vec![]),
            (self.call(Server, "close", None, (130, 140)), vec![there(Fin), back(Ack)]),
        ];
        notes.sort_by_key(|(call, _)| call.entered);
        notes.into_iter().map(|(call, packets)| Note { call, packets: Some(packets) }).collect()
    }

    fn frames(&self) -> Vec<OwnedFrame> {
        let (c, s) = (self.client, self.server);
        let next = |number: u32, by: u32| number.wrapping_add(by);
        let segments = [
            (12, segment(true, c, 0, SYN, b"")),
            (13, segment(false, s, next(c, 1), SYN_ACK, b"")),
            (14, segment(true, next(c, 1), next(s, 1), ACK, b"")),
            (42, segment(true, next(c, 1), next(s, 1), PSH_ACK, b"hello")),
            (43, segment(false, next(s, 1), next(c, 6), ACK, b"")),
            (72, segment(true, next(c, 6), next(s, 1), PSH_ACK, b"!!")),
            (73, segment(false, next(s, 1), next(c, 8), ACK, b"")),
            (102, segment(true, next(c, 8), next(s, 1), FIN_ACK, b"")),
            (103, segment(false, next(s, 1), next(c, 9), ACK, b"")),
            (132, segment(false, next(s, 1), next(c, 9), FIN_ACK, b"")),
            (133, segment(true, next(c, 9), next(s, 2), ACK, b"")),
        ];
        let frame = |(place, (moment, mut bytes)): (usize, (i64, Vec<u8>))| {
            // The client's port stands first in what it sends, second in what it gets.
            let at = if bytes[15] == 1 { 20 } else { 22 };
            bytes[at..at + 2].copy_from_slice(&self.port.to_be_bytes());
            bytes[4..6].copy_from_slice(&(self.port + place as u16).to_be_bytes());
            let (number, time, wire_len) = (place as u64 + 1, Some(self.at(moment)), bytes.len() as u32);
            OwnedFrame { number, time, interface: 0, link: LinkType::RAW, wire_len, bytes, comments: Vec::new() }
        };
        segments.into_iter().enumerate().map(frame).collect()
    }

    /// What becomes of the run.
    fn canonical(&self) -> (Vec<OwnedFrame>, Vec<Note>, Ledger) {
        let (mut frames, mut notes) = (self.frames(), self.notes());
        let mut ledger = Ledger::expect(&notes);
        for (place, frame) in frames.iter().enumerate() {
            let frame = frame.as_frame();
            ledger.enter(place, frame.time, &headers(&frame));
        }
        assert!(ledger.is_balanced(), "{ledger:?}");
        canonical(&mut frames, &mut notes, &mut ledger);
        (frames, notes, ledger)
    }
}

const RUNS: [Run; 3] = [
    Run { port: 40_000, client: 7, server: 9, pace: 1_000, server_first: true },
    Run { port: 51_234, client: u32::MAX - 3, server: 0x8000_0000, pace: 1_700, server_first: true },
    Run { port: 33_333, client: 123_456, server: 4_000_000_000, pace: 300, server_first: false },
];

/// Each packet and each call's beginning and end, in the order of their times.
fn course(frames: &[OwnedFrame], notes: &[Note]) -> Vec<(i64, String)> {
    let packets = frames.iter().map(|frame| (frame.time.unwrap(), format!("packet {}", frame.number)));
    let calls = notes.iter().flat_map(|Note { call, .. }| {
        let words = format!("{} {}({:?})", call.lane, call.key(), call.moved());
        [(call.entered, format!("{words} begins")), (call.returned, format!("{words} ends"))]
    });
    let mut all: Vec<(i64, String)> =
        packets.chain(calls).map(|(time, words)| (time - Timestamp::from_parts(1_700_000_000, 0), words)).collect();
    all.sort_by_key(|(time, _)| *time);
    all
}

#[test]
fn runs_that_a_kernel_tells_apart_become_the_same() {
    let [(frames, notes, ledger), others @ ..] = RUNS.map(|run| run.canonical());
    for (other_frames, other_notes, other_ledger) in others {
        assert_eq!(course(&other_frames, &other_notes), course(&frames, &notes));
        assert_eq!(other_frames, frames);
        assert_eq!(other_notes, notes);
        let account = |ledger: &Ledger| -> Vec<_> {
            ledger.entries.iter().map(|entry| (entry.call, entry.purpose, entry.packet)).collect()
        };
        assert_eq!(account(&other_ledger), account(&ledger));
    }
}

#[test]
fn what_is_heard_ends_after_what_was_said() {
    let (frames, notes, ledger) = RUNS[0].canonical();
    let course = course(&frames, &notes);
    assert!(course.windows(2).all(|pair| pair[1].0 - pair[0].0 == 10_000), "a step between any two: {course:?}");
    let place = |words: &str| course.iter().position(|(_, said)| said == words).unwrap_or_else(|| panic!("{words}"));
    for (call, packet) in [
        ("server accept(None) ends", "packet 3"),
        ("server recv(Some(5)) ends", "packet 5"),
        ("server recv(Some(2)) ends", "packet 7"),
        ("server recv(Some(0)) ends", "packet 9"),
    ] {
        assert!(place(call) > place(packet), "{call} after {packet}: {course:#?}");
        let after = course.iter().skip(place(packet)).find(|(_, said)| said.starts_with("packet") && said != packet);
        assert!(after.is_none_or(|(_, next)| place(call) < place(next)), "{call} before what follows {packet}");
    }
    let behind = |place: usize| ledger.call_behind(place).map(|call| notes[call].call.key().to_owned());
    let calls: Vec<_> = (0..frames.len()).map(|place| behind(place).unwrap()).collect();
    let expected = [&["connect"; 3][..], &["send"; 4], &["close"; 4]].concat();
    assert_eq!(calls, expected, "the ledger follows the calls to their new places");
}

#[test]
fn numbers_stand_for_those_that_were_drawn() {
    let (frames, notes, _) = RUNS[1].canonical();
    let told: Vec<_> = frames
        .iter()
        .map(|frame| {
            let frame = frame.as_frame();
            let packet = headers(&frame);
            let tcp = packet.tcp().unwrap();
            let (_, from, to) = packet.endpoints().unwrap();
            (from.port, to.port, tcp.seq().0, tcp.ack().0)
        })
        .collect();
    assert_eq!(told[0], (40_001, 80, 1_000_000_000, 0), "no acknowledgment is in a SYN");
    assert_eq!(told[1], (80, 40_001, 2_000_000_000, 1_000_000_001));
    assert_eq!(told[5], (40_001, 80, 1_000_000_006, 2_000_000_001), "numbers go on across zero");
    let accept = notes.iter().find(|note| note.call.what == Call::Accept).unwrap();
    let named = Endpoint::from(SocketAddr::from(([10, 0, 0, 1], 40_001)));
    assert_eq!(accept.call.result, Ok(Outcome::Accepted(named)));
    assert_eq!(accept.call.peer.map(|peer| peer.port), Some(40_001));
}
