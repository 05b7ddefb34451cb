//! What an address is called: the question to a name server and its answer (RFC 1035, RFC 3596 §2.5).

use std::fmt::Write as _;
use std::net::IpAddr;

use crate::decode::dns_name;

/// The record type that leads from an address to a name, and the internet's class.
const PTR: u16 = 12;
const INTERNET: u16 = 1;

/// The flag of an answer that was too long for a datagram.
const TRUNCATED: u16 = 0x0200;

/// The header of every message: identification, flags and four counts.
const HEADER: usize = 12;

/// What a name server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The address is called this.
    Name(String),
    /// It has no name, or one that no host could have.
    Nameless,
    /// This server cannot tell.
    NoAnswer,
}

/// The question after an address, under a number.
pub(super) fn question(id: u16, address: IpAddr) -> Vec<u8> {
    // Recursion is desired, and there is one question.
    let mut message = [id, 0x0100, 1, 0, 0, 0].map(u16::to_be_bytes).concat();
    for label in reverse(address).split('.') {
        message.push(label.len() as u8);
        message.extend(label.as_bytes());
    }
    message.push(0);
    message.extend([PTR, INTERNET].map(u16::to_be_bytes).concat());
    message
}

/// The number of the question that a message may answer.
pub(super) fn id(message: &[u8]) -> Option<u16> {
    number(message, 0)
}

/// What a message says to the question after an address; `None` where it is no answer to that.
pub(super) fn answer(message: &[u8], address: IpAddr) -> Option<Said> {
    let flags = number(message, 2)?;
    let (is_answer, operation, code) = (flags & 0x8000 != 0, flags >> 11 & 0xf, flags & 0xf);
    let (asked, mut at) = dns_name(message, HEADER)?;
    let is_mine = asked.eq_ignore_ascii_case(&reverse(address))
        && (number(message, at)?, number(message, at + 2)?) == (PTR, INTERNET);
    if !is_answer || operation != 0 || number(message, 4)? != 1 || !is_mine {
        return None;
    }
    at += 4;
    match code {
        0 => {}
        3 => return Some(Said::Nameless),
        _ => return Some(Said::NoAnswer),
    }
    match name_in(message, at) {
        // The name may be in what was cut off, and there is no other way to this server than datagrams.
        None | Some(Said::Nameless) if flags & TRUNCATED != 0 => Some(Said::NoAnswer),
        said => said,
    }
}

/// The name that a message gives to an address.
#[cfg(any(fuzzing, test))]
pub(super) fn name_of(message: &[u8], address: IpAddr) -> Option<String> {
    match answer(message, address)? {
        Said::Name(name) => Some(name),
        Said::Nameless | Said::NoAnswer => None,
    }
}

/// What the records of an answer say, the first of which is at byte `at`.
fn name_in(message: &[u8], mut at: usize) -> Option<Said> {
    // Before the name there may be others by which the address is also asked for (RFC 2317).
    for _ in 0..number(message, 6)? {
        let (_, end) = dns_name(message, at)?;
        let (kind, class, length) = (number(message, end)?, number(message, end + 2)?, number(message, end + 8)?);
        if (kind, class) == (PTR, INTERNET) {
            let (name, _) = dns_name(message, end + 10)?;
            return Some(if is_host_name(&name) { Said::Name(name) } else { Said::Nameless });
        }
        at = end + 10 + usize::from(length);
    }
    Some(Said::Nameless)
}

/// The name under which an address is asked for: `1.2.0.192.in-addr.arpa`.
fn reverse(address: IpAddr) -> String {
    let mut name = String::new();
    match address {
        IpAddr::V4(address) => {
            for byte in address.octets().iter().rev() {
                // Writing to memory cannot fail.
                let _ = write!(name, "{byte}.");
            }
            name + "in-addr.arpa"
        }
        IpAddr::V6(address) => {
            for byte in address.octets().iter().rev() {
                let _ = write!(name, "{:x}.{:x}.", byte & 0xf, byte >> 4);
            }
            name + "ip6.arpa"
        }
    }
}

/// Whether a host could be called this: letters, digits, hyphens and underlines between dots, and not the likeness of
/// an address, as everything is that ends in a number (RFC 3696 §2): `192.168.001.001`.
pub(super) fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    name.len() <= 253 && name.split('.').all(is_label) && !name.rsplit('.').next().is_some_and(is_number)
}

fn number(message: &[u8], at: usize) -> Option<u16> {
    message.get(at..)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "192.0.2.7";

    fn address() -> IpAddr {
        ADDRESS.parse().unwrap()
    }

    /// An answer with these records of type, name and data.
    fn answered(code: u16, records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut message = question(7, address());
        message[2..4].copy_from_slice(&(0x8180 | code).to_be_bytes());
        message[7] = records.len() as u8;
        for (kind, data) in records {
            message.extend([0xc0, HEADER as u8]);
            message.extend([*kind, INTERNET, 0, 60, data.len() as u16].map(u16::to_be_bytes).concat());
            message.extend(*data);
        }
        message
    }

    #[test]
    fn addresses_are_asked_for_backwards() {
        assert_eq!(reverse(address()), "7.2.0.192.in-addr.arpa");
        let six = "8.b.d.0.1.0.0.2.ip6.arpa";
        assert!(reverse("2001:db8::1".parse().unwrap()).starts_with("1.0.0.0."));
        assert!(reverse("2001:db8::1".parse().unwrap()).ends_with(six));
        assert_eq!(dns_name(&question(1, address()), HEADER).unwrap().0, reverse(address()));
    }

    #[test]
    fn a_name_may_stand_behind_an_alias() {
        let said = answered(0, &[(5, b"\x01x\0"), (PTR, b"\x04host\x07example\0")]);
        assert_eq!(id(&said), Some(7));
        assert_eq!(answer(&said, address()), Some(Said::Name("host.example".to_owned())));
    }

    #[test]
    fn what_is_no_host_name_is_none() {
        for name in [
            &b"\x05\x1b[31m\0"[..],
            b"\x03a b\0",
            b"\0",
            b"\x01a\x02\xc3\xa9\0",
            b"\x0210\x010\x010\x011\0",
            b"\x0210\x03001\0",
            b"\x0710.0.01\0",
        ] {
            assert_eq!(answer(&answered(0, &[(PTR, name)]), address()), Some(Said::Nameless), "{name:?}");
        }
    }

    #[test]
    fn refusals_are_told_apart() {
        assert_eq!(answer(&answered(3, &[]), address()), Some(Said::Nameless));
        assert_eq!(answer(&answered(0, &[]), address()), Some(Said::Nameless));
        assert_eq!(answer(&answered(2, &[]), address()), Some(Said::NoAnswer));
    }

    #[test]
    fn what_was_cut_off_may_hold_the_name() {
        let cut = |mut message: Vec<u8>| {
            message[2] |= 2;
            message
        };
        assert_eq!(answer(&cut(answered(0, &[])), address()), Some(Said::NoAnswer));
        let said = cut(answered(0, &[(5, b"\x01x\0"), (PTR, b"\x01a\0")]));
        assert_eq!(answer(&said, address()), Some(Said::Name("a".to_owned())));
        assert_eq!(answer(&said[..said.len() - 1], address()), Some(Said::NoAnswer));
    }

    #[test]
    fn pointers_in_circles_and_names_too_long_end() {
        // A pointer to itself, one forwards, a label that is followed by itself, and five labels of the longest kind.
        let longest = [&[63][..], &[b'a'; 63]].concat();
        let long = [&longest.repeat(5)[..], &[0]].concat();
        for name in [&b"\xc0\x34"[..], b"\xc0\xff", b"\x01a\xc0\x34", &long] {
            assert_eq!(answer(&answered(0, &[(PTR, name)]), address()), None, "{name:?}");
        }
    }

    #[test]
    fn other_messages_are_no_answers() {
        let said = answered(0, &[(PTR, b"\x01a\0")]);
        assert_eq!(answer(&said, "192.0.2.8".parse().unwrap()), None, "another address");
        assert_eq!(answer(&question(7, address()), address()), None, "a question");
        let mut chaos = said.clone();
        let class = chaos.len() - 17;
        chaos[class] = 3;
        assert_eq!(answer(&chaos, address()), None, "of another class");
        for length in 0..said.len() {
            assert!(!matches!(answer(&said[..length], address()), Some(Said::Name(_))), "cut to {length} bytes");
        }
    }
}
