//! How the process ends.

use std::process::ExitCode;

use crate::source::SourceError;

/// The exit codes, the same for every verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked for was done; a reader that closed the pipe early counts as served.
    Done,
    /// It could not be done: a file, a permission, a device.
    Failed,
    /// The command line makes no sense, or names a packet or stream that is not there.
    Usage,
    /// The input was damaged; everything readable was shown.
    Damaged,
    /// An expectation was not met: calls and packets do not add up, or a clause of `--expect` does not hold.
    Unmet,
    /// As the command ended that `capture` ran.
    AsCommand(u8),
}

impl Exit {
    /// How a whole ends whose parts end so: what could not be done counts more than what is damaged, and that more than what
    /// was done.
    #[must_use]
    pub(crate) const fn worst(self, other: Self) -> Self {
        match (self, other) {
            (Self::Failed, _) | (_, Self::Failed) => Self::Failed,
            (Self::Done, other) => other,
            (one, _) => one,
        }
    }

    /// How a command ends that came upon this.
    #[must_use]
    pub(crate) const fn after(error: &SourceError) -> Self {
        match error {
            SourceError::Damaged { .. } => Self::Damaged,
            _ => Self::Failed,
        }
    }

    /// The number that the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Damaged => 3,
            Self::Unmet => 4,
            Self::AsCommand(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
