//! The data of resource records: what the types that people meet have in it.

use super::Dns;
use super::edns;
use super::service_binding;
use crate::decode::spec::{placed, stretch};
use crate::model::{Field, Value};

/// The data of one record, taken apart from its front. What is cut off is left out; what nobody takes stays bytes.
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

/// The fields of a record's data, and the words for the line.
pub(super) fn spell(dns: &Dns<'_>, kind: u16, at: usize, end: usize) -> (Vec<Field>, String) {
    let mut data = Data::new(dns, at, end);
    let words = match kind {
        1 if data.rest().len() == 4 => data.ipv4("dns.a", "Address"),
        28 if data.rest().len() == 16 => data.ipv6("dns.aaaa", "Address"),
        2 => data.name("dns.ns", "Name server"),
        5 => data.name("dns.cname", "Canonical name"),
        12 => data.name("dns.ptr.domain_name", "Domain name"),
        39 => data.name("dns.dname", "Name of the subtree"),
        6 => start_of_authority(&mut data),
        13 => host_information(&mut data),
        15 => mail_exchange(&mut data),
        16 => texts(&mut data, "dns.txt.length", "dns.txt"),
        99 => texts(&mut data, "dns.spf.length", "dns.spf"),
        33 => server(&mut data),
        35 => naming_authority(&mut data),
        super::OPT => edns::options(&mut data),
        43 => delegation_signer(&mut data),
        64 | 65 => service_binding::spell(&mut data),
        257 => certification_authority(&mut data),
        _ => None,
    };
    (data.finish("dns.resp.data"), words.unwrap_or_default())
}

/// RFC 1035 §3.3.13.
fn start_of_authority(data: &mut Data<'_, '_>) -> Option<String> {
    let primary = data.name("dns.soa.mname", "Primary name server")?;
    let numbers = |data: &mut Data<'_, '_>| {
        data.name("dns.soa.rname", "Mailbox of who is responsible")?;
        data.number("dns.soa.serial_number", "Serial number", 4)?;
        data.number("dns.soa.refresh_interval", "Refresh interval in s", 4)?;
        data.number("dns.soa.retry_interval", "Retry interval in s", 4)?;
        data.number("dns.soa.expire_limit", "Expire limit in s", 4)?;
        data.number("dns.soa.minimum_ttl", "Time to live of what does not exist in s", 4)
    };
    let _ = numbers(data);
    Some(primary)
}

/// RFC 1035 §3.3.2.
fn host_information(data: &mut Data<'_, '_>) -> Option<String> {
    let processor = data.counted("dns.hinfo.cpu_length", "dns.hinfo.cpu", "Processor")?;
    let system = data.counted("dns.hinfo.os_length", "dns.hinfo.os", "Operating system")?;
    Some(format!("{processor} {system}"))
}

/// RFC 1035 §3.3.9.
fn mail_exchange(data: &mut Data<'_, '_>) -> Option<String> {
    let preference = data.number("dns.mx.preference", "Preference", 2)?;
    let host = data.name("dns.mx.mail_exchange", "Mail exchange")?;
    Some(format!("{preference} {host}"))
}

/// RFC 1035 §3.3.14; the line has the first of them.
fn texts(data: &mut Data<'_, '_>, length: &'static str, key: &'static str) -> Option<String> {
    let first = data.counted(length, key, "Text")?;
    while !data.is_empty() && data.counted(length, key, "Text").is_some() {}
    Some(format!("{first:?}"))
}

/// RFC 2782.
fn server(data: &mut Data<'_, '_>) -> Option<String> {
    let priority = data.number("dns.srv.priority", "Priority", 2)?;
    let weight = data.number("dns.srv.weight", "Weight", 2)?;
    let port = data.number("dns.srv.port", "Port", 2)?;
    let target = data.name("dns.srv.target", "Target")?;
    Some(format!("{priority} {weight} {port} {target}"))
}

/// RFC 3403 §4.1.
fn naming_authority(data: &mut Data<'_, '_>) -> Option<String> {
    let order = data.number("dns.naptr.order", "Order", 2)?;
    let preference = data.number("dns.naptr.preference", "Preference", 2)?;
    let flags = data.counted("dns.naptr.flags_length", "dns.naptr.flags", "Flags")?;
    data.counted("dns.naptr.service_length", "dns.naptr.service", "Service")?;
    data.counted("dns.naptr.regex_length", "dns.naptr.regex", "Regular expression")?;
    let replacement = data.name("dns.naptr.replacement", "Replacement")?;
    Some(format!("{order} {preference} {flags} {replacement}"))
}

/// RFC 4034 §5.1.
fn delegation_signer(data: &mut Data<'_, '_>) -> Option<String> {
    data.number("dns.ds.key_id", "Key id", 2)?;
    data.number("dns.ds.algorithm", "Algorithm", 1)?;
    data.number("dns.ds.digest_type", "Digest type", 1)?;
    data.all("dns.ds.digest", "Digest").map(|_| String::new())
}

/// RFC 8659 §4.1.
fn certification_authority(data: &mut Data<'_, '_>) -> Option<String> {
    data.number("dns.caa.flags", "Flags", 1)?;
    let tag = data.counted("dns.caa.tag_length", "dns.caa.tag", "Tag")?;
    let value = data.text("dns.caa.value", "Value", data.rest().len())?;
    Some(format!("{tag} {value:?}"))
}
