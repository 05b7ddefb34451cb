//! `layerscope read`: the packets of saved captures.

use std::io::Write as _;

use anyhow::Context;

use crate::cli::args::ReadArgs;
use crate::cli::choice::{self, choice};
use crate::cli::exit::Exit;
use crate::cli::input::Input;
use crate::cli::output;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::render::View;

mod pass;
mod plan;
mod save;

use pass::{MOST_BYTES, Pass, Passed};
use plan::{MOST, Plan};

/// Runs the verb.
pub(in crate::cli) fn run(args: &ReadArgs) -> Result<Exit, Failure> {
    let plan = Plan::new(args)?;
    let recipe = Recipe::new(&args.safety)?;
    let input = Input::new(&args.words, &args.files, args.choice.filter.as_deref())?;
    let choice = choice(&args.choice, &input, plan.follows())?;
    let opened = input.open(args.merge)?;
    if let Some(path) = &args.output.write {
        return save::run(path, args, &input, opened, recipe, choice);
    }
    recipe.confine_reader()?;
    let read_text = terminal::payload_reader(args.output.rows.encoding);
    let view = View { style: terminal::style(&args.look), absolute: args.output.rows.absolute, read_text: &read_text };
    let Passed { exit, count, read, kept, named, choice, mut out } =
        Pass::new(&plan, &input, opened, choice, view)?.run()?;
    if args.output.count {
        writeln!(out, "{count}").context("writing to standard output")?;
    }
    let missing = choice::missing(&choice, count, input.files());
    match kept {
        Some(kept) => plan.draw(kept, choice, &view, &mut out)?,
        None if plan.drawn == MOST => say(&format!(
            "no timeline: it would have more than {MOST} packets, or {} MiB; choose some with --stream, a filter or -c",
            MOST_BYTES >> 20
        )),
        None => {}
    }
    output::finish(out)?;
    // Nothing on standard output says that nothing was found.
    if let Some(missing) = missing? {
        say(&missing);
    } else if exit == Exit::Done && count == 0 && !args.output.count {
        say(&input.none_of(read, "packet"));
    }
    if count > 0 && !named && args.output.rows.columns.iter().any(|column| column.needs_processes()) {
        say(&format!("{} no process named: `layerscope capture --process -w FILE.pcapng` saves them", input.have()));
    }
    Ok(exit)
}
