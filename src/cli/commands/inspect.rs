//! `layerscope inspect`: one packet opened to its bytes.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, anyhow};

use crate::analyse::{Limits, Seen, Tracker};
use crate::cli::args::{Format, InspectArgs};
use crate::cli::exit::Exit;
use crate::cli::field::Opened;
use crate::cli::input::Input;
use crate::cli::output;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, quoted, say};
use crate::cli::terminal;
use crate::decode::{Dissection, Protocol, dissect_as, headers};
use crate::model::{Field, Layer, Value};
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
    // What comes through a pipe cannot be counted and read again.
    if args.file == Path::new("-") {
        return Failure::new(Exit::Usage, anyhow!("{wrong}: packets are counted from 1"));
    }
    let mut count = 0;
    while let Ok(Some(frame)) = capture.next_frame() {
        count = frame.number;
    }
    let failure = Failure::new(Exit::Usage, anyhow!("{wrong}: {}", there_are(args, count)));
    if count > 0 { failure.advise(format!("layerscope inspect {} 1", quoted(&args.file))) } else { failure }
}

fn there_are(args: &InspectArgs, count: u64) -> String {
    let file = args.file.display();
    match count {
        0 => format!("{file} has no packet"),
        1 => format!("{file} has one packet, number 1"),
        count => format!("{file} has the packets 1 to {count}"),
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
                    let mut dissection = dissect_as(&frame, seen.and_then(|seen| seen.announced));
                    add_derived(&mut dissection, seen);
                    let frame = frame.to_owned();
                    let interface = capture.interface(frame.interface).and_then(|interface| interface.name.clone());
                    return Ok(Opened { frame, origin, previous, interface, dissection });
                }
                previous = frame.time.or(previous);
            }
            Ok(None) => {
                let failure = Failure::from(anyhow!("there is no packet {number}: {}", there_are(args, count)));
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

/// Puts what the conversation knows of the packet behind its header's fields.
fn add_derived(dissection: &mut Dissection, seen: Option<Seen>) {
    let Some(seen) = seen else { return };
    let transport = |protocol| matches!(protocol, Protocol::Tcp | Protocol::Udp);
    let Some(layer) = dissection.layers.iter_mut().rfind(|layer| transport(layer.protocol) && !layer.quoted) else {
        return;
    };
    let number = |key, label: &'static str, value: Option<u32>| {
        value.map(|value| Field::derived(key, label, Value::Decimal(value.into())))
    };
    if layer.protocol == Protocol::Udp {
        return layer.fields.extend(number("udp.stream", "Stream", Some(seen.stream)));
    }
    layer.fields.extend(number("tcp.stream", "Stream", Some(seen.stream)));
    layer.fields.extend(number("tcp.seq", "Sequence number (relative)", seen.seq));
    layer.fields.extend(number("tcp.ack", "Acknowledgment number (relative)", seen.ack));
    let window = number("tcp.window_size", "Window in bytes", seen.window);
    layer.fields.extend(window.map(|window| match seen.window_scale {
        Some(_) => window,
        None => window.meaning("as in the header: the scale is unknown, not both SYNs were seen"),
    }));
    let factor = seen.window_scale.map(|shift| 1 << shift);
    layer.fields.extend(number("tcp.window_size_scalefactor", "Window scaling factor", factor));
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
