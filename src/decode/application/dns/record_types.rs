//! The types of resource records: what they are called, and what those that people meet have in their data.

use std::borrow::Cow;

use super::data::Data;
use super::edns::{self, OPT};
use super::message::Dns;
use super::service_binding;
use crate::model::Field;

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
        OPT => edns::options(&mut data),
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

/// The name of a record type (IANA "DNS Parameters").
pub(super) fn type_name(kind: u16) -> Cow<'static, str> {
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
