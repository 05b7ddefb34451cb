//! SVCB and HTTPS records (RFC 9460): where a service is, and what it speaks.

use super::data::Data;

pub(super) fn spell(data: &mut Data<'_, '_>) -> Option<String> {
    let priority = data.number("dns.svcb.svcpriority", "Priority", 2)?;
    let target = data.name("dns.svcb.targetname", "Target name")?;
    while !data.is_empty() {
        let from = data.place();
        let mut number = None;
        let len = match data.rest().first_chunk::<4>() {
            Some(&[_, _, high, low]) => 4 + usize::from(u16::from_be_bytes([high, low])),
            None => data.rest().len(),
        };
        let children = data.part(len, "dns.svcb.svcparam.value", |part| {
            number = part.number("dns.svcb.svcparam.key", "Key", 2);
            part.meant(|number| name(number).map(str::to_owned));
            part.number("dns.svcb.svcparam.value.length", "Length", 2)?;
            parameter(number?, part)
        });
        data.group("dns.svcb.svcparam", "Parameter", from, children);
    }
    Some(format!("{priority} {target}"))
}

/// The value of a parameter (RFC 9460 §7, §8).
fn parameter(number: u64, value: &mut Data<'_, '_>) -> Option<()> {
    while !value.is_empty() {
        match number {
            0 => {
                value.number("dns.svcb.svcparam.mandatory.key", "Mandatory key", 2)?;
                value.meant(|number| name(number).map(str::to_owned));
            }
            1 => drop(value.counted("dns.svcb.svcparam.alpn.length", "dns.svcb.svcparam.alpn", "Protocol")?),
            3 => drop(value.number("dns.svcb.svcparam.port", "Port", 2)?),
            4 => drop(value.ipv4("dns.svcb.svcparam.ipv4hint.ip", "IPv4 address")?),
            5 => drop(value.all("dns.svcb.svcparam.echconfig", "Encrypted ClientHello")?),
            6 => drop(value.ipv6("dns.svcb.svcparam.ipv6hint.ip", "IPv6 address")?),
            _ => return None,
        }
    }
    Some(())
}

/// The name of a parameter (IANA "Service Parameter Keys").
const fn name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "mandatory",
        1 => "alpn",
        2 => "no-default-alpn",
        3 => "port",
        4 => "ipv4hint",
        5 => "ech",
        6 => "ipv6hint",
        7 => "dohpath",
        _ => return None,
    })
}
