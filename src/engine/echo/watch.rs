//! A watch over a program's own packets. Here the lab's programs and a capture meet: the program's threads make calls and
//! tell of them; a thread of its own (`watcher`) captures, and shows both.

use std::io::Write;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::endpoints::OwnSockets;
use super::save::Saver;
use super::screen::Screen;
use super::watcher::{Note, Notice, Watcher};
use crate::clock::realtime;
use crate::engine::exit::Exit;
use crate::engine::failure::{About as _, Failure};
use crate::lab::{Event, Observer};
use crate::model::{Endpoint, Happening, SocketCall, Timestamp};
use crate::render::{LiveRows, Style, TextReader, View};
use crate::source::LiveCapture;

/// How many calls may wait to be taken in; the program waits where there are more.
const WAITING: usize = 1024;

/// What is watched, and what becomes of it.
pub(crate) struct WatchOptions {
    /// The program's sockets.
    pub(crate) own: OwnSockets,
    /// A capture where its packets pass.
    pub(crate) capture: LiveCapture,
    pub(crate) save: Option<Saver>,
    pub(crate) style: Style,
    /// How payload bytes are read as text.
    pub(crate) read_text: TextReader,
    /// Where rows go.
    pub(crate) out: Box<dyn Write + Send>,
    /// What is said of what happens to the program.
    pub(crate) describe: Describe,
    pub(crate) notice: fn(Notice<'_>),
    /// Whether the program is to end.
    pub(crate) interrupted: Arc<AtomicBool>,
    /// Can be read from once it is.
    pub(crate) interrupt: OwnedFd,
    /// Hears how the watch ended, in its thread.
    pub(crate) ended: fn(Exit),
}

/// Says what happened to a program.
pub(crate) type Describe = Box<dyn Fn(&Event<'_>) -> String + Send + Sync>;

/// Shows what it is told beside the packets.
pub(crate) struct PacketWatch {
    notes: SyncSender<(Timestamp, Note)>,
    thread: JoinHandle<Exit>,
    describe: Describe,
    interrupt: OwnedFd,
}

impl PacketWatch {
    /// Begins to show.
    ///
    /// # Errors
    ///
    /// No thread can be started.
    pub(crate) fn start(options: WatchOptions) -> Result<Self, Failure> {
        let (notes, queue) = sync_channel(WAITING);
        let WatchOptions { own, capture, save, style, read_text, out, describe, notice, .. } = options;
        let (interrupted, interrupt, ended) = (options.interrupted, options.interrupt, options.ended);
        let run = move || {
            let view = View { style, absolute: false, read_text: &*read_text };
            let screen = Screen::new(LiveRows::new(view, own.lane(), own.has_one_address()), out);
            let exit = Watcher::new(own, capture, queue, screen, save, notice).run(&interrupted);
            ended(exit);
            exit
        };
        let thread = thread::Builder::new().name("packets".to_owned()).spawn(run).about("starting the display")?;
        Ok(Self { notes, thread, describe, interrupt })
    }

    /// Prints a line of the program's own.
    pub(crate) fn answer(&self, text: String) {
        self.tell(realtime(), Note::Answer(text));
    }

    /// Asks for a line.
    pub(crate) fn prompt(&self) {
        self.tell(realtime(), Note::Prompt);
    }

    /// Takes note of a line that was typed, or of the end.
    pub(crate) fn typed(&self, is_end: bool) {
        self.tell(realtime(), Note::Typed { is_end });
    }

    /// Waits until everything is shown and saved, the last packets included; what failed on the way was said.
    ///
    /// # Errors
    ///
    /// The thread panicked.
    pub(crate) fn finish(self) -> Result<Exit, Failure> {
        let Self { notes, thread, .. } = self;
        drop(notes);
        thread.join().map_err(|_| Failure::saying("the display's thread panicked"))
    }

    fn tell(&self, time: Timestamp, note: Note) {
        // Where the display has ended, nobody needs to know.
        let _ = self.notes.send((time, note));
    }
}

impl Observer for PacketWatch {
    fn happened(&self, event: &Event<'_>) {
        // These are what calls gave, which is told with the calls.
        if let Happening::Connected | Happening::Said(_) | Happening::Answered(_) | Happening::Closed = event.what {
            return;
        }
        let peer = Endpoint::new(event.peer.ip().to_canonical(), event.peer.port());
        self.tell(realtime(), Note::Remark(event.transport, peer, (self.describe)(event)));
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
