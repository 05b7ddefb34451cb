//! Companions: copies of this program that do what it cannot do any more once it is confined. How they begin, and how their
//! answers are waited for. One that is stopped holds nothing up for ever, and one that has ended is told of.

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read, write};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair, sockopt};

use super::failure::{About as _, Failure};
use crate::sandbox;

/// How long one may take to begin, on a machine that has much else to do.
pub(crate) const TO_BEGIN: Duration = Duration::from_secs(30);

/// How long an answer may be in coming.
pub(crate) const TO_ANSWER: Duration = Duration::from_secs(10);

/// How long it is still waited for once this process is to end.
const AFTER_INTERRUPT: Duration = Duration::from_secs(3);

/// How often to look whether this process is to end.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// This program once more, to run a verb that no person types.
///
/// # Errors
///
/// The program cannot be found, which it is by way of `/proc`.
pub(crate) fn this_program(verb: &str) -> Result<Command, Failure> {
    if let Err(error) = fs::read_link("/proc/self/exe") {
        let missing = format!("another process of this program is needed, and /proc, where it is found, says: {error}");
        return Err(Failure::saying(missing).advise("sudo mount -t proc proc /proc     # where it is missing"));
    }
    let mut command = Command::new("/proc/self/exe");
    command.arg0("layerscope").arg(verb);
    Ok(command)
}

/// Whether this process is a companion, by its standard input: nobody else has such a one.
pub(crate) fn is_companion() -> bool {
    sockopt::socket_type(io::stdin()) == Ok(SocketType::SEQPACKET)
}

/// The way to a companion: it answers what it is asked, and ends when nobody can ask any more.
#[derive(Debug)]
pub(crate) struct Companion {
    channel: OwnedFd,
    /// What errors call it.
    who: &'static str,
    pid: u32,
    is_interrupted: fn() -> bool,
}

impl Companion {
    /// Starts it, with the other end of the way as its standard input. What ends this process does not end it; its answers
    /// are waited for only a moment longer once `is_interrupted` says that this process is to end.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn start(mut command: Command, who: &'static str, is_interrupted: fn() -> bool) -> io::Result<Self> {
        let (channel, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        command.stdin(theirs);
        sandbox::leave_signals_to_this_process(&mut command);
        // The command is dropped with its end of the way, or that it has ended would not be noticed.
        let pid = command.spawn()?.id();
        Ok(Self { channel, who, pid, is_interrupted })
    }

    /// The way to it alone, for who speaks to it in another manner.
    pub(crate) fn into_channel(self) -> OwnedFd {
        self.channel
    }

    /// What it says first, when it is ready.
    ///
    /// # Errors
    ///
    /// As [`Companion::hear`].
    pub(crate) fn begun(&self, words: &mut [u8]) -> Result<usize, Failure> {
        let heard = self.await_answer(TO_BEGIN).and_then(|()| self.hear(words));
        heard.about(format_args!("starting {}", self.who))
    }

    /// Asks, and takes in the answer.
    ///
    /// # Errors
    ///
    /// As [`Companion::hear`], or it does not answer.
    pub(crate) fn ask(&self, question: &[u8], answer: &mut [u8]) -> io::Result<usize> {
        self.tell(question)?;
        self.await_answer(TO_ANSWER)?;
        self.hear(answer)
    }

    /// Tells it something.
    ///
    /// # Errors
    ///
    /// It has ended, or what the system says.
    pub(crate) fn tell(&self, words: &[u8]) -> io::Result<()> {
        write(&self.channel, words).map(drop).map_err(|errno| self.explain(errno))
    }

    /// Takes in an answer that is there.
    ///
    /// # Errors
    ///
    /// It has ended, or what the system says.
    pub(crate) fn hear(&self, answer: &mut [u8]) -> io::Result<usize> {
        match read(&self.channel, answer) {
            Ok(0) => Err(self.has_gone()),
            heard => heard.map_err(|errno| self.explain(errno)),
        }
    }

    /// Waits until there is an answer, or will be none.
    ///
    /// Only waiting counts: not the time in which this process was stopped itself, which the other one may have been too.
    ///
    /// # Errors
    ///
    /// There was none in this time, or in a few seconds after an interrupt.
    pub(crate) fn await_answer(&self, patience: Duration) -> io::Result<()> {
        await_answer(&self.channel, patience, self.is_interrupted, || self.name())
    }

    /// Whether it has ended, though this process has not.
    pub(crate) fn has_ended(&self) -> bool {
        let mut polled = [PollFd::new(&self.channel, PollFlags::empty())];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut polled, Some(&now)).is_ok() && polled[0].revents().intersects(PollFlags::HUP | PollFlags::ERR)
    }

    /// What there is to say of that. It is not a closed pipe, which would be nobody's fault.
    pub(crate) fn has_gone(&self) -> io::Error {
        io::Error::other(format!("{} has ended before its time", self.name()))
    }

    pub(crate) fn explain(&self, errno: Errno) -> io::Error {
        match errno {
            Errno::PIPE | Errno::CONNRESET => self.has_gone(),
            other => other.into(),
        }
    }

    fn name(&self) -> String {
        format!("{} (process {})", self.who, self.pid)
    }
}

impl AsFd for Companion {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.channel.as_fd()
    }
}

/// [`Companion::await_answer`], of who is called by this name.
///
/// # Errors
///
/// As there.
pub(crate) fn await_answer(
    channel: impl AsFd,
    patience: Duration,
    is_interrupted: fn() -> bool,
    who: impl Fn() -> String,
) -> io::Result<()> {
    let slice = Timespec::try_from(LOOK_AGAIN).ok();
    let (mut waited, mut since_interrupt) = (Duration::ZERO, Duration::ZERO);
    loop {
        match poll(&mut [PollFd::new(&channel, PollFlags::IN)], slice.as_ref()) {
            Ok(0) => waited += LOOK_AGAIN,
            Err(Errno::INTR) => continue,
            ready => return ready.map(drop).map_err(io::Error::from),
        }
        if is_interrupted() {
            since_interrupt += LOOK_AGAIN;
        }
        if waited >= patience || since_interrupt >= AFTER_INTERRUPT {
            let (who, waited) = (who(), waited.as_secs());
            return Err(io::Error::other(format!("{who} has not answered for {waited} s; is it stopped?")));
        }
    }
}
