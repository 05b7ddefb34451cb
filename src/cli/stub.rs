//! The keeper of a savefile's name: who takes a new file away again where nothing came to be written to it.
//!
//! After confinement nothing can be removed. So the program starts itself once more beforehand; the copy holds the file's
//! folder, can remove files of it alone, and does it when asked, where the name is still that file's.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, anyhow};
use rustix::fs::{AtFlags, Mode, OFlags, Stat, fstat, open, statat, unlinkat};
use rustix::io::{Errno, read, write};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair, sockopt};
use signal_hook::consts::{SIGHUP, SIGINT};

use super::args::RemoveStubArgs;
use super::exit::Exit;
use super::privilege::{self, Kind};
use super::report::Failure;

/// A file that can be taken away again.
#[derive(Debug)]
pub(super) struct Stub {
    channel: OwnedFd,
}

impl Stub {
    /// Starts the keeper of an open file's name; returns when it is confined.
    ///
    /// # Errors
    ///
    /// The folder cannot be opened, or the keeper did not start.
    pub(super) fn of(path: &Path, file: &File) -> Result<Self, Failure> {
        let starting = || format!("preparing to take {} away again", path.display());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = open(folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
        // As a place: neither read nor written, but its number stays its own.
        let place = format!("/proc/self/fd/{}", file.as_raw_fd());
        let place = open(place, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).with_context(starting)?;
        let pair = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None);
        let (channel, theirs) = pair.with_context(starting)?;
        let mut keeper = Command::new("/proc/self/exe");
        keeper.arg0("layerscope").arg("remove-stub").stdin(theirs).stdout(folder.with_context(starting)?);
        keeper.stderr(place).arg("--").arg(path.file_name().unwrap_or_default());
        keeper.spawn().with_context(starting)?;
        // The command holds the other end, by which its end would not be noticed.
        drop(keeper);
        match read(&channel, &mut [0_u8]).with_context(starting)? {
            0 => Err(anyhow!("{}: its keeper ended at once", starting()).into()),
            _ => Ok(Self { channel }),
        }
    }

    /// Takes the file away, where it still has its name.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn remove(&self) -> io::Result<()> {
        let mut errno = [0_u8; 4];
        write(&self.channel, b"-")?;
        match read(&self.channel, &mut errno)? {
            4 if errno == [0; 4] => Ok(()),
            4 => Err(io::Error::from_raw_os_error(i32::from_ne_bytes(errno))),
            _ => Err(io::Error::other("the keeper of the file's name has ended")),
        }
    }
}

/// What the keeper does. Its standard input is the channel, its standard output the folder, its standard error the file.
pub(super) fn remove_stub(args: &RemoveStubArgs) -> Result<Exit, Failure> {
    privilege::close_what_was_inherited();
    let waiting = "waiting to take a file away";
    let (channel, folder, file) = (io::stdin(), io::stdout(), io::stderr());
    let (channel, folder, file) = (channel.as_fd(), folder.as_fd(), file.as_fd());
    if sockopt::socket_type(channel) != Ok(SocketType::SEQPACKET) {
        return Err(Failure::new(Exit::Usage, anyhow!("run by verbs with `-w` alone")));
    }
    // Ctrl-C ends the other process, which ends this.
    for signal in [SIGINT, SIGHUP] {
        signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false))).context(waiting)?;
    }
    let name = OsString::from(Path::new(&args.name).file_name().unwrap_or(OsStr::new("")));
    privilege::confine(None, Kind::Remover { folder, channel }).context(waiting)?;
    write(channel, b"!").context(waiting)?;
    let asked = loop {
        match read(channel, &mut [0_u8]) {
            Err(Errno::INTR) => {}
            // The other process has ended, or needs this no more.
            Ok(0) | Err(Errno::CONNRESET) => return Ok(Exit::Done),
            asked => break asked,
        }
    };
    asked.context(waiting)?;
    let own = fstat(file).map(|own| identity(&own));
    let removed = own.and_then(|own| remove(folder, &name, own)).map_or_else(Errno::raw_os_error, |()| 0);
    write(channel, &removed.to_ne_bytes()).context(waiting)?;
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
