//! Several captures read as one: one after the other, or merged in time order.
//!
//! Packets are numbered anew, and so are interfaces. A file that is damaged or cannot be opened does not end the
//! others: its error is handed out in its place, and the next call goes on.

use std::path::PathBuf;
use std::vec;

use super::{CaptureFile, FrameSource, Interface, SourceError};
use crate::model::{Frame, Timestamp};

/// Captures one after the other, each opened when the one before it has ended.
pub struct Chained {
    paths: vec::IntoIter<PathBuf>,
    file: Option<CaptureFile>,
    /// The interfaces of the files before the current one.
    before: Vec<Interface>,
    packets: u64,
}

impl Chained {
    /// Reads these captures in this order; `-` is standard input.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>) -> Self {
        Self { paths: paths.into_iter(), file: None, before: Vec::new(), packets: 0 }
    }

    /// The interfaces described so far; [`Frame::interface`] counts through them, over all files.
    #[must_use]
    pub fn interfaces(&self) -> Vec<Interface> {
        let current = self.file.as_ref().map_or(&[][..], CaptureFile::interfaces);
        [&self.before, current].concat()
    }

    /// Moves to the next packet, in the next file where one has ended.
    fn advance(&mut self) -> Result<bool, SourceError> {
        loop {
            if let Some(file) = &mut self.file {
                if file.advance()? {
                    return Ok(true);
                }
                self.before.extend_from_slice(file.interfaces());
                self.file = None;
            }
            match self.paths.next() {
                Some(path) => self.file = Some(CaptureFile::open(path)?),
                None => return Ok(false),
            }
        }
    }
}

impl FrameSource for Chained {
    fn interface(&self, number: u32) -> Option<&Interface> {
        let number = number as usize;
        let current = || self.file.as_ref()?.interfaces().get(number - self.before.len());
        self.before.get(number).or_else(current)
    }

    fn next_frame(&mut self) -> Result<Option<Frame<'_>>, SourceError> {
        if !self.advance()? {
            return Ok(None);
        }
        self.packets += 1;
        let interfaces = self.before.len() as u32;
        Ok(self.file.as_ref().map(|file| {
            let frame = file.current();
            Frame { number: self.packets, interface: interfaces + frame.interface, ..frame }
        }))
    }

    fn holds_next(&self) -> bool {
        self.file.as_ref().is_some_and(CaptureFile::holds_next)
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
}

struct Input {
    file: CaptureFile,
    /// The time of its current packet; `None` when it has ended.
    time: Option<Timestamp>,
    /// The numbers its interfaces have in the merged capture.
    interfaces: Vec<u32>,
    begun: bool,
}

impl Merged {
    /// Merges these captures.
    #[must_use]
    pub fn new(files: Vec<CaptureFile>) -> Self {
        let input = |file| Input { file, time: None, interfaces: Vec::new(), begun: false };
        let inputs = files.into_iter().map(input).collect();
        Self { inputs, last: None, interfaces: Vec::new(), packets: 0 }
    }

    /// The interfaces that packets have come from so far; [`Frame::interface`] counts through them.
    #[must_use]
    pub fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    /// Sees to it that every file that has not ended stands at its next packet.
    fn advance(&mut self) -> Result<(), SourceError> {
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
        let local = input.file.current().interface as usize;
        for interface in &input.file.interfaces()[input.interfaces.len()..] {
            input.interfaces.push(self.interfaces.len() as u32);
            self.interfaces.push(interface.clone());
        }
        input.interfaces[local]
    }
}

impl Input {
    fn advance(&mut self) -> Result<(), SourceError> {
        let before = self.time.take();
        if self.file.advance()? {
            self.time = self.file.current().time.or(before).or(Some(Timestamp::default()));
        }
        Ok(())
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
        self.packets += 1;
        let interface = self.interface(earliest);
        Ok(Some(Frame { number: self.packets, interface, ..self.inputs[earliest].file.current() }))
    }

    fn holds_next(&self) -> bool {
        // The others stand at their next packets already.
        self.last.is_some_and(|last| self.inputs[last].file.holds_next())
    }
}
