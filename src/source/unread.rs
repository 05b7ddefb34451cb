//! A capture that is open, and of which nothing was read yet.
//!
//! Opening takes rights that reading must not have: what was read decides nothing here.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{FileType, OFlags, fcntl_getfl, fcntl_setfl, fstat};
use rustix::io::Errno;

/// A capture to be read, or why it cannot be.
#[derive(Debug)]
pub struct Unread {
    pub(super) path: PathBuf,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Stdin,
    /// A file that can be read at any place.
    Plain(Arc<File>),
    /// A pipe, a device.
    Stream(File),
    Refused(io::Error),
}

impl Unread {
    /// Opens a capture; `-` is standard input. Where that is refused, it is told when the capture is read.
    ///
    /// Nobody is waited for: a named pipe that nobody writes to yet is waited for when it is read.
    #[must_use]
    pub fn open(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let what = if path == Path::new("-") { What::Stdin } else { open(&path).unwrap_or_else(What::Refused) };
        Self { path, what }
    }

    /// Its path, as it was typed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether its packets may come slowly: from a pipe, a terminal, a device.
    #[must_use]
    pub fn may_wait(&self) -> bool {
        let is_plain = |mode| FileType::from_raw_mode(mode) == FileType::RegularFile;
        match &self.what {
            What::Stdin => !fstat(io::stdin()).is_ok_and(|stat| is_plain(stat.st_mode)),
            What::Plain(_) => false,
            What::Stream(_) | What::Refused(_) => true,
        }
    }

    /// Why it cannot be read.
    #[must_use]
    pub const fn refusal(&self) -> Option<&io::Error> {
        match &self.what {
            What::Refused(error) => Some(error),
            What::Stdin | What::Plain(_) | What::Stream(_) => None,
        }
    }

    /// The same capture, to be read another time; `None` for what can be read once alone.
    #[must_use]
    pub fn again(&self) -> Option<Self> {
        let What::Plain(file) = &self.what else { return None };
        Some(Self { path: self.path.clone(), what: What::Plain(Arc::clone(file)) })
    }
}

fn open(path: &Path) -> io::Result<What> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(What::Plain(Arc::new(file)));
    }
    fcntl_setfl(&file, fcntl_getfl(&file)? & !OFlags::NONBLOCK)?;
    Ok(What::Stream(file))
}

/// What is read of a pipe or a device: a named pipe without a writer is not at its end, it has not begun.
pub(super) struct Awaited {
    file: File,
    has_begun: bool,
}

impl Awaited {
    pub(super) const fn new(file: File) -> Self {
        Self { file, has_begun: false }
    }
}

impl Read for Awaited {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        while !self.has_begun {
            // There is nothing to tell until somebody has written, or has come and gone.
            match poll(&mut [PollFd::new(&self.file, PollFlags::IN)], None) {
                Ok(ready) => self.has_begun = ready > 0,
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        self.file.read(bytes)
    }
}
