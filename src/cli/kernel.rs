//! Whether standard output was closed when this process began.
//!
//! Before `main`, Rust's runtime opens `/dev/null` in the place of a standard stream that is closed, so that no file lands
//! there; what is written would be lost without a word. The C library calls [`note`] before that.
#![expect(unsafe_code, reason = "the kernel's interface demands it")]

use std::sync::atomic::{AtomicBool, Ordering};

static STDOUT_IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Called by the C library's start code, as every function whose address lies in this section.
#[used]
#[unsafe(link_section = ".init_array")]
static NOTE: extern "C" fn() = note;

extern "C" fn note() {
    // SAFETY: asking for a descriptor's flags touches no memory, and fails where it is closed.
    let flags = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) };
    STDOUT_IS_CLOSED.store(flags < 0, Ordering::Relaxed);
}

/// Whether there was no standard output.
pub(super) fn stdout_is_closed() -> bool {
    STDOUT_IS_CLOSED.load(Ordering::Relaxed)
}
