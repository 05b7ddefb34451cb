//! Standard output through a buffer, and the file of `-w`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::path::Path;

use thiserror::Error;

use super::companions::stub;
use super::interrupts;
use super::kernel;
use super::report::{Failure, say};
use crate::engine::{About as _, Caller, Unwritten};

/// Standard output behind a buffer; what is written in larger pieces goes through it without being copied.
pub(super) type Output = BufWriter<Stdout>;

/// Standard output, whose errors say that they are.
pub(super) struct Stdout(File);

/// That writing to standard output failed.
#[derive(Debug, Error)]
#[error("writing to standard output")]
struct Unwritable(#[source] io::Error);

/// The error with its place; of what kind it is stays the same.
fn unwritable(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), Unwritable(error))
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(unwritable)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).map_err(unwritable)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(unwritable)
    }
}

/// Standard output, buffered. [`finish`] must be called, or a full disk would go unnoticed.
///
/// The standard library's own handle would look for the last line's end in everything written.
///
/// # Errors
///
/// What the system says.
pub(super) fn stdout() -> Result<Output, Failure> {
    Ok(BufWriter::with_capacity(1 << 14, Stdout(stdout_file()?)))
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
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned().about("opening standard output")?))
}

/// Writes out what is left in the buffer.
///
/// # Errors
///
/// What the system says, with the stream's name.
pub(super) fn finish(mut out: impl Write) -> Result<(), Failure> {
    Ok(out.flush()?)
}

/// Opens the file of `-w`, so that a wrong path is known at once.
///
/// # Errors
///
/// As [`Unwritten::open`].
pub(super) fn unwritten(path: &Path) -> Result<Unwritten, Failure> {
    Unwritten::open(path, &Caller { start_remover: stub, is_interrupted: interrupts::has_come, tell: say })
}
