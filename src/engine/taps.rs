//! The captures of a demonstration, and what they have heard so far.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Failure;
use crate::model::{LinkType, OwnedFrame};
use crate::source::{Drops, LiveCapture, SourceError};

/// How long to sleep for packets before looking whether the lab is done.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// Open captures on the links of a demonstration.
pub(crate) struct Taps {
    capture: LiveCapture,
    frames: Vec<OwnedFrame>,
}

impl Taps {
    /// One that has heard nothing yet.
    pub(super) const fn new(capture: LiveCapture) -> Self {
        Self { capture, frames: Vec::new() }
    }

    /// Takes over what the kernel has captured, waiting a little for it.
    pub(super) fn collect(&mut self, interrupted: &AtomicBool) -> Result<(), Failure> {
        if interrupted.load(Ordering::Relaxed) {
            return Err(Failure::saying("interrupted; nothing was shown or saved"));
        }
        self.capture.wait(LOOK_AGAIN)?;
        while self.capture.deliver(usize::MAX, |frame| self.frames.push(frame.to_owned()))? > 0 {}
        Ok(())
    }

    /// What was heard so far.
    pub(super) fn frames(&self) -> &[OwnedFrame] {
        &self.frames
    }

    /// The captures themselves.
    pub(super) fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        vec![self.capture.as_fd()]
    }

    /// What the frames begin with.
    pub(super) const fn link(&self) -> LinkType {
        self.capture.link()
    }

    /// Where they are heard.
    pub(super) fn interface(&self) -> &str {
        self.capture.interface()
    }

    /// What was lost.
    pub(super) fn drops(&mut self) -> Result<Drops, SourceError> {
        self.capture.drops()
    }
}
