//! EDNS (RFC 6891): the pseudo-record OPT, whose class and time to live say other things, and its options.

use super::data::Data;
use crate::decode::spec::{self, Show, Spec};
use crate::model::Field;

/// The pseudo-record's type.
pub(super) const OPT: u16 = 41;

/// What stands where other records have class and time to live.
const FIELDS: &[Spec] = &[
    Spec::bytes("dns.rr.udp_payload_size", "UDP payload size", 0, 2),
    Spec::bytes("dns.resp.ext_rcode", "Upper bits of the response code", 2, 1).shown(Show::Hex),
    Spec::bytes("dns.resp.edns0_version", "EDNS version", 3, 1),
    Spec::bytes("dns.resp.z", "Flags", 4, 2).shown(Show::Hex).with(&[
        Spec::flag("dns.resp.z.do", "DNSSEC answer wanted", 32),
        Spec::bits("dns.resp.z.reserved", "Reserved", 33, 15).shown(Show::Hex),
    ]),
];

/// The fields behind the type of the pseudo-record, which lie at byte `start` of the frame.
pub(super) fn fields(bytes: &[u8], start: usize) -> Vec<Field> {
    spec::fields(FIELDS, bytes, start)
}

/// The options, each a number, a length and what they say; they add no words to the line.
pub(super) fn options(data: &mut Data<'_, '_>) -> Option<String> {
    while !data.is_empty() {
        let from = data.place();
        let len = match data.rest().first_chunk::<4>() {
            Some(&[_, _, high, low]) => 4 + usize::from(u16::from_be_bytes([high, low])),
            None => data.rest().len(),
        };
        let children = data.part(len, "dns.opt.data", |part| {
            let number = part.number("dns.opt.code", "Code", 2)?;
            part.meant(|number| name(number).map(str::to_owned));
            part.number("dns.opt.len", "Length", 2)?;
            let (from, len) = (part.place(), part.rest().len());
            if len > 0 {
                let children = part.part(len, "dns.opt.data", |value| option(number, value));
                // Bytes that no option takes apart are no part of themselves.
                let children = if children.iter().all(|it| it.key == "dns.opt.data") { Vec::new() } else { children };
                part.made_of("dns.opt.data", "Data", from, children);
            }
            Some(())
        });
        data.group("dns.opt", "Option", from, children);
    }
    None
}

/// What an option says (IANA "DNS EDNS0 Option Codes").
fn option(number: u64, value: &mut Data<'_, '_>) -> Option<()> {
    match number {
        // RFC 7871 §6.
        8 => {
            let family = value.number("dns.opt.client.family", "Address family", 2)?;
            value.number("dns.opt.client.netmask", "Length of the prefix asked for", 1)?;
            value.number("dns.opt.client.scope", "Length of the prefix answered for", 1)?;
            value.short_address(family)
        }
        // RFC 7873 §4.
        10 => {
            value.bytes("dns.opt.cookie.client", "Client's cookie", 8)?;
            value.all("dns.opt.cookie.server", "Server's cookie").map(drop)
        }
        // RFC 7828 §3.1.
        11 => value.number("dns.opt.edns_tcp_keepalive.timeout", "Time-out in tenths of a second", 2).map(drop),
        12 => value.all("dns.opt.padding", "Padding").map(drop),
        // RFC 8914 §2.
        15 => {
            value.number("dns.opt.ext_error.info_code", "Error", 2)?;
            value.text("dns.opt.ext_error.extra_text", "Text", value.rest().len()).map(drop)
        }
        _ => None,
    }
}

const fn name(number: u64) -> Option<&'static str> {
    Some(match number {
        3 => "name server identifier",
        8 => "client subnet",
        9 => "expire",
        10 => "cookie",
        11 => "TCP keep-alive",
        12 => "padding",
        13 => "chain",
        14 => "key tag",
        15 => "extended error",
        _ => return None,
    })
}
