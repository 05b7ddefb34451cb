//! The lines under a TCP timeline: how long the handshake took and what it agreed on.

use std::io::{self, Write};

use super::style::Style;
use super::text::wrap_at;
use crate::analyse::Handshake;

/// Writes `handshake 33.8 µs (SYN → ACK)` and `MSS 65495/65495 · ...`: of two values the client's comes first.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_handshake(handshake: &Handshake, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let spelling = style.spelling();
    for line in wrap_at(&spelling.handshake_times(handshake), " ", style.width.saturating_sub(2)) {
        writeln!(out, "  {line}")?;
    }
    let separator = style.glyph(" · ", " - ");
    for line in wrap_at(&spelling.agreed(handshake), separator, style.width.saturating_sub(2)) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}
