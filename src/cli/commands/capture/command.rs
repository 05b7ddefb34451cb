//! `capture -- COMMAND`: a command that starts when the capture is active and ends with it.
//!
//! A confined process may start no program and end none of another user, and a command must not run before its packets
//! can be captured. So this program starts itself once more beforehand, as whom the command runs: the supervisor. It waits at
//! a socket, which is its standard input, for the real standard input and the word to go on; then it starts the command,
//! ends it when the socket closes, and tells how it ended. Once the command runs, the supervisor has nothing else open.

use std::ffi::OsString;
use std::io::{IoSlice, IoSliceMut, stderr, stdin};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt};
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
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::cli::exit::Exit;
use crate::cli::interrupts;
use crate::cli::report::{Failure, quoted};
use crate::engine::companion::{TO_BEGIN, await_answer, this_program};
use crate::sandbox::{self, Identity, Kind};

/// A shell's exit codes for a command that there is not, and for one that cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;

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
    /// Starts the supervisor; as `user`, where one is named. What the command
    /// prints goes to standard error where standard output is taken.
    pub(super) fn hold(command: &[OsString], user: Option<Identity>, stdout_is_taken: bool) -> Result<Self, Failure> {
        let name = command.first().map(|name| name.display().to_string()).unwrap_or_default();
        let preparing = || format!("preparing to run {name}");
        let (channel, theirs) = UnixStream::pair().with_context(preparing)?;
        let mut supervisor = this_program("run-when-told").map_err(|failure| failure.about(preparing()))?;
        supervisor.arg("--").args(command).stdin(OwnedFd::from(theirs));
        sandbox::give_back_large_files(&mut supervisor);
        if stdout_is_taken {
            supervisor.stdout(Stdio::from(stderr()));
        }
        if let Some(user) = user {
            supervisor.uid(user.uid).gid(user.gid);
        }
        supervisor.spawn().with_context(preparing)?;
        // A confined process sends nothing, so the standard input is sent now and the word to go on written later.
        send_stdin(&channel).with_context(preparing)?;
        Ok(Self { name, channel })
    }

    /// Lets it run. Returns when it does.
    ///
    /// # Errors
    ///
    /// Why it does not, with a shell's exit codes: 127 where there is no such command, 126 where it may not be run.
    pub(super) fn start(&mut self) -> Result<(), Failure> {
        let starting = || format!("running {}", self.name);
        let told = match write(&self.channel, b"!") {
            Err(Errno::PIPE | Errno::CONNRESET) => None,
            written => {
                written.with_context(starting)?;
                await_answer(&self.channel, TO_BEGIN, interrupts::has_come, || "its supervisor".to_owned())
                    .with_context(starting)?;
                receive(&self.channel).with_context(starting)?
            }
        };
        match told {
            Some(0) => Ok(self.channel.set_nonblocking(true).with_context(starting)?),
            Some(errno) => Err(self.not_started(Errno::from_raw_os_error(errno))),
            None => Err(anyhow!("{}: its supervisor ended before it could say how it went", starting()).into()),
        }
    }

    fn not_started(&self, errno: Errno) -> Failure {
        let name = &self.name;
        match errno {
            Errno::NOENT if name.contains('/') => {
                Failure::new(Exit::AsCommand(NOT_FOUND), anyhow!("there is no command {name}"))
                    .advise("Where there is such a file, its first line names an interpreter that is not there.")
            }
            Errno::NOENT => {
                Failure::new(Exit::AsCommand(NOT_FOUND), anyhow!("there is no command {name} in the folders of PATH"))
            }
            Errno::ACCESS => Failure::new(Exit::AsCommand(NOT_EXECUTABLE), anyhow!("{name} may not be run: {errno}"))
                .advise(format!("chmod +x {}     # where it is a program of yours", quoted(name))),
            other => Failure::new(Exit::AsCommand(NOT_EXECUTABLE), anyhow!("{name} cannot be run: {other}")),
        }
    }

    /// How it has ended; `None` while it runs.
    pub(super) fn ending(&self) -> Result<Option<Ended>, Failure> {
        match receive(&self.channel) {
            Ok(Some(status)) => {
                let status = ExitStatus::from_raw(status);
                Ok(Some(Ended { words: format!("{} {}", self.name, in_words(status)), exit: exit(status) }))
            }
            Ok(None) => {
                Ok(Some(Ended { words: format!("{} ended with its supervisor", self.name), exit: Exit::Failed }))
            }
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

/// What the supervisor does.
pub(in crate::cli) fn run_when_told(command: &[OsString]) -> Result<Exit, Failure> {
    // The command runs as the same user.
    sandbox::hide()?;
    let waiting = "waiting for the capture";
    let channel = fcntl_dupfd_cloexec(stdin(), 3).context(waiting)?;
    let input =
        receive_stdin(&channel).context(waiting)?.ok_or_else(|| anyhow!("run by `capture -- COMMAND` alone"))?;
    // Ctrl-C is for the command, which may have an answer to it; so is what a service manager sends to all processes.
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false))).context(waiting)?;
    }
    if read(&channel, &mut [0_u8]).context(waiting)? == 0 {
        // There will be no capture; who started us says why.
        return Ok(Exit::Failed);
    }
    let Some((program, arguments)) = command.split_first() else { return Ok(Exit::Usage) };
    let mut started = Command::new(program);
    started.args(arguments).stdin(Stdio::from(input));
    sandbox::end_with_this_process(&mut started);
    sandbox::give_back_large_files(&mut started);
    let spawned = started.spawn();
    // With it goes the command's standard input.
    drop(started);
    let errno = spawned.as_ref().map_or_else(|error| error.raw_os_error().unwrap_or(libc::EIO), |_| 0);
    write(&channel, &errno.to_ne_bytes()).context(waiting)?;
    match spawned {
        Ok(child) => keep(child, &channel),
        Err(_) => Ok(Exit::Failed),
    }
}

/// Waits for the command; asks it to end when the capture has.
fn keep(mut child: Child, channel: &OwnedFd) -> Result<Exit, Failure> {
    let waiting = "waiting for the command";
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context(waiting)?;
    let process = pidfd_open(pid, PidfdFlags::empty()).context(waiting)?;
    // Whoever reads from what the caller gave the command need not wait for this process too.
    sandbox::close_all_but(&[process.as_fd(), channel.as_fd()]);
    // Not before, or the command would be confined as well.
    sandbox::confine(None, Kind::Supervisor { command: process.as_fd() }).context(waiting)?;
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
