//! `layerscope follow`: the bytes of one conversation, put together again.

use std::io::{self, IsTerminal};

use anyhow::{Context, anyhow};

use super::scan::scan;
use crate::analyse::{Follow, Limits, Piece};
use crate::cli::args::{FollowArgs, Shape, TableFormat};
use crate::cli::exit::Exit;
use crate::cli::input::Input;
use crate::cli::output;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::model::Lane;
use crate::render::{FollowShape, FollowWriter};

/// Runs the verb.
pub(in crate::cli) fn run(args: &FollowArgs) -> Result<Exit, Failure> {
    let shape = shape(args)?;
    let only = args.from.map(Lane::from);
    let read_text = terminal::text_reader(args.one.encoding);
    let mut writer = FollowWriter::new(shape, terminal::style(&args.look), only.is_some(), &read_text);
    let (mut out, mut missing) = (output::stdout()?, 0);
    let mut tell = |piece: Piece<'_>| {
        let (Piece::Bytes { from, .. } | Piece::Gap { from, .. }) = piece;
        if only.is_some_and(|only| only != from) {
            return Ok(());
        }
        if let Piece::Gap { len, .. } = piece {
            missing += len;
        }
        writer.write(piece, &mut out)
    };
    let mut follow = Follow::default();
    let scan = scan(&Input::of(args.one.files.clone()), Limits::default(), |frame, packet, seen| match seen {
        Some(seen) if args.one.stream.holds(seen) => {
            Ok(follow.observe(frame, packet, seen, &mut tell).context("writing to standard output")?)
        }
        _ => Ok(()),
    })?;
    scan.connection(args.one.stream)?;
    follow.finish(&mut tell).and_then(|()| writer.finish(&mut out)).context("writing to standard output")?;
    output::finish(out)?;
    if shape == FollowShape::Raw && missing > 0 {
        say(&format!("{missing} bytes are not in the capture; what was written leaves them out"));
    }
    Ok(scan.conclude(Exit::Done))
}

/// How the bytes are to be written; never as they are to a terminal.
fn shape(args: &FollowArgs) -> Result<FollowShape, Failure> {
    Ok(match (args.format, args.shape) {
        (TableFormat::Json, _) => FollowShape::Json,
        (TableFormat::Csv, _) => FollowShape::Csv,
        (TableFormat::Text, Shape::Text) => FollowShape::Text,
        (TableFormat::Text, Shape::Hex) => FollowShape::Hex,
        (TableFormat::Text, Shape::Raw) if io::stdout().is_terminal() => {
            let refused = anyhow!("raw bytes could steer this terminal");
            return Err(Failure::new(Exit::Usage, refused)
                .advise("send them to a file with > FILE, or show them with --as text or --as hex"));
        }
        (TableFormat::Text, Shape::Raw) => FollowShape::Raw,
    })
}
