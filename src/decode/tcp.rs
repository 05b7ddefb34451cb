//! TCP (RFC 9293), its flags and its options.

use std::fmt;

use etherparse::TcpHeaderSlice;
use etherparse::err::tcp::{HeaderError, HeaderSliceError};

use super::cursor::{Cursor, Next};
use super::malformed::{MALFORMED, MALFORMED_MEANING};
use super::protocol::Protocol;
use super::spec::{self, Show, Spec, named};
use crate::model::{Fault, Field, Value};

/// The header without options, in bytes.
pub(super) const FIXED_LEN: usize = 20;

pub(super) const SEQ: Spec = Spec::bytes("tcp.seq_raw", "Sequence number (raw)", 4, 4);
pub(super) const ACK: Spec = Spec::bytes("tcp.ack_raw", "Acknowledgment number (raw)", 8, 4);
pub(super) const FLAGS: Spec = Spec::bits("tcp.flags", "Flags", 100, 12).shown(Show::Hex).meaning(flags_name).with(&[
    Spec::bits("tcp.flags.res", "Reserved", 100, 3),
    Spec::flag("tcp.flags.ae", "Accurate ECN", 103),
    Spec::flag("tcp.flags.cwr", "Congestion window reduced", 104),
    Spec::flag("tcp.flags.ece", "ECN-echo", 105),
    Spec::flag("tcp.flags.urg", "Urgent", 106),
    Spec::flag("tcp.flags.ack", "Acknowledgment", 107),
    Spec::flag("tcp.flags.push", "Push", 108),
    Spec::flag("tcp.flags.reset", "Reset", 109),
    Spec::flag("tcp.flags.syn", "Syn", 110),
    Spec::flag("tcp.flags.fin", "Fin", 111),
]);
pub(super) const DATA_OFFSET: Spec =
    Spec::bits("tcp.hdr_len", "Data offset", 96, 4).in_units_of(4).meaning(|_| named("bytes"));
pub(super) const WINDOW: Spec = Spec::bytes("tcp.window_size_value", "Window", 14, 2);
pub(super) const URGENT: Spec = Spec::bytes("tcp.urgent_pointer", "Urgent pointer", 18, 2);

pub(super) const CHECKSUM: Spec = Spec::bytes("tcp.checksum", "Checksum", 16, 2).shown(Show::Hex);

pub(super) const FIELDS: &[Spec] = &[
    Spec::bytes("tcp.srcport", "Source port", 0, 2),
    Spec::bytes("tcp.dstport", "Destination port", 2, 2),
    SEQ,
    ACK,
    DATA_OFFSET,
    FLAGS,
    WINDOW,
    CHECKSUM,
    URGENT,
];

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    match TcpHeaderSlice::from_slice(cursor.rest_bytes()) {
        Ok(header) => cursor.take_transport(Protocol::Tcp, header.slice().len()),
        Err(HeaderSliceError::Len(error)) => cursor.cut_transport(Protocol::Tcp, FIXED_LEN, error.required_len),
        Err(HeaderSliceError::Content(HeaderError::DataOffsetTooSmall { data_offset })) => {
            let fault = Fault::HeaderTooShort { field: DATA_OFFSET.key, words: data_offset, least: 5 };
            cursor.contradicting_transport(Protocol::Tcp, FIXED_LEN, fault)
        }
    }
}

/// The flags of a TCP header: the 12 bits after the data offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u16);

/// Wireshark's short names, from the least significant bit up.
const FLAG_NAMES: [&str; 9] = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"];

/// Drawn in the order people say them: a SYN,ACK, a PSH,ACK, a FIN,ACK.
const SPOKEN_ORDER: [usize; 9] = [1, 0, 2, 3, 4, 5, 6, 7, 8];

impl Flags {
    /// From the 12 bits of the header, the reserved ones included.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & 0x0fff)
    }

    /// Without the FIN, whose number is the last of its segment.
    #[must_use]
    pub const fn without_fin(self) -> Self {
        Self(self.0 & !0x01)
    }

    /// What holds for a later part of a segment's payload: neither SYN nor RST, and FIN only where it is the last.
    #[must_use]
    pub const fn of_later_part(self, has_fin: bool) -> Self {
        Self(self.0 & !0x07 | has_fin as u16)
    }

    /// The 12 bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// No more data from the sender.
    #[must_use]
    pub const fn fin(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// Synchronize sequence numbers.
    #[must_use]
    pub const fn syn(self) -> bool {
        self.0 & 0x02 != 0
    }

    /// Reset the connection.
    #[must_use]
    pub const fn rst(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// Push: hand the data to the application.
    #[must_use]
    pub const fn psh(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// The acknowledgment field counts.
    #[must_use]
    pub const fn ack(self) -> bool {
        self.0 & 0x10 != 0
    }

    /// The urgent pointer counts.
    #[must_use]
    pub const fn urg(self) -> bool {
        self.0 & 0x20 != 0
    }

    /// A SYN that opens: SYN without ACK.
    #[must_use]
    pub const fn is_opening_syn(self) -> bool {
        self.syn() && !self.ack()
    }

    /// A SYN that answers: SYN and ACK, both.
    #[must_use]
    pub const fn is_syn_ack(self) -> bool {
        self.syn() && self.ack()
    }
}

impl Flags {
    /// The names of those that are set, in the order people say them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        SPOKEN_ORDER.into_iter().filter(move |bit| self.0 & 1 << bit != 0).map(|bit| FLAG_NAMES[bit])
    }
}

/// `SYN`, `SYN,ACK`, `PSH,ACK`; `none` for a segment without flags.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for name in self.names() {
            write!(f, "{separator}{name}")?;
            separator = ",";
        }
        if separator.is_empty() { f.write_str("none") } else { Ok(()) }
    }
}

fn flags_name(number: u64) -> Option<std::borrow::Cow<'static, str>> {
    Some(Flags::from_bits(number as u16).to_string().into())
}

/// One option of a TCP header (IANA "TCP Option Kind Numbers").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpOption<'a> {
    /// Kind 0: the list ends; what follows is padding.
    EndOfList,
    /// Kind 1: one byte of padding between options.
    NoOperation,
    /// Kind 2: the largest segment the sender can take, in bytes (RFC 9293 §3.7.1).
    MaximumSegmentSize(u16),
    /// Kind 3: the power of two by which later windows are to be multiplied (RFC 7323 §2).
    WindowScale(u8),
    /// Kind 4: the sender understands selective acknowledgments (RFC 2018).
    SackPermitted,
    /// Kind 5: the blocks received beyond the acknowledgment, 8 bytes each (RFC 2018).
    Sack(&'a [u8]),
    /// Kind 8: the sender's clock and the peer's clock it has seen last (RFC 7323 §3).
    Timestamps {
        /// TSval.
        value: u32,
        /// TSecr.
        echo: u32,
    },
    /// Any other kind, or one of the above with a length it cannot have.
    Other {
        /// The kind number.
        kind: u8,
        /// Its bytes after kind and length.
        data: &'a [u8],
    },
    /// The list breaks off: a length below 2, or beyond the header's end.
    Malformed {
        /// The kind number.
        kind: u8,
        /// What there is behind it: the length it states, and what that should hold.
        rest: &'a [u8],
    },
}

/// The options of one header, walked by their own lengths, so that an unknown kind hides nothing behind it.
#[derive(Clone, Debug)]
pub struct TcpOptions<'a> {
    rest: &'a [u8],
}

impl<'a> TcpOptions<'a> {
    pub(super) const fn new(options: &'a [u8]) -> Self {
        Self { rest: options }
    }

    /// The next option and how many bytes it takes, kind and length included.
    fn step(&mut self) -> Option<(TcpOption<'a>, usize)> {
        let (&kind, after) = self.rest.split_first()?;
        let (option, len) = match kind {
            0 => (TcpOption::EndOfList, self.rest.len()),
            1 => (TcpOption::NoOperation, 1),
            _ => match after.first().map(|len| *len as usize) {
                Some(len) if len >= 2 && len <= self.rest.len() => {
                    (TcpOption::read(kind, self.rest.get(2..len).unwrap_or_default()), len)
                }
                _ => (TcpOption::Malformed { kind, rest: after }, self.rest.len()),
            },
        };
        self.rest = self.rest.get(len..).unwrap_or_default();
        Some((option, len))
    }
}

impl<'a> Iterator for TcpOptions<'a> {
    type Item = TcpOption<'a>;

    fn next(&mut self) -> Option<TcpOption<'a>> {
        self.step().map(|(option, _)| option)
    }
}

impl<'a> TcpOption<'a> {
    fn read(kind: u8, data: &'a [u8]) -> Self {
        match (kind, data) {
            (2, &[a, b]) => Self::MaximumSegmentSize(u16::from_be_bytes([a, b])),
            (3, &[shift]) => Self::WindowScale(shift),
            (4, &[]) => Self::SackPermitted,
            (5, blocks) if !blocks.is_empty() && blocks.len() % 8 == 0 => Self::Sack(blocks),
            (8, &[a, b, c, d, e, f, g, h]) => {
                Self::Timestamps { value: u32::from_be_bytes([a, b, c, d]), echo: u32::from_be_bytes([e, f, g, h]) }
            }
            _ => Self::Other { kind, data },
        }
    }

    /// The kind number.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match self {
            Self::EndOfList => 0,
            Self::NoOperation => 1,
            Self::MaximumSegmentSize(_) => 2,
            Self::WindowScale(_) => 3,
            Self::SackPermitted => 4,
            Self::Sack(_) => 5,
            Self::Timestamps { .. } => 8,
            Self::Other { kind, .. } | Self::Malformed { kind, .. } => *kind,
        }
    }
}

/// Where the first option of a whole header begins whose length does not fit.
pub(super) fn damaged_option(header: &[u8]) -> Option<usize> {
    let mut options = tcp_options(header).filter(|_| DATA_OFFSET.read(header) == Some(header.len() as u64))?;
    let mut at = FIXED_LEN;
    while let Some((option, len)) = options.step() {
        if matches!(option, TcpOption::Malformed { .. }) {
            return Some(at);
        }
        at = at.saturating_add(len);
    }
    None
}

/// The options of a TCP header; `None` where not even its fixed part is all there.
#[must_use]
pub fn tcp_options(header: &[u8]) -> Option<TcpOptions<'_>> {
    header.get(FIXED_LEN..).map(TcpOptions::new)
}

/// The left and right edges of the blocks of a [`TcpOption::Sack`] (RFC 2018 §3).
pub fn sack_edges(blocks: &[u8]) -> impl Iterator<Item = (u32, u32)> + '_ {
    blocks.chunks_exact(8).map(|block| {
        let edge = |bytes: Option<&[u8; 4]>| bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes));
        (edge(block.first_chunk()), edge(block.last_chunk()))
    })
}

/// The header's options as fields with absolute ranges, `start` being the header's first byte in the frame.
pub(super) fn option_fields(header: &[u8], start: usize) -> Vec<Field> {
    let Some(bytes) = header.get(FIXED_LEN..).filter(|bytes| !bytes.is_empty()) else { return Vec::new() };
    let mut options = TcpOptions::new(bytes);
    let list = spec::placed(start, FIXED_LEN..header.len());
    let mut at = list.start;
    let mut children = Vec::new();
    let is_cut = DATA_OFFSET.read(header).is_some_and(|stated| header.len() < stated as usize);
    while let Some((option, len)) = options.step() {
        children.push(match option {
            TcpOption::Malformed { kind, rest } if is_cut => cut_option(kind, rest, at),
            _ => option_field(&option, at, len),
        });
        at = at.saturating_add(len);
    }
    vec![Field::new("tcp.options", "Options", list, Value::Bytes).with(children)]
}

fn option_field(option: &TcpOption<'_>, at: usize, len: usize) -> Field {
    let group = |key, label: &'static str| Field::new(key, label, spec::stretch(at, len), Value::Group);
    let field = match option {
        TcpOption::EndOfList => group("tcp.options.eol", "End of option list"),
        TcpOption::NoOperation => group("tcp.options.nop", "No-operation"),
        TcpOption::MaximumSegmentSize(_) => group("tcp.options.mss", "Maximum segment size"),
        TcpOption::WindowScale(_) => group("tcp.options.wscale", "Window scale"),
        TcpOption::SackPermitted => group("tcp.options.sack_perm", "SACK permitted"),
        TcpOption::Sack(_) => group("tcp.options.sack", "Selective acknowledgment"),
        TcpOption::Timestamps { .. } => group("tcp.options.timestamp", "Timestamps"),
        TcpOption::Other { .. } => group("tcp.options.unknown", "Unknown option"),
        TcpOption::Malformed { .. } => group("tcp.options.unknown", MALFORMED).meaning(MALFORMED_MEANING).malformed(),
    };
    field.with(option_children(option, at, len))
}

/// The option that a cut goes through: what is whole of it.
fn cut_option(kind: u8, rest: &[u8], at: usize) -> Field {
    let option = TcpOption::Malformed { kind, rest };
    let len = rest.len().saturating_add(1);
    let mut children = option_children(&option, at, len);
    let words = rest.get(1..).unwrap_or_default().chunks_exact(4).enumerate();
    children.extend(words.map_while(|(index, word)| {
        let (key, label) = match (kind, index) {
            (5, _) if index % 2 == 0 => ("tcp.options.sack_le", "Left edge"),
            (5, _) => ("tcp.options.sack_re", "Right edge"),
            (8, 0) => ("tcp.options.timestamp.tsval", "Timestamp value"),
            (8, 1) => ("tcp.options.timestamp.tsecr", "Timestamp echo reply"),
            _ => return None,
        };
        let start = index.saturating_mul(4).saturating_add(2);
        let number = word.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        Some(Field::new(key, label, spec::placed(at, spec::stretch(start, 4)), Value::Decimal(number)))
    }));
    Field::new("tcp.options.unknown", "Cut option", spec::stretch(at, len), Value::Group).with(children)
}

fn option_children(option: &TcpOption<'_>, at: usize, len: usize) -> Vec<Field> {
    let number = |key, label: &'static str, offset: usize, width: usize, value: u32| {
        Field::new(key, label, spec::placed(at, spec::stretch(offset, width)), Value::Decimal(value.into()))
    };
    let mut fields = vec![number("tcp.option_kind", "Kind", 0, 1, option.kind().into())];
    let stated = match option {
        TcpOption::EndOfList | TcpOption::NoOperation => None,
        TcpOption::Malformed { rest, .. } => rest.first().copied(),
        _ => Some(len as u8),
    };
    let Some(stated) = stated else { return fields };
    fields.push(number("tcp.option_len", "Length", 1, 1, stated.into()));
    match option {
        TcpOption::MaximumSegmentSize(mss) => {
            fields.push(number("tcp.options.mss_val", "MSS value", 2, 2, (*mss).into()));
        }
        TcpOption::WindowScale(shift) => {
            let multiplier = format!("windows count {} bytes a step", 1_u32 << (*shift).min(14));
            fields.push(number("tcp.options.wscale.shift", "Shift count", 2, 1, (*shift).into()).meaning(multiplier));
        }
        TcpOption::Timestamps { value, echo } => {
            fields.push(number("tcp.options.timestamp.tsval", "Timestamp value", 2, 4, *value));
            fields.push(number("tcp.options.timestamp.tsecr", "Timestamp echo reply", 6, 4, *echo));
        }
        TcpOption::Sack(blocks) => {
            for ((left, right), place) in sack_edges(blocks).zip((2..).step_by(8)) {
                fields.push(number("tcp.options.sack_le", "Left edge", place, 4, left));
                fields.push(number("tcp.options.sack_re", "Right edge", place.saturating_add(4), 4, right));
            }
        }
        TcpOption::Other { data, .. } if !data.is_empty() => {
            fields.push(Field::new("tcp.options.unknown.payload", "Data", spec::placed(at, 2..len), Value::Bytes));
        }
        _ => {}
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syn_ack_means_both_flags_over_all_combinations() {
        for bits in 0..=0x0fff_u16 {
            let flags = Flags::from_bits(bits);
            assert_eq!(flags.is_syn_ack(), bits & 0x12 == 0x12, "{bits:#05x}");
            assert_eq!(flags.is_opening_syn(), bits & 0x12 == 0x02, "{bits:#05x}");
        }
    }

    #[test]
    fn an_unknown_kind_does_not_hide_the_options_behind_it() {
        // MPTCP (30), then MSS 1460.
        let bytes = [30, 4, 0, 0x81, 2, 4, 0x05, 0xb4];
        let options: Vec<_> = TcpOptions::new(&bytes).collect();
        assert_eq!(options, [TcpOption::Other { kind: 30, data: &[0, 0x81] }, TcpOption::MaximumSegmentSize(1460)]);
    }

    #[test]
    fn a_length_that_does_not_fit_ends_the_list() {
        for bytes in [&[2_u8, 0, 5, 6][..], &[2, 1, 5, 6], &[8, 10, 1], &[5]] {
            let options: Vec<_> = TcpOptions::new(bytes).collect();
            assert_eq!(options, [TcpOption::Malformed { kind: bytes[0], rest: &bytes[1..] }], "{bytes:?}");
        }
    }
}
