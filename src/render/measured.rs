//! What was measured in a run, a sentence a number.

use std::io::{self, Write};

use super::explanation::write_sentence;
use super::style::Style;
use crate::analyse::Measured;

/// Writes what was measured. Where the run's times were replaced (`has_times` is false), they are not told.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_measured(measured: &[Measured], has_times: bool, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let spelling = style.spelling();
    let sentences: Vec<String> = measured.iter().filter_map(|one| spelling.measured(one, has_times)).collect();
    if sentences.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.bold(spelling.measured_heading()))?;
    let lead = format!("  {} ", style.glyph("•", "*"));
    sentences.iter().try_for_each(|sentence| write_sentence(&lead, sentence, style, out))
}
