//! Several captures read as one: one after the other, or merged in time order.
//!
//! Packets are numbered anew, and so are interfaces. A file that is damaged or cannot be opened does not end the
//! others: its error is handed out in its place, and the next call goes on.

use std::path::PathBuf;
use std::vec;

use super::stream::BLOCK;
use super::stream::Part;
use super::{Batch, CaptureFile, FrameSource, Interface, SourceError, Unread};
use crate::model::{Frame, Timestamp};

/// Captures one after the other. All are open from the beginning; nothing is read of one until the one before it has ended.
pub struct Chained {
    unread: vec::IntoIter<Unread>,
    file: Option<CaptureFile>,
    /// The interfaces of the files before the current one.
    interfaces: Vec<Interface>,
    /// The packets of those files.
    packets: u64,
}

impl Chained {
    /// Reads these captures in this order; `-` is standard input.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>) -> Self {
        Self::of(paths.into_iter().map(Unread::open).collect())
    }

    /// Reads these open captures in this order.
    #[must_use]
    pub fn of(unread: Vec<Unread>) -> Self {
        Self { unread: unread.into_iter(), file: None, interfaces: Vec::new(), packets: 0 }
    }

    /// The interfaces described so far; [`Frame::interface`] counts through them, over all files.
    #[must_use]
    pub fn interfaces(&self) -> Vec<Interface> {
        let current = self.file.as_ref().map_or(&[][..], CaptureFile::interfaces);
        [&self.interfaces, current].concat()
    }

    /// Lets the current file, and when it has ended the next one, do what it can; `false` when all have ended.
    fn advance(
        &mut self,
        mut next: impl FnMut(&mut CaptureFile) -> Result<bool, SourceError>,
    ) -> Result<bool, SourceError> {
        loop {
            if let Some(file) = &mut self.file {
                if next(file)? {
                    return Ok(true);
                }
                self.interfaces.extend_from_slice(file.interfaces());
                self.packets = self.packets.saturating_add(file.packets());
                self.file = None;
            }
            match self.unread.next() {
                Some(unread) => self.file = Some(CaptureFile::read(unread)?),
                None => return Ok(false),
            }
        }
    }
}

impl FrameSource for Chained {
    fn interface(&self, number: u32) -> Option<&Interface> {
        let number = number as usize;
        let current = || self.file.as_ref()?.interfaces().get(number.checked_sub(self.interfaces.len())?);
        self.interfaces.get(number).or_else(current)
    }

    fn next_frame(&mut self) -> Result<Option<Frame<'_>>, SourceError> {
        if !self.advance(CaptureFile::advance)? {
            return Ok(None);
        }
        let (packets, interfaces) = (self.packets, self.interfaces.len() as u32);
        Ok(self.file.as_ref().map(|file| {
            let frame = file.current();
            Frame {
                number: packets.saturating_add(frame.number),
                interface: interfaces.saturating_add(frame.interface),
                ..frame
            }
        }))
    }

    fn part(&mut self) -> Option<Part> {
        self.file.as_mut()?.part()
    }

    fn fill(&mut self, batch: &mut Batch) -> Result<bool, SourceError> {
        batch.forget();
        let filled = self.advance(|file| file.fill(batch))?;
        batch.count_from(self.packets, self.interfaces.len() as u32);
        Ok(filled)
    }
}

/// Captures merged in time order.
///
/// The packet handed out next is the earliest of the files' next packets, the first file's where two are equal. So a
/// file's own order is kept even where its clock went backwards; a packet without a time follows the one before it.
pub struct Merged {
    inputs: Vec<Input>,
    /// Whose packet was handed out last: it moves on with the next call.
    last: Option<usize>,
    interfaces: Vec<Interface>,
    packets: u64,
    /// What is wrong with an input, where packets before that have still to be handed out.
    failure: Option<SourceError>,
}

struct Input {
    file: CaptureFile,
    /// Its next packets.
    batch: Batch,
    /// The place in the batch of the packet it stands at.
    at: usize,
    /// The time of that packet; `None` when there is none left.
    time: Option<Timestamp>,
    /// The numbers its interfaces have in the merged capture.
    interfaces: Vec<u32>,
    begun: bool,
}

impl Merged {
    /// Merges these captures.
    #[must_use]
    pub fn new(files: Vec<CaptureFile>) -> Self {
        let inputs = files.into_iter().map(Input::new).collect();
        Self { inputs, last: None, interfaces: Vec::new(), packets: 0, failure: None }
    }

    /// The interfaces that packets have come from so far; [`Frame::interface`] counts through them.
    #[must_use]
    pub fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    /// Sees to it that every file that has not ended stands at its next packet.
    fn advance(&mut self) -> Result<(), SourceError> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        if let Some(last) = self.last.take() {
            self.inputs[last].advance()?;
        }
        for input in self.inputs.iter_mut().filter(|input| !input.begun) {
            input.begun = true;
            input.advance()?;
        }
        Ok(())
    }

    /// The number in the merged capture of the interface that an input's current packet came from.
    fn interface(&mut self, input: usize) -> u32 {
        let input = &mut self.inputs[input];
        let local = input.current().interface as usize;
        // The file may have been read on already: what it describes later has its number later.
        for interface in input.file.interfaces().iter().take(local.saturating_add(1)).skip(input.interfaces.len()) {
            input.interfaces.push(self.interfaces.len() as u32);
            self.interfaces.push(interface.clone());
        }
        input.interfaces[local]
    }

    /// Whether the next packet can be had without waiting. All files but the last one stand at theirs already.
    fn holds_next(&self) -> bool {
        self.last.is_some_and(|last| self.inputs[last].at.saturating_add(1) < self.inputs[last].batch.len())
    }
}

impl Input {
    fn new(file: CaptureFile) -> Self {
        Self { file, batch: Batch::default(), at: 0, time: None, interfaces: Vec::new(), begun: false }
    }

    /// Moves to the next packet.
    fn advance(&mut self) -> Result<(), SourceError> {
        let before = self.time.take();
        self.at = self.at.saturating_add(1);
        if self.at >= self.batch.len() {
            self.at = 0;
            if !self.file.fill(&mut self.batch)? {
                return Ok(());
            }
        }
        self.time = self.current().time.or(before).or(Some(Timestamp::default()));
        Ok(())
    }

    fn current(&self) -> Frame<'_> {
        self.batch.frame(self.at)
    }
}

impl FrameSource for Merged {
    fn interface(&self, number: u32) -> Option<&Interface> {
        self.interfaces.get(number as usize)
    }

    fn next_frame(&mut self) -> Result<Option<Frame<'_>>, SourceError> {
        self.advance()?;
        let times = self.inputs.iter().enumerate().filter_map(|(index, input)| Some((input.time?, index)));
        let Some((_, earliest)) = times.min() else { return Ok(None) };
        self.last = Some(earliest);
        self.packets = self.packets.saturating_add(1);
        let interface = self.interface(earliest);
        Ok(Some(Frame { number: self.packets, interface, ..self.inputs[earliest].current() }))
    }

    fn fill(&mut self, batch: &mut Batch) -> Result<bool, SourceError> {
        batch.clear();
        while batch.is_empty() || (self.holds_next() && !batch.is_full() && batch.bytes.len() < BLOCK) {
            match self.next_frame() {
                Ok(Some(frame)) => batch.push(&frame),
                Ok(None) => break,
                Err(error) if batch.is_empty() => return Err(error),
                Err(error) => {
                    self.failure = Some(error);
                    break;
                }
            }
        }
        Ok(!batch.is_empty())
    }
}
