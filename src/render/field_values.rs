//! The values behind a Wireshark key: every one that a packet has, in the order of its bytes, outer headers first, quoted
//! packets included.
//!
//! Those of the headers' fixed tables are read where they stand; for what a type or a length decides the packet is taken
//! apart.

use std::cell::OnceCell;

use super::row::Row;
use crate::analyse::Mark;
use crate::decode::{Dissection, Packet, Protocol, Span, Spec, dissect_as, keys};
use crate::model::Value;

/// Keys that stand for either of two fields.
const EITHER: [(&str, [&str; 2]); 7] = [
    ("eth.addr", ["eth.dst", "eth.src"]),
    ("ip.addr", ["ip.src", "ip.dst"]),
    ("ip.version", ["ip.version", "ipv6.version"]),
    ("ipv6.addr", ["ipv6.src", "ipv6.dst"]),
    ("sctp.port", ["sctp.srcport", "sctp.dstport"]),
    ("tcp.port", ["tcp.srcport", "tcp.dstport"]),
    ("udp.port", ["udp.srcport", "udp.dstport"]),
];

/// Keys of the bytes that a transport or nobody takes apart further.
const PAYLOADS: [(&str, Option<Protocol>); 3] =
    [("data.data", None), ("tcp.payload", Some(Protocol::Tcp)), ("udp.payload", Some(Protocol::Udp))];

/// Fields of a header's table that occur elsewhere too, where a type or a length decides it.
const ELSEWHERE: [&str; 1] = ["sll.etype"];

/// Every key that a field of a packet goes by; some come more than once.
pub fn field_keys() -> impl Iterator<Item = &'static str> {
    let protocols = Protocol::ALL.iter().map(|protocol| protocol.key());
    let either = EITHER.iter().map(|(key, _)| *key);
    let payloads = PAYLOADS.iter().map(|(key, _)| *key);
    let marks = Mark::ALL.iter().filter_map(|mark| mark.filter());
    keys().chain(either).chain(payloads).chain(protocols).chain(marks)
}

/// The values behind a key of a packet that was taken apart, each as [`raw_value`](super::raw_value) has it.
#[must_use]
pub fn field_values(key: &str, packet: &Packet<'_>, dissection: &Dissection) -> Vec<String> {
    let mut values = Vec::new();
    FieldReader::new(key).each_of(packet, || dissection, &mut |value, bytes| {
        let mut text = Vec::new();
        super::value::push_raw(value, bytes, &mut text);
        values.push(String::from_utf8_lossy(&text).into_owned());
    });
    values
}

/// A packet about to be shown, taken apart when the first asks for it.
pub(super) struct Opened<'r> {
    pub(super) row: &'r Row<'r>,
    dissection: OnceCell<Dissection>,
}

/// How the values behind a key are found.
pub(super) struct FieldReader {
    way: Way,
}

enum Way {
    /// They stand in headers' tables.
    Fixed(Vec<(Protocol, &'static Spec)>),
    /// They are the bytes of headers, or of what these carry.
    Whole(fn(&Span, Option<Protocol>, &str) -> bool, String),
    /// It is what the conversation says of the packet.
    Mark(Mark),
    /// The packet has to be taken apart for these keys.
    Dissected(Vec<String>),
}

/// Takes a value with the bytes that it stands in.
type Each<'e> = &'e mut dyn FnMut(&Value, &[u8]);

impl<'r> Opened<'r> {
    pub(super) const fn new(row: &'r Row<'r>) -> Self {
        Self { row, dissection: OnceCell::new() }
    }

    fn dissection(&self) -> &Dissection {
        self.dissection.get_or_init(|| dissect_as(&self.row.frame, self.row.seen.and_then(|seen| seen.announced)))
    }
}

impl FieldReader {
    pub(super) fn new(key: &str) -> Self {
        let either = EITHER.iter().find(|(name, _)| *name == key).map(|(_, parts)| parts);
        let wanted: Vec<&str> = either.map_or_else(|| vec![key], |parts| parts.to_vec());
        Self { way: Self::whole(key).or_else(|| Self::marked(key)).unwrap_or_else(|| Self::listed(&wanted)) }
    }

    fn whole(key: &str) -> Option<Way> {
        let carries = |span: &Span, below: Option<Protocol>, key: &str| {
            let carrier = PAYLOADS.iter().find(|(name, _)| *name == key).map(|(_, carrier)| *carrier);
            match carrier {
                Some(None) => span.protocol.key() == "data",
                Some(carrier) => span.protocol == Protocol::Payload && below == carrier,
                None => span.protocol.key() == key,
            }
        };
        let is_whole =
            PAYLOADS.iter().any(|(name, _)| *name == key) || Protocol::ALL.iter().any(|protocol| protocol.key() == key);
        is_whole.then(|| Way::Whole(carries, key.to_owned()))
    }

    fn marked(key: &str) -> Option<Way> {
        Mark::ALL.iter().copied().find(|mark| mark.filter() == Some(key)).map(Way::Mark)
    }

    fn listed(wanted: &[&str]) -> Way {
        let specs = |protocol: Protocol| {
            let parts = protocol.fields().iter().flat_map(|spec| std::iter::once(spec).chain(spec.children));
            parts.filter(|spec| wanted.contains(&spec.key)).map(move |spec| (protocol, spec))
        };
        let fixed: Vec<_> = Protocol::ALL.iter().copied().flat_map(specs).collect();
        if fixed.is_empty() || wanted.iter().any(|key| ELSEWHERE.contains(key)) {
            return Way::Dissected(wanted.iter().map(|key| (*key).to_owned()).collect());
        }
        Way::Fixed(fixed)
    }

    /// Whether it needs to know the packet's conversation.
    pub(super) const fn follows(&self) -> bool {
        matches!(self.way, Way::Mark(_) | Way::Dissected(_))
    }

    /// The parts that the field is made of, by their keys.
    pub(super) fn parts(&self) -> Vec<&'static str> {
        match &self.way {
            Way::Fixed(specs) => {
                specs.first().map_or(&[][..], |(_, spec)| spec.children).iter().map(|it| it.key).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Tells every value.
    pub(super) fn each(&self, opened: &Opened<'_>, each: Each<'_>) {
        match &self.way {
            Way::Mark(mark) if opened.row.seen.is_some_and(|seen| seen.marks.contains((*mark).into())) => {
                each(&Value::Flag(true), &[]);
            }
            Way::Mark(_) => {}
            _ => self.each_of(opened.row.packet, || opened.dissection(), each),
        }
    }

    fn each_of<'d>(&self, packet: &Packet<'_>, dissection: impl FnOnce() -> &'d Dissection, each: Each<'_>) {
        match &self.way {
            Way::Fixed(specs) => {
                for span in &packet.spans {
                    let header = packet.slice(span);
                    for (_, spec) in specs.iter().filter(|(protocol, _)| *protocol == span.protocol) {
                        if let Some(value) = spec.value(header) {
                            each(&value, header.get(spec.byte_range()).unwrap_or_default());
                        }
                    }
                }
            }
            Way::Whole(is_wanted, key) => {
                let mut below = None;
                for span in &packet.spans {
                    if is_wanted(span, below, key) {
                        each(&Value::Bytes, packet.slice(span));
                    }
                    below = Some(span.protocol);
                }
            }
            Way::Dissected(keys) => {
                for field in dissection().fields().filter(|field| keys.iter().any(|key| key == field.key)) {
                    let bytes = field.range.clone().and_then(|range| packet.bytes.get(range)).unwrap_or_default();
                    each(&field.value, bytes);
                }
            }
            Way::Mark(_) => {}
        }
    }
}
