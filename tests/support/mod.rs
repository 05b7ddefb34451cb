//! What the tests over captures have in common: finding the files, reading their frames, using both cores; and making
//! packets for a question.

mod corpus;
pub(crate) mod ending;
pub(crate) mod imports;
#[cfg(target_arch = "x86_64")]
pub(crate) mod inject;
pub(crate) mod packets;
pub(crate) mod prose;
pub(crate) mod savefile;
pub(crate) mod segments;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use layerscope::model::OwnedFrame;
use layerscope::source::{CaptureFile, FrameSource};

pub(crate) use corpus::{captures, corpus, name, oracle, ours, there, those_of, without_corpus};

/// The frames of one file, as far as it can be read.
pub(crate) fn frames(path: &Path) -> Vec<OwnedFrame> {
    let mut frames = Vec::new();
    let Ok(mut file) = CaptureFile::open(path) else { return frames };
    while let Ok(Some(frame)) = file.next_frame() {
        frames.push(frame.to_owned());
    }
    frames
}

/// Does `work` on every file, on both cores, and gathers what each returns, in the files' order.
pub(crate) fn over<T: Send>(files: &[PathBuf], work: impl Fn(&Path) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = HashMap::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(index) else { return done };
            done.insert(index, work(file));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let workers = [scope.spawn(worker), scope.spawn(worker)];
        let mut done = HashMap::new();
        for worker in workers {
            done.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    (0..files.len()).filter_map(|index| done.remove(&index)).collect()
}
