//! `layerscope timeline`: one conversation from its first packet to its last.

use std::io::Write;

use anyhow::Context;

use super::scan::scan;
use crate::analyse::{Limits, Observed, Rows, Timeline, timelines};
use crate::cli::args::{TimelineArgs, TimelineFormat};
use crate::cli::exit::Exit;
use crate::cli::input::Input;
use crate::cli::output;
use crate::cli::report::Failure;
use crate::cli::terminal;
use crate::model::SocketCall;
use crate::render::{View, write_handshake, write_ladder_json, write_mermaid, write_svg, write_timeline};

/// The most calls that are read from a capture's comments.
const CALLS: usize = 100_000;

/// Runs the verb.
pub(in crate::cli) fn run(args: &TimelineArgs) -> Result<Exit, Failure> {
    let mut rows = Rows::new(args.max_rows);
    let mut calls: Vec<SocketCall> = Vec::new();
    let scan = scan(&Input::of(args.one.files.clone()), Limits::default(), |frame, _, seen| {
        // The calls of a saved demonstration are comments of its packets.
        let spoken = frame.comments.iter().filter_map(|comment| comment.parse().ok());
        calls.extend(spoken.take(CALLS - calls.len()));
        if let Some(seen) =
            seen.filter(|seen| seen.transport == args.one.stream.transport && seen.stream == args.one.stream.number)
        {
            rows.push(Observed { frame: frame.to_owned(), seen: Some(*seen) });
        }
        Ok(())
    })?;
    let connection = scan.connection(args.one.stream)?;
    calls.sort_by_key(|call| call.entered);
    let (packets, timeline) = rows.finish(|packets| timelines(packets, &calls).pop());
    let mut out = output::stdout()?;
    if let Some(timeline) = &timeline {
        write(args, timeline, &packets, &calls, &mut out).context("writing to standard output")?;
        if let Some(handshake) = connection.handshake().filter(|_| args.format == TimelineFormat::Text) {
            write_handshake(handshake, terminal::style(&args.display.look), &mut out)
                .context("writing to standard output")?;
        }
    }
    output::finish(out)?;
    Ok(scan.conclude(Exit::Done))
}

fn write(
    args: &TimelineArgs,
    timeline: &Timeline,
    packets: &[Observed],
    calls: &[SocketCall],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let read_text = terminal::text_reader(args.one.encoding);
    let view =
        View { style: terminal::style(&args.display.look), absolute: args.display.absolute, read_text: &read_text };
    let explain = args.display.explain;
    match args.format {
        TimelineFormat::Text => write_timeline(timeline, packets, calls, explain, &view, out),
        TimelineFormat::Json => write_ladder_json(timeline, packets, calls, explain, &view, out),
        TimelineFormat::Mermaid => write_mermaid(timeline, packets, calls, explain, &view, out),
        TimelineFormat::Svg => write_svg(timeline, packets, calls, &view, out),
    }
}
