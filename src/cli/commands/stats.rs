//! `layerscope stats`: what a capture is made of.

use super::connections::{Ready, tell_damage, tell_of_none};
use crate::analyse::Stats;
use crate::cli::args::{StatsArgs, VerbArgs};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::Failure;
use crate::cli::terminal;
use crate::engine::{Fate, Passing};
use crate::render::{StatsRow, StatsView, write_stats};

/// Runs the verb.
pub(in crate::cli) fn run(args: &VerbArgs<StatsArgs>) -> Result<Exit, Failure> {
    terminal::check_color(&args.look, args.table.is_text(), "--format text")?;
    check(args)?;
    let mut stats = Stats::new(args.interval.map(|interval| i64::try_from(interval.as_nanos()).unwrap_or(i64::MAX)));
    let (input, scan) = Ready::new(&args.selection, &args.safety)?.scan(false)?;
    let passed = scan.run(&mut |Passing { frame, packet, fate, .. }: Passing<'_>| {
        if fate == Fate::Chosen {
            stats.observe(frame, packet);
        }
        Ok(())
    })?;
    let passed = input.checked(passed)?;
    let (columns, exact_intervals) = (&*args.table.columns, args.interval.is_some());
    let view = StatsView { stats: &stats, top: args.top, columns, sort: args.sort, exact_intervals };
    let mut out = output::stdout()?;
    write_stats(&view, args.table.format, terminal::style(&args.look), &mut out)?;
    output::finish(out)?;
    if passed.chosen == 0 && (passed.read > 0 || passed.damages.is_empty()) {
        tell_of_none(&passed, &input, passed.read, "packet")?;
    }
    Ok(tell_damage(&passed, Exit::Done))
}

/// What no kind of fact has together, and what nothing is sorted by, is refused.
fn check(args: &StatsArgs) -> Result<(), Failure> {
    args.table.check()?;
    let refuse = |words: &str| Err(Failure::usage(format!("{words}; --help lists the columns")));
    if StatsRow::kinds_with(&args.table.columns).is_empty() {
        return refuse("no kind of fact has all of these columns");
    }
    match args.sort {
        Some(key) if !StatsRow::is_sortable(key) => {
            refuse(&format!("neither endpoints nor ports have the column {key}"))
        }
        _ => Ok(()),
    }
}
