//! Where frames come from and go to.
//!
//! Foreign capture crates (libpcap, pcap-parser, the compression libraries) stop here: what leaves is a
//! [`Frame`](crate::model::Frame) or a [`SourceError`] that names the next step.

use crate::model::Frame;

mod clock;
mod error;
mod file;
mod live;
mod pcap;
mod pcapng;
mod record;
mod sniff;
mod window;
mod writer;

pub use error::SourceError;
pub use file::CaptureFile;
pub use live::{Drops, LiveCapture};
pub use record::Interface;
pub use writer::{CaptureWriter, Format, Heading, SNAPLEN};

/// Something that hands out frames one after the other.
pub trait FrameSource {
    /// The next frame, borrowed until the next call; `None` at the end.
    ///
    /// # Errors
    ///
    /// What is wrong with the input, once; every frame before it was handed out, and none follows.
    fn next_frame(&mut self) -> Result<Option<Frame<'_>>, SourceError>;
}
