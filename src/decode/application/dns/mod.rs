//! DNS (RFC 1035) and what speaks its language by other ports: multicast DNS (RFC 6762) and LLMNR (RFC 4795).

mod data;
mod edns;
mod header;
mod name;
mod service_binding;

use std::borrow::Cow;
use std::ops::Range;

use header::{ANSWERS, CODE, COUNTS, Dialect, HEADER_LEN, ID, OPCODE, QUESTIONS, RESPONSE, code_name};
pub use name::dns_name;
pub(super) use name::{Entry, Names};

use super::{Message, Reading, Wanted};
use crate::decode::Spec;
use crate::decode::spec::{placed, stretch};
use crate::model::{Field, Transport, Value};

pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    let dialect = Dialect::by_port(message);
    match message.transport {
        Transport::Udp => datagram(message, dialect),
        Transport::Tcp => segment(message, dialect?),
    }
}

/// One message. Where no port says what it is, it has to ask one question that makes sense.
fn datagram(message: &Message<'_>, dialect: Option<Dialect>) -> Option<Reading> {
    let by_port = dialect.is_some();
    let dns = Dns::of(message.payload, message.start, dialect.unwrap_or(Dialect::Dns));
    if !dns.is_plausible(message.wire_len)? || !(by_port || dns.asks_one_question()) {
        return None;
    }
    let line = if message.wanted == Wanted::Name { String::new() } else { dns.line() };
    let fields = if message.wanted == Wanted::Fields { dns.fields() } else { Vec::new() };
    Some(dns.dialect.reading(line, fields))
}

/// The messages of a TCP segment, each behind its length (RFC 1035 §4.2.2). The port is not enough: most segments of a
/// long answer begin in its middle.
fn segment(message: &Message<'_>, dialect: Dialect) -> Option<Reading> {
    let (mut line, mut fields, mut more) = (String::new(), Vec::new(), 0);
    let mut rest = message.payload;
    while let Some((prefixed, after)) = split(rest) {
        let (start, bytes) = (message.at(rest), &prefixed[2..]);
        let dns = Dns::of(bytes, start.saturating_add(2), dialect);
        let is_first = start == message.start;
        let stated = LENGTH.read(prefixed)? as usize;
        if !dns.is_plausible(stated).unwrap_or(false) || is_first && !dns.asks_one_question() {
            break;
        }
        match message.wanted {
            Wanted::Name => return Some(dialect.reading(line, fields)),
            Wanted::Line if is_first => line = dns.line(),
            Wanted::Line => more = u32::saturating_add(more, 1),
            Wanted::Fields => {
                fields.extend(LENGTH.field(prefixed, start));
                fields.extend(dns.fields());
            }
        }
        rest = after;
    }
    if rest.len() == message.payload.len() {
        return None;
    }
    if more > 0 {
        line.push_str(&format!(" and {more} more message{}", if more == 1 { "" } else { "s" }));
    }
    Some(dialect.reading(line, fields))
}

/// The first message with its length, as far as it is there, and what follows it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let len = (LENGTH.read(bytes)? as usize).saturating_add(2);
    (bytes.len() > 2).then(|| bytes.split_at(len.min(bytes.len())))
}

const LENGTH: Spec = Spec::bytes("dns.length", "Length", 0, 2);

/// The most questions and records of a message that are spelled out: more than any but the transfer of a zone has.
const MOST_SPELLED: u64 = 1024;

/// The most questions, and the most answers, that the line about a message has.
const MOST_IN_LINE: u64 = 32;

struct Dns<'a> {
    bytes: &'a [u8],
    /// The message's first byte in the frame.
    start: usize,
    dialect: Dialect,
    names: Names<'a>,
}

impl<'a> Dns<'a> {
    const fn of(bytes: &'a [u8], start: usize, dialect: Dialect) -> Self {
        Self { bytes, start, dialect, names: Names::of(bytes) }
    }

    /// Whether `len` bytes could hold what the header counts: a question takes 5 bytes at least, a record 11. `None` where
    /// the header is not all there.
    fn is_plausible(&self, len: usize) -> Option<bool> {
        let [questions, records @ ..] = COUNTS.map(|count| count.read(self.bytes));
        let mut needed = questions?.saturating_mul(5).saturating_add(HEADER_LEN as u64);
        for count in records {
            needed = count?.saturating_mul(11).saturating_add(needed);
        }
        Some(needed <= len.max(self.bytes.len()) as u64)
    }

    /// Whether it asks one question that makes sense on any port: a class people use, and a name of letters.
    fn asks_one_question(&self) -> bool {
        let alone = OPCODE.read(self.bytes) == Some(0) && QUESTIONS.read(self.bytes) == Some(1);
        let question = || self.names.entry(HEADER_LEN);
        alone
            && question().is_some_and(|question| {
                let plain = question.name.bytes().all(|byte| byte.is_ascii_graphic());
                plain && matches!(question.class & 0x7fff, 1 | 255) && question.kind != 0
            })
    }

    /// The line about the message: what it asks, and what it is answered.
    fn line(&self) -> String {
        let number = |spec: &Spec| spec.read(self.bytes).unwrap_or(0);
        let direction = if number(&RESPONSE) == 1 { "response" } else { "query" };
        let mut line = format!("{direction} 0x{:04x}", number(&ID));
        let mut at = HEADER_LEN;
        let questions = number(&QUESTIONS);
        for _ in 0..questions.min(MOST_IN_LINE) {
            let Some(question) = self.names.entry(at) else { return line };
            line.push_str(&format!(" {} {}", type_name(question.kind), question.name));
            at = question.end;
        }
        if questions > MOST_IN_LINE {
            line.push_str(&format!(" and {} more questions", questions.saturating_sub(MOST_IN_LINE)));
            return line;
        }
        if number(&CODE) != 0 {
            let code = code_name(number(&CODE)).unwrap_or("error".into());
            line.push_str(&format!(": {code}"));
        }
        let answers = number(&ANSWERS);
        for index in 0..answers.min(MOST_IN_LINE) {
            let Some((answer, next)) = self.answer(at) else { return line };
            line.push_str(if index == 0 { ": " } else { ", " });
            line.push_str(&answer);
            at = next;
        }
        if answers > MOST_IN_LINE {
            line.push_str(&format!(" and {} more", answers.saturating_sub(MOST_IN_LINE)));
        }
        line
    }

    /// What a record that is all there says, and where the next one begins.
    fn answer(&self, at: usize) -> Option<(String, usize)> {
        let name_end = self.names.end(at)?;
        let &[a, b, _, _, _, _, _, _, c, d] = self.bytes.get(name_end..)?.first_chunk()?;
        let kind = u16::from_be_bytes([a, b]);
        let data = stretch(name_end.saturating_add(10), usize::from(u16::from_be_bytes([c, d])));
        let end = data.end;
        self.bytes.get(data.clone())?;
        let (_, words) = data::spell(self, kind, data.start, end);
        Some((format!("{} {words}", type_name(kind)).trim_end().to_owned(), end))
    }

    /// The header, the questions and the records of all sections, as far as they are there. How many of them are not
    /// spelled out, their count says.
    fn fields(&self) -> Vec<Field> {
        let mut fields = self.dialect.header(self.bytes, self.start);
        let (mut place, mut left) = (Some(HEADER_LEN), MOST_SPELLED);
        for (count, section) in COUNTS.iter().zip(SECTIONS) {
            let stated = count.read(self.bytes).unwrap_or(0);
            let mut spelled = 0;
            while spelled < stated.min(left) {
                let Some((entry, next)) = place.and_then(|at| self.spell(section, at)) else { break };
                fields.extend(entry);
                place = next;
                spelled = u64::from(next.is_some()).saturating_add(spelled);
            }
            left = left.saturating_sub(spelled);
            if spelled < stated {
                place = None;
                let field = fields.iter_mut().find(|field| field.key == count.key);
                field.into_iter().for_each(|field| {
                    field.meaning = Some(format!("{spelled} of them are spelled out").into());
                });
            }
        }
        fields
    }

    /// The fields of what a section has at byte `at`, and where the next begins; `None` there where this one is cut.
    fn spell(&self, section: Section, at: usize) -> Option<(Vec<Field>, Option<usize>)> {
        match section {
            Section::Questions => {
                let (fields, entry) = self.entry_fields(at, &QUESTION)?;
                Some((fields, entry.map(|entry| entry.end)))
            }
            Section::Records(label) => {
                let (record, next) = self.record(at, label)?;
                Some((vec![record], next))
            }
        }
    }

    fn number(&self, at: usize) -> Option<u16> {
        Some(u16::from_be_bytes(*self.bytes.get(at..)?.first_chunk()?))
    }

    /// Name, type and class, as far as they are there; and the entry, where they all are.
    fn entry_fields(&self, at: usize, keys: &Keys) -> Option<(Vec<Field>, Option<Entry>)> {
        let range = |from, to| placed(self.start, from..to);
        let (name, name_end) = self.names.name(at)?;
        let (class_at, end) = (name_end.saturating_add(2), name_end.saturating_add(4));
        let mut fields = vec![Field::new(keys.name, "Name", range(at, name_end), Value::Text(name.clone()))];
        let Some(kind) = self.number(name_end) else { return Some((fields, None)) };
        let number = Value::Decimal(kind.into());
        fields.push(Field::new(keys.kind, "Type", range(name_end, class_at), number).meaning(type_name(kind)));
        // The pseudo-record has no class.
        if kind != OPT || !keys.is_record {
            let Some(class) = self.number(class_at) else { return Some((fields, None)) };
            fields.extend(self.class_fields(class, range(class_at, end), keys));
        }
        let class = self.number(class_at);
        Some((fields, class.map(|class| Entry { name, kind, class, name_end, end })))
    }

    fn class_fields(&self, class: u16, range: Range<usize>, keys: &Keys) -> Vec<Field> {
        let mut field = Field::new(keys.class, "Class", range.clone(), Value::Hex(class.into(), 16));
        if self.dialect != Dialect::Multicast {
            return vec![field];
        }
        // Multicast DNS keeps the first bit for itself (RFC 6762 §5.4, §10.2).
        field.mask = Some(0x7fff);
        field.value = Value::Hex((class & 0x7fff).into(), 15);
        let (key, label) = keys.first_bit;
        let mut bit = Field::new(key, label, range, Value::Flag(class >> 15 == 1));
        bit.mask = Some(0x8000);
        vec![bit, field]
    }

    /// A resource record (RFC 1035 §4.1.3) as far as it is there, and where the next one begins if it is all there.
    fn record(&self, at: usize, label: &'static str) -> Option<(Field, Option<usize>)> {
        let (mut children, entry) = self.entry_fields(at, &ANSWER)?;
        let mut next = None;
        if let Some(entry) = &entry {
            let (rest, after) = (self.bytes.get(entry.end..).unwrap_or_default(), self.start.saturating_add(entry.end));
            children.extend(match entry.kind {
                OPT => {
                    let class_at = entry.name_end.saturating_add(2);
                    edns::fields(self.bytes.get(class_at..).unwrap_or_default(), self.start.saturating_add(class_at))
                }
                _ => TIME_TO_LIVE.field(rest, after).into_iter().collect(),
            });
            children.extend(DATA_LEN.field(rest, after));
            if let Some(len) = DATA_LEN.read(rest) {
                let data = stretch(entry.end.saturating_add(6), len as usize);
                let end = data.end;
                let (fields, _) = data::spell(self, entry.kind, data.start, end.min(self.bytes.len()));
                children.extend(fields);
                next = (end <= self.bytes.len()).then_some(end);
            }
        }
        let end = children.iter().filter_map(|field| Some(field.range.as_ref()?.end)).max()?;
        let end = next.map_or(end, |next| self.start.saturating_add(next));
        Some((Field::new("dns.resp", label, self.start.saturating_add(at)..end, Value::Group).with(children), next))
    }
}

const TIME_TO_LIVE: Spec = Spec::bytes("dns.resp.ttl", "Time to live in s", 0, 4);
const DATA_LEN: Spec = Spec::bytes("dns.resp.len", "Data length", 4, 2);

/// What the parts of a message behind its header hold, in their order.
#[derive(Clone, Copy)]
enum Section {
    Questions,
    /// Records, and what one of them is called.
    Records(&'static str),
}

const SECTIONS: [Section; 4] = [
    Section::Questions,
    Section::Records("Answer"),
    Section::Records("Authority record"),
    Section::Records("Additional record"),
];

/// The keys of a question's or a record's beginning.
struct Keys {
    is_record: bool,
    name: &'static str,
    kind: &'static str,
    class: &'static str,
    /// The first bit of the class in multicast DNS, and what it asks or says.
    first_bit: (&'static str, &'static str),
}

const QUESTION: Keys = Keys {
    is_record: false,
    name: "dns.qry.name",
    kind: "dns.qry.type",
    class: "dns.qry.class",
    first_bit: ("dns.qry.qu", "Unicast answer wanted"),
};
const ANSWER: Keys = Keys {
    is_record: true,
    name: "dns.resp.name",
    kind: "dns.resp.type",
    class: "dns.resp.class",
    first_bit: ("dns.resp.cache_flush", "Cache flush"),
};

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
        39 => "DNAME",
        41 => "OPT",
        43 => "DS",
        46 => "RRSIG",
        47 => "NSEC",
        48 => "DNSKEY",
        64 => "SVCB",
        65 => "HTTPS",
        99 => "SPF",
        251 => "IXFR",
        252 => "AXFR",
        255 => "ANY",
        257 => "CAA",
        _ => return format!("TYPE{kind}").into(),
    })
}
