//! `layerscope handshakes`: how every TCP connection opened.

use std::io::Write;

use super::connections::{Ready, conclude, report, sort, tell_of_none};
use crate::analyse::{Connection, Observed, Opening, timelines};
use crate::cli::args::{HandshakesArgs, VerbArgs};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::engine::{Captures, conversation_packets};
use crate::model::Transport;
use crate::render::{HandshakeRow, Ladder, View, text, write_handshake, write_timeline};

/// How many ladders are drawn without being asked for more.
const LADDERS: usize = 25;

/// Runs the verb.
pub(in crate::cli) fn run(args: &VerbArgs<HandshakesArgs>) -> Result<Exit, Failure> {
    let table = &args.table;
    terminal::check_color(&args.look, table.is_text() && args.many.expect.is_none(), "--format text")?;
    table.check()?;
    let ready = Ready::new(&args.many.selection, &args.safety)?;
    let again = if args.ladder { Some(ready.captures.again().ok_or_else(twice)?) } else { None };
    let (input, passed) = ready.follow(args.many.limits())?;
    let style = terminal::style(&args.look);
    let mut rows: Vec<HandshakeRow<'_>> = passed
        .connections()
        .filter_map(|connection| {
            Some(HandshakeRow { connection, handshake: connection.handshake()?, origin: passed.origin() })
        })
        .filter(|row| is_asked_for(args, row))
        .collect();
    if let Some(expectations) = &args.many.expect {
        let connections: Vec<&Connection> = rows.iter().map(|row| row.connection).collect();
        let exit = report(expectations, &connections, style)?;
        return Ok(conclude(passed, exit));
    }
    let mut out = output::stdout()?;
    sort(&mut rows, args.sort, |row| row.connection);
    if args.ladder && args.many.top.is_none() && rows.len() > LADDERS {
        say(&format!("{LADDERS} of {} handshakes are drawn; --top N draws more", rows.len()));
    }
    let is_empty = rows.is_empty();
    rows.truncate(args.many.top.unwrap_or(if args.ladder { LADDERS } else { usize::MAX }));
    match again {
        Some(again) => draw(args, again, &rows, &mut out)?,
        None => table.write(&rows, style, &mut out)?,
    }
    output::finish(out)?;
    if is_empty {
        tell_of_none(&passed, &input, passed.number_of(&[Transport::Tcp]), "TCP connection")?;
    }
    Ok(conclude(passed, Exit::Done))
}

fn twice() -> Failure {
    Failure::usage("--ladder reads the capture twice, which standard input and pipes do not allow")
        .advise("name a file")
}

fn is_asked_for(args: &HandshakesArgs, row: &HandshakeRow<'_>) -> bool {
    let opening = row.connection.verdict().map(|verdict| verdict.opening);
    let failed = matches!(opening, Some(Opening::Refused | Opening::NoAnswer { .. } | Opening::HalfOpen));
    let is_slow = |limit: i64| row.handshake.total().is_some_and(|total| total > limit);
    match (args.failed, args.slower_than) {
        (false, None) => true,
        (also_failed, slower) => also_failed && failed || slower.is_some_and(is_slow),
    }
}

/// Draws each handshake from its packets, which a second pass over the files picks up.
fn draw(
    args: &VerbArgs<HandshakesArgs>,
    again: Captures,
    rows: &[HandshakeRow<'_>],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let connections = rows.iter().map(|row| row.connection);
    let mut handshakes = conversation_packets::handshakes(again.batches()?, args.many.limits(), connections)?;
    let view = View { style: terminal::style(&args.look), absolute: false, read_text: &text::utf8_or_hex };
    for row in rows {
        let packets = handshakes.remove(&row.connection.stream()).unwrap_or_default();
        draw_one(row, &packets, &view, out)?;
    }
    Ok(())
}

fn draw_one(
    &HandshakeRow { connection, handshake, origin }: &HandshakeRow<'_>,
    packets: &[Observed],
    view: &View<'_>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    for timeline in timelines(packets, &[]) {
        let ladder = Ladder { timeline: &timeline, packets, calls: &[], origin, longest: 0, explain: false, view };
        write_timeline(&ladder, out)?;
    }
    write_handshake(handshake, view.style, out)?;
    writeln!(out, "  stream {}: {}\n", connection.stream(), view.style.spelling().conversation(connection))
}
