//! One pass over captures: the tracker's, and whoever else looks at the packets.

use std::sync::{Mutex, PoisonError};

use super::ordered_batches::OrderedBatches;
use crate::analyse::{Connection, Limits, Seen, Tracker};
use crate::decode::{Packet, headers};
use crate::model::{Frame, Timestamp, Transport};
use crate::source::{Batch, SourceError};

/// What a pass over captures left behind.
pub(crate) struct Scan {
    pub(crate) tracker: Tracker,
    /// The time of the first packet that has one.
    pub(crate) origin: Option<Timestamp>,
    /// Packets of no conversation.
    pub(crate) others: u64,
    /// The conversations with a packet that the filter accepts; all where there is no filter.
    pub(crate) matched: Option<Matched>,
    pub(crate) damages: Vec<SourceError>,
}

/// Every readable packet of the captures, in order; damage ends a file, not the pass.
///
/// # Errors
///
/// A file that cannot be read at all, or what `each` says.
pub(crate) fn packets<E: From<SourceError> + Send>(
    batches: &OrderedBatches,
    each: impl FnMut(&Frame<'_>, &Packet<'_>) -> Result<(), E> + Send,
) -> Result<Vec<SourceError>, E> {
    let watcher = Mutex::new(Watcher { each, damages: Vec::new() });
    batches.share(|| {
        let mut batch = Batch::default();
        while let Some(mut turn) = batches.take(&mut batch) {
            let packets: Vec<_> = batch.frames().map(|frame| (frame, headers(&frame))).collect();
            let error = turn.error.take();
            let watched = turn.in_order::<_, _, E>(&watcher, |watcher| watcher.watch(&packets, error));
            if watched?.is_none() {
                break;
            }
            turn.done();
        }
        Ok::<(), E>(())
    })?;
    Ok(watcher.into_inner().unwrap_or_else(PoisonError::into_inner).damages)
}

/// Sees the packets in their order, and what is wrong between them.
struct Watcher<F> {
    each: F,
    damages: Vec<SourceError>,
}

impl<F> Watcher<F> {
    fn watch<E>(&mut self, packets: &[(Frame<'_>, Packet<'_>)], error: Option<SourceError>) -> Result<(), E>
    where
        F: FnMut(&Frame<'_>, &Packet<'_>) -> Result<(), E>,
        E: From<SourceError>,
    {
        packets.iter().try_for_each(|(frame, packet)| (self.each)(frame, packet))?;
        match error {
            Some(damage @ SourceError::Damaged { .. }) => self.damages.push(damage),
            Some(error) => return Err(error.into()),
            None => {}
        }
        Ok(())
    }
}

/// Follows every conversation of the captures; `each` sees every packet with its meaning. Where nobody wants to see them,
/// [`follow_all`](super::follow_all::follow_all) is faster.
///
/// # Errors
///
/// A file that cannot be read at all, or what `each` says.
pub(crate) fn scan<E: From<SourceError> + Send>(
    batches: &OrderedBatches,
    limits: Limits,
    mut each: impl FnMut(&Frame<'_>, &Packet<'_>, Option<&Seen>) -> Result<(), E> + Send,
) -> Result<Scan, E> {
    let mut scan = Scan::new(Tracker::new(limits), None);
    scan.damages = packets(batches, |frame, packet| {
        let seen = scan.tracker.observe(frame, packet);
        scan.note(frame.time, seen.as_ref());
        each(frame, packet, seen.as_ref())
    })?;
    Ok(scan)
}

impl Scan {
    /// One that has seen nothing yet; `matched` where a filter chooses conversations.
    pub(crate) const fn new(tracker: Tracker, matched: Option<Matched>) -> Self {
        Self { tracker, origin: None, others: 0, matched, damages: Vec::new() }
    }

    /// Takes note of a packet that the tracker has taken in.
    pub(crate) fn note(&mut self, time: Option<Timestamp>, seen: Option<&Seen>) {
        self.origin = self.origin.or(time);
        self.others += u64::from(seen.is_none());
    }

    /// The conversations to show, TCP before UDP, in the order of their numbers.
    pub(crate) fn connections(&self) -> impl Iterator<Item = &Connection> {
        [Transport::Tcp, Transport::Udp]
            .into_iter()
            .flat_map(|transport| self.tracker.connections(transport))
            .filter(|connection| self.matched.as_ref().is_none_or(|matched| matched.holds(connection)))
    }
}

/// Conversations as a bit each.
#[derive(Default)]
pub(crate) struct Matched([Vec<u64>; 2]);

impl Matched {
    pub(crate) fn note(&mut self, seen: &Seen) {
        let (words, word) = (&mut self.0[seen.transport as usize], seen.stream as usize / 64);
        if words.len() <= word {
            words.resize(word + 1, 0);
        }
        words[word] |= 1 << (seen.stream % 64);
    }

    fn holds(&self, connection: &Connection) -> bool {
        let words = &self.0[connection.transport() as usize];
        words.get(connection.stream() as usize / 64).is_some_and(|word| word & (1 << (connection.stream() % 64)) != 0)
    }
}
