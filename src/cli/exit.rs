//! What every `--help` says of how the process ends.

pub use crate::engine::Exit;

/// The paragraph every `--help` ends with.
pub(super) const HELP: &str = "\
Exit codes:
  0  done
  1  could not run: a file, a permission, a device
  2  the command line makes no sense, or names a packet or stream that is not there
  3  the input was damaged; everything readable was shown
  4  an expectation was not met";
