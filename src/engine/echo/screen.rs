//! Standard output, which a program's own lines and prompt share with what is shown of its packets and calls.

use std::io::{self, Write};

use crate::render::{LiveRow, LiveRows};

/// What a program that reads from a terminal asks with.
pub(crate) const PROMPT: &str = "> ";

/// Writes rows and lines, the prompt always after them.
pub(super) struct Screen<'v> {
    rows: LiveRows<'v>,
    out: Box<dyn Write>,
    /// Whether the program waits for a line.
    asks: bool,
    /// Whether the prompt is what was written last.
    at_prompt: bool,
    /// Whether nobody reads any more; the program goes on all the same.
    is_closed: bool,
}

impl<'v> Screen<'v> {
    /// With the heading written.
    pub(super) fn new(rows: LiveRows<'v>, out: Box<dyn Write>) -> Self {
        let mut screen = Self { rows, out, asks: false, at_prompt: false, is_closed: false };
        screen.write(|rows, out| rows.write_heading(out));
        screen
    }

    pub(super) fn row(&mut self, row: &LiveRow<'_>) {
        self.write(|rows, out| rows.write(row, out));
    }

    /// A line of the program's own, safe to print.
    pub(super) fn line(&mut self, text: &str) {
        self.write(|_, out| writeln!(out, "{text}"));
    }

    /// The program waits for a line from now on.
    pub(super) const fn ask(&mut self) {
        self.asks = true;
    }

    /// It got one, which ended the prompt's line, or the end of them, which did not.
    pub(super) const fn typed(&mut self, is_end: bool) {
        self.asks = false;
        self.at_prompt &= is_end;
    }

    /// Writes out what there is, and the prompt where one is due.
    pub(super) fn flush(&mut self) {
        if self.asks && !self.at_prompt {
            self.write(|_, out| write!(out, "{PROMPT}"));
            self.at_prompt = true;
        }
        self.is_closed |= self.out.flush().is_err();
    }

    /// Writes out everything; nothing more is asked.
    pub(super) fn finish(&mut self) {
        self.asks = false;
        self.write(|_, _| Ok(()));
        self.flush();
    }

    /// Writes after a prompt that stands there, on a line of its own.
    fn write(&mut self, write: impl FnOnce(&mut LiveRows<'v>, &mut dyn Write) -> io::Result<()>) {
        if self.is_closed {
            return;
        }
        let left = if std::mem::take(&mut self.at_prompt) { writeln!(self.out) } else { Ok(()) };
        self.is_closed = left.and_then(|()| write(&mut self.rows, &mut *self.out)).is_err();
    }
}
