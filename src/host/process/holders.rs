//! Which processes hold a socket: proc(5).
//!
//! There is no index from a socket to its holders, so all descriptors of all processes that this one may look into are
//! read. What was found is remembered, and checked with a single look when it is asked for.

use std::collections::{HashMap, HashSet};
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags, RawDir, SeekFrom, fstat, open, openat, readlinkat, seek};
use rustix::io::{Errno, read};

use super::question::Holder;
use crate::clock::now;

/// How many sockets are remembered without being asked for: 1.5 MB.
const REMEMBERED: usize = 1 << 16;

/// How many times as long as a search the time between two is: searching takes a third of a processor at most.
const REST: u32 = 2;

/// The folder of a process's descriptors, and the file with what it calls itself.
///
/// Only these two are opened below a process's folder, and always by these very strings: so a filter of system calls, which
/// sees where a path lies and not what it says, can let these through and nothing else.
pub(super) static NAMES: [&CStr; 2] = [c"fd", c"comm"];

/// What the kernel keeps of what a process calls itself, with the end of the line.
const COMM: usize = 64;

/// How much of a folder is read at once.
const ENTRIES: usize = 8192;

/// The holders that the last search found.
pub(super) struct Holders {
    /// `/proc`.
    proc: OwnedFd,
    known: HashMap<u32, Place>,
    /// When the next search may begin.
    rested: Instant,
}

/// Where a socket was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    pid: u32,
    descriptor: u32,
    /// How many other processes held it as well.
    others: u32,
}

impl Holders {
    /// Opens `/proc`.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn open() -> Result<Self, Errno> {
        let proc = open(c"/proc", FOLDER, Mode::empty())?;
        Ok(Self { proc, known: HashMap::new(), rested: now() })
    }

    /// `/proc`, which is all that is opened by a whole path.
    pub(super) fn proc(&self) -> BorrowedFd<'_> {
        self.proc.as_fd()
    }

    /// Who holds a socket that was found before, if that is still true.
    pub(super) fn known(&mut self, inode: u32) -> Option<Holder> {
        let holder = self.known.get(&inode)?.look(self.proc.as_fd(), inode);
        if holder.is_none() {
            self.known.remove(&inode);
        }
        holder
    }

    /// How long until the next search may begin.
    pub(super) fn rest(&self) -> Duration {
        self.rested.saturating_duration_since(now())
    }

    /// Searches for these sockets; others are remembered where there is room.
    pub(super) fn search(&mut self, wanted: &HashSet<u32>) {
        let began = now();
        self.known.clear();
        // The newest first: they are the first to be gone.
        let mut pids = numbers(self.proc.as_fd());
        pids.sort_unstable_by_key(|pid| std::cmp::Reverse(*pid));
        for pid in pids {
            self.search_in(pid, wanted);
        }
        self.rested = now() + began.elapsed() * REST;
    }

    fn search_in(&mut self, pid: u32, wanted: &HashSet<u32>) {
        let process = openat(&self.proc, pid.to_string(), PROCESS, Mode::empty());
        let Ok(folder) = process.and_then(|process| openat(process, NAMES[0], FOLDER, Mode::empty())) else { return };
        for descriptor in numbers(folder.as_fd()) {
            let link = readlinkat(&folder, descriptor.to_string(), Vec::new());
            let Some(inode) = link.ok().and_then(|link| socket(link.to_bytes())) else { continue };
            if self.known.len() >= REMEMBERED && !wanted.contains(&inode) {
                continue;
            }
            // Of several the oldest is told, by its number.
            let others = match self.known.get(&inode) {
                Some(place) if place.pid == pid => continue,
                Some(place) => place.others + 1,
                None => 0,
            };
            self.known.insert(inode, Place { pid, descriptor, others });
        }
    }
}

impl Place {
    /// Who the process is, where it holds the socket there now.
    fn look(&self, proc: BorrowedFd<'_>, inode: u32) -> Option<Holder> {
        let Self { pid, descriptor, others } = *self;
        // Should the process end, what is opened here does not become another one's with its number.
        let process = openat(proc, pid.to_string(), PROCESS, Mode::empty()).ok()?;
        let link = readlinkat(&process, format!("fd/{descriptor}"), Vec::new()).ok()?;
        if socket(link.to_bytes()) != Some(inode) {
            return None;
        }
        let file = openat(&process, NAMES[1], FILE, Mode::empty()).ok()?;
        let mut name = vec![0; COMM];
        let length = read(&file, &mut *name).ok()?;
        name.truncate(length);
        name.pop_if(|byte| *byte == b'\n');
        // The folder belongs to whom the process acts as (proc(5)).
        let uid = fstat(&process).ok()?.st_uid;
        Some(Holder { pid, uid, others, name })
    }
}

/// The inode's number in what a descriptor of a socket leads to: `socket:[4711]`.
fn socket(link: &[u8]) -> Option<u32> {
    let number = link.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// The names in a folder that are numbers, from its beginning; as far as it can be read.
fn numbers(folder: BorrowedFd<'_>) -> Vec<u32> {
    let (mut numbers, mut room) = (Vec::new(), [MaybeUninit::uninit(); ENTRIES]);
    if seek(folder, SeekFrom::Start(0)).is_err() {
        return numbers;
    }
    let mut entries = RawDir::new(folder, &mut room);
    while let Some(Ok(entry)) = entries.next() {
        numbers.extend(entry.file_name().to_str().ok().and_then(|name| name.parse::<u32>().ok()));
    }
    numbers
}

/// How the folder of a process, the folders that are listed, and files are opened.
const PROCESS: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC);

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn a_socket_is_found_with_its_process_until_it_is_closed() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let inode = u32::try_from(rustix::fs::fstat(socket.as_fd()).unwrap().st_ino).unwrap();
        let mut holders = Holders::open().unwrap();
        assert_eq!(holders.known(inode), None, "nobody has searched");
        holders.search(&HashSet::from([inode]));
        let holder = holders.known(inode).unwrap();
        assert_eq!(holder.pid, std::process::id());
        assert_eq!(holder.uid, rustix::process::geteuid().as_raw());
        assert_eq!(holder.name, std::fs::read("/proc/self/comm").unwrap().trim_ascii_end());
        drop(socket);
        assert_eq!(holders.known(inode), None);
    }

    #[test]
    fn only_sockets_are_sockets() {
        assert_eq!(socket(b"socket:[4711]"), Some(4711));
        for link in ["/tmp/socket:[4711]", "pipe:[4711]", "socket:[]", "socket:[-1]"] {
            assert_eq!(socket(link.as_bytes()), None, "{link}");
        }
    }
}
