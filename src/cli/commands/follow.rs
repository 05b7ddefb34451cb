//! `layerscope follow`: the bytes of one conversation, put together again.

use std::io::{self, IsTerminal};

use super::connections::{Ready, conclude_one, connection, tell_of_none};
use crate::analyse::Piece;
use crate::cli::args::{FollowArgs, Shape, VerbArgs};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::engine::conversation_packets;
use crate::model::Lane;
use crate::render::{FollowShape, FollowWriter, GridFormat, LineFormat};

/// Runs the verb.
pub(in crate::cli) fn run(args: &VerbArgs<FollowArgs>) -> Result<Exit, Failure> {
    let shape = shape(args)?;
    let only = args.side.map(Lane::from);
    let stream = args.one.selection.choice.stream;
    let (input, scan) = Ready::new(&args.one.selection, &args.safety)?.scan(true)?;
    let read_text = terminal::saved_text_reader(args.one.text.encoding, scan.batches.encoding());
    let mut writer = FollowWriter::new(shape, terminal::style(&args.look), only.is_some(), &read_text);
    let (mut out, mut missing, mut is_empty) = (output::stdout()?, 0, true);
    let mut tell = |piece: Piece<'_>| -> Result<(), Failure> {
        let (Piece::Bytes { from, .. } | Piece::Gap { from, .. }) = piece;
        if only.is_some_and(|only| only != from) {
            return Ok(());
        }
        is_empty = false;
        if let Piece::Gap { len, .. } = piece {
            missing += len;
        }
        Ok(writer.write(piece, &mut out)?)
    };
    let (passed, mut follow) = conversation_packets::follow(scan, stream, &mut tell)?;
    let passed = input.checked(passed)?;
    connection(&passed, &input, stream, "follow")?;
    follow.finish(&mut tell)?;
    writer.finish(&mut out)?;
    output::finish(out)?;
    if passed.chosen == 0 {
        tell_of_none(&passed, &input, passed.read, "packet")?;
    } else if is_empty {
        say(if only.is_some() { "this side sent no bytes" } else { "no bytes were sent" });
    }
    if shape == FollowShape::Raw && missing > 0 {
        say(&format!("{missing} bytes are missing; what was written leaves them out"));
    }
    let asked = [Lane::Client, Lane::Server].into_iter().filter(|lane| only.is_none_or(|only| only == *lane));
    let lacking: u64 = asked.map(|lane| follow.lacking(lane)).sum();
    if lacking > 0 {
        say(&format!("{lacking} of the missing bytes lie in fragments that did not come"));
    }
    Ok(conclude_one(passed, Exit::Done))
}

/// How the bytes are to be written; never as they are to a terminal.
fn shape(args: &VerbArgs<FollowArgs>) -> Result<FollowShape, Failure> {
    let refuse = |words: &'static str| Err(Failure::usage(words));
    let shape = match (args.format, args.shape) {
        (GridFormat::Lines(_), Some(_)) => {
            return refuse(
                "--as is for --format text; json has the bytes as text and in hexadecimal, csv in hexadecimal",
            );
        }
        (GridFormat::Lines(format), None) => FollowShape::Rows(format),
        (GridFormat::Text, None | Some(Shape::Text)) => FollowShape::Text,
        (GridFormat::Text, Some(Shape::Hex)) => FollowShape::Hex,
        (GridFormat::Text, Some(Shape::Raw)) => FollowShape::Raw,
    };
    if args.one.text.encoding.is_some() && !matches!(shape, FollowShape::Text | FollowShape::Rows(LineFormat::Json)) {
        return refuse("--encoding says how bytes are read as text: it is for --as text and --format json");
    }
    let has_color = matches!(shape, FollowShape::Text | FollowShape::Hex);
    terminal::check_color(&args.look, has_color, "--as text and --as hex")?;
    if shape == FollowShape::Raw && io::stdout().is_terminal() {
        return Err(Failure::usage("raw bytes could steer this terminal")
            .advise("send them to a file with > FILE, or show them with --as text or --as hex"));
    }
    Ok(shape)
}
