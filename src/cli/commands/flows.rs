//! `layerscope flows`: every conversation in a row.

use super::connections::{Ready, conclude, report, sort, tell_of_none};
use crate::analyse::{Connection, Tracker};
use crate::cli::args::{FlowsArgs, VerbArgs};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::Failure;
use crate::cli::terminal;
use crate::model::Transport;
use crate::render::{Flow, Totals};

/// Runs the verb.
pub(in crate::cli) fn run(args: &VerbArgs<FlowsArgs>) -> Result<Exit, Failure> {
    let table = &args.table;
    terminal::check_color(&args.look, table.is_text() && args.many.expect.is_none(), "--format text")?;
    table.check()?;
    let (input, passed) = Ready::new(&args.many.selection, &args.safety)?.follow(args.many.limits())?;
    let style = terminal::style(&args.look);
    if let Some(expectations) = &args.many.expect {
        let connections: Vec<&Connection> = passed.connections().collect();
        let exit = report(expectations, &connections, style)?;
        return Ok(conclude(passed, exit));
    }
    let mut out = output::stdout()?;
    let mut rows: Vec<Flow<'_>> =
        passed.connections().map(|connection| Flow { connection, origin: passed.origin() }).collect();
    let mut totals = Totals::default();
    rows.iter().for_each(|row| totals.add(row.connection));
    sort(&mut rows, args.sort, |row| row.connection);
    let is_empty = rows.is_empty();
    rows.truncate(args.many.top.unwrap_or(usize::MAX));
    table.write(&rows, style, &mut out)?;
    if table.is_text() {
        let late = passed.tracker().map_or(0, Tracker::late);
        totals.write(passed.others.saturating_sub(late), style, &mut out)?;
    }
    output::finish(out)?;
    if is_empty {
        let all = passed.number_of(&[Transport::Tcp, Transport::Udp]);
        tell_of_none(&passed, &input, all, "conversation")?;
    }
    Ok(conclude(passed, Exit::Done))
}
