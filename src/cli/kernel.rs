//! What this process asks of the kernel by itself: whether standard output was closed when it began, and the end where there
//! is no memory left.
//!
//! Before `main`, Rust's runtime opens `/dev/null` in the place of a standard stream that is closed, so that no file lands
//! there; what is written would be lost without a word. The C library calls [`note`] before that.
#![expect(unsafe_code, reason = "the kernel's interface demands it")]

use std::alloc::{GlobalAlloc, Layout, System};
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

/// The system's memory; where there is none left, the process says so and ends. Rust's own way is to abort.
struct Memory;

#[global_allocator]
static MEMORY: Memory = Memory;

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Memory {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the allocator's contract.
        given(unsafe { System.alloc(layout) })
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the allocator's contract.
        given(unsafe { System.alloc_zeroed(layout) })
    }

    #[inline]
    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the allocator's contract.
        given(unsafe { System.realloc(place, layout, size) })
    }

    #[inline]
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the allocator's contract.
        unsafe { System.dealloc(place, layout) };
    }
}

/// Ends the process in the same way where the runtime has no memory for a new thread's stack for signals: it panics there.
pub(super) fn end_where_threads_have_no_memory() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let (short, long) = (panic.payload().downcast_ref::<&str>(), panic.payload().downcast_ref::<String>());
        let words = short.copied().or_else(|| long.map(String::as_str));
        if words.is_some_and(|words| words.starts_with("failed to allocate an alternative stack")) {
            end_without_memory();
        }
        usual(panic);
    }));
}

#[inline]
fn given(place: *mut u8) -> *mut u8 {
    if place.is_null() {
        end_without_memory();
    }
    place
}

#[cold]
fn end_without_memory() -> ! {
    const WORDS: &[u8] = b"layerscope: there is no memory left (see `ulimit -v`)\n";
    // SAFETY: the words are constant; neither call takes memory or a lock.
    unsafe {
        libc::write(libc::STDERR_FILENO, WORDS.as_ptr().cast(), WORDS.len());
        libc::_exit(1)
    }
}
