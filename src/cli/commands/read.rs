//! `layerscope read`: the packets of a saved capture.

use std::path::Path;

use anyhow::{Context, anyhow};

use super::lesson::{Lesson, Selection};
use crate::cli::args::{Part, ReadArgs};
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::model::{OwnedFrame, SocketCall};
use crate::render::{View, text};
use crate::source::{CaptureFile, FrameSource, SourceError};

/// The most packets whose conversations are drawn without being asked for.
const FEW: usize = 100;

/// Runs the verb.
pub(in crate::cli) fn run(args: &ReadArgs) -> Result<Exit, Failure> {
    let (frames, damage) = read_all(&args.file)?;
    // The calls of a saved demonstration are comments of its packets.
    let mut calls: Vec<SocketCall> =
        frames.iter().flat_map(|frame| &frame.comments).filter_map(|comment| comment.parse().ok()).collect();
    calls.sort_by_key(|call| call.entered);
    let lesson = Lesson::new(frames, calls);
    show(args, &lesson)?;
    match damage {
        None => Ok(Exit::Done),
        Some(damage) => {
            say(&damage.to_string());
            Ok(Exit::Damaged)
        }
    }
}

/// Every packet that can be read, and what is wrong behind them.
fn read_all(path: &Path) -> Result<(Vec<OwnedFrame>, Option<SourceError>), Failure> {
    let mut file = if path == Path::new("-") { CaptureFile::stdin()? } else { CaptureFile::open(path)? };
    let mut frames = Vec::new();
    loop {
        match file.next_frame() {
            Ok(Some(frame)) => frames.push(frame.to_owned()),
            Ok(None) => return Ok((frames, None)),
            Err(damage @ SourceError::Damaged { .. }) => return Ok((frames, Some(damage))),
            Err(error) => return Err(error.into()),
        }
    }
}

fn show(args: &ReadArgs, lesson: &Lesson) -> Result<(), Failure> {
    if let (Some(number), None) = (args.packet, lesson.packet_to_open(args.packet)) {
        let missing = anyhow!("there is no packet {number}: {} has {}", args.file.display(), lesson.packets.len());
        return Err(Failure::new(Exit::Usage, missing));
    }
    let parts: &[Part] = match (args.show.is_empty(), args.packet) {
        (false, _) => &args.show,
        (true, Some(_)) => &[Part::Bytes],
        (true, None) if lesson.packets.len() <= FEW => &[Part::Table, Part::Timeline],
        (true, None) => &[Part::Table],
    };
    let read_text = |bytes: &[u8]| match args.encoding {
        Some(encoding) => text::escape(&encoding.decode(bytes)),
        None => text::utf8_or_hex(bytes),
    };
    let style = terminal::style(&args.display);
    let view = View { style, absolute: args.display.absolute, read_text: &read_text };
    let selection = Selection { parts, packet: args.packet, explain: args.display.explain };
    let mut out = output::stdout();
    lesson.write(&selection, &view, &mut out).context("writing to standard output")?;
    output::finish(out)
}
