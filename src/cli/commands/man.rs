//! `layerscope man`: manual pages, from the one definition of the command line.

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::cli::args::{Args, ManArgs};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::Failure;
use crate::engine::likeness::nearest;

/// Runs the verb.
pub(in crate::cli) fn run(args: &ManArgs) -> Result<Exit, Failure> {
    let mut whole = Args::command();
    whole.build();
    let mut command = &whole;
    for verb in &args.verb {
        command = verbs(command).find(|known| known.get_name() == verb).ok_or_else(|| no_such_verb(verb, command))?;
    }
    let version = concat!("layerscope ", env!("CARGO_PKG_VERSION"));
    let mut out = output::stdout()?;
    let page = Man::new(command.clone()).source(version).manual("layerscope");
    page.render(&mut out)?;
    output::finish(out)?;
    Ok(Exit::Done)
}

/// The verbs that have a page.
pub(super) fn verbs(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help")
}

fn no_such_verb(verb: &str, above: &Command) -> Failure {
    let failure = Failure::usage(format!("{} has no verb '{verb}'", above.get_name()));
    match nearest(verb, verbs(above).map(Command::get_name)) {
        Some(near) => failure.advise(format!("did you mean {near}?")),
        None => failure,
    }
}
