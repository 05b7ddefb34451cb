//! Numbers and addresses as ASCII, written without the formatting machinery: a plain row spends most of its time here.

use std::io::Write as _;
use std::net::IpAddr;

use crate::model::Endpoint;

/// Appends a number in decimal.
pub(super) fn push_number(out: &mut Vec<u8>, number: impl Into<u64>) {
    let mut digits = [0_u8; 20];
    let mut rest = number.into();
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Appends the last `N` digits of a number, with zeros in front.
pub(super) fn push_fraction<const N: usize>(out: &mut Vec<u8>, number: u32) {
    let mut digits = [b'0'; N];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&digits);
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
        assert_eq!(pushed(|out| push_fraction::<6>(out, 42)), "000042");
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
