//! The finder of processes: whom a confined capture asks for the owners of sockets.
//!
//! After confinement a capture sees no other process. So the program starts itself once more beforehand; the copy keeps
//! the right to look into `/proc`, as far as it has it, and gives up everything else. It never sees a packet: what it is
//! asked are addresses and ports of a fixed length, what it answers is a number, a user and a name of a fixed length.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, anyhow};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, fcntl_dupfd_cloexec, ioctl_fionbio, read, write};
use rustix::net::{SocketType, sockopt};

use crate::cli::exit::Exit;
use crate::cli::interrupts;
use crate::cli::report::Failure;
use crate::engine::companion::{Companion, this_program};
use crate::host::{Answer, ProcessFinder, SocketEnd};
use crate::sandbox::{self, Kind};

/// How many questions are taken before what was found is told.
const ROUND: usize = 256;

/// An answer with its question.
const MESSAGE: usize = SocketEnd::LENGTH + Answer::LENGTH;

/// The longest word on how it began.
const WORDS: usize = 512;

/// The asking side of the finder.
pub(super) struct Finder {
    process: Companion,
}

impl Finder {
    /// Starts it; returns when it is confined, with what the kernel lacks for that.
    ///
    /// # Errors
    ///
    /// The kernel does not say what sockets there are.
    pub(super) fn start() -> Result<(Self, Option<String>), Failure> {
        let starting = "starting the search for processes";
        let mut finder = this_program("find-processes").map_err(|failure| failure.about(starting))?;
        // It keeps no descriptor but its own; what goes wrong is told here.
        finder.stdout(Stdio::null()).stderr(Stdio::null());
        let process = Companion::start(finder, "the finder of processes", interrupts::has_come).context(starting)?;
        let mut words = [0; WORDS];
        let length = process.begun(&mut words)?;
        ioctl_fionbio(&process, true).context(starting)?;
        let (how, words) = words[..length].split_first().ok_or_else(|| anyhow!("{starting}: it said nothing"))?;
        let words = Some(String::from_utf8_lossy(words).into_owned()).filter(|words| !words.is_empty());
        match how {
            b'+' => Ok((Self { process }, words)),
            _ => Err(anyhow!("{starting}: {}", words.unwrap_or_default()).into()),
        }
    }

    /// Asks; false where the finder has too much to do for another question now.
    pub(super) fn ask(&self, end: &SocketEnd) -> bool {
        write(&self.process, &end.to_bytes()).is_ok()
    }

    /// The next answer that is there.
    ///
    /// # Errors
    ///
    /// There will be none any more.
    pub(super) fn answer(&self) -> Result<Option<(SocketEnd, Answer)>, Errno> {
        let mut message = [0; MESSAGE];
        match read(&self.process, &mut message) {
            Ok(MESSAGE) => {
                let (end, answer) = message.split_at(SocketEnd::LENGTH);
                Ok(SocketEnd::from_bytes(end).zip(Answer::from_bytes(answer)))
            }
            Ok(_) => Err(Errno::PIPE),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(errno) => Err(errno),
        }
    }
}

/// What the finder does, until nobody can ask any more.
pub(in crate::cli) fn find_processes() -> Result<Exit, Failure> {
    sandbox::close_what_was_inherited();
    sandbox::hide()?;
    let waiting = "waiting for questions";
    let channel = fcntl_dupfd_cloexec(io::stdin(), 3).context(waiting)?;
    if sockopt::socket_type(&channel) != Ok(SocketType::SEQPACKET) {
        return Err(Failure::new(Exit::Usage, anyhow!("run by `capture --process` alone")));
    }
    let begun = ProcessFinder::open().map_err(anyhow::Error::from).and_then(|finder| {
        let (tables, proc, names) = (finder.tables(), finder.proc(), ProcessFinder::names());
        let kind = Kind::Finder { channel: channel.as_fd(), tables, proc, names };
        let lack = sandbox::confine(None, kind)?.lacks.into_iter().next();
        Ok((finder, lack))
    });
    let (how, words) = match &begun {
        Ok((_, lack)) => ("+", lack.clone().unwrap_or_default()),
        Err(error) => ("-", format!("{error:#}")),
    };
    let said = [how, &words].concat();
    write(&channel, &said.as_bytes()[..said.len().min(WORDS)]).context(waiting)?;
    let Ok((finder, _)) = begun else { return Ok(Exit::Failed) };
    match answer_all(&channel, finder) {
        // The capture has ended.
        Ok(()) | Err(Errno::PIPE | Errno::CONNRESET) => Ok(Exit::Done),
        Err(errno) => Err(anyhow!("{waiting}: {errno}").into()),
    }
}

fn answer_all(channel: &OwnedFd, mut finder: ProcessFinder) -> Result<(), Errno> {
    loop {
        let patience = finder.patience();
        if patience == Some(Duration::ZERO) {
            finder.search().iter().try_for_each(|(end, answer)| tell(channel, end, answer))?;
            continue;
        }
        let mut left = ROUND;
        while left > 0 && is_ready(channel, if left == ROUND { patience } else { Some(Duration::ZERO) })? {
            left -= 1;
            let mut question = [0; SocketEnd::LENGTH];
            let length = read(channel, &mut question)?;
            if length == 0 {
                return Ok(());
            }
            // What is no question gets no answer.
            let Some(end) = SocketEnd::from_bytes(&question[..length]) else { continue };
            finder.ask(&end).map_or(Ok(()), |answer| tell(channel, &end, &answer))?;
        }
    }
}

fn tell(channel: &OwnedFd, end: &SocketEnd, answer: &Answer) -> Result<(), Errno> {
    let message = [&end.to_bytes()[..], &answer.to_bytes()].concat();
    write(channel, &message).map(drop)
}

/// Whether there is a question, or nobody to ask any more; waits for so long.
fn is_ready(channel: &OwnedFd, patience: Option<Duration>) -> Result<bool, Errno> {
    let channel = channel.as_fd();
    let mut polled = [PollFd::new(&channel, PollFlags::IN)];
    let timeout = patience.and_then(|patience| patience.try_into().ok());
    match poll(&mut polled, timeout.as_ref()) {
        Ok(_) => Ok(!polled[0].revents().is_empty()),
        Err(Errno::INTR) => Ok(false),
        Err(errno) => Err(errno),
    }
}
