//! The lines under a TCP timeline: how long the handshake took and what it agreed on.

use std::io::{self, Write};

use super::style::Style;
use crate::analyse::Handshake;
use crate::model::Lane;

/// Writes `handshake 33.8 µs (SYN → ACK)` and `MSS 65495/65495 · ...`: of two values the client's comes first.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_handshake(handshake: &Handshake, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut agreed = Vec::new();
    if let Some(total) = handshake.total() {
        let time = |nanos: i64| super::quantity::duration(nanos, style);
        let crossed = handshake.is_opened_by_crossing();
        let last = if crossed { "both acknowledged" } else { "ACK" };
        let mut facts = vec![format!("handshake {} (SYN {} {last})", time(total), style.to())];
        let halves = handshake.syn_to_syn_ack().zip(handshake.syn_ack_to_ack()).filter(|_| !crossed);
        if let Some((first, second)) = halves {
            let again = handshake.resending().map(|nanos| format!("{} resending", time(nanos)));
            let parts = [again, Some(format!("{} to SYN,ACK", time(first))), Some(format!("{} to ACK", time(second)))];
            facts[0].push(':');
            for (part, sign) in parts.into_iter().flatten().zip(["", "+ ", "+ "]) {
                facts.push(format!("{sign}{part}"));
            }
        }
        let again = [(handshake.syn_retransmissions(), "SYN"), (handshake.syn_ack_retransmissions(), "SYN,ACK")];
        for (times, what) in again.into_iter().filter(|(times, _)| *times > 0) {
            facts.push(format!("({what} sent {} times)", times.saturating_add(1)));
        }
        let lines = super::text::wrap_at(&facts, " ", style.width.saturating_sub(2));
        lines.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    if let (Some(client), Some(server)) = (handshake.offer(Lane::Client), handshake.offer(Lane::Server)) {
        let number = |value: Option<u32>| value.map_or_else(|| style.missing().to_owned(), |value| value.to_string());
        let mss = [client.mss, server.mss].map(|mss| number(mss.map(u32::from)));
        let scale = [client.window_scale, server.window_scale].map(|scale| number(scale.map(u32::from)));
        let both = |agreed: bool| if agreed { "yes" } else { "no" };
        agreed.push(format!("MSS {}/{}", mss[0], mss[1]));
        agreed.push(format!("window scale {}/{}", scale[0], scale[1]));
        agreed.push(format!("SACK {}", both(client.sack_permitted && server.sack_permitted)));
        agreed.push(format!("timestamps {}", both(client.timestamps && server.timestamps)));
    }
    let separator = style.glyph(" · ", " - ");
    for line in super::text::wrap_at(&agreed, separator, style.width.saturating_sub(2)) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}
