//! How the TCP connections of captures went: `cargo run --example verdicts -- FILE...`

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

use std::env::args;
use std::process::ExitCode;

use layerscope::analyse::{Limits, Tracker};
use layerscope::decode::headers;
use layerscope::model::{Lane, Transport};
use layerscope::source::{CaptureFile, FrameSource, SourceError};
use layerscope::words::Spelling;

fn main() -> ExitCode {
    let mut exit = ExitCode::SUCCESS;
    for path in args().skip(1) {
        let mut tracker = Tracker::new(Limits::default());
        // Damage ends a capture; what was read before it still has its verdicts.
        if let Err(error) = read(&path, &mut tracker) {
            eprintln!("{error}");
            exit = ExitCode::FAILURE;
        }
        for connection in tracker.connections(Transport::Tcp) {
            let [client, server] = [Lane::Client, Lane::Server].map(|lane| connection.endpoint(lane));
            let verdict = Spelling::default().conversation(connection);
            println!("{path} stream {}: {client} -> {server}: {verdict}", connection.stream());
        }
    }
    exit
}

/// Follows every conversation of a capture.
fn read(path: &str, tracker: &mut Tracker) -> Result<(), SourceError> {
    let mut capture = CaptureFile::open(path)?;
    while let Some(frame) = capture.next_frame()? {
        tracker.observe(&frame, &headers(&frame));
    }
    Ok(())
}
