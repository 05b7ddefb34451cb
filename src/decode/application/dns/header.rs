//! The header of a DNS message (RFC 1035 §4.1.1), and the dialects that differ in it.

use std::borrow::Cow;

use crate::decode::application::message::{Message, Reading};
use crate::decode::spec::{self, Show, Spec, named};
use crate::model::{Field, Transport};

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
pub(super) const RESPONSE: Spec = Spec::flag("dns.flags.response", "Response", 16);
pub(super) const OPCODE: Spec = Spec::bits("dns.flags.opcode", "Opcode", 17, 4);
pub(super) const CODE: Spec = Spec::bits("dns.flags.rcode", "Response code", 28, 4).meaning(code_name);
pub(super) const ID: Spec = Spec::bytes("dns.id", "Identification", 0, 2).shown(Show::Hex);
pub(super) const QUESTIONS: Spec = Spec::bytes("dns.count.queries", "Questions", 4, 2);
pub(super) const ANSWERS: Spec = Spec::bytes("dns.count.answers", "Answers", 6, 2);
pub(super) const COUNTS: [Spec; 4] = [
    QUESTIONS,
    ANSWERS,
    Spec::bytes("dns.count.auth_rr", "Authority records", 8, 2),
    Spec::bytes("dns.count.add_rr", "Additional records", 10, 2),
];

const HEADER: &[Spec] = &[ID, FLAGS, COUNTS[0], COUNTS[1], COUNTS[2], COUNTS[3]];
pub(super) const HEADER_LEN: usize = 12;

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
pub(super) enum Dialect {
    Dns,
    /// Multicast DNS.
    Multicast,
    /// Link-local multicast name resolution.
    LinkLocal,
}

impl Dialect {
    /// `None` where no port says that this is any of them.
    pub(super) fn by_port(message: &Message<'_>) -> Option<Self> {
        let by = |port| message.ports.contains(&port);
        if by(53) {
            return Some(Self::Dns);
        }
        if message.by(Transport::Udp, 5353) {
            return Some(Self::Multicast);
        }
        by(5355).then_some(Self::LinkLocal)
    }

    /// What was read, under the name people use and Wireshark's key. The fields go by `dns` in all of them.
    pub(super) fn reading(self, line: String, fields: Vec<Field>) -> Reading {
        let (protocol, key) = match self {
            Self::Dns => ("DNS", "dns"),
            Self::Multicast => ("mDNS", "mdns"),
            Self::LinkLocal => ("LLMNR", "llmnr"),
        };
        Reading { protocol, key, line, fields }
    }

    pub(super) fn header(self, header: &[u8], start: usize) -> Vec<Field> {
        let fields = spec::fields(HEADER, header, start).into_iter();
        let own = |field: Field| match self {
            Self::LinkLocal if field.key == FLAGS.key => LINK_LOCAL_FLAGS.field(header, start).unwrap_or(field),
            _ => field,
        };
        fields.map(own).collect()
    }
}

/// The name of a response code (IANA "DNS RCODEs").
pub(super) fn code_name(number: u64) -> Option<Cow<'static, str>> {
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
