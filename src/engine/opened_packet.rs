//! A packet opened to its fields, and the values behind a Wireshark key: of its fields, of the frame, and of its parts.

use super::likeness::nearest;
use crate::decode::{Dissection, LayerFields, Protocol, headers, keys};
use crate::model::{OwnedFrame, Timestamp};
use crate::render::{field_keys, field_values, text};

/// Keys of what the conversation adds to a header's fields.
const FOLLOWED: [&str; 6] =
    ["tcp.stream", "tcp.seq", "tcp.ack", "tcp.window_size", "tcp.window_size_scalefactor", "udp.stream"];

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
    ("frame.protocols", |opened| vec![opened.protocols()]),
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
            None => self.fields(key),
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

    /// What the packet is made of, as Wireshark writes it: `eth:ethertype:ip:udp:dns`.
    fn protocols(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        let parts = self.dissection.layers.iter().filter(|layer| layer.protocol != Protocol::Trailer);
        for layer in parts {
            let name = content(layer);
            // SNAP is a part of LLC.
            if layer.protocol != Protocol::Snap {
                names.push(name);
            }
            let has_ether_type = matches!(
                layer.protocol,
                Protocol::Ethernet | Protocol::Vlan | Protocol::ServiceVlan | Protocol::LinuxSll | Protocol::LinuxSll2
            );
            names.extend(has_ether_type.then_some("ethertype"));
        }
        names.join(":")
    }

    /// The parts that it is made of.
    fn parts(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = self.dissection.layers.iter().map(content).collect();
        names.dedup();
        names
    }
}

/// Every key that some packet can have a value for.
fn known() -> impl Iterator<Item = &'static str> {
    field_keys().chain(FOLLOWED).chain(FRAME.iter().map(|(key, _)| *key))
}

fn is_known(key: &str) -> bool {
    // What an application says stands under its protocol's name.
    let is_application = |field: &str| field.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
    known().any(|known| known == key) || keys().any(is_application)
}

/// A header's protocol; for a payload, that of the application, if one is known.
fn content(layer: &LayerFields) -> &'static str {
    let application = layer.fields.first().filter(|_| layer.protocol == Protocol::Payload);
    application.map_or(layer.protocol.key(), |heading| heading.key)
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
