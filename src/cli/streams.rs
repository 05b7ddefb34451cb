//! What is said where a conversation is asked for that is not there, or none is.

use std::path::PathBuf;

use super::input::captures_have;
use super::report::Failure;
use super::terminal;
use crate::analyse::{Connection, Tracker};
use crate::engine::command_line::quoted;
use crate::engine::{Passed, Stream};
use crate::model::Lane;
use crate::render::{stream_name, write_wrapped};
use crate::words::en;
use crate::words::quantity::size;

/// The most conversations that are listed where none was asked for.
const LISTED: usize = 10;

/// Why `verb` cannot show the one conversation it is for, and how to choose one of those with a chosen packet.
pub(super) fn which(passed: &Passed, paths: &[PathBuf], stream: Option<Stream>, verb: &str) -> Failure {
    let list: Vec<&Connection> = passed.connections().collect();
    let files = paths.iter().map(quoted).collect::<Vec<_>>().join(" ");
    let command = |name: &str| format!("layerscope {verb} {files} -s {name}");
    match (stream.zip(passed.tracker()), list.first()) {
        (Some((stream, tracker)), first) => {
            let failure = Failure::usage(no_such_stream(tracker, stream, paths));
            match nearest(tracker, stream).or(first.map(|first| stream_name(first))) {
                Some(name) => failure.advise(command(&name)),
                None => failure,
            }
        }
        (None, None) if passed.matched.is_some() => Failure::usage(format!(
            "-s is missing, and {} no TCP or UDP conversation with a chosen packet",
            captures_have(paths)
        )),
        (None, None) => Failure::usage(format!("{} no TCP or UDP conversation", captures_have(paths))),
        (None, Some(first)) => {
            let failure = Failure::usage(format!("-s is missing: {} {}", captures_have(paths), en::streams(&list)));
            let failure = listed(&list).into_iter().fold(failure, Failure::advise);
            let failure = match list.len().saturating_sub(LISTED) {
                0 => failure,
                more => failure.advise(format!("... {more} more: layerscope flows {files}")),
            };
            failure.advise(format!("to see one of them: {}", command(&stream_name(first))))
        }
    }
}

/// The first conversations in a table, a line each.
fn listed(list: &[&Connection]) -> Vec<String> {
    let style = terminal::style_of_errors();
    let row = |connection: &&Connection| {
        let [client, server] = [Lane::Client, Lane::Server].map(|lane| connection.endpoint(lane));
        vec![
            stream_name(connection),
            format!("{client} {} {server}", style.glyph("⇄", "<->")),
            connection.packets().to_string(),
            size(connection.bytes()),
        ]
    };
    let (headings, mut table) = (["stream", "ends", "packets", "bytes"], Vec::new());
    // Memory takes everything.
    let _ = write_wrapped(&headings, list.iter().take(LISTED).map(row), style, &mut table);
    String::from_utf8_lossy(&table).lines().map(str::to_owned).collect()
}

/// Why there is no such conversation, and which there are.
pub(super) fn no_such_stream(tracker: &Tracker, Stream { transport, number }: Stream, files: &[PathBuf]) -> String {
    en::no_such_stream(tracker, transport, number, &captures_have(files))
}

/// The conversation that was probably meant: the first of its transport, else the other transport's of the same number.
fn nearest(tracker: &Tracker, Stream { transport, number }: Stream) -> Option<String> {
    let same = tracker.connection(transport.other(), number);
    tracker.connections(transport).next().or(same).map(stream_name)
}
