//! One packet opened to its bytes: the four layers, every field with its range, and the coloured hex.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;

use super::PacketWriter;
use super::columns::Row;
use super::plain::PlainRows;
use super::style::{Style, View};
use super::text;
use super::value::{hex_number, mac};
use crate::decode::{Dissection, LayerFields, Packet, Protocol, dissect};
use crate::model::{Field, Frame, Layer, Value};

/// Bytes in a line of the hex dump.
const HEX_LINE: usize = 16;

/// Raw bytes shown beside a field.
const FIELD_BYTES: usize = 6;

/// Writes the four layers of a packet, its fields and its bytes.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_packet_bytes(
    frame: &Frame<'_>,
    packet: &Packet<'_>,
    dissection: &Dissection,
    view: &View<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = view.style;
    let cut = if frame.is_cut() { format!(" of {} on the wire", frame.wire_len) } else { String::new() };
    let title = format!("Packet {} opened: {} bytes{cut}", frame.number, frame.bytes.len());
    writeln!(out, "{}\n", style.bold(&title))?;
    write_layers(packet, view, out)?;
    for layer in &dissection.layers {
        writeln!(out)?;
        write_fields(layer, frame.bytes, view, out)?;
    }
    for problem in &dissection.problems {
        writeln!(out, "\n{}", style.alarm(&text::sanitise(&problem.to_string())))?;
    }
    writeln!(out)?;
    write_hex(frame.bytes, dissection, style, out)
}

/// Writes the fields of the headers (or the payload) of one layer of a packet.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_layer(
    frame: &Frame<'_>,
    dissection: &Dissection,
    layer: Layer,
    view: &View<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for fields in dissection.layers.iter().filter(|fields| fields.layer == layer) {
        write_fields(fields, frame.bytes, view, out)?;
    }
    Ok(())
}

/// Plain rows, each with its packet's field tree or bytes under it.
pub struct Details<'v> {
    /// The row.
    pub rows: PlainRows,
    /// Whether its fields follow.
    pub fields: bool,
    /// Whether its bytes follow.
    pub hex: bool,
    /// How both look.
    pub view: View<'v>,
}

impl PacketWriter for Details<'_> {
    fn write(&mut self, row: &Row<'_>, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{} ", row.frame.number)?;
        self.rows.write(row, out)?;
        let dissection = dissect(&row.frame);
        if self.fields {
            for layer in &dissection.layers {
                write_fields(layer, row.frame.bytes, &self.view, out)?;
            }
        }
        if self.hex {
            write_hex(row.frame.bytes, &dissection, self.view.style, out)?;
        }
        writeln!(out)
    }
}

/// The four layers as a stack, the application on top, the socket interface where it lies.
fn write_layers(packet: &Packet<'_>, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let style = view.style;
    for layer in Layer::ALL.into_iter().rev() {
        let line = match packet.layer(layer) {
            Some(range) => format!(
                "{:<12}{:>6} B  {:<12} {}",
                layer.name(),
                range.len(),
                half_open(&range),
                summary(packet, layer, view)
            ),
            None => format!("{:<12}{:>6}", layer.name(), style.missing()),
        };
        let line = text::fit(line.trim_end(), style.width, style.ellipsis());
        writeln!(out, "{}", style.layer(layer, &line))?;
        if layer == Layer::Application {
            let rule = style.line().repeat(13);
            let line = format!("{:12}{rule} socket interface {rule}", "");
            writeln!(out, "{}", style.dim(&text::fit(&line, style.width, "")))?;
        }
    }
    Ok(())
}

/// What a layer says, in a few words.
fn summary(packet: &Packet<'_>, layer: Layer, view: &View<'_>) -> String {
    let to = view.style.to();
    let protocols: Vec<&str> = packet
        .spans
        .iter()
        .filter(|span| span.protocol.layer() == layer && !span.quoted && span.protocol != Protocol::Trailer)
        .map(|span| span.protocol.name())
        .collect();
    let names = protocols.join(", ");
    match layer {
        Layer::Application => {
            let payload = packet.payload();
            let beginning = payload.get(..256).unwrap_or(payload);
            format!("\"{}\"", text::sanitise(&(view.read_text)(beginning)))
        }
        Layer::Transport => {
            let ports = packet
                .endpoints()
                .map(|(_, source, destination)| format!(" {} {to} {}", source.port, destination.port));
            let flags = packet.tcp().map(|tcp| format!("  {}", tcp.flags()));
            format!("{names}{}{}", ports.unwrap_or_default(), flags.unwrap_or_default())
        }
        Layer::Internet => match packet.ip().and_then(|ip| Some((ip.source()?, ip.destination()?))) {
            Some((source, destination)) => format!("{names} {source} {to} {destination}"),
            None => names,
        },
        Layer::Link => names,
    }
}

/// The fields of one header as rows of range, raw bytes, key, label, value and meaning.
fn write_fields(layer: &LayerFields, bytes: &[u8], view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let style = view.style;
    let dot = style.glyph("·", "-");
    let quoted = if layer.quoted { " (quoted)" } else { "" };
    let heading =
        format!("{} {dot} {}{quoted}  {}", layer.layer.name(), layer.protocol.name(), half_open(&layer.range));
    writeln!(out, "{}", style.layer(layer.layer, &heading))?;
    let mut rows = Vec::new();
    for field in &layer.fields {
        collect_rows(field, 0, bytes, style, &mut rows);
    }
    if rows.is_empty() {
        let content = bytes.get(layer.range.clone()).unwrap_or_default();
        rows.push(FieldRow {
            range: half_open(&layer.range),
            raw: raw_bytes(content, style),
            key: layer.protocol.key().to_owned(),
            label: layer.protocol.name().to_owned(),
            value: format!("\"{}\"", text::sanitise(&(view.read_text)(content))),
        });
    }
    let widest = |cell: fn(&FieldRow) -> &str| rows.iter().map(|row| text::width(cell(row))).max().unwrap_or(0);
    let (range, raw) = (widest(|row| &row.range), widest(|row| &row.raw));
    let (key, label, value) = (widest(|row| &row.key), widest(|row| &row.label), widest(|row| &row.value));
    // Where there is no room for everything, the name that the key already says goes first.
    let needed = 2 + range + 2 + raw + 2 + key + 2 + label + 2 + value;
    let label = if needed <= style.width { label } else { 0 };
    for row in &rows {
        let mut line = format!("  {}", text::pad(&row.range, range, ""));
        for (cell, width) in [(&row.raw, raw), (&row.key, key), (&row.label, label)] {
            if width > 0 {
                line.push_str("  ");
                line.push_str(&text::pad(cell, width, ""));
            }
        }
        line.push_str("  ");
        line.push_str(&row.value);
        writeln!(out, "{}", text::fit(line.trim_end(), style.width, style.ellipsis()))?;
    }
    Ok(())
}

struct FieldRow {
    range: String,
    raw: String,
    key: String,
    label: String,
    value: String,
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
        range: field.range.as_ref().map_or_else(|| "derived".to_owned(), half_open),
        raw,
        key: format!("{indent}{}", field.key),
        label: field.label.to_string(),
        value: match (value.is_empty(), meaning) {
            (true, meaning) => meaning.unwrap_or_default(),
            (false, Some(meaning)) => format!("{value}  {meaning}"),
            (false, None) => value,
        },
    });
    for child in &field.children {
        collect_rows(child, depth + 1, bytes, style, rows);
    }
}

fn value(value: &Value, content: &[u8], style: Style) -> String {
    match value {
        Value::Decimal(number) => number.to_string(),
        Value::Hex(number, bits) => hex_number(*number, *bits),
        Value::Flag(set) => if *set { "set" } else { "not set" }.to_owned(),
        Value::Mac(address) => mac(address),
        Value::Ipv4(address) => address.to_string(),
        Value::Ipv6(address) => address.to_string(),
        Value::Text(said) => format!("\"{}\"", text::sanitise(said)),
        Value::Bytes if content.len() > FIELD_BYTES => format!("{} bytes", content.len()),
        Value::Bytes => raw_bytes(content, style),
        Value::Group => String::new(),
    }
}

fn raw_bytes(content: &[u8], style: Style) -> String {
    let mut raw = content.iter().take(FIELD_BYTES).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    if content.len() > FIELD_BYTES {
        raw.push_str(style.ellipsis());
    }
    raw
}

/// The masked bits in their places, dots for the others: `.... ..1.`.
fn bits(content: &[u8], mask: u64) -> String {
    let count = content.len() * 8;
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

fn half_open(range: &Range<usize>) -> String {
    format!("[{}..{})", range.start, range.end)
}

/// The hex dump: a bar where the layer changes, each byte in its layer's colour, the layers named beside the line.
fn write_hex(bytes: &[u8], dissection: &Dissection, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let owner = |at: usize| dissection.layers.iter().rev().find(|layer| layer.range.contains(&at)).map(|it| it.layer);
    for (line, chunk) in bytes.chunks(HEX_LINE).enumerate() {
        let start = line * HEX_LINE;
        let (mut hex, mut ascii, mut names) = (String::new(), String::new(), Vec::new());
        for slot in 0..HEX_LINE {
            let (at, byte) = (start + slot, chunk.get(slot));
            let layer = byte.and_then(|_| owner(at));
            let separator = if slot > 0 && byte.is_some() && layer != owner(at - 1) { '|' } else { ' ' };
            hex.push(separator);
            if slot == HEX_LINE / 2 {
                hex.push(' ');
            }
            let Some(byte) = byte else {
                hex.push_str("  ");
                continue;
            };
            let (mut two, mut one) = (String::new(), String::new());
            let _ = write!(two, "{byte:02x}");
            one.push(if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' });
            let paint =
                |said: &str| layer.map_or_else(|| said.to_owned(), |layer| style.layer(layer, said).into_owned());
            hex.push_str(&paint(&two));
            ascii.push_str(&paint(&one));
            if let Some(layer) = layer.filter(|layer| names.last() != Some(layer)) {
                names.push(layer);
            }
        }
        let named = names.iter().map(|layer| style.layer(*layer, layer.name())).collect::<Vec<_>>().join("|");
        let fill = " ".repeat(HEX_LINE - chunk.len());
        if style.width >= 96 {
            writeln!(out, "{start:04x} {hex}  {ascii}{fill}  {named}")?;
        } else if style.width >= 72 {
            writeln!(out, "{start:04x} {hex}  {ascii}")?;
        } else {
            writeln!(out, "{start:04x} {hex}")?;
        }
    }
    Ok(())
}
