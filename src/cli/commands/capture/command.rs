//! `capture -- COMMAND`: a command that starts when the capture is active and ends with it.
//!
//! A confined process may start no program and end none of another user, and a command must not run before its packets
//! can be captured. So this program starts itself once more beforehand, as whom the command runs: the keeper. It waits at
//! a socket, which is its standard input, for the real standard input and the word to go on; then it starts the command,
//! ends it when the socket closes, and tells how it ended.

use std::ffi::{OsStr, OsString};
use std::io::{self, IoSlice, IoSliceMut, stderr, stdin};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, anyhow};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, fcntl_dupfd_cloexec, read, write};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use signal_hook::consts::SIGINT;

use crate::cli::exit::Exit;
use crate::cli::privilege::{self, Identity, Kind};
use crate::cli::report::Failure;

/// A command that waits for its start, or runs.
pub(super) struct HeldCommand {
    name: String,
    channel: UnixStream,
}

/// How a command ended.
pub(super) struct Ended {
    pub(super) words: String,
    pub(super) exit: Exit,
}

impl HeldCommand {
    /// Starts the keeper; as `user`, where one is named. What the command
    /// prints goes to standard error where standard output is taken.
    pub(super) fn hold(command: &[OsString], user: Option<Identity>, stdout_is_taken: bool) -> Result<Self, Failure> {
        let name = command.first().map(OsString::as_os_str).unwrap_or_default().display().to_string();
        let preparing = || format!("preparing to run {name}");
        let (channel, theirs) = UnixStream::pair().with_context(preparing)?;
        let mut keeper = Command::new("/proc/self/exe");
        keeper.arg0("layerscope").args([OsStr::new("run-when-told"), OsStr::new("--")]).args(command);
        keeper.stdin(OwnedFd::from(theirs));
        if stdout_is_taken {
            keeper.stdout(Stdio::from(stderr()));
        }
        if let Some(user) = user {
            keeper.uid(user.uid).gid(user.gid);
        }
        keeper.spawn().with_context(preparing)?;
        // A confined process sends nothing, so the standard input is sent now and the word to go on written later.
        send_stdin(&channel).with_context(preparing)?;
        Ok(Self { name, channel })
    }

    /// Lets it run. Returns when it does.
    ///
    /// # Errors
    ///
    /// The system's words where there is no such command, or where it may not be run.
    pub(super) fn start(&mut self) -> Result<(), Failure> {
        let starting = || format!("running {}", self.name);
        write(&self.channel, b"!").with_context(starting)?;
        match receive(&self.channel).with_context(starting)? {
            Some(0) => Ok(self.channel.set_nonblocking(true).with_context(starting)?),
            Some(errno) => Err(Failure::from(io::Error::from_raw_os_error(errno)).about(starting())),
            None => Err(anyhow!("{}: its keeper ended before it could say how it went", starting()).into()),
        }
    }

    /// How it has ended; `None` while it runs.
    pub(super) fn ending(&self) -> Result<Option<Ended>, Failure> {
        match receive(&self.channel) {
            Ok(Some(status)) => {
                let status = ExitStatus::from_raw(status);
                Ok(Some(Ended { words: format!("{} {}", self.name, in_words(status)), exit: exit(status) }))
            }
            Ok(None) => Ok(Some(Ended { words: format!("{} ended with its keeper", self.name), exit: Exit::Failed })),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(errno) => Err(anyhow!("waiting for {}: {errno}", self.name).into()),
        }
    }
}

/// A number from the other end; `None` where that is closed.
fn receive(channel: impl AsFd) -> rustix::io::Result<Option<i32>> {
    let mut number = [0_u8; 4];
    Ok((read(channel, &mut number)? == number.len()).then(|| i32::from_ne_bytes(number)))
}

/// As a shell tells it: a signal's number behind 128.
fn exit(status: ExitStatus) -> Exit {
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    code.and_then(|code| u8::try_from(code).ok()).map_or(Exit::Failed, Exit::AsCommand)
}

fn in_words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (_, Some(signal)) => format!("was ended by signal {signal}"),
        _ => "ended".to_owned(),
    }
}

fn send_stdin(channel: &UnixStream) -> rustix::io::Result<()> {
    let stdin = stdin();
    let descriptors = [stdin.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = SendAncillaryBuffer::new(&mut space);
    rights.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(channel, &[IoSlice::new(b"0")], &mut rights, SendFlags::empty()).map(drop)
}

/// What the keeper does.
pub(in crate::cli) fn run_when_told(command: &[OsString]) -> Result<Exit, Failure> {
    let waiting = "waiting for the capture";
    let channel = fcntl_dupfd_cloexec(stdin(), 3).context(waiting)?;
    let input =
        receive_stdin(&channel).context(waiting)?.ok_or_else(|| anyhow!("run by `capture -- COMMAND` alone"))?;
    // Ctrl-C is for the command, which may have an answer to it.
    signal_hook::flag::register(SIGINT, Arc::new(AtomicBool::new(false))).context(waiting)?;
    if read(&channel, &mut [0_u8]).context(waiting)? == 0 {
        // There will be no capture; who started us says why.
        return Ok(Exit::Failed);
    }
    let Some((program, arguments)) = command.split_first() else { return Ok(Exit::Usage) };
    let mut started = Command::new(program);
    started.args(arguments).stdin(Stdio::from(input));
    privilege::end_with_this_process(&mut started);
    let started = started.spawn();
    let errno = started.as_ref().map_or_else(|error| error.raw_os_error().unwrap_or_default(), |_| 0);
    write(&channel, &errno.to_ne_bytes()).context(waiting)?;
    match started {
        Ok(child) => keep(child, &channel),
        Err(_) => Ok(Exit::Failed),
    }
}

/// Waits for the command; asks it to end when the capture has.
fn keep(mut child: Child, channel: &OwnedFd) -> Result<Exit, Failure> {
    let waiting = "waiting for the command";
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context(waiting)?;
    let process = pidfd_open(pid, PidfdFlags::empty()).context(waiting)?;
    // Not before, or the command would be confined as well.
    privilege::confine(None, Kind::Keeper { command: process.as_fd() }).context(waiting)?;
    loop {
        let mut polled = [PollFd::new(&process, PollFlags::IN), PollFd::new(channel, PollFlags::IN)];
        match poll(&mut polled, None) {
            Err(Errno::INTR) => {}
            polled_well => drop(polled_well.context(waiting)?),
        }
        if !polled[0].revents().is_empty() {
            let status = child.wait().context(waiting)?;
            // The capture may have ended meanwhile.
            let _ = write(channel, &status.into_raw().to_ne_bytes());
            return Ok(Exit::Done);
        }
        if !polled[1].revents().is_empty() {
            // It may have ended by itself meanwhile.
            let _ = pidfd_send_signal(&process, Signal::TERM);
            return Ok(Exit::Done);
        }
    }
}

fn receive_stdin(channel: &OwnedFd) -> rustix::io::Result<Option<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0_u8];
    recvmsg(channel, &mut [IoSliceMut::new(&mut byte)], &mut rights, RecvFlags::CMSG_CLOEXEC)?;
    let received = rights.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    Ok(received)
}
