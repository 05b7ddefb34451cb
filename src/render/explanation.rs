//! The sentences of `--explain`, where no timeline carries them.

use std::io::{self, Write};

use super::style::Style;
use super::text;

/// Writes one numbered sentence a packet, wrapped to the width.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_explanations(
    sentences: impl Iterator<Item = (u64, String)>,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (number, sentence) in sentences.filter(|(_, sentence)| !sentence.is_empty()) {
        let lead = format!("{number:>4}  ");
        write_sentence(&lead, &sentence, style, out)?;
    }
    Ok(())
}

/// Writes what a scenario shows, a paragraph a sentence.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_teaching(sentences: &[&str], style: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}", style.bold(style.spelling().opened_words().shows))?;
    let lead = format!("  {} ", style.glyph("•", "*"));
    for sentence in sentences {
        write_sentence(&lead, sentence, style, out)?;
    }
    Ok(())
}

/// Writes a sentence after `lead`, its further lines indented as far.
pub(super) fn write_sentence(lead: &str, sentence: &str, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let indent = " ".repeat(text::width(lead));
    let lines = text::wrap(sentence, style.width.saturating_sub(text::width(lead)).max(20));
    for (index, line) in lines.iter().enumerate() {
        let lead = if index == 0 { lead } else { &indent };
        writeln!(out, "{lead}{line}")?;
    }
    Ok(())
}
