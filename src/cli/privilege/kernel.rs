//! What the processes beside a verb ask of the kernel that no crate offers as safe: to have no descriptors but their own, and
//! to end with whom they serve.
#![expect(unsafe_code, reason = "the kernel's interface demands it")]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Closes every descriptor but the standard ones: a process that was started to serve has use for no other. It comes first,
/// before anything is opened.
pub(in crate::cli) fn close_what_was_inherited() {
    // SAFETY: nothing was opened in this process yet, so nothing that is closed belongs to anybody here. A kernel before
    // Linux 5.9 does not know the call, and everything stays open.
    unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) };
}

/// The command to be started is asked to end (`SIGTERM`) when this process ends, however that comes about (`PR_SET_PDEATHSIG`, prctl(2)).
pub(in crate::cli) fn end_with_this_process(command: &mut Command) {
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
