//! What a capture came to, in a few lines on standard error.

use std::path::{Path, PathBuf};

use crate::analyse::{Tally, Tracker};
use crate::cli::args::CaptureArgs;
use crate::cli::exit::Exit;
use crate::cli::report::{Failure, line};
use crate::cli::terminal;
use crate::engine::command_line::quoted;
use crate::engine::live::{CommandEnd, Counts, End, Ended, Outcome, Saved};
use crate::host::ProcessBook;
use crate::words::en::count;

/// Says what the capture came to and what went wrong, and how that ends. `command` is what ran meanwhile, `only_file` what
/// was saved that can be read again.
pub(super) fn tell(
    args: &CaptureArgs,
    ended: Ended,
    command: Option<&str>,
    only_file: Option<&PathBuf>,
) -> Result<Exit, Failure> {
    let Ended { end, outcome, known, failure } = ended;
    line(&packets(&outcome));
    if let Some(tracker) = &known.tracker {
        connections(tracker).iter().for_each(|words| line(words));
    }
    if let skipped @ 1.. = outcome.skipped {
        line(&format!("{skipped} lines were not shown: the output was too slow for them"));
    }
    if let (Some(saved), Some(path), End::Asked(_)) = (&outcome.saved, &args.save.write, &end) {
        line(&saved_in(saved, path));
        if let (None, Some(file)) = (&known.tracker, only_file) {
            line(&format!("how its connections went: layerscope flows {}", quoted(file)));
        }
    }
    let exit = match end {
        End::Failed(failure) => return Err(failure),
        End::Asked(None) => Exit::Done,
        End::Asked(Some(ended)) => {
            line(&command_end(command.unwrap_or_default(), ended));
            ended.exit()
        }
    };
    if let Some(failure) = failure {
        return Err(failure);
    }
    // That was said when it was noticed.
    let is_alone = known.processes.as_ref().is_some_and(ProcessBook::is_alone);
    Ok(if is_alone && matches!(exit, Exit::Done | Exit::AsCommand(0)) { Exit::Failed } else { exit })
}

/// `12 packets (3456 bytes) in 1.5 s, dropped: 0 by the kernel, 0 by the interface`
fn packets(outcome: &Outcome) -> String {
    let Counts { packets, bytes } = outcome.counts;
    let (seconds, drops) = (outcome.seconds, outcome.drops);
    let dropped = terminal::style_of_errors().spelling().dropped(drops.by_kernel, drops.by_interface);
    format!("{} ({bytes} bytes) in {seconds:.1} s, {dropped}", count(packets, "packet"))
}

fn connections(tracker: &Tracker) -> Vec<String> {
    terminal::style_of_errors().spelling().tally(&Tally::of(tracker))
}

fn saved_in(saved: &Saved, path: &Path) -> String {
    match saved.begun {
        1 if path == Path::new("-") => "written to standard output".to_owned(),
        1 => format!("saved in {}", saved.newest.display()),
        begun => format!("saved in {begun} files like {}, {} kept", saved.newest.display(), saved.kept),
    }
}

fn command_end(name: &str, end: CommandEnd) -> String {
    match end {
        CommandEnd::WithCode(code) => format!("{name} ended with exit code {code}"),
        CommandEnd::BySignal(signal) => format!("{name} was ended by signal {signal}"),
        CommandEnd::Somehow => format!("{name} ended"),
        CommandEnd::WithSupervisor => format!("{name} ended with its supervisor"),
    }
}
