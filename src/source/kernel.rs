//! What capturing asks of the kernel that no crate offers as safe: `SO_LOCK_FILTER`, `PACKET_IGNORE_OUTGOING`,
//! close-on-exec for what libpcap opened, whether it has a filter and says so itself, and the names of interfaces while
//! packets are delivered.
#![expect(unsafe_code, reason = "the kernel's interface demands it")]

use std::fs;
use std::mem::size_of;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

use rustix::io::Errno;
use rustix::net::netdevice;

/// From now on the socket's filter stays as it is, whoever holds the socket (`SO_LOCK_FILTER`, socket(7)).
pub(super) fn lock_filter(socket: BorrowedFd<'_>) -> Result<(), Errno> {
    switch_on(socket, libc::SOL_SOCKET, libc::SO_LOCK_FILTER)
}

/// From now on a packet socket is given no packet on its way out (`PACKET_IGNORE_OUTGOING`, packet(7)).
///
/// # Errors
///
/// `ENOPROTOOPT` of a kernel before Linux 4.20.
pub(super) fn ignore_outgoing(socket: BorrowedFd<'_>) -> Result<(), Errno> {
    switch_on(socket, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING)
}

fn switch_on(socket: BorrowedFd<'_>, level: libc::c_int, option: libc::c_int) -> Result<(), Errno> {
    let on: libc::c_int = 1;
    let len = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the descriptor is borrowed and thus open; the kernel reads one integer, which outlives the call.
    let answer = unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const on).cast(), len) };
    if answer == 0 {
        Ok(())
    } else {
        Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL))
    }
}

/// Whether a filter is attached to the socket; true where the kernel does not say (`SO_GET_FILTER`, since Linux 3.8).
pub(super) fn has_filter(socket: BorrowedFd<'_>) -> bool {
    let mut instructions: libc::socklen_t = 0;
    // SAFETY: the descriptor is borrowed and thus open; of length 0, nothing but the number of instructions is written.
    let answer = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_GET_FILTER,
            std::ptr::null_mut(),
            &raw mut instructions,
        )
    };
    answer != 0 || instructions > 0
}

/// Does something while standard error leads nowhere: a library's own words would reach a terminal.
pub(super) fn without_standard_error<T>(act: impl FnOnce() -> T) -> T {
    let nowhere = fs::OpenOptions::new().write(true).open("/dev/null");
    // SAFETY: copying a descriptor touches no memory, and fails where it is closed.
    let kept = unsafe { libc::fcntl(libc::STDERR_FILENO, libc::F_DUPFD_CLOEXEC, 3) };
    let (Ok(nowhere), 0..) = (nowhere, kept) else { return act() };
    // SAFETY: both descriptors are open, and standard error is nobody's to close.
    unsafe { libc::dup2(nowhere.as_raw_fd(), libc::STDERR_FILENO) };
    let done = act();
    // SAFETY: as above; the copy was made here, and nobody else knows it.
    unsafe {
        libc::dup2(kept, libc::STDERR_FILENO);
        libc::close(kept);
    }
    done
}

/// The descriptors that this process has open; none where `/proc` is not there to say so.
pub(super) fn open_descriptors() -> Vec<RawFd> {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Programs that this process starts get none of the descriptors that were opened since `before`.
pub(super) fn keep_from_programs(before: &[RawFd]) {
    for descriptor in open_descriptors().into_iter().filter(|descriptor| !before.contains(descriptor)) {
        // SAFETY: setting the flag touches no memory; of a descriptor that was closed meanwhile the kernel says EBADF.
        unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}

/// The name of the interface with this index in the network of `capture`, a capture that delivers packets and is open as
/// long as it does; `None` where there is none any more.
pub(super) fn interface_name(capture: RawFd, index: u32) -> Option<String> {
    // SAFETY: the descriptor is used within this call alone, and who delivers packets has it open. It cannot be borrowed
    // there: the capture itself is.
    let capture = unsafe { BorrowedFd::borrow_raw(capture) };
    netdevice::index_to_name(capture, index).ok()
}
