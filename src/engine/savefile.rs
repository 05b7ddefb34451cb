//! A savefile while it is written: what was written can be read, however it ends.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{OFlags, fcntl_getfl, tell};

use super::failure::{About as _, Failure};
use super::stub::Stub;
use crate::model::{Frame, LinkType};
use crate::source::{CaptureWriter, Format, Heading, SourceError, Target};

/// Frames on their way to a file, a pipe or a device.
pub(crate) struct Savefile {
    writer: CaptureWriter<Target<File>>,
    /// What errors call it.
    path: PathBuf,
    format: Format,
    /// The same file, to cut it where the disk was full.
    file: File,
    /// Where in it writing begins; `None` where it cannot be cut.
    begins: Option<u64>,
    /// Where the last compressed part begins.
    last_part: u64,
    /// Who takes a new file away if this process is killed before anything of it was written.
    _stub: Option<Stub>,
}

impl Savefile {
    /// Begins it; `path` names it in errors, and says with its ending whether to compress.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn begin(file: File, path: &Path, format: Format, heading: &Heading<'_>) -> Result<Self, Failure> {
        let beginning = format_args!("writing {}", path.display());
        let again = file.try_clone().about(beginning)?;
        let begins = end_that_is_written_to(&again);
        let target = Target::new(file, path).about(beginning)?;
        match CaptureWriter::new(target, path, format, heading) {
            Ok(writer) => {
                let last_part = begins.unwrap_or(0);
                Ok(Self { writer, path: path.to_owned(), format, file: again, begins, last_part, _stub: None })
            }
            Err(error) => {
                // Half a heading is of no use to anybody.
                if let Some(begins) = begins {
                    let _ = again.set_len(begins);
                }
                Err(error.into())
            }
        }
    }

    /// The same, of a file that was made for it.
    pub(crate) fn of_new(self, stub: Option<Stub>) -> Self {
        Self { _stub: stub, ..self }
    }

    /// What takes the frames.
    pub(crate) const fn writer(&mut self) -> &mut CaptureWriter<Target<File>> {
        &mut self.writer
    }

    /// Says from which interface the frames with a number come.
    pub(crate) fn describe(&mut self, number: u32, link: LinkType, name: &str) {
        self.writer.describe(number, link, Some(name));
    }

    /// Appends a frame.
    ///
    /// # Errors
    ///
    /// What the system says; then [`Savefile::give_up`] ends it.
    pub(crate) fn write_frame(&mut self, frame: &Frame<'_>) -> Result<(), SourceError> {
        self.writer.write_frame(frame)?;
        if let Some(target) = self.writer.between_records() {
            let ended = target.end_part().and_then(|ended| Ok(ended.then_some(self.file.metadata()?.len())));
            let failed = |source| SourceError::File { action: "writing", path: self.path.clone(), source };
            self.last_part = ended.map_err(failed)?.unwrap_or(self.last_part);
        }
        Ok(())
    }

    /// Writes out everything, to the end of its compression.
    ///
    /// # Errors
    ///
    /// What the system says; this is where a full disk shows.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        if let Err(error) = self.writer.flush() {
            return Err(self.give_up(error.into()));
        }
        let ended = self.writer.between_records().map_or(Ok(()), Target::finish);
        let ended = ended.about(format_args!("writing {}", self.path.display()));
        ended.map_err(|failure| self.give_up(failure))
    }

    /// Ends it after its last whole record, where that can be known.
    pub(crate) fn give_up(self, failure: Failure) -> Failure {
        let (whole, file) = (self.writer.written(), self.file);
        let taken = self.begins.and_then(|begins| Some((begins, file.metadata().ok()?.len())));
        // This drops the compressor, which may still write something.
        let last_part = self.writer.abandon().into_last_part();
        if let Some((begins, taken)) = taken {
            // Where it cannot be cut, readers still stop at the last whole record.
            let _ = file.set_len(if last_part.is_some() { self.last_part } else { begins + whole });
            let room = taken.saturating_sub(self.last_part);
            let fitted = last_part.and_then(|part| part.fitted(self.format, self.last_part == begins, room));
            if let Some(bytes) = fitted
                && file.write_all_at(&bytes, self.last_part).is_err()
            {
                let _ = file.set_len(self.last_part);
            }
        }
        failure.advise("what was saved before can be read")
    }
}

/// The end of a file, where that is what will be written to: what stands before it stays, whatever happens.
fn end_that_is_written_to(file: &File) -> Option<u64> {
    let length = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    let appends = fcntl_getfl(file).is_ok_and(|flags| flags.contains(OFlags::APPEND));
    (appends || tell(file).is_ok_and(|place| place == length)).then_some(length)
}
