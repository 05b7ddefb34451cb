//! The command line: the only module that knows all the others.

mod args;
mod choice;
mod clock;
mod commands;
mod exit;
mod expect;
mod field;
mod habits;
mod input;
mod interrupts;
mod moment;
mod noted;
mod output;
mod privilege;
mod progress;
mod quantity;
mod remembered;
mod report;
mod rows;
mod savefile;
mod streams;
mod terminal;
mod turns;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Args, Command};
pub use exit::Exit;

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let words = with_verb(std::env::args_os().collect());
    let args = match Args::try_parse_from(&words) {
        Ok(args) => args,
        Err(error) => return report::usage(error, verb(&words)).into(),
    };
    let done = match &args.command {
        Command::Demo(demo) => commands::demo::run(demo),
        Command::Read(read) => commands::read::run(read),
        Command::Inspect(inspect) => commands::inspect::run(inspect),
        Command::Completions(completions) => commands::completions::run(completions),
        Command::Man(man) => commands::man::run(man),
        Command::Handshakes(handshakes) => commands::handshakes::run(handshakes),
        Command::Flows(flows) => commands::flows::run(flows),
        Command::Timeline(timeline) => commands::timeline::run(timeline),
        Command::Follow(follow) => commands::follow::run(follow),
        Command::Stats(stats) => commands::stats::run(stats),
        Command::Echo(echo) => commands::echo::run(echo),
        Command::Capture(capture) => commands::capture::run(capture),
        Command::Interfaces(interfaces) => commands::interfaces::run(interfaces),
        Command::FindProcesses => commands::capture::find_processes(),
        Command::RunWhenTold(told) => commands::capture::run_when_told(&told.command),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => report::failure(&failure).into(),
    }
}

/// The verb among the words, or the program's own name.
fn verb(words: &[OsString]) -> &str {
    let named = words.get(1).and_then(|word| word.to_str());
    named.filter(|word| Args::command().find_subcommand(word).is_some()).unwrap_or("layerscope")
}

/// The words of the command line; `layerscope FILE` means `layerscope read FILE`, also where the file's name is mistyped.
fn with_verb(mut words: Vec<OsString>) -> Vec<OsString> {
    let named_like =
        |word: &OsString| Path::new(word).extension().is_some() && !word.to_string_lossy().starts_with('-');
    let is_file = |word: &OsString| word == "-" || Path::new(word).exists() || named_like(word);
    if words.get(1).is_some_and(|first| Args::command().find_subcommand(first).is_none() && is_file(first)) {
        words.insert(1, "read".into());
    }
    words
}
