//! BSD loopback (NULL and LOOP): an address family in four bytes, in the capturing host's byte order or the network's.

use super::cursor::{Cursor, Next};
use super::numbers::ether_type_name;
use super::protocol::Protocol;
use super::spec::named;
use crate::model::{Field, Value};

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let Some(header) = cursor.header(Protocol::Null, 4) else { return Next::Stop };
    match family(header) {
        // AF_INET everywhere; AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, and macOS.
        2 | 10 | 24 | 28 | 30 => Next::Ip,
        family @ 1501..=0xffff => Next::EtherType(family as u16),
        _ => Next::Data,
    }
}

/// The family, whichever order makes it a small number: families fit in 16 bits.
fn family(header: &[u8]) -> u32 {
    let Ok(bytes) = <[u8; 4]>::try_from(header) else { return 0 };
    match u32::from_be_bytes(bytes) {
        family @ 0..=0xffff => family,
        _ => u32::from_le_bytes(bytes),
    }
}

pub(super) fn fields(header: &[u8], start: usize) -> Vec<Field> {
    let family = u64::from(family(header));
    let value = Value::Decimal(family);
    let range = super::spec::stretch(start, header.len());
    let mut field = match family {
        1501..=0xffff => Field::new("null.type", "Type", range, Value::Hex(family, 32)),
        _ => Field::new("null.family", "Address family", range, value),
    };
    field.meaning = match family {
        2 => named("IPv4"),
        10 | 24 | 28 | 30 => named("IPv6"),
        1501..=0xffff => ether_type_name(family),
        _ => None,
    };
    vec![field]
}
