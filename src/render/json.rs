//! JSON for programs, nested by Wireshark's names, the same shape for every verb.

use std::io::{self, Write};

use serde::Serialize;

/// A demonstration as one document.
#[derive(Serialize)]
pub struct DemoDocument {
    /// The version of this shape.
    pub schema: u32,
}

/// Writes a demonstration as one document.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_demo(document: &DemoDocument, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)
}
