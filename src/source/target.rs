//! Where a savefile's bytes go: as they are, or compressed on the way.

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, IoSlice, Write};
use std::path::Path;

use flate2::Compression as Level;
use flate2::write::GzEncoder;
use zstd::stream::write::Encoder;

/// Fast enough for a busy interface.
const LEVEL: i32 = 1;

/// How a savefile can be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Zstd,
    Gzip,
}

impl Compression {
    /// What a file's ending asks for.
    pub(super) fn of_path(path: &Path) -> Option<Self> {
        let ending = path.extension().and_then(OsStr::to_str)?.to_ascii_lowercase();
        match ending.as_str() {
            "zst" => Some(Self::Zstd),
            "gz" => Some(Self::Gzip),
            _ => None,
        }
    }
}

/// A stream that compresses where its file's name asks for it.
pub enum Target<W: Write> {
    /// As they are.
    Plain(W),
    /// Compressed with zstd.
    Zstd(Encoder<'static, W>),
    /// Compressed with gzip.
    Gzip(GzEncoder<W>),
}

impl<W: Write> Target<W> {
    /// Writes to `out`; `path` says with its ending (`.zst`, `.gz`) whether to compress.
    ///
    /// # Errors
    ///
    /// What zstd says where it cannot begin.
    pub fn new(out: W, path: &Path) -> io::Result<Self> {
        Ok(match Compression::of_path(path) {
            None => Self::Plain(out),
            Some(Compression::Zstd) => Self::Zstd(Encoder::new(out, LEVEL)?),
            Some(Compression::Gzip) => Self::Gzip(GzEncoder::new(out, Level::fast())),
        })
    }

    /// Whether it compresses.
    #[must_use]
    pub const fn is_compressed(&self) -> bool {
        !matches!(self, Self::Plain(_))
    }

    /// Ends the stream and hands `out` back.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Zstd(encoder) => encoder.finish(),
            Self::Gzip(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Target<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write_vectored(parts),
            Self::Zstd(encoder) => encoder.write_vectored(parts),
            Self::Gzip(encoder) => encoder.write_vectored(parts),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Zstd(encoder) => encoder.flush(),
            Self::Gzip(encoder) => encoder.flush(),
        }
    }
}

impl<W: Write> fmt::Debug for Target<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_compressed() { "Target::Compressed" } else { "Target::Plain" })
    }
}
