//! The process behind an end of a conversation, on Linux: what the kernel says of its sockets, and who holds them.
//!
//! Nothing is guessed. A socket that is gone has no owner, and neither has one that several processes could have meant.
#![expect(clippy::arithmetic_side_effects, reason = "the kernel's messages, whose layout is fixed")]

#[cfg(feature = "cli")]
mod book;
#[cfg(feature = "cli")]
mod channel;
mod holders;
mod netlink;
mod port;
mod question;
mod routes;
mod sockets;

use std::collections::HashSet;
use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

#[cfg(feature = "cli")]
pub(crate) use book::ProcessBook;
#[cfg(any(fuzzing, test))]
pub(in crate::host) use netlink::read_all;
pub use port::{PortHolder, first_for_all, port_holder, unclosed_end};
pub use question::{Answer, Holder, SocketEnd};
#[cfg(any(fuzzing, test))]
pub(in crate::host) use sockets::is_socket;

use crate::host::HostError;
use holders::Holders;
use routes::Routes;
use sockets::{SocketTable, Sockets};

/// How many questions may wait for a search; those beyond stay unanswered.
const WAITING: usize = 1024;

/// Finds out who owns sockets, in the network that the thread was in which opened it.
///
/// Whose processes it sees depends on the rights of the thread that asks: one's own always, all with `CAP_SYS_PTRACE` and
/// `CAP_DAC_READ_SEARCH`.
pub struct ProcessFinder {
    routes: Routes,
    table: SocketTable,
    holders: Holders,
    waiting: Vec<Waiting>,
}

/// A question whose sockets are known, but not yet who holds them.
struct Waiting {
    end: SocketEnd,
    sockets: Vec<u32>,
    is_listening: bool,
}

impl ProcessFinder {
    /// Opens what is asked: the kernel's tables of sockets and routes.
    ///
    /// # Errors
    ///
    /// [`HostError::Sockets`] where the kernel does not list its sockets.
    pub fn open() -> Result<Self, HostError> {
        let refused = |errno: rustix::io::Errno| HostError::Sockets { message: errno.to_string() };
        Ok(Self {
            routes: Routes::open().map_err(refused)?,
            table: SocketTable::open().map_err(refused)?,
            holders: Holders::open().map_err(refused)?,
            waiting: Vec::new(),
        })
    }

    /// The ways to the kernel's tables, which are written to.
    #[must_use]
    pub fn tables(&self) -> [BorrowedFd<'_>; 2] {
        [self.routes.as_fd(), self.table.as_fd()]
    }

    /// `/proc`, below which it opens folders as places.
    #[must_use]
    pub fn proc(&self) -> BorrowedFd<'_> {
        self.holders.proc()
    }

    /// The names that it opens in the folder of a process, always by these very strings: a folder, and a file.
    #[must_use]
    pub fn names() -> [&'static CStr; 2] {
        holders::NAMES
    }

    /// Looks for the socket now, because it may soon be gone; `None` where its holder must be searched for, which
    /// [`ProcessFinder::search`] does.
    pub fn ask(&mut self, end: &SocketEnd) -> Option<Answer> {
        if !self.routes.lead_here(end.local.addr) {
            return Some(Answer::Foreign);
        }
        let (sockets, is_listening) = match self.table.of(end) {
            Sockets::Open(sockets) => (sockets, false),
            Sockets::Listening(sockets) => (sockets, true),
            Sockets::Gone => return Some(Answer::Unknown),
        };
        let question = Waiting { end: *end, sockets, is_listening };
        match question.answer(&mut self.holders) {
            Answer::Unknown if self.waiting.len() < WAITING => {
                self.waiting.push(question);
                None
            }
            answer => Some(answer),
        }
    }

    /// How long until a search may begin; `None` where no question waits for one.
    #[must_use]
    pub fn patience(&self) -> Option<Duration> {
        (!self.waiting.is_empty()).then(|| self.holders.rest())
    }

    /// Searches for those who hold the sockets in question, and answers every question that waits.
    pub fn search(&mut self) -> Vec<(SocketEnd, Answer)> {
        let wanted: HashSet<u32> = self.waiting.iter().flat_map(|question| &question.sockets).copied().collect();
        self.holders.search(&wanted);
        let holders = &mut self.holders;
        self.waiting.drain(..).map(|question| (question.end, question.answer(holders))).collect()
    }
}

impl Waiting {
    /// The process that holds all of the sockets, if there is one.
    fn answer(&self, holders: &mut Holders) -> Answer {
        let mut all = self.sockets.iter().map(|&inode| holders.known(inode));
        let Some(holder) = all.next().flatten() else { return Answer::Unknown };
        if all.any(|other| other.is_none_or(|other| other.pid != holder.pid)) {
            return Answer::Unknown;
        }
        if self.is_listening { Answer::Listener(holder) } else { Answer::Known(holder) }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, UdpSocket};

    use super::*;
    use crate::model::Transport;

    fn ask(finder: &mut ProcessFinder, local: SocketAddr) -> Answer {
        let remote: SocketAddr = "127.0.0.1:9".parse().unwrap();
        let end = SocketEnd { transport: Transport::Udp, local: local.into(), remote: remote.into() };
        finder.ask(&end).unwrap_or_else(|| {
            let found = finder.search();
            assert_eq!((found.len(), found[0].0), (1, end));
            found[0].1.clone()
        })
    }

    #[test]
    fn one_owner_is_known_two_are_not_and_nobody_is_not() {
        let mut finder = ProcessFinder::open().unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let local = socket.local_addr().unwrap();
        for _ in 0..2 {
            assert!(matches!(ask(&mut finder, local), Answer::Known(Holder { pid, .. }) if pid == std::process::id()));
        }
        drop(socket);
        assert_eq!(ask(&mut finder, local), Answer::Unknown);
        assert_eq!(ask(&mut finder, "192.0.2.1:9".parse().unwrap()), Answer::Foreign);
        assert_eq!(finder.patience(), None);
    }
}
