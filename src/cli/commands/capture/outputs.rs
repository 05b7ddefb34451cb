//! The options of `-w` and of what is shown, as the sinks of a session take them.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::cli::args::{CaptureArgs, SafetyArgs, SaveArgs, VerbArgs};
use crate::cli::companions;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::Failure;
use crate::cli::rows::Rows;
use crate::cli::terminal;
use crate::clock::realtime;
use crate::engine::live::{
    ConnectionOptions, Destination, Ring, RowOptions, SaveOptions, Savefiles, ShownConnections, ShownRows, Sink,
};
use crate::engine::saved_encoding::SavedEncoding;
use crate::engine::savefile::Savefile;
use crate::host::NameBook;
use crate::model::LinkType;
use crate::source::{Format, LiveCapture};

/// What `-w` opens.
pub(super) struct Saving {
    pub(super) files: Savefiles,
    /// The file, where there is one that can be read again.
    pub(super) only_file: Option<PathBuf>,
}

/// Opens what packets are saved in, so that a wrong path is known before anything is captured.
///
/// # Errors
///
/// A name that says no format, or what the system says about the path.
pub(super) fn open_saving(
    args: &SaveArgs,
    safety: &SafetyArgs,
    capture: &LiveCapture,
) -> Result<Option<Saving>, Failure> {
    let Some(path) = &args.write else { return Ok(None) };
    let (mut format, mut only_file) = (Format::Pcapng, None);
    let destination = if args.rotates() {
        format = Format::from_path(path).map_err(|error| Failure::new(Exit::Usage, error))?;
        Destination::Ring(Ring {
            writer: companions::start_writer(path, safety)?,
            refused: not_created,
            size: args.rotate_size,
            every: args.rotate_every,
            keep: args.keep.map(|keep| keep as usize),
        })
    } else if args.is_stdout() {
        Destination::One(Box::new(|heading| {
            Savefile::begin(output::stdout_file()?, Path::new("standard output"), Format::Pcapng, heading)
        }))
    } else {
        let mut file = output::unwritten(path)?;
        format = file.format();
        only_file = file.is_plain().then(|| path.clone());
        Destination::One(Box::new(move |heading| file.begin(heading)))
    };
    let options = SaveOptions { path: path.clone(), format, flush: args.flush, destination };
    Ok(Some(Saving { files: Savefiles::open(options, capture, realtime())?, only_file }))
}

/// Why a file of a ring could not be created, and what to do.
fn not_created(path: &Path, error: io::Error) -> Failure {
    let creating = format!("creating {}", path.display());
    match error.kind() {
        ErrorKind::AlreadyExists => {
            let taken = format!(
                "{} is there already: another capture began files of this name in the same second",
                path.display()
            );
            Failure::saying(taken).advise("give this one another name with -w, or start it once more")
        }
        ErrorKind::PermissionDenied => Failure::from(error).about(creating).advise(
            "root is given up before the first packet is decoded: --user says to whom, who must be allowed to create \
             files there",
        ),
        _ => Failure::from(error).about(creating),
    }
}

/// Starts to show packets, or connections, in a thread of its own; hosts by their names where `names` has them.
///
/// # Errors
///
/// No thread can be started, or there is no standard output.
pub(super) fn show(
    args: &VerbArgs<CaptureArgs>,
    names: Option<NameBook>,
    capture: &LiveCapture,
) -> Result<Box<dyn Sink>, Failure> {
    let (style, out) = (terminal::style(&args.look), output::stdout()?);
    if args.connections {
        let options = ConnectionOptions { style, terminal_lines: terminal::lines(), names };
        return Ok(Box::new(ShownConnections::start(options, out)?));
    }
    let (rows, with_processes, with_names) = (args.rows.clone(), args.asks_for_processes(), names.is_some());
    let is_everywhere = capture.link() == LinkType::LINUX_SLL2;
    let options = RowOptions {
        style,
        absolute: rows.absolute,
        read_text: Box::new(terminal::payload_reader(rows.text.encoding, SavedEncoding::default())),
        writer: Box::new(move |view| {
            let rows = Rows::new(&rows)?.everywhere(is_everywhere).with(with_processes, with_names);
            Ok(rows.rows().writer(view))
        }),
        names,
        interfaces: capture.interface_names(),
    };
    Ok(Box::new(ShownRows::start(options, out)?))
}
