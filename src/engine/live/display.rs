//! Showing what is captured, in a thread of its own, so that a slow terminal or pipe costs no packet.

use std::io::{self, Write};
use std::thread::{self, JoinHandle};

use super::queue::{Intake, Outlet, Shown, queue};
use crate::engine::failure::{About as _, Failure};

/// The capturing side of the display.
pub(super) struct Display {
    pub(super) queue: Intake,
    thread: Option<JoinHandle<Result<(), Failure>>>,
}

/// What a display's thread comes to.
#[derive(Clone, Copy)]
pub(super) enum Step<'s> {
    /// The beginning.
    Begin,
    /// Something to show.
    Show(&'s Shown),
    /// Nothing more waits now.
    Pause,
    /// There will be nothing more.
    Finish,
}

impl Display {
    /// Starts the thread; `show` is what it does, from the other end of the queue.
    ///
    /// # Errors
    ///
    /// No thread can be started.
    pub(super) fn start(show: impl FnOnce(&Outlet) -> Result<(), Failure> + Send + 'static) -> Result<Self, Failure> {
        let (queue, outlet) = queue();
        let thread = thread::Builder::new().name("display".to_owned()).spawn(move || show(&outlet));
        Ok(Self { queue, thread: Some(thread.about("starting the display")?) })
    }

    /// Waits until everything is shown; says how many packets, or events, were not.
    ///
    /// # Errors
    ///
    /// What the system says of standard output.
    pub(super) fn finish(&mut self) -> Result<u64, Failure> {
        let skipped = self.queue.end();
        let ended = self.thread.take().map_or(Ok(Ok(())), JoinHandle::join);
        ended.map_err(|_| Failure::saying("the display's thread panicked"))??;
        Ok(skipped)
    }
}

/// Shows what comes, as `spell` has it, and writes it out whenever nothing more is waiting.
///
/// # Errors
///
/// What the system says of the output.
pub(super) fn show(
    queue: &Outlet,
    mut out: impl Write,
    mut spell: impl FnMut(Step<'_>, &mut Vec<u8>) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut text = Vec::new();
    spell(Step::Begin, &mut text)?;
    loop {
        let next = queue.next(|| {
            spell(Step::Pause, &mut text)?;
            out.write_all(&text)?;
            out.flush()?;
            text.clear();
            Ok::<_, Failure>(())
        })?;
        spell(next.as_ref().map_or(Step::Finish, Step::Show), &mut text)?;
        out.write_all(&text)?;
        text.clear();
        match next {
            Some(shown) => queue.done(shown),
            None => return Ok(out.flush()?),
        }
    }
}
