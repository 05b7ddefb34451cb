//! The fields of one header as rows of range, raw bytes, key, label and value.
//!
//! Where there is little room, what the key already says goes first (the label), then what the hex dump shows (the raw
//! bytes), then the range; values are never cut but wrapped.

use std::io::{self, Write};

use super::style::{Style, View};
use super::text;
use super::value::{half_open, hex_number, separated_hex};
use crate::decode::LayerFields;
use crate::model::{Field, Value};

/// Raw bytes shown beside a field.
const FIELD_BYTES: usize = 6;

/// The most lines of one value: who wants all of a longer one takes `--field`.
const VALUE_LINES: usize = 4;

/// How much of a value and its meaning should stand in one line before another column is shown.
const LEAST_VALUE: usize = 16;

/// Spaces between two columns, and before the first.
const GAP: usize = 2;

/// How much further than its key a value stands that has no room beside it.
const UNDER: usize = 4;

/// Writes the fields of one header, or a payload, under its heading.
pub(super) fn write_fields(layer: &LayerFields, bytes: &[u8], view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let style = view.style;
    let dot = style.glyph("·", "-");
    let spelling = style.spelling();
    let quoted = if layer.quoted { format!(" {}", spelling.opened_words().quoted) } else { String::new() };
    let heading =
        format!("{} {dot} {}{quoted}  {}", spelling.layer(layer.layer), layer.protocol.name(), half_open(&layer.range));
    writeln!(out, "{}", style.layer(layer.layer, &heading))?;
    let mut rows = Vec::new();
    for field in &layer.fields {
        collect_rows(field, 0, bytes, style, &mut rows);
    }
    if rows.is_empty() {
        rows.push(preview(layer, bytes, view));
    }
    let columns = Columns::choose(&rows, style);
    rows.iter().try_for_each(|row| columns.write(row, style, out))
}

/// A payload that nobody takes apart: its beginning.
fn preview(layer: &LayerFields, bytes: &[u8], view: &View<'_>) -> FieldRow {
    let content = bytes.get(layer.range.clone()).unwrap_or_default();
    FieldRow {
        range: half_open(&layer.range),
        raw: raw_bytes(content, view.style),
        key: layer.protocol.key().to_owned(),
        label: layer.protocol.name().to_owned(),
        value: format!("\"{}\"", text::sanitise(&view.read_text.read(content))),
        essential: 0,
        is_preview: true,
    }
}

struct FieldRow {
    range: String,
    raw: String,
    key: String,
    label: String,
    /// The value and its meaning.
    value: String,
    /// How wide the value is without its meaning.
    essential: usize,
    /// Whether one line of the value is enough.
    is_preview: bool,
}

/// The widths of the columns before the value; 0 for one that is left out.
struct Columns {
    range: usize,
    raw: usize,
    key: usize,
    label: usize,
    /// Where the value begins; `None` where it follows its key, or stands under it.
    value: Option<usize>,
}

impl Columns {
    /// As many columns as leave room for the values.
    fn choose(rows: &[FieldRow], style: Style) -> Self {
        let widest = |cell: fn(&FieldRow) -> usize| rows.iter().map(cell).max().unwrap_or(0);
        let range = widest(|row| row.range.len());
        let raw = widest(|row| text::width(&row.raw));
        let key = widest(|row| text::width(&row.key));
        let label = widest(|row| text::width(&row.label));
        let value = widest(|row| text::width(&row.value));
        let enough = widest(|row| row.essential).max(value.min(LEAST_VALUE));
        for (range, raw, label, needed) in
            [(range, raw, label, value), (range, raw, 0, enough), (range, 0, 0, enough), (0, 0, 0, enough)]
        {
            let columns = [range, raw, key, label];
            let shown = columns.into_iter().filter(|width| *width > 0);
            let start = shown.fold(GAP, |start, width| start.saturating_add(width).saturating_add(GAP));
            if start.saturating_add(needed) <= style.width {
                return Self { range, raw, key, label, value: Some(start) };
            }
        }
        Self { range: 0, raw: 0, key: 0, label: 0, value: None }
    }

    fn write(&self, row: &FieldRow, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let mut line = String::new();
        let cells = [(&row.range, self.range), (&row.raw, self.raw), (&row.key, self.key), (&row.label, self.label)];
        for (cell, width) in cells.into_iter().filter(|(_, width)| *width > 0) {
            line.push_str("  ");
            line.push_str(&text::pad(cell, width, ""));
        }
        let start = match self.value {
            Some(start) => {
                line.push_str("  ");
                start
            }
            None => {
                line.push_str(&format!("  {}  ", row.key));
                if text::width(&row.value) > style.width.saturating_sub(text::width(&line)) {
                    writeln!(out, "{}", line.trim_end())?;
                    let indent = row.key.len().saturating_sub(row.key.trim_start().len());
                    line = " ".repeat(indent.saturating_add(const { GAP + UNDER }));
                }
                text::width(&line)
            }
        };
        let room = style.width.saturating_sub(start);
        if row.is_preview {
            return writeln!(out, "{line}{}", text::fit(&row.value, room, style.ellipsis()));
        }
        let mut lines = text::wrap_hard(&row.value, room);
        if lines.len() > VALUE_LINES {
            let rest = lines.split_off(VALUE_LINES - 1).concat();
            lines.push(text::fit(&rest, room, style.ellipsis()));
        }
        writeln!(out, "{}", format!("{line}{}", lines.first().map_or("", String::as_str)).trim_end())?;
        lines.iter().skip(1).try_for_each(|line| writeln!(out, "{:start$}{}", "", line.trim_end()))
    }
}

fn collect_rows(field: &Field, depth: usize, bytes: &[u8], style: Style, rows: &mut Vec<FieldRow>) {
    let content = field.range.clone().and_then(|range| bytes.get(range)).unwrap_or_default();
    let raw = match field.mask {
        Some(mask) => bits(content, mask),
        None => raw_bytes(content, style),
    };
    let indent = "  ".repeat(depth);
    let meaning = field.meaning.as_deref().map(text::sanitise);
    let value = value(&field.value, content, style);
    rows.push(FieldRow {
        range: field.range.as_ref().map_or_else(|| style.spelling().opened_words().derived.to_owned(), half_open),
        raw,
        key: format!("{indent}{}", field.key),
        label: field.label.to_string(),
        essential: text::width(&value),
        value: match (value.is_empty(), meaning) {
            (true, meaning) => meaning.unwrap_or_default(),
            (false, Some(meaning)) => format!("{value}  {meaning}"),
            (false, None) => value,
        },
        is_preview: false,
    });
    for child in &field.children {
        collect_rows(child, depth.saturating_add(1), bytes, style, rows);
    }
}

fn value(value: &Value, content: &[u8], style: Style) -> String {
    match value {
        Value::Decimal(number) => number.to_string(),
        Value::Hex(number, bits) => hex_number(*number, *bits),
        Value::Flag(set) => style.spelling().opened_words().bit[usize::from(*set)].to_owned(),
        Value::Mac(address) => separated_hex(address, ":"),
        Value::Ipv4(address) => address.to_string(),
        Value::Ipv6(address) => address.to_string(),
        Value::Text(said) => format!("\"{}\"", text::sanitise(said)),
        Value::Bytes if content.len() > FIELD_BYTES => style.spelling().bytes(content.len()).to_string(),
        Value::Bytes => raw_bytes(content, style),
        Value::Group => String::new(),
    }
}

fn raw_bytes(content: &[u8], style: Style) -> String {
    let mut raw = separated_hex(content.get(..FIELD_BYTES).unwrap_or(content), " ");
    if content.len() > FIELD_BYTES {
        raw.push_str(style.ellipsis());
    }
    raw
}

/// The masked bits in their places, dots for the others: `.... ..1.`.
fn bits(content: &[u8], mask: u64) -> String {
    let count = content.len().saturating_mul(8);
    let number = content.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let mut drawn = String::new();
    for bit in (0..count).rev() {
        drawn.push(match (mask >> bit & 1, number >> bit & 1) {
            (0, _) => '.',
            (_, 0) => '0',
            _ => '1',
        });
        if bit % 4 == 0 && bit > 0 {
            drawn.push(' ');
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_bits_stand_in_their_places() {
        for (content, mask, drawn) in [
            (&[0b0000_0010_u8][..], 0b0000_0010, ".... ..1."),
            (&[0b1111_1101], 0b0000_0010, ".... ..0."),
            (&[0x45], 0xf0, "0100 ...."),
            (&[0x45], 0x0f, ".... 0101"),
            (&[0x80, 0x01], 0x8001, "1... .... .... ...1"),
            (&[0x50, 0x12], 0x0fff, ".... 0000 0001 0010"),
            (&[], 1, ""),
        ] {
            assert_eq!(bits(content, mask), drawn, "{content:?} {mask:#x}");
        }
    }
}
