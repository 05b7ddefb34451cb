//! One line of a header's field table: key, label, bits, meaning.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use crate::model::{Field, Value};

/// How a field's bits are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// As a decimal number.
    Decimal,
    /// As a hexadecimal number.
    Hex,
    /// As a set or clear bit.
    Flag,
    /// As an IEEE 802 address (6 bytes).
    Mac,
    /// As an IPv4 address (4 bytes).
    Ipv4,
    /// As an IPv6 address (16 bytes).
    Ipv6,
    /// As plain bytes.
    Bytes,
}

/// Says what a field's number means, where it means anything more than itself.
pub type Meaning = fn(u64) -> Option<Cow<'static, str>>;

/// A field of a header with a fixed place: the line of the table that the typed views of [`super::headers`], the field
/// tree of [`super::dissect`] and everything drawn from them read.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Wireshark's display-filter name.
    pub key: &'static str,
    /// The name its RFC gives it.
    pub label: &'static str,
    /// The first bit, counted from the header's start, most significant bit of the first byte = 0.
    pub bit: u16,
    /// How many bits.
    pub width: u16,
    /// How it is shown.
    pub show: Show,
    /// What one step of the raw number stands for: 4 for a length counted in 32-bit words.
    pub unit: u8,
    /// What the number means.
    pub meaning: Option<Meaning>,
    /// The parts it is made of; they tile it.
    pub children: &'static [Spec],
}

#[expect(clippy::arithmetic_side_effects, reason = "bits and widths of our own tables; at most 64 of them are read")]
impl Spec {
    /// A field of `width` bits from bit `bit` of the header, shown in decimal.
    #[must_use]
    pub const fn bits(key: &'static str, label: &'static str, bit: u16, width: u16) -> Self {
        Self { key, label, bit, width, show: Show::Decimal, unit: 1, meaning: None, children: &[] }
    }

    /// A field of whole bytes, shown in decimal; `byte` is below 8192, so that its bits can be counted.
    #[must_use]
    pub const fn bytes(key: &'static str, label: &'static str, byte: u16, count: u16) -> Self {
        Self::bits(key, label, byte * 8, count * 8)
    }

    /// A single bit.
    #[must_use]
    pub const fn flag(key: &'static str, label: &'static str, bit: u16) -> Self {
        Self::bits(key, label, bit, 1).shown(Show::Flag)
    }

    /// The same field shown otherwise.
    #[must_use]
    pub const fn shown(mut self, show: Show) -> Self {
        self.show = show;
        self
    }

    /// The same field in steps of `unit`.
    #[must_use]
    pub const fn in_units_of(mut self, unit: u8) -> Self {
        self.unit = unit;
        self
    }

    /// The same field with words for its numbers.
    #[must_use]
    pub const fn meaning(mut self, meaning: Meaning) -> Self {
        self.meaning = Some(meaning);
        self
    }

    /// The same field made of parts.
    #[must_use]
    pub const fn with(mut self, children: &'static [Spec]) -> Self {
        self.children = children;
        self
    }

    /// The bytes it touches, counted from the header's start.
    #[must_use]
    #[inline]
    pub const fn byte_range(&self) -> Range<usize> {
        let first = self.bit as usize / 8;
        let last = (self.bit as usize + self.width as usize).div_ceil(8);
        first..last
    }

    /// The number in its bits (of at most 64), in the field's unit; `None` where the header is cut before its end.
    #[must_use]
    #[inline(always)]
    pub fn read(&self, header: &[u8]) -> Option<u64> {
        let bytes = header.get(self.byte_range())?;
        let mut number = 0_u64;
        for byte in bytes {
            number = number << 8 | u64::from(*byte);
        }
        let after = bytes.len() * 8 - (self.bit as usize % 8) - self.width as usize;
        let number = number >> after;
        let number = if self.width >= 64 { number } else { number & ((1 << self.width) - 1) };
        Some(number * u64::from(self.unit))
    }

    /// Puts a number (in the field's unit) into its bits; a header cut before the field's end stays as it is.
    pub fn write(&self, header: &mut [u8], number: u64) {
        let Some(bytes) = header.get_mut(self.byte_range()).filter(|_| self.width <= 64) else { return };
        let mask = self.mask().unwrap_or(u64::MAX);
        let placed = (number / u64::from(self.unit)) << mask.trailing_zeros();
        for (index, byte) in bytes.iter_mut().rev().enumerate() {
            let (mask, placed) = ((mask >> (index * 8)) as u8, (placed >> (index * 8)) as u8);
            *byte = *byte & !mask | placed & mask;
        }
    }

    /// The mask of its bits within [`Spec::byte_range`], where they do not fill it.
    #[must_use]
    pub fn mask(&self) -> Option<u64> {
        let bits = self.byte_range().len() * 8;
        if self.width as usize == bits {
            return None;
        }
        let after = bits - (self.bit as usize % 8) - self.width as usize;
        Some(((1_u64 << self.width) - 1) << after)
    }

    /// What its bits say; `None` where the header is cut before the field's end.
    #[must_use]
    pub fn value(&self, header: &[u8]) -> Option<Value> {
        let bytes = header.get(self.byte_range())?;
        let number = if self.width <= 64 { self.read(header) } else { None };
        Some(match (self.show, number) {
            (Show::Mac, _) => Value::Mac(bytes.try_into().ok()?),
            (Show::Ipv4, _) => Value::Ipv4(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
            (Show::Ipv6, _) => Value::Ipv6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)),
            (Show::Bytes, _) | (_, None) => Value::Bytes,
            (Show::Decimal, Some(number)) => Value::Decimal(number),
            (Show::Hex, Some(number)) => Value::Hex(number, self.width as u8),
            (Show::Flag, Some(number)) => Value::Flag(number != 0),
        })
    }

    /// The field with its value, children and meaning, for a header that starts at byte `start` of the frame; `None`
    /// where the header is cut before the field's end.
    #[must_use]
    pub fn field(&self, header: &[u8], start: usize) -> Option<Field> {
        let value = self.value(header)?;
        let number = if self.width <= 64 { self.read(header) } else { None };
        Some(Field {
            key: self.key,
            label: Cow::Borrowed(self.label),
            range: Some(placed(start, self.byte_range())),
            mask: self.mask(),
            value,
            meaning: number.and_then(|number| self.meaning.and_then(|meaning| meaning(number))),
            malformed: false,
            children: self.children.iter().filter_map(|child| child.field(header, start)).collect(),
        })
    }
}

/// The `len` bytes from byte `at` on.
#[inline]
pub(super) const fn stretch(at: usize, len: usize) -> Range<usize> {
    at..at.saturating_add(len)
}

/// Where bytes of something lie in the frame, whose first byte is the frame's byte `start`.
#[inline]
pub(super) const fn placed(start: usize, bytes: Range<usize>) -> Range<usize> {
    start.saturating_add(bytes.start)..start.saturating_add(bytes.end)
}

/// A meaning that is always there, from a table of constants.
pub(super) fn named(name: &'static str) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(name))
}

/// Every field of a table that the header has the bytes for, in wire order; of the one that a cut goes through, its parts.
pub(super) fn fields(table: &[Spec], header: &[u8], start: usize) -> Vec<Field> {
    let mut fields = Vec::with_capacity(table.len());
    for spec in table {
        let Some(field) = spec.field(header, start) else {
            fields.extend(spec.children.iter().map_while(|part| part.field(header, start)));
            break;
        };
        fields.push(field);
    }
    fields
}

/// How many bytes of the header a table covers.
pub(super) const fn len(table: &[Spec]) -> usize {
    match table.last() {
        Some(last) => last.byte_range().end,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_across_a_byte_border_are_read_and_masked() {
        let spec = Spec::bits("x", "x", 4, 12);
        assert_eq!(spec.read(&[0xab, 0xcd]), Some(0xbcd));
        assert_eq!(spec.mask(), Some(0x0fff));
        assert_eq!(spec.byte_range(), 0..2);
        assert_eq!(spec.read(&[0xab]), None);
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_changes() {
        let spec = Spec::bits("x", "x", 4, 12);
        let mut header = [0xab, 0xcd, 0xef];
        spec.write(&mut header, 0x123);
        assert_eq!(header, [0xa1, 0x23, 0xef]);
        let whole = Spec::bytes("x", "x", 0, 8);
        let mut header = [0xff; 8];
        whole.write(&mut header, 0x0102_0304_0506_0708);
        assert_eq!(whole.read(&header), Some(0x0102_0304_0506_0708));
    }

    #[test]
    fn a_unit_scales_the_number_but_not_the_mask() {
        let words = Spec::bits("tcp.hdr_len", "Data offset", 96, 4).in_units_of(4);
        let mut header = [0_u8; 20];
        header[12] = 0x80;
        assert_eq!(words.read(&header), Some(32));
        assert_eq!(words.mask(), Some(0xf0));
    }
}
