//! Packets and calls put in order of time, though each arrives when it can.

use std::collections::BTreeMap;

use crate::model::Timestamp;

/// How many things wait at most, and how many bytes; beyond that the oldest is given out early.
const WAITING: usize = 4096;
const BYTES: usize = 16 << 20;

/// Holds things back until nothing older can come any more.
#[derive(Debug)]
pub(super) struct Merge<T> {
    /// By their times; of one moment in the order they came in.
    waiting: BTreeMap<(Timestamp, u64), (T, usize)>,
    bytes: usize,
    count: u64,
}

impl<T> Merge<T> {
    pub(super) const fn new() -> Self {
        Self { waiting: BTreeMap::new(), bytes: 0, count: 0 }
    }

    /// Takes in something of a moment that holds so many bytes.
    pub(super) fn push(&mut self, time: Timestamp, what: T, bytes: usize) {
        self.waiting.insert((time, self.count), (what, bytes));
        self.bytes += bytes;
        self.count += 1;
    }

    /// The oldest, where it is older than `until` or there is no room for more.
    pub(super) fn pop(&mut self, until: Timestamp) -> Option<(Timestamp, T)> {
        let oldest = self.waiting.first_entry()?;
        let &(time, _) = oldest.key();
        if time >= until && !self.is_full() {
            return None;
        }
        let (_, (what, bytes)) = self.waiting.pop_first()?;
        self.bytes -= bytes;
        Some((time, what))
    }

    /// Whether there is room for no more.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= WAITING || self.bytes >= BYTES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: i64) -> Timestamp {
        Timestamp::from_nanos(nanos)
    }

    #[test]
    fn what_came_late_stands_where_it_belongs_and_one_moment_keeps_its_order() {
        let mut merge = Merge::new();
        for (time, what) in [(30, "accept returns"), (10, "SYN"), (20, "ACK"), (20, "another ACK")] {
            merge.push(at(time), what, 0);
        }
        assert_eq!(merge.pop(at(10)), None, "something of the same moment may still come");
        let order: Vec<_> = std::iter::from_fn(|| merge.pop(at(31))).map(|(_, what)| what).collect();
        assert_eq!(order, ["SYN", "ACK", "another ACK", "accept returns"]);
        assert!(merge.is_empty());
    }

    #[test]
    fn what_has_no_room_comes_early() {
        let mut merge = Merge::new();
        for time in 0..WAITING as i64 + 1 {
            merge.push(at(time), time, 1);
        }
        let early: Vec<_> = std::iter::from_fn(|| merge.pop(at(0))).map(|(_, what)| what).collect();
        assert_eq!(early, [0, 1]);
        merge.push(at(0), -1, BYTES);
        assert_eq!(merge.pop(at(0)), Some((at(0), -1)), "by bytes too");
        assert_eq!(merge.pop(at(0)), None);
    }
}
