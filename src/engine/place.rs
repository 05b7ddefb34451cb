//! Why the system refuses a file where it is: the folder that is missing or closed is named, with the next step.

use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::process::geteuid;

use super::command_line::{quoted, this_command};
use super::failure::Failure;
use crate::sandbox::{is_root, user_names};

/// What was to be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// It was to be read.
    Reading,
    /// It was to be made, or written to.
    Writing,
}

/// What lies in the way of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// There is no such folder.
    Missing(PathBuf),
    /// It is not a folder.
    NoFolder(PathBuf),
    /// A folder that this user may not enter.
    Closed(PathBuf),
    /// A folder in which this user may make no file.
    ReadOnly(PathBuf),
    /// The file itself.
    Itself,
}

/// That the system refused a file, and what to do about it.
pub(crate) fn refused(doing: impl Display, path: &Path, wanted: Wanted, error: io::Error) -> Failure {
    if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::NotADirectory) {
        return Failure::from(error).about(doing);
    }
    let who = user();
    match in_the_way(path, wanted) {
        Obstacle::Missing(folder) => {
            let failure = Failure::saying(format!("{doing}: there is no folder {}", folder.display()));
            if wanted == Wanted::Writing {
                failure.advise(format!("mkdir -p {}", quoted(folder_of(path))))
            } else {
                failure
            }
        }
        Obstacle::NoFolder(folder) => Failure::saying(format!("{doing}: {} is not a folder", folder.display())),
        Obstacle::Closed(folder) => {
            as_root(Failure::saying(format!("{doing}: {who} may not enter the folder {}", folder.display())))
        }
        Obstacle::ReadOnly(folder) => {
            let refused = format!("{doing}: {who} may not make files in the folder {}", folder.display());
            Failure::saying(refused).advise("name a file in a folder of your own")
        }
        Obstacle::Itself if error.kind() == ErrorKind::PermissionDenied => {
            let what = if wanted == Wanted::Reading { "read" } else { "write to" };
            as_root(Failure::saying(format!("{doing}: {who} may not {what} {}", path.display())))
        }
        Obstacle::Itself => Failure::from(error).about(doing),
    }
}

/// Root may, as a rule.
fn as_root(failure: Failure) -> Failure {
    if is_root() {
        return failure;
    }
    failure.advise(format!("sudo {}     # gives root up before it decodes anything", this_command()))
}

/// The folder that keeps a file from being opened, or the file itself.
pub(crate) fn in_the_way(path: &Path, wanted: Wanted) -> Obstacle {
    let mut folders: Vec<&Path> = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()).collect();
    folders.reverse();
    for folder in folders {
        match folder.metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Obstacle::Missing(folder.to_owned()),
            Ok(data) if !data.is_dir() => return Obstacle::NoFolder(folder.to_owned()),
            Ok(_) if !may(folder, Access::EXEC_OK) => return Obstacle::Closed(folder.to_owned()),
            _ => {}
        }
    }
    let folder = folder_of(path);
    let is_missing = path.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound);
    if wanted == Wanted::Writing && is_missing && !may(folder, Access::WRITE_OK) {
        return Obstacle::ReadOnly(folder.to_owned());
    }
    Obstacle::Itself
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn may(folder: &Path, access: Access) -> bool {
    accessat(CWD, folder, access, AtFlags::EACCESS).is_ok()
}

/// As whom this process runs.
fn user() -> String {
    let uid = geteuid().as_raw();
    user_names().remove(&uid).map_or_else(|| format!("user {uid}"), |name| format!("user {name}"))
}
