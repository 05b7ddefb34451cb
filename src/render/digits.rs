//! Numbers and addresses as ASCII, written without the formatting machinery: a plain row spends most of its time here.

use std::io::Write as _;
use std::net::IpAddr;

use crate::model::Endpoint;

/// The three digits of every number below 1000, and a byte that is there to be copied and dropped: copies of a fixed
/// length are single instructions.
static GROUPS: [[u8; 4]; 1000] = {
    let mut groups = [[b'0'; 4]; 1000];
    let mut number = 0;
    while number < groups.len() {
        groups[number] =
            [b'0' + (number / 100) as u8, b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8, b' '];
        number += 1;
    }
    groups
};

/// Appends a number in decimal.
#[inline]
pub(super) fn push_number(out: &mut Vec<u8>, number: impl Into<u64>) {
    let number = number.into();
    if number >= 1000 {
        return push_large(out, number);
    }
    let digits = 1 + usize::from(number >= 10) + usize::from(number >= 100);
    let group = u32::from_le_bytes(GROUPS[number as usize]) >> (8 * (3 - digits));
    let end = out.len() + digits;
    out.extend_from_slice(&group.to_le_bytes());
    out.truncate(end);
}

#[inline]
fn push_large(out: &mut Vec<u8>, number: u64) {
    push_number(out, number / 1000);
    push_group(out, (number % 1000) as u32);
}

/// Appends the last three digits of a number, with zeros in front.
#[inline]
fn push_group(out: &mut Vec<u8>, number: u32) {
    let end = out.len() + 3;
    out.extend_from_slice(&GROUPS[number as usize % 1000]);
    out.truncate(end);
}

/// Appends the six digits of a number of microseconds.
#[inline]
pub(super) fn push_micros(out: &mut Vec<u8>, micros: u32) {
    push_group(out, micros / 1000);
    push_group(out, micros);
}

/// Appends the nine digits of a number of nanoseconds.
#[inline]
pub(super) fn push_nanos(out: &mut Vec<u8>, nanos: u32) {
    push_micros(out, nanos / 1000);
    push_group(out, nanos);
}

/// Appends an address: `192.0.2.1`, `2001:db8::1` (RFC 5952).
pub(super) fn push_address(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            let [first, rest @ ..] = address.octets();
            push_number(out, first);
            for octet in rest {
                out.push(b'.');
                push_number(out, octet);
            }
        }
        // Which zeros to leave out is the standard library's to know. Writing to memory cannot fail.
        IpAddr::V6(address) => drop(write!(out, "{address}")),
    }
}

/// Appends an endpoint: `192.0.2.1:80`, `[2001:db8::1]:80`.
pub(super) fn push_endpoint(out: &mut Vec<u8>, endpoint: Endpoint) {
    if endpoint.addr.is_ipv6() {
        out.push(b'[');
        push_address(out, endpoint.addr);
        out.push(b']');
    } else {
        push_address(out, endpoint.addr);
    }
    out.push(b':');
    push_number(out, endpoint.port);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(push: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_those_of_the_standard_library() {
        for number in (0..70).map(|shift| 1_u64.checked_shl(shift).unwrap_or(0)).flat_map(|it| [it, it.wrapping_sub(1)])
        {
            assert_eq!(pushed(|out| push_number(out, number)), number.to_string());
        }
        assert_eq!(pushed(|out| push_micros(out, 42)), "000042");
        assert_eq!(pushed(|out| push_nanos(out, 987_000_321)), "987000321");
    }

    #[test]
    fn endpoints_are_those_of_the_model() {
        for text in ["0.0.0.0:0", "10.200.99.255:65535", "[::1]:80", "[2001:db8::1:0:0:1]:443", "[::ffff:1.2.3.4]:1"] {
            let endpoint = Endpoint::from(text.parse::<std::net::SocketAddr>().unwrap());
            assert_eq!(pushed(|out| push_endpoint(out, endpoint)), text);
            assert_eq!(endpoint.to_string(), text);
        }
    }
}
