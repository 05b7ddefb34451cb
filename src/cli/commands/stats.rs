//! `layerscope stats`: what a capture is made of.

use super::connections::{Ready, tell_damage, tell_of_none};
use crate::analyse::Stats;
use crate::cli::args::{StatsArgs, TableFormat};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::Failure;
use crate::cli::terminal;
use crate::engine::{Fate, Passing};
use crate::render::{StatsShape, StatsView, write_stats};

/// Runs the verb.
pub(in crate::cli) fn run(args: &StatsArgs) -> Result<Exit, Failure> {
    terminal::check_color(&args.look, args.format == TableFormat::Text, "--format text")?;
    let mut stats = Stats::new(args.interval.map(|interval| i64::try_from(interval.as_nanos()).unwrap_or(i64::MAX)));
    let (input, scan) = Ready::new(&args.selection, &args.safety)?.scan(false)?;
    let passed = scan.run(&mut |Passing { frame, packet, fate, .. }: Passing<'_>| {
        if fate == Fate::Chosen {
            stats.observe(frame, packet);
        }
        Ok(())
    })?;
    let passed = input.checked(passed)?;
    let view = StatsView { stats: &stats, top: args.top, exact_intervals: args.interval.is_some() };
    let shape = match args.format {
        TableFormat::Text => StatsShape::Text,
        TableFormat::Json => StatsShape::Json,
        TableFormat::Csv => StatsShape::Csv,
    };
    let mut out = output::stdout()?;
    write_stats(&view, shape, terminal::style(&args.look), &mut out)?;
    output::finish(out)?;
    if passed.chosen == 0 && (passed.read > 0 || passed.damages.is_empty()) {
        tell_of_none(&passed, &input, passed.read, "packet")?;
    }
    Ok(tell_damage(&passed, Exit::Done))
}
