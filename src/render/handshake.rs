//! The line under a TCP timeline: how long the handshake took and what it agreed on.

use std::io::{self, Write};

use super::style::Style;
use crate::analyse::Handshake;
use crate::model::Lane;

/// Writes `handshake 33.8 µs (SYN to ACK) · MSS 65495/65495 · ...`: where two values stand, the client's comes first.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_handshake(handshake: &Handshake, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut facts = Vec::new();
    if let Some(total) = handshake.total() {
        let micro = style.glyph("µs", "us");
        let tenths = |nanos: i64| format!("{}.{} {micro}", nanos / 1000, nanos % 1000 / 100);
        let to = style.to();
        let mut fact = format!("handshake {} (SYN {to} ACK)", tenths(total));
        if let (Some(first), Some(second)) = (handshake.syn_to_syn_ack(), handshake.syn_ack_to_ack()) {
            fact.push_str(&format!(": {} to SYN,ACK + {} to ACK", tenths(first), tenths(second)));
        }
        facts.push(fact);
    }
    if handshake.syn_retransmissions() > 0 {
        facts.push(format!("SYN sent {} times", handshake.syns));
    }
    if let (Some(client), Some(server)) = (handshake.offer(Lane::Client), handshake.offer(Lane::Server)) {
        let number = |value: Option<u32>| value.map_or_else(|| style.missing().to_owned(), |value| value.to_string());
        let mss = [client.mss, server.mss].map(|mss| number(mss.map(u32::from)));
        let scale = [client.window_scale, server.window_scale].map(|scale| number(scale.map(u32::from)));
        let both = |agreed: bool| if agreed { "yes" } else { "no" };
        facts.push(format!("MSS {}/{}", mss[0], mss[1]));
        facts.push(format!("window scale {}/{}", scale[0], scale[1]));
        facts.push(format!("SACK {}", both(client.sack_permitted && server.sack_permitted)));
        facts.push(format!("timestamps {}", both(client.timestamps && server.timestamps)));
    }
    if facts.is_empty() {
        return Ok(());
    }
    let separator = style.glyph(" · ", " - ");
    for line in super::text::wrap_at(&facts, separator, style.width.saturating_sub(2)) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}
