//! Where captures lie: our own in `tests/captures`, and those of other projects, whose licences differ and which are
//! not part of this repository. Whatever is not tested because those are absent is said in one line at the end.

use std::collections::BTreeSet;
use std::io::Write;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, OnceLock, PoisonError};

use super::ending::at_the_end;

const OURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures");

/// Where the captures of other projects lie unless `LAYERSCOPE_CORPUS` names another folder.
const BESIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/captures");

/// The folders of our own captures; a collection of others' may hold copies of them.
const FOLDERS: [&str; 4] = ["attacks", "derived", "generated", "reports"];

/// One of our own captures, by its path below `tests/captures`.
pub(crate) fn ours(name: &str) -> PathBuf {
    Path::new(OURS).join(name)
}

/// The folder of other projects' captures, where it is there. An empty `LAYERSCOPE_CORPUS` stands for no folder.
pub(crate) fn corpus() -> Option<&'static Path> {
    static CORPUS: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = || match std::env::var_os("LAYERSCOPE_CORPUS").map(PathBuf::from) {
        Some(folder) if folder.as_os_str().is_empty() => None,
        Some(folder) => {
            assert!(folder.is_dir(), "LAYERSCOPE_CORPUS={} is no folder", folder.display());
            Some(folder)
        }
        None => Some(PathBuf::from(BESIDE)).filter(|folder| folder.is_dir()),
    };
    CORPUS.get_or_init(found).as_deref()
}

/// A capture of another project, by its path below the collection's folder. Without the collection the test goes on
/// with the captures that are there, and is counted.
#[track_caller]
fn theirs(name: &str) -> Option<PathBuf> {
    if corpus().is_none() {
        count(|missing| &mut missing.fewer);
    }
    corpus().map(|folder| folder.join(name))
}

/// Whether the test must be left out, because all that it asks is asked of other projects' captures.
#[track_caller]
pub(crate) fn without_corpus() -> bool {
    if corpus().is_none() {
        count(|missing| &mut missing.left_out);
    }
    corpus().is_none()
}

/// Those of the captures that are there, each by its path below its collection's folder.
#[track_caller]
pub(crate) fn those_of(names: &[&str]) -> Vec<PathBuf> {
    names.iter().filter_map(|name| there(name)).collect()
}

/// A capture of our own, or one of another project where its collection is there.
#[track_caller]
pub(crate) fn there(name: &str) -> Option<PathBuf> {
    let is_ours = FOLDERS.iter().any(|folder| Path::new(name).starts_with(folder));
    if is_ours { Some(ours(name)) } else { theirs(name) }
}

/// Every capture of both collections, in a stable order: our own, and others' where they are there.
#[track_caller]
pub(crate) fn captures() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = FOLDERS.iter().flat_map(|folder| captures_in(&ours(folder))).collect();
    if let Some(corpus) = corpus() {
        let is_ours = |path: &Path| FOLDERS.iter().any(|folder| path.ends_with(folder));
        let folders = entries(corpus).into_iter().filter(|path| path.is_dir() && !path.ends_with("LICENSES"));
        found.extend(folders.filter(|path| !is_ours(path)).flat_map(|folder| captures_in(&folder)));
    } else {
        count(|missing| &mut missing.fewer);
    }
    found.sort_by_key(|path| name(path));
    found
}

/// The connections of captures as tshark tells them, one file of tab-separated values a capture: in
/// `tests/captures/oracle`, and in the folder `oracle` beside other projects' captures.
#[track_caller]
pub(crate) fn oracle() -> Vec<PathBuf> {
    let mut files = entries(&ours("oracle"));
    match corpus().map(|folder| folder.with_file_name("oracle")).filter(|folder| folder.is_dir()) {
        Some(folder) => files.extend(entries(&folder).into_iter().filter(|file| !is_of_ours(file))),
        None => count(|missing| &mut missing.fewer),
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "tsv"));
    files
}

/// Whether a file of the oracle is about one of our own captures: `/` is written `__` there.
fn is_of_ours(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    FOLDERS.iter().any(|folder| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with("__")))
}

/// The path of a capture below its collection's folder.
pub(crate) fn name(path: &Path) -> String {
    let roots = [Some(Path::new(OURS)), corpus()];
    let below = roots.into_iter().flatten().find_map(|root| path.strip_prefix(root).ok());
    below.unwrap_or(path).to_string_lossy().into_owned()
}

fn captures_in(folder: &Path) -> Vec<PathBuf> {
    let is_text = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "md" || ending == "tsv");
    entries(folder).into_iter().filter(|path| !is_text(path)).collect()
}

/// What a folder holds, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder entry").path()).collect();
    paths.sort();
    paths
}

/// Tests that the collection's absence touches.
struct Missing {
    left_out: BTreeSet<String>,
    fewer: BTreeSet<String>,
}

static MISSING: Mutex<Missing> = Mutex::new(Missing { left_out: BTreeSet::new(), fewer: BTreeSet::new() });

/// Counts the running test. With a single thread, tests have no name of their own: the place in the code serves then.
#[track_caller]
fn count(list: impl Fn(&mut Missing) -> &mut BTreeSet<String>) {
    static AT_THE_END: Once = Once::new();
    AT_THE_END.call_once(say_at_the_end);
    let thread = std::thread::current();
    let place = Location::caller();
    let test = match thread.name() {
        Some(name) if name != "main" => name.to_owned(),
        _ => format!("{}:{}", place.file(), place.line()),
    };
    list(&mut MISSING.lock().unwrap_or_else(PoisonError::into_inner)).insert(test);
}

/// What tests print is captured, and the summary of all is printed after the last of them: the line comes when the
/// process ends.
fn say_at_the_end() {
    extern "C" fn say() {
        let missing = MISSING.lock().unwrap_or_else(PoisonError::into_inner);
        let (left_out, fewer) = (missing.left_out.len(), missing.fewer.difference(&missing.left_out).count());
        let _ = writeln!(
            std::io::stderr(),
            "\nLEFT OUT: {left_out} tests, and a part of {fewer} more: the captures of other projects are not here \
             (tests/captures/README.md says how to have them)\n"
        );
    }
    at_the_end(say);
}
