//! The command line: the only module that knows all the others.

mod args;
mod capture_rights;
mod choice;
mod commands;
mod companions;
mod exit;
mod filter_refusal;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod held;
mod input;
mod interrupts;
mod kernel;
mod mishap;
mod output;
mod progress;
mod recipe;
mod report;
mod rows;
mod streams;
mod tcpdump_hints;
mod terminal;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::render::text::sanitise;
use crate::sandbox;
use crate::source::tell_of_long_filters;
use args::{Args, Command};
pub use exit::Exit;
use report::Failure;

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    kernel::end_where_threads_have_no_memory();
    sandbox::outlive_large_files();
    tell_of_long_filters(|terms| report::say(&format!("compiling a filter of {terms} terms, which takes a while")));
    run_words(with_verb(std::env::args_os().collect())).into()
}

/// Runs a command line, the program's name and the verb first.
fn run_words(words: Vec<OsString>) -> Exit {
    let args = match Args::try_parse_from(&words) {
        Ok(args) => args,
        Err(error) => return report::usage(of_harmless_words(error, &words), verb(&words)),
    };
    let done = sandbox::check_invoker().map_err(Failure::from).and_then(|()| run_verb(&args.command));
    done.unwrap_or_else(|failure| report::failure(&failure))
}

fn run_verb(command: &Command) -> Result<Exit, Failure> {
    match command {
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
        Command::FindProcesses => companions::find_processes(),
        Command::WriteFiles(files) => companions::write_files(files),
        Command::RemoveStub(stub) => companions::remove_stub(stub),
        Command::RunWhenTold(told) => companions::run_when_told(&told.command),
    }
}

/// A complaint quotes words, so it is made of words that can be shown.
fn of_harmless_words(error: clap::Error, words: &[OsString]) -> clap::Error {
    let harmless = words.iter().map(|word| OsString::from(sanitise(&word.to_string_lossy())));
    let harmless: Vec<OsString> = harmless.collect();
    if harmless == words { error } else { Args::try_parse_from(harmless).err().unwrap_or(error) }
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
