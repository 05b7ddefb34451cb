//! A process that no other may look into, whoever runs it: neither its memory nor its descriptors.

use rustix::process::{DumpableBehavior, set_dumpable_behavior};

use super::error::{SandboxError, refused};

/// From now on neither `ptrace`, `pidfd_getfd`, `/proc/PID/mem` nor `/proc/PID/fd` gives anything of this process to others
/// of the same user (`PR_SET_DUMPABLE`, prctl(2)), but to those with `CAP_SYS_PTRACE` where the program was started.
///
/// Who becomes somebody else, and who starts another program, is as open again as the system has it.
///
/// # Errors
///
/// What the kernel refused.
pub(crate) fn hide() -> Result<(), SandboxError> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(refused("keeping other processes out of this one"))
}
