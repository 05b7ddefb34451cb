//! `--capture`: a program's own packets beside its calls, as they happen.

use std::os::fd::AsFd as _;

use crate::cli::args::{LookArgs, OwnPacketsArgs, VerbArgs};
use crate::cli::capture_rights;
use crate::cli::exit::Exit;
use crate::cli::interrupts;
use crate::cli::output;
use crate::cli::recipe::Recipe;
use crate::cli::report::{self, Failure, line, say};
use crate::cli::terminal;
use crate::engine::Unwritten;
use crate::engine::command_line::{this_binary, this_command};
use crate::engine::echo::{Notice, OwnSockets, PacketWatch, Saver, WatchOptions, words};
use crate::lab::Encoding;
use crate::sandbox::Kind;
use crate::source::{LiveCapture, LiveOptions, SourceError, interfaces};
use crate::words::en::count;

/// The kernel's ring, in bytes. A thousand threads of clients leave the one that captures little time; a block of the ring
/// is gone every [`BATCH`](crate::source::BATCH), however few packets it holds.
const RING: u32 = 32 << 20;

/// An open capture of a program's own packets, before anything is decoded.
pub(super) struct Opened {
    own: OwnSockets,
    capture: LiveCapture,
    save: Option<Unwritten>,
    recipe: Recipe,
}

impl Opened {
    /// Opens the capture where the program's packets pass.
    ///
    /// # Errors
    ///
    /// What was refused, and what can be done instead.
    pub(super) fn open(own: OwnSockets, args: &VerbArgs<OwnPacketsArgs>) -> Result<Self, Failure> {
        let recipe = Recipe::new(&args.safety)?;
        interrupts::watch()?;
        let save = args.write.as_deref().map(output::unwritten).transpose()?;
        let options = LiveOptions { buffer: RING, ..LiveOptions::default() };
        let capture = LiveCapture::open(own.interface(&interfaces()?), &own.filter(), &options);
        Ok(Self { own, capture: capture.map_err(ways)?, save, recipe })
    }

    /// Gives up what is not needed any more, root and capabilities first, and begins to show.
    ///
    /// The program may go on with the sockets it has; files, programs and new sockets are out of its reach from here on.
    ///
    /// # Errors
    ///
    /// What the kernel refused, or what the system says of the savefile.
    pub(super) fn start(self, look: &LookArgs, encoding: Encoding) -> Result<PacketWatch, Failure> {
        let Self { own, capture, save, recipe } = self;
        let (interrupted, interrupt) = (interrupts::watch()?, interrupts::descriptor()?);
        recipe.confine_live(Kind::Talker { capture: capture.as_fd() })?;
        interrupts::refuse_to_begin()?;
        let begin = |mut file: Unwritten| {
            let path = file.path().to_owned();
            Saver::begin(&path, &capture, encoding, |heading| file.begin(heading))
        };
        let save = save.map(begin).transpose()?;
        say(&format!("capturing on {}", capture.interface()));
        let style = terminal::style(look);
        PacketWatch::start(WatchOptions {
            own,
            capture,
            save,
            style,
            read_text: Box::new(terminal::text_reader(Some(encoding).filter(|it| *it != Encoding::default()))),
            out: Box::new(output::stdout()?),
            describe: Box::new(move |event| words(event, encoding, style)),
            notice,
            interrupted,
            interrupt,
            ended: |exit| {
                if interrupts::has_come() {
                    // A call may hold the program up.
                    std::process::exit(exit.code().into());
                }
            },
        })
    }
}

/// Says what is to be said beside the rows.
fn notice(notice: Notice<'_>) {
    match notice {
        Notice::Failed(failure) => drop::<Exit>(report::failure(failure)),
        Notice::Captured { packets, drops } => {
            let dropped = terminal::style_of_errors().spelling().dropped(drops.by_kernel, drops.by_interface);
            line(&format!("{}, {}", count(packets, "packet"), dropped));
        }
        Notice::LeftOpen(peer) => {
            line(&format!("{peer} {}", terminal::style_of_errors().spelling().left_open(false)));
        }
        Notice::Saved(path) => line(&format!("saved in {}", path.display())),
    }
}

/// Says what was refused, and every way out.
fn ways(error: SourceError) -> Failure {
    if !matches!(error, SourceError::NoPermission { .. }) {
        return error.into();
    }
    let lesson =
        (format!("{} demo --explain", this_binary()), "calls beside packets in a network of its own, no privilege");
    let failure = Failure::from(error).advise("One of these will do:");
    let ways = capture_rights::ways(&this_command(), &[lesson]);
    ways.into_iter().fold(failure, Failure::advise).advise("Without --capture it needs no privilege.")
}
