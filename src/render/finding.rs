//! What was measured in a run, a sentence a number.

use std::io::{self, Write};

use super::explanation::write_sentence;
use super::style::Style;
use crate::analyse::Finding;

/// Writes what was measured. Where the run's times were replaced (`has_times` is false), they are not told.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_findings(findings: &[Finding], has_times: bool, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let spelling = style.spelling();
    let sentences: Vec<String> = findings.iter().filter_map(|finding| spelling.finding(finding, has_times)).collect();
    if sentences.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.bold(spelling.measured()))?;
    let lead = format!("  {} ", style.glyph("•", "*"));
    sentences.iter().try_for_each(|sentence| write_sentence(&lead, sentence, style, out))
}
