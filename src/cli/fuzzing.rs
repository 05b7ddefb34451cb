//! What the fuzz targets reach of this module's insides. It is compiled for them (`cfg(fuzzing)`) and for the tests alone.

use std::ffi::OsString;

use clap::{CommandFactory, Parser};

use super::args::Args;
use super::{Exit, run_words};

/// Runs a verb with these words in this process, which confines itself to nothing: another verb will follow.
#[must_use]
pub fn run(verb: &str, words: &[&str]) -> Exit {
    let free = is_confined(verb).then_some("--no-sandbox");
    run_words(["layerscope", verb].into_iter().chain(free).chain(words.iter().copied()).map(OsString::from).collect())
}

/// Whether a verb would confine the process unless told not to.
fn is_confined(verb: &str) -> bool {
    let is_it = |option: &clap::Arg| option.get_long() == Some("no-sandbox");
    let mut command = Args::command();
    command.build();
    command.find_subcommand(verb).is_some_and(|verb| verb.get_arguments().any(is_it))
}

/// Reads a command line without running it; what is said where it makes no sense.
///
/// # Errors
///
/// The words of the complaint.
pub fn parse(words: &[&str]) -> Result<(), String> {
    let words = ["layerscope"].iter().chain(words);
    Args::try_parse_from(words).map(drop).map_err(|error| error.render().to_string())
}
