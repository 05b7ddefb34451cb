//! The ledger in words.

use std::io::{self, Write};

use super::explanation::write_wrapped;
use super::style::Style;
use super::text;
use crate::analyse::Ledger;
use crate::model::SocketCall;

/// Writes whether calls and packets add up, and every packet that is missing or over.
///
/// `dropped` is what the kernel says it lost; `broke_off` says that the calls themselves came to an early end.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_ledger(
    ledger: &Ledger,
    calls: &[SocketCall],
    dropped: u32,
    broke_off: bool,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (expected, captured) = (ledger.expected(), ledger.captured());
    let verdict = match (ledger.is_balanced(), broke_off) {
        (_, true) => "the conversation broke off",
        (true, false) => "they add up",
        (false, false) => "they do not add up",
    };
    let dot = style.glyph("·", "-");
    let line = format!(
        "ledger: {expected} packets expected from the calls {dot} {captured} captured {dot} {dropped} dropped by the kernel: \
         {verdict}"
    );
    for line in text::wrap(&line, style.width) {
        writeln!(out, "{}", if ledger.is_balanced() && !broke_off { style.bold(&line) } else { style.alarm(&line) })?;
    }
    for entry in ledger.missing() {
        let call = calls.get(entry.call).map_or("a call", |call| &*call.name);
        write_wrapped("  missing: ", &format!("{entry}, which {call}() accounts for"), style, out)?;
    }
    for (place, purpose) in &ledger.unexpected {
        let unexpected = format!("packet {}, {purpose}: no call accounts for it", place.saturating_add(1));
        write_wrapped("  unexpected: ", &unexpected, style, out)?;
    }
    Ok(())
}
