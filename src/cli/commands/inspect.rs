//! `layerscope inspect`: one packet opened to its bytes.

use std::io::Write as _;
use std::path::Path;

use crate::analyse::Limits;
use crate::cli::args::{Format, InspectArgs, VerbArgs};
use crate::cli::choice::{self, wanted};
use crate::cli::exit::Exit;
use crate::cli::input::Input;
use crate::cli::output;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::decode::headers;
use crate::engine::command_line::quoted;
use crate::engine::opened_packet::{NoValue, OpenedPacket};
use crate::engine::{Choice, Fate, Passed, Passing, Scan, Sink, dissect_seen};
use crate::model::{Layer, Timestamp};
use crate::render::{ReadText, View, json, text, write_layer, write_packet_bytes};

/// Runs the verb.
pub(in crate::cli) fn run(args: &VerbArgs<InspectArgs>) -> Result<Exit, Failure> {
    let asked = asked(args)?;
    let recipe = Recipe::new(&args.safety)?;
    let input = Input::of(vec![args.file.clone()], args.choice.filter.clone());
    let choice = Choice::following(wanted(&args.choice, &input)?, Limits::default());
    let captures = input.open(false)?;
    recipe.confine_reader()?;
    let limit = match asked {
        // Every packet is chosen then.
        Asked::Number(number) => Some(number),
        Asked::First => Some(1),
        Asked::Wrong(_) => None,
    };
    let mut finder = Finder { asked: &asked, origin: None, previous: None, found: None };
    let batches = captures.batches()?;
    let read_text = terminal::saved_text_reader(args.text.encoding, batches.encoding());
    let passed = input.checked(Scan { batches, choice, limit }.run(&mut finder)?)?;
    let Some(opened) = finder.found else { return Err(missing(args, &input, asked, passed)) };
    let mut out = output::stdout()?;
    match &args.field {
        Some(key) => {
            let values = opened.values(key).map_err(|error| no_value(key, opened.frame.number, error))?;
            for value in values {
                writeln!(out, "{value}")?;
            }
        }
        None => show(args, &opened, &read_text, &mut out)?,
    }
    output::finish(out)?;
    Ok(Exit::Done)
}

/// Which packet is asked for.
enum Asked {
    /// The one with this number.
    Number(u64),
    /// The first that is chosen.
    First,
    /// None, for this reason.
    Wrong(String),
}

/// Which packet the words ask for.
///
/// # Errors
///
/// A usage failure where they ask for one in two ways, or for several.
fn asked(args: &InspectArgs) -> Result<Asked, Failure> {
    let refuse = |words: &'static str, advice: &'static str| Err(Failure::usage(words).advise(advice));
    if args.choice.limit.is_some() {
        return refuse("-c ends a reading after so many packets, and inspect opens one", "name its number");
    }
    let typed = args.number.as_deref();
    match typed.and_then(|typed| typed.parse().ok()).filter(|number| *number > 0) {
        Some(_) if args.chooses() => refuse(
            "the number names the packet already; --filter, --stream, --from and --to are for the first one that they choose",
            "leave out the number, or the others",
        ),
        Some(number) => Ok(Asked::Number(number)),
        None if typed.is_none() && args.chooses() => Ok(Asked::First),
        None => Ok(Asked::Wrong(match typed {
            Some(typed) => format!("'{}' is not a packet number", text::sanitise(typed)),
            None => "the packet's number is missing".to_owned(),
        })),
    }
}

/// Looks for the packet asked for.
struct Finder<'a> {
    asked: &'a Asked,
    /// The time of the capture's first packet.
    origin: Option<Timestamp>,
    /// The time of the packet before.
    previous: Option<Timestamp>,
    found: Option<OpenedPacket>,
}

impl Sink for Finder<'_> {
    fn packet(&mut self, Passing { frame, seen, fate, interfaces, .. }: Passing<'_>) -> Result<(), Failure> {
        self.origin = self.origin.or(frame.time);
        let is_it = match self.asked {
            Asked::Number(number) => frame.number == *number,
            Asked::First => fate == Fate::Chosen,
            Asked::Wrong(_) => false,
        };
        if is_it {
            let (origin, previous) = (self.origin, self.previous);
            let interface = interfaces.of(frame.interface).map(str::to_owned);
            let (seen, dissection) = (seen.copied(), dissect_seen(frame, seen.copied()));
            self.found = Some(OpenedPacket { frame: frame.to_owned(), origin, previous, interface, seen, dissection });
        }
        self.previous = frame.time.or(self.previous);
        Ok(())
    }
}

/// Why there is no such packet, and which there are.
fn missing(args: &InspectArgs, input: &Input, asked: Asked, mut passed: Passed) -> Failure {
    let command = |number: u64| format!("layerscope inspect {} {number}", quoted(&args.file));
    if let (Asked::Number(_) | Asked::First, Some(damage)) = (&asked, passed.damages.pop()) {
        return Failure::new(Exit::after(&damage), damage);
    }
    match asked {
        Asked::Number(number) => {
            let failure = Failure::usage(format!("there is no packet {number}: {}", there_are(input, passed.read)));
            if passed.read > 0 { failure.advise(command(passed.read)) } else { failure }
        }
        Asked::First => match choice::missing(&passed.choice, passed.chosen, input.files()) {
            Ok(missing) => Failure::usage(missing.unwrap_or_else(|| input.none_of(passed.read, "packet"))),
            Err(failure) => failure,
        },
        Asked::Wrong(wrong) => {
            let failure = Failure::usage(format!("{wrong}: {}", there_are(input, passed.read)));
            // What comes through a pipe is gone when it was counted.
            let is_there_again = passed.read > 0 && args.file != Path::new("-");
            if is_there_again { failure.advise(command(1)) } else { failure }
        }
    }
}

fn there_are(input: &Input, count: u64) -> String {
    match count {
        0 => format!("{} no packet", input.have()),
        1 => format!("{} one packet, number 1", input.have()),
        count => format!("{} the packets 1 to {count}", input.have()),
    }
}

/// Why a packet has no value behind a key.
fn no_value(key: &str, number: u64, why: NoValue) -> Failure {
    match why {
        NoValue::Unsaid => Failure::saying(format!("packet {number} has no {key}: the capture does not say")),
        NoValue::Lacking(parts) => {
            Failure::saying(format!("packet {number} has no {key}: it is made of {}", parts.join(", ")))
        }
        NoValue::Unknown(near) => {
            let failure = Failure::usage(format!("there is no field {key}"));
            match near {
                _ if key.starts_with("_ws.col.") => {
                    failure.advise("Wireshark's columns are not fields; `layerscope read --columns` has columns")
                }
                Some(near) => failure.advise(format!("did you mean {near}?")),
                None => failure.advise(format!(
                    "without --field, all fields of the packet are shown; with --format json, their keys: \
                     layerscope inspect FILE {number}"
                )),
            }
        }
    }
}

fn show(
    args: &VerbArgs<InspectArgs>,
    opened: &OpenedPacket,
    read_text: &dyn ReadText,
    out: &mut output::Output,
) -> Result<(), Failure> {
    let (frame, dissection) = (&opened.frame.as_frame(), &opened.dissection);
    let view = View { style: terminal::style(&args.look), absolute: false, read_text };
    let layer: Option<Layer> = args.layer.map(Into::into);
    if let Some(layer) = layer.filter(|layer| dissection.layers.iter().all(|fields| fields.layer != *layer)) {
        say(&format!("packet {} has nothing of the {} layer", frame.number, layer.name()));
    }
    let written = match (args.format, layer) {
        (Format::Json, layer) => json::write_fields(frame, dissection, layer, out),
        (Format::Text, Some(layer)) => write_layer(frame, dissection, layer, &view, out),
        (Format::Text, None) => write_packet_bytes(frame, &headers(frame), dissection, &view, out),
    };
    Ok(written?)
}
