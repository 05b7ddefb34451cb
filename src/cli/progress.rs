//! How far a long reading has come: one line on standard error, if somebody can see it there and nothing else.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use super::report::tell;
use crate::clock::now;
use crate::engine::Told;

/// How long a reading stays silent, and how long between two lines.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows how far a pass has come, and says what is wrong with its captures.
pub(super) fn telling() -> impl FnMut(Told<'_>) + Send {
    let mut progress = Progress::new();
    move |told| match told {
        Told::Read(packets) => progress.step(packets),
        Told::Damage(damage) => {
            progress.hide();
            tell(damage);
        }
    }
}

/// A line that is written over and over, and taken away at the end.
struct Progress {
    /// When to write next; `None` where nobody would see it.
    due: Option<Instant>,
    packets: u64,
    shown: bool,
}

impl Progress {
    /// Progress for a terminal that shows standard error and not the output itself.
    fn new() -> Self {
        let visible = io::stderr().is_terminal() && !io::stdout().is_terminal();
        Self { due: visible.then(|| now() + PATIENCE), packets: 0, shown: false }
    }

    /// Counts so many more packets.
    fn step(&mut self, packets: usize) {
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
    fn hide(&mut self) {
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
