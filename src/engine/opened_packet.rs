//! A packet opened to its fields, and the values behind a Wireshark key: of its fields, of the frame, and of its parts.

use super::likeness::nearest;
use crate::analyse::Seen;
use crate::decode::{Dissection, headers, keys};
use crate::model::{OwnedFrame, Timestamp};
use crate::render::{Column, Known, Row, field_keys, field_values, layer_key, protocols, text};

/// A value about the frame itself; none where the capture does not say.
type OfFrame = fn(&OpenedPacket) -> Vec<String>;

const FRAME: [(&str, OfFrame); 10] = [
    ("frame.number", |opened| vec![opened.frame.number.to_string()]),
    ("frame.time_epoch", |opened| seconds(opened.frame.time.map(Timestamp::nanos))),
    ("frame.time_relative", |opened| seconds(since(opened.frame.time, opened.origin))),
    ("frame.time_delta", |opened| seconds(since(opened.frame.time, opened.previous))),
    ("frame.len", |opened| vec![opened.frame.wire_len.to_string()]),
    ("frame.cap_len", |opened| vec![opened.frame.bytes.len().to_string()]),
    ("frame.interface_id", |opened| vec![opened.frame.interface.to_string()]),
    ("frame.interface_name", |opened| opened.interface.iter().map(|name| text::sanitise(name)).collect()),
    ("frame.protocols", |opened| vec![protocols(&opened.dissection)]),
    ("frame.comment", |opened| opened.frame.comments.iter().map(|comment| text::sanitise(comment)).collect()),
];

/// A packet opened to its fields.
pub(crate) struct OpenedPacket {
    /// The packet.
    pub(crate) frame: OwnedFrame,
    /// The time of the capture's first packet.
    pub(crate) origin: Option<Timestamp>,
    /// The time of the packet before.
    pub(crate) previous: Option<Timestamp>,
    /// What the interface is called that it came from, where the capture says.
    pub(crate) interface: Option<String>,
    /// What it meant in its conversation.
    pub(crate) seen: Option<Seen>,
    /// Its fields.
    pub(crate) dissection: Dissection,
}

/// Why there is no value behind a key.
pub(crate) enum NoValue {
    /// It is about the frame, and the capture does not say.
    Unsaid,
    /// The packet has no such field: the parts that it is made of.
    Lacking(Vec<&'static str>),
    /// Nothing goes by that name: the key that was probably meant.
    Unknown(Option<&'static str>),
}

impl OpenedPacket {
    /// Every value of a key in the order of the bytes, outer headers first, quoted packets included.
    ///
    /// # Errors
    ///
    /// The packet has none, or nothing goes by that name.
    pub(crate) fn values(&self, key: &str) -> Result<Vec<String>, NoValue> {
        let values = match FRAME.iter().find(|(name, _)| *name == key) {
            Some((_, value)) => value(self),
            None => Some(self.fields(key)).filter(|values| !values.is_empty()).unwrap_or_else(|| self.told(key)),
        };
        if !values.is_empty() {
            return Ok(values);
        }
        Err(match is_known(key) {
            true if key.starts_with("frame.") => NoValue::Unsaid,
            true => NoValue::Lacking(self.parts()),
            false => NoValue::Unknown(nearest(key, known())),
        })
    }

    fn fields(&self, key: &str) -> Vec<String> {
        field_values(key, &headers(&self.frame.as_frame()), &self.dissection)
    }

    /// What a column says that only the packet's conversation or its whole tells, such as `tcp.analysis`.
    fn told(&self, key: &str) -> Vec<String> {
        let field = || field_keys().find(|known| *known == key).map(Column::Field);
        let Some(column) = keyed_columns().find(|column| column.name() == key).or_else(field) else {
            return Vec::new();
        };
        let frame = self.frame.as_frame();
        let known = Known { interface: self.interface.as_deref(), ..Known::default() };
        let packet = &headers(&frame);
        column.values(&Row { frame, packet, seen: self.seen, origin: self.origin, previous: None, known })
    }

    /// The parts that it is made of.
    fn parts(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = self.dissection.layers.iter().map(layer_key).collect();
        names.dedup();
        names
    }
}

/// Every key that some packet can have a value for.
fn known() -> impl Iterator<Item = &'static str> {
    field_keys().chain(keyed_columns().map(Column::name)).chain(FRAME.iter().map(|(key, _)| *key))
}

/// The columns that go by keys as fields do.
fn keyed_columns() -> impl Iterator<Item = Column> {
    Column::ALL.iter().copied().filter(|column| column.name().contains('.'))
}

fn is_known(key: &str) -> bool {
    // What an application says stands under its protocol's name.
    let is_application = |field: &str| field.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
    known().any(|known| known == key) || keys().any(is_application)
}

fn since(time: Option<Timestamp>, origin: Option<Timestamp>) -> Option<i64> {
    Some(time? - origin?)
}

fn seconds(nanos: Option<i64>) -> Vec<String> {
    let text = |nanos: i64| {
        let sign = if nanos < 0 { "-" } else { "" };
        format!("{sign}{}.{:09}", nanos.unsigned_abs() / 1_000_000_000, nanos.unsigned_abs() % 1_000_000_000)
    };
    nanos.map(text).into_iter().collect()
}
