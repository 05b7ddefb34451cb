//! The captures of a demonstration, and what they have heard so far.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Failure;
use crate::analyse::Place;
use crate::clock::now;
use crate::model::{LinkType, OwnedFrame};
use crate::source::{Drops, LiveCapture, SourceError};

/// How long to sleep for packets before looking whether the lab is done.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// Open captures on the links of a demonstration, in the order in which the client's packets pass them.
pub(crate) struct Taps {
    taps: Vec<Tap>,
}

/// One of them.
struct Tap {
    capture: LiveCapture,
    /// Its number among them.
    number: u32,
    frames: Vec<OwnedFrame>,
}

impl Tap {
    fn take(&mut self) -> Result<(), SourceError> {
        let Self { capture, number: interface, frames } = self;
        let keep = |frames: &mut Vec<OwnedFrame>, frame: OwnedFrame| {
            frames.push(OwnedFrame { interface: *interface, ..frame });
        };
        while capture.deliver(usize::MAX, |frame| keep(frames, frame.to_owned()))? > 0 {}
        Ok(())
    }
}

impl Taps {
    /// Captures that have heard nothing yet.
    pub(super) fn new(captures: Vec<LiveCapture>) -> Self {
        let taps = (0..).zip(captures).map(|(number, capture)| Tap { capture, number, frames: Vec::new() });
        Self { taps: taps.collect() }
    }

    /// Takes over what the kernel has captured, waiting a little for it.
    pub(super) fn collect(&mut self, interrupted: &AtomicBool) -> Result<(), Failure> {
        if interrupted.load(Ordering::Relaxed) {
            return Err(Failure::saying("interrupted; nothing was shown or saved"));
        }
        if let Some(first) = self.taps.first_mut() {
            first.capture.wait(LOOK_AGAIN)?;
        }
        self.taps.iter_mut().try_for_each(Tap::take)?;
        Ok(())
    }

    /// Takes over what comes within so much time.
    pub(super) fn collect_for(&mut self, time: Duration, interrupted: &AtomicBool) -> Result<(), Failure> {
        let end = now() + time;
        while now() < end {
            self.collect(interrupted)?;
        }
        Ok(())
    }

    /// What the first of them has heard so far.
    pub(super) fn frames(&self) -> &[OwnedFrame] {
        self.taps.first().map_or(&[], |tap| &tap.frames)
    }

    /// The first link, of which these packets count, and the others with all that was heard there.
    pub(super) fn places(&self, first: Vec<OwnedFrame>) -> Vec<Place> {
        let place = |tap: &Tap| Place { name: tap.capture.interface().to_owned(), frames: tap.frames.clone() };
        let mut places: Vec<Place> = self.taps.iter().map(place).collect();
        if let Some(place) = places.first_mut() {
            place.frames = first;
        }
        places
    }

    /// The captures themselves.
    pub(super) fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        self.taps.iter().map(|tap| tap.capture.as_fd()).collect()
    }

    /// What the frames begin with.
    pub(super) fn link(&self) -> LinkType {
        self.taps.first().map_or(LinkType::ETHERNET, |tap| tap.capture.link())
    }

    /// What was lost.
    pub(super) fn drops(&mut self) -> Result<Drops, SourceError> {
        let mut all = Drops::default();
        for tap in &mut self.taps {
            let Drops { by_kernel, by_interface } = tap.capture.drops()?;
            all.by_kernel = all.by_kernel.saturating_add(by_kernel);
            all.by_interface = all.by_interface.saturating_add(by_interface);
        }
        Ok(all)
    }
}
