//! Which captures and which filter the words of a command line name; and opening those captures.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use rustix::fs::{FileType, fstat};

use super::exit::Exit;
use super::report::{Failure, nearest, quoted};
use crate::source::{CaptureFile, Chained, Filter, FrameSource, Merged, SourceError};

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
        let is_file = |word: &&OsString| *word == "-" || Path::new(word).metadata().is_ok_and(|it| !it.is_dir());
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

    /// Captures without a filter.
    pub(super) const fn of(files: Vec<PathBuf>) -> Self {
        Self { files, filter: None, guessed: false }
    }

    /// Whether standard input is among the captures.
    pub(super) fn has_stdin(&self) -> bool {
        self.files.iter().any(|file| file == Path::new("-"))
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

    /// The filter expression.
    pub(super) fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    /// Opens the captures, to be read one after the other or merged.
    ///
    /// # Errors
    ///
    /// Where a single capture, or one to merge, cannot be opened; captures in a chain are opened when it is their turn.
    pub(super) fn open(&self, merge: bool) -> Result<Box<dyn FrameSource>, Failure> {
        Ok(match self.files.as_slice() {
            [file] => Box::new(open(file)?),
            files if merge => Box::new(Merged::new(files.iter().map(|file| open(file)).collect::<Result<_, _>>()?)),
            files => Box::new(Chained::new(files.to_vec())),
        })
    }

    /// Whether packets may come slowly: from a pipe, a terminal, a device.
    pub(super) fn may_wait(&self) -> bool {
        let is_plain = |file: &PathBuf| match file.as_os_str() == "-" {
            true => fstat(io::stdin()).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile),
            false => file.is_file(),
        };
        !self.files.iter().all(is_plain)
    }

    /// A filter that libpcap refuses, the expression under its words.
    pub(super) fn refused(&self, error: SourceError) -> Failure {
        let SourceError::Filter { expression, .. } = &error else { return error.into() };
        let expression = expression.clone();
        let failure = Failure::new(Exit::Usage, error).advise(&expression);
        // A mistyped file looks like the beginning of a filter.
        match expression.split(' ').next().filter(|word| self.guessed && word.contains(['.', '/'])) {
            Some(word) => failure.advise(format!("(the filter begins at '{word}', because there is no such file)")),
            None => failure,
        }
    }
}

/// Opens one capture; `-` is standard input.
///
/// # Errors
///
/// What is wrong with it, and what to do instead where there is no such file.
pub(super) fn open(file: &Path) -> Result<CaptureFile, Failure> {
    CaptureFile::open(file).map_err(|error| match error {
        SourceError::File { source, .. } if source.kind() == io::ErrorKind::NotFound => no_such_file(file),
        SourceError::Damaged { .. } => Failure::new(Exit::Damaged, error),
        error => error.into(),
    })
}

fn is_folder(path: &Path) -> Failure {
    let failure = Failure::from(anyhow!("{} is a directory", path.display()));
    failure.advise(format!("all files in it: {}/*", quoted(path).trim_end_matches('/')))
}

fn no_such_file(path: &Path) -> Failure {
    let failure = Failure::from(anyhow!("there is no file {}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    let meant = path.file_name().and_then(|name| nearest(name.to_str()?, names.iter().map(String::as_str)));
    match meant {
        Some(name) => failure.advise(format!("did you mean {}?", path.with_file_name(name).display())),
        None => failure.advise("captures are named first, a filter behind them; - is standard input"),
    }
}
