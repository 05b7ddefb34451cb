//! How many conversations there were, and how they went.

use super::connection::Connection;
use super::tracker::Tracker;
use super::verdict::{Ending, Opening};
use crate::model::Transport;

/// How many conversations there were, and how they went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Of TCP: in each of these ways, so many.
    pub tcp: Vec<(Way, u64)>,
    /// Of UDP.
    pub udp: u64,
    /// Those that were forgotten before, to keep memory flat.
    pub forgotten: u64,
}

/// How a connection went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It did not open.
    NotOpened(Opening),
    /// It opened, and ended so.
    Ended(Ending),
}

impl Tally {
    /// Of all conversations that are followed.
    #[must_use]
    pub fn of(tracker: &Tracker) -> Self {
        let mut tcp: Vec<(Way, u64)> = Vec::new();
        for verdict in tracker.connections(Transport::Tcp).filter_map(Connection::verdict) {
            let way = match verdict.ending {
                Ending::NeverOpened => Way::NotOpened(verdict.opening),
                ending => Way::Ended(ending),
            };
            match tcp.iter_mut().find(|(known, _)| *known == way) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => tcp.push((way, 1)),
            }
        }
        let udp = tracker.connections(Transport::Udp).count() as u64;
        Self { tcp, udp, forgotten: tracker.evicted() }
    }
}
