//! `capture -- COMMAND`: a command that starts when the capture is active and ends with it.
//!
//! A confined process may start no program and end none of another user, and a command must not run before its packets
//! can be captured. So this program starts itself once more beforehand, as whom the command runs: the supervisor. It waits at
//! a socket, which is its standard input, for the real standard input and the word to go on; then it starts the command,
//! ends it when the socket closes, and tells how it ended. Once the command runs, the supervisor has nothing else open.

use std::ffi::OsString;
use std::io::{IoSlice, IoSliceMut, stdin};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, fcntl_dupfd_cloexec, read, write};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::engine::companion::{TO_BEGIN, await_answer};
use crate::engine::exit::Exit;
use crate::engine::failure::{About as _, Failure};
use crate::sandbox::{self, Kind};

/// A command that waits for its start, or runs.
pub(crate) struct HeldCommand {
    name: String,
    channel: UnixStream,
    is_interrupted: fn() -> bool,
}

/// Why a command did not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotStarted {
    /// There is no such file.
    #[error("there is no command {0}")]
    NoSuchFile(String),
    /// No folder that commands are looked for in has one of this name.
    #[error("there is no command {0} in the folders of PATH")]
    NotInPath(String),
    /// It may not be run.
    #[error("{0} may not be run: {1}")]
    NotAllowed(String, Errno),
    /// It cannot be run.
    #[error("{0} cannot be run: {1}")]
    NotRunnable(String, Errno),
    /// Its supervisor was lost.
    #[error("{}", .0.in_one_line())]
    Lost(Failure),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandEnd {
    /// With this exit code.
    WithCode(i32),
    /// By a signal of this number.
    BySignal(i32),
    /// In a manner of which no more is known.
    Somehow,
    /// Its supervisor ended first.
    WithSupervisor,
}

impl CommandEnd {
    /// As a shell tells it: 128 and the signal's number.
    pub(crate) fn exit(self) -> Exit {
        let code = match self {
            Self::WithCode(code) => Some(code),
            Self::BySignal(signal) => Some(128 + signal),
            Self::Somehow | Self::WithSupervisor => None,
        };
        code.and_then(|code| u8::try_from(code).ok()).map_or(Exit::Failed, Exit::AsCommand)
    }
}

impl From<ExitStatus> for CommandEnd {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::WithCode(code),
            (_, Some(signal)) => Self::BySignal(signal),
            _ => Self::Somehow,
        }
    }
}

impl HeldCommand {
    /// Starts the supervisor of a command of this name: `supervisor` calls [`supervise`], as whom the command is to run.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn hold(name: String, mut supervisor: Command, is_interrupted: fn() -> bool) -> Result<Self, Failure> {
        let preparing = format!("preparing to run {name}");
        let (channel, theirs) = UnixStream::pair().about(&preparing)?;
        supervisor.stdin(OwnedFd::from(theirs));
        sandbox::give_back_large_files(&mut supervisor);
        supervisor.spawn().about(&preparing)?;
        // A confined process sends nothing, so the standard input is sent now and the word to go on written later.
        send_stdin(&channel).about(&preparing)?;
        Ok(Self { name, channel, is_interrupted })
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Lets it run. Returns when it does.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub(crate) fn start(&mut self) -> Result<(), NotStarted> {
        match self.begin().map_err(NotStarted::Lost)? {
            0 => Ok(()),
            errno => Err(self.not_started(Errno::from_raw_os_error(errno))),
        }
    }

    /// Lets it run; says what came of that, in the system's numbers.
    fn begin(&mut self) -> Result<i32, Failure> {
        let starting = format!("running {}", self.name);
        let told = match write(&self.channel, b"!") {
            Err(Errno::PIPE | Errno::CONNRESET) => None,
            written => {
                written.about(&starting)?;
                await_answer(&self.channel, TO_BEGIN, self.is_interrupted, || "its supervisor".to_owned())
                    .about(&starting)?;
                receive(&self.channel).about(&starting)?
            }
        };
        self.channel.set_nonblocking(true).about(&starting)?;
        told.ok_or_else(|| Failure::saying("its supervisor ended before it could say how it went").about(starting))
    }

    fn not_started(&self, errno: Errno) -> NotStarted {
        let name = self.name.clone();
        match errno {
            Errno::NOENT if name.contains('/') => NotStarted::NoSuchFile(name),
            Errno::NOENT => NotStarted::NotInPath(name),
            Errno::ACCESS => NotStarted::NotAllowed(name, errno),
            other => NotStarted::NotRunnable(name, other),
        }
    }

    /// How it has ended; `None` while it runs.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn ending(&self) -> Result<Option<CommandEnd>, Failure> {
        match receive(&self.channel) {
            Ok(Some(status)) => Ok(Some(ExitStatus::from_raw(status).into())),
            Ok(None) => Ok(Some(CommandEnd::WithSupervisor)),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(errno) => Err(errno).about(format_args!("waiting for {}", self.name)),
        }
    }
}

/// A number from the other end; `None` where that is closed.
fn receive(channel: impl AsFd) -> rustix::io::Result<Option<i32>> {
    let mut number = [0_u8; 4];
    Ok((read(channel, &mut number)? == number.len()).then(|| i32::from_ne_bytes(number)))
}

fn send_stdin(channel: &UnixStream) -> rustix::io::Result<()> {
    let stdin = stdin();
    let descriptors = [stdin.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = SendAncillaryBuffer::new(&mut space);
    rights.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(channel, &[IoSlice::new(b"0")], &mut rights, SendFlags::empty()).map(drop)
}

/// What the supervisor of a command does; `None` where nobody started it who has a command. Signals are for the command,
/// so that who calls this has made sure that none ends this process.
///
/// # Errors
///
/// What the system says.
pub(crate) fn supervise(command: &[OsString]) -> Result<Option<Exit>, Failure> {
    // The command runs as the same user.
    sandbox::hide()?;
    let waiting = "waiting for the capture";
    let channel = fcntl_dupfd_cloexec(stdin(), 3).about(waiting)?;
    let Some(input) = receive_stdin(&channel).about(waiting)? else { return Ok(None) };
    if read(&channel, &mut [0_u8]).about(waiting)? == 0 {
        // There will be no capture; who started us says why.
        return Ok(Some(Exit::Failed));
    }
    let Some((program, arguments)) = command.split_first() else { return Ok(Some(Exit::Usage)) };
    let mut started = Command::new(program);
    started.args(arguments).stdin(Stdio::from(input));
    sandbox::end_with_this_process(&mut started);
    sandbox::give_back_large_files(&mut started);
    let spawned = started.spawn();
    // With it goes the command's standard input.
    drop(started);
    let errno = spawned.as_ref().map_or_else(|error| error.raw_os_error().unwrap_or(Errno::IO.raw_os_error()), |_| 0);
    write(&channel, &errno.to_ne_bytes()).about(waiting)?;
    match spawned {
        Ok(child) => keep(child, &channel).map(Some),
        Err(_) => Ok(Some(Exit::Failed)),
    }
}

/// Waits for the command; asks it to end when the capture has.
fn keep(mut child: Child, channel: &OwnedFd) -> Result<Exit, Failure> {
    let waiting = "waiting for the command";
    let pid = i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| Failure::saying("it has no number"))
        .about(waiting)?;
    let process = pidfd_open(pid, PidfdFlags::empty()).about(waiting)?;
    // Whoever reads from what the caller gave the command need not wait for this process too.
    sandbox::close_all_but(&[process.as_fd(), channel.as_fd()]);
    // Not before, or the command would be confined as well.
    sandbox::confine(None, Kind::Supervisor { command: process.as_fd() }).about(waiting)?;
    loop {
        let mut polled = [PollFd::new(&process, PollFlags::IN), PollFd::new(channel, PollFlags::IN)];
        match poll(&mut polled, None) {
            Err(Errno::INTR) => {}
            polled_well => drop(polled_well.about(waiting)?),
        }
        if !polled[0].revents().is_empty() {
            let status = child.wait().about(waiting)?;
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
