//! What a packet changed for its connection, for those who look on as packets come.

use super::connection::Connection;
use super::verdict::{Ending, Opening};

/// What becomes of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its first packet came.
    Begun,
    /// Its handshake came about.
    Opened,
    /// Its first packet came, and it had opened before.
    WasOpen,
    /// It was closed, or reset.
    Ended(Ending),
}

impl Connection {
    /// What its latest packet, which has this number, changed, if anything.
    #[must_use]
    pub fn changed_by(&self, packet: u64) -> Option<Change> {
        let is_first = self.first().is_some_and(|first| first.frame() == packet);
        let Some(verdict) = self.verdict() else { return is_first.then_some(Change::Begun) };
        if verdict.ending_evidence.last() == Some(&packet) {
            return match verdict.ending {
                ending @ (Ending::Closed { .. } | Ending::Reset(_)) => Some(Change::Ended(ending)),
                _ => None,
            };
        }
        match verdict.opening {
            Opening::Complete { .. } if verdict.opening_evidence.last() == Some(&packet) => Some(Change::Opened),
            Opening::Missed if is_first => Some(Change::WasOpen),
            _ => is_first.then_some(Change::Begun),
        }
    }
}
