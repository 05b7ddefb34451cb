//! Which processes hold a socket: proc(5).
//!
//! There is no index from a socket to its holders, so all descriptors of all processes that this one may look into are
//! read. What was found is remembered, and checked with a single look when it is asked for.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::Read;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Mode, OFlags, openat, readlinkat};

use super::question::Holder;

/// How many sockets are remembered without being asked for: 1.5 MB.
const REMEMBERED: usize = 1 << 16;

/// How many times as long as a search the time between two is: searching takes a third of a processor at most.
const REST: u32 = 2;

/// The holders that the last search found.
pub(super) struct Holders {
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
    pub(super) fn new() -> Self {
        Self { known: HashMap::new(), rested: now() }
    }

    /// Who holds a socket that was found before, if that is still true.
    pub(super) fn known(&mut self, inode: u32) -> Option<Holder> {
        let holder = self.known.get(&inode)?.look(inode);
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
        let mut pids: Vec<u32> = numbers("/proc").collect();
        pids.sort_unstable_by_key(|pid| std::cmp::Reverse(*pid));
        for pid in pids {
            self.search_in(pid, wanted);
        }
        self.rested = now() + began.elapsed() * REST;
    }

    fn search_in(&mut self, pid: u32, wanted: &HashSet<u32>) {
        let folder = format!("/proc/{pid}/fd");
        for descriptor in numbers(&folder) {
            let link = fs::read_link(format!("{folder}/{descriptor}"));
            let Some(inode) = link.ok().and_then(|link| socket(link.as_os_str().as_encoded_bytes())) else { continue };
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
    fn look(&self, inode: u32) -> Option<Holder> {
        let Self { pid, descriptor, others } = *self;
        // Should the process end, what is opened here does not become another one's with its number.
        let folder = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let process = openat(CWD, format!("/proc/{pid}"), folder, Mode::empty()).ok()?;
        let link = readlinkat(&process, format!("fd/{descriptor}"), Vec::new()).ok()?;
        if socket(link.to_bytes()) != Some(inode) {
            return None;
        }
        let read = |name: &str| {
            let file = openat(&process, name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
            let mut bytes = Vec::new();
            File::from(file).read_to_end(&mut bytes).ok()?;
            Some(bytes)
        };
        let mut name = read("comm")?;
        name.pop_if(|byte| *byte == b'\n');
        let uid = effective_user(&String::from_utf8_lossy(&read("status")?))?;
        Some(Holder { pid, uid, others, name })
    }
}

/// The second number of the line `Uid:` in `/proc/PID/status`.
fn effective_user(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The inode's number in what a descriptor of a socket leads to: `socket:[4711]`.
fn socket(link: &[u8]) -> Option<u32> {
    let number = link.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// The names in a folder that are numbers; none where it cannot be read.
fn numbers(folder: &str) -> impl Iterator<Item = u32> + use<> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

#[expect(clippy::disallowed_methods, reason = "how long a search takes decides when the next may begin")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn a_socket_is_found_with_its_process_until_it_is_closed() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let inode = u32::try_from(rustix::fs::fstat(socket.as_fd()).unwrap().st_ino).unwrap();
        let mut holders = Holders::new();
        assert_eq!(holders.known(inode), None, "nobody has searched");
        holders.search(&HashSet::from([inode]));
        let holder = holders.known(inode).unwrap();
        assert_eq!(holder.pid, std::process::id());
        assert_eq!(holder.uid, rustix::process::geteuid().as_raw());
        assert_eq!(holder.name, fs::read("/proc/self/comm").unwrap().trim_ascii_end());
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
