//! Why something could not be done: what was being done, what went wrong, how that ends, and what to do next.

use std::error::Error;
use std::fmt;
use std::io;
use std::iter;

use super::exit::Exit;

/// Whatever went wrong.
type Wrong = Box<dyn Error + Send + Sync>;

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    error: Wrong,
    advice: Vec<String>,
}

/// What was being done when something went wrong.
#[derive(Debug)]
struct Doing {
    words: String,
    source: Wrong,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl Error for Doing {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

impl Failure {
    /// A failure with an exit code of its own.
    pub(crate) fn new(exit: Exit, error: impl Into<Wrong>) -> Self {
        Self { exit, error: error.into(), advice: Vec::new() }
    }

    /// That the command line makes no sense, or names what is not there.
    pub(crate) fn usage(error: impl Into<Wrong>) -> Self {
        Self::new(Exit::Usage, error)
    }

    /// The same failure with what was being done.
    pub(crate) fn about(self, doing: impl fmt::Display) -> Self {
        Self { error: Box::new(Doing { words: doing.to_string(), source: self.error }), ..self }
    }

    /// The same failure with a next step: a clause, a command, or both.
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice.push(advice.into());
        self
    }

    /// How that ends.
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// The next steps.
    pub(crate) fn advice(&self) -> &[String] {
        &self.advice
    }

    /// Whether whoever read what was written has gone: that is no failure.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        let mut errors = self.causes().filter_map(|cause| cause.downcast_ref::<io::Error>());
        errors.any(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The error and its causes, each once: some errors tell their cause themselves.
    pub(crate) fn in_one_line(&self) -> String {
        let mut said = String::new();
        for cause in self.causes().map(ToString::to_string) {
            if said.ends_with(&cause) {
                continue;
            }
            if !said.is_empty() {
                said.push_str(": ");
            }
            said.push_str(&cause);
        }
        said
    }

    fn causes(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        let mut next: Option<&(dyn Error + 'static)> = Some(&*self.error);
        iter::from_fn(move || {
            let cause = next?;
            next = cause.source();
            Some(cause)
        })
    }
}

impl<E: Into<Wrong>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(Exit::Failed, error)
    }
}

/// Says of what went wrong what was being done.
pub(crate) trait About<T> {
    /// The same with what was being done, which is spelt where it went wrong alone: `format_args!` does.
    ///
    /// # Errors
    ///
    /// What went wrong.
    fn about(self, doing: impl fmt::Display) -> Result<T, Failure>;
}

impl<T, E: Into<Failure>> About<T> for Result<T, E> {
    fn about(self, doing: impl fmt::Display) -> Result<T, Failure> {
        self.map_err(|error| error.into().about(doing))
    }
}
