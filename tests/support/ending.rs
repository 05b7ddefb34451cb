//! What is done when the last test has ended.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use tempfile::TempDir;

/// Calls a function when the process ends.
#[expect(unsafe_code, reason = "the end of a process has no safe form")]
pub(crate) fn at_the_end(act: extern "C" fn()) {
    // SAFETY: the function lives as long as the program, and takes nothing.
    assert_eq!(unsafe { libc::atexit(act) }, 0, "the end can be waited for");
}

/// Folders that all tests share: what is static is never dropped.
static SHARED: Mutex<Vec<TempDir>> = Mutex::new(Vec::new());

/// Keeps a folder until the last test has ended.
pub(crate) fn shared(folder: TempDir) -> PathBuf {
    extern "C" fn remove() {
        SHARED.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
    static AT_THE_END: Once = Once::new();
    AT_THE_END.call_once(|| at_the_end(remove));
    let path = Path::to_owned(folder.path());
    SHARED.lock().unwrap_or_else(PoisonError::into_inner).push(folder);
    path
}
