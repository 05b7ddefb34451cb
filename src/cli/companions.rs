//! The companions of this program: what it starts each of them as, and what each of them then does. No person types these
//! verbs.

use std::ffi::OsString;
use std::fs::File;
use std::io::stderr;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Stdio;

use rustix::fs::{Mode, OFlags, open};

use super::args::{RemoveStubArgs, SafetyArgs, WriteFilesArgs};
use super::exit::Exit;
use super::interrupts;
use super::recipe::Recipe;
use super::report::Failure;
use crate::engine::companion::{is_companion, this_program};
use crate::engine::live::{self, HeldCommand, Writer};
use crate::engine::place::{self, Wanted};
use crate::engine::stub::{self, Stub};
use crate::host::ProcessBook;
use crate::sandbox::Identity;

/// Holds a command ready: as `user`, where one is named. What it prints goes to standard error where standard output is
/// taken.
///
/// # Errors
///
/// What the system says.
pub(super) fn hold_command(
    command: &[OsString],
    user: Option<Identity>,
    stdout_is_taken: bool,
) -> Result<HeldCommand, Failure> {
    let name = command.first().map(|name| name.display().to_string()).unwrap_or_default();
    let supervisor = this_program("run-when-told");
    let mut supervisor = supervisor.map_err(|failure| failure.about(format!("preparing to run {name}")))?;
    supervisor.arg("--").args(command);
    if stdout_is_taken {
        supervisor.stdout(Stdio::from(stderr()));
    }
    if let Some(user) = user {
        supervisor.uid(user.uid).gid(user.gid);
    }
    HeldCommand::hold(name, supervisor, interrupts::has_come)
}

/// The supervisor of a command.
pub(super) fn run_when_told(command: &[OsString]) -> Result<Exit, Failure> {
    interrupts::leave_to_command()?;
    live::supervise(command)?.ok_or_else(|| Failure::saying("run by `capture -- COMMAND` alone"))
}

/// Starts the finder of processes, with what the kernel lacks for its confinement.
///
/// # Errors
///
/// The kernel does not say what sockets there are.
pub(super) fn start_finder() -> Result<(ProcessBook, Option<String>), Failure> {
    let finder = this_program("find-processes");
    let finder = finder.map_err(|failure| failure.about("starting the search for processes"))?;
    live::start_finder(finder, interrupts::has_come)
}

/// The finder of processes.
pub(super) fn find_processes() -> Result<Exit, Failure> {
    refuse_persons("`capture --process`")?;
    live::find_processes()
}

/// Starts the writer for the ring of `path`; returns when it is confined, as whom the options say.
///
/// # Errors
///
/// The folder cannot be opened, or the writer did not start.
pub(super) fn start_writer(path: &Path, safety: &SafetyArgs) -> Result<Writer, Failure> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = open(place::folder_of(path), flags, Mode::empty()).map_err(|errno| {
        place::refused(format!("writing files like {}", path.display()), path, Wanted::Writing, errno.into())
    })?;
    let writer = this_program("write-files");
    let mut writer = writer.map_err(|failure| failure.about("starting the writer of files"))?;
    if let Some(user) = &safety.user {
        writer.arg("--user").arg(user);
    }
    if safety.no_sandbox {
        writer.arg("--no-sandbox");
    }
    writer.arg("--").arg(path.file_name().unwrap_or_default());
    Writer::start(writer, folder, interrupts::has_come)
}

/// The writer of a ring's files. What is to be said of its confinement, the capture says.
pub(super) fn write_files(args: &WriteFilesArgs) -> Result<Exit, Failure> {
    refuse_persons("`capture --rotate-size` and `--rotate-every`")?;
    live::write_files(&args.name, |kind| Recipe::new(&args.safety)?.confine_quietly(kind))
}

/// Starts the remover of a new file.
///
/// # Errors
///
/// The folder cannot be opened, or the remover did not start.
pub(super) fn stub(path: &Path, file: &File) -> Result<Stub, Failure> {
    let remover = this_program("remove-stub");
    let doing = |failure: Failure| failure.about(format!("preparing to take {} away again", path.display()));
    let mut remover = remover.map_err(doing)?;
    remover.arg("--").arg(path.file_name().unwrap_or_default());
    Stub::of(path, file, place::folder_of(path), remover, interrupts::has_come)
}

/// The remover of a new file.
pub(super) fn remove_stub(args: &RemoveStubArgs) -> Result<Exit, Failure> {
    refuse_persons("verbs with `-w`")?;
    stub::remove_stub(&args.name)
}

/// Makes sure that this process was started as a companion.
fn refuse_persons(starts: &str) -> Result<(), Failure> {
    if is_companion() {
        return Ok(());
    }
    Err(Failure::usage(format!("run by {starts} alone")))
}
