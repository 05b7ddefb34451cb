//! Packets that wait for the processes behind them to be found, and those that came after them.
//!
//! The capture goes on meanwhile; only what is saved and shown is a moment late.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::arrival::{Arrival, OwnedArrival};
use crate::clock::now;

/// How late a packet may be for it where it is shown: with the kernel's own delay, its row is there within 50 ms.
pub(crate) const FOR_ROWS: Duration = Duration::from_millis(20);

/// How late it may be where it is saved alone.
pub(crate) const FOR_FILES: Duration = Duration::from_secs(1);

/// How much may wait, in bytes of packets.
const ROOM: usize = 4 << 20;

/// What a packet takes beside its bytes.
const OVERHEAD: usize = 32 + size_of::<(OwnedArrival, Instant)>();

/// Packets in their order, each with when it came.
pub(super) struct Waiting {
    patience: Duration,
    packets: VecDeque<(OwnedArrival, Instant)>,
    bytes: usize,
}

impl Waiting {
    /// None, for at most so long.
    pub(super) fn new(patience: Duration) -> Self {
        Self { patience, packets: VecDeque::new(), bytes: 0 }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// Lets a packet wait.
    pub(super) fn add(&mut self, arrival: &Arrival<'_>) {
        self.bytes += arrival.frame.bytes.len() + OVERHEAD;
        self.packets.push_back((arrival.to_owned(), now()));
    }

    /// The next packet that need not wait any longer: it has waited long enough, there is no more room, or `is_settled`
    /// says so.
    pub(super) fn next(&mut self, is_settled: impl FnOnce(&Arrival<'_>) -> bool) -> Option<OwnedArrival> {
        let (first, since) = self.packets.front()?;
        if self.bytes <= ROOM && since.elapsed() < self.patience && !is_settled(&first.as_arrival()) {
            return None;
        }
        let (first, _) = self.packets.pop_front()?;
        self.bytes -= first.len() + OVERHEAD;
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Frame, LinkType};

    fn arrival(number: u64, bytes: &[u8]) -> Arrival<'_> {
        let link = LinkType::ETHERNET;
        Arrival::new(&Frame { number, time: None, interface: 0, link, wire_len: 0, bytes, comments: &[] })
    }

    fn number(arrival: Option<OwnedArrival>) -> Option<u64> {
        arrival.map(|it| it.as_arrival().frame.number)
    }

    #[test]
    fn packets_leave_in_their_order_when_the_first_is_settled() {
        let mut waiting = Waiting::new(FOR_FILES);
        waiting.add(&arrival(1, &[1]));
        waiting.add(&arrival(2, &[2]));
        assert!(waiting.next(|_| false).is_none());
        assert_eq!(number(waiting.next(|it| it.frame.number == 1)), Some(1));
        assert_eq!(number(waiting.next(|it| it.frame.number == 2)), Some(2));
        assert!(waiting.is_empty() && waiting.bytes == 0);
    }

    #[test]
    fn what_has_no_room_leaves_unsettled() {
        let (mut waiting, large) = (Waiting::new(FOR_FILES), vec![0; 1 << 20]);
        for number in 0..5 {
            waiting.add(&arrival(number, &large));
        }
        assert_eq!(number(waiting.next(|_| false)), Some(0));
        assert_eq!(number(waiting.next(|_| false)), Some(1));
        assert!(waiting.next(|_| false).is_none() || waiting.packets.len() < 3);
    }

    #[test]
    fn nothing_waits_for_ever() {
        let mut waiting = Waiting::new(FOR_ROWS);
        waiting.add(&arrival(1, &[]));
        let since = now();
        while waiting.next(|_| false).is_none() {
            assert!(since.elapsed() < 50 * FOR_ROWS);
        }
        assert!(since.elapsed() + Duration::from_millis(1) >= FOR_ROWS);
    }
}
