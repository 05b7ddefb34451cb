//! Numbers and addresses as ASCII, written in place without the formatting machinery: a plain row spends most of its time
//! here.
//!
//! What is written is a few bytes long and its length differs. So a fixed number of bytes is copied, a single
//! instruction, and as many count as are meant; the next ones are written over the rest.
#![expect(clippy::arithmetic_side_effects, reason = "a place is at most ROOM, which every slice of the paper checks")]

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use crate::model::Endpoint;

/// The most bytes that are written in one go: a plain row without its remarks has at most 230.
const ROOM: usize = 320;

/// Where text is put together.
type Paper = [u8; ROOM];

/// What writes on paper, from its start to its end.
pub(super) struct Pen<'p> {
    paper: &'p mut Paper,
    at: usize,
}

/// Appends what is written to `out`, in place: bytes just written one by one are slow to be copied.
#[inline]
pub(super) fn append(out: &mut Vec<u8>, write: impl FnOnce(&mut Pen<'_>)) {
    let start = out.len();
    out.resize(start + ROOM, 0);
    let Some(paper) = out.last_chunk_mut() else { return };
    let mut pen = Pen { paper, at: 0 };
    write(&mut pen);
    let end = start + pen.at;
    out.truncate(end);
}

/// What is written, as a string.
pub(super) fn written(write: impl FnOnce(&mut Pen<'_>)) -> String {
    let mut out = Vec::new();
    append(&mut out, write);
    String::from_utf8_lossy(&out).into_owned()
}

/// The three digits of every number below 1000, and a byte that does not count.
static GROUPS: [[u8; 4]; 1000] = {
    let mut groups = [[0; 4]; 1000];
    let mut number = 0;
    while number < groups.len() {
        groups[number] = [b'0' + (number / 100) as u8, b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8, 0];
        number += 1;
    }
    groups
};

/// The same numbers without zeros in front, and how many digits each has.
static LEADING: [[u8; 4]; 1000] = {
    let mut leading = [[0; 4]; 1000];
    let mut number = 0;
    while number < leading.len() {
        let [a, b, c, _] = GROUPS[number];
        leading[number] = match number {
            0..10 => [c, 0, 0, 1],
            10..100 => [b, c, 0, 2],
            _ => [a, b, c, 3],
        };
        number += 1;
    }
    leading
};

impl Pen<'_> {
    /// Writes some of the bytes.
    #[inline(always)]
    pub(super) fn put<const N: usize>(&mut self, bytes: [u8; N], count: usize) {
        self.paper[self.at..self.at + N].copy_from_slice(&bytes);
        self.at += count;
    }

    /// Writes text as it is.
    #[inline(always)]
    pub(super) fn text<const N: usize>(&mut self, text: &[u8; N]) {
        self.put(*text, N);
    }

    /// Writes text of any length; what finds no room is left out.
    #[inline]
    pub(super) fn bytes(&mut self, text: &[u8]) {
        let count = text.len().min(ROOM - self.at);
        self.paper[self.at..self.at + count].copy_from_slice(&text[..count]);
        self.at += count;
    }

    /// How many bytes are written.
    #[inline(always)]
    pub(super) const fn written(&self) -> usize {
        self.at
    }

    /// Writes a number in decimal.
    #[inline(always)]
    pub(super) fn number(&mut self, number: impl Into<u64>) {
        self.at = number_at(self.paper, self.at, number.into());
    }

    /// Writes the last three digits of a number, with zeros in front.
    #[inline(always)]
    fn group(&mut self, number: u32) {
        self.put(GROUPS[number as usize % 1000], 3);
    }

    /// Writes the six digits of a number of microseconds.
    #[inline(always)]
    pub(super) fn micros(&mut self, micros: u32) {
        self.group(micros / 1000);
        self.group(micros);
    }

    /// Writes the nine digits of a number of nanoseconds.
    #[inline(always)]
    pub(super) fn nanos(&mut self, nanos: u32) {
        self.micros(nanos / 1000);
        self.group(nanos);
    }

    /// Writes an address: `192.0.2.1`, `2001:db8::1` (RFC 5952).
    #[inline]
    pub(super) fn address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(address) => self.ipv4(address),
            // Which zeros to leave out is the standard library's to know.
            IpAddr::V6(address) => self.display(address),
        }
    }

    /// Writes an endpoint: `192.0.2.1:80`, `[2001:db8::1]:80`.
    #[inline]
    pub(super) fn endpoint(&mut self, endpoint: Endpoint) {
        match endpoint.addr {
            IpAddr::V4(address) => self.ipv4(address),
            IpAddr::V6(address) => self.display(format_args!("[{address}]")),
        }
        self.text(b":");
        self.number(endpoint.port);
    }

    #[inline(always)]
    fn ipv4(&mut self, address: Ipv4Addr) {
        for octet in address.octets() {
            let [a, b, c, count] = LEADING[usize::from(octet)];
            let text = u32::from_le_bytes([a, b, c, 0]) | u32::from(b'.') << (8 * count);
            self.put(text.to_le_bytes(), usize::from(count) + 1);
        }
        self.at -= 1;
    }

    /// Writes what the formatting machinery makes of a value; what finds no room is left out.
    #[cold]
    pub(super) fn display(&mut self, value: impl std::fmt::Display) {
        let mut rest = &mut self.paper[self.at..];
        let room = rest.len();
        let _ = write!(rest, "{value}");
        self.at += room - rest.len();
    }
}

/// Appends a number in decimal.
#[inline]
pub(super) fn push_number(number: u64, out: &mut Vec<u8>) {
    // At most twenty digits.
    let (mut digits, mut at, mut rest) = ([0; 24], 24, number);
    while rest >= 1000 {
        at -= 3;
        let [a, b, c, _] = GROUPS[(rest % 1000) as usize];
        digits[at..at + 3].copy_from_slice(&[a, b, c]);
        rest /= 1000;
    }
    let [a, b, c, count] = LEADING[rest as usize];
    let count = usize::from(count);
    digits[at - count..at].copy_from_slice(&[a, b, c][..count]);
    out.extend_from_slice(&digits[at - count..]);
}

/// Appends an address.
#[inline]
pub(super) fn push_address(address: IpAddr, out: &mut Vec<u8>) {
    let IpAddr::V4(v4) = address else { return append(out, |pen| pen.address(address)) };
    let (mut text, mut at) = ([0; 20], 0);
    for octet in v4.octets() {
        let [a, b, c, count] = LEADING[usize::from(octet)];
        let group = u32::from_le_bytes([a, b, c, 0]) | u32::from(b'.') << (8 * count);
        text[at..at + 4].copy_from_slice(&group.to_le_bytes());
        at += usize::from(count) + 1;
    }
    out.extend_from_slice(&text[..at - 1]);
}

/// Writes a number at a place and tells where it ends.
///
/// Place and end are values, not the pen's: that keeps the pen in registers.
fn number_at(paper: &mut Paper, at: usize, number: u64) -> usize {
    let mut pen = Pen { paper, at };
    let leading = |pen: &mut Pen<'_>, number: u64| {
        let digits = LEADING[number as usize];
        pen.put(digits, usize::from(digits[3]));
    };
    match number {
        0..1000 => leading(&mut pen, number),
        1000..1_000_000 => {
            leading(&mut pen, number / 1000);
            pen.group((number % 1000) as u32);
        }
        1_000_000..1_000_000_000 => {
            leading(&mut pen, number / 1_000_000);
            pen.micros((number % 1_000_000) as u32);
        }
        1_000_000_000..1_000_000_000_000 => {
            leading(&mut pen, number / 1_000_000_000);
            pen.nanos((number % 1_000_000_000) as u32);
        }
        _ => {
            pen.at = number_at(pen.paper, at, number / 1_000_000_000);
            pen.nanos((number % 1_000_000_000) as u32);
        }
    }
    pen.at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_standard_library() {
        let powers = |base: u64| (0..64).map_while(move |exponent| base.checked_pow(exponent));
        for number in powers(2).chain(powers(10)).flat_map(|it| [it - 1, it, it + 1]).chain([u64::MAX]) {
            assert_eq!(written(|pen| pen.number(number)), number.to_string());
            let mut pushed = Vec::new();
            push_number(number, &mut pushed);
            assert_eq!(pushed, number.to_string().into_bytes());
        }
        assert_eq!(written(|pen| pen.micros(42)), "000042");
        assert_eq!(written(|pen| pen.nanos(987_000_321)), "987000321");
    }

    #[test]
    fn endpoints_are_those_of_the_model() {
        for text in ["0.0.0.0:0", "10.200.99.255:65535", "[::1]:80", "[2001:db8::1:0:0:1]:443", "[::ffff:1.2.3.4]:1"] {
            let endpoint = Endpoint::from(text.parse::<std::net::SocketAddr>().unwrap());
            assert_eq!(written(|pen| pen.endpoint(endpoint)), text);
            let mut pushed = Vec::new();
            push_address(endpoint.addr, &mut pushed);
            assert_eq!(pushed, endpoint.addr.to_string().into_bytes());
            assert_eq!(endpoint.to_string(), text);
        }
    }

    #[test]
    fn what_finds_no_room_is_left_out() {
        assert_eq!(written(|pen| pen.display("x".repeat(2 * ROOM))), "x".repeat(ROOM));
    }
}
