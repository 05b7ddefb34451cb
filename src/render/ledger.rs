//! The ledger: whether calls and packets add up, and what does not.

use std::io::{self, Write};

use super::explanation::write_sentence;
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
    let spelling = style.spelling();
    let line = spelling.ledger(ledger, dropped, broke_off);
    for line in text::wrap(&line, style.width) {
        writeln!(out, "{}", if ledger.is_balanced() && !broke_off { style.bold(&line) } else { style.alarm(&line) })?;
    }
    let missing = ledger.missing().map(|entry| {
        let call = calls.get(entry.call).map(SocketCall::key);
        spelling.missing(entry, call)
    });
    let unexpected = ledger.unexpected.iter().map(|(place, purpose)| spelling.unexpected(*place, *purpose));
    for (lead, what) in missing.chain(unexpected) {
        write_sentence(&format!("  {lead} "), &what, style, out)?;
    }
    Ok(())
}
