//! What the tests over the shared captures have in common: finding the files, reading their frames, using both cores.

#[cfg(target_arch = "x86_64")]
pub(crate) mod inject;
pub(crate) mod packets;
pub(crate) mod segments;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use layerscope::model::OwnedFrame;
use layerscope::source::{CaptureFile, FrameSource};

/// Every file of the shared collection, in a stable order.
pub(crate) fn captures() -> Vec<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/captures");
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(root)];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.expect("a folder entry").path();
            match path.extension().and_then(|name| name.to_str()) {
                _ if path.is_dir() && !path.ends_with("LICENSES") => folders.push(path),
                Some("md" | "tsv") | None => {}
                Some(_) => found.push(path),
            }
        }
    }
    found.sort();
    found
}

/// A capture of our own making: the repository's copy, else that of the shared collection. `reports/x.pcap`,
/// `generated/x.pcap`.
pub(crate) fn ours(name: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let own = root.join("tests/captures").join(name);
    let folder = if name.starts_with("reports/") { "../shared" } else { "../shared/captures" };
    if own.exists() { own } else { root.join(folder).join(name) }
}

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

/// The path below the collection's folder, for messages.
pub(crate) fn name(path: &Path) -> String {
    let text = path.to_string_lossy();
    text.rsplit_once("captures/").map_or(text.to_string(), |(_, name)| name.to_owned())
}
