//! `--capture`: a program's own packets beside its calls, as they happen. Here the lab's programs and a capture meet.
//!
//! The program's threads make calls and tell of them; a thread of its own (`watcher`) captures, and shows both.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use anyhow::{Context, anyhow};

use super::endpoints::Own;
use super::line::Words;
use super::save::Saver;
use super::screen::Screen;
use super::watcher::{Note, Watcher};
use crate::cli::args::{LookArgs, OwnPacketsArgs};
use crate::cli::exit::Exit;
use crate::cli::interrupts;
use crate::cli::output;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::clock::realtime;
use crate::engine::Unwritten;
use crate::engine::command_line::{this_binary, this_command};
use crate::lab::{Encoding, Event, Happening, Observer};
use crate::model::{Endpoint, SocketCall, Timestamp};
use crate::render::{LiveRows, View};
use crate::sandbox::Kind;
use crate::source::{LiveCapture, LiveOptions, SourceError, interfaces};

/// How many calls may wait to be taken in; the program waits where there are more.
const WAITING: usize = 1024;

/// The kernel's ring, in bytes. A thousand threads of clients leave the one that captures little time; a block of the ring
/// is gone every [`BATCH`](crate::source::BATCH), however few packets it holds.
const RING: u32 = 32 << 20;

/// An open capture of a program's own packets, before anything is decoded.
pub(super) struct Opened {
    own: Own,
    capture: LiveCapture,
    save: Option<Unwritten>,
    recipe: Recipe,
    /// Can be read from once Ctrl-C has come.
    interrupt: OwnedFd,
}

/// Shows what it is told beside the packets.
pub(super) struct Beside {
    notes: SyncSender<(Timestamp, Note)>,
    thread: JoinHandle<Result<Exit, Failure>>,
    encoding: Encoding,
    interrupt: OwnedFd,
}

impl Opened {
    /// Opens the capture where the program's packets pass.
    ///
    /// # Errors
    ///
    /// What was refused, and what can be done instead.
    pub(super) fn open(own: Own, args: &OwnPacketsArgs) -> Result<Self, Failure> {
        let recipe = Recipe::new(&args.safety)?;
        interrupts::watch()?;
        let save = args.write.as_deref().map(output::unwritten).transpose()?;
        let options = LiveOptions { buffer: RING, ..LiveOptions::default() };
        let capture = LiveCapture::open(own.interface(&interfaces()?), &own.filter(), &options);
        Ok(Self { own, capture: capture.map_err(ways)?, save, recipe, interrupt: interrupts::descriptor()? })
    }

    /// Gives up what is not needed any more, root and capabilities first, and begins to show.
    ///
    /// The program may go on with the sockets it has; files, programs and new sockets are out of its reach from here on.
    ///
    /// # Errors
    ///
    /// What the kernel refused, or what the system says of the savefile.
    pub(super) fn start(mut self, look: &LookArgs, encoding: Encoding) -> Result<Beside, Failure> {
        self.recipe.confine_live(Kind::Talker { capture: self.capture.as_fd() })?;
        let (capture, interrupted) = (&self.capture, interrupts::watch()?);
        interrupts::refuse_to_begin()?;
        let save = self.save.as_mut().map(|file| Saver::begin(file, capture)).transpose()?;
        say(&format!("capturing on {}", capture.interface()));
        let (notes, queue) = sync_channel(WAITING);
        let (style, Self { own, capture, interrupt, .. }) = (terminal::style(look), self);
        let run = move || {
            let read_text = terminal::text_reader(Some(encoding).filter(|it| *it != Encoding::default()));
            let view = View { style, absolute: false, read_text: &read_text };
            let screen = Screen::new(LiveRows::new(view, own.lane(), own.has_one_address()))?;
            Ok(Watcher::new(own, capture, queue, screen, save).run(&interrupted))
        };
        let thread = thread::Builder::new().name("packets".to_owned()).spawn(run).context("starting the display")?;
        Ok(Beside { notes, thread, encoding, interrupt })
    }
}

/// Says what was refused, and every way out.
fn ways(error: SourceError) -> Failure {
    let binary = this_binary();
    match error {
        SourceError::NoPermission { .. } => Failure::from(error)
            .advise("One of these will do:")
            .advise(format!("sudo {}     # gives root up before it decodes anything", this_command()))
            .advise(format!("sudo setcap cap_net_raw=ep {binary}     # once; then without sudo"))
            .advise(format!("{binary} demo --explain     # calls beside packets in a network of its own, no privilege"))
            .advise("Without --capture it needs no privilege."),
        error => error.into(),
    }
}

impl Beside {
    /// Prints a line of the program's own.
    pub(super) fn answer(&self, text: String) {
        self.tell(realtime(), Note::Answer(text));
    }

    /// Asks for a line.
    pub(super) fn prompt(&self) {
        self.tell(realtime(), Note::Prompt);
    }

    /// Takes note of a line that was typed, or of the end.
    pub(super) fn typed(&self, is_end: bool) {
        self.tell(realtime(), Note::Typed { is_end });
    }

    /// Waits until everything is shown and saved, the last packets included; what failed on the way was said.
    ///
    /// # Errors
    ///
    /// Nothing could be shown at all.
    pub(super) fn finish(self) -> Result<Exit, Failure> {
        let Self { notes, thread, .. } = self;
        drop(notes);
        thread.join().map_err(|_| anyhow!("the display's thread panicked"))?
    }

    fn tell(&self, time: Timestamp, note: Note) {
        // Where the display has ended, nobody needs to know.
        let _ = self.notes.send((time, note));
    }
}

impl Observer for Beside {
    fn happened(&self, event: &Event<'_>) {
        // These are what calls gave, which is told with the calls.
        if let Happening::Connected | Happening::Said(_) | Happening::Answered(_) | Happening::Closed = event.what {
            return;
        }
        let peer = Endpoint::new(event.peer.ip().to_canonical(), event.peer.port());
        let words = Words(event, self.encoding).to_string();
        self.tell(realtime(), Note::Remark(event.transport, peer, words));
    }

    fn hears_calls(&self) -> bool {
        true
    }

    fn end(&self) -> Option<BorrowedFd<'_>> {
        Some(self.interrupt.as_fd())
    }

    fn entered(&self, call: &SocketCall) {
        self.tell(call.entered, Note::Entered(call.clone()));
    }

    fn returned(&self, call: SocketCall) {
        self.tell(call.returned, Note::Returned(call));
    }
}
