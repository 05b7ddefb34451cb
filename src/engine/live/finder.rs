//! The finder of processes: whom a confined capture asks for the owners of sockets.
//!
//! After confinement a capture sees no other process. So the program starts itself once more beforehand; the copy keeps
//! the right to look into `/proc`, as far as it has it, and gives up everything else. It never sees a packet: what it is
//! asked are addresses and ports of a fixed length, what it answers is a number, a user and a name of a fixed length.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::{Command, Stdio};

use rustix::io::{fcntl_dupfd_cloexec, ioctl_fionbio, write};

use crate::engine::companion::Companion;
use crate::engine::exit::Exit;
use crate::engine::failure::{About as _, Failure};
use crate::host::{ProcessBook, ProcessFinder};
use crate::sandbox::{self, Kind};

/// The longest word on how it began.
const WORDS: usize = 512;

/// Starts the finder, by a command that calls [`find_processes`]; returns when it is confined. What it finds stands in the
/// book, with what the kernel lacks for its confinement beside it.
///
/// # Errors
///
/// The kernel does not say what sockets there are.
pub(crate) fn start_finder(
    mut command: Command,
    is_interrupted: fn() -> bool,
) -> Result<(ProcessBook, Option<String>), Failure> {
    let starting = "starting the search for processes";
    // It keeps no descriptor but its own; what goes wrong is told here.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let finder = Companion::start(command, "the finder of processes", is_interrupted).about(starting)?;
    let mut words = [0; WORDS];
    let length = finder.begun(&mut words)?;
    ioctl_fionbio(&finder, true).about(starting)?;
    let Some((how, words)) = words[..length].split_first() else {
        return Err(Failure::saying("it said nothing").about(starting));
    };
    let words = Some(String::from_utf8_lossy(words).into_owned()).filter(|words| !words.is_empty());
    match how {
        b'+' => Ok((ProcessBook::new(finder.into_channel(), sandbox::user_names()), words)),
        _ => Err(Failure::saying(words.unwrap_or_default()).about(starting)),
    }
}

/// What the finder does, until nobody can ask any more. Its standard input is the channel.
///
/// # Errors
///
/// What the system says.
pub(crate) fn find_processes() -> Result<Exit, Failure> {
    sandbox::close_what_was_inherited();
    sandbox::hide()?;
    let waiting = "waiting for questions";
    let channel = fcntl_dupfd_cloexec(io::stdin(), 3).about(waiting)?;
    let begun = begin(&channel);
    let (how, words) = match &begun {
        Ok((_, lack)) => ("+", lack.clone().unwrap_or_default()),
        Err(error) => ("-", error.in_one_line()),
    };
    let said = [how, &words].concat();
    write(&channel, &said.as_bytes()[..said.len().min(WORDS)]).about(waiting)?;
    let Ok((finder, _)) = begun else { return Ok(Exit::Failed) };
    finder.answer_all(&channel).about(waiting)?;
    Ok(Exit::Done)
}

/// Opens what is asked, and gives up everything else; with what the kernel lacks for that.
fn begin(channel: &OwnedFd) -> Result<(ProcessFinder, Option<String>), Failure> {
    let finder = ProcessFinder::open()?;
    let (tables, proc, names) = (finder.tables(), finder.proc(), ProcessFinder::names());
    let kind = Kind::Finder { channel: channel.as_fd(), tables, proc, names };
    let lack = sandbox::confine(None, kind)?.lacks.into_iter().next();
    Ok((finder, lack))
}
