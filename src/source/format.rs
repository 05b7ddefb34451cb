//! The formats of savefiles, and what a file's name asks for.

use std::ffi::OsStr;
use std::path::Path;

use super::SourceError;

/// How long a pcap file's header is, in bytes.
pub(super) const PCAP_HEADER: usize = 24;

/// The savefile formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// draft-ietf-opsawg-pcap, here always with nanoseconds.
    Pcap,
    /// draft-ietf-opsawg-pcapng: several link types, interface names, comments.
    Pcapng,
}

impl Format {
    /// The format a file's ending asks for: `.pcap` (or `.cap`) and `.pcapng`, in any case, `.zst` or `.gz` behind it or
    /// not.
    ///
    /// # Errors
    ///
    /// [`SourceError::UnknownEnding`] for every other name.
    pub fn from_path(path: &Path) -> Result<Self, SourceError> {
        let is_compressed = Compression::of_path(path).is_some();
        let plain = if is_compressed { Path::new(path.file_stem().unwrap_or_default()) } else { path };
        let ending = plain.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("pcap" | "cap") => Ok(Self::Pcap),
            Some("pcapng") => Ok(Self::Pcapng),
            _ => Err(SourceError::UnknownEnding { path: path.to_owned() }),
        }
    }
}

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
