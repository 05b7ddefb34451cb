//! What can be wrong with an input, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why frames could not be read, captured or written.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file could not be opened, read or written.
    #[error("{action} {path}: {source}", path = path.display())]
    File {
        /// What was being done: `reading`, `writing`.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not a capture at all.
    #[error("{path} is not a capture file: {found}", path = path.display())]
    NotACapture {
        /// Which file.
        path: PathBuf,
        /// What it starts with, in words.
        found: String,
    },
    /// The file is damaged; every packet before the damage was handed out.
    #[error("damaged at byte {offset}: {cause}")]
    Damaged {
        /// The absolute offset in the (decompressed) file.
        offset: u64,
        /// What is wrong there.
        cause: String,
    },
    /// libpcap refused.
    #[error("{action}: {message}")]
    Pcap {
        /// What was being done.
        action: String,
        /// libpcap's own words.
        message: String,
    },
}
