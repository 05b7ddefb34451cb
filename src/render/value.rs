//! A field's value as programs want it: nothing around it, nothing left out.

use std::ops::Range;

use crate::model::{Field, Value};

/// A field's value: numbers in decimal or with `0x`, bits as 1 and 0, addresses in their own spelling, bytes in
/// hexadecimal, text made safe to print. `bytes` are those of the frame.
#[must_use]
pub fn raw_value(field: &Field, bytes: &[u8]) -> String {
    match &field.value {
        Value::Decimal(number) => number.to_string(),
        Value::Hex(number, bits) => hex_number(*number, *bits),
        Value::Flag(set) => u8::from(*set).to_string(),
        Value::Mac(address) => separated_hex(address, ":"),
        Value::Ipv4(address) => address.to_string(),
        Value::Ipv6(address) => address.to_string(),
        Value::Text(said) => super::text::sanitise(said),
        Value::Bytes | Value::Group => hex(field.range.clone().and_then(|range| bytes.get(range)).unwrap_or_default()),
    }
}

/// A number with as many hexadecimal digits as its bits need: `0x0800`.
pub(super) fn hex_number(number: u64, bits: u8) -> String {
    format!("0x{number:0width$x}", width = usize::from(bits).div_ceil(4))
}

/// Bytes in hexadecimal: `02005e100001`.
pub(super) fn hex(bytes: &[u8]) -> String {
    separated_hex(bytes, "")
}

/// Bytes in hexadecimal with something between them, as in an IEEE 802 address: `02:00:5e:10:00:01`.
pub(super) fn separated_hex(bytes: &[u8], separator: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(separator.len().saturating_add(2).saturating_mul(bytes.len()));
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            text.push_str(separator);
        }
        text.extend([byte >> 4, byte & 0xf].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
    text
}

/// A range of bytes, from the first up to, not including, the last: `34..66`.
pub(super) fn half_open(range: &Range<usize>) -> String {
    format!("{}..{}", range.start, range.end)
}
