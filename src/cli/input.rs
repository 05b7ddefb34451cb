//! Which captures and which filter the words of a command line name; and opening those captures.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use rustix::fs::fstat;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::exit::Exit;
use super::filter_words;
use super::place::{self, Obstacle, Wanted};
use super::report::{Failure, nearest, quoted};
use crate::engine::{OrderedBatches, Passed, threads};
use crate::source::{CaptureFile, Chained, Filter, FrameSource, Merged, SourceError, Unread};
use crate::words::en::count;

/// Captures, and the filter expression for them.
#[derive(Debug)]
pub(super) struct Input {
    files: Vec<PathBuf>,
    filter: Option<String>,
    /// Whether the filter began with the first word that is no existing file.
    guessed: bool,
}

impl Input {
    /// Tells files from filter words: with `-r FILE` all words are the filter, as in tcpdump; else those from the first
    /// one on that is no existing file.
    ///
    /// # Errors
    ///
    /// Where the first word is no existing file, or there are two filters.
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
            return Err(Failure::new(
                Exit::Usage,
                anyhow!("there are two filters: --filter '{filter}' and further words"),
            ));
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
        allow_open(self.files.len())?;
        let mut unread: Vec<Unread> = self.files.iter().map(Unread::open).collect();
        let is_chain = unread.len() > 1 && !merge;
        if !is_chain && let Some(refused) = unread.iter().position(|file| file.refusal().is_some()) {
            read(unread.swap_remove(refused))?;
        }
        let may_wait = unread.iter().any(Unread::may_wait);
        Ok(Captures { unread, is_chain, threads: threads(may_wait), may_wait })
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
        let SourceError::Filter { expression, .. } = &error else { return filter_words::refused(error) };
        let expression = expression.clone();
        let failure = filter_words::refused(error);
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

/// Captures that are open, and of which nothing was read.
pub(super) struct Captures {
    unread: Vec<Unread>,
    /// Whether they are read one after the other.
    is_chain: bool,
    threads: usize,
    may_wait: bool,
}

impl Captures {
    /// Whether packets may come slowly: from a pipe, a terminal, a device.
    pub(super) const fn may_wait(&self) -> bool {
        self.may_wait
    }

    /// The same captures, to be read another time; `None` where one of them can be read once alone.
    pub(super) fn again(&self) -> Option<Self> {
        let unread = self.unread.iter().map(Unread::again).collect::<Option<_>>()?;
        Some(Self { unread, ..*self })
    }

    /// Begins to read them in batches, on as many threads as are of use: for a confined process.
    ///
    /// # Errors
    ///
    /// As [`Captures::read`].
    pub(super) fn batches(self) -> Result<OrderedBatches, Failure> {
        let threads = self.threads;
        Ok(OrderedBatches::new(self.read()?, threads))
    }

    /// Begins to read, which is for a confined process.
    ///
    /// # Errors
    ///
    /// Where a single capture, or one to merge, is none.
    pub(super) fn read(self) -> Result<Box<dyn FrameSource>, Failure> {
        if self.is_chain {
            return Ok(Box::new(Chained::of(self.unread)));
        }
        let mut files = self.unread.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        match (files.pop(), files.is_empty()) {
            (Some(single), true) => Ok(Box::new(single)),
            (last, _) => {
                files.extend(last);
                Ok(Box::new(Merged::new(files)))
            }
        }
    }
}

/// Descriptors that are needed beside those of the captures.
const OTHERS: u64 = 32;

/// Lets so many captures be open at once.
///
/// # Errors
///
/// They are more than this process may have open.
fn allow_open(captures: usize) -> Result<(), Failure> {
    let (needed, limit) = (captures as u64 + OTHERS, getrlimit(Resource::Nofile));
    if captures < 2 || limit.current.is_none_or(|soft| needed <= soft) {
        return Ok(());
    }
    if let Some(hard) = limit.maximum.filter(|hard| needed > *hard) {
        let most = hard.saturating_sub(OTHERS);
        let refused = anyhow!("{captures} captures cannot be open at once: this process may open {hard} files");
        return Err(Failure::from(refused).advise(format!("name at most {most} at a time, or raise `ulimit -n`")));
    }
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    Ok(setrlimit(Resource::Nofile, raised).context("allowing so many files to be open")?)
}

/// Begins to read one capture.
///
/// # Errors
///
/// What is wrong with it, and what to do instead where there is no such file.
fn read(unread: Unread) -> Result<CaptureFile, Failure> {
    let path = unread.path().to_owned();
    CaptureFile::read(unread).map_err(|error| match error {
        SourceError::File { source, .. } if source.kind() == io::ErrorKind::NotFound => no_such_file(&path),
        SourceError::File { action, source, .. }
            if matches!(source.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::NotADirectory) =>
        {
            place::refused(format!("{action} {}", path.display()), &path, Wanted::Reading, source)
        }
        SourceError::Damaged { .. } => Failure::new(Exit::Damaged, error),
        error => error.into(),
    })
}

fn is_folder(path: &Path) -> Failure {
    let failure = Failure::from(anyhow!("{} is a directory", path.display()));
    failure.advise(format!("all files in it: {}/*", quoted(path).trim_end_matches('/')))
}

fn no_such_file(path: &Path) -> Failure {
    let missing = format!("there is no file {}", path.display());
    match place::in_the_way(path, Wanted::Reading) {
        Obstacle::Missing(folder) => return anyhow!("{missing}: there is no folder {}", folder.display()).into(),
        Obstacle::NoFolder(folder) => return anyhow!("{missing}: {} is no folder", folder.display()).into(),
        Obstacle::Closed(_) | Obstacle::ReadOnly(_) | Obstacle::Itself => {}
    }
    let failure = Failure::from(anyhow!(missing));
    let folder = place::folder_of(path);
    let names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    let meant = path.file_name().and_then(|name| nearest(name.to_str()?, names.iter().map(String::as_str)));
    match meant {
        Some(name) => failure.advise(format!("did you mean {}?", path.with_file_name(name).display())),
        None => failure.advise("captures are named first, a filter behind them; - is standard input"),
    }
}
