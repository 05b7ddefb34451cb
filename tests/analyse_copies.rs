//! What proves that a packet is another one once more, and what does not.

use std::net::Ipv6Addr;

use layerscope::analyse::{Health, Limits, Marks};
use layerscope::model::{Lane, LinkType};

use crate::support::segments::{ACK, CLIENT, Capture, FROM_CLIENT, FROM_SERVER, SERVER, SYN, Segment};

const MILLISECOND: i64 = 1_000_000;
const AGAIN: Marks = Marks::RETRANSMISSION;

/// How a segment is wrapped.
#[derive(Clone, Copy, Debug)]
struct Wrapping {
    mac: u8,
    ttl: u8,
    /// The IPv4 identification; `None` for IPv6.
    identification: Option<u16>,
    clock: Option<u32>,
}

const NUMBERED: Wrapping = Wrapping { mac: 1, ttl: 64, identification: Some(77), clock: None };
const UNNUMBERED: Wrapping = Wrapping { identification: Some(0), ..NUMBERED };
const IPV6: Wrapping = Wrapping { identification: None, ..NUMBERED };

/// An Ethernet frame.
fn frame(capture: &Capture, segment: Segment, wrapping: Wrapping) -> Vec<u8> {
    let mut tcp = capture.tcp(segment);
    if let Some(clock) = wrapping.clock {
        let option = [&[1, 1, 8, 10], &clock.to_be_bytes()[..], &[0; 4]].concat();
        tcp[12] = 8 << 4;
        tcp.splice(20..20, option);
    }
    let mut bytes = vec![2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, wrapping.mac];
    let client = segment.from == CLIENT;
    if let Some(identification) = wrapping.identification {
        bytes.extend([8, 0, 0x45, 0]);
        bytes.extend((20 + tcp.len() as u16).to_be_bytes());
        bytes.extend(identification.to_be_bytes());
        bytes.extend([0x40, 0, wrapping.ttl, 6, 0, 0]);
        let (from, to) = if client { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
        bytes.extend([from.ip().octets(), to.ip().octets()].concat());
    } else {
        bytes.extend([0x86, 0xdd, 0x60, 0, 0, 0]);
        bytes.extend((tcp.len() as u16).to_be_bytes());
        bytes.extend([6, wrapping.ttl]);
        let address = |last| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last).octets();
        bytes.extend([address(1 + u16::from(!client)), address(1 + u16::from(client))].concat());
    }
    [bytes, tcp].concat()
}

/// A capture of frames, and when the next comes.
struct Frames {
    capture: Capture,
    nanos: i64,
    next: u16,
}

impl Frames {
    /// With a connection that opened in 40 ms.
    fn open(wrapping: Wrapping) -> Self {
        let mut frames = Self { capture: Capture::new(Limits::default()), nanos: 0, next: 500 };
        frames.see(Segment { flags: SYN, seq: 0, ..FROM_CLIENT }, 0, wrapping);
        frames.see(Segment { flags: SYN | ACK, seq: 0, ..FROM_SERVER }, 40 * MILLISECOND, wrapping);
        frames.see(FROM_CLIENT, MILLISECOND / 100, wrapping);
        frames
    }

    /// A segment with an identification and a clock's reading of its own, where its wrapping has any.
    fn see(&mut self, segment: Segment, after: i64, wrapping: Wrapping) -> Marks {
        self.next += 1;
        let identification = wrapping.identification.map(|number| if number == 0 { 0 } else { self.next });
        let clock = wrapping.clock.map(|_| self.next.into());
        self.exactly(segment, after, Wrapping { identification, clock, ..wrapping })
    }

    fn exactly(&mut self, segment: Segment, after: i64, wrapping: Wrapping) -> Marks {
        self.nanos += after;
        let bytes = frame(&self.capture, segment, wrapping);
        self.capture.packet(LinkType::ETHERNET, self.nanos, &bytes).expect("it is of the connection").marks
    }

    /// What is said of data that comes once more, wrapped as `second`, `after` so many nanoseconds.
    fn twice(&mut self, after: i64, first: Wrapping, second: Wrapping) -> Marks {
        let data = Segment { len: 100, ..FROM_CLIENT };
        assert_eq!(self.exactly(data, MILLISECOND, first), Marks::NONE);
        self.exactly(data, after, second)
    }
}

#[test]
fn a_copy_that_lost_a_hop_is_found_behind_hundreds_of_packets_of_its_own_and_of_other_connections() {
    let mut frames = Frames::open(NUMBERED);
    let segment = |index: u32| Segment { seq: 1 + index, len: 1, ..FROM_CLIENT };
    let wrapping = |index: u32| Wrapping { identification: Some(1000 + index as u16), ..NUMBERED };
    for index in 0..300 {
        assert_eq!(frames.exactly(segment(index), 1_000, wrapping(index)), Marks::NONE);
    }
    frames.exactly(Segment { ack: 301, ..FROM_SERVER }, 1_000, NUMBERED);
    for index in 0..300 {
        let copy = Wrapping { ttl: 63, ..wrapping(index) };
        assert_eq!(frames.exactly(segment(index), 1_000, copy), Marks::DUPLICATE_PACKET, "{index}");
    }
    let health = frames.capture.connection(0).health(Lane::Client).expect("there was data");
    assert_eq!((health.count(AGAIN), health.count(Marks::DUPLICATE_PACKET)), (0, 300));
}

#[test]
fn another_mac_address_at_the_same_instant_is_another_place() {
    for wrapping in [NUMBERED, UNNUMBERED, IPV6] {
        let other = Wrapping { mac: 2, ..wrapping };
        assert_eq!(Frames::open(wrapping).twice(0, wrapping, other), Marks::DUPLICATE_PACKET);
        assert_eq!(Frames::open(wrapping).twice(MILLISECOND, wrapping, other), Marks::DUPLICATE_PACKET);
    }
    // By another router after a time-out.
    let other = Wrapping { mac: 2, ..UNNUMBERED };
    assert_eq!(Frames::open(UNNUMBERED).twice(300 * MILLISECOND, UNNUMBERED, other), AGAIN);
}

#[test]
fn acknowledgments_that_are_alike_at_two_places_are_copies_in_pairs() {
    let mut frames = Frames::open(UNNUMBERED);
    let other = Wrapping { mac: 2, ..UNNUMBERED };
    let mut said = Vec::new();
    for wrapping in [UNNUMBERED, other, UNNUMBERED, other] {
        said.push(frames.exactly(Segment { window: 900, ..FROM_CLIENT }, 1_000, wrapping));
    }
    assert_eq!(said, [Marks::WINDOW_UPDATE, Marks::DUPLICATE_PACKET, Marks::DUPLICATE_ACK, Marks::DUPLICATE_PACKET]);
}

#[test]
fn in_the_same_place_an_identification_proves_a_copy_only_sooner_than_a_retransmission_can_come() {
    assert_eq!(Frames::open(NUMBERED).twice(10_000, NUMBERED, NUMBERED), Marks::DUPLICATE_PACKET);
    // Some senders keep the identification when they send again (RFC 1122 §3.2.1.5 allows it).
    for after in [40, 250, 1_000, 3_000] {
        assert_eq!(Frames::open(NUMBERED).twice(after * MILLISECOND, NUMBERED, NUMBERED), AGAIN, "{after} ms");
    }
}

#[test]
fn identifications_that_are_all_the_same_prove_nothing() {
    let constant = Wrapping { identification: Some(1), ..NUMBERED };
    let mut frames = Frames { capture: Capture::new(Limits::default()), nanos: 0, next: 0 };
    frames.exactly(Segment { flags: SYN, seq: 0, ..FROM_CLIENT }, 0, constant);
    frames.exactly(Segment { flags: SYN | ACK, seq: 0, ..FROM_SERVER }, 40 * MILLISECOND, constant);
    frames.exactly(FROM_CLIENT, 1_000, constant);
    assert_eq!(frames.twice(10 * MILLISECOND, constant, constant), AGAIN);
}

#[test]
fn without_identification_the_clock_tells_within_a_round_trip() {
    for plain in [IPV6, UNNUMBERED] {
        let clocked = Wrapping { clock: Some(5), ..plain };
        let open = || Frames::open(Wrapping { clock: Some(1), ..plain });
        assert_eq!(open().twice(MILLISECOND, clocked, clocked), Marks::DUPLICATE_PACKET);
        assert_eq!(open().twice(50 * MILLISECOND, clocked, clocked), AGAIN, "a slow clock");
        assert_eq!(open().twice(1_000, clocked, Wrapping { clock: Some(6), ..plain }), AGAIN, "another reading");
        assert_eq!(Frames::open(plain).twice(1_000, plain, plain), AGAIN, "nothing tells");
        assert_eq!(Frames::open(plain).twice(250 * MILLISECOND, plain, plain), AGAIN);
        assert_eq!(Frames::open(plain).twice(0, plain, plain), Marks::DUPLICATE_PACKET, "nobody sends that soon");
    }
}

#[test]
fn what_lost_a_hop_is_sent_again_where_it_had_arrived_or_says_nothing_of_itself_and_a_timer_may_have_run() {
    let spurious = AGAIN | Marks::SPURIOUS_RETRANSMISSION;
    let data = Segment { len: 100, ..FROM_CLIENT };
    let clocked = Wrapping { clock: Some(5), ..UNNUMBERED };
    for (wrapping, under_way) in [(NUMBERED, true), (clocked, true), (UNNUMBERED, false), (IPV6, false)] {
        let nearer = Wrapping { ttl: 63, ..wrapping };
        for (after, is_soon) in [(199, true), (250, false)] {
            let mut frames = Frames::open(Wrapping { clock: wrapping.clock.map(|_| 1), ..wrapping });
            let marks = frames.twice(after * MILLISECOND, wrapping, nearer);
            let is_copy = is_soon || under_way;
            assert_eq!(marks == Marks::DUPLICATE_PACKET, is_copy, "{wrapping:?} {after}: {marks:?}");
            frames.see(Segment { ack: 101, ..FROM_SERVER }, 20 * MILLISECOND, wrapping);
            let trip = frames.capture.connection(0).health(Lane::Client).and_then(Health::round_trip);
            assert_eq!(trip.map(|trip| trip.samples), Some(if is_copy { 2 } else { 1 }), "{wrapping:?} {after}");
            // The same where its acknowledgment came first.
            let mut frames = Frames::open(Wrapping { clock: wrapping.clock.map(|_| 1), ..wrapping });
            frames.exactly(data, MILLISECOND, wrapping);
            frames.see(Segment { ack: 101, ..FROM_SERVER }, 20 * MILLISECOND, wrapping);
            let marks = frames.exactly(data, (after - 20) * MILLISECOND, nearer);
            assert_eq!(marks, if is_soon { Marks::DUPLICATE_PACKET } else { spurious }, "{wrapping:?} {after}");
        }
    }
}
