//! The remover: who takes a new file away again where nothing came to be written to it.
//!
//! After confinement nothing can be removed, and who is killed removes nothing either. So the program starts itself once more
//! beforehand; the copy holds the file's folder, can remove files of it alone, and does it when asked, or when nobody can ask
//! any more and the file is empty, where the name is still that file's.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};
use std::path::Path;

use anyhow::{Context, anyhow};
use rustix::fs::{AtFlags, Mode, OFlags, Stat, fstat, open, statat, unlinkat};
use rustix::io::{Errno, read, write};
use rustix::net::{SocketType, sockopt};

use super::args::RemoveStubArgs;
use super::exit::Exit;
use super::interrupts;
use super::place;
use super::report::Failure;
use crate::engine::companion::{Companion, this_program};
use crate::sandbox::{self, Kind};

/// A file that can be taken away again.
#[derive(Debug)]
pub(super) struct Stub {
    remover: Companion,
}

impl Stub {
    /// Starts the remover of an open file; returns when it is confined.
    ///
    /// # Errors
    ///
    /// The folder cannot be opened, or the remover did not start.
    pub(super) fn of(path: &Path, file: &File) -> Result<Self, Failure> {
        let starting = || format!("preparing to take {} away again", path.display());
        let folder = place::folder_of(path);
        let folder = open(folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
        let mut remover = this_program("remove-stub").map_err(|failure| failure.about(starting()))?;
        // As a place: neither read nor written, but its number stays its own.
        let place = format!("/proc/self/fd/{}", file.as_raw_fd());
        let place = open(place, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).with_context(starting)?;
        remover.stdout(folder.with_context(starting)?).stderr(place);
        remover.arg("--").arg(path.file_name().unwrap_or_default());
        let remover = Companion::start(remover, "the remover of files", interrupts::has_come).with_context(starting)?;
        remover.begun(&mut [0_u8])?;
        Ok(Self { remover })
    }

    /// Takes the file away, where it still has its name.
    ///
    /// # Errors
    ///
    /// What the system says, or what became of the remover.
    pub(super) fn remove(&self) -> io::Result<()> {
        let mut errno = [0_u8; 4];
        self.remover.ask(b"-", &mut errno)?;
        match i32::from_ne_bytes(errno) {
            0 => Ok(()),
            errno => Err(io::Error::from_raw_os_error(errno)),
        }
    }
}

/// What the remover does. Its standard input is the channel, its standard output the folder, its standard error the file.
pub(super) fn remove_stub(args: &RemoveStubArgs) -> Result<Exit, Failure> {
    sandbox::close_what_was_inherited();
    sandbox::hide()?;
    let waiting = "waiting to take a file away";
    let (channel, folder, file) = (io::stdin(), io::stdout(), io::stderr());
    let (channel, folder, file) = (channel.as_fd(), folder.as_fd(), file.as_fd());
    if sockopt::socket_type(channel) != Ok(SocketType::SEQPACKET) {
        return Err(Failure::new(Exit::Usage, anyhow!("run by verbs with `-w` alone")));
    }
    let name = OsString::from(Path::new(&args.name).file_name().unwrap_or(OsStr::new("")));
    sandbox::confine(None, Kind::Remover { folder, channel }).context(waiting)?;
    write(channel, b"!").context(waiting)?;
    let asked = loop {
        match read(channel, &mut [0_u8]) {
            Err(Errno::INTR) => {}
            // The other process has ended, however that came about.
            Ok(0) | Err(Errno::CONNRESET) => break false,
            asked => break asked.map(|_| true).context(waiting)?,
        }
    };
    let own = fstat(file).context(waiting)?;
    if !asked && own.st_size > 0 {
        return Ok(Exit::Done);
    }
    let removed = remove(folder, &name, identity(&own)).map_or_else(Errno::raw_os_error, |()| 0);
    if asked {
        write(channel, &removed.to_ne_bytes()).context(waiting)?;
    }
    Ok(Exit::Done)
}

/// What tells a file from all others: its device, and its number there.
pub(in crate::cli) const fn identity(stat: &Stat) -> (u64, u64) {
    (stat.st_dev, stat.st_ino)
}

/// Removes a name from the folder, where it is this file's: what somebody else has put there since stays.
///
/// # Errors
///
/// `ENOENT` where the file has the name no longer; else the system's words.
pub(in crate::cli) fn remove(folder: BorrowedFd<'_>, name: &OsStr, own: (u64, u64)) -> Result<(), Errno> {
    if identity(&statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?) != own {
        return Err(Errno::NOENT);
    }
    unlinkat(folder, name, AtFlags::empty())
}
