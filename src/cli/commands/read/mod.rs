//! `layerscope read`: the packets of saved captures.

use std::io::Write as _;

use crate::cli::args::{ReadArgs, VerbArgs};
use crate::cli::choice::{self, choice};
use crate::cli::exit::Exit;
use crate::cli::input::Input;
use crate::cli::output;
use crate::cli::progress;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::engine::rows::{Keep, RowScan, Shown};
use crate::render::View;

mod plan;
mod save;

use plan::{MOST, MOST_BYTES, Plan};

/// Runs the verb.
pub(in crate::cli) fn run(args: &VerbArgs<ReadArgs>) -> Result<Exit, Failure> {
    let plan = Plan::new(args)?;
    let recipe = Recipe::new(&args.safety)?;
    let input = Input::new(&args.words, &args.files, args.choice.filter.as_deref())?;
    let choice = choice(&args.choice, &input, plan.follows())?;
    let opened = input.open(args.merge)?;
    if let Some(path) = &args.output.write {
        return save::run(path, args, &input, opened, recipe, choice);
    }
    recipe.confine_reader()?;
    let (may_wait, batches) = (opened.may_wait(), opened.batches()?);
    let read_text = terminal::payload_reader(args.output.rows.text.encoding, batches.encoding());
    let view = View { style: terminal::style(&args.look), absolute: args.output.rows.absolute, read_text: &read_text };
    let scan = RowScan {
        may_wait,
        batches,
        choice,
        limit: args.choice.limit,
        shape: plan.shape(view),
        keep: Keep { packets: plan.drawn, bytes: MOST_BYTES },
    };
    let mut out = output::stdout()?;
    let Shown { exit, chosen, read, kept, has_named, choice, refusal } = scan.run(&mut out, progress::telling())?;
    if let Some(refusal) = refusal {
        return Err(input.refused(refusal));
    }
    if args.output.count {
        writeln!(out, "{chosen}")?;
    }
    let missing = choice::missing(&choice, chosen, input.files());
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
    } else if exit == Exit::Done && chosen == 0 && !args.output.count {
        say(&input.none_of(read, "packet"));
    }
    if chosen > 0 && !has_named && args.output.rows.columns.iter().any(|column| column.needs_processes()) {
        say(&format!("{} no process named: `layerscope capture --process -w FILE.pcapng` saves them", input.have()));
    }
    Ok(exit)
}
