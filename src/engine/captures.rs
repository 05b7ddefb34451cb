//! Captures that are open: one after the other or merged, as many at once as this process may have open.

use std::path::PathBuf;

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use thiserror::Error;

use super::exit::Exit;
use super::failure::Failure;
use super::ordered_batches::{OrderedBatches, threads};
use crate::source::{CaptureFile, Chained, FrameSource, Merged, SourceError, Unread};

/// Why captures cannot be opened.
#[derive(Debug, Error)]
pub(crate) enum NotOpened {
    /// One of them cannot.
    #[error(transparent)]
    Capture(#[from] SourceError),
    /// They are too many.
    #[error("{captures} captures cannot be open at once: this process may open {limit} files")]
    TooMany {
        captures: usize,
        /// How many files this process may have open.
        limit: u64,
        /// How many captures would do.
        most: u64,
    },
    /// The system does not allow as many as it could.
    #[error("allowing so many files to be open")]
    Limit(#[source] Errno),
}

/// Captures that are open, and of which nothing was read.
pub(crate) struct Captures {
    unread: Vec<Unread>,
    /// Whether they are read one after the other.
    is_chain: bool,
    threads: usize,
    may_wait: bool,
}

impl Captures {
    /// Opens captures, to be read one after the other or merged. Nothing is read yet, and nobody waited for.
    ///
    /// # Errors
    ///
    /// Where a single capture, or one to merge, cannot be opened, or there are more captures than may be open at once; what
    /// is wrong with one of a chain is told when it is its turn.
    pub(crate) fn open(paths: &[PathBuf], merge: bool) -> Result<Self, NotOpened> {
        allow_open(paths.len())?;
        let mut unread: Vec<Unread> = paths.iter().map(Unread::open).collect();
        let is_chain = unread.len() > 1 && !merge;
        if !is_chain && let Some(refused) = unread.iter().position(|file| file.refusal().is_some()) {
            CaptureFile::read(unread.swap_remove(refused))?;
        }
        let may_wait = unread.iter().any(Unread::may_wait);
        Ok(Self { unread, is_chain, threads: threads(may_wait), may_wait })
    }

    /// Whether packets may come slowly: from a pipe, a terminal, a device.
    pub(crate) const fn may_wait(&self) -> bool {
        self.may_wait
    }

    /// The same captures, to be read another time; `None` where one of them can be read once alone.
    pub(crate) fn again(&self) -> Option<Self> {
        let unread = self.unread.iter().map(Unread::again).collect::<Option<_>>()?;
        Some(Self { unread, ..*self })
    }

    /// Begins to read them in batches, on as many threads as are of use: for a confined process.
    ///
    /// # Errors
    ///
    /// Where a single capture, or one to merge, is none.
    pub(crate) fn batches(self) -> Result<OrderedBatches, Failure> {
        let threads = self.threads;
        let source = self.read().map_err(|error| Failure::new(Exit::after(&error), error))?;
        Ok(OrderedBatches::new(source, threads))
    }

    /// Begins to read.
    fn read(self) -> Result<Box<dyn FrameSource>, SourceError> {
        if self.is_chain {
            return Ok(Box::new(Chained::of(self.unread)));
        }
        let mut files = self.unread.into_iter().map(CaptureFile::read).collect::<Result<Vec<_>, _>>()?;
        match (files.pop(), files.is_empty()) {
            (Some(single), true) => Ok(Box::new(single)),
            (last, _) => {
                files.extend(last);
                Ok(Box::new(Merged::new(files)))
            }
        }
    }
}

/// Descriptors that are needed beside those of the captures.
const OTHERS: u64 = 32;

/// Lets so many captures be open at once.
///
/// # Errors
///
/// They are more than this process may have open.
fn allow_open(captures: usize) -> Result<(), NotOpened> {
    let (needed, limit) = (captures as u64 + OTHERS, getrlimit(Resource::Nofile));
    if captures < 2 || limit.current.is_none_or(|soft| needed <= soft) {
        return Ok(());
    }
    if let Some(hard) = limit.maximum.filter(|hard| needed > *hard) {
        return Err(NotOpened::TooMany { captures, limit: hard, most: hard.saturating_sub(OTHERS) });
    }
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).map_err(NotOpened::Limit)
}
