//! Where frames come from and go to.
//!
//! Foreign capture crates (libpcap, pcap-parser, the compression libraries) stop here: what leaves is a
//! [`Frame`] or a [`SourceError`] that names the next step.

use crate::model::Frame;

mod ahead;
mod bpf;
mod clock;
mod decompress;
mod error;
mod file;
mod filter;
mod interface;
mod live;
mod pcap;
mod pcapng;
mod record;
mod several;
mod sniff;
mod target;
mod window;
mod writer;

pub use error::SourceError;
pub use file::CaptureFile;
pub use filter::Filter;
pub use interface::{NetworkInterface, default_interface, interfaces};
pub use live::{BATCH, Drops, LiveCapture, LiveOptions};
pub use record::Interface;
pub use several::{Chained, Merged};
pub use target::Target;
pub use writer::{CaptureWriter, Format, Heading, SNAPLEN};

/// Something that hands out frames one after the other.
pub trait FrameSource: Send {
    /// The next frame, borrowed until the next call; `None` at the end.
    ///
    /// # Errors
    ///
    /// What is wrong with the input, once; every frame before it was handed out. Calling again is safe: it goes on with
    /// the next input where there are several, and gives `None` where there is none.
    fn next_frame(&mut self) -> Result<Option<Frame<'_>>, SourceError>;

    /// The interface that frames with this number come from, once one of them was handed out.
    fn interface(&self, number: u32) -> Option<&Interface>;

    /// Whether the next frame is in memory already, so that asking for it cannot wait. What was made of the frames so
    /// far should be shown before a wait; `false` may be said too often, never too rarely.
    fn holds_next(&self) -> bool;
}
