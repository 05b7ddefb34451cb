//! Why something could not be done: what was being done, what went wrong, how that ends, and what to do next.

use std::error::Error;
use std::fmt;
use std::io;

use super::exit::Exit;

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    error: anyhow::Error,
    advice: Vec<String>,
}

impl Failure {
    /// A failure with an exit code of its own.
    pub(crate) fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self { exit, error: error.into(), advice: Vec::new() }
    }

    /// A failure that is told in words alone.
    pub(crate) fn saying(words: impl Into<String>) -> Self {
        Self::new(Exit::Failed, anyhow::Error::msg(words.into()))
    }

    /// The same failure with another end.
    pub(crate) fn ending(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// That the command line makes no sense, or names what is not there.
    pub(crate) fn usage(words: impl Into<String>) -> Self {
        Self::saying(words).ending(Exit::Usage)
    }

    /// The same failure with what was being done.
    pub(crate) fn about(self, doing: impl fmt::Display) -> Self {
        Self { error: self.error.context(doing.to_string()), ..self }
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
        let mut errors = self.error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
        errors.any(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The error and its causes, each once: some errors tell their cause themselves.
    pub(crate) fn in_one_line(&self) -> String {
        let mut said = String::new();
        for cause in self.error.chain().map(ToString::to_string) {
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
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
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
