//! Segments and datagrams that come in IP fragments: in any order, with some missing, some twice, some of another packet.

use std::convert::Infallible;
use std::net::Ipv6Addr;

use layerscope::analyse::{Closing, Exchange, Follow, Health, Limits, Marks, Moment, Piece, Seen};
use layerscope::decode::headers;
use layerscope::model::{Frame, Lane, LinkType, Transport};
use layerscope::words::Spelling;

use crate::support::segments::{
    ACK, CLIENT, Capture, FIN, FROM_CLIENT, FROM_SERVER, RST, SERVER, SYN, Segment, ipv4, ports,
};

/// A fragment: which bytes of a packet it carries, and whether others follow.
#[derive(Clone, Copy)]
struct Cut(usize, usize, bool);

/// 20 bytes of header and 340 of data, in three fragments.
const THREE: [Cut; 3] = [Cut(0, 120, true), Cut(120, 240, true), Cut(240, 360, false)];
const DATA: Segment = Segment { len: 340, ..FROM_CLIENT };

fn v4(whole: &[u8], Cut(start, end, more): Cut, protocol: u8, id: u16) -> Vec<u8> {
    let mut packet = ipv4(CLIENT, SERVER, protocol, id, &whole[start..end]);
    let field = (start as u16 / 8) | if more { 0x2000 } else { 0 };
    packet[6..8].copy_from_slice(&field.to_be_bytes());
    packet
}

fn v6(whole: &[u8], Cut(start, end, more): Cut, protocol: u8, id: u16) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((8 + (end - start) as u16).to_be_bytes());
    packet.extend([44, 64]);
    let address = |last| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last).octets();
    packet.extend([address(1), address(2)].concat());
    packet.extend([protocol, 0]);
    packet.extend((start as u16 | u16::from(more)).to_be_bytes());
    packet.extend(u32::from(id).to_be_bytes());
    packet.extend(&whole[start..end]);
    packet
}

/// What was said of bytes: `c3` for three of the client's, `c-3-` for a gap; and the bytes themselves.
#[derive(Default)]
struct Told {
    said: Vec<String>,
    bytes: Vec<u8>,
    /// The place of each side's next byte.
    next: [u64; 2],
}

impl Told {
    fn take(&mut self, piece: Piece<'_>) -> Result<(), Infallible> {
        let (from, offset, len) = match piece {
            Piece::Bytes { from, offset, bytes, .. } => {
                self.bytes.extend(bytes);
                self.said.push(format!("{}{}", &from.name()[..1], bytes.len()));
                (from, offset, bytes.len() as u64)
            }
            Piece::Gap { from, offset, len } => {
                self.said.push(format!("{}-{len}-", &from.name()[..1]));
                (from, offset, len)
            }
        };
        assert!(len > 0 && offset == self.next[from as usize], "every byte once, in order: {:?}", self.said);
        self.next[from as usize] += len;
        Ok(())
    }
}

/// A capture that is fed with fragments, one a millisecond.
struct Fragments {
    capture: Capture,
    follow: Follow,
    told: Told,
}

impl Fragments {
    fn new() -> Self {
        Self { capture: Capture::new(Limits::default()), follow: Follow::default(), told: Told::default() }
    }

    fn open() -> Self {
        let mut fragments = Self::new();
        fragments.capture.open();
        fragments
    }

    fn packet(&mut self, bytes: &[u8]) -> Option<Seen> {
        self.capture.millis += 1;
        let seen = self.capture.packet(LinkType::RAW, self.capture.millis * 1_000_000, bytes);
        let (number, wire_len) = (self.capture.number, bytes.len() as u32);
        let frame = Frame { number, time: None, interface: 0, link: LinkType::RAW, wire_len, bytes, comments: &[] };
        match &seen {
            Some(seen) => {
                let say = |piece: Piece<'_>| self.told.take(piece);
                self.follow.observe(&frame, &headers(&frame), seen, say).expect("nothing can fail");
            }
            None => self.follow.keep(&frame, &headers(&frame)),
        }
        seen
    }

    fn segment(&mut self, segment: Segment, cuts: &[Cut], id: u16) -> Vec<Option<Seen>> {
        let whole = self.capture.tcp(segment);
        cuts.iter().map(|cut| self.packet(&v4(&whole, *cut, 6, id))).collect()
    }

    fn acknowledged(&mut self, ack: u32) -> Marks {
        self.capture.see(Segment { ack, ..FROM_SERVER }).marks
    }

    /// Payload captured, counted once, and missed.
    fn counts(&self) -> (u64, u64, u64) {
        let connection = self.capture.connection(0);
        let health = connection.health(Lane::Client).expect("there was data");
        (connection.traffic(Lane::Client).payload, health.data(), health.missed())
    }

    /// All that was said, when nothing more comes.
    fn finish(mut self) -> Told {
        self.follow.finish(|piece| self.told.take(piece)).expect("nothing can fail");
        self.told
    }

    fn said(self) -> String {
        self.finish().said.join(" ")
    }
}

#[test]
fn fragments_in_order_are_pieces_of_one_segment() {
    let mut fragments = Fragments::open();
    let seen = fragments.segment(DATA, &THREE, 9);
    let told: Vec<_> = seen.iter().flatten().map(|seen| (seen.seq, seen.len, seen.marks)).collect();
    assert_eq!(told, [(Some(1), 100, Marks::NONE), (Some(101), 120, Marks::NONE), (Some(221), 120, Marks::NONE)]);
    assert_eq!(fragments.acknowledged(341), Marks::NONE);
    assert_eq!(fragments.counts(), (340, 340, 0));
    assert_eq!(fragments.said(), "c100 c120 c120");
}

#[test]
fn fragments_before_the_first_wait_for_it() {
    for order in [[2, 1, 0], [1, 2, 0], [2, 0, 1], [0, 2, 1], [1, 0, 2]] {
        let mut fragments = Fragments::open();
        fragments.segment(DATA, &order.map(|place| THREE[place]), 9);
        assert_eq!(fragments.acknowledged(341), Marks::NONE, "{order:?}");
        assert_eq!(fragments.counts(), (340, 340, 0), "{order:?}");
        let connection = fragments.capture.connection(0);
        assert_eq!(connection.traffic(Lane::Client).packets, 5, "{order:?}");
        for mark in [Marks::RETRANSMISSION, Marks::OUT_OF_ORDER, Marks::LOST_SEGMENT] {
            assert_eq!(
                connection.marked(mark),
                0,
                "{order:?}: the order of fragments says nothing of that of segments"
            );
        }
        assert_eq!(connection.zeek_history(), "ShADa", "{order:?}: nothing was sent again");
        let trip = connection.health(Lane::Client).and_then(Health::round_trip).map(|trip| trip.samples);
        assert_eq!(trip, Some(2), "{order:?}: the SYN and the segment");
        let last = connection.traffic(Lane::Client).last.map(Moment::frame);
        assert_eq!(last, Some(6), "{order:?}: not one that was counted late");
        assert_eq!(fragments.said(), "c100 c120 c120", "{order:?}");
    }
}

#[test]
fn a_fragment_that_is_missing_is_a_gap() {
    for (missing, gap) in [(1, 120), (2, 120)] {
        let mut fragments = Fragments::open();
        let cuts: Vec<_> =
            THREE.iter().enumerate().filter(|(place, _)| *place != missing).map(|(_, cut)| *cut).collect();
        fragments.segment(DATA, &cuts, 9);
        assert_eq!(fragments.acknowledged(341), Marks::ACK_LOST_SEGMENT, "{missing}");
        assert_eq!(fragments.counts(), (340 - gap, 340 - gap, gap), "{missing}");
    }
    // Without the first nobody knows whose the others are.
    let mut fragments = Fragments::open();
    let seen = fragments.segment(DATA, &THREE[1..], 9);
    assert_eq!(seen, [None, None]);
    assert_eq!(fragments.acknowledged(341), Marks::ACK_LOST_SEGMENT);
    assert_eq!(fragments.capture.connection(0).missed(Lane::Client), Some(340));
}

#[test]
fn a_fin_is_that_of_the_last_fragment() {
    let mut fragments = Fragments::open();
    let seen = fragments.segment(Segment { flags: FIN | ACK, ..DATA }, &THREE, 9);
    let states: Vec<_> = seen.iter().flatten().filter_map(|seen| seen.client).map(|state| state.to_string()).collect();
    assert_eq!(states, ["ESTABLISHED", "ESTABLISHED", "FIN-WAIT-1"]);
    assert_eq!(fragments.acknowledged(342), Marks::NONE);
    assert_eq!(fragments.counts(), (340, 340, 0));
    let closing = fragments.capture.connection(0).closing().expect("it is closing");
    assert_eq!((closing.fin(Lane::Client).map(Moment::frame), closing.fins(Lane::Client)), (Some(6), 1));
}

#[test]
fn fragments_captured_twice_are_copies() {
    for cuts in [[0, 0, 1, 1, 2, 2], [0, 1, 2, 0, 1, 2]] {
        let mut fragments = Fragments::open();
        let whole = fragments.capture.tcp(DATA);
        let mut said = Vec::new();
        for (place, cut) in cuts.iter().enumerate() {
            let mut packet = v4(&whole, THREE[*cut], 6, 9);
            let is_copy = cuts[..place].contains(cut);
            packet[8] -= u8::from(is_copy);
            let marks = fragments.packet(&packet).expect("it is of the connection").marks;
            assert_eq!(marks == Marks::DUPLICATE_PACKET, is_copy, "{cuts:?} {place}: {marks:?}");
            said.push(marks);
        }
        assert_eq!(fragments.acknowledged(341), Marks::NONE);
        assert_eq!(fragments.counts(), (680, 340, 0), "what came twice was captured twice");
    }
}

#[test]
fn of_fragments_that_overlap_the_first_bytes_count() {
    let mut fragments = Fragments::open();
    let cuts = [Cut(0, 120, true), Cut(104, 240, true), Cut(160, 200, true), Cut(200, 360, false)];
    let seen = fragments.segment(DATA, &cuts, 9);
    assert!(seen.iter().flatten().all(|seen| !seen.marks.contains(Marks::RETRANSMISSION)), "{seen:?}");
    assert_eq!(fragments.acknowledged(341), Marks::NONE);
    assert_eq!(fragments.counts().1, 340);
    assert_eq!(fragments.said(), "c100 c120 c120");
}

#[test]
fn an_identification_is_used_again() {
    for orders in [[[0, 1, 2], [0, 1, 2]], [[0, 1, 2], [2, 1, 0]], [[2, 1, 0], [2, 1, 0]], [[0, 1, 1], [0, 1, 2]]] {
        let mut fragments = Fragments::open();
        for (index, order) in orders.iter().enumerate() {
            let segment = Segment { seq: 1 + index as u32 * 340, ..DATA };
            let mut whole = fragments.capture.tcp(segment);
            whole[20..].fill(b'a' + index as u8);
            for place in order {
                fragments.packet(&v4(&whole, THREE[*place], 6, 9));
            }
        }
        let is_whole = orders[0] != [0, 1, 1];
        let marks = fragments.acknowledged(681);
        assert_eq!(marks.is_empty(), is_whole, "{orders:?}: {marks:?}");
        let (_, data, missed) = fragments.counts();
        assert_eq!((data, missed), if is_whole { (680, 0) } else { (560, 120) }, "{orders:?}");
    }
}

#[test]
fn ipv6_fragments_and_those_of_two_packets_at_once_are_told_apart() {
    let mut fragments = Fragments::new();
    let wholes = [0, 1].map(|index| fragments.capture.tcp(Segment { seq: 1 + index * 340, ..DATA }));
    for cut in [0, 2, 1] {
        for (index, whole) in wholes.iter().enumerate() {
            assert!(fragments.packet(&v6(whole, THREE[cut], 6, 70 + index as u16)).is_some());
        }
    }
    let connection = fragments.capture.connection(0);
    let client = connection.health(Lane::Client).map(Health::data);
    assert_eq!((client, connection.traffic(Lane::Client).packets), (Some(680), 6));
}

/// 400 bytes of payload in three fragments of a UDP datagram.
const DATAGRAM: [Cut; 3] = [Cut(0, 128, true), Cut(128, 256, true), Cut(256, 408, false)];

fn datagram() -> Vec<u8> {
    let mut udp = [ports(&FROM_CLIENT), 408_u16.to_be_bytes().to_vec(), vec![0; 2]].concat();
    udp.resize(408, b'u');
    udp
}

#[test]
fn a_datagrams_fragments_are_of_its_conversation_and_their_bytes_are_there() {
    for (order, missed, said) in [
        (vec![0, 1, 2], 0, "c120 c128 c152"),
        (vec![0, 2, 1], 0, "c120 c128 c152"),
        (vec![0, 1], 152, "c120 c128 c-152-"),
        (vec![0, 2], 128, "c120 c-128- c152"),
        (vec![0], 280, "c120 c-280-"),
        (vec![0, 1, 1, 2], 0, "c120 c128 c152"),
    ] {
        let mut fragments = Fragments::new();
        for place in &order {
            assert!(fragments.packet(&v4(&datagram(), DATAGRAM[*place], 17, 9)).is_some(), "{order:?}");
        }
        // The next one, which is whole.
        fragments.packet(&v4(&[ports(&FROM_CLIENT), vec![0, 10, 0, 0, 1, 2]].concat(), Cut(0, 10, false), 17, 10));
        let connection = fragments.capture.tracker.connection(Transport::Udp, 0).expect("it is remembered");
        assert_eq!(connection.missed(Lane::Client), Some(missed), "{order:?}");
        assert_eq!(connection.traffic(Lane::Client).packets, order.len() as u64 + 1, "{order:?}");
        assert_eq!(connection.exchange().map(Exchange::asked), Some(2), "{order:?}: two datagrams");
        assert_eq!(fragments.said(), format!("{said} c2"), "{order:?}");
    }
}

#[test]
fn a_datagrams_fragments_before_the_first_are_counted_too() {
    let mut fragments = Fragments::new();
    for place in [2, 1, 0] {
        fragments.packet(&v4(&datagram(), DATAGRAM[place], 17, 9));
    }
    let connection = fragments.capture.tracker.connection(Transport::Udp, 0).expect("it is remembered");
    let client = connection.traffic(Lane::Client);
    assert_eq!((client.packets, client.payload, connection.missed(Lane::Client)), (3, 400, Some(0)));
    assert_eq!(fragments.capture.tracker.late(), 2);
    assert_eq!(fragments.follow.lacking(Lane::Client), 0);
    assert_eq!(fragments.said(), "c120 c128 c152");
    // One of them is missing, or came twice, or is of another packet.
    for (places, lacking, said) in [
        (vec![2, 0], 128, "c120 c-128- c152"),
        (vec![1, 0], 152, "c120 c128 c-152-"),
        (vec![2, 2, 1, 0], 0, "c120 c128 c152"),
        (vec![1, 0, 2], 0, "c120 c128 c152"),
    ] {
        let mut fragments = Fragments::new();
        fragments.packet(&v4(&datagram(), DATAGRAM[1], 17, 8));
        for place in &places {
            fragments.packet(&v4(&datagram(), DATAGRAM[*place], 17, 9));
        }
        assert_eq!(fragments.follow.lacking(Lane::Client), lacking, "{places:?}");
        assert_eq!(fragments.said(), said, "{places:?}");
    }
}

/// Every order of four things.
fn orders() -> Vec<[usize; 4]> {
    let mut orders = Vec::new();
    for code in 0..256_usize {
        let order = [code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6];
        if (0..4).all(|place| order.contains(&place)) {
            orders.push(order);
        }
    }
    orders
}

#[test]
fn in_every_order_the_bytes_are_those_of_the_whole() {
    const FOUR: [Cut; 4] = [Cut(0, 32, true), Cut(32, 128, true), Cut(128, 264, true), Cut(264, 360, false)];
    let payload: Vec<u8> = (0..352_u32).map(|number| (number % 251) as u8).collect();
    assert_eq!(orders().len(), 24);
    for (order, protocol) in orders().into_iter().flat_map(|order| [(order, 6), (order, 17)]) {
        for version in [v4, v6] {
            let mut fragments = Fragments::new();
            let mut whole = fragments.capture.tcp(DATA);
            let header = if protocol == 6 { 20 } else { 8 };
            if protocol == 17 {
                whole = [ports(&FROM_CLIENT), 360_u16.to_be_bytes().to_vec(), vec![0; 2]].concat();
                whole.resize(360, 0);
            }
            let expected = &payload[..360 - header];
            whole[header..].copy_from_slice(expected);
            for place in order {
                fragments.packet(&version(&whole, FOUR[place], protocol, 9));
            }
            let told = fragments.finish();
            assert!(told.said.iter().all(|said| !said.contains('-')), "{order:?} {protocol}: {:?}", told.said);
            assert_eq!(told.bytes, expected, "{order:?} {protocol}");
        }
    }
}

/// Fragments of two datagrams at once, between others that are whole; one that lacks something does not end the others.
#[test]
fn datagrams_whose_fragments_mix_are_told_one_after_the_other() {
    let whole = |len: u8, id: u16| {
        let udp = [ports(&FROM_CLIENT), vec![0, 8 + len, 0, 0], vec![0; len.into()]].concat();
        v4(&udp, Cut(0, udp.len(), false), 17, id)
    };
    let part = |place: usize, id: u16| v4(&datagram(), DATAGRAM[place], 17, id);
    for (packets, lacking, said) in [
        (
            vec![part(0, 1), part(0, 2), part(1, 1), part(1, 2), part(2, 2), part(2, 1)],
            0,
            "c120 c128 c152 c120 c128 c152",
        ),
        (vec![part(0, 1), whole(3, 2), part(2, 1), whole(0, 3), whole(4, 4), part(1, 1)], 0, "c120 c128 c152 c3 c4"),
        (
            vec![part(2, 2), part(0, 1), part(1, 1), part(0, 2), part(2, 1), part(1, 2)],
            0,
            "c120 c128 c152 c120 c128 c152",
        ),
        (vec![part(0, 1), part(0, 2), part(2, 2), part(1, 2), whole(5, 3)], 280, "c120 c-280- c120 c128 c152 c5"),
        (vec![part(0, 1), part(1, 1), part(2, 1), part(0, 1), part(1, 1)], 152, "c120 c128 c152 c120 c128 c-152-"),
        (vec![whole(1, 1), whole(0, 2), whole(2, 3)], 0, "c1 c2"),
    ] {
        let mut fragments = Fragments::new();
        for packet in &packets {
            fragments.packet(packet);
        }
        assert_eq!(fragments.follow.lacking(Lane::Client), lacking, "{said}");
        assert_eq!(fragments.said(), said);
    }
    // A fragment that never comes holds no more up than a few datagrams.
    let mut fragments = Fragments::new();
    fragments.packet(&part(0, 1));
    for id in 2..40 {
        fragments.packet(&whole(1, id));
    }
    assert!(fragments.told.said.len() > 20 && fragments.told.said[1] == "c-280-", "{:?}", fragments.told.said);
    // What lies beyond the datagram's own length is none of it.
    let mut fragments = Fragments::new();
    let mut long = datagram();
    long.resize(800, 0);
    for packet in [part(0, 1), part(1, 1), v4(&long, Cut(256, 800, false), 17, 1), whole(2, 2)] {
        fragments.packet(&packet);
    }
    assert_eq!(fragments.said(), "c120 c128 c152 c2");
}

/// Whatever comes in whatever order, every place is told once; the harness looks at each.
#[test]
fn no_mixture_of_fragments_is_told_out_of_order() {
    let mut state = 1_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..600 {
        let mut fragments = Fragments::new();
        let protocol = if random(2) == 0 { 6 } else { 17 };
        for _ in 0..40 {
            let (start, len, id) = (random(12) as usize * 8, (1 + random(30) as usize) * 8, random(4) as u16);
            let segment = Segment { seq: 1 + random(3) as u32 * 100, len: 200, ..DATA };
            let whole = if protocol == 6 { fragments.capture.tcp(segment) } else { datagram() };
            let cut = Cut(start, (start + len).min(whole.len()), random(3) > 0);
            let mut packet = v4(&whole, cut, protocol, id);
            if random(6) == 0 {
                // The other side's.
                packet[12..20].rotate_left(4);
            }
            if protocol == 17 && start == 0 && random(4) == 0 {
                packet[24..26].copy_from_slice(&(random(700) as u16).to_be_bytes());
            }
            fragments.packet(&packet);
        }
        fragments.finish();
    }
}

#[test]
fn no_number_of_fragments_takes_memory_without_bound() {
    let mut fragments = Fragments::open();
    let whole = fragments.capture.tcp(DATA);
    for id in 1..5_000 {
        fragments.packet(&v4(&whole, THREE[1], 6, id));
    }
    for _ in 0..500 {
        fragments.packet(&v4(&whole, THREE[2], 6, 4_999));
    }
    fragments.packet(&v4(&whole, THREE[0], 6, 4_999));
    assert!(fragments.capture.tracker.late() <= 64, "{}", fragments.capture.tracker.late());
    assert_eq!(fragments.counts().1, 340);
    fragments.packet(&v4(&whole, THREE[0], 6, 1));
    assert!(fragments.capture.tracker.late() <= 64, "the oldest is forgotten");
}

/// Payload in a segment with options: 12 bytes of those, and 80 of that.
fn with_options(capture: &Capture) -> Vec<u8> {
    let mut whole = capture.tcp(Segment { len: 12 + 80, ..FROM_CLIENT });
    whole[12] = 8 << 4;
    whole[20..32].copy_from_slice(&[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0]);
    whole[32..].iter_mut().zip(0..).for_each(|(byte, number)| *byte = number);
    whole
}

/// A packet cut into parts of a size.
fn parts(whole: &[u8], size: usize) -> Vec<Cut> {
    (0..whole.len()).step_by(size).map(|at| Cut(at, whole.len().min(at + size), at + size < whole.len())).collect()
}

#[test]
fn a_header_that_goes_on_in_later_fragments_is_a_header() {
    for (version, size) in [v4, v6].into_iter().flat_map(|version| [8, 16, 24, 32, 40, 48].map(|size| (version, size)))
    {
        for order in 0..4 {
            let mut fragments = Fragments::new();
            let whole = with_options(&fragments.capture);
            let mut cuts = parts(&whole, size);
            match order {
                0 => {}
                1 => cuts.reverse(),
                2 => cuts.rotate_left(1),
                _ => cuts.rotate_right(1),
            }
            let seen: Vec<_> = cuts.iter().map(|cut| fragments.packet(&version(&whole, *cut, 6, 9))).collect();
            assert!(seen.iter().flatten().all(|seen| seen.marks.is_empty()), "{size}: {seen:?}");
            let connection = fragments.capture.connection(0);
            let client = connection.traffic(Lane::Client);
            assert_eq!((client.packets, client.payload), (cuts.len() as u64, 80), "{size} {:?}", cuts[0].0);
            let health = connection.health(Lane::Client).expect("there was data");
            assert_eq!((health.data(), health.missed()), (80, 0), "{size} {:?}", cuts[0].0);
            let told = fragments.finish();
            assert_eq!(told.bytes, (0..80).collect::<Vec<u8>>(), "{size} {:?}: {:?}", cuts[0].0, told.said);
        }
    }
}

#[test]
fn the_segment_of_a_split_header_goes_on_with_those_before_it() {
    for size in [8, 16, 24, 32, 96] {
        let mut fragments = Fragments::open();
        let whole = with_options(&fragments.capture);
        let seen: Vec<_> = parts(&whole, size)
            .iter()
            .map(|cut| fragments.packet(&v4(&whole, *cut, 6, 9)).expect("it is known"))
            .collect();
        assert_eq!((seen[0].stream, seen[0].seq), (0, Some(1)), "{size}: ports and number are whole in the first");
        assert_eq!(seen.iter().map(|seen| seen.len).sum::<u32>(), 80, "{size}");
        assert_eq!(fragments.acknowledged(81), Marks::NONE, "{size}");
        let next = fragments.capture.see(Segment { seq: 81, len: 4, ..FROM_CLIENT });
        assert_eq!((next.seq, next.marks), (Some(81), Marks::NONE), "{size}");
        assert_eq!(fragments.counts(), (84, 84, 0), "{size}");
    }
}

#[test]
fn a_handshake_in_the_smallest_fragments_is_a_handshake() {
    let mut fragments = Fragments::new();
    let mut syn = fragments.capture.tcp(Segment { flags: SYN, seq: 0, len: 4, ..FROM_CLIENT });
    syn[12] = 6 << 4;
    syn[20..].copy_from_slice(&[2, 4, 5, 0xb4]);
    for cut in parts(&syn, 8) {
        fragments.packet(&v4(&syn, cut, 6, 9));
    }
    fragments.capture.see(Segment { flags: SYN | ACK, seq: 0, ..FROM_SERVER });
    let ack = fragments.capture.tcp(FROM_CLIENT);
    let seen: Vec<_> = parts(&ack, 8).iter().map(|cut| fragments.packet(&v4(&ack, *cut, 6, 10))).collect();
    assert_eq!(seen[2].map(|seen| (seen.seq, seen.ack, seen.len)), Some((Some(1), Some(1), 0)));
    let connection = fragments.capture.connection(0);
    assert!(!connection.is_assumed());
    let verdict = connection.verdict().expect("TCP has a verdict");
    assert_eq!(
        (Spelling::default().opening(verdict.opening).to_string(), verdict.opening_evidence.to_vec()),
        ("complete".to_owned(), vec![3, 4, 7])
    );
    let offer = connection.handshake().and_then(|handshake| handshake.offer(Lane::Client).cloned());
    assert_eq!(offer.and_then(|offer| offer.mss), Some(1460));
}

#[test]
fn a_fin_of_a_split_header_is_that_of_the_last_fragment() {
    for (len, size) in [(0, 8), (0, 16), (3, 8), (60, 16)] {
        let mut fragments = Fragments::open();
        let whole = fragments.capture.tcp(Segment { flags: FIN | ACK, len, ..FROM_CLIENT });
        for cut in parts(&whole, size) {
            fragments.packet(&v4(&whole, cut, 6, 9));
        }
        let closing = fragments.capture.connection(0).closing().expect("it is closing");
        let last = fragments.capture.number;
        assert_eq!(
            (closing.fins(Lane::Client), closing.fin(Lane::Client).map(Moment::frame)),
            (1, Some(last)),
            "{len}"
        );
        assert_eq!(fragments.acknowledged(2 + len as u32), Marks::NONE, "{len} {size}");
    }
}

#[test]
fn a_header_whose_rest_never_comes_is_no_segment() {
    for size in [8, 16, 24, 32] {
        let mut fragments = Fragments::open();
        let whole = with_options(&fragments.capture);
        let first = fragments.packet(&v4(&whole, Cut(0, size, true), 6, 9)).expect("it is known");
        assert_eq!((first.stream, first.seq, first.len, first.marks), (0, Some(1), 0, Marks::NONE), "{size}");
        let connection = fragments.capture.connection(0);
        assert_eq!((connection.traffic(Lane::Client).packets, fragments.counts()), (3, (0, 0, 0)), "{size}");
        // Those of another packet do not make it whole.
        fragments.packet(&v4(&whole, Cut(size, 112, false), 6, 10));
        assert_eq!(fragments.counts(), (0, 0, 0), "{size}");
        assert_eq!(fragments.acknowledged(81), Marks::ACK_LOST_SEGMENT, "{size}");
    }
    // What the capture cut off does not come with others.
    let mut fragments = Fragments::open();
    let whole = with_options(&fragments.capture);
    let bytes = v4(&whole, Cut(0, 16, true), 6, 9);
    let cut = Frame {
        number: 4,
        time: None,
        interface: 0,
        link: LinkType::RAW,
        wire_len: 36,
        bytes: &bytes[..30],
        comments: &[],
    };
    assert!(!headers(&cut).is_header_split() && fragments.capture.tracker.observe(&cut, &headers(&cut)).is_none());
}

#[test]
fn the_pieces_of_a_segment_that_is_sent_again_are_sent_again_and_count_as_one_try() {
    for order in [[0, 1, 2], [2, 1, 0], [0, 2, 1]] {
        let mut fragments = Fragments::open();
        fragments.segment(DATA, &THREE[..2], 9);
        let seen = fragments.segment(DATA, &order.map(|place| THREE[place]), 10);
        let marks = fragments.capture.connection(0).marked_from(Lane::Client, Marks::RETRANSMISSION);
        let told = seen.iter().flatten().filter(|seen| seen.marks.contains(Marks::RETRANSMISSION)).count();
        assert_eq!(marks as usize, told, "{order:?}: {seen:?}");
        assert!(told >= 1, "{order:?}");
        assert_eq!(fragments.acknowledged(341), Marks::NONE, "{order:?}");
        assert_eq!(fragments.counts().1, 340, "{order:?}");
        assert_eq!(fragments.capture.connection(0).zeek_history(), "ShADTa", "{order:?}");
    }
    let mut fragments = Fragments::open();
    fragments.segment(DATA, &THREE, 9);
    fragments.segment(DATA, &THREE, 10);
    fragments.capture.see(Segment { flags: RST | ACK, seq: 341, ..FROM_CLIENT });
    let reset = fragments.capture.connection(0).closing().and_then(Closing::reset).expect("it was reset");
    assert_eq!(Spelling::default().cause(reset.cause), "abort", "one repetition is no time-out");
}

#[test]
fn what_is_remarkable_of_a_fragment_that_waited_is_told_of_the_one_it_waited_for() {
    for order in [[0, 1, 2], [2, 1, 0], [2, 0, 1], [1, 2, 0]] {
        let mut fragments = Fragments::new();
        fragments.capture.see(Segment { flags: SYN, seq: 0, ..FROM_CLIENT });
        fragments.capture.see(Segment { flags: SYN | ACK, seq: 0, window: 340, ..FROM_SERVER });
        fragments.capture.see(FROM_CLIENT);
        // It fills the window; its own is shut.
        let seen = fragments.segment(Segment { window: 0, ..DATA }, &order.map(|place| THREE[place]), 9);
        for mark in [Marks::WINDOW_FULL, Marks::ZERO_WINDOW] {
            let told = seen.iter().flatten().filter(|seen| seen.marks.contains(mark)).count();
            let counted = fragments.capture.connection(0).marked_from(Lane::Client, mark);
            assert_eq!((told, counted), (1, 1), "{order:?} {mark:?}: {seen:?}");
        }
    }
}

#[test]
fn a_bare_acknowledgment_in_the_fragment_of_a_tunnel_is_one() {
    let mut fragments = Fragments::open();
    let inner = ipv4(CLIENT, SERVER, 6, 7, &fragments.capture.tcp(Segment { ack: 1, window: 2000, ..FROM_CLIENT }));
    let seen = fragments.packet(&v4(&inner, Cut(0, inner.len(), true), 4, 9)).expect("it is of the connection");
    assert_eq!((seen.seq, seen.ack, seen.marks), (Some(1), Some(1), Marks::WINDOW_UPDATE));
}
