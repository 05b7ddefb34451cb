//! How far a long reading has come: one line on standard error, if somebody can see it there and nothing else.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::clock::now;

/// How long a reading stays silent, and how long between two lines.
const PATIENCE: Duration = Duration::from_secs(1);

/// A line that is written over and over, and taken away at the end.
pub(super) struct Progress {
    /// When to write next; `None` where nobody would see it.
    due: Option<Instant>,
    packets: u64,
    shown: bool,
}

impl Progress {
    /// Progress for a terminal that shows standard error and not the output itself.
    pub(super) fn new() -> Self {
        let visible = io::stderr().is_terminal() && !io::stdout().is_terminal();
        Self { due: visible.then(|| now() + PATIENCE), packets: 0, shown: false }
    }

    /// How many were counted.
    pub(super) const fn packets(&self) -> u64 {
        self.packets
    }

    /// Counts so many more packets.
    pub(super) fn step(&mut self, packets: usize) {
        self.packets += packets as u64;
        let Some(due) = self.due else { return };
        let now = now();
        if now < due {
            return;
        }
        self.due = Some(now + PATIENCE);
        self.shown = true;
        // Where standard error is closed there is nobody left to tell.
        let _ = write!(io::stderr(), "\r{} packets read", self.packets);
    }

    /// Takes the line away, for another one in its place.
    pub(super) fn hide(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.hide();
    }
}
