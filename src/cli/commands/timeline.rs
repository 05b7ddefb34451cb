//! `layerscope timeline`: one conversation from its first packet to its last.

use std::io::{self, Write};

use anyhow::{Context, anyhow};

use super::connections::{Ready, conclude_one, connection, tell_of_none};
use crate::analyse::{Connection, Observed, Rows, call_notation, settle_answers, timelines};
use crate::cli::args::{DisplayArgs, TimelineArgs, TimelineFormat};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::engine::{Fate, Passing};
use crate::model::{FlowKey, SocketCall};
use crate::render::{
    Drawing, View, write_events_csv, write_events_json, write_handshake, write_mermaid, write_svg, write_timeline,
};

/// The most calls that are read from a capture's comments.
const CALLS: usize = 100_000;

/// Runs the verb.
pub(in crate::cli) fn run(args: &TimelineArgs) -> Result<Exit, Failure> {
    check(args)?;
    let ready = Ready::new(&args.one.selection, &args.safety)?;
    let mut rows = Rows::new(args.max_rows);
    let mut calls: Vec<SocketCall> = Vec::new();
    // Its ends, once a packet of it was there: ICMP errors quote them.
    let mut ends = None;
    let stream = args.one.selection.choice.stream;
    let (input, passed) = ready.scan(true, &mut |Passing { frame, packet, seen, fate, .. }: Passing<'_>| {
        // The calls of a saved demonstration are comments of its packets.
        let spoken = frame.comments.iter().filter_map(|comment| call_notation::read(comment));
        calls.extend(spoken.take(CALLS - calls.len()));
        let quotes = || {
            let quoted = packet.quoted_endpoints();
            quoted.map(|(transport, from, to)| FlowKey::new(transport, from, to)) == ends
        };
        let belongs = match fate {
            Fate::Chosen => stream.is_some(),
            Fate::Beside => ends.is_some() && quotes(),
            Fate::LeftOut => false,
        };
        if belongs {
            ends = packet.flow().or(ends);
            rows.push(Observed { frame: frame.to_owned(), seen: seen.copied() });
        }
        Ok(())
    })?;
    let connection = connection(&passed, &input, stream, "timeline")?;
    calls.sort_by_key(|call| call.entered);
    let (packets, timeline) = rows.finish(|packets| {
        connection.into_iter().for_each(|connection| settle_answers(connection, packets));
        timelines(packets, &calls).pop()
    });
    let mut out = output::stdout()?;
    let read_text = terminal::text_reader(args.one.encoding);
    let DisplayArgs { look, absolute, explain } = args.display;
    let view = View { style: terminal::style(&look), absolute, read_text: &read_text };
    if let Some(timeline) = &timeline {
        let (packets, calls, origin) = (packets.as_slice(), calls.as_slice(), passed.origin());
        let drawing = Drawing { timeline, packets, calls, origin, longest: 0, explain, view: &view };
        write(args.format, &drawing, &mut out).context("writing to standard output")?;
        if let Some(handshake) =
            connection.and_then(Connection::handshake).filter(|_| args.format == TimelineFormat::Text)
        {
            write_handshake(handshake, view.style, &mut out).context("writing to standard output")?;
        }
    }
    output::finish(out)?;
    if passed.chosen == 0 {
        tell_of_none(&passed, &input, passed.read, "packet")?;
    } else if timeline.is_none() {
        say(&format!("{} no packet of this conversation, but an ICMP error that quotes one", input.have()));
    }
    Ok(conclude_one(passed, Exit::Done))
}

/// What has nothing to say to the format is refused.
fn check(args: &TimelineArgs) -> Result<(), Failure> {
    let refuse = |words: &'static str| Err(Failure::new(Exit::Usage, anyhow!(words)));
    let DisplayArgs { look, absolute, explain } = &args.display;
    match args.format {
        TimelineFormat::Json | TimelineFormat::Csv if *absolute => {
            refuse("--absolute is for --format text, mermaid and svg; json and csv have both numbers")
        }
        TimelineFormat::Svg if *explain => {
            refuse("--explain is for --format text, json, csv and mermaid; in svg the sentences are tooltips")
        }
        format => terminal::check_color(look, format == TimelineFormat::Text, "--format text"),
    }
}

fn write(format: TimelineFormat, drawing: &Drawing<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        TimelineFormat::Text => write_timeline(drawing, out),
        TimelineFormat::Json => write_events_json(drawing, out),
        TimelineFormat::Csv => write_events_csv(drawing, out),
        TimelineFormat::Mermaid => write_mermaid(drawing, out),
        TimelineFormat::Svg => write_svg(drawing, out),
    }
}
