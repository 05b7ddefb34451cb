//! `layerscope stats`: what a capture is made of.

use anyhow::Context;

use super::connections::tell_damage;
use crate::analyse::Stats;
use crate::cli::args::{StatsArgs, TableFormat};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::engine::packets;
use crate::render::{StatsShape, StatsView, write_stats};

/// Runs the verb.
pub(in crate::cli) fn run(args: &StatsArgs) -> Result<Exit, Failure> {
    terminal::check_color(&args.look, args.format == TableFormat::Text, "--format text")?;
    let recipe = Recipe::new(&args.safety)?;
    let input = args.selection.input()?;
    let mut filter = input.compile()?;
    let mut stats = Stats::new(args.interval.map(|interval| i64::try_from(interval.as_nanos()).unwrap_or(i64::MAX)));
    let mut read = 0;
    let opened = input.open(false)?;
    recipe.confine_reader()?;
    let damages = packets::<Failure>(&opened.batches()?, |frame, packet| {
        read += 1;
        let accepted =
            filter.as_mut().map_or(Ok(true), |filter| filter.matches(frame)).map_err(|error| input.refused(error))?;
        if accepted {
            stats.observe(frame, packet);
        }
        Ok(())
    })?;
    let view = StatsView { stats: &stats, top: args.top, exact_intervals: args.interval.is_some() };
    let shape = match args.format {
        TableFormat::Text => StatsShape::Text,
        TableFormat::Json => StatsShape::Json,
        TableFormat::Csv => StatsShape::Csv,
    };
    let mut out = output::stdout()?;
    write_stats(&view, shape, terminal::style(&args.look), &mut out).context("writing to standard output")?;
    output::finish(out)?;
    if stats.total().packets == 0 && (read > 0 || damages.is_empty()) {
        say(&input.none_of(read, "packet"));
    }
    Ok(tell_damage(&damages, Exit::Done))
}
