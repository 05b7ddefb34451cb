//! The command line: the only module that knows all the others.

mod args;
mod commands;
mod exit;
mod output;
mod privilege;
mod report;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
pub use exit::Exit;

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return report::usage(&error).into(),
    };
    let done = match &args.command {
        Command::Demo(demo) => commands::demo::run(demo),
        Command::Read(read) => commands::read::run(read),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => report::failure(&failure).into(),
    }
}
