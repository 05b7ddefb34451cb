//! A program's packets in a savefile, its calls as their comments.

use std::path::{Path, PathBuf};

use crate::analyse::{Observed, call_notation};
use crate::engine::failure::Failure;
use crate::engine::saved_encoding::remark;
use crate::engine::savefile::Savefile;
use crate::engine::transcript::states_comment;
use crate::lab::Encoding;
use crate::model::{OwnedFrame, SocketCall};
use crate::source::{Heading, InterfaceNames, LiveCapture};

/// How many comments a packet carries at most, or wait for the first one; what comes beyond is not saved.
const COMMENTS: usize = 1000;

/// What the file says of itself.
const REMARK: &str = "The packets of a layerscope echo program: its calls and the states are packet comments.";

/// Writes each packet with the calls that returned after it, the first one with those before it too.
pub(crate) struct Saver {
    path: PathBuf,
    /// `None` after an error.
    savefile: Option<Savefile>,
    /// What the interfaces are called that packets come from.
    names: InterfaceNames,
    /// The packet that may get more comments.
    held: Option<OwnedFrame>,
    /// Calls that no packet came before.
    early: Vec<String>,
}

impl Saver {
    /// Begins the file of this path, in the way that `begin` has.
    ///
    /// # Errors
    ///
    /// What `begin` says.
    pub(crate) fn begin(
        path: &Path,
        capture: &LiveCapture,
        encoding: Encoding,
        begin: impl FnOnce(&Heading<'_>) -> Result<Savefile, Failure>,
    ) -> Result<Self, Failure> {
        let comment = remark(REMARK, encoding);
        let savefile =
            begin(&Heading { link: capture.link(), interface: Some(capture.interface()), comment: Some(&comment) })?;
        let (path, names) = (path.to_owned(), capture.interface_names());
        Ok(Self { path, savefile: Some(savefile), names, held: None, early: Vec::new() })
    }

    /// Takes in the next packet.
    ///
    /// # Errors
    ///
    /// What writing the one before gives.
    pub(super) fn packet(&mut self, observed: &Observed) -> Result<(), Failure> {
        self.write_held()?;
        let mut frame = observed.frame.clone();
        frame.comments.extend(observed.seen.as_ref().and_then(states_comment));
        frame.comments.append(&mut self.early);
        self.held = Some(frame);
        Ok(())
    }

    /// Takes in a call that has returned.
    pub(super) fn call(&mut self, call: &SocketCall) {
        let comments = self.held.as_mut().map_or(&mut self.early, |frame| &mut frame.comments);
        if comments.len() < COMMENTS {
            comments.push(call_notation::write(call));
        }
    }

    /// Writes out all but the last packet.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn pause(&mut self) -> Result<(), Failure> {
        let Some(savefile) = &mut self.savefile else { return Ok(()) };
        savefile.writer().flush().map_err(|error| self.give_up(error.into()))
    }

    /// Writes everything out, and says where it is.
    ///
    /// # Errors
    ///
    /// What the system says; this is where a full disk shows.
    pub(super) fn finish(mut self) -> Result<PathBuf, Failure> {
        self.write_held()?;
        self.savefile.map_or(Ok(()), Savefile::finish)?;
        Ok(self.path)
    }

    fn write_held(&mut self) -> Result<(), Failure> {
        let (Some(frame), Some(savefile)) = (self.held.take(), &mut self.savefile) else { return Ok(()) };
        savefile.writer().describe(frame.interface, frame.link, self.names.of(frame.interface));
        savefile.write_frame(&frame.as_frame()).map_err(|error| self.give_up(error.into()))
    }

    /// Ends the file after an error.
    fn give_up(&mut self, failure: Failure) -> Failure {
        match self.savefile.take() {
            Some(savefile) => savefile.give_up(failure),
            None => failure,
        }
    }
}
