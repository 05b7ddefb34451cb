//! A capture in the making: segments and datagrams between two endpoints, made for the question.

use std::net::{Ipv4Addr, SocketAddrV4};

use layerscope::analyse::{Connection, Limits, Seen, Tracker};
use layerscope::decode::headers;
use layerscope::model::{Frame, LinkType, Timestamp, Transport};

pub(crate) const CLIENT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 40000);
pub(crate) const SERVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 2), 80);
pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const ACK: u8 = 0x10;

/// A segment's parts; each test changes what it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) from: SocketAddrV4,
    pub(crate) to: SocketAddrV4,
    pub(crate) flags: u8,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) window: u16,
    pub(crate) len: usize,
    /// Milliseconds since the segment before.
    pub(crate) after: i64,
}

pub(crate) const FROM_CLIENT: Segment =
    Segment { from: CLIENT, to: SERVER, flags: ACK, seq: 1, ack: 1, window: 1000, len: 0, after: 10 };
pub(crate) const FROM_SERVER: Segment = Segment { from: SERVER, to: CLIENT, ..FROM_CLIENT };

/// A capture in the making; sequence numbers are relative to `isn`, client's and server's.
pub(crate) struct Capture {
    pub(crate) tracker: Tracker,
    pub(crate) isn: [u32; 2],
    pub(crate) number: u64,
    pub(crate) millis: i64,
}

impl Capture {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { tracker: Tracker::new(limits), isn: [1000, 9000], number: 0, millis: 0 }
    }

    pub(crate) fn see(&mut self, segment: Segment) -> Seen {
        let tcp = self.tcp(segment);
        self.send(&segment, 6, &tcp).expect("a TCP segment belongs to a connection")
    }

    /// The bytes of a segment.
    pub(crate) fn tcp(&self, segment: Segment) -> Vec<u8> {
        let own = usize::from(segment.from.port() == SERVER.port());
        let seq = self.isn[own].wrapping_add(segment.seq);
        let ack = if segment.flags & ACK != 0 { self.isn[1 - own].wrapping_add(segment.ack) } else { 0 };
        let mut tcp = ports(&segment);
        tcp.extend(seq.to_be_bytes());
        tcp.extend(ack.to_be_bytes());
        tcp.extend([5 << 4, segment.flags]);
        tcp.extend(segment.window.to_be_bytes());
        tcp.extend([0; 4]);
        tcp.resize(20 + segment.len, b'x');
        tcp
    }

    pub(crate) fn datagram(&mut self, segment: Segment) -> Option<Seen> {
        let mut udp = ports(&segment);
        udp.extend((8 + segment.len as u16).to_be_bytes());
        udp.resize(8 + segment.len + 2, 0);
        self.send(&segment, 17, &udp[..8 + segment.len])
    }

    pub(crate) fn send(&mut self, segment: &Segment, protocol: u8, body: &[u8]) -> Option<Seen> {
        self.millis += segment.after;
        let bytes = ipv4(segment.from, segment.to, protocol, self.number as u16 + 1, body);
        self.packet(LinkType::RAW, self.millis * 1_000_000, &bytes)
    }

    /// Any packet, captured at a time in nanoseconds.
    pub(crate) fn packet(&mut self, link: LinkType, nanos: i64, bytes: &[u8]) -> Option<Seen> {
        self.number += 1;
        let frame = Frame {
            number: self.number,
            time: Some(Timestamp::from_nanos(nanos)),
            interface: 0,
            link,
            wire_len: bytes.len() as u32,
            bytes,
            comments: &[],
        };
        self.tracker.observe(&frame, &headers(&frame))
    }

    pub(crate) fn open(&mut self) {
        self.see(Segment { flags: SYN, seq: 0, ..FROM_CLIENT });
        self.see(Segment { flags: SYN | ACK, seq: 0, ..FROM_SERVER });
        self.see(FROM_CLIENT);
    }

    pub(crate) fn connection(&self, stream: u32) -> &Connection {
        self.tracker.connection(Transport::Tcp, stream).expect("the connection is remembered")
    }
}

pub(crate) fn ports(segment: &Segment) -> Vec<u8> {
    [segment.from.port().to_be_bytes(), segment.to.port().to_be_bytes()].concat()
}

pub(crate) fn ipv4(from: SocketAddrV4, to: SocketAddrV4, protocol: u8, id: u16, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend((20 + body.len() as u16).to_be_bytes());
    packet.extend(id.to_be_bytes());
    packet.extend([0, 0, 64, protocol, 0, 0]);
    packet.extend(from.ip().octets());
    packet.extend(to.ip().octets());
    packet.extend(body);
    packet
}

/// The bytes of a segment that is no part of a [`Capture`], its numbers as they are.
pub(crate) fn segment(segment: &Segment) -> Vec<u8> {
    let mut tcp = ports(segment);
    tcp.extend(segment.seq.to_be_bytes());
    tcp.extend(segment.ack.to_be_bytes());
    tcp.extend([5 << 4, segment.flags]);
    tcp.extend(segment.window.to_be_bytes());
    tcp.extend([0; 4]);
    tcp.resize(20 + segment.len, b'x');
    ipv4(segment.from, segment.to, 6, 1, &tcp)
}

/// The bytes of a datagram.
pub(crate) fn datagram(segment: &Segment) -> Vec<u8> {
    let mut udp = ports(segment);
    udp.extend((8 + segment.len as u16).to_be_bytes());
    udp.resize(8 + segment.len, 0);
    ipv4(segment.from, segment.to, 17, 1, &udp)
}

/// Saves IPv4 packets in a pcap file, one a second from 2023-11-14 22:13:20 on.
pub(crate) fn save(path: &std::path::Path, packets: &[Vec<u8>]) {
    let mut bytes = Vec::new();
    let put = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    bytes.extend(put(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101]));
    for (packet, number) in packets.iter().zip(0..) {
        let len = packet.len() as u32;
        bytes.extend(put(&[1_700_000_000 + number, 0, len, len]));
        bytes.extend(packet);
    }
    std::fs::write(path, bytes).unwrap();
}
