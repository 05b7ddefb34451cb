//! Which captures and which filter the words of a command line name; and opening those captures.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::fstat;

use super::exit::Exit;
use super::filter_refusal;
use super::report::Failure;
use crate::engine::command_line::quoted;
use crate::engine::likeness::nearest;
use crate::engine::place::{self, Obstacle, Wanted};
use crate::engine::{Captures, NotOpened, Passed};
use crate::source::{Filter, SourceError};
use crate::words::en::count;

/// Captures, and the filter expression for them.
#[derive(Debug)]
pub(super) struct Input {
    files: Vec<PathBuf>,
    filter: Option<String>,
    /// Whether the filter began with the first word that is not an existing file.
    guessed: bool,
}

impl Input {
    /// Tells files from filter words: with `-r FILE` all words are the filter, as in tcpdump; else those from the first
    /// one on that is not an existing file.
    ///
    /// # Errors
    ///
    /// Where the first word is not an existing file, or there are two filters.
    pub(super) fn new(words: &[OsString], files: &[PathBuf], filter: Option<&str>) -> Result<Self, Failure> {
        // A folder is no capture: `tcp` means the protocol, whatever lies here under that name.
        // One that may not be looked at is there all the same, for all that is known.
        let is_file = |word: &&OsString| match Path::new(word).metadata() {
            Ok(data) => !data.is_dir(),
            Err(error) => *word == "-" || error.kind() == io::ErrorKind::PermissionDenied,
        };
        let count = if files.is_empty() { words.iter().take_while(is_file).count() } else { 0 };
        let (named, rest) = words.split_at(count);
        let guessed = files.is_empty() && !rest.is_empty();
        if let (true, Some(missing)) = (guessed && (count == 0 || filter.is_some()), rest.first()) {
            let missing = Path::new(missing);
            return Err(if missing.is_dir() { is_folder(missing) } else { no_such_file(missing) });
        }
        if let (Some(filter), false) = (filter, rest.is_empty()) {
            return Err(Failure::usage(format!("there are two filters: --filter '{filter}' and further words")));
        }
        let words: Vec<_> = rest.iter().map(|word| word.to_string_lossy()).collect();
        let filter = filter.map(str::to_owned).or_else(|| (!words.is_empty()).then(|| words.join(" ")));
        let files = files.iter().cloned().chain(named.iter().map(PathBuf::from)).collect();
        Ok(Self { files, filter, guessed })
    }

    /// These captures, with the filter that is typed by itself.
    pub(super) const fn of(files: Vec<PathBuf>, filter: Option<String>) -> Self {
        Self { files, filter, guessed: false }
    }

    /// Whether one of the captures is this very file, under whatever name.
    pub(super) fn holds(&self, path: &Path) -> bool {
        let Ok(wanted) = path.metadata() else { return false };
        let is_it = |file: &PathBuf| match file.as_os_str() == "-" {
            true => fstat(io::stdin()).is_ok_and(|stat| (stat.st_dev, stat.st_ino) == (wanted.dev(), wanted.ino())),
            false => file.metadata().is_ok_and(|file| (file.dev(), file.ino()) == (wanted.dev(), wanted.ino())),
        };
        wanted.is_file() && self.files.iter().any(is_it)
    }

    /// The filter, compiled.
    ///
    /// # Errors
    ///
    /// A usage failure with libpcap's words and the expression under them.
    pub(super) fn compile(&self) -> Result<Option<Filter>, Failure> {
        self.filter().map(Filter::compile).transpose().map_err(|error| self.refused(error))
    }

    /// That the captures have nothing of a kind, or that none of so many is chosen.
    pub(super) fn none_of(&self, all: u64, what: &str) -> String {
        match all {
            0 => format!("{} no {what}", captures_have(&self.files)),
            all => format!("{}: 0 of {} match", captures_named(&self.files), count(all, what)),
        }
    }

    /// The captures in a sentence about what they have.
    pub(super) fn have(&self) -> String {
        captures_have(&self.files)
    }

    /// The captures.
    pub(super) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The filter expression.
    pub(super) fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    /// Opens the captures, to be read one after the other or merged. Nothing is read yet, and nobody waited for.
    ///
    /// # Errors
    ///
    /// Where a single capture, or one to merge, cannot be opened, or there are more captures than may be open at once; what
    /// is wrong with one of a chain is told when it is its turn.
    pub(super) fn open(&self, merge: bool) -> Result<Captures, Failure> {
        Captures::open(&self.files, merge).map_err(not_opened)
    }

    /// What a pass left behind, where it came to its end.
    ///
    /// # Errors
    ///
    /// The filter has no meaning for a packet.
    pub(super) fn checked(&self, mut passed: Passed) -> Result<Passed, Failure> {
        passed.refusal.take().map_or(Ok(passed), |refusal| Err(self.refused(refusal)))
    }

    /// A filter that libpcap refuses, the expression under its words.
    pub(super) fn refused(&self, error: SourceError) -> Failure {
        let SourceError::Filter { expression, .. } = &error else { return filter_refusal::refused(error) };
        let expression = expression.clone();
        let failure = filter_refusal::refused(error);
        // A mistyped file looks like the beginning of a filter.
        match expression.split(' ').next().filter(|word| self.guessed && word.contains(['.', '/'])) {
            Some(word) => failure.advise(format!("(the filter begins at '{word}', because there is no such file)")),
            None => failure,
        }
    }
}

/// Captures in a sentence about what they have: `web.pcap has`, `the 3 captures have`.
pub(super) fn captures_have(files: &[PathBuf]) -> String {
    let has = if files.len() == 1 { "has" } else { "have" };
    format!("{} {has}", captures_named(files))
}

/// What captures are called in a message.
fn captures_named(files: &[PathBuf]) -> String {
    match files {
        [one] if one.as_os_str() == "-" => "standard input".to_owned(),
        [one] => one.display().to_string(),
        several => format!("the {} captures", several.len()),
    }
}

/// What is wrong with captures, and what to do instead where there is no such file, or too many are named.
fn not_opened(error: NotOpened) -> Failure {
    match error {
        NotOpened::Capture(SourceError::File { path, source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            no_such_file(&path)
        }
        NotOpened::Capture(SourceError::File { action, path, source })
            if matches!(source.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::NotADirectory) =>
        {
            place::refused(format!("{action} {}", path.display()), &path, Wanted::Reading, source)
        }
        NotOpened::Capture(error) => Failure::new(Exit::after(&error), error),
        NotOpened::TooMany { most, .. } => {
            Failure::from(error).advise(format!("name at most {most} at a time, or raise `ulimit -n`"))
        }
        NotOpened::Limit(_) => error.into(),
    }
}

fn is_folder(path: &Path) -> Failure {
    let failure = Failure::saying(format!("{} is a directory", path.display()));
    failure.advise(format!("all files in it: {}/*", quoted(path).trim_end_matches('/')))
}

fn no_such_file(path: &Path) -> Failure {
    let missing = format!("there is no file {}", path.display());
    match place::in_the_way(path, Wanted::Reading) {
        Obstacle::Missing(folder) => {
            return Failure::saying(format!("{missing}: there is no folder {}", folder.display()));
        }
        Obstacle::NoFolder(folder) => {
            return Failure::saying(format!("{missing}: {} is not a folder", folder.display()));
        }
        Obstacle::Closed(_) | Obstacle::ReadOnly(_) | Obstacle::Itself => {}
    }
    let failure = Failure::saying(missing);
    let folder = place::folder_of(path);
    let names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    let meant = path.file_name().and_then(|name| nearest(name.to_str()?, names.iter().map(String::as_str)));
    match meant {
        Some(name) => failure.advise(format!("did you mean {}?", path.with_file_name(name).display())),
        None => failure.advise("captures are named first, a filter after them; - is standard input"),
    }
}
