//! `layerscope completions`: a shell's completion script, from the one definition of the command line.

use clap::CommandFactory;
use clap::builder::PossibleValuesParser;
use clap_complete::generate;

use super::man::verbs;
use crate::cli::args::{Args, CompletionsArgs};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::Failure;

/// Runs the verb.
pub(in crate::cli) fn run(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let command = Args::command();
    // `man` takes the names of the other verbs.
    let names: Vec<String> = verbs(&command).map(|verb| verb.get_name().to_owned()).collect();
    let mut command = command
        .mut_subcommand("man", |man| man.mut_arg("verb", |verb| verb.value_parser(PossibleValuesParser::new(names))));
    // The generator panics where it cannot write, so it writes to memory.
    let mut script = Vec::new();
    generate(args.shell, &mut command, "layerscope", &mut script);
    let mut out = output::stdout()?;
    std::io::Write::write_all(&mut out, &script)?;
    output::finish(out)?;
    Ok(Exit::Done)
}
