//! What waits to be shown: a queue between the thread that captures, which never waits for it, and the one that shows.
//!
//! It is bounded by its bytes. Where it has no room, a batch is left out and counted: what is shown has a gap, what is
//! saved has none.

use std::mem::{size_of, take};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};

use crate::analyse::Seen;
use crate::model::{Frame, Processes};
use crate::source::Batch;

/// How many bytes may wait: more than a second's packets at 100,000 of them a second. They are taken when they are needed.
const ROOM: usize = 64 << 20;

/// The most packets of a batch.
const PACKETS: usize = 512;

/// The most bytes of a batch, but for its last packet.
const BYTES: usize = 1 << 18;

/// What a packet takes beside its bytes: where it lies, and what is known of it.
const PER_PACKET: usize = 80 + size_of::<Meaning>();

/// What an entry of the queue takes beside what it holds.
const PER_ENTRY: usize = 64 + size_of::<Shown>() + size_of::<Observed>();

/// How many batches are kept to be used again.
const SPARE: usize = 4;

/// What a packet meant, and the processes behind it.
pub(super) type Meaning = (Option<Seen>, Option<Processes>);

/// What is shown.
pub(super) enum Shown {
    /// Packets, a row each.
    Packets(Box<Observed>),
    /// Text as it is.
    Text(String),
}

/// Packets with what they meant.
#[derive(Default)]
pub(super) struct Observed {
    packets: Batch,
    meaning: Vec<Meaning>,
    /// How many bytes the packets have.
    bytes: usize,
}

/// The queue's end.
pub(super) struct Intake {
    batch: Box<Observed>,
    /// `None` once nobody takes anything out any more.
    queue: Option<Sender<Shown>>,
    /// Batches to use again.
    used: Receiver<Box<Observed>>,
    /// How many bytes wait.
    waiting: Arc<AtomicUsize>,
    room: usize,
    /// Packets, or events, that found no room.
    skipped: u64,
}

/// The queue's beginning.
pub(super) struct Outlet {
    queue: Receiver<Shown>,
    give_back: SyncSender<Box<Observed>>,
    waiting: Arc<AtomicUsize>,
}

/// An empty queue.
pub(super) fn queue() -> (Intake, Outlet) {
    queue_with(ROOM)
}

fn queue_with(room: usize) -> (Intake, Outlet) {
    let (sender, receiver) = channel();
    let (give_back, used) = sync_channel(SPARE);
    let waiting = Arc::new(AtomicUsize::new(0));
    let outlet = Outlet { queue: receiver, give_back, waiting: Arc::clone(&waiting) };
    (Intake { batch: Box::default(), queue: Some(sender), used, waiting, room, skipped: 0 }, outlet)
}

impl Intake {
    /// Takes a packet in; it may be held back until [`Intake::pause`].
    pub(super) fn packet(&mut self, frame: &Frame<'_>, seen: Option<Seen>, processes: Option<Processes>) {
        self.batch.add(frame, (seen, processes));
        if self.batch.packets.len() >= PACKETS || self.batch.bytes >= BYTES {
            self.pause();
        }
    }

    /// Takes a text in that tells of so many events; false where there is no room for it now.
    pub(super) fn text(&mut self, text: String, events: u64) -> bool {
        self.add(Shown::Text(text), events).is_ok()
    }

    /// Lets go what was held back.
    pub(super) fn pause(&mut self) {
        if self.batch.packets.is_empty() {
            return;
        }
        let batch = take(&mut self.batch);
        let packets = batch.packets.len() as u64;
        self.batch = match self.add(Shown::Packets(batch), packets) {
            // The memory of a batch that found no room serves the next one.
            Err(Shown::Packets(refused)) => refused.emptied(),
            _ => self.used.try_recv().unwrap_or_default(),
        };
    }

    /// Adds what shows so many packets or events; gives it back, and counts them, where there is no room.
    fn add(&mut self, shown: Shown, count: u64) -> Result<(), Shown> {
        let Some(queue) = &self.queue else { return Err(shown) };
        let size = shown.size();
        if self.waiting.load(Ordering::Relaxed).saturating_add(size) > self.room {
            self.skipped += count;
            return Err(shown);
        }
        self.waiting.fetch_add(size, Ordering::Relaxed);
        queue.send(shown).map_err(|refused| {
            self.queue = None;
            refused.0
        })
    }

    /// Whether nobody takes anything out any more.
    pub(super) const fn has_ended(&self) -> bool {
        self.queue.is_none()
    }

    /// Lets the other side come to an end; says how many packets, or events, found no room.
    pub(super) fn end(&mut self) -> u64 {
        self.pause();
        self.queue = None;
        self.skipped
    }
}

impl Outlet {
    /// What is next; where nothing waits, `idle` is called before the wait for it. `None` when nothing more comes.
    ///
    /// # Errors
    ///
    /// What `idle` says.
    pub(super) fn next<E>(&self, idle: impl FnOnce() -> Result<(), E>) -> Result<Option<Shown>, E> {
        match self.queue.try_recv() {
            Ok(next) => Ok(Some(next)),
            Err(TryRecvError::Disconnected) => Ok(None),
            Err(TryRecvError::Empty) => {
                idle()?;
                Ok(self.queue.recv().ok())
            }
        }
    }

    /// Makes the room free that something took which was shown.
    pub(super) fn done(&self, shown: Shown) {
        self.waiting.fetch_sub(shown.size(), Ordering::Relaxed);
        if let Shown::Packets(batch) = shown {
            // Where nobody takes it back, it is not needed.
            drop(self.give_back.try_send(batch.emptied()));
        }
    }
}

impl Shown {
    /// How many bytes it takes, about: a buffer that grows may be twice as large as what it holds.
    fn size(&self) -> usize {
        PER_ENTRY
            + match self {
                Self::Packets(batch) => batch.packets.len() * PER_PACKET + 2 * batch.bytes,
                Self::Text(text) => text.len(),
            }
    }
}

impl Observed {
    /// The packets in their order.
    pub(super) fn packets(&self) -> impl Iterator<Item = (Frame<'_>, &Meaning)> {
        self.packets.frames().zip(&self.meaning)
    }

    fn add(&mut self, frame: &Frame<'_>, meaning: Meaning) {
        // It has no comments that are shown.
        self.packets.push(&Frame { comments: &[], ..*frame });
        self.meaning.push(meaning);
        self.bytes += frame.bytes.len();
    }

    fn emptied(mut self: Box<Self>) -> Box<Self> {
        self.packets.clear();
        self.meaning.clear();
        self.bytes = 0;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LinkType;

    fn frame(number: u64) -> Frame<'static> {
        let link = LinkType::ETHERNET;
        Frame { number, time: None, interface: 0, link, wire_len: 100, bytes: &[0; 100], comments: &[] }
    }

    fn numbers(shown: &Shown) -> Vec<u64> {
        let Shown::Packets(batch) = shown else { return Vec::new() };
        batch.packets().map(|(frame, _)| frame.number).collect()
    }

    #[test]
    fn one_packet_need_not_wait_for_others() {
        let (mut intake, outlet) = queue();
        intake.packet(&frame(1), None, None);
        intake.pause();
        intake.packet(&frame(2), None, None);
        intake.end();
        let next = || outlet.next(|| Err(())).unwrap();
        assert_eq!(next().map(|it| numbers(&it)), Some(vec![1]));
        assert_eq!(next().map(|it| numbers(&it)), Some(vec![2]));
        assert!(next().is_none());
    }

    #[test]
    fn a_stall_of_a_second_at_100_000_packets_a_second_loses_nothing() {
        let (mut intake, outlet) = queue();
        for number in 0..100_000 {
            intake.packet(&frame(number), None, None);
        }
        assert_eq!(intake.end(), 0);
        let mut expected = 0..;
        while let Some(shown) = outlet.next(|| Err(())).unwrap() {
            assert!(numbers(&shown).into_iter().all(|number| Some(number) == expected.next()));
            outlet.done(shown);
        }
        assert_eq!(expected.next(), Some(100_000));
    }

    #[test]
    fn what_finds_no_room_is_counted_and_there_is_room_again_when_something_was_shown() {
        let (mut intake, outlet) = queue_with(3 * PACKETS * (PER_PACKET + 200));
        for number in 0..5 * PACKETS as u64 {
            intake.packet(&frame(number), None, None);
        }
        assert!(!intake.text("x".repeat(1 << 20), 7));
        assert_eq!(intake.skipped, 3 * PACKETS as u64 + 7);
        for _ in 0..2 {
            outlet.done(outlet.next(|| Err(())).unwrap().unwrap());
        }
        assert_eq!(outlet.waiting.load(Ordering::Relaxed), 0);
        intake.packet(&frame(9), None, None);
        assert_eq!(intake.end(), 3 * PACKETS as u64 + 7);
        assert_eq!(outlet.next(|| Err(())).unwrap().map(|it| numbers(&it)), Some(vec![9]));
    }

    #[test]
    fn packets_that_come_one_by_one_are_bounded_too() {
        let (mut intake, outlet) = queue_with(1 << 20);
        for number in 0..1 << 16 {
            intake.packet(&frame(number), None, None);
            intake.pause();
        }
        assert!(outlet.waiting.load(Ordering::Relaxed) <= 1 << 20);
        assert!(intake.skipped > 1 << 15);
    }

    #[test]
    fn nobody_there_is_an_end_and_no_skipping() {
        let (mut intake, outlet) = queue();
        drop(outlet);
        assert!(!intake.text("gone".to_owned(), 1) && intake.has_ended());
        assert_eq!(intake.end(), 0);
    }
}
