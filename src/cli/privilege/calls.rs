//! Which system calls are refused: a seccomp filter.

use std::collections::BTreeMap;

use anyhow::Context;
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

/// What decoding never does and an intruder would: run programs, look into other processes, send, change what the
/// kernel or this process's surroundings are. `io_uring` is among them because it does calls behind a filter's back.
const REFUSED: [i64; 44] = [
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_socket,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_connect,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_by_handle_at,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_personality,
    libc::SYS_acct,
];

/// What a program needs to go on talking over the sockets it has.
const TALKING: [i64; 4] = [libc::SYS_accept, libc::SYS_accept4, libc::SYS_connect, libc::SYS_sendto];

/// On x86-64 the same calls have second numbers, with this bit, for the x32 interface.
const X32: i64 = 0x4000_0000;

/// The numbers that only the x32 interface has for execve, ptrace, `process_vm_readv`, `process_vm_writev`, execveat,
/// sendmsg and sendmmsg.
const X32_ALONE: [i64; 7] = [520, 521, 539, 540, 545, 518, 538];

/// The calls beside `openat` that open files; `open` and `creat` have numbers on x86-64 alone.
const OTHER_WAYS_TO_OPEN: [i64; 1] = [libc::SYS_openat2];
const OPEN_ON_X86_64: [i64; 2] = [2, 85];

/// What a confined process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// It decodes packets.
    Decoding,
    /// It also goes on talking over the sockets it has.
    Talking,
    /// It decodes nothing, but looks into `/proc`: it can open files to read alone, whatever its user may.
    Looking,
}

/// From now on those calls answer `EPERM`. Says what the kernel lacks.
///
/// # Errors
///
/// What the kernel refused though it knows seccomp.
pub(super) fn refuse(work: Work) -> anyhow::Result<Option<String>> {
    let Ok(here) = TargetArch::try_from(std::env::consts::ARCH) else {
        return Ok(Some(format!("seccomp filters are not known for {}", std::env::consts::ARCH)));
    };
    let filter = program(work, here).context("putting the seccomp filter together")?;
    match seccompiler::apply_filter(&filter) {
        Ok(()) => Ok(None),
        Err(Error::Seccomp(error)) if matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EINVAL)) => {
            Ok(Some("this kernel has no seccomp filters: every system call stays within reach".to_owned()))
        }
        Err(error) => Err(error).context("installing the seccomp filter"),
    }
}

fn program(work: Work, here: TargetArch) -> Result<BpfProgram, Error> {
    let always = Vec::new;
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = REFUSED.into_iter().map(|call| (call, always())).collect();
    if work == Work::Talking {
        TALKING.iter().for_each(|call| drop(rules.remove(call)));
    }
    if work == Work::Looking {
        rules.insert(libc::SYS_openat, opening_to_write()?);
        rules.extend(OTHER_WAYS_TO_OPEN.map(|call| (call, always())));
    }
    if work == Work::Looking && here == TargetArch::x86_64 {
        rules.extend(OPEN_ON_X86_64.map(|call| (call, always())));
    }
    if here == TargetArch::x86_64 {
        let twins: Vec<_> = rules.iter().map(|(call, rules)| (call | X32, rules.clone())).collect();
        rules.extend(twins);
        rules.extend(X32_ALONE.map(|call| (call | X32, always())));
    }
    let refusal = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    Ok(SeccompFilter::new(rules, SeccompAction::Allow, refusal, here)?.try_into()?)
}

/// Matches an `openat` that could change something: one that opens to write or to read and write, creates, or empties.
fn opening_to_write() -> Result<Vec<SeccompRule>, Error> {
    let has = |flag: libc::c_int| {
        let flag = u64::from(flag.unsigned_abs());
        let set = SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(flag), flag)?;
        Ok(SeccompRule::new(vec![set])?)
    };
    [libc::O_WRONLY, libc::O_RDWR, libc::O_CREAT, libc::O_TRUNC].into_iter().map(has).collect()
}
