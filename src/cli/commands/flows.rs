//! `layerscope flows`: every conversation in a row.

use std::cmp::Reverse;

use anyhow::Context;

use super::connections::{conclude, sort_by_start, tell_of_none, write_rows};
use crate::analyse::{Connection, Marks};
use crate::cli::args::{FlowOrder, FlowsArgs, TableFormat};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::recipe::Recipe;
use crate::cli::report::Failure;
use crate::cli::terminal;
use crate::engine::follow_all;
use crate::model::Transport;
use crate::render::{Flow, Totals};

/// Runs the verb.
pub(in crate::cli) fn run(args: &FlowsArgs) -> Result<Exit, Failure> {
    let has_color = args.many.format == TableFormat::Text && args.many.expect.is_none();
    terminal::check_color(&args.look, has_color, "--format text")?;
    let recipe = Recipe::new(&args.safety)?;
    let input = args.selection.input()?;
    let filter = input.compile()?;
    let opened = input.open(false)?;
    recipe.confine_reader()?;
    let followed = follow_all(opened.batches()?, filter, args.many.limits());
    let scan = followed.map_err(|error| input.refused(error))?;
    let style = terminal::style(&args.look);
    let mut connections: Vec<&Connection> = scan.connections().collect();
    let mut out = output::stdout()?;
    if let Some(expectations) = &args.many.expect {
        let met = expectations.check(&connections, style, &mut out).context("writing to standard output")?;
        output::finish(out)?;
        return Ok(conclude(scan, if met { Exit::Done } else { Exit::Unmet }));
    }
    let mut totals = Totals::default();
    connections.iter().for_each(|connection| totals.add(connection));
    sort(&mut connections, args.sort);
    let is_empty = connections.is_empty();
    connections.truncate(args.many.top.unwrap_or(usize::MAX));
    let rows: Vec<Flow<'_>> = connections.iter().map(|connection| Flow { connection, origin: scan.origin }).collect();
    write_rows(&rows, args.many.format, style, &mut out)?;
    if args.many.format == TableFormat::Text {
        totals
            .write(scan.others.saturating_sub(scan.tracker.late()), style, &mut out)
            .context("writing to standard output")?;
    }
    output::finish(out)?;
    if is_empty {
        tell_of_none(&scan, &input, &[Transport::Tcp, Transport::Udp], "conversation");
    }
    Ok(conclude(scan, Exit::Done))
}

fn sort(connections: &mut [&Connection], key: FlowOrder) {
    match key {
        FlowOrder::Start => sort_by_start(connections, |connection| connection),
        FlowOrder::Stream => {}
        FlowOrder::Duration => connections.sort_by_cached_key(|connection| Reverse(connection.duration())),
        FlowOrder::Packets => connections.sort_by_key(|connection| Reverse(connection.packets())),
        FlowOrder::Bytes => connections.sort_by_key(|connection| Reverse(connection.bytes())),
        FlowOrder::Rtt => connections.sort_by_cached_key(|connection| Reverse(connection.round_trip_time())),
        FlowOrder::Retransmissions => {
            connections.sort_by_cached_key(|connection| Reverse(connection.marked(Marks::RETRANSMISSION)));
        }
    }
}
