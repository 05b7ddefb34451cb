//! The fields of a DNS message: its header, its questions and its records.

use std::ops::Range;

use super::edns::{self, OPT};
use super::header::{COUNTS, Dialect, HEADER_LEN};
use super::message::Dns;
use super::name::Entry;
use super::record_types::{self, type_name};
use crate::decode::spec::{Spec, placed, stretch};
use crate::model::{Field, Value};

/// The most questions and records of a message that are spelled out: more than any but the transfer of a zone has.
const MOST_SPELLED: u64 = 1024;

impl Dns<'_> {
    /// The header, the questions and the records of all sections, as far as they are there. How many of them are not
    /// spelled out, their count says.
    pub(super) fn fields(&self) -> Vec<Field> {
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
                let (fields, _) = record_types::spell(self, entry.kind, data.start, end.min(self.bytes.len()));
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
