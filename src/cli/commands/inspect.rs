//! `layerscope inspect`: one packet opened to its bytes.

use std::io::Write as _;
use std::path::Path;
use std::slice;

use anyhow::{Context, anyhow};

use crate::analyse::{Limits, Tracker};
use crate::cli::args::{Format, InspectArgs};
use crate::cli::exit::Exit;
use crate::cli::field::Opened;
use crate::cli::input::{Input, captures_have};
use crate::cli::output;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, quoted, say};
use crate::cli::terminal;
use crate::decode::headers;
use crate::engine::dissect_seen;
use crate::model::Layer;
use crate::render::{View, json, text, write_layer, write_packet_bytes};
use crate::source::{FrameSource, SourceError};

/// Runs the verb.
pub(in crate::cli) fn run(args: &InspectArgs) -> Result<Exit, Failure> {
    let recipe = Recipe::new(&args.safety)?;
    let capture = Input::of(vec![args.file.clone()]).open(false)?;
    recipe.confine_reader()?;
    let capture = capture.read()?;
    let opened = match number(args) {
        Ok(number) => find(args, capture, number)?,
        Err(wrong) => return Err(count(args, capture, &wrong)),
    };
    let mut out = output::stdout()?;
    match &args.field {
        Some(key) => {
            for value in opened.values(key)? {
                writeln!(out, "{value}").context("writing to standard output")?;
            }
        }
        None => show(args, &opened, &mut out)?,
    }
    output::finish(out)?;
    Ok(Exit::Done)
}

/// The number of the packet, as typed.
///
/// # Errors
///
/// It is missing or none, in words.
fn number(args: &InspectArgs) -> Result<u64, String> {
    let typed = args.number.as_deref();
    if let Some(number) = typed.and_then(|typed| typed.parse().ok()).filter(|number| *number > 0) {
        return Ok(number);
    }
    Err(match typed {
        Some(typed) => format!("'{}' is no packet number", text::sanitise(typed)),
        None => "the packet's number is missing".to_owned(),
    })
}

/// What is wrong with the number, and which packets there are.
fn count(args: &InspectArgs, mut capture: Box<dyn FrameSource>, wrong: &str) -> Failure {
    let mut count = 0;
    while let Ok(Some(frame)) = capture.next_frame() {
        count = frame.number;
    }
    let failure = Failure::new(Exit::Usage, anyhow!("{wrong}: {}", there_are(args, count)));
    // What comes through a pipe is gone when it was counted.
    let is_there_again = count > 0 && args.file != Path::new("-");
    if is_there_again { failure.advise(format!("layerscope inspect {} 1", quoted(&args.file))) } else { failure }
}

fn there_are(args: &InspectArgs, count: u64) -> String {
    let has = captures_have(slice::from_ref(&args.file));
    match count {
        0 => format!("{has} no packet"),
        1 => format!("{has} one packet, number 1"),
        count => format!("{has} the packets 1 to {count}"),
    }
}

/// Reads up to the packet asked for, following conversations on the way.
fn find(args: &InspectArgs, mut capture: Box<dyn FrameSource>, number: u64) -> Result<Opened, Failure> {
    let mut tracker = Tracker::new(Limits::default());
    let (mut origin, mut previous, mut count) = (None, None, 0);
    loop {
        match capture.next_frame() {
            Ok(Some(frame)) => {
                count = frame.number;
                origin = origin.or(frame.time);
                let seen = tracker.observe(&frame, &headers(&frame));
                if frame.number == number {
                    let dissection = dissect_seen(&frame, seen);
                    let frame = frame.to_owned();
                    let interface = capture.interface(frame.interface).and_then(|interface| interface.name.clone());
                    return Ok(Opened { frame, origin, previous, interface, dissection });
                }
                previous = frame.time.or(previous);
            }
            Ok(None) => {
                let missing = anyhow!("there is no packet {number}: {}", there_are(args, count));
                let failure = Failure::new(Exit::Usage, missing);
                return Err(match count {
                    0 => failure,
                    last => failure.advise(format!("layerscope inspect {} {last}", quoted(&args.file))),
                });
            }
            Err(damage @ SourceError::Damaged { .. }) => return Err(Failure::new(Exit::Damaged, damage)),
            Err(error) => return Err(error.into()),
        }
    }
}

fn show(args: &InspectArgs, opened: &Opened, out: &mut output::Output) -> Result<(), Failure> {
    let (frame, dissection) = (&opened.frame.as_frame(), &opened.dissection);
    let read_text = terminal::text_reader(args.encoding);
    let view = View { style: terminal::style(&args.look), absolute: false, read_text: &read_text };
    let layer: Option<Layer> = args.layer.map(Into::into);
    if let Some(layer) = layer.filter(|layer| dissection.layers.iter().all(|fields| fields.layer != *layer)) {
        say(&format!("packet {} has nothing of the {} layer", frame.number, layer.name()));
    }
    let written = match (args.format, layer) {
        (Format::Json, layer) => json::write_fields(frame, dissection, layer, out),
        (Format::Text, Some(layer)) => write_layer(frame, dissection, layer, &view, out),
        (Format::Text, None) => write_packet_bytes(frame, &headers(frame), dissection, &view, out),
    };
    Ok(written.context("writing to standard output")?)
}
