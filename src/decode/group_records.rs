//! Lists of sources and group records, which IGMP version 3 (RFC 3376 §4.2.4) and MLD version 2 (RFC 3810 §5.2.4) share
//! but for the size of an address.

use std::borrow::Cow;

use super::spec::{self, Spec, named};
use crate::model::{Field, Value};

/// How a protocol spells them.
pub(super) struct Records {
    /// The heading of a record.
    pub(super) key: &'static str,
    /// Its fixed fields: type, length of the auxiliary data in 4-byte units, number of sources, group.
    pub(super) fields: &'static [Spec],
    /// One source, at byte 0.
    pub(super) source: Spec,
    pub(super) auxiliary: &'static str,
}

/// So many records or sources from byte `at` of a message, which begins at byte `start` of its packet.
#[derive(Clone, Copy)]
pub(super) struct List<'a> {
    pub(super) message: &'a [u8],
    pub(super) start: usize,
    pub(super) at: usize,
    pub(super) count: u64,
}

impl Records {
    /// How many bytes so many sources take.
    pub(super) const fn sources_len(&self, count: u64) -> usize {
        self.source.byte_range().end.saturating_mul(count as usize)
    }

    /// How many bytes a record takes by its own counts; without them, those of its fixed fields.
    fn stated_len(&self, record: &[u8]) -> usize {
        let auxiliary = record.get(1).map_or(0, |words| usize::from(*words).saturating_mul(4));
        auxiliary.saturating_add(self.sources_len(sources_count(record))).saturating_add(spec::len(self.fields))
    }

    /// Where `count` records from byte `at` end by their own counts, those that are not there being as short as can be.
    pub(super) fn end(&self, message: &[u8], mut at: usize, mut count: u64) -> usize {
        while let Some(record) = message.get(at..).filter(|record| count > 0 && !record.is_empty()) {
            at = at.saturating_add(self.stated_len(record));
            count = count.saturating_sub(1);
        }
        spec::len(self.fields).saturating_mul(count as usize).saturating_add(at)
    }

    /// The fields of listed records, as far as they are there; where they end.
    pub(super) fn spell(&self, list: List<'_>, fields: &mut Vec<Field>) -> usize {
        let List { message, start, mut at, count } = list;
        for _ in 0..count {
            let Some(record) = message.get(at..) else { break };
            let record = &record[..record.len().min(self.stated_len(record))];
            let place = start.saturating_add(at);
            let mut children = spec::fields(self.fields, record, place);
            let Some(mut end) = children.iter().filter_map(|field| Some(field.range.as_ref()?.end)).max() else {
                break;
            };
            end = end.saturating_sub(place);
            if end == spec::len(self.fields) {
                let sources = sources_count(record);
                let sources_end = end.saturating_add(self.sources_len(sources));
                end =
                    self.spell_sources(List { message: record, start: place, at: end, count: sources }, &mut children);
                if end == sources_end && end < record.len() {
                    let range = spec::placed(place, end..record.len());
                    children.push(Field::new(self.auxiliary, "Auxiliary data", range, Value::Bytes));
                    end = record.len();
                }
            }
            let range = spec::placed(place, 0..end);
            fields.push(Field::new(self.key, "Group record", range, Value::Group).with(children));
            at = at.saturating_add(end);
        }
        at
    }

    /// The fields of listed sources, as far as they are there; where they end.
    pub(super) fn spell_sources(&self, list: List<'_>, fields: &mut Vec<Field>) -> usize {
        let List { message, start, mut at, count } = list;
        for _ in 0..count {
            let Some(field) = message.get(at..).and_then(|rest| self.source.field(rest, start.saturating_add(at)))
            else {
                break;
            };
            fields.push(field);
            at = at.saturating_add(self.sources_len(1));
        }
        at
    }
}

fn sources_count(record: &[u8]) -> u64 {
    record.get(2..4).map_or(0, |count| u64::from(u16::from_be_bytes([count[0], count[1]])))
}

/// What a record says (RFC 3376 §4.2.12, RFC 3810 §5.2.12).
pub(super) fn record_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        1 => "mode is include",
        2 => "mode is exclude",
        3 => "change to include",
        4 => "change to exclude",
        5 => "allow new sources",
        6 => "block old sources",
        _ => return None,
    })
}
