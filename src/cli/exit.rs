//! How the process ends.

use std::process::ExitCode;

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

/// The paragraph every `--help` ends with.
pub(super) const HELP: &str = "\
Exit codes:
  0  done
  1  could not run: a file, a permission, a device
  2  the command line makes no sense, or names a packet or stream that is not there
  3  the input was damaged; everything readable was shown
  4  an expectation was not met";

impl Exit {
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
