//! Standard output through a buffer, and the files of `-w`.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use anyhow::Context;
use rustix::fs::OFlags;

use super::exit::Exit;
use super::kernel;
use super::privilege;
use super::report::Failure;
use super::stub::Stub;
use crate::source::Format;

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
/// [`SaveFile::begin`], and a file that nothing was written to is taken away again.
#[derive(Debug)]
pub(super) struct SaveFile {
    path: PathBuf,
    /// `None` once writing has begun.
    file: Option<File>,
    format: Format,
    is_new: bool,
    /// Who can take it away where this process no longer may.
    stub: Option<Stub>,
}

impl SaveFile {
    /// Opens the file of `-w`. With root's rights a symbolic link is not followed, and what is created belongs to the
    /// person who ran sudo.
    ///
    /// # Errors
    ///
    /// An ending that names no format, or what the system says about the path.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let doing = || format!("opening {} to write to it", path.display());
        // A device has no ending; it gets the format without comments.
        let is_device = path.metadata().is_ok_and(|data| data.file_type().is_char_device());
        let format = match Format::from_path(path) {
            _ if is_device => Format::Pcap,
            named => named.map_err(|error| Failure::new(Exit::Usage, error))?,
        };
        let is_new = path.symlink_metadata().is_err();
        let follow = if privilege::is_root() { OFlags::NOFOLLOW } else { OFlags::empty() };
        let flags = (follow | OFlags::CLOEXEC).bits().cast_signed();
        let opened = OpenOptions::new().write(true).create(true).truncate(false).custom_flags(flags).open(path);
        let file = match opened {
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
                let refused =
                    anyhow::anyhow!("{} is a symbolic link, which is not followed with root's rights", path.display());
                return Err(Failure::from(refused).advise("name the file itself, or run without root"));
            }
            opened => opened.with_context(doing)?,
        };
        if let Some(owner) = privilege::invoker().filter(|_| privilege::is_root() && is_new) {
            fchown(&file, Some(owner.uid), Some(owner.gid)).with_context(doing)?;
        }
        Ok(Self { path: path.to_owned(), file: Some(file), format, is_new, stub: None })
    }

    /// Prepares for taking it away again after confinement, where it is new and nothing was written yet.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn keep_removable(&mut self) -> Result<(), Failure> {
        if self.is_new && self.file.is_some() {
            self.stub = Some(Stub::of(&self.path)?);
        }
        Ok(())
    }

    /// The file's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The format its ending asks for.
    pub(super) const fn format(&self) -> Format {
        self.format
    }

    /// The file, emptied, to be written now.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn begin(&mut self) -> Result<File, Failure> {
        let file = self.file.take().context("a savefile can be written once")?;
        if file.metadata().is_ok_and(|data| data.is_file() && data.size() > 0) {
            file.set_len(0).with_context(|| format!("emptying {}", self.path.display()))?;
        }
        Ok(file)
    }
}

impl Drop for SaveFile {
    fn drop(&mut self) {
        if self.file.is_some() && self.is_new {
            // Nothing was written: leave no empty file behind. If it cannot be removed, it stays, empty.
            let _ = match &self.stub {
                Some(stub) => stub.remove(),
                None => std::fs::remove_file(&self.path),
            };
        }
    }
}
