//! The remover: who takes a new file away again where nothing came to be written to it.
//!
//! After confinement nothing can be removed, and who is killed removes nothing either. So the program starts itself once more
//! beforehand; the copy holds the file's folder, can remove files of it alone, and does it when asked, or when nobody can ask
//! any more and the file is empty, where the name is still that file's.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _};
use std::path::Path;
use std::process::Command;

use rustix::fs::{Mode, OFlags, fstat, open};
use rustix::io::{Errno, read, write};

use super::companion::Companion;
use super::exit::Exit;
use super::failure::{About as _, Failure};
use super::file_identity::{identity, remove};
use crate::sandbox::{self, Kind};

/// A file that can be taken away again.
#[derive(Debug)]
pub(crate) struct Stub {
    remover: Companion,
}

impl Stub {
    /// Starts the remover of an open file, by a command that calls [`remove_stub`]; returns when it is confined.
    ///
    /// # Errors
    ///
    /// The folder cannot be opened, or the remover did not start.
    pub(crate) fn of(
        path: &Path,
        file: &File,
        folder: &Path,
        mut remover: Command,
        is_interrupted: fn() -> bool,
    ) -> Result<Self, Failure> {
        let starting = format_args!("preparing to take {} away again", path.display());
        let folder = open(folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).about(starting)?;
        // As a place: neither read nor written, but its number stays its own.
        let place = format!("/proc/self/fd/{}", file.as_raw_fd());
        let place = open(place, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).about(starting)?;
        remover.stdout(folder).stderr(place);
        let remover = Companion::start(remover, "the remover of files", is_interrupted).about(starting)?;
        remover.begun(&mut [0_u8])?;
        Ok(Self { remover })
    }

    /// Takes the file away, where it still has its name.
    ///
    /// # Errors
    ///
    /// What the system says, or what became of the remover.
    pub(crate) fn remove(&self) -> io::Result<()> {
        let mut errno = [0_u8; 4];
        self.remover.ask(b"-", &mut errno)?;
        match i32::from_ne_bytes(errno) {
            0 => Ok(()),
            errno => Err(io::Error::from_raw_os_error(errno)),
        }
    }
}

/// What the remover does of a file of this name. Its standard input is the channel, its standard output the folder, its
/// standard error the file.
///
/// # Errors
///
/// What the system says.
pub(crate) fn remove_stub(name: &OsStr) -> Result<Exit, Failure> {
    sandbox::close_what_was_inherited();
    sandbox::hide()?;
    let waiting = "waiting to take a file away";
    let (channel, folder, file) = (io::stdin(), io::stdout(), io::stderr());
    let (channel, folder, file) = (channel.as_fd(), folder.as_fd(), file.as_fd());
    let name = OsString::from(Path::new(name).file_name().unwrap_or(OsStr::new("")));
    sandbox::confine(None, Kind::Remover { folder, channel }).about(waiting)?;
    write(channel, b"!").about(waiting)?;
    let asked = loop {
        match read(channel, &mut [0_u8]) {
            Err(Errno::INTR) => {}
            // The other process has ended, however that came about.
            Ok(0) | Err(Errno::CONNRESET) => break false,
            asked => break asked.map(|_| true).about(waiting)?,
        }
    };
    let own = fstat(file).about(waiting)?;
    if !asked && own.st_size > 0 {
        return Ok(Exit::Done);
    }
    let removed = remove(folder, &name, identity(&own)).map_or_else(Errno::raw_os_error, |()| 0);
    if asked {
        write(channel, &removed.to_ne_bytes()).about(waiting)?;
    }
    Ok(Exit::Done)
}
