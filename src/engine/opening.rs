//! Opening what packets are saved in. What is new is made for its owner alone; what exists must be one's own, and a file or
//! a pipe.
//!
//! What was looked at is what is written to: a descriptor is asked, never a name. A file is locked, so that two programs
//! do not write to it at once; standard output and error are the caller's, and only the caller could lock them.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::fchown;
use std::path::Path;
use std::time::Duration;

use rustix::event::{Timespec, poll};
use rustix::fs::{
    CWD, FileType, FlockOperation, Mode, OFlags, Stat, fcntl_getfl, fcntl_setfl, flock, fstat, major, minor,
};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::failure::{About as _, Failure};
use super::file_identity;
use super::place::{self, Wanted};
use super::stub::Stub;
use crate::sandbox;

/// How often a name may be taken away and made anew while it is opened.
const ATTEMPTS: usize = 8;

/// How long to wait before looking again whether a FIFO has a reader.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What to do instead.
const ELSEWHERE: &str = "write to another file";

/// `/dev/null`, as the kernel numbers it (admin-guide/devices.txt).
const NULL: (u32, u32) = (1, 3);

/// What opening a file needs of its caller.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// Starts the remover of a new file.
    pub(crate) start_remover: fn(&Path, &File) -> Result<Stub, Failure>,
    /// Whether this process is to end.
    pub(crate) is_interrupted: fn() -> bool,
    /// Tells what does not end the work.
    pub(crate) tell: fn(&str),
}

/// What is written to.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) file: File,
    pub(crate) kind: Kind,
    /// Who takes it away again, where it was made just now.
    pub(crate) stub: Option<Stub>,
}

/// The kinds of things that packets are written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It can be emptied, cut and read again.
    File,
    /// A FIFO, or what the caller has opened.
    Stream,
    /// `/dev/null`.
    Nothing,
}

/// Opens a path for writing, without emptying what is there.
///
/// A new file is made with the permissions 0600; under sudo it is the person's who ran it. With root's rights a symbolic
/// link is not followed. A FIFO is waited for until it has a reader, which is said. A descriptor of the caller's
/// (`/dev/fd/63`, which is what `>(command)` stands for) is used as it is.
///
/// # Errors
///
/// What is there is another user's, has several names, is written to by another program or is of a kind that takes no
/// packets; or what the system says.
pub(crate) fn open(path: &Path, caller: &Caller) -> Result<Opened, Failure> {
    if let Some(handed) = descriptor_of(path) {
        return handed_over(path, handed);
    }
    let doing = || format!("opening {} to write to it", path.display());
    for _ in 0..ATTEMPTS {
        // Who is ended between making a file and having somebody to take it away again would leave it.
        let held = sandbox::hold_signals();
        match create(path) {
            Ok(file) => return own_new(file, path, caller),
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(refused(path, errno)),
        }
        drop(held);
        match look(path) {
            // It was taken away in between, or it is a link to nothing.
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(refused(path, errno)),
            Ok(looked) => {
                let kind = check(path, &fstat(&looked).about(doing())?)?;
                return existing(path, kind, caller);
            }
        }
    }
    let refused = format!("{} is a symbolic link to a file that does not exist", path.display());
    Err(Failure::saying(refused).advise("name the file itself"))
}

/// Why it cannot be opened.
fn refused(path: &Path, errno: Errno) -> Failure {
    place::refused(format!("opening {} to write to it", path.display()), path, Wanted::Writing, errno.into())
}

/// With root's rights a link is what it is, not what it points to.
fn follow() -> OFlags {
    if sandbox::is_root() { OFlags::NOFOLLOW } else { OFlags::empty() }
}

fn create(path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)
}

/// The thing itself, without opening it: opening a device can do something already.
fn look(path: &Path) -> Result<OwnedFd, Errno> {
    rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC | follow(), Mode::empty())
}

/// A file made just now; if it cannot become the person's who ran sudo, it does not stay.
fn own_new(file: OwnedFd, path: &Path, caller: &Caller) -> Result<Opened, Failure> {
    let file = File::from(file);
    // Who opened it in between holds the lock, and the file is theirs to take away.
    lock(path, file.as_fd())?;
    if let Some(owner) = sandbox::invoker().filter(|_| sandbox::is_root())
        && let Err(error) = fchown(&file, Some(owner.uid), Some(owner.gid))
    {
        remove(path, &file);
        return Err(error).about(format!("giving {} to user {}", path.display(), owner.uid))?;
    }
    let stub = (caller.start_remover)(path, &file).inspect_err(|_| {
        remove(path, &file);
    })?;
    Ok(Opened { file, kind: Kind::File, stub: Some(stub) })
}

/// Takes a name away, if it is still this file's; says whether the file is gone. What cannot be taken away stays, empty.
pub(crate) fn remove(path: &Path, file: &File) -> bool {
    let removed =
        fstat(file).and_then(|own| file_identity::remove(CWD, path.as_os_str(), file_identity::identity(&own)));
    matches!(removed, Ok(()) | Err(Errno::NOENT))
}

fn existing(path: &Path, kind: Kind, caller: &Caller) -> Result<Opened, Failure> {
    let doing = || format!("opening {} to write to it", path.display());
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC | follow();
    let mut is_told = false;
    let file = loop {
        match rustix::fs::open(path, flags, Mode::empty()) {
            // A FIFO that nobody reads from.
            Err(Errno::NXIO) if kind == Kind::Stream => wait_for_reader(path, &mut is_told, caller)?,
            opened => break opened.map_err(|errno| refused(path, errno))?,
        }
    };
    // Another thing can have got the name in between.
    let kind = check(path, &fstat(&file).about(doing())?)?;
    block(&file).about(doing())?;
    if kind != Kind::Nothing {
        lock(path, file.as_fd())?;
    }
    Ok(Opened { file: File::from(file), kind, stub: None })
}

fn wait_for_reader(path: &Path, is_told: &mut bool, caller: &Caller) -> Result<(), Failure> {
    if !std::mem::replace(is_told, true) {
        (caller.tell)(&format!("waiting for somebody to read from {}", path.display()));
    }
    if (caller.is_interrupted)() {
        return Err(Failure::saying(format!("interrupted; nobody read from {}", path.display())));
    }
    let pause = Timespec::try_from(LOOK_AGAIN).ok();
    match poll(&mut [], pause.as_ref()) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(errno) => Err(errno).about("waiting for a reader"),
    }
}

/// What it is, if packets may be written to it.
fn check(path: &Path, stat: &Stat) -> Result<Kind, Failure> {
    let kind = kind_of(path, stat)?;
    if kind == Kind::Nothing {
        return Ok(kind);
    }
    if !is_own(stat.st_uid) {
        let what = if kind == Kind::Stream { "is a FIFO of" } else { "belongs to" };
        let number = format!("user {}", stat.st_uid);
        let owner =
            sandbox::user_names().remove(&stat.st_uid).map_or(number.clone(), |name| format!("{name} ({number})"));
        return Err(refusal(path, &format!("{what} {owner}; only one's own is written to"), ELSEWHERE));
    }
    if kind == Kind::File && stat.st_nlink > 1 {
        let why = format!("has {} names (hard links), and would be overwritten under all of them", stat.st_nlink);
        return Err(refusal(path, &why, ELSEWHERE));
    }
    Ok(kind)
}

/// What it is, if packets are written to things of its kind.
fn kind_of(path: &Path, stat: &Stat) -> Result<Kind, Failure> {
    let (why, advice) = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => return Ok(Kind::File),
        FileType::Fifo => return Ok(Kind::Stream),
        FileType::CharacterDevice if (major(stat.st_rdev), minor(stat.st_rdev)) == NULL => return Ok(Kind::Nothing),
        FileType::CharacterDevice | FileType::BlockDevice => {
            ("is a device, and packets go to no other than /dev/null", ELSEWHERE)
        }
        FileType::Symlink => (
            "is a symbolic link, which is not followed with root's rights",
            "name the file itself, or run without root",
        ),
        FileType::Directory => ("is a directory", "name a file in it"),
        FileType::Socket => ("is a socket", ELSEWHERE),
        FileType::Unknown => ("is neither a file nor a FIFO", ELSEWHERE),
    };
    Err(refusal(path, why, advice))
}

fn refusal(path: &Path, why: &str, advice: &str) -> Failure {
    Failure::saying(format!("{} {why}", path.display())).advise(advice)
}

/// Whether what belongs to a user is one's own: under sudo, root's and the person's who ran it.
fn is_own(uid: u32) -> bool {
    let invoker = sandbox::invoker().filter(|_| sandbox::is_root());
    uid == geteuid().as_raw() || invoker.is_some_and(|invoker| invoker.uid == uid)
}

/// Takes the lock that all who write savefiles take; file systems without locks are written to without.
fn lock(path: &Path, file: BorrowedFd<'_>) -> Result<(), Failure> {
    if flock(file, FlockOperation::NonBlockingLockExclusive) != Err(Errno::WOULDBLOCK) {
        return Ok(());
    }
    let holder = holder(file).unwrap_or_else(|| "another program".to_owned());
    let refused = format!("{} is being written to by {holder}", path.display());
    Err(Failure::saying(refused).advise("write to another file, or wait until it has ended"))
}

/// Who holds the lock of a file, where `/proc/locks` says so.
fn holder(file: BorrowedFd<'_>) -> Option<String> {
    let stat = fstat(file).ok()?;
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let pid = holder_in(&locks, &format!("{:02x}:{:02x}:{}", major(stat.st_dev), minor(stat.st_dev), stat.st_ino))?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(format!("{} (process {pid})", name.trim_end_matches('\n')))
}

/// `1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF` (proc_locks(5)). Who is in another PID namespace has the number 0.
fn holder_in(locks: &str, file: &str) -> Option<u32> {
    locks.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "FLOCK", _, _, pid, locked, ..] = fields[..] else { return None };
        pid.parse().ok().filter(|pid| locked == file && *pid != 0)
    })
}

/// A descriptor of the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handed {
    Stdout,
    Stderr,
    Other,
}

/// The caller's descriptor that a path stands for.
fn descriptor_of(path: &Path) -> Option<Handed> {
    let path = path.to_str()?;
    let number = path.strip_prefix("/dev/fd/").or_else(|| path.strip_prefix("/proc/self/fd/"));
    match (path, number) {
        ("/dev/stdout", _) | (_, Some("1")) => Some(Handed::Stdout),
        ("/dev/stderr", _) | (_, Some("2")) => Some(Handed::Stderr),
        (_, Some(number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => Some(Handed::Other),
        _ => None,
    }
}

/// Whether it is a thing whose name says nothing of a format: a descriptor, a FIFO, a device.
pub(crate) fn has_any_name(path: &Path) -> bool {
    descriptor_of(path).is_some() || path.metadata().is_ok_and(|data| !data.is_file())
}

/// What the caller has opened and hands over is the caller's own, whoever made it. It is not emptied.
fn handed_over(path: &Path, handed: Handed) -> Result<Opened, Failure> {
    let doing = || format!("writing to {}", path.display());
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let (more, is_locked) = if handed == Handed::Other { known_of(path)? } else { (OFlags::empty(), true) };
    let file = match handed {
        Handed::Stdout => io::stdout().as_fd().try_clone_to_owned().about(doing())?,
        Handed::Stderr => io::stderr().as_fd().try_clone_to_owned().about(doing())?,
        // A link of the kernel's own, which nobody else can change.
        Handed::Other => match rustix::fs::open(path, flags | more, Mode::empty()) {
            Err(Errno::NXIO) => return Err(Failure::saying(format!("nobody reads from {}", path.display()))),
            Err(Errno::NOENT) => {
                let closed = format!("{} is not open here", path.display());
                return Err(Failure::saying(closed).advise("sudo closes what the shell had opened: use a FIFO"));
            }
            opened => opened.about(doing())?,
        },
    };
    let kind = match FileType::from_raw_mode(fstat(&file).about(doing())?.st_mode) {
        FileType::RegularFile if !is_locked => {
            lock(path, file.as_fd())?;
            Kind::Stream
        }
        FileType::RegularFile | FileType::Fifo | FileType::Socket => Kind::Stream,
        _ => kind_of(path, &fstat(&file).about(doing())?)?,
    };
    if handed == Handed::Other {
        block(&file).about(doing())?;
    }
    Ok(Opened { file: File::from(file), kind, stub: None })
}

/// Of the flags with which the caller opened a descriptor, that it writes at the file's end; and whether the caller holds the
/// file's lock by it (proc_pid_fdinfo(5)).
///
/// # Errors
///
/// The caller opened it to read from it.
fn known_of(path: &Path) -> Result<(OFlags, bool), Failure> {
    let number = path.file_name().unwrap_or_default();
    let info = fs::read_to_string(Path::new("/proc/self/fdinfo").join(number)).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")?.trim().parse::<String>().ok());
    let is_locked = info.lines().any(|line| line.starts_with("lock:") && line.contains("FLOCK"));
    let flags = flags.and_then(|flags| u32::from_str_radix(&flags, 8).ok()).map(OFlags::from_bits_retain);
    let flags = flags.unwrap_or(OFlags::WRONLY);
    if flags.intersection(OFlags::ACCMODE) == OFlags::RDONLY {
        return Err(refusal(path, "was opened to be read from", ELSEWHERE));
    }
    Ok((flags & OFlags::APPEND, is_locked))
}

/// From now on writing waits for whoever reads.
fn block(file: impl AsFd) -> Result<(), Errno> {
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_a_lock_is_read_from_the_kernels_list() {
        let locks = "1: POSIX  ADVISORY  WRITE 11 08:01:77 0 EOF\n\
                     2: FLOCK  ADVISORY  WRITE 12 08:01:78 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 0 08:01:79 0 EOF\n\
                     4: -> FLOCK  ADVISORY  WRITE 14 08:01:77 0 EOF\n\
                     5: FLOCK  ADVISORY  WRITE 13 08:01:77 0 EOF\n";
        assert_eq!(holder_in(locks, "08:01:77"), Some(13));
        assert_eq!(holder_in(locks, "08:01:78"), Some(12));
        assert_eq!(holder_in(locks, "08:01:79"), None, "another PID namespace's");
        assert_eq!(holder_in(locks, "08:01:80"), None);
        assert_eq!(holder_in("", "08:01:77"), None);
    }

    #[test]
    fn descriptors_of_the_caller_are_known_by_their_paths() {
        let of = |path: &str| descriptor_of(Path::new(path));
        assert_eq!(of("/dev/fd/63"), Some(Handed::Other));
        assert_eq!(of("/proc/self/fd/1"), Some(Handed::Stdout));
        assert_eq!(of("/dev/stderr"), Some(Handed::Stderr));
        for path in ["/dev/fd/../x.pcap", "/dev/null", "x.pcap", "/dev/fd/x"] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
