//! The pcap format (draft-ietf-opsawg-pcap) with the variants that libpcap reads.

use pcap_parser::parse_pcap_header;

use super::record::{Fault, Interface, Record, largest_packet};
use super::window::Window;
use crate::model::{LinkType, Timestamp};

/// The length of the file's header.
pub(super) const HEADER: usize = 24;

/// In which order a record names its two lengths.
#[derive(Clone, Copy)]
enum Lengths {
    CapturedFirst,
    /// Before version 2.3, and in DG/UX's tcpdump (version 543.0).
    WireFirst,
    /// Version 2.3 was written both ways; the smaller one is the captured length.
    Either,
}

/// How to read the records of one file.
pub(super) struct Pcap {
    big_endian: bool,
    nanos_per_tick: i64,
    record_header: usize,
    lengths: Lengths,
    interface: Interface,
    max_captured: u32,
}

/// Whether a file that starts like this is a pcap file.
pub(super) fn recognises(start: &[u8]) -> bool {
    let Some(magic) = start.first_chunk().copied() else { return false };
    [u32::from_le_bytes(magic), u32::from_be_bytes(magic)]
        .iter()
        .any(|magic| matches!(magic, 0xa1b2_c3d4 | 0xa1b2_3c4d | 0xa1b2_cd34))
}

impl Pcap {
    /// Takes in the file's header, whose magic number is known to be right; what it cannot be is told in words.
    pub(super) fn new(mut header: [u8; HEADER]) -> Result<Self, String> {
        // Kuznetzov's modified libpcap wrote records with 8 bytes more. pcap-parser knows it in little-endian only.
        let big_endian_modified = header.starts_with(&[0xa1, 0xb2, 0xcd, 0x34]);
        if big_endian_modified {
            header[..4].copy_from_slice(&[0xa1, 0xb2, 0xc3, 0xd4]);
        }
        let (_, parsed) = parse_pcap_header(&header).map_err(|error| format!("its header is unreadable ({error})"))?;
        let lengths = match (parsed.version_major, parsed.version_minor) {
            (2, 0..3) | (543, 0) => Lengths::WireFirst,
            (2, 3) => Lengths::Either,
            (2, _) => Lengths::CapturedFirst,
            (major, minor) => {
                return Err(format!(
                    "it starts like pcap, but of version {major}.{minor}, and only 2.0 to 2.4 are known"
                ));
            }
        };
        // The upper half of the field tells the length of the frame check sequence and is reserved for the rest.
        let link = LinkType(parsed.network.0 as u16);
        Ok(Self {
            big_endian: parsed.is_bigendian(),
            nanos_per_tick: if parsed.is_nanosecond_precision() { 1 } else { 1000 },
            record_header: if big_endian_modified || parsed.is_modified_format() { 24 } else { 16 },
            lengths,
            interface: Interface {
                name: None,
                description: None,
                link,
                snaplen: parsed.snaplen,
                received: None,
                dropped: None,
            },
            max_captured: largest_packet(link),
        })
    }

    /// The only interface.
    pub(super) fn interface(&self) -> &Interface {
        &self.interface
    }

    /// The next record; `None` at the end.
    ///
    /// pcap-parser's record parsers are not used here: they trust the captured length, know neither the swapped
    /// lengths nor a big-endian modified record, and need the whole record before they say how long it is.
    pub(super) fn next(&self, window: &mut Window) -> Result<Option<Record>, Fault> {
        if !window.want(self.record_header)? {
            return match window.unread().len() {
                0 => Ok(None),
                rest => Err(Fault::damage(
                    window.offset(),
                    format!("the file ends inside a record's header, after {rest} of {} bytes", self.record_header),
                )),
            };
        }
        let (time, captured, wire_len) = self.header(window.unread());
        if captured > self.max_captured {
            let max = self.max_captured;
            let cause = format!("a record claims {captured} captured bytes, and no packet here has more than {max}");
            return Err(Fault::damage(window.offset(), cause));
        }
        let length = self.record_header.saturating_add(captured as usize);
        if !window.want(length)? {
            let rest = window.unread().len().saturating_sub(self.record_header);
            let cause = format!("the file ends inside a packet, after {rest} of {captured} bytes");
            return Err(Fault::damage(window.offset(), cause));
        }
        let place = window.take(length);
        let bytes = place.start.saturating_add(self.record_header)..place.end;
        Ok(Some(Record { time: Some(time), interface: 0, link: self.interface.link, wire_len, bytes }))
    }

    /// A record's time, captured length and length on the wire.
    #[inline]
    fn header(&self, record: &[u8]) -> (Timestamp, u32, u32) {
        let (numbers, _) = record.as_chunks::<4>();
        let number = |index: usize| {
            if self.big_endian { u32::from_be_bytes(numbers[index]) } else { u32::from_le_bytes(numbers[index]) }
        };
        let nanos = i64::from(number(1)).saturating_mul(self.nanos_per_tick);
        let time = Timestamp::from_parts(i64::from(number(0)), nanos);
        let (first, second) = (number(2), number(3));
        match self.lengths {
            Lengths::WireFirst => (time, second, first),
            Lengths::Either if first > second => (time, second, first),
            Lengths::Either | Lengths::CapturedFirst => (time, first, second),
        }
    }
}
