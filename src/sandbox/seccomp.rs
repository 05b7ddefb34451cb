//! Which system calls are answered: a seccomp filter that knows a list of them and refuses all others.
//!
//! What is refused answers `EPERM` and ends nothing: another kernel or C library may make calls that were not seen here.
//! Newer calls answer `ENOSYS`, so that the C library goes back to the older ones.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, sock_filter,
};

use super::error::{SandboxError, refused};

/// What is being done until the filter is there.
const PREPARING: &str = "putting the seccomp filter together";

/// The first call that is newer than all that are listed. The x32 interface of x86-64 has its numbers far beyond.
const FIRST_UNKNOWN: u32 = 451;

/// Instructions of a filter (linux/bpf_common.h): load a word, jump where it is equal or larger, return.
const LOAD: u16 = 0x20;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_AT_LEAST: u16 = 0x35;
const RETURN: u16 = 0x06;

/// What must hold of one argument of a call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Must {
    /// Its lower 32 bits are this number: descriptors, process numbers, requests.
    Be(u8, u32),
    /// They are not.
    NotBe(u8, u32),
    /// Of the bits of a mask, these are set and no others.
    Have { argument: u8, mask: u32, bits: u32 },
    /// The whole of it is this: a pointer.
    BePointer(u8, u64),
    /// It is this or beyond.
    BeBeyond(u8, u64),
}

/// The calls that are answered, and under which conditions.
#[derive(Debug, Default)]
pub(super) struct Calls {
    rules: BTreeMap<i64, Vec<SeccompRule>>,
}

impl Calls {
    /// Allows calls, each listed with its reason.
    pub(super) fn allow(&mut self, calls: &[(i64, &'static str)]) {
        for (call, _) in calls {
            self.rules.insert(*call, Vec::new());
        }
    }

    /// Allows a call where all of this holds of its arguments, beside the cases in which it is allowed already.
    ///
    /// # Errors
    ///
    /// An argument that no call has.
    pub(super) fn allow_where(&mut self, call: i64, _reason: &'static str, all: &[Must]) -> Result<(), SandboxError> {
        if self.rules.get(&call).is_some_and(Vec::is_empty) {
            return Err(SandboxError::NotSo(format!("system call {call} is allowed without conditions already")));
        }
        let conditions = all.iter().map(|must| must.condition()).collect::<Result<_, _>>();
        let rule = conditions.and_then(SeccompRule::new).map_err(refused(PREPARING))?;
        self.rules.entry(call).or_default().push(rule);
        Ok(())
    }

    /// From now on no other calls are answered. Says what the kernel lacks.
    ///
    /// # Errors
    ///
    /// What the kernel refused though it knows seccomp.
    pub(super) fn refuse_all_others(self) -> Result<Option<String>, SandboxError> {
        let Ok(here) = TargetArch::try_from(std::env::consts::ARCH) else {
            return Ok(Some(format!("seccomp filters are not known for {}", std::env::consts::ARCH)));
        };
        let filter = self.program(here).map_err(refused(PREPARING))?;
        match seccompiler::apply_filter(&filter) {
            Ok(()) => Ok(None),
            Err(Error::Seccomp(error)) if matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EINVAL)) => {
                Ok(Some("this kernel has no seccomp filters: every system call stays within reach".to_owned()))
            }
            Err(error) => Err(error).map_err(refused("installing the seccomp filter")),
        }
    }

    fn program(self, here: TargetArch) -> Result<BpfProgram, BackendError> {
        let refusal = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let listed: BpfProgram = SeccompFilter::new(self.rules, refusal, SeccompAction::Allow, here)?.try_into()?;
        Ok(newer_are_unknown().into_iter().chain(listed).collect())
    }
}

/// What comes before the list: `ENOSYS` for `clone3`, whose arguments a filter cannot see, and for all newer calls.
fn newer_are_unknown() -> [sock_filter; 4] {
    let instruction = |code, k, jt, jf| sock_filter { code, jt, jf, k };
    let unknown = u32::from(SeccompAction::Errno(libc::ENOSYS.unsigned_abs()));
    let clone3 = libc::SYS_clone3 as u32;
    // The call's number is the first word of what a filter is shown.
    [
        instruction(LOAD, 0, 0, 0),
        instruction(JUMP_EQUAL, clone3, 1, 0),
        instruction(JUMP_AT_LEAST, FIRST_UNKNOWN, 0, 1),
        instruction(RETURN, unknown, 0, 0),
    ]
}

impl Must {
    fn condition(self) -> Result<SeccompCondition, BackendError> {
        use SeccompCmpArgLen::{Dword, Qword};
        match self {
            Self::Be(argument, number) => SeccompCondition::new(argument, Dword, SeccompCmpOp::Eq, number.into()),
            Self::NotBe(argument, number) => SeccompCondition::new(argument, Dword, SeccompCmpOp::Ne, number.into()),
            Self::Have { argument, mask, bits } => {
                SeccompCondition::new(argument, Dword, SeccompCmpOp::MaskedEq(mask.into()), bits.into())
            }
            Self::BePointer(argument, place) => SeccompCondition::new(argument, Qword, SeccompCmpOp::Eq, place),
            Self::BeBeyond(argument, place) => SeccompCondition::new(argument, Qword, SeccompCmpOp::Ge, place),
        }
    }
}
