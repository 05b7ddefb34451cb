//! `layerscope man`: manual pages, from the one definition of the command line.

use anyhow::{Context, anyhow};
use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::args::{Args, ManArgs};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, nearest};

/// Runs the verb.
pub(in crate::cli) fn run(args: &ManArgs) -> Result<Exit, Failure> {
    let mut whole = Args::command();
    whole.build();
    let command = match &args.verb {
        None => whole,
        Some(verb) => match whole.find_subcommand(verb) {
            Some(command) => command.clone(),
            None => return Err(no_such_verb(verb, &whole)),
        },
    };
    let mut out = output::stdout()?;
    Man::new(command).render(&mut out).context("writing to standard output")?;
    output::finish(out)?;
    Ok(Exit::Done)
}

fn no_such_verb(verb: &str, whole: &clap::Command) -> Failure {
    let failure = Failure::new(Exit::Usage, anyhow!("there is no verb '{verb}'"));
    match nearest(verb, whole.get_subcommands().map(clap::Command::get_name)) {
        Some(near) => failure.advise(format!("did you mean layerscope man {near}?")),
        None => failure,
    }
}
