//! The two things the lab asks of the kernel that no crate offers as safe: `getsockopt(TCP_INFO)` and `unshare()`.
#![expect(unsafe_code, reason = "the kernel's interface demands it; all of the crate's unsafe code is in this file")]

use std::mem::{MaybeUninit, size_of};
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::io::Errno;
use rustix::thread::{UnshareFlags, unshare_unsafe};

use crate::model::TcpState;

/// Moves the calling thread into new namespaces.
pub(super) fn unshare(namespaces: UnshareFlags) -> Result<(), Errno> {
    // SAFETY: only `UnshareFlags::FILES` can take descriptors away from other threads; user and network cannot.
    unsafe { unshare_unsafe(namespaces.difference(UnshareFlags::FILES)) }
}

/// The state of a TCP socket as the kernel sees it now; `None` where it does not say.
pub(super) fn tcp_state(socket: BorrowedFd<'_>) -> Option<TcpState> {
    // `tcpi_state` is the first byte of `struct tcp_info`; the kernel writes as much of it as it is given room for.
    let mut state = MaybeUninit::<u8>::zeroed();
    let mut len = size_of::<u8>() as libc::socklen_t;
    // SAFETY: the descriptor is borrowed and thus open; the kernel writes at most `len` bytes, which is what `state` has.
    let answer = unsafe {
        libc::getsockopt(socket.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_INFO, state.as_mut_ptr().cast(), &raw mut len)
    };
    // SAFETY: it was zeroed, so it is initialised whether or not the kernel wrote to it.
    let state = unsafe { state.assume_init() };
    (answer == 0 && len == 1).then(|| from_kernel(state)).flatten()
}

/// The numbers of `include/net/tcp_states.h`.
const fn from_kernel(state: u8) -> Option<TcpState> {
    Some(match state {
        1 => TcpState::Established,
        2 => TcpState::SynSent,
        3 | 12 => TcpState::SynReceived,
        4 => TcpState::FinWait1,
        5 => TcpState::FinWait2,
        6 => TcpState::TimeWait,
        7 => TcpState::Closed,
        8 => TcpState::CloseWait,
        9 => TcpState::LastAck,
        10 => TcpState::Listen,
        11 => TcpState::Closing,
        _ => return None,
    })
}
