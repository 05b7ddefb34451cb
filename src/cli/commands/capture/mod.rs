//! `layerscope capture`: the packets of an interface as they come.

mod check;
mod network;
mod outputs;
mod summary;

use std::os::fd::AsFd as _;
use std::time::Duration;

use crate::analyse::{Limits, Tracker};
use crate::cli::args::{CaptureArgs, VerbArgs, Where};
use crate::cli::capture_rights::{self, private_network};
use crate::cli::companions;
use crate::cli::exit::Exit;
use crate::cli::filter_refusal;
use crate::cli::interrupts;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, say};
use crate::engine::command_line::{quoted, this_command};
use crate::engine::live::{EndsOn, FOR_FILES, FOR_ROWS, HeldCommand, Knowledge, NotStarted, Session, Sink};
use crate::host::{NameBook, ProcessBook};
use crate::sandbox::{self, Identity, Kind};
use crate::source::{BATCH, LiveCapture, LiveOptions, SourceError, default_interface};
use outputs::Saving;

/// How many conversations are remembered at once: about 100 MB at worst.
const CONNECTIONS: usize = 100_000;

/// How long the kernel may keep packets back that nobody waits for: where few come, waking up for them costs most.
const LEISURE: Duration = Duration::from_millis(100);

/// A shell's exit codes for a command that there is not, and for one that cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;

/// Runs the verb. Everything that needs privileges comes first; nothing is decoded before [`confine`].
pub(in crate::cli) fn run(args: &VerbArgs<CaptureArgs>) -> Result<Exit, Failure> {
    check::check(args)?;
    let recipe = Recipe::new(&args.safety)?;
    let interrupted = interrupts::watch()?;
    if args.network == Where::Private {
        network::enter()?;
    }
    let mut capture = open_capture(args)?;
    let saving = outputs::open_saving(&args.save, &args.safety, &capture)?;
    let mut command = hold_command(args, recipe.user)?;
    let processes = args.asks_for_processes().then(|| open_process_book(args)).transpose()?;
    let names = args.asks_for_names().then(open_name_book);
    confine(args, recipe, &capture, saving.as_ref())?;
    let shown = args.shows().then(|| outputs::show(args, names, &capture)).transpose()?;
    interrupts::refuse_to_begin()?;
    announce(&capture);
    command.as_mut().map_or(Ok(()), start)?;
    let limits = Limits { max_connections: CONNECTIONS };
    let known = Knowledge { tracker: args.follows_connections().then(|| Tracker::new(limits)), processes };
    let (files, only_file) = saving.map_or((None, None), |Saving { files, only_file }| (Some(files), only_file));
    let files = files.map(|files| Box::new(files) as Box<dyn Sink>);
    let notice = |lost: &_| say(&format!("{lost}"));
    let patience = if args.shows() { FOR_ROWS } else { FOR_FILES };
    let session = Session::new(known, patience, files.into_iter().chain(shown).collect(), &notice);
    let (packets, duration, command) = (args.count, args.duration, command.as_ref());
    let ended = session.run(&mut capture, &EndsOn { interrupted: &interrupted, packets, duration, command })?;
    summary::tell(args, ended, command.map(HeldCommand::name), only_file.as_ref())
}

fn open_capture(args: &CaptureArgs) -> Result<LiveCapture, Failure> {
    let interface = args.interface.clone().unwrap_or_else(default_interface);
    let batch = if args.is_awaited() { BATCH } else { LEISURE };
    let (snaplen, buffer, promiscuous) = (args.snaplen(), args.buffer_size, args.promiscuous);
    let options = LiveOptions { snaplen, buffer, promiscuous, batch };
    LiveCapture::open(&interface, &args.filter(), &options).map_err(|error| match error {
        SourceError::Filter { .. } | SourceError::FilterTooLarge { .. } => filter_refusal::refused(error),
        SourceError::NoRoom { .. } => Failure::from(error).advise("a smaller one will do: --buffer-size 8MiB is usual"),
        SourceError::NoPermission { .. } => {
            let failure = Failure::from(error).advise("One of these will do:");
            capture_rights::ways(&this_command(), &[private_network()]).into_iter().fold(failure, Failure::advise)
        }
        error => error.into(),
    })
}

/// The command, waiting. It runs as the person who ran sudo, where somebody did; a root who is nobody else stays root.
fn hold_command(args: &CaptureArgs, user: Option<Identity>) -> Result<Option<HeldCommand>, Failure> {
    if args.command.is_empty() {
        return Ok(None);
    }
    let user = user.or_else(sandbox::invoker).filter(|_| sandbox::may_change());
    companions::hold_command(&args.command, user, args.shows() || args.save.is_stdout()).map(Some)
}

/// Lets the command run; where it does not, the exit code is a shell's.
fn start(command: &mut HeldCommand) -> Result<(), Failure> {
    command.start().map_err(|refused| match refused {
        NotStarted::Lost(failure) => failure,
        NotStarted::NoSuchFile(_) => Failure::new(Exit::AsCommand(NOT_FOUND), refused)
            .advise("Where there is such a file, its first line names an interpreter that is not there."),
        NotStarted::NotInPath(_) => Failure::new(Exit::AsCommand(NOT_FOUND), refused),
        NotStarted::NotAllowed(ref name, _) => {
            let advice = format!("chmod +x {}     # where it is a program of yours", quoted(name));
            Failure::new(Exit::AsCommand(NOT_EXECUTABLE), refused).advise(advice)
        }
        NotStarted::NotRunnable(..) => Failure::new(Exit::AsCommand(NOT_EXECUTABLE), refused),
    })
}

/// Starts the finder of processes, which must see more than the capture will.
fn open_process_book(args: &CaptureArgs) -> Result<ProcessBook, Failure> {
    let (book, lack) = companions::start_finder()?;
    if args.rows.verbose {
        lack.iter().for_each(|lack| say(lack));
    }
    Ok(book)
}

/// Opens the ways to the name servers, which cannot be opened later.
fn open_name_book() -> NameBook {
    let book = NameBook::open();
    if !book.has_servers() {
        say("no name server can be reached from here: names come from /etc/hosts alone");
    }
    book
}

/// Gives up what is not needed any more: root, capabilities, files, system calls.
fn confine(args: &CaptureArgs, recipe: Recipe, capture: &LiveCapture, saving: Option<&Saving>) -> Result<(), Failure> {
    let writer = saving.and_then(|saving| saving.files.writer());
    let lacks = recipe.confine_live(Kind::Live { captures: &[capture.as_fd()], writer })?;
    if args.rows.verbose {
        lacks.iter().for_each(|lack| say(lack));
    }
    Ok(())
}

/// The first line: from here on every packet is captured.
fn announce(capture: &LiveCapture) {
    let link = capture.link();
    let link = link.name().map_or_else(|| format!("link type {}", link.0), str::to_owned);
    if capture.filters_by_itself() {
        say("the filter is too long for the kernel: every packet comes here, and counts where packets are dropped");
    }
    say(&format!("capturing on {} ({link}); Ctrl-C ends it", capture.interface()));
}
