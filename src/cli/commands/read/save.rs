//! `layerscope read -w`: the chosen packets to a savefile.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::analyse::Digest;
use crate::cli::args::ReadArgs;
use crate::cli::choice;
use crate::cli::exit::Exit;
use crate::cli::input::{Captures, Input};
use crate::cli::output::{SaveFile, stdout_file};
use crate::cli::progress::Progress;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, line, say, tell};
use crate::decode::headers;
use crate::engine::Choice;
use crate::engine::savefile::Savefile;
use crate::model::{Frame, LinkType};
use crate::source::{Batch, Format, Heading};
use crate::words::en::count;

/// Saves what is chosen, and says how much that was.
pub(super) fn run(
    path: &Path,
    args: &ReadArgs,
    input: &Input,
    opened: Captures,
    recipe: Recipe,
    mut choice: Choice,
) -> Result<Exit, Failure> {
    let mut output = Output::open(path, input)?;
    recipe.confine_reader()?;
    let (mut exit, mut progress, mut batch) = (Exit::Done, Progress::new(), Batch::default());
    let (most, may_wait) = (args.choice.limit.unwrap_or(u64::MAX), opened.may_wait());
    let mut source = opened.read()?;
    let (mut saved, mut timeless, mut read) = (0, 0, 0);
    let mut refusal = None;
    'reading: while saved < most {
        match source.fill(&mut batch) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                progress.hide();
                exit = exit.worst(tell(&error));
                continue;
            }
        }
        progress.step(batch.len());
        for frame in batch.frames() {
            if saved == most {
                break;
            }
            read += 1;
            output.link.get_or_insert(frame.link);
            let digest = choice.follows().then(|| Digest::of(&frame, &headers(&frame)));
            let seen = choice.follow(&frame, digest.as_ref());
            match choice.takes(&frame, seen.as_ref()) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(error) => {
                    refusal = Some(error);
                    break 'reading;
                }
            }
            if !output.knows(&frame) {
                let interface = source.interface(frame.interface);
                output.describe(&frame, interface.and_then(|interface| interface.name.as_deref()))?;
            }
            output.write(&frame)?;
            saved += 1;
            timeless += u64::from(frame.time.is_none());
        }
        if may_wait {
            output.flush()?;
        }
    }
    let name = output.finish()?;
    drop(progress);
    let place = if path == Path::new("-") { "written to" } else { "saved in" };
    line(&format!("{saved} of {} {place} {}", count(read, "packet"), name.display()));
    choice::missing(&choice, saved, input.files())?.iter().for_each(|missing| say(missing));
    if timeless > 0 {
        line(&format!("{} without a time saved as of 1970", count(timeless, "packet")));
    }
    refusal.map_or(Ok(exit), |error| Err(input.refused(error)))
}

/// Where packets go: opened before the first is read, begun with the first that is saved.
struct Output {
    /// What errors call it.
    name: PathBuf,
    format: Format,
    /// `None` once it was begun.
    opened: Option<Opened>,
    /// `None` before that, and after an error.
    savefile: Option<Savefile>,
    /// The link type of the first packet read, for a savefile that holds none.
    link: Option<LinkType>,
    /// The interfaces that were described, in the order of their numbers in the savefile.
    interfaces: Vec<(u32, LinkType)>,
}

enum Opened {
    Stdout,
    File(SaveFile),
}

impl Output {
    /// Opens it, so that a wrong path is known at once.
    fn open(path: &Path, input: &Input) -> Result<Self, Failure> {
        let (name, format, opened) = if path == Path::new("-") {
            if io::stdout().is_terminal() {
                let refused = anyhow!("packets make no sense on a terminal: send `-w -` into a pipe or a file");
                return Err(Failure::new(Exit::Usage, refused));
            }
            (PathBuf::from("standard output"), Format::Pcapng, Opened::Stdout)
        } else if input.holds(path) {
            let refused = anyhow!("{} is what is read: it would be emptied before that", path.display());
            return Err(Failure::new(Exit::Usage, refused).advise("write to another file"));
        } else {
            let file = SaveFile::open(path)?;
            (path.to_owned(), file.format(), Opened::File(file))
        };
        Ok(Self { name, format, opened: Some(opened), savefile: None, link: None, interfaces: Vec::new() })
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
            None => self.begin(&Heading { link: frame.link, interface, comment: None })?,
        }
        Ok(())
    }

    fn begin(&mut self, heading: &Heading<'_>) -> Result<(), Failure> {
        self.savefile = Some(match self.opened.take() {
            Some(Opened::File(mut file)) => file.begin(heading)?,
            Some(Opened::Stdout) | None => Savefile::begin(stdout_file()?, &self.name, self.format, heading)?,
        });
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

    /// Ends it, a savefile without packets where there were none, and gives its name.
    fn finish(mut self) -> Result<PathBuf, Failure> {
        if self.opened.is_some() {
            let link = self.link.unwrap_or(LinkType::ETHERNET);
            self.begin(&Heading { link, interface: None, comment: None })?;
        }
        if let Some(savefile) = self.savefile {
            savefile.finish()?;
        }
        Ok(self.name)
    }
}
