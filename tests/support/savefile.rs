//! Captures made byte by byte: what a test needs of a kind that our own captures do not have.

use std::io::Write;

use layerscope::model::LinkType;
use tempfile::NamedTempFile;

/// A file that is there as long as the test holds it.
pub(crate) fn saved(bytes: &[u8]) -> NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".pcap").tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// A pcap file of whole packets, a millisecond apart.
pub(crate) fn pcap(link: LinkType, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = words(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, u32::from(link.0)]);
    for (packet, number) in packets.iter().zip(0..) {
        let length = packet.len() as u32;
        file.extend(words(&[1_700_000_000, number * 1000, length, length]));
        file.extend(packet);
    }
    file
}

/// Numbers in little-endian order.
pub(crate) fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The order of the bytes of a section's numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Order {
    #[default]
    Little,
    Big,
}

impl Order {
    pub(crate) fn u16(self, number: u16) -> [u8; 2] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    pub(crate) fn u32(self, number: u32) -> [u8; 4] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    pub(crate) fn u64(self, number: u64) -> [u8; 8] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }
}

/// Options of a block: code and value.
type Options<'a> = &'a [(u16, &'a [u8])];

/// `opt_comment`, `if_name`, `if_tsresol`, `if_tsoffset`, `isb_ifdrop` (draft-ietf-opsawg-pcapng §3.5, §4).
pub(crate) const COMMENT: u16 = 1;
pub(crate) const IF_NAME: u16 = 2;
pub(crate) const IF_TSRESOL: u16 = 9;
pub(crate) const IF_TSOFFSET: u16 = 14;
pub(crate) const ISB_IFDROP: u16 = 5;

/// A pcapng file in the making, block after block.
#[derive(Debug, Default)]
pub(crate) struct Pcapng {
    pub(crate) bytes: Vec<u8>,
    order: Order,
}

impl Pcapng {
    pub(crate) fn section(mut self, order: Order, options: Options<'_>) -> Self {
        self.order = order;
        let body = [&order.u32(0x1a2b_3c4d)[..], &order.u16(1), &order.u16(0), &[0xff; 8]].concat();
        self.block(0x0a0d_0d0a, &body, options)
    }

    pub(crate) fn interface(self, link: LinkType, snaplen: u32, options: Options<'_>) -> Self {
        let body = [&self.order.u16(link.0)[..], &[0, 0], &self.order.u32(snaplen)].concat();
        self.block(1, &body, options)
    }

    /// An enhanced packet block; `ticks` since 1970 in the interface's unit.
    pub(crate) fn packet(self, interface: u32, ticks: u64, wire_len: u32, bytes: &[u8], options: Options<'_>) -> Self {
        let numbers = [interface, (ticks >> 32) as u32, ticks as u32, bytes.len() as u32, wire_len];
        let mut body: Vec<u8> = numbers.iter().flat_map(|number| self.order.u32(*number)).collect();
        body.extend(padded(bytes));
        self.block(6, &body, options)
    }

    /// A simple packet block, which has no time.
    pub(crate) fn simple_packet(self, wire_len: u32, bytes: &[u8]) -> Self {
        let body = [&self.order.u32(wire_len)[..], &padded(bytes)].concat();
        self.block(3, &body, &[])
    }

    /// Names of addresses: 4 or 16 bytes each.
    pub(crate) fn names(self, records: &[(&[u8], &str)]) -> Self {
        let mut body = Vec::new();
        for (address, name) in records {
            let kind = if address.len() == 4 { 1 } else { 2 };
            let value = [address, name.as_bytes(), &[0]].concat();
            body.extend([self.order.u16(kind), self.order.u16(value.len() as u16)].concat());
            body.extend(padded(&value));
        }
        body.extend([0; 4]);
        self.block(4, &body, &[])
    }

    /// An interface's counts, as of the beginning of 1970.
    pub(crate) fn statistics(self, interface: u32, options: Options<'_>) -> Self {
        let body = [&self.order.u32(interface)[..], &[0; 8]].concat();
        self.block(5, &body, options)
    }

    /// Any block; its body takes whole words.
    pub(crate) fn block(mut self, kind: u32, body: &[u8], options: Options<'_>) -> Self {
        let order = self.order;
        let mut content = padded(body);
        for (code, value) in options {
            content.extend([order.u16(*code), order.u16(value.len() as u16)].concat());
            content.extend(padded(value));
        }
        if !options.is_empty() {
            content.extend([0; 4]);
        }
        let length = order.u32(12 + content.len() as u32);
        self.bytes.extend([&order.u32(kind)[..], &length, &content, &length].concat());
        self
    }
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(4), 0);
    padded
}

/// Three sections, the middle one in another byte order, each with interfaces of its own: with and without times, drops
/// that were counted, names, comments, and a block nobody knows.
pub(crate) fn three_sections() -> Vec<u8> {
    let (little, big) = (Order::Little, Order::Big);
    let frame: Vec<u8> = (0..60).collect();
    let second = 1_700_000_000_000_000_u64;
    Pcapng::default()
        .section(big, &[(COMMENT, b"first section")])
        .interface(LinkType::ETHERNET, 96, &[(IF_NAME, b"eth0")])
        .interface(LinkType::NULL, 0, &[(IF_NAME, b"null1")])
        .packet(0, second, 60, &frame, &[(COMMENT, b"a comment")])
        .packet(1, second + 1, 44, &frame[..44], &[])
        .names(&[(&[10, 0, 0, 1], "one.example"), (&[0xfc; 16], "six.example")])
        .section(little, &[(COMMENT, b"second section")])
        .interface(LinkType::ETHERNET, 48, &[(IF_NAME, b"eth1")])
        .simple_packet(60, &frame[..48])
        .block(0x0bad_cafe, b"not to be known", &[])
        .packet(0, second + 2, 60, &frame[..48], &[])
        .statistics(0, &[(ISB_IFDROP, &little.u64(10))])
        .section(big, &[(COMMENT, b"third section")])
        .interface(LinkType::ETHERNET, 96, &[(IF_NAME, b"eth0")])
        .interface(LinkType::NULL, 0, &[(IF_NAME, b"null1")])
        .packet(1, second + 3, 44, &frame[..44], &[])
        .statistics(0, &[(ISB_IFDROP, &big.u64(1))])
        .bytes
}
