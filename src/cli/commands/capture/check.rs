//! What makes no sense together is refused before anything starts.

use std::io::{IsTerminal as _, stdout};
use std::path::PathBuf;

use crate::cli::args::{CaptureArgs, VerbArgs};
use crate::cli::report::Failure;
use crate::cli::rows::Rows;
use crate::cli::terminal;
use crate::source::Format;

/// Makes sense of the options together.
///
/// # Errors
///
/// They contradict each other, or one has nothing to say to the others.
pub(super) fn check(args: &VerbArgs<CaptureArgs>) -> Result<(), Failure> {
    let to_stdout = args.save.is_stdout();
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
        return Err(Failure::usage(format!("{name} is about the rows of packets, and {instead}")));
    }
    let has_color = if args.shows_rows() { rows.has_color() } else { args.connections };
    terminal::check_color(&args.look, has_color, "--format table, --verbose, --hex and --connections")
}

/// What is found out about packets must have a place to be shown or saved.
fn check_findings(args: &CaptureArgs, rows: Rows<'_>) -> Result<(), Failure> {
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

fn refuse(why: &'static str) -> Result<(), Failure> {
    Err(Failure::usage(why))
}
