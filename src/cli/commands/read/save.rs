//! `layerscope read -w`: the chosen packets to a savefile.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::cli::args::ReadArgs;
use crate::cli::choice;
use crate::cli::exit::Exit;
use crate::cli::input::Input;
use crate::cli::output::{stdout_file, unwritten};
use crate::cli::progress::Progress;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, line, say, tell};
use crate::engine::savefile::Savefile;
use crate::engine::{Captures, Choice, Fate, Passing, Scan, Sink, Unwritten};
use crate::model::{Frame, LinkType};
use crate::source::{Format, Heading, SourceError};
use crate::words::en::count;

/// Saves what is chosen, and says how much that was.
pub(super) fn run(
    path: &Path,
    args: &ReadArgs,
    input: &Input,
    captures: Captures,
    recipe: Recipe,
    choice: Choice,
) -> Result<Exit, Failure> {
    let output = Output::open(path, input)?;
    recipe.confine_reader()?;
    let may_wait = captures.may_wait();
    let mut saver = Saver { output, progress: Progress::new(), may_wait, timeless: 0 };
    let scan = Scan { batches: captures.batches()?, choice, limit: args.choice.limit };
    let passed = scan.run(&mut saver)?;
    let Saver { output, progress, timeless, .. } = saver;
    let name = output.finish()?;
    drop(progress);
    let place = if path == Path::new("-") { "written to" } else { "saved in" };
    line(&format!("{} of {} {place} {}", passed.chosen, count(passed.read, "packet"), name.display()));
    choice::missing(&passed.choice, passed.chosen, input.files())?.iter().for_each(|missing| say(missing));
    if timeless > 0 {
        line(&format!("{} without a time saved as of 1970", count(timeless, "packet")));
    }
    let exit = passed.exit(Exit::Done);
    input.checked(passed).map(|_| exit)
}

/// Saves the chosen packets as they pass.
struct Saver {
    output: Output,
    progress: Progress,
    /// Whether the next packet may be long in coming.
    may_wait: bool,
    /// How many had no time.
    timeless: u64,
}

impl Sink for Saver {
    fn packet(&mut self, Passing { frame, fate, interfaces, .. }: Passing<'_>) -> Result<(), Failure> {
        self.output.link.get_or_insert(frame.link);
        if fate != Fate::Chosen {
            return Ok(());
        }
        if !self.output.knows(frame) {
            self.output.describe(frame, interfaces.of(frame.interface))?;
        }
        self.timeless += u64::from(frame.time.is_none());
        self.output.write(frame)
    }

    fn damage(&mut self, damage: &SourceError) {
        self.progress.hide();
        tell(damage);
    }

    fn pause(&mut self, packets: usize) -> Result<(), Failure> {
        self.progress.step(packets);
        if self.may_wait { self.output.flush() } else { Ok(()) }
    }
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
    File(Unwritten),
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
            let file = unwritten(path)?;
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
