//! What a protocol's reader is handed, the payload with what is known about its way, and what it answers.

use crate::decode::spec;
use crate::model::{Field, Transport, Value};

/// What an earlier packet of the capture said that a conversation would be. One packet alone does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Announced {
    /// The transfer of a file that the client asked for by TFTP: the server speaks from a port of its own choice
    /// (RFC 1350 §4).
    Tftp,
}

/// How much of a message is asked for: who only wants to know its protocol has nothing spelled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Its protocol.
    Name,
    /// The line about it.
    Line,
    /// Its fields.
    Fields,
}

/// A payload with what is known about its way.
pub(super) struct Message<'a> {
    pub(super) wanted: Wanted,
    pub(super) announced: Option<Announced>,
    pub(super) transport: Transport,
    /// Source and destination.
    pub(super) ports: [u16; 2],
    pub(super) payload: &'a [u8],
    /// The payload's first byte in the frame.
    pub(super) start: usize,
    /// How many bytes the payload had on the wire, cut by the capture or not.
    pub(super) wire_len: usize,
}

/// What a protocol makes of a message: its line or its fields may be empty where they are not wanted.
pub(super) struct Reading {
    pub(super) protocol: &'static str,
    pub(super) key: &'static str,
    pub(super) line: String,
    pub(super) fields: Vec<Field>,
}

impl Message<'_> {
    /// Whether one of the two ports is `port`, by TCP or UDP.
    pub(super) fn by(&self, transport: Transport, port: u16) -> bool {
        self.transport == transport && self.ports.contains(&port)
    }

    /// Where a part of the payload begins in the frame.
    pub(super) fn at(&self, part: &[u8]) -> usize {
        let offset = part.as_ptr().addr().saturating_sub(self.payload.as_ptr().addr());
        self.start.saturating_add(offset.min(self.payload.len()))
    }

    /// The field for a part of the payload.
    pub(super) fn field(&self, key: &'static str, label: &'static str, part: &[u8], value: Value) -> Field {
        let start = self.at(part);
        Field::new(key, label, spec::stretch(start, part.len()), value)
    }

    /// The field for a part of the payload that is text.
    pub(super) fn text(&self, key: &'static str, label: &'static str, part: &[u8]) -> Field {
        self.field(key, label, part, Value::Text(String::from_utf8_lossy(part).into_owned()))
    }
}
