//! What each layer adds to a payload, as bars.

use std::io::{self, Write};

use super::style::Style;
use super::text;
use crate::decode::Packet;
use crate::model::Layer;
use crate::words::quantity::percent;

/// The bars grow from left to right as the packet lies on the wire.
const LAYERS: [(Layer, &str, &str); 4] = [
    (Layer::Link, "░", "l"),
    (Layer::Internet, "▒", "i"),
    (Layer::Transport, "▓", "t"),
    (Layer::Application, "█", "A"),
];

/// Room for the longest bar, and from its beginning to the end of a line that says the sum beside it.
const BAR: usize = 50;
const BESIDE: usize = 102;

/// Writes a bar for the first packet with payload of each combination of protocols: a character for every two bytes, and
/// the bytes of each layer, beside it or, where there is little room, below.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_encapsulation<'a>(
    packets: impl Iterator<Item = Packet<'a>>,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "\n{}", style.bold(style.spelling().opened_words().each_layer_adds))?;
    let mut shown: Vec<String> = Vec::new();
    for packet in packets.filter(|packet| packet.payload_len() > 0) {
        let name = combination(&packet);
        if !shown.contains(&name) {
            write_bar(&name, &packet, style, out)?;
            shown.push(name);
        }
    }
    let key = LAYERS.map(|(layer, glyph, ascii)| {
        style.layer(layer, &format!("{} {}", style.glyph(glyph, ascii), style.spelling().layer(layer))).into_owned()
    });
    let separator = if style.width >= BESIDE { "  " } else { "\n  " };
    writeln!(out, "  {}{separator}{}", key.join("  "), style.spelling().opened_words().two_bytes)
}

/// `TCP/IPv6`.
fn combination(packet: &Packet<'_>) -> String {
    let transport = if packet.tcp().is_some() { "TCP" } else { "UDP" };
    let is_v6 = packet.ip().and_then(|ip| ip.source()).is_some_and(|source| source.is_ipv6());
    format!("{transport}/IPv{}", if is_v6 { 6 } else { 4 })
}

fn write_bar(name: &str, packet: &Packet<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let (mut bar, mut sum, mut width, mut total) = (String::new(), Vec::new(), 0, 0);
    for (layer, glyph, ascii) in LAYERS {
        let bytes = packet.layer(layer).map_or(0, |range| range.len());
        let count = bytes.div_ceil(2);
        bar.push_str(&style.layer(layer, &style.glyph(glyph, ascii).repeat(count)));
        sum.push(bytes.to_string());
        (width, total) = (count.saturating_add(width), bytes.saturating_add(total));
    }
    let payload = packet.layer(Layer::Application).map_or(0, |range| range.len());
    let sum = style.spelling().layer_sum(&sum.join(" + "), total, &percent(payload as u64, total as u64));
    let name = text::pad(name, 10, "");
    if style.width >= BESIDE {
        return writeln!(out, "  {name}{bar}{}  {sum}", " ".repeat(BAR.saturating_sub(width)));
    }
    writeln!(out, "  {name}{bar}\n  {:10}{sum}", "")
}
