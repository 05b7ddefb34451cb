//! Who has a port that was refused.

use std::collections::HashSet;
use std::time::Duration;

use super::holders::Holders;
use super::question::Holder;
use super::sockets::{Found, SocketTable};
use crate::model::{Endpoint, Transport};

/// TIME-WAIT in `include/net/tcp_states.h`.
const TIME_WAIT: u8 = 6;

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
    let remaining = waits.iter().map(|found| found.expires).max()?;
    let remaining = Duration::from_millis(remaining.into());
    Some(PortHolder::TimeWait { connections: waits.len(), remaining })
}
