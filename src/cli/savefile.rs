//! A savefile while it is written: what was written can be read, however it ends.

use std::fs::File;
use std::path::Path;

use anyhow::Context;

use super::report::Failure;
use crate::source::{CaptureWriter, Format, Heading, Target};

/// Frames on their way to a file, a pipe or a device.
pub(super) struct Savefile {
    writer: CaptureWriter<Target<File>>,
    /// The same file, to cut it where the disk was full.
    file: File,
}

impl Savefile {
    /// Begins it; `path` names it in errors, and says with its ending whether to compress.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn begin(file: File, path: &Path, format: Format, heading: &Heading<'_>) -> Result<Self, Failure> {
        let beginning = || format!("writing {}", path.display());
        let again = file.try_clone().with_context(beginning)?;
        let target = Target::new(file, path).with_context(beginning)?;
        match CaptureWriter::new(target, path, format, heading) {
            Ok(writer) => Ok(Self { writer, file: again }),
            Err(error) => {
                // Half a heading is of no use to anybody; what is no file cannot be emptied.
                let _ = again.set_len(0);
                Err(error.into())
            }
        }
    }

    /// What takes the frames.
    pub(super) const fn writer(&mut self) -> &mut CaptureWriter<Target<File>> {
        &mut self.writer
    }

    /// Writes out everything, to the end of its compression.
    ///
    /// # Errors
    ///
    /// What the system says; this is where a full disk shows.
    pub(super) fn finish(mut self, path: &Path) -> Result<(), Failure> {
        if let Err(error) = self.writer.flush() {
            return Err(self.give_up(error.into()));
        }
        let ended = self.writer.finish()?.finish();
        Ok(ended.map(drop).with_context(|| format!("writing {}", path.display()))?)
    }

    /// Ends it behind its last whole record, where that can be known.
    pub(super) fn give_up(self, failure: Failure) -> Failure {
        let whole = self.writer.written();
        // What a compressor has written can be read up to where it ends.
        if !self.writer.abandon().is_compressed() && self.file.metadata().is_ok_and(|data| data.is_file()) {
            // Where it cannot be cut, readers still stop at the last whole record.
            let _ = self.file.set_len(whole);
        }
        failure.advise("what was saved before can be read")
    }
}
