//! Standard output through a buffer, and the files of `-w`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::exit::Exit;
use super::kernel;
use super::opening::{self, Kind, Opened};
use super::report::{Failure, say};
use crate::engine::savefile::Savefile;
use crate::engine::stub::Stub;
use crate::source::{Format, Heading};

/// Standard output behind a buffer; what is written in larger pieces goes through it without being copied.
pub(super) type Output = BufWriter<File>;

/// Standard output, buffered. [`finish`] must be called, or a full disk would go unnoticed.
///
/// The standard library's own handle would look for the last line's end in everything written.
///
/// # Errors
///
/// What the system says.
pub(super) fn stdout() -> Result<Output, Failure> {
    Ok(BufWriter::with_capacity(1 << 14, stdout_file()?))
}

/// Standard output without a buffer.
///
/// # Errors
///
/// It was closed when the process began, or what the system says.
pub(super) fn stdout_file() -> Result<File, Failure> {
    if kernel::stdout_is_closed() {
        let closed = io::Error::from(rustix::io::Errno::BADF);
        return Err(Failure::from(closed).about("writing to standard output, which is closed"));
    }
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned().context("opening standard output")?))
}

/// Writes out what is left in the buffer.
///
/// # Errors
///
/// What the system says, with the stream's name.
pub(super) fn finish(mut out: impl Write) -> Result<(), Failure> {
    Ok(out.flush().context("writing to standard output")?)
}

/// A savefile opened before the work starts, so that a wrong path is known at once; what it held stays until
/// [`SaveFile::begin`], and a new file that it does not come to is taken away again.
#[derive(Debug)]
pub(super) struct SaveFile {
    path: PathBuf,
    file: File,
    kind: Kind,
    format: Format,
    /// Who takes it away again, where it is new and nothing was written yet.
    stub: Option<Stub>,
}

impl SaveFile {
    /// Opens the file of `-w`, which must be new or one's own ([`opening`]).
    ///
    /// # Errors
    ///
    /// An ending that names no format, or what [`opening::open`] says about the path.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let format = match Format::from_path(path) {
            // As on standard output.
            Err(_) if opening::has_any_name(path) => Format::Pcapng,
            named => named.map_err(|error| Failure::new(Exit::Usage, error))?,
        };
        let Opened { file, kind, stub } = opening::open(path)?;
        Ok(Self { path: path.to_owned(), file, kind, format, stub })
    }

    /// The file's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is a file that can be read again.
    pub(super) fn is_plain(&self) -> bool {
        self.kind == Kind::File
    }

    /// The format its ending asks for.
    pub(super) const fn format(&self) -> Format {
        self.format
    }

    /// Empties the file and begins to write to it; from now on it stays.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn begin(&mut self, heading: &Heading<'_>) -> Result<Savefile, Failure> {
        let beginning = || format!("emptying {}", self.path.display());
        if self.kind == Kind::File {
            self.file.set_len(0).with_context(beginning)?;
        }
        let file = self.file.try_clone().with_context(beginning)?;
        let savefile = Savefile::begin(file, &self.path, self.format, heading)?;
        Ok(savefile.of_new(self.stub.take()))
    }
}

impl Drop for SaveFile {
    fn drop(&mut self) {
        if let Some(stub) = &self.stub
            && let Err(error) = stub.remove()
            // Before it is confined, this process can do it too.
            && !opening::remove(&self.path, &self.file)
        {
            say(&format!("{} stays, empty: {error}", self.path.display()));
        }
    }
}
