//! Where frames come from and go to.
//!
//! Foreign capture crates (libpcap, pcap-parser, the compression libraries) stop here: what leaves is a
//! [`Frame`] or a [`SourceError`] that names the next step.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

use crate::model::Frame;

mod batch;
#[cfg(feature = "live")]
mod bpf;
mod clock;
#[cfg(feature = "live")]
mod compile;
mod decompress;
mod error;
mod file;
#[cfg(feature = "live")]
mod filter;
mod format;
#[cfg(all(feature = "live", any(fuzzing, test)))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "live")]
mod interface;
mod interface_names;
#[cfg(feature = "live")]
mod kernel;
#[cfg(feature = "live")]
mod libpcap;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "live")]
mod missed;
#[cfg(feature = "live")]
mod origins;
mod pcap;
mod pcapng;
mod record;
mod several;
mod sniff;
mod stream;
#[cfg(feature = "live")]
mod syntax;
mod target;
#[cfg(feature = "live")]
mod terms;
mod unread;
mod vectored;
mod window;
mod writer;

pub use batch::Batch;
#[cfg(feature = "live")]
pub use compile::tell_of_long_filters;
pub use error::SourceError;
pub use file::CaptureFile;
#[cfg(feature = "live")]
pub use filter::Filter;
pub use format::Format;
#[cfg(feature = "live")]
pub use interface::{NetworkInterface, default_interface, interfaces};
pub use interface_names::InterfaceNames;
#[cfg(feature = "live")]
pub use live::{BATCH, Drops, LiveCapture, LiveOptions};
pub use record::Interface;
pub use several::{Chained, Merged};
pub use stream::Part;
#[cfg(feature = "live")]
pub use syntax::syntax_fault;
pub use target::Target;
#[cfg(feature = "cli")]
pub(crate) use terms::FIRST_WORDS;
pub use unread::Unread;
pub use writer::{CaptureWriter, Heading, SNAPLEN};

/// Something that hands out frames, one after the other or several at once.
///
/// What is wrong with the input is told once, when every frame before it was handed out. Asking again is safe: it goes
/// on with the next input where there are several, and finds the end where there is none.
pub trait FrameSource: Send {
    /// The next frame, borrowed until the next call; `None` at the end.
    ///
    /// # Errors
    ///
    /// What is wrong with the input.
    fn next_frame(&mut self) -> Result<Option<Frame<'_>>, SourceError>;

    /// The interface that frames with this number come from, once one of them was handed out.
    fn interface(&self, number: u32) -> Option<&Interface>;

    /// What the capture says of itself as far as it was read; nothing where it is several.
    fn remarks(&self) -> &[String] {
        &[]
    }

    /// The part of the capture behind those given out before, for [`Batch::read`] to read beside other threads; `None`
    /// where everything has to be read in order. Batches are to be filled in the order in which their parts were given out.
    fn part(&mut self) -> Option<Part> {
        None
    }

    /// Fills a batch with the next frame and those behind it that can be had without waiting; `false`, and no frame, at
    /// the end. What the batch held is forgotten.
    ///
    /// # Errors
    ///
    /// What is wrong with the input; then the batch is empty.
    fn fill(&mut self, batch: &mut Batch) -> Result<bool, SourceError>;
}
