//! `layerscope capture`: the packets of an interface as they come.

mod command;
mod connections;
mod display;
mod finder;
mod network;
mod processes;
mod queue;
mod save;
mod session;
mod summary;
mod waiting;
mod writer;

use std::io::{IsTerminal, stdout};
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::anyhow;

pub(in crate::cli) use command::run_when_told;
pub(in crate::cli) use finder::find_processes;
pub(in crate::cli) use writer::write_files;

use super::interfaces::ways;
use crate::analyse::{self, Tracker};
use crate::cli::args::{CaptureArgs, Where};
use crate::cli::exit::Exit;
use crate::cli::filter_words;
use crate::cli::interrupts;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, line, quoted, say, this_binary, this_command};
use crate::cli::rows::Rows;
use crate::cli::terminal;
use crate::clock::{now, realtime};
use crate::host::NameBook;
use crate::model::{LinkType, Timestamp};
use crate::sandbox::{self, Identity, Kind};
use crate::source::{BATCH, Format, LiveCapture, LiveOptions, SourceError, default_interface};
use command::HeldCommand;
use connections::Connections;
use display::{Display, Look};
use finder::Finder;
use processes::ProcessBook;
use save::Saver;
use session::{End, Limits, Sinks};
use summary::Counts;
use waiting::Waiting;

/// How many conversations are remembered at once: about 100 MB at worst.
const CONNECTIONS: usize = 100_000;

/// How long the kernel may keep packets back that nobody waits for: where few come, waking up for them costs most.
const LEISURE: Duration = Duration::from_millis(100);

/// Runs the verb. Everything that needs privileges comes first; nothing is decoded before [`confine`].
pub(in crate::cli) fn run(args: &CaptureArgs) -> Result<Exit, Failure> {
    check(args)?;
    let recipe = Recipe::new(&args.safety)?;
    let interrupted = interrupts::watch()?;
    if args.network == Where::Private {
        network::enter()?;
    }
    let mut capture = open_capture(args)?;
    let mut save = Saver::open(&args.save, &args.safety, &capture, realtime())?;
    let mut command = hold_command(args, recipe.user)?;
    let processes = args.asks_for_processes().then(|| open_process_book(args)).transpose()?;
    let mut names = args.asks_for_names().then(open_name_book);
    confine(args, recipe, &capture, save.as_ref())?;
    let display = args.shows().then(|| Display::start(look(args, &mut names, &capture))).transpose()?;
    interrupts::refuse_to_begin()?;
    announce(&capture);
    command.as_mut().map_or(Ok(()), HeldCommand::start)?;
    save.as_mut().map_or(Ok(()), Saver::start)?;
    let limits = analyse::Limits { max_connections: CONNECTIONS };
    let tracker = args.follows_connections().then(|| Tracker::new(limits));
    let connections = args.connections.then(|| Connections::new(terminal::style(&args.look), terminal::lines(), names));
    let waiting = Waiting::new(if args.shows() { waiting::FOR_ROWS } else { waiting::FOR_FILES });
    let (counts, last) = (Counts::default(), Timestamp::default());
    let mut sinks = Sinks { counts, tracker, processes, waiting, save, display, connections, last };
    let mut limits = Limits { interrupted: &interrupted, packets: args.count, duration: args.duration, command };
    let began = now();
    let end = session::run(&mut capture, &mut sinks, &mut limits);
    finish(&mut capture, sinks, end, began.elapsed().as_secs_f64())
}

/// What makes no sense is refused before anything starts.
fn check(args: &CaptureArgs) -> Result<(), Failure> {
    let refuse = |why: &'static str| Err(Failure::new(Exit::Usage, anyhow!(why)));
    let to_stdout = args.save.write.as_deref().is_some_and(|path| path.as_os_str() == "-");
    if to_stdout && args.shows() {
        return refuse("standard output holds the packets: --print and --connections have no place beside `-w -`");
    }
    if to_stdout && stdout().is_terminal() {
        return refuse("packets make no sense on a terminal: send `-w -` into a pipe or a file");
    }
    if to_stdout && args.save.rotates() {
        return refuse("standard output is one file: it cannot be rotated");
    }
    if args.save.keep.is_some() && !args.save.rotates() {
        return refuse("--keep says how many files stay: it needs --rotate-size or --rotate-every");
    }
    let rows = Rows::new(&args.rows)?;
    rows.stand_alone()?;
    check_findings(args, rows)?;
    if let (Some(name), false) = (args.rows.typed(), args.shows_rows()) {
        let instead = match (args.connections, args.quiet) {
            (true, _) => "--connections shows connections instead",
            (_, true) => "--quiet shows none",
            _ => "-w saves them instead; --print shows them as well",
        };
        return Err(Failure::new(Exit::Usage, anyhow!("{name} is about the rows of packets, and {instead}")));
    }
    let has_color = if args.shows_rows() { rows.has_color() } else { args.connections };
    terminal::check_color(&args.look, has_color, "--format table, --verbose, --hex and --connections")
}

/// What is found out about packets must have a place to be shown or saved.
fn check_findings(args: &CaptureArgs, rows: Rows<'_>) -> Result<(), Failure> {
    let refuse = |why: &'static str| Err(Failure::new(Exit::Usage, anyhow!(why)));
    let has_comments = |path: &PathBuf| !matches!(Format::from_path(path), Ok(Format::Pcap));
    let is_noted = args.save.write.as_ref().is_some_and(has_comments);
    if args.asks_for_processes() && !args.shows() && !is_noted {
        return refuse("--process has nowhere to go: save to a .pcapng file, or show packets with --print");
    }
    if args.asks_for_names() && !args.shows() {
        return refuse("--resolve has nowhere to go: it names hosts in what is shown; add --print");
    }
    rows.with(args.process && !is_noted, args.resolve).have_place()
}

fn open_capture(args: &CaptureArgs) -> Result<LiveCapture, Failure> {
    let interface = args.interface.clone().unwrap_or_else(default_interface);
    let batch = if args.is_awaited() { BATCH } else { LEISURE };
    let (snaplen, buffer, promiscuous) = (args.snaplen(), args.buffer_size, args.promiscuous);
    let options = LiveOptions { snaplen, buffer, promiscuous, batch };
    LiveCapture::open(&interface, &args.filter(), &options).map_err(|error| match error {
        SourceError::Filter { .. } | SourceError::FilterTooLarge { .. } => filter_words::refused(error),
        SourceError::NoRoom { .. } => Failure::from(error).advise("a smaller one will do: --buffer-size 8MiB is usual"),
        SourceError::NoPermission { .. } => {
            let failure = Failure::from(error).advise("One of these will do:");
            ways(&this_binary(), &this_command()).into_iter().fold(failure, Failure::advise)
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
    let stdout_is_taken = args.shows() || args.save.write.as_deref().is_some_and(|path| path.as_os_str() == "-");
    HeldCommand::hold(&args.command, user, stdout_is_taken).map(Some)
}

/// Starts the finder of processes, which must see more than the capture will.
fn open_process_book(args: &CaptureArgs) -> Result<ProcessBook, Failure> {
    let (finder, lack) = Finder::start()?;
    if args.rows.verbose {
        lack.iter().for_each(|lack| say(lack));
    }
    Ok(ProcessBook::new(finder, sandbox::user_names()))
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
fn confine(args: &CaptureArgs, recipe: Recipe, capture: &LiveCapture, save: Option<&Saver>) -> Result<(), Failure> {
    let writer = save.and_then(Saver::writer);
    let lacks = recipe.confine_live(Kind::Live { capture: capture.as_fd(), writer })?;
    if args.rows.verbose {
        lacks.iter().for_each(|lack| say(lack));
    }
    Ok(())
}

/// How rows look; with the names of hosts, unless connections are shown instead.
fn look(args: &CaptureArgs, names: &mut Option<NameBook>, capture: &LiveCapture) -> Look {
    Look {
        rows: args.rows.clone(),
        style: terminal::style(&args.look),
        with_processes: args.asks_for_processes(),
        names: if args.connections { None } else { names.take() },
        interfaces: capture.interface_names(),
        is_everywhere: capture.link() == LinkType::LINUX_SLL2,
    }
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

/// Ends the outputs, then says what the capture came to and what went wrong.
fn finish(capture: &mut LiveCapture, mut sinks: Sinks, end: End, seconds: f64) -> Result<Exit, Failure> {
    let drops = capture.drops().unwrap_or_default();
    let saved = sinks.save.as_mut().map_or(Ok(()), |save| save.finish(sinks.last, sinks.counts.packets, drops));
    sinks.show_connections(true);
    let shown = sinks.display.as_mut().map_or(Ok(0), Display::finish);
    line(&summary::packets(sinks.counts, seconds, drops));
    if let Some(tracker) = &sinks.tracker {
        summary::connections(tracker, terminal::style_of_errors().spelling()).iter().for_each(|words| line(words));
    }
    if let Ok(skipped @ 1..) = shown {
        line(&format!("{skipped} lines were not shown: the output was too slow for them"));
    }
    if let Some(save) = sinks.save.as_ref().filter(|_| saved.is_ok() && !matches!(end, End::Failed(_))) {
        line(&save.summary());
        if let (None, Some(file)) = (&sinks.tracker, save.only_file()) {
            line(&format!("how its connections went: layerscope flows {}", quoted(file)));
        }
    }
    let exit = match end {
        End::Failed(failure) => return Err(failure),
        End::Asked(None) => Exit::Done,
        End::Asked(Some(command)) => {
            line(&command.words);
            command.exit
        }
    };
    saved?;
    shown?;
    // That was said when it was noticed.
    let is_alone = sinks.processes.as_ref().is_some_and(ProcessBook::is_alone);
    Ok(if is_alone && matches!(exit, Exit::Done | Exit::AsCommand(0)) { Exit::Failed } else { exit })
}
