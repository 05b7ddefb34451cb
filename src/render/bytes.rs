//! One packet opened to its bytes: the four layers, every field with its range, and the coloured hex.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::PacketWriter;
use super::fields::write_fields;
use super::plain::PlainRows;
use super::row::Row;
use super::style::{Style, View};
use super::text;
use super::value::half_open;
use crate::decode::{Dissection, Packet, Protocol, dissect_as};
use crate::model::{Frame, Layer};

/// Bytes in a line of the hex dump, and where there is little room.
const HEX_LINE: usize = 16;
const SHORT_HEX_LINE: usize = 8;

/// From how many columns on a line of hex has 16 bytes, their text beside them, and the layers' names.
const ROOM_FOR_LINE: usize = 54;
const ROOM_FOR_TEXT: usize = 72;
const ROOM_FOR_NAMES: usize = 96;

/// How much of a payload must be seen beside its length and range for it to stand there.
const LEAST_SUMMARY: usize = 16;

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
    let (len, wire_len) = (frame.bytes.len(), frame.is_cut().then_some(frame.wire_len));
    let title = style.spelling().opened_title(frame.number, len, wire_len, &half_open(&(0..len)));
    writeln!(out, "{}\n", style.bold(&title))?;
    write_layers(packet, view, out)?;
    for layer in &dissection.layers {
        writeln!(out)?;
        write_fields(layer, frame.bytes, view, out)?;
    }
    for problem in &dissection.problems {
        writeln!(out)?;
        for line in text::wrap(&text::sanitise(&style.spelling().problem(problem).to_string()), style.width) {
            writeln!(out, "{}", style.alarm(&line))?;
        }
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
    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        write!(out, "{} ", row.frame.number)?;
        self.rows.write(row, out)?;
        let dissection = dissect_as(&row.frame, row.seen.and_then(|seen| seen.announced));
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
    let ranges = Layer::ALL.map(|layer| packet.layer(layer));
    let widest = ranges.iter().flatten().map(|range| half_open(range).len()).max().unwrap_or(0);
    for (layer, range) in Layer::ALL.into_iter().zip(ranges).rev() {
        let Some(range) = range else {
            let line = format!("{:<12}{:>6}", style.spelling().layer(layer), style.missing());
            writeln!(out, "{}", style.layer(layer, line.trim_end()))?;
            write_socket_interface(layer, style, out)?;
            continue;
        };
        let line =
            format!("{:<12}{:>6} B  {:<widest$}  ", style.spelling().layer(layer), range.len(), half_open(&range));
        let said = summary(packet, layer, view);
        let room = style.width.saturating_sub(line.len());
        // A payload is shown as far as there is room; what a header says is shown in full.
        if text::width(&said) <= room || layer == Layer::Application && room >= LEAST_SUMMARY {
            let line = format!("{line}{}", text::fit(&said, room, style.ellipsis()));
            writeln!(out, "{}", style.layer(layer, line.trim_end()))?;
        } else {
            writeln!(out, "{}", style.layer(layer, line.trim_end()))?;
            let lines = text::wrap_hard(&said, style.width.saturating_sub(2));
            for line in lines.iter().take(if layer == Layer::Application { 1 } else { lines.len() }) {
                writeln!(out, "{}", style.layer(layer, &format!("  {line}")))?;
            }
        }
        write_socket_interface(layer, style, out)?;
    }
    Ok(())
}

/// The border between the application and the transport, under the application.
fn write_socket_interface(layer: Layer, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let name = format!(" {} ", style.spelling().opened_words().socket_interface);
    const INDENT: usize = 12;
    if layer != Layer::Application {
        return Ok(());
    }
    let rule =
        style.line().repeat((style.width.saturating_sub(INDENT.saturating_add(text::width(&name))) / 2).clamp(1, 13));
    writeln!(out, "{}", style.dim(&format!("{:INDENT$}{rule}{name}{rule}", "")))
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
            format!("\"{}\"", text::sanitise(&view.read_text.read(beginning)))
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

/// The hex dump: a bar where the layer changes, each byte in its layer's colour, the layers named beside the line. Lines
/// that say the same as the one before are a `*`, as in hexdump(1); the last is always there.
fn write_hex(bytes: &[u8], dissection: &Dissection, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let owner = |at: usize| dissection.layers.iter().rev().find(|layer| layer.range.contains(&at)).map(|it| it.layer);
    let len = if style.width < ROOM_FOR_LINE { SHORT_HEX_LINE } else { HEX_LINE };
    let is_repeated = |start: usize, chunk: &[u8]| {
        let end = start.saturating_add(len);
        let before = start.checked_sub(len).filter(|_| end < bytes.len());
        before.is_some_and(|before| {
            bytes.get(before..start) == Some(chunk) && owner(before) == owner(end.saturating_sub(1))
        })
    };
    let mut is_folded = false;
    for (start, chunk) in (0..bytes.len()).step_by(len).zip(bytes.chunks(len)) {
        if is_repeated(start, chunk) {
            if !std::mem::replace(&mut is_folded, true) {
                writeln!(out, "*")?;
            }
            continue;
        }
        is_folded = false;
        let (mut hex, mut ascii, mut names) = (String::new(), String::new(), Vec::new());
        let mut before = None;
        for (slot, at) in (0..len).zip(start..) {
            let byte = chunk.get(slot);
            let layer = byte.and_then(|_| owner(at));
            let changes = std::mem::replace(&mut before, layer) != layer;
            hex.push(if slot > 0 && byte.is_some() && changes { '|' } else { ' ' });
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
        let room_for_names = names
            .iter()
            .map(|layer| text::width(style.spelling().layer(*layer)))
            .fold(ROOM_FOR_TEXT, |room, name| room.saturating_add(1).saturating_add(name));
        let room_for_names = room_for_names.saturating_add(1);
        let named =
            names.iter().map(|layer| style.layer(*layer, style.spelling().layer(*layer))).collect::<Vec<_>>().join("|");
        let fill = " ".repeat(len.saturating_sub(chunk.len()));
        let line = match style.width {
            ROOM_FOR_NAMES.. if style.width >= room_for_names => format!("{start:04x} {hex}  {ascii}{fill}  {named}"),
            ROOM_FOR_TEXT.. | ..ROOM_FOR_LINE => format!("{start:04x} {hex}  {ascii}"),
            _ => format!("{start:04x} {hex}"),
        };
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LinkType;
    use crate::words::Language;

    fn dump(bytes: &[u8]) -> String {
        let wire_len = bytes.len() as u32;
        let frame =
            Frame { number: 1, time: None, interface: 0, link: LinkType::ETHERNET, wire_len, bytes, comments: &[] };
        let mut out = Vec::new();
        write_hex(
            bytes,
            &dissect_as(&frame, None),
            Style { color: false, ascii: true, width: 80, language: Language::En },
            &mut out,
        )
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_that_repeat_are_folded_but_the_last_is_there() {
        // An Ethernet header of zeros, of which the payload is an unknown protocol's.
        let lines: Vec<String> = dump(&[0; 14 + 16 * 9]).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 4, "{lines:#?}");
        assert!(lines[1].starts_with("0010 ") && lines[2] == "*" && lines[3].starts_with("0090 "), "{lines:#?}");
        let mut bytes = [0; 16 * 6];
        bytes[16 * 4] = 1;
        let text = dump(&bytes);
        assert_eq!(text.matches('*').count(), 1, "{text}");
        assert!(text.contains("\n0040  01 00") && text.contains("\n0050  00 00"), "{text}");
    }
}
