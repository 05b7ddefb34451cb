//! `layerscope inspect`: one packet opened to its bytes.

use std::io::Write as _;

use anyhow::{Context, anyhow};

use crate::analyse::{Limits, Seen, Tracker};
use crate::cli::args::{Format, InspectArgs};
use crate::cli::exit::Exit;
use crate::cli::input;
use crate::cli::output;
use crate::cli::report::{Failure, nearest};
use crate::cli::terminal;
use crate::decode::{Dissection, LayerFields, Packet, Protocol, dissect, headers};
use crate::model::{Field, Frame, OwnedFrame, Timestamp, Value};
use crate::render::{View, json, raw_value, write_layer, write_packet_bytes};
use crate::source::{FrameSource as _, SourceError};

/// Keys of the values that are worked out here rather than read from the packet's bytes.
const DERIVED: [&str; 12] = [
    "frame.number",
    "frame.time_epoch",
    "frame.time_relative",
    "frame.len",
    "frame.cap_len",
    "frame.interface_id",
    "tcp.stream",
    "tcp.seq",
    "tcp.ack",
    "tcp.window_size",
    "tcp.len",
    "udp.stream",
];

/// Runs the verb.
pub(in crate::cli) fn run(args: &InspectArgs) -> Result<Exit, Failure> {
    let found = find(args)?;
    let frame = found.frame.as_frame();
    let packet = headers(&frame);
    let mut dissection = dissect(&frame);
    add_derived(&mut dissection, found.seen);
    let mut out = output::stdout()?;
    match (&args.field, args.format) {
        (Some(key), _) => {
            let value = value(key, args, &found, &dissection)?;
            writeln!(out, "{value}").context("writing to standard output")?;
        }
        (None, format) => show(args, format, &frame, &packet, &dissection, &mut out)?,
    }
    output::finish(out)?;
    Ok(Exit::Done)
}

/// The packet asked for.
struct Found {
    frame: OwnedFrame,
    seen: Option<Seen>,
    /// The time of the capture's first packet.
    origin: Option<Timestamp>,
}

/// Reads up to the packet asked for, following conversations on the way.
fn find(args: &InspectArgs) -> Result<Found, Failure> {
    let mut file = input::open(&args.file)?;
    let mut tracker = Tracker::new(Limits::default());
    let (mut origin, mut count) = (None, 0);
    loop {
        match file.next_frame() {
            Ok(Some(frame)) => {
                count = frame.number;
                origin = origin.or(frame.time);
                let seen = tracker.observe(&frame, &headers(&frame));
                if frame.number == args.number {
                    return Ok(Found { frame: frame.to_owned(), seen, origin });
                }
            }
            Ok(None) => {
                let (number, file) = (args.number, args.file.display());
                return Err(anyhow!("there is no packet {number}: {file} has {count}").into());
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
    let mut add = |key, label: &'static str, value: Option<u32>| {
        layer.fields.extend(value.map(|value| Field::derived(key, label, Value::Decimal(value.into()))));
    };
    if layer.protocol == Protocol::Udp {
        return add("udp.stream", "Stream", Some(seen.stream));
    }
    add("tcp.stream", "Stream", Some(seen.stream));
    add("tcp.seq", "Sequence number (relative)", seen.seq);
    add("tcp.ack", "Acknowledgment number (relative)", seen.ack);
    add("tcp.window_size", "Window in bytes", seen.window);
    add("tcp.len", "Payload length", Some(seen.len));
}

fn show(
    args: &InspectArgs,
    format: Format,
    frame: &Frame<'_>,
    packet: &Packet<'_>,
    dissection: &Dissection,
    out: &mut output::Output,
) -> Result<(), Failure> {
    let read_text = terminal::text_reader(args.encoding);
    let view = View { style: terminal::style(&args.look), absolute: false, read_text: &read_text };
    let layer = args.layer.map(Into::into);
    let written = match (format, layer) {
        (Format::Json, layer) => json::write_fields(frame, dissection, layer, out),
        (Format::Text, Some(layer)) => write_layer(frame, dissection, layer, &view, out),
        (Format::Text, None) => write_packet_bytes(frame, packet, dissection, &view, out),
    };
    Ok(written.context("writing to standard output")?)
}

/// The value of a field: the innermost header's, a quoted packet's only where there is no other.
fn value(key: &str, args: &InspectArgs, found: &Found, dissection: &Dissection) -> Result<String, Failure> {
    if let Some(value) = frame_value(key, found) {
        return Ok(value);
    }
    let in_layers = |quoted| {
        let layers = dissection.layers.iter().rev().filter(move |layer| layer.quoted == quoted);
        layers.flat_map(LayerFields::all_fields).find(|field| field.key == key)
    };
    if let Some(field) = in_layers(false).or_else(|| in_layers(true)) {
        return Ok(raw_value(field, &found.frame.bytes));
    }
    let of_headers = Protocol::ALL.iter().flat_map(|protocol| protocol.fields());
    let known = of_headers.flat_map(|spec| std::iter::once(spec).chain(spec.children)).map(|spec| spec.key);
    let here = dissection.fields().map(|field| field.key);
    let mut keys: Vec<&str> = known.chain(here).chain(DERIVED).collect();
    keys.sort_unstable();
    if keys.binary_search(&key).is_ok() {
        return Err(anyhow!("packet {} has no {key}", args.number).into());
    }
    let failure = Failure::new(Exit::Usage, anyhow!("packet {} has no {key}, and no header here does", args.number));
    Err(match nearest(key, keys.iter().copied()) {
        Some(near) => failure.advise(format!("did you mean {near}?")),
        None => failure,
    })
}

/// A value about the frame itself.
fn frame_value(key: &str, found: &Found) -> Option<String> {
    let frame = &found.frame;
    let seconds = |nanos: i64| {
        let sign = if nanos < 0 { "-" } else { "" };
        format!("{sign}{}.{:09}", nanos.unsigned_abs() / 1_000_000_000, nanos.unsigned_abs() % 1_000_000_000)
    };
    Some(match key {
        "frame.number" => frame.number.to_string(),
        "frame.time_epoch" => seconds(frame.time?.nanos()),
        "frame.time_relative" => seconds(frame.time? - found.origin?),
        "frame.len" => frame.wire_len.to_string(),
        "frame.cap_len" => frame.bytes.len().to_string(),
        "frame.interface_id" => frame.interface.to_string(),
        _ => return None,
    })
}
