//! What the fuzz targets have in common: what must hold of a packet, everything that can be drawn of one, and captures
//! whose packets mean something to each other.

mod decoded;
mod drawn;
mod scene;

use std::path::PathBuf;
use std::sync::LazyLock;
use std::{env, fs, process};

pub use decoded::check as check_decoded;
pub use drawn::{draw_packets, draw_stats, draw_timelines, is_harmless};
pub use scene::{Captured, Scene};

/// A file of this process alone, in memory where the machine has a folder for that.
#[must_use]
pub fn scratch(name: &str) -> PathBuf {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let memory = PathBuf::from("/dev/shm");
        let root = if memory.is_dir() { memory } else { env::temp_dir() };
        let folder = root.join(format!("layerscope-fuzz-{}", process::id()));
        fs::create_dir_all(&folder).expect("a folder for scratch files");
        folder
    });
    FOLDER.join(name)
}
