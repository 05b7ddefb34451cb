//! `layerscope timeline`: one conversation from its first packet to its last.

use std::io::{self, Write};

use super::connections::{Ready, conclude_one, connection, tell_of_none};
use crate::analyse::{Connection, settle_answers, timelines};
use crate::cli::args::{DetailArgs, TimelineArgs, TimelineFormat, VerbArgs};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::engine::conversation_packets::{Gathered, gather};
use crate::render::{
    EventRow, Ladder, View, write_csv, write_handshake, write_mermaid, write_ndjson, write_svg, write_timeline,
};

/// Runs the verb.
pub(in crate::cli) fn run(args: &VerbArgs<TimelineArgs>) -> Result<Exit, Failure> {
    check(args)?;
    let stream = args.one.selection.choice.stream;
    let (input, scan) = Ready::new(&args.one.selection, &args.safety)?.scan(true)?;
    let read_text = terminal::saved_text_reader(args.one.text.encoding, scan.batches.encoding());
    let (passed, Gathered { rows, calls }) = gather(scan, stream, args.max_rows)?;
    let passed = input.checked(passed)?;
    let connection = connection(&passed, &input, stream, "timeline")?;
    let (packets, timeline) = rows.finish(|packets| {
        connection.into_iter().for_each(|connection| settle_answers(connection, packets));
        timelines(packets, &calls).pop()
    });
    let mut out = output::stdout()?;
    let DetailArgs { absolute, explain } = args.detail;
    let view = View { style: terminal::style(&args.look), absolute, read_text: &read_text };
    if let Some(timeline) = &timeline {
        let (packets, calls, origin) = (packets.as_slice(), calls.as_slice(), passed.origin());
        let ladder = Ladder { timeline, packets, calls, origin, longest: 0, explain, view: &view };
        write(args.table.format, &args.table.columns, &ladder, &mut out)?;
        if let Some(handshake) =
            connection.and_then(Connection::handshake).filter(|_| args.table.format == TimelineFormat::Text)
        {
            write_handshake(handshake, view.style, &mut out)?;
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
fn check(args: &VerbArgs<TimelineArgs>) -> Result<(), Failure> {
    let refuse = |words: &'static str| Err(Failure::usage(words));
    let DetailArgs { absolute, explain } = &args.detail;
    match args.table.format {
        TimelineFormat::Text | TimelineFormat::Mermaid | TimelineFormat::Svg if !args.table.columns.is_empty() => {
            refuse("--columns is for --format json and csv; the others draw packets and calls")
        }
        TimelineFormat::Json | TimelineFormat::Csv if *absolute => {
            refuse("--absolute is for --format text, mermaid and svg; json and csv have both numbers")
        }
        TimelineFormat::Svg if *explain => {
            refuse("--explain is for --format text, json, csv and mermaid; in svg the sentences are tooltips")
        }
        format => terminal::check_color(&args.look, format == TimelineFormat::Text, "--format text"),
    }
}

fn write(format: TimelineFormat, columns: &[&str], ladder: &Ladder<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        TimelineFormat::Text => write_timeline(ladder, out),
        TimelineFormat::Json if columns.is_empty() => write_ndjson(&EventRow::conversation(ladder), &[], out),
        TimelineFormat::Json => write_ndjson(&EventRow::events(ladder), columns, out),
        TimelineFormat::Csv => write_csv(&EventRow::events(ladder), columns, out),
        TimelineFormat::Mermaid => write_mermaid(ladder, out),
        TimelineFormat::Svg => write_svg(ladder, out),
    }
}
