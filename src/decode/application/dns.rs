//! DNS (RFC 1035) and what speaks its language by other ports: multicast DNS (RFC 6762) and LLMNR (RFC 4795).

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Message, Reading};
use crate::decode::spec::{self, named};
use crate::decode::{Show, Spec};
use crate::model::{Field, Transport, Value};

const FLAGS: Spec = Spec::bytes("dns.flags", "Flags", 2, 2).shown(Show::Hex).with(&[
    RESPONSE,
    OPCODE,
    Spec::flag("dns.flags.authoritative", "Authoritative answer", 21),
    Spec::flag("dns.flags.truncated", "Truncated", 22),
    Spec::flag("dns.flags.recdesired", "Recursion desired", 23),
    Spec::flag("dns.flags.recavail", "Recursion available", 24),
    Spec::flag("dns.flags.z", "Reserved", 25),
    Spec::flag("dns.flags.authenticated", "Authentic data", 26),
    Spec::flag("dns.flags.checkdisable", "Checking disabled", 27),
    CODE,
]);
const RESPONSE: Spec = Spec::flag("dns.flags.response", "Response", 16);
const OPCODE: Spec = Spec::bits("dns.flags.opcode", "Opcode", 17, 4);
const CODE: Spec = Spec::bits("dns.flags.rcode", "Response code", 28, 4).meaning(code_name);
const ID: Spec = Spec::bytes("dns.id", "Identification", 0, 2).shown(Show::Hex);
const QUESTIONS: Spec = Spec::bytes("dns.count.queries", "Questions", 4, 2);
const ANSWERS: Spec = Spec::bytes("dns.count.answers", "Answers", 6, 2);

const HEADER: &[Spec] = &[
    ID,
    FLAGS,
    QUESTIONS,
    ANSWERS,
    Spec::bytes("dns.count.auth_rr", "Authority records", 8, 2),
    Spec::bytes("dns.count.add_rr", "Additional records", 10, 2),
];
const HEADER_LEN: usize = 12;

/// LLMNR has other flags between the opcode and the response code (RFC 4795 §2.1.1).
const LINK_LOCAL_FLAGS: Spec = Spec::bytes("dns.flags", "Flags", 2, 2).shown(Show::Hex).with(&[
    RESPONSE,
    OPCODE,
    Spec::flag("dns.flags.conflict", "Conflict", 21),
    Spec::flag("dns.flags.truncated", "Truncated", 22),
    Spec::flag("dns.flags.tentative", "Tentative", 23),
    Spec::bits("dns.flags.z", "Reserved", 24, 4),
    CODE,
]);

/// Who speaks, told by the port.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Dns,
    /// Multicast DNS.
    Multicast,
    /// Link-local multicast name resolution.
    LinkLocal,
}

impl Dialect {
    /// `None` where no port says that this is any of them.
    fn by_port(message: &Message<'_>) -> Option<Self> {
        let by = |port| message.ports.contains(&port);
        if by(53) {
            return Some(Self::Dns);
        }
        if message.by(Transport::Udp, 5353) {
            return Some(Self::Multicast);
        }
        by(5355).then_some(Self::LinkLocal)
    }

    /// The name people use, and Wireshark's key. The fields go by `dns` in all of them.
    const fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Dns => ("DNS", "dns"),
            Self::Multicast => ("mDNS", "mdns"),
            Self::LinkLocal => ("LLMNR", "llmnr"),
        }
    }

    fn header(self, header: &[u8], start: usize) -> Vec<Field> {
        let fields = spec::fields(HEADER, header, start).into_iter();
        let own = |field: Field| match self {
            Self::LinkLocal if field.key == FLAGS.key => LINK_LOCAL_FLAGS.field(header, start).unwrap_or(field),
            _ => field,
        };
        fields.map(own).collect()
    }
}

pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    let dialect = Dialect::by_port(message);
    let by_port = dialect.is_some();
    // Over TCP a length goes before each message (RFC 1035 §4.2.2).
    let (bytes, prefixed) = match message.transport {
        Transport::Udp => (message.payload, false),
        Transport::Tcp if by_port => (message.payload.get(2..)?, true),
        Transport::Tcp => return None,
    };
    let header = bytes.get(..HEADER_LEN)?;
    let dialect = dialect.unwrap_or(Dialect::Dns);
    let dns = Dns { bytes, start: message.start + if prefixed { 2 } else { 0 }, dialect };
    let questions = QUESTIONS.read(header)?;
    let by_content = || OPCODE.read(header) == Some(0) && questions == 1 && dns.question(HEADER_LEN).is_some();
    // Over TCP the port is not enough: most segments of a long answer begin in its middle.
    if (prefixed || !by_port) && !by_content() {
        return None;
    }
    // Counts beyond what the bytes could hold are no DNS: a question takes 5 bytes at least.
    if questions as usize > bytes.len() / 5 || ANSWERS.read(header)? as usize > bytes.len() / 11 {
        return None;
    }
    let mut fields = Vec::new();
    if prefixed {
        fields.extend(Spec::bytes("dns.length", "Length", 0, 2).field(message.payload, message.start));
    }
    fields.extend(dialect.header(header, dns.start));
    let line = dns.describe(questions, &mut fields)?;
    let (protocol, key) = dialect.name();
    Some(Reading { protocol, key, line, fields })
}

struct Dns<'a> {
    bytes: &'a [u8],
    /// The message's first byte in the frame.
    start: usize,
    dialect: Dialect,
}

/// A question, or the beginning of a record.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: u16,
    pub(super) class: u16,
    /// Where the name ends, and where the class does.
    pub(super) name_end: usize,
    pub(super) end: usize,
}

impl Dns<'_> {
    /// The line about the message; its questions and answers go to `fields`, as far as they are there.
    fn describe(&self, questions: u64, fields: &mut Vec<Field>) -> Option<String> {
        let header = self.bytes.get(..HEADER_LEN)?;
        let response = RESPONSE.read(header)? == 1;
        let mut line = format!("{} 0x{:04x}", if response { "response" } else { "query" }, ID.read(header)?);
        let mut at = HEADER_LEN;
        for _ in 0..questions {
            let Some(question) = self.entry(at) else { return Some(line) };
            line.push_str(&format!(" {} {}", type_name(question.kind), question.name));
            fields.extend(self.entry_fields(&question, at, &QUESTION));
            at = question.end;
        }
        if CODE.read(header)? != 0 {
            let code = code_name(CODE.read(header)?).unwrap_or("error".into());
            line.push_str(&format!(": {code}"));
        }
        for index in 0..ANSWERS.read(header)? {
            let Some((answer, next)) = self.record(at, fields) else { return Some(line) };
            line.push_str(if index == 0 { ": " } else { ", " });
            line.push_str(&answer);
            at = next;
        }
        Some(line)
    }

    /// A question that makes sense on any port: a class people use, and a name of letters.
    fn question(&self, at: usize) -> Option<Entry> {
        let entry = self.entry(at)?;
        let plain = entry.name.bytes().all(|byte| byte.is_ascii_graphic());
        (plain && matches!(entry.class & 0x7fff, 1 | 255) && entry.kind != 0).then_some(entry)
    }

    fn entry(&self, at: usize) -> Option<Entry> {
        entry(self.bytes, at)
    }

    fn entry_fields(&self, entry: &Entry, at: usize, keys: &Keys) -> Vec<Field> {
        let range = |from, to| self.start + from..self.start + to;
        let kind = Value::Decimal(entry.kind.into());
        let (kind_at, class_at) = (entry.name_end, entry.name_end + 2);
        let mut fields = vec![
            Field::new(keys.name, "Name", range(at, entry.name_end), Value::Text(entry.name.clone())),
            Field::new(keys.kind, "Type", range(kind_at, class_at), kind).meaning(type_name(entry.kind)),
        ];
        let mut class = Field::new(keys.class, "Class", range(class_at, entry.end), Value::Hex(entry.class.into(), 16));
        // Multicast DNS keeps the first bit for itself (RFC 6762 §5.4, §10.2); the pseudo-record OPT has no class.
        if self.dialect == Dialect::Multicast && entry.kind != OPT {
            class.mask = Some(0x7fff);
            class.value = Value::Hex((entry.class & 0x7fff).into(), 15);
            let (key, label) = keys.first_bit;
            let mut bit = Field::new(key, label, range(class_at, entry.end), Value::Flag(entry.class >> 15 == 1));
            bit.mask = Some(0x8000);
            fields.push(bit);
        }
        fields.push(class);
        fields
    }

    /// A resource record (RFC 1035 §4.1.3): what it says, and where the next one begins.
    fn record(&self, at: usize, fields: &mut Vec<Field>) -> Option<(String, usize)> {
        let entry = self.entry(at)?;
        let rest = self.bytes.get(entry.end..)?;
        let &[a, b, c, d, e, f] = rest.first_chunk::<6>()?;
        let data_at = entry.end + 6;
        let end = data_at + usize::from(u16::from_be_bytes([e, f]));
        let data = self.bytes.get(data_at..end)?;
        let mut children = self.entry_fields(&entry, at, &ANSWER);
        let ttl = Value::Decimal(u32::from_be_bytes([a, b, c, d]).into());
        let range = |from, to| self.start + from..self.start + to;
        children.push(Field::new("dns.resp.ttl", "Time to live in s", range(entry.end, entry.end + 4), ttl));
        let len = Value::Decimal(data.len() as u64);
        children.push(Field::new("dns.resp.len", "Data length", range(entry.end + 4, data_at), len));
        let (key, value, words) = self.data(entry.kind, data_at, data);
        if !data.is_empty() {
            children.push(Field::new(key, "Data", range(data_at, end), value));
        }
        fields.push(Field::new("dns.resp", "Answer", range(at, end), Value::Group).with(children));
        Some((format!("{} {words}", type_name(entry.kind)), end))
    }

    /// The data of a record: its key, its value, and the words for the line.
    fn data(&self, kind: u16, at: usize, data: &[u8]) -> (&'static str, Value, String) {
        let name = || dns_name(self.bytes, at).map_or_else(String::new, |(name, _)| name);
        let named = |key, name: String| (key, Value::Text(name.clone()), name);
        match (kind, data) {
            (1, &[a, b, c, d]) => {
                let address = Ipv4Addr::new(a, b, c, d);
                ("dns.a", Value::Ipv4(address), address.to_string())
            }
            (28, data) if data.len() == 16 => {
                let address = <[u8; 16]>::try_from(data).map_or(Ipv6Addr::UNSPECIFIED, Ipv6Addr::from);
                ("dns.aaaa", Value::Ipv6(address), address.to_string())
            }
            (2, _) => named("dns.ns", name()),
            (5, _) => named("dns.cname", name()),
            (12, _) => named("dns.ptr.domain_name", name()),
            (16, [len, text @ ..]) => {
                let text = text.get(..usize::from(*len)).unwrap_or(text);
                let text = String::from_utf8_lossy(text).into_owned();
                ("dns.resp.data", Value::Bytes, format!("{text:?}"))
            }
            _ => ("dns.resp.data", Value::Bytes, String::new()),
        }
    }
}

/// The keys of a question's or a record's beginning.
struct Keys {
    name: &'static str,
    kind: &'static str,
    class: &'static str,
    /// The first bit of the class in multicast DNS, and what it asks or says.
    first_bit: (&'static str, &'static str),
}

const QUESTION: Keys = Keys {
    name: "dns.qry.name",
    kind: "dns.qry.type",
    class: "dns.qry.class",
    first_bit: ("dns.qry.qu", "Unicast answer wanted"),
};
const ANSWER: Keys = Keys {
    name: "dns.resp.name",
    kind: "dns.resp.type",
    class: "dns.resp.class",
    first_bit: ("dns.resp.cache_flush", "Cache flush"),
};

/// The question, or the beginning of the record, at byte `at` of a message (RFC 1035 §4.1.2).
pub(super) fn entry(bytes: &[u8], at: usize) -> Option<Entry> {
    let (name, name_end) = dns_name(bytes, at)?;
    let &[a, b, c, d] = bytes.get(name_end..)?.first_chunk::<4>()?;
    let (kind, class) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    Some(Entry { name, kind, class, name_end, end: name_end + 4 })
}

/// The name at byte `at` of a DNS message, `<Root>` for the empty one, and where it ends there. Pointers only ever lead
/// back (RFC 1035 §4.1.4), so that following them ends. As it was sent: **not** safe to show as it is.
#[must_use]
pub fn dns_name(bytes: &[u8], at: usize) -> Option<(String, usize)> {
    let (mut name, mut at, mut limit, mut end) = (String::new(), at, at, None);
    loop {
        match *bytes.get(at)? {
            0 => break,
            len @ 1..=0x3f => {
                let label = bytes.get(at + 1..at + 1 + usize::from(len))?;
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(&String::from_utf8_lossy(label));
                at += 1 + usize::from(len);
            }
            high @ 0xc0.. => {
                let target = usize::from(u16::from_be_bytes([high & 0x3f, *bytes.get(at + 1)?]));
                end.get_or_insert(at + 2);
                if target >= limit {
                    return None;
                }
                (at, limit) = (target, target);
            }
            _ => return None,
        }
        if name.len() > 255 {
            return None;
        }
    }
    if name.is_empty() {
        name.push_str("<Root>");
    }
    Some((name, end.unwrap_or(at + 1)))
}

/// The pseudo-record of EDNS (RFC 6891).
const OPT: u16 = 41;

/// The name of a record type (IANA "DNS Parameters").
fn type_name(kind: u16) -> Cow<'static, str> {
    Cow::Borrowed(match kind {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        13 => "HINFO",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        33 => "SRV",
        35 => "NAPTR",
        41 => "OPT",
        43 => "DS",
        46 => "RRSIG",
        47 => "NSEC",
        48 => "DNSKEY",
        64 => "SVCB",
        65 => "HTTPS",
        251 => "IXFR",
        252 => "AXFR",
        255 => "ANY",
        _ => return format!("TYPE{kind}").into(),
    })
}

fn code_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "no error",
        1 => "format error",
        2 => "server failure",
        3 => "no such name",
        4 => "not implemented",
        5 => "refused",
        _ => return None,
    })
}
