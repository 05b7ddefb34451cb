//! Saving what a pass chooses: begun with the first packet, its interfaces numbered in the order in which they come.

use super::choice::Fate;
use super::failure::Failure;
use super::saved_encoding::{SavedEncoding, remark};
use super::savefile::Savefile;
use super::scan::{Passing, Sink, Told};
use crate::model::{Frame, LinkType};
use crate::source::{Heading, SourceError};

/// Begins a savefile.
pub(crate) type Beginning = Box<dyn FnOnce(&Heading<'_>) -> Result<Savefile, Failure> + Send>;

/// Saves the chosen packets as they pass.
pub(crate) struct ChosenSavefile<T> {
    tell: T,
    /// Whether the next packet may be long in coming: then what was saved is written out before.
    may_wait: bool,
    /// `None` once it was begun.
    begin: Option<Beginning>,
    /// `None` before that, and after an error.
    savefile: Option<Savefile>,
    /// The encoding that the captures name, which the savefile names too.
    encoding: SavedEncoding,
    /// The link type of the first packet read, for a savefile that holds none.
    link: Option<LinkType>,
    /// The interfaces that were described, in the order of their numbers in the savefile.
    interfaces: Vec<(u32, LinkType)>,
    /// How many had no time.
    timeless: u64,
}

impl<T: FnMut(Told<'_>) + Send> Sink for ChosenSavefile<T> {
    fn packet(&mut self, Passing { frame, fate, interfaces, .. }: Passing<'_>) -> Result<(), Failure> {
        self.link.get_or_insert(frame.link);
        if fate != Fate::Chosen {
            return Ok(());
        }
        if !self.knows(frame) {
            self.describe(frame, interfaces.of(frame.interface))?;
        }
        self.timeless += u64::from(frame.time.is_none());
        self.write(frame)
    }

    fn damage(&mut self, damage: &SourceError) {
        (self.tell)(Told::Damage(damage));
    }

    fn pause(&mut self, packets: usize) -> Result<(), Failure> {
        (self.tell)(Told::Read(packets));
        if self.may_wait { self.flush() } else { Ok(()) }
    }
}

impl<T> ChosenSavefile<T> {
    /// One that `begin` begins when the first packet is to be saved, or at the end. Where the next packet may be long in coming
    /// (`may_wait`), what was saved is written out before.
    pub(crate) fn new(begin: Beginning, may_wait: bool, encoding: SavedEncoding, tell: T) -> Self {
        let (begin, interfaces) = (Some(begin), Vec::new());
        Self { tell, may_wait, begin, savefile: None, encoding, link: None, interfaces, timeless: 0 }
    }

    /// Whether the frame's interface was described.
    fn knows(&self, frame: &Frame<'_>) -> bool {
        self.interfaces.contains(&(frame.interface, frame.link))
    }

    /// Describes the frame's interface; the first begins the file.
    fn describe(&mut self, frame: &Frame<'_>, interface: Option<&str>) -> Result<(), Failure> {
        let number = self.interfaces.len() as u32;
        self.interfaces.push((frame.interface, frame.link));
        match &mut self.savefile {
            Some(savefile) => savefile.writer().describe(number, frame.link, interface),
            None => self.begin(frame.link, interface)?,
        }
        Ok(())
    }

    fn begin(&mut self, link: LinkType, interface: Option<&str>) -> Result<(), Failure> {
        let comment = self.encoding.get().map(|encoding| remark("Chosen of a layerscope lesson.", encoding));
        let heading = Heading { link, interface, comment: comment.as_deref() };
        self.savefile = self.begin.take().map(|begin| begin(&heading)).transpose()?;
        Ok(())
    }

    fn write(&mut self, frame: &Frame<'_>) -> Result<(), Failure> {
        let known = self.interfaces.iter().position(|known| *known == (frame.interface, frame.link));
        let frame = Frame { interface: known.unwrap_or_default() as u32, ..*frame };
        let Some(savefile) = &mut self.savefile else { return Ok(()) };
        savefile.write_frame(&frame).map_err(|error| self.give_up(error.into()))
    }

    /// Writes out what was held back.
    fn flush(&mut self) -> Result<(), Failure> {
        let Some(savefile) = &mut self.savefile else { return Ok(()) };
        savefile.writer().flush().map_err(|error| self.give_up(error.into()))
    }

    fn give_up(&mut self, failure: Failure) -> Failure {
        match self.savefile.take() {
            Some(savefile) => savefile.give_up(failure),
            None => failure,
        }
    }

    /// Ends it, a savefile without packets where there were none, and gives how many had no time.
    ///
    /// # Errors
    ///
    /// What the system says; this is where a full disk shows.
    pub(crate) fn finish(mut self) -> Result<u64, Failure> {
        if self.begin.is_some() {
            let link = self.link.unwrap_or(LinkType::ETHERNET);
            self.begin(link, None)?;
        }
        self.savefile.map_or(Ok(()), Savefile::finish)?;
        Ok(self.timeless)
    }
}
