//! `layerscope completions`: a shell's completion script, from the one definition of the command line.

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::generate;

use crate::cli::args::{Args, CompletionsArgs};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::Failure;

/// Runs the verb.
pub(in crate::cli) fn run(args: &CompletionsArgs) -> Result<Exit, Failure> {
    // The generator panics where it cannot write, so it writes to memory.
    let mut script = Vec::new();
    generate(args.shell, &mut Args::command(), "layerscope", &mut script);
    let mut out = output::stdout()?;
    std::io::Write::write_all(&mut out, &script).context("writing to standard output")?;
    output::finish(out)?;
    Ok(Exit::Done)
}
