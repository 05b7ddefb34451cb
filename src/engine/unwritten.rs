//! A savefile that is open, and to which nothing was written yet.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::failure::{About as _, Failure};
use super::opening::{self, Caller, Kind, Opened};
use super::savefile::Savefile;
use super::stub::Stub;
use crate::source::{Format, Heading};

/// A savefile opened before the work starts, so that a wrong path is known at once; what it held stays until
/// [`Unwritten::begin`], and a new file that it does not come to is taken away again.
#[derive(Debug)]
pub(crate) struct Unwritten {
    path: PathBuf,
    file: File,
    kind: Kind,
    format: Format,
    /// Who takes it away again, where it is new and nothing was written yet.
    stub: Option<Stub>,
    /// Tells that it could not be taken away.
    tell: fn(&str),
}

impl Unwritten {
    /// Opens the file of `-w`, which must be new or one's own ([`opening`]).
    ///
    /// # Errors
    ///
    /// An ending that names no format, or what [`opening::open`] says about the path.
    pub(crate) fn open(path: &Path, caller: &Caller) -> Result<Self, Failure> {
        let format = match Format::from_path(path) {
            // As on standard output.
            Err(_) if opening::has_any_name(path) => Format::Pcapng,
            named => named.map_err(|error| Failure::new(Exit::Usage, error))?,
        };
        let Opened { file, kind, stub } = opening::open(path, caller)?;
        Ok(Self { path: path.to_owned(), file, kind, format, stub, tell: caller.tell })
    }

    /// The file's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is a file that can be read again.
    pub(crate) fn is_plain(&self) -> bool {
        self.kind == Kind::File
    }

    /// The format its ending asks for.
    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    /// Empties the file and begins to write to it; from now on it stays.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn begin(&mut self, heading: &Heading<'_>) -> Result<Savefile, Failure> {
        let beginning = || format!("emptying {}", self.path.display());
        if self.kind == Kind::File {
            self.file.set_len(0).about(beginning())?;
        }
        let file = self.file.try_clone().about(beginning())?;
        let savefile = Savefile::begin(file, &self.path, self.format, heading)?;
        Ok(savefile.of_new(self.stub.take()))
    }
}

impl Drop for Unwritten {
    fn drop(&mut self) {
        if let Some(stub) = &self.stub
            && let Err(error) = stub.remove()
            // Before it is confined, this process can do it too.
            && !opening::remove(&self.path, &self.file)
        {
            (self.tell)(&format!("{} stays, empty: {error}", self.path.display()));
        }
    }
}
