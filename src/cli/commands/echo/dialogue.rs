//! The terminal of an echo client that shows no packets.

use std::io::{self, Write};

use crate::cli::report::say;
use crate::engine::echo::{Dialogue, PROMPT};
use crate::lab::{Event, Observer};

/// Standard output, and nobody who hears of calls.
pub(super) struct Plain;

impl Observer for Plain {
    fn happened(&self, _: &Event<'_>) {}
}

impl Dialogue for Plain {
    fn prompt(&self) -> io::Result<()> {
        write!(io::stdout(), "{PROMPT}").and_then(|()| io::stdout().flush())
    }

    fn typed(&self, _: bool) {}

    fn line(&self, text: String) -> io::Result<()> {
        writeln!(io::stdout(), "{text}")
    }

    fn aside(&self, text: String) {
        say(&text);
    }
}
