//! The kinds of confined processes, and for each the system calls that it makes, with the reason beside each call.
//!
//! The whole test suite runs under these lists. Beside what was seen under strace stand the calls that other
//! kernels, C libraries and allocators make in the same places.

use std::os::fd::{AsRawFd, BorrowedFd};

use super::error::SandboxError;
use super::seccomp::{Calls, Must};

/// What a confined process is there for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind<'a> {
    /// It decodes saved packets: nothing but what is open already can be read and written.
    Reader,
    /// It decodes packets as they come. Nothing can be written to the captures themselves.
    Live {
        /// The captures.
        captures: &'a [BorrowedFd<'a>],
        /// The way to the writer of further files, which come through it as descriptors.
        writer: Option<BorrowedFd<'a>>,
    },
    /// [`Kind::Live`], which goes on talking over the sockets that it has; it gets no new ones.
    Talker {
        /// The capture.
        capture: BorrowedFd<'a>,
    },
    /// It waits for a command that runs, and ends it.
    Supervisor {
        /// The command, as a descriptor.
        command: BorrowedFd<'a>,
    },
    /// It creates and removes files in one folder.
    Writer {
        /// The folder.
        folder: BorrowedFd<'a>,
        /// The way to who asks for files.
        channel: BorrowedFd<'a>,
    },
    /// It removes a file of one folder.
    Remover {
        /// The folder.
        folder: BorrowedFd<'a>,
        /// The way to who asks for it.
        channel: BorrowedFd<'a>,
    },
    /// It looks for the holders of sockets.
    Finder {
        /// The way to who asks.
        channel: BorrowedFd<'a>,
        /// The ways to the kernel's tables.
        tables: [BorrowedFd<'a>; 2],
        /// `/proc`.
        proc: BorrowedFd<'a>,
        /// The names that it opens in the folder of a process: a folder, and a file. They lie where nothing can be written.
        names: [&'static std::ffi::CStr; 2],
    },
}

/// What every kind does: use memory, tell the time, end, and say why.
const ALWAYS: &[(i64, &str)] = &[
    (libc::SYS_read, "what is open: captures, standard input, channels"),
    (libc::SYS_close, "what is done with"),
    (libc::SYS_fstat, "which file a descriptor is of, and whose"),
    (libc::SYS_brk, "memory"),
    (libc::SYS_madvise, "memory given back"),
    (libc::SYS_futex, "locks, and threads that wait for each other"),
    (libc::SYS_getrandom, "the seeds of hash maps"),
    (libc::SYS_clock_gettime, "the time, where the kernel has no faster way"),
    (libc::SYS_restart_syscall, "going on with a wait after a stop"),
    (libc::SYS_ppoll, "waiting for what is open"),
    (libc::SYS_getpid, "who is to be ended after a panic"),
    (libc::SYS_gettid, "the same"),
    (libc::SYS_rt_sigaction, "Ctrl-C, and the end after a panic"),
    (libc::SYS_rt_sigprocmask, "the same, and the start of a thread"),
    (libc::SYS_rt_sigreturn, "the end of an answer to a signal"),
    (libc::SYS_sigaltstack, "the stack for telling of a stack that is full"),
    (libc::SYS_exit, "the end of a thread"),
    (libc::SYS_exit_group, "the end"),
];

/// What decoding takes beside that: several threads, and files that are open.
const DECODING: &[(i64, &str)] = &[
    (libc::SYS_pread64, "parts of a capture that threads read beside each other"),
    (libc::SYS_lseek, "where in a file the next byte goes"),
    (libc::SYS_ftruncate, "a savefile emptied, or cut behind its last whole packet"),
    (libc::SYS_munmap, "memory given back"),
    (libc::SYS_mremap, "memory enlarged"),
    (libc::SYS_sched_yield, "queues between threads that are spun on"),
    (libc::SYS_set_robust_list, "the start of a thread"),
    (libc::SYS_rseq, "the same"),
    (libc::SYS_sched_getaffinity, "how many threads there can be"),
];

/// What asking an open capture takes.
const CAPTURING: &[(i64, &str)] = &[
    (libc::SYS_getsockopt, "what was dropped, and why an interface was lost"),
    // libpcap's wait, of which newer architectures have no call of its own.
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_poll, "whether packets are there"),
];

/// What talking over open sockets takes beside that.
const TALKING: &[(i64, &str)] =
    &[(libc::SYS_getsockname, "a program's own address"), (libc::SYS_recvfrom, "what the other end says")];

/// `TCGETS` and `TCGETS2` (is it a terminal?), and `TIOCGWINSZ` (how wide?).
const TERMINAL: [u32; 3] = [0x5401, 0x802c_542a, 0x5413];

/// `FIONBIO` (do not wait), `SIOCGIFINDEX` and `SIOCGIFFLAGS` (is the interface still there?), and `SIOCGIFNAME` (which one a
/// packet of `any` came from).
const INTERFACE: [u32; 4] = [0x5421, 0x8933, 0x8910, 0x8913];

/// The calls that write to a descriptor, which is their first argument.
const WRITING: [(i64, &str); 3] = [
    (libc::SYS_write, "rows, savefiles, channels, and words on standard error"),
    (libc::SYS_writev, "the same in parts"),
    (libc::SYS_pwrite64, "a savefile's beginning, written last"),
];

impl Kind<'_> {
    /// The calls that it may make.
    ///
    /// # Errors
    ///
    /// The lists contradict each other.
    pub(super) fn calls(self) -> Result<Calls, SandboxError> {
        let mut calls = Calls::default();
        calls.allow(ALWAYS);
        allow_ending_itself(&mut calls)?;
        match self {
            Self::Reader => allow_decoding(&mut calls, &[])?,
            Self::Live { captures, writer } => allow_live(&mut calls, captures, writer)?,
            Self::Talker { capture } => {
                allow_live(&mut calls, &[capture], None)?;
                allow_talking(&mut calls, capture)?;
            }
            Self::Supervisor { command } => allow_keeping(&mut calls, command)?,
            Self::Writer { folder, channel } => allow_creating(&mut calls, folder, channel)?,
            Self::Remover { folder, channel } => allow_removing(&mut calls, folder, channel)?,
            Self::Finder { channel, tables, proc, names } => {
                for descriptor in [channel, tables[0], tables[1]] {
                    let it = Must::Be(0, number(descriptor));
                    calls.allow_where(libc::SYS_write, "an answer, or a question to the kernel", &[it])?;
                }
                allow_looking(&mut calls, proc, names)?;
            }
        }
        Ok(calls)
    }
}

fn number(descriptor: BorrowedFd<'_>) -> u32 {
    descriptor.as_raw_fd().cast_unsigned()
}

/// Memory without code, of a process that may have threads or a savefile.
fn allow_memory(calls: &mut Calls) -> Result<(), SandboxError> {
    let no_code = Must::Have { argument: 2, mask: libc::PROT_EXEC.cast_unsigned(), bits: 0 };
    calls.allow_where(libc::SYS_mmap, "memory, never for code", &[no_code])?;
    calls.allow_where(libc::SYS_mprotect, "the stacks of threads, and more of their memory; never code", &[no_code])
}

/// `abort()`, after a panic's words or where memory is out, signals the process itself.
fn allow_ending_itself(calls: &mut Calls) -> Result<(), SandboxError> {
    calls.allow_where(libc::SYS_tgkill, "abort(): this process alone", &[Must::Be(0, std::process::id())])
}

/// What is written goes anywhere but to the captures.
fn allow_writing(calls: &mut Calls, except: &[BorrowedFd<'_>]) -> Result<(), SandboxError> {
    let elsewhere: Vec<Must> = except.iter().map(|capture| Must::NotBe(0, number(*capture))).collect();
    for (call, reason) in WRITING {
        match elsewhere.as_slice() {
            [] => calls.allow(&[(call, reason)]),
            elsewhere => calls.allow_where(call, reason, elsewhere)?,
        }
    }
    // A second descriptor of the capture would be a way around that.
    let duplicated = [Must::Be(1, libc::F_DUPFD_CLOEXEC.cast_unsigned())];
    let duplicated = [&duplicated[..], &elsewhere].concat();
    calls.allow_where(libc::SYS_fcntl, "standard output and savefiles, for two to hold", &duplicated)?;
    for request in [libc::F_GETFD, libc::F_GETFL] {
        let asked = [Must::Be(1, request.cast_unsigned())];
        calls.allow_where(libc::SYS_fcntl, "whether a descriptor is open", &asked)?;
    }
    Ok(())
}

fn allow_decoding(calls: &mut Calls, captures: &[BorrowedFd<'_>]) -> Result<(), SandboxError> {
    calls.allow(DECODING);
    allow_memory(calls)?;
    allow_writing(calls, captures)?;
    for request in TERMINAL {
        calls.allow_where(libc::SYS_ioctl, "what a terminal is like", &[Must::Be(1, request)])?;
    }
    let by_descriptor = libc::AT_EMPTY_PATH.cast_unsigned();
    let open = |argument| Must::Have { argument, mask: by_descriptor, bits: by_descriptor };
    calls.allow_where(libc::SYS_statx, "whether a descriptor is a plain file", &[open(2)])?;
    calls.allow_where(libc::SYS_newfstatat, "the same, of C libraries without statx", &[open(3)])?;
    // No namespaces, no process of its own, nothing but a thread.
    let thread = (libc::CLONE_VM | libc::CLONE_THREAD).cast_unsigned();
    let mask = thread | (NAMESPACES | libc::CLONE_VFORK | libc::CLONE_PTRACE | libc::CLONE_PARENT).cast_unsigned();
    let is_thread = Must::Have { argument: 0, mask, bits: thread };
    calls.allow_where(libc::SYS_clone, "threads", &[is_thread])?;
    calls.allow_where(libc::SYS_prctl, "a thread's name", &[Must::Be(0, libc::PR_SET_NAME.cast_unsigned())])
}

/// Every flag of `clone` that makes a namespace.
const NAMESPACES: libc::c_int = libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET;

fn allow_live(
    calls: &mut Calls,
    captures: &[BorrowedFd<'_>],
    writer: Option<BorrowedFd<'_>>,
) -> Result<(), SandboxError> {
    allow_decoding(calls, captures)?;
    calls.allow(CAPTURING);
    for request in INTERFACE {
        calls.allow_where(libc::SYS_ioctl, "what became of the interface; not to wait", &[Must::Be(1, request)])?;
    }
    if let Some(writer) = writer {
        calls.allow_where(libc::SYS_recvmsg, "a file from the writer", &[Must::Be(0, number(writer))])?;
    }
    Ok(())
}

/// `SO_RCVTIMEO_NEW` and `SO_SNDTIMEO_NEW` (asm-generic/socket.h), whose times have 64 bits everywhere.
const RECEIVE_TIMEOUT_64: libc::c_int = 66;
const SEND_TIMEOUT_64: libc::c_int = 67;

fn allow_talking(calls: &mut Calls, capture: BorrowedFd<'_>) -> Result<(), SandboxError> {
    calls.allow(TALKING);
    let elsewhere = Must::NotBe(0, number(capture));
    for (call, reason) in [
        (libc::SYS_accept4, "the next client"),
        (libc::SYS_connect, "the server"),
        (libc::SYS_sendto, "what the programs say"),
    ] {
        calls.allow_where(call, reason, &[elsewhere])?;
    }
    for option in [libc::SO_RCVTIMEO, libc::SO_SNDTIMEO, RECEIVE_TIMEOUT_64, SEND_TIMEOUT_64] {
        let level = Must::Be(1, libc::SOL_SOCKET.cast_unsigned());
        let timeout = [elsewhere, level, Must::Be(2, option.cast_unsigned())];
        calls.allow_where(libc::SYS_setsockopt, "how long somebody may be silent", &timeout)?;
    }
    Ok(())
}

/// The supervisor has one thread and its command.
fn allow_keeping(calls: &mut Calls, command: BorrowedFd<'_>) -> Result<(), SandboxError> {
    allow_memory(calls)?;
    calls.allow(&[
        (libc::SYS_munmap, "memory given back"),
        (libc::SYS_write, "how the command ended, and words on standard error"),
        (libc::SYS_wait4, "how the command ended"),
    ]);
    calls.allow_where(libc::SYS_fcntl, "whether a descriptor is open", &[Must::Be(1, 1)])?;
    let it = [Must::Be(0, number(command))];
    calls.allow_where(libc::SYS_pidfd_send_signal, "the end of the command, and of no other process", &it)
}

/// The flags with which the writer opens a file: it must be new, and nobody else's.
pub(crate) const CREATING: libc::c_int =
    libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW | libc::O_CLOEXEC;

/// The permissions that such a file gets.
pub(crate) const OWNERS_ALONE: u32 = 0o600;

/// The writer has one thread, one folder, and who asks for files.
fn allow_creating(calls: &mut Calls, folder: BorrowedFd<'_>, channel: BorrowedFd<'_>) -> Result<(), SandboxError> {
    allow_memory(calls)?;
    calls.allow(&[(libc::SYS_munmap, "memory given back")]);
    calls.allow_where(libc::SYS_write, "words on standard error", &[Must::Be(0, 2)])?;
    let (here, channel) = (Must::Be(0, number(folder)), Must::Be(0, number(channel)));
    let anew = Must::Have { argument: 2, mask: !LARGE, bits: CREATING.cast_unsigned() };
    calls.allow_where(libc::SYS_openat, "a new file in the folder", &[here, anew, Must::Be(3, OWNERS_ALONE)])?;
    allow_unlinking(calls, folder, "the oldest file of a ring")?;
    calls.allow_where(libc::SYS_sendmsg, "a file for who asked", &[channel])?;
    calls.allow_where(libc::SYS_fcntl, "whether a descriptor is open", &[Must::Be(1, 1)])
}

/// The remover has one thread, one folder, and who asks it.
fn allow_removing(calls: &mut Calls, folder: BorrowedFd<'_>, channel: BorrowedFd<'_>) -> Result<(), SandboxError> {
    allow_memory(calls)?;
    calls.allow(&[(libc::SYS_munmap, "memory given back")]);
    calls.allow_where(libc::SYS_write, "its answers", &[Must::Be(0, number(channel))])?;
    allow_unlinking(calls, folder, "the file that nothing was written to")?;
    calls.allow_where(libc::SYS_fcntl, "whether a descriptor is open", &[Must::Be(1, 1)])
}

/// Files of one folder are taken away where they still are what they were.
fn allow_unlinking(calls: &mut Calls, folder: BorrowedFd<'_>, which: &'static str) -> Result<(), SandboxError> {
    let here = Must::Be(0, number(folder));
    calls.allow_where(libc::SYS_unlinkat, which, &[here, Must::Be(2, 0)])?;
    let itself = Must::Be(3, libc::AT_SYMLINK_NOFOLLOW.cast_unsigned());
    calls.allow_where(libc::SYS_newfstatat, "whether a name is still that file's", &[here, itself])
}

/// `O_LARGEFILE`, which some libraries add and 64-bit kernels imply.
#[cfg(target_arch = "x86_64")]
const LARGE: u32 = 0o100_000;
#[cfg(not(target_arch = "x86_64"))]
const LARGE: u32 = 0o400_000;

/// How the finder opens the folder of a process, the folder of its descriptors, and the file with its name.
const PROCESS: libc::c_int = libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW | libc::O_CLOEXEC;
const FOLDER: libc::c_int = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW | libc::O_CLOEXEC;
const FILE: libc::c_int = libc::O_RDONLY | libc::O_NOFOLLOW | libc::O_CLOEXEC;

/// The finder can open folders as places in `/proc`, and below them one folder and one file by names that it cannot change:
/// a filter sees no paths, but it sees where they lie, and these lie in memory that can be neither written nor replaced.
fn allow_looking(
    calls: &mut Calls,
    proc: BorrowedFd<'_>,
    names: [&'static std::ffi::CStr; 2],
) -> Result<(), SandboxError> {
    calls.allow(&[
        (libc::SYS_getdents64, "which processes there are, and which descriptors one has"),
        (libc::SYS_lseek, "the same from the beginning"),
        (libc::SYS_readlinkat, "whether a descriptor is the socket in question"),
    ]);
    let as_is = |flags: libc::c_int| Must::Have { argument: 2, mask: !LARGE, bits: flags.cast_unsigned() };
    let process = [Must::Be(0, number(proc)), as_is(PROCESS)];
    calls.allow_where(libc::SYS_openat, "the folder of a process, as a place", &process)?;
    for (name, flags) in names.into_iter().zip([FOLDER, FILE]) {
        let named = [Must::BePointer(1, name.as_ptr() as u64), as_is(flags)];
        calls.allow_where(libc::SYS_openat, "the descriptors of a process, and what it calls itself", &named)?;
    }
    let elsewhere = Must::Have { argument: 3, mask: libc::MAP_FIXED.cast_unsigned(), bits: 0 };
    let no_code = Must::Have { argument: 2, mask: libc::PROT_EXEC.cast_unsigned(), bits: 0 };
    calls.allow_where(libc::SYS_mmap, "memory, in nothing else's place", &[no_code, elsewhere])?;
    let behind = names.iter().map(|name| name.as_ptr() as u64).max().unwrap_or(u64::MAX) + 0x1_0000;
    calls.allow_where(
        libc::SYS_munmap,
        "memory given back, but not where the names lie",
        &[Must::BeBeyond(0, behind)],
    )?;
    calls.allow_where(libc::SYS_fcntl, "whether a descriptor is open", &[Must::Be(1, 1)])
}
