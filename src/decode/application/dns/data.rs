//! The data of a resource record, taken apart from its front.

use super::message::Dns;
use crate::decode::spec::{placed, stretch};
use crate::model::{Field, Value};

/// The data of one record, or a part of it. What is cut off is left out; what nobody takes stays bytes.
pub(super) struct Data<'d, 'a> {
    dns: &'d Dns<'a>,
    /// The next byte of the message to read.
    at: usize,
    /// Where the data ends: by its own length, or with the message.
    end: usize,
    fields: Vec<Field>,
}

impl<'d, 'a> Data<'d, 'a> {
    pub(super) const fn new(dns: &'d Dns<'a>, at: usize, end: usize) -> Self {
        Self { dns, at, end, fields: Vec::new() }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.dns.bytes.get(self.at..self.end).unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at >= self.end
    }

    fn take(&mut self, len: usize) -> Option<(&'a [u8], Field)> {
        let bytes = self.rest().get(..len)?;
        let range = stretch(self.at, len);
        self.at = range.end;
        Some((bytes, Field::new("dns.resp.data", "Data", placed(self.dns.start, range), Value::Bytes)))
    }

    fn push(&mut self, key: &'static str, label: &'static str, value: Value, mut field: Field) {
        (field.key, field.label, field.value) = (key, label.into(), value);
        self.fields.push(field);
    }

    /// A number of up to 8 bytes.
    pub(super) fn number(&mut self, key: &'static str, label: &'static str, len: usize) -> Option<u64> {
        let (bytes, field) = self.take(len)?;
        let number = bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        self.push(key, label, Value::Decimal(number), field);
        Some(number)
    }

    /// A number with what it means.
    pub(super) fn meant(&mut self, meaning: impl FnOnce(u64) -> Option<String>) {
        let Some(field) = self.fields.last_mut() else { return };
        if let Value::Decimal(number) = field.value {
            field.meaning = meaning(number).map(Into::into);
        }
    }

    /// A name of a domain.
    pub(super) fn name(&mut self, key: &'static str, label: &'static str) -> Option<String> {
        let (name, end) = self.dns.names.name(self.at).filter(|(_, end)| *end <= self.end)?;
        let (_, field) = self.take(end.saturating_sub(self.at))?;
        self.push(key, label, Value::Text(name.clone()), field);
        Some(name)
    }

    /// Text of so many bytes.
    pub(super) fn text(&mut self, key: &'static str, label: &'static str, len: usize) -> Option<String> {
        let (bytes, field) = self.take(len)?;
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.push(key, label, Value::Text(text.clone()), field);
        Some(text)
    }

    /// Text behind a byte with its length (RFC 1035 §3.3).
    pub(super) fn counted(&mut self, length: &'static str, key: &'static str, label: &'static str) -> Option<String> {
        let len = self.number(length, "Length", 1)? as usize;
        self.text(key, label, len)
    }

    /// So many bytes.
    pub(super) fn bytes(&mut self, key: &'static str, label: &'static str, len: usize) -> Option<&'a [u8]> {
        let (bytes, field) = self.take(len)?;
        if len > 0 {
            self.push(key, label, Value::Bytes, field);
        }
        Some(bytes)
    }

    /// Everything that is left.
    pub(super) fn all(&mut self, key: &'static str, label: &'static str) -> Option<&'a [u8]> {
        self.bytes(key, label, self.rest().len())
    }

    pub(super) fn ipv4(&mut self, key: &'static str, label: &'static str) -> Option<String> {
        let (bytes, field) = self.take(4)?;
        let address = std::net::Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?);
        self.push(key, label, Value::Ipv4(address), field);
        Some(address.to_string())
    }

    pub(super) fn ipv6(&mut self, key: &'static str, label: &'static str) -> Option<String> {
        let (bytes, field) = self.take(16)?;
        let address = std::net::Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?);
        self.push(key, label, Value::Ipv6(address), field);
        Some(address.to_string())
    }

    /// An address of which only the first bytes were sent.
    pub(super) fn short_address(&mut self, family: u64) -> Option<()> {
        let (bytes, field) = self.take(self.rest().len())?;
        let (mut v4, mut v6) = ([0; 4], [0; 16]);
        match (family, bytes.len()) {
            (_, 0) => {}
            (1, len @ ..=4) => {
                v4[..len].copy_from_slice(bytes);
                self.push("dns.opt.client.addr4", "Client subnet", Value::Ipv4(v4.into()), field);
            }
            (2, len @ ..=16) => {
                v6[..len].copy_from_slice(bytes);
                self.push("dns.opt.client.addr6", "Client subnet", Value::Ipv6(v6.into()), field);
            }
            _ => self.push("dns.opt.client.addr", "Client subnet", Value::Bytes, field),
        }
        Some(())
    }

    /// A part of the data of its own, of `len` bytes or what there is of them: `spell` takes it apart, and what it leaves
    /// over is `rest`.
    pub(super) fn part(
        &mut self,
        len: usize,
        rest: &'static str,
        spell: impl FnOnce(&mut Data<'d, 'a>) -> Option<()>,
    ) -> Vec<Field> {
        let end = self.end.min(self.at.saturating_add(len));
        let mut part = Data::new(self.dns, self.at, end);
        let _ = spell(&mut part);
        self.at = end;
        part.finish(rest)
    }

    /// Puts a heading over fields that end where this has come to.
    pub(super) fn group(&mut self, key: &'static str, label: &'static str, from: usize, children: Vec<Field>) {
        let range = placed(self.dns.start, from..self.at);
        self.fields.push(Field::new(key, label, range, Value::Group).with(children));
    }

    /// Puts bytes in front that are made of parts.
    pub(super) fn made_of(&mut self, key: &'static str, label: &'static str, from: usize, children: Vec<Field>) {
        let range = placed(self.dns.start, from..self.at);
        self.fields.push(Field::new(key, label, range, Value::Bytes).with(children));
    }

    /// The next byte to read, in the message.
    pub(super) const fn place(&self) -> usize {
        self.at
    }

    /// All fields; what was not taken apart stands last.
    pub(super) fn finish(mut self, rest: &'static str) -> Vec<Field> {
        let _ = self.all(rest, "Data");
        self.fields
    }
}
