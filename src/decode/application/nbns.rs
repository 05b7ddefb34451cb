//! The NetBIOS name service (RFC 1001, RFC 1002 §4.2): DNS's format with other flags and names.

use std::borrow::Cow;

use super::dns::{Entry, Names};
use super::message::{Message, Reading, Wanted};
use crate::decode::spec::{self, Show, Spec, named, placed, stretch};
use crate::model::{Field, Transport, Value};

const RESPONSE: Spec = Spec::flag("nbns.flags.response", "Response", 16);
const OPCODE: Spec = Spec::bits("nbns.flags.opcode", "Opcode", 17, 4).meaning(opcode_name);
const CODE: Spec = Spec::bits("nbns.flags.rcode", "Response code", 28, 4).meaning(code_name);
const ID: Spec = Spec::bytes("nbns.id", "Identification", 0, 2).shown(Show::Hex);
const COUNTS: [Spec; 4] = [
    Spec::bytes("nbns.count.queries", "Questions", 4, 2),
    Spec::bytes("nbns.count.answers", "Answers", 6, 2),
    Spec::bytes("nbns.count.auth_rr", "Authority records", 8, 2),
    Spec::bytes("nbns.count.add_rr", "Additional records", 10, 2),
];

const HEADER: &[Spec] = &[
    ID,
    Spec::bytes("nbns.flags", "Flags", 2, 2).shown(Show::Hex).with(&[
        RESPONSE,
        OPCODE,
        Spec::flag("nbns.flags.authoritative", "Authoritative answer", 21),
        Spec::flag("nbns.flags.truncated", "Truncated", 22),
        Spec::flag("nbns.flags.recdesired", "Recursion desired", 23),
        Spec::flag("nbns.flags.recavail", "Recursion available", 24),
        Spec::flag("nbns.flags.broadcast", "Broadcast", 27),
        CODE,
    ]),
    COUNTS[0],
    COUNTS[1],
    COUNTS[2],
    COUNTS[3],
];

/// A record with the addresses of a name, and one with all names of a node.
const NB: u16 = 0x20;
const NBSTAT: u16 = 0x21;

pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    if !message.by(Transport::Udp, 137) {
        return None;
    }
    let bytes = message.payload;
    let mut fields = spec::fields(HEADER, bytes, message.start);
    let is_response = RESPONSE.read(bytes)? == 1;
    let opcode = OPCODE.read(bytes)?;
    let [questions, answers, authority, additional] = COUNTS.map(|count| count.read(bytes));
    let (questions, records) = (questions?, answers?.saturating_add(authority?).saturating_add(additional?));
    // Counts beyond what the bytes could hold are no NBNS: a question takes 5 bytes at least.
    if questions.saturating_add(records) > bytes.len().max(message.wire_len) as u64 / 5 {
        return None;
    }
    if message.wanted == Wanted::Name {
        return Some(Reading { protocol: "NBNS", key: "nbns", line: String::new(), fields });
    }
    let mut line = opcode_name(opcode).unwrap_or_else(|| format!("opcode {opcode}").into()).into_owned();
    if is_response {
        line.push_str(" response");
    }
    line.push_str(&format!(" 0x{:04x}", ID.read(bytes)?));
    let mut at = spec::len(HEADER);
    let nbns = Nbns { bytes, start: message.start, names: Names::of(bytes) };
    for _ in 0..questions {
        let Some(question) = nbns.names.entry(at) else { break };
        line.push_str(&format!(" {} {}", type_name(question.kind.into()).unwrap_or("?".into()), name(&question.name)));
        fields.extend(nbns.entry_fields(&question, at));
        at = question.end;
    }
    for _ in 0..records {
        let Some((record, said, end)) = nbns.record(at, questions == 0) else { break };
        fields.push(record);
        line.push_str(&said);
        at = end;
    }
    if is_response && CODE.read(bytes)? != 0 {
        line.push_str(&format!(": {}", code_name(CODE.read(bytes)?).unwrap_or("error".into())));
    }
    Some(Reading { protocol: "NBNS", key: "nbns", line, fields })
}

struct Nbns<'a> {
    bytes: &'a [u8],
    /// The message's first byte in the frame.
    start: usize,
    names: Names<'a>,
}

impl Nbns<'_> {
    fn entry_fields(&self, entry: &Entry, at: usize) -> Vec<Field> {
        let range = |from, to| placed(self.start, from..to);
        let (kind_at, class_at) = (entry.name_end, entry.name_end.saturating_add(2));
        let spelled = Field::new("nbns.name", "Name", range(at, entry.name_end), Value::Text(name(&entry.name)));
        let mut kind = Field::new("nbns.type", "Type", range(kind_at, class_at), Value::Decimal(entry.kind.into()));
        kind.meaning = type_name(entry.kind.into());
        let class = Value::Decimal(entry.class.into());
        vec![spelled, kind, Field::new("nbns.class", "Class", range(class_at, entry.end), class)]
    }

    /// A record (RFC 1002 §4.2.1.3): its fields, what it says, and where the next one begins. Its name is said where no
    /// question said it.
    fn record(&self, at: usize, says_name: bool) -> Option<(Field, String, usize)> {
        let entry = self.names.entry(at)?;
        let fixed =
            [Spec::bytes("nbns.ttl", "Time to live in s", 0, 4), Spec::bytes("nbns.data_length", "Data length", 4, 2)];
        let rest = self.bytes.get(entry.end..)?;
        let len = fixed[1].read(rest)? as usize;
        let place = stretch(entry.end.saturating_add(spec::len(&fixed)), len);
        let (data, data_at, end) = (self.bytes.get(place.clone())?, place.start, place.end);
        let mut children = self.entry_fields(&entry, at);
        children.extend(spec::fields(&fixed, rest, self.start.saturating_add(entry.end)));
        let mut said = Vec::new();
        match entry.kind {
            NB => self.addresses(data, data_at, &mut children, &mut said),
            NBSTAT => self.node_status(data, data_at, &mut children, &mut said),
            _ if !data.is_empty() => {
                children.push(Field::new("nbns.data", "Data", placed(self.start, place), Value::Bytes));
            }
            _ => {}
        }
        let mut line = if says_name { format!(" {}", name(&entry.name)) } else { String::new() };
        if !said.is_empty() {
            line.push_str(&format!(": {}", said.join(", ")));
        }
        let range = placed(self.start, at..end);
        Some((Field::new("nbns.record", "Record", range, Value::Group).with(children), line, end))
    }

    /// The addresses that have a name, each behind its flags (RFC 1002 §4.2.2).
    fn addresses(&self, data: &[u8], at: usize, fields: &mut Vec<Field>, said: &mut Vec<String>) {
        for (slot, place) in data.chunks_exact(6).zip((self.start.saturating_add(at)..).step_by(6)) {
            fields.extend(spec::fields(ADDRESS, slot, place));
            if let [.., a, b, c, d] = slot {
                said.push(format!("{a}.{b}.{c}.{d}"));
            }
        }
    }

    /// The names of a node, each with its flags (RFC 1002 §4.2.18).
    fn node_status(&self, data: &[u8], at: usize, fields: &mut Vec<Field>, said: &mut Vec<String>) {
        const NUMBER: Spec = Spec::bytes("nbns.number_of_names", "Number of names", 0, 1);
        const NAME_LEN: usize = 16;
        let start = self.start.saturating_add(at);
        fields.extend(NUMBER.field(data, start));
        let (Some(count), Some(names)) = (NUMBER.read(data), data.get(1..)) else { return };
        let slots = names.chunks_exact(NAME_LEN + 2).take(count as usize);
        for (slot, place) in slots.zip((start.saturating_add(1)..).step_by(NAME_LEN + 2)) {
            let spelled = plain_name(&slot[..NAME_LEN]);
            said.push(spelled.clone());
            fields.push(Field::new("nbns.netbios_name", "Name", stretch(place, NAME_LEN), Value::Text(spelled)));
            fields.extend(spec::fields(NAME_FLAGS, slot, place));
        }
    }
}

const ADDRESS: &[Spec] = &[
    Spec::bytes("nbns.nb_flags", "Name flags", 0, 2).shown(Show::Hex).with(&[
        Spec::flag("nbns.nb_flags.group", "Group name", 0),
        Spec::bits("nbns.nb_flags.ont", "Owner node type", 1, 2).meaning(owner_name),
    ]),
    Spec::bytes("nbns.addr", "Address", 2, 4).shown(Show::Ipv4),
];

/// Behind the 16 bytes of the name.
const NAME_FLAGS: &[Spec] = &[Spec::bytes("nbns.name_flags", "Name flags", 16, 2).shown(Show::Hex).with(&[
    Spec::flag("nbns.name_flags.group", "Group name", 128),
    Spec::bits("nbns.name_flags.ont", "Owner node type", 129, 2).meaning(owner_name),
    Spec::flag("nbns.name_flags.drg", "Being deregistered", 131),
    Spec::flag("nbns.name_flags.cnf", "In conflict", 132),
    Spec::flag("nbns.name_flags.act", "Active", 133),
    Spec::flag("nbns.name_flags.prm", "Permanent", 134),
])];

/// `WORKGROUP<1d>` for the first label of a name, whose letters hold half a byte each (RFC 1001 §14.1); the label as it is
/// where that is not so. What follows the first label is the scope.
fn name(encoded: &str) -> String {
    let (label, scope) = encoded.split_once('.').map_or((encoded, ""), |(label, scope)| (label, scope));
    let Some(bytes) = halves(label) else { return encoded.to_owned() };
    let dot = if scope.is_empty() { "" } else { "." };
    format!("{}{dot}{scope}", plain_name(&bytes))
}

fn halves(label: &str) -> Option<Vec<u8>> {
    let half = |letter: u8| letter.wrapping_sub(b'A');
    let letters = label.as_bytes();
    let honest = letters.len() == 32 && letters.iter().all(|letter| (b'A'..=b'P').contains(letter));
    honest.then(|| letters.chunks_exact(2).map(|pair| (half(pair[0]) << 4) | half(pair[1])).collect())
}

/// 15 characters filled up with blanks, then what the name stands for; the name `*` is filled up with zeros.
fn plain_name(bytes: &[u8]) -> String {
    let (suffix, name) = bytes.split_last().unwrap_or((&0, &[]));
    let name = String::from_utf8_lossy(name);
    format!("{}<{suffix:02x}>", name.trim_end_matches([' ', '\0']))
}

fn opcode_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "query",
        5 => "registration",
        6 => "release",
        7 => "wait",
        8 | 9 => "refresh",
        15 => "multi-homed registration",
        _ => return None,
    })
}

fn code_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "no error",
        1 => "format error",
        2 => "server failure",
        3 => "no such name",
        4 => "not supported",
        5 => "refused",
        6 => "name is active",
        7 => "name in conflict",
        _ => return None,
    })
}

fn owner_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "broadcast node",
        1 => "point-to-point node",
        2 => "mixed node",
        _ => return None,
    })
}

fn type_name(number: u64) -> Option<Cow<'static, str>> {
    match number {
        1 => named("A"),
        2 => named("NS"),
        10 => named("NULL"),
        0x20 => named("NB"),
        0x21 => named("NBSTAT"),
        _ => Some(format!("TYPE{number}").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_two_letters_a_byte() {
        assert_eq!(name("FHEPFCELEHFCEPFFFACACACACACACABN"), "WORKGROUP<1d>");
        assert_eq!(name("CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "*<00>");
        assert_eq!(name("FHEPFCELEHFCEPFFFACACACACACACABN.scope.example"), "WORKGROUP<1d>.scope.example");
        for odd in ["", "A", "FHEPFCELEHFCEPFFFACACACACACACAB", "ZHEPFCELEHFCEPFFFACACACACACACABN"] {
            assert_eq!(name(odd), odd, "what is not encoded stays");
        }
    }
}
