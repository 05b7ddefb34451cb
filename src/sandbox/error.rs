//! Why a process could not be confined.

use std::error::Error;

/// Why a process could not be confined as it was asked for; then nothing may be decoded in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SandboxError {
    /// A step was refused by the kernel, or by what prepares it.
    #[error("{doing}")]
    Refused {
        /// What was being done.
        doing: String,
        /// The refusal.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Who is to be become is nobody, or nobody whom this process may become.
    #[error("{0}")]
    NoSuchIdentity(String),
    /// A step was not refused, and what it was for is not so.
    #[error("{0}")]
    NotSo(String),
}

/// Turns the refusal of a step into an error that names the step.
pub(super) fn refused<E: Into<Box<dyn Error + Send + Sync>>>(doing: &str) -> impl FnOnce(E) -> SandboxError {
    move |source| SandboxError::Refused { doing: doing.to_owned(), source: source.into() }
}
