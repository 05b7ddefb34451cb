//! Packets made byte by byte, for questions that no capture answers.

use layerscope::model::{Frame, LinkType};

/// A frame of raw IP that was captured whole.
pub(crate) fn raw(bytes: &[u8]) -> Frame<'_> {
    cut(bytes, bytes.len())
}

/// The first `kept` bytes of a frame of raw IP.
pub(crate) fn cut(bytes: &[u8], kept: usize) -> Frame<'_> {
    let wire_len = bytes.len() as u32;
    let bytes = &bytes[..kept];
    Frame { number: 1, time: None, interface: 0, link: LinkType::RAW, wire_len, bytes, comments: &[] }
}

/// A frame of any link type that was captured whole.
pub(crate) fn on(link: LinkType, bytes: &[u8]) -> Frame<'_> {
    Frame { link, ..raw(bytes) }
}

/// An Ethernet frame; `kind` is an EtherType, or below 1536 the length of what follows (IEEE 802.3 §3.2.6).
pub(crate) fn ethernet(kind: u16, carried: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2], &kind.to_be_bytes()[..], carried].concat()
}

/// An IPv4 packet from 10.0.0.1 to 10.0.0.2.
pub(crate) fn ipv4(protocol: u8, carried: &[u8]) -> Vec<u8> {
    ipv4_between([10, 0, 0, 1], [10, 0, 0, 2], protocol, carried)
}

/// An IPv4 packet.
pub(crate) fn ipv4_between(from: [u8; 4], to: [u8; 4], protocol: u8, carried: &[u8]) -> Vec<u8> {
    let [high, low] = ((20 + carried.len()) as u16).to_be_bytes();
    let header = [0x45, 0, high, low, 0, 0, 0, 0, 64, protocol, 0, 0];
    [&header[..], &from, &to, carried].concat()
}

/// An IPv6 packet from fe80::1 to ff02::1.
pub(crate) fn ipv6(next: u8, carried: &[u8]) -> Vec<u8> {
    let [high, low] = (carried.len() as u16).to_be_bytes();
    [&[0x60, 0, 0, 0, high, low, next, 64][..], &address6(0xfe80, 1), &address6(0xff02, 1), carried].concat()
}

/// `first::last`
pub(crate) fn address6(first: u16, last: u8) -> [u8; 16] {
    let mut address = [0; 16];
    address[..2].copy_from_slice(&first.to_be_bytes());
    address[15] = last;
    address
}

/// A UDP datagram.
pub(crate) fn udp(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len()) as u16;
    [&from.to_be_bytes()[..], &to.to_be_bytes(), &length.to_be_bytes(), &[0, 0], payload].concat()
}

/// A TCP segment with options, which fill whole words.
pub(crate) fn tcp(from: u16, to: u16, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let offset = (((20 + options.len()) / 4) << 4) as u8;
    let rest = [0, 0, 0, 1, 0, 0, 0, 2, offset, 0x18, 0xff, 0xff, 0, 0, 0, 0];
    [&from.to_be_bytes()[..], &to.to_be_bytes(), &rest, options, payload].concat()
}

/// A segment between 10.0.0.1:40000, the client, and 10.0.0.2:80, as an IPv4 packet.
pub(crate) fn segment(from_client: bool, seq: u32, ack: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let (client, server) = (([10, 0, 0, 1], 40000), ([10, 0, 0, 2], 80));
    let (from, to) = if from_client { (client, server) } else { (server, client) };
    let mut segment = tcp(from.1, to.1, &[], payload);
    segment[4..12].copy_from_slice(&[seq.to_be_bytes(), ack.to_be_bytes()].concat());
    segment[13] = flags;
    ipv4_between(from.0, to.0, 6, &segment)
}

/// A DNS response that asks for `example.org` and has these records in its three sections.
pub(crate) fn dns(answers: &[Vec<u8>], authority: &[Vec<u8>], additional: &[Vec<u8>]) -> Vec<u8> {
    let mut message = vec![0x12, 0x34, 0x81, 0x80, 0, 1];
    for section in [answers, authority, additional] {
        message.extend((section.len() as u16).to_be_bytes());
    }
    message.extend(domain("example.org"));
    message.extend([0, 1, 0, 1]);
    message.extend([answers, authority, additional].concat().concat());
    message
}

/// A record for the name asked for, of class IN, that lives for a minute.
pub(crate) fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u16).to_be_bytes();
    [&[0xc0, 12][..], &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 60], &length, data].concat()
}

/// The pseudo-record of EDNS with these options.
pub(crate) fn opt(options: &[u8]) -> Vec<u8> {
    let length = (options.len() as u16).to_be_bytes();
    [&[0, 0, 41, 0x04, 0xd0, 1, 0, 0x80, 0][..], &length, options].concat()
}

/// A name as DNS writes it.
pub(crate) fn domain(name: &str) -> Vec<u8> {
    let labels = name.split('.').filter(|label| !label.is_empty());
    let mut written: Vec<u8> = labels.flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat()).collect();
    written.push(0);
    written
}
