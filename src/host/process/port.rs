//! Who has a port that was refused.

use std::collections::HashSet;
use std::time::Duration;

use super::holders::Holders;
use super::question::{Holder, SocketEnd};
use super::sockets::{Found, SocketTable};
use crate::model::{Endpoint, Transport};

/// States of `include/net/tcp_states.h`.
const FIN_WAIT_1: u8 = 4;
const FIN_WAIT_2: u8 = 5;
const TIME_WAIT: u8 = 6;
const CLOSE_WAIT: u8 = 8;
const LAST_ACK: u8 = 9;
const CLOSING: u8 = 11;

/// What keeps a port from being taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortHolder {
    /// A process that can be named.
    Process(Holder),
    /// A socket of this user, whose process is not for us to see.
    User(u32),
    /// Connections that have ended, and nothing else.
    TimeWait {
        /// How many.
        connections: usize,
        /// How long until the last of them is forgotten.
        remaining: Duration,
    },
    /// Connections that nobody here has any more, and that their other ends have not ended yet.
    Ending {
        /// How many.
        connections: usize,
    },
}

/// The lowest port that everybody may bind; those below are for root.
#[must_use]
pub fn first_for_all() -> u16 {
    let said = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    said.ok().and_then(|port| port.trim().parse().ok()).unwrap_or(1024)
}

/// Who has the port, as the kernel lists its sockets now; `None` where it lists none, or nobody has it any more.
#[must_use]
pub fn port_holder(transport: Transport, local: Endpoint) -> Option<PortHolder> {
    let found = SocketTable::open().ok()?.in_the_way(transport, local).ok()?;
    let held: Vec<&Found> = found.iter().filter(|found| found.inode != 0).collect();
    if let Some(first) = held.first() {
        let mut holders = Holders::open().ok()?;
        holders.search(&held.iter().map(|found| found.inode).collect::<HashSet<u32>>());
        let holder = held.iter().find_map(|found| holders.known(found.inode));
        return Some(holder.map_or(PortHolder::User(first.uid), PortHolder::Process));
    }
    let waits: Vec<&Found> = found.iter().filter(|found| found.state == TIME_WAIT).collect();
    let ending = found.iter().filter(|it| matches!(it.state, FIN_WAIT_1 | FIN_WAIT_2 | LAST_ACK | CLOSING)).count();
    if ending > 0 {
        return Some(PortHolder::Ending { connections: ending });
    }
    let remaining = waits.iter().map(|found| found.expires).max()?;
    let remaining = Duration::from_millis(remaining.into());
    Some(PortHolder::TimeWait { connections: waits.len(), remaining })
}

/// Who has an end of a connection of this machine that its program has not closed though the other end has: it is in
/// CLOSE-WAIT. `None` where it is in another state, or nobody can be seen to have it.
#[must_use]
pub fn unclosed_end(end: &SocketEnd) -> Option<Holder> {
    let found = SocketTable::open().ok()?.connection(end)?;
    if found.state != CLOSE_WAIT || found.inode == 0 {
        return None;
    }
    let mut holders = Holders::open().ok()?;
    holders.search(&HashSet::from([found.inode]));
    holders.known(found.inode)
}
