//! What tells a file from all others, so that nothing but that file is removed by its name.

use std::ffi::OsStr;
use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, Stat, statat, unlinkat};
use rustix::io::Errno;

/// What tells a file from all others: its device, and its number there.
pub(crate) const fn identity(stat: &Stat) -> (u64, u64) {
    (stat.st_dev, stat.st_ino)
}

/// Removes a name from the folder, where it is this file's: what somebody else has put there since stays.
///
/// # Errors
///
/// `ENOENT` where the file has the name no longer; else the system's words.
pub(crate) fn remove(folder: BorrowedFd<'_>, name: &OsStr, own: (u64, u64)) -> Result<(), Errno> {
    if identity(&statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?) != own {
        return Err(Errno::NOENT);
    }
    unlinkat(folder, name, AtFlags::empty())
}
