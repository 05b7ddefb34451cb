//! A field's value as programs want it: nothing around it, nothing left out.

use std::ops::Range;

use super::pen::append;
use super::text::push_sanitised;
use crate::model::{Field, Value};

/// A field's value: numbers in decimal or with `0x`, bits as 1 and 0, addresses in their own spelling, bytes in
/// hexadecimal, text made safe to print. `bytes` are those of the frame.
#[must_use]
pub fn raw_value(field: &Field, bytes: &[u8]) -> String {
    let own = field.range.clone().and_then(|range| bytes.get(range)).unwrap_or_default();
    text_of(|out| push_raw(&field.value, own, out))
}

/// Appends a field's value as [`raw_value`] has it; `bytes` are its own.
pub(super) fn push_raw(value: &Value, bytes: &[u8], out: &mut Vec<u8>) {
    match value {
        Value::Decimal(number) => append(out, |pen| pen.number(*number)),
        Value::Hex(number, bits) => push_hex_number(*number, *bits, out),
        Value::Flag(set) => out.push(if *set { b'1' } else { b'0' }),
        Value::Mac(address) => push_hex(address, b":", out),
        Value::Ipv4(address) => append(out, |pen| pen.address((*address).into())),
        Value::Ipv6(address) => append(out, |pen| pen.address((*address).into())),
        Value::Text(said) => push_sanitised(said, out),
        Value::Bytes | Value::Group => push_hex(bytes, b"", out),
    }
}

/// The digits of every byte.
static DIGITS: [[u8; 2]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < digits.len() {
        digits[byte] = [DIGITS[byte >> 4], DIGITS[byte & 0xf]];
        byte += 1;
    }
    digits
};

/// Appends a number as [`hex_number`] has it.
pub(super) fn push_hex_number(number: u64, bits: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(b"0x");
    let needed =
        usize::from(bits).div_ceil(4).max(u64::BITS.saturating_sub(number.leading_zeros()).div_ceil(4) as usize);
    let digits = number.to_be_bytes().map(|byte| DIGITS[usize::from(byte)]);
    let digits = digits.as_flattened();
    out.extend_from_slice(&digits[digits.len().saturating_sub(needed.max(1))..]);
}

/// Appends bytes in hexadecimal with something between them.
pub(super) fn push_hex(bytes: &[u8], separator: &[u8], out: &mut Vec<u8>) {
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(separator);
        }
        out.extend_from_slice(&DIGITS[usize::from(*byte)]);
    }
}

/// A number with as many hexadecimal digits as its bits need: `0x0800`.
pub(super) fn hex_number(number: u64, bits: u8) -> String {
    text_of(|out| push_hex_number(number, bits, out))
}

/// Bytes in hexadecimal as text: `02005e100001`.
pub(super) fn hex(bytes: &[u8]) -> String {
    separated_hex(bytes, "")
}

/// The same with something between them, as in an IEEE 802 address: `02:00:5e:10:00:01`.
pub(super) fn separated_hex(bytes: &[u8], separator: &str) -> String {
    text_of(|out| push_hex(bytes, separator.as_bytes(), out))
}

fn text_of(push: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut text = Vec::new();
    push(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// A range of bytes, from the first up to, not including, the last: `34..66`.
pub(super) fn half_open(range: &Range<usize>) -> String {
    format!("{}..{}", range.start, range.end)
}
