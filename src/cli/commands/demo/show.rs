//! A demonstration on standard output and in a file, and the list of those there are.

use std::io::{self, Write};

use crate::analyse::{Ledger, Measured, Observed, measure};
use crate::cli::args::{DemoArgs, Format, Part, VerbArgs};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::Failure;
use crate::cli::terminal;
use crate::engine::{Document, Selection, Transcript};
use crate::lab::{SCENARIOS, Scenario};
use crate::render::{
    Style, View, Ways, write_encapsulation, write_ledger, write_measured, write_teaching, write_ways, write_wrapped,
};
use crate::source::Drops;

/// Prints every scenario with what it shows.
pub(super) fn list(style: Style) -> Result<Exit, Failure> {
    let mut out = output::stdout()?;
    let time = |seconds: u8| format!(" (about {seconds} s)");
    let row = |scenario: &Scenario| {
        let title = style.spelling().scenario_title(scenario.key);
        vec![scenario.key.key().to_owned(), format!("{title}{}", scenario.seconds.map(time).unwrap_or_default())]
    };
    write_wrapped(&[], SCENARIOS.iter().map(row), style, &mut out)?;
    output::finish(out)?;
    Ok(Exit::Done)
}

/// What a demonstration came to.
pub(super) struct Shown<'a> {
    pub(super) transcript: &'a Transcript,
    pub(super) ledger: &'a Ledger,
    pub(super) ways: Ways<'a>,
}

/// Shows what was asked for.
pub(super) fn show(args: &VerbArgs<DemoArgs>, shown: &Shown<'_>, drops: Drops, broke_off: bool) -> Result<(), Failure> {
    let Shown { transcript, ledger, ways } = *shown;
    let style = terminal::style(&args.look);
    let read_text = terminal::text_reader(args.encoding);
    let view = View { style, absolute: args.detail.absolute, read_text: &read_text };
    let (mut out, dropped) = (output::stdout()?, drops.by_kernel);
    let written = match args.format {
        Format::Json => {
            let scenario = args.scenario.key.key();
            let measured = &measured(args, transcript);
            let document = Document { scenario, measured, has_times: !args.canonical, ledger, dropped, ways };
            transcript.write_document(&document, &view, &mut out)
        }
        Format::Text => transcript
            .write(&selection(args), &view, &mut out)
            .and_then(|()| {
                write_ways(&ways, &transcript.packets, transcript.packet_to_open(args.packet), &view, &mut out)
            })
            .and_then(|()| write_ledger(ledger, &transcript.calls, dropped, broke_off, style, &mut out))
            .and_then(|()| write_conclusion(args, transcript, &view, &mut out)),
    };
    written?;
    output::finish(out)
}

fn selection(args: &DemoArgs) -> Selection {
    let shows = |part| args.show.contains(&part);
    Selection {
        table: shows(Part::Table),
        columns: args.scenario.columns,
        timeline: shows(Part::Timeline),
        bytes: shows(Part::Bytes),
        packet: args.packet,
        every_payload: args.scenario.compares_payloads,
        explain: args.detail.explain,
    }
}

/// What the scenario is there to show, at the end.
fn write_conclusion(args: &DemoArgs, transcript: &Transcript, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    if args.scenario.compares_sizes {
        let packets = transcript.packets.iter().map(Observed::packet);
        write_encapsulation(packets, view.style, out)?;
    }
    if args.detail.explain {
        write_teaching(view.style.spelling().scenario_teaches(args.scenario.key), view.style, out)?;
        write_measured(&measured(args, transcript), !args.canonical, view.style, out)?;
    }
    Ok(())
}

fn measured(args: &DemoArgs, transcript: &Transcript) -> Vec<Measured> {
    measure(args.scenario.measures, &transcript.packets, &transcript.timelines, &transcript.calls)
}
