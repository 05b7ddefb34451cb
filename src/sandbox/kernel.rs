//! What the processes beside a verb ask of the kernel that no crate offers as safe: to have no descriptors but their own, to
//! end with whom they serve, and which signals are theirs.
#![expect(unsafe_code, reason = "the kernel's interface demands it")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether who started this process had it ignore `SIGXFSZ`.
static IGNORED_LARGE_FILES: AtomicBool = AtomicBool::new(false);

/// Closes every descriptor but the standard ones: a process that was started to serve has use for no other. It comes first,
/// before anything is opened.
pub(crate) fn close_what_was_inherited() {
    // SAFETY: nothing was opened in this process yet, so nothing that is closed belongs to anybody here.
    unsafe { close_range(3, u32::MAX) };
}

/// Closes every descriptor but these, the standard ones included, of which nobody makes any use from here on.
pub(crate) fn close_all_but(kept: &[BorrowedFd<'_>]) {
    let mut kept: Vec<u32> = kept.iter().map(|descriptor| descriptor.as_raw_fd().cast_unsigned()).collect();
    kept.sort_unstable();
    let mut first = 0;
    for descriptor in kept {
        if first < descriptor {
            // SAFETY: the caller names all that it goes on using.
            unsafe { close_range(first, descriptor - 1) };
        }
        first = descriptor + 1;
    }
    // SAFETY: as above.
    unsafe { close_range(first, u32::MAX) };
}

/// Closes the descriptors from one number to another. A kernel before Linux 5.9 does not know the call, and everything stays open.
///
/// # Safety
///
/// Nobody uses them any more.
unsafe fn close_range(first: u32, last: u32) {
    // SAFETY: the caller keeps the contract.
    unsafe { libc::syscall(libc::SYS_close_range, first, last, 0_u32) };
}

/// A file that may not grow any more (`ulimit -f`) is an error like a full disk (`EFBIG`) from here on, not the end of this
/// process (`SIGXFSZ`, setrlimit(2)).
pub(crate) fn outlive_large_files() {
    // SAFETY: ignoring a signal runs no code of ours.
    let before = unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    IGNORED_LARGE_FILES.store(before == libc::SIG_IGN, Ordering::Relaxed);
}

/// The command to be started is given `SIGXFSZ` as this process was: ignoring it would be passed on.
pub(crate) fn give_back_large_files(command: &mut Command) {
    let give_back = || {
        if !IGNORED_LARGE_FILES.load(Ordering::Relaxed) {
            // SAFETY: the usual answer to a signal is no code of ours.
            unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_DFL) };
        }
        Ok(())
    };
    // SAFETY: between fork and exec it makes one system call, and takes neither a lock nor memory.
    unsafe { command.pre_exec(give_back) };
}

/// The command to be started ignores what ends this process (`SIGINT`, `SIGTERM`, `SIGHUP`) and often is sent to both: it has
/// something to do afterwards, and ends because nobody needs it any more.
pub(crate) fn leave_signals_to_this_process(command: &mut Command) {
    let ignore = || {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            // SAFETY: ignoring a signal runs no code of ours.
            unsafe { libc::signal(signal, libc::SIG_IGN) };
        }
        Ok(())
    };
    // SAFETY: between fork and exec it makes three system calls, and takes neither a lock nor memory.
    unsafe { command.pre_exec(ignore) };
}

/// Signals that would end this process, held back as long as this is there; then they take effect.
pub(crate) struct HeldSignals(libc::sigset_t);

/// Holds back `SIGINT`, `SIGTERM` and `SIGHUP` from this thread, which is the only one.
pub(crate) fn hold_signals() -> HeldSignals {
    // SAFETY: a set of signals is numbers; both sets are written to by the calls, and outlive them.
    unsafe {
        let (mut held, mut before) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigemptyset(&raw mut held);
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            libc::sigaddset(&raw mut held, signal);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const held, &raw mut before);
        HeldSignals(before)
    }
}

impl Drop for HeldSignals {
    fn drop(&mut self) {
        // SAFETY: the set is the one that was in force before.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, std::ptr::null_mut()) };
    }
}

/// The command to be started is asked to end (`SIGTERM`) when this process ends, however that comes about (`PR_SET_PDEATHSIG`, prctl(2)).
pub(crate) fn end_with_this_process(command: &mut Command) {
    let parent = std::process::id();
    let ask = move || {
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM))?;
        // It may have ended before that was asked.
        let is_alone = rustix::process::getppid().is_none_or(|pid| pid.as_raw_pid().cast_unsigned() != parent);
        if is_alone { Err(io::Error::from_raw_os_error(libc::ESRCH)) } else { Ok(()) }
    };
    // SAFETY: between fork and exec it makes two system calls, and takes neither a lock nor memory.
    unsafe { command.pre_exec(ask) };
}
