//! Captures whose packets several threads take in turns, a batch each, and hand on in order.
//!
//! A turn is a batch of packets. The thread that reads it works on it to the end, so that packets and what is made of
//! them stay in the cache of one core. What needs only the packets is done beside the other threads; what has to happen
//! in the capture's order (following conversations, writing) waits for the turns before.

use std::convert::Infallible;
use std::num::NonZero;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::saved_encoding::SavedEncoding;
use crate::source::{Batch, FrameSource, InterfaceNames, Part, SourceError};

/// The most threads that share the work: the writing alone keeps more from being of use.
const MOST_THREADS: usize = 4;

/// How many threads take turns. Packets that may be long in coming (`may_wait`) are left to one: it can end when there is
/// enough, and nobody waits beside it for a packet that may never come.
pub(crate) fn threads(may_wait: bool) -> usize {
    let cores = || thread::available_parallelism().map_or(1, NonZero::get);
    if may_wait { 1 } else { cores().min(MOST_THREADS) }
}

/// The most steps of a turn that are taken in order: finding its packets and two more.
const STEPS: usize = 3;

/// Where the packets come from, and whose turn it is.
pub(crate) struct OrderedBatches {
    input: Mutex<Input>,
    /// What the interfaces of the captures are called.
    interfaces: InterfaceNames,
    /// How the capture says that its payload is to be read.
    encoding: SavedEncoding,
    order: Mutex<Order>,
    /// The order has changed.
    changed: Condvar,
    threads: usize,
}

struct Input {
    source: Box<dyn FrameSource>,
    /// How many interfaces were met.
    interfaces: u32,
    /// How many turns were given out.
    turns: u64,
}

/// Whose turn it is.
struct Order {
    /// The number of the turn that may take each step next.
    next: [u64; STEPS],
    /// How many threads wait for their turn's.
    waiting: usize,
    /// The last turn of which anything is wanted.
    last: u64,
}

/// A batch of packets that one thread works on. Where it is dropped before it is [`Turn::done`], nothing of the turns
/// after it is wanted.
pub(crate) struct Turn<'t> {
    batches: &'t OrderedBatches,
    number: u64,
    /// How many steps were taken in order.
    taken: usize,
    is_done: bool,
    /// What is wrong with the input here; then there are no packets.
    pub(crate) error: Option<SourceError>,
}

impl OrderedBatches {
    /// OrderedBatches at `source` for so many threads.
    pub(crate) fn new(source: Box<dyn FrameSource>, threads: usize) -> Self {
        Self {
            input: Mutex::new(Input { source, interfaces: 0, turns: 0 }),
            interfaces: InterfaceNames::default(),
            encoding: SavedEncoding::default(),
            order: Mutex::new(Order { next: [0; STEPS], waiting: 0, last: u64::MAX }),
            changed: Condvar::new(),
            threads,
        }
    }

    /// Lets every thread, this one among them, do `work`, and waits for them all.
    ///
    /// # Errors
    ///
    /// What the work of one of them says.
    pub(crate) fn share<E: Send>(&self, work: impl Fn() -> Result<(), E> + Sync) -> Result<(), E> {
        thread::scope(|scope| {
            let start = |_| thread::Builder::new().name("reader".to_owned()).spawn_scoped(scope, &work).ok();
            // Where the system has no thread to give, fewer do it all.
            let others: Vec<_> = (1..self.threads).filter_map(start).collect();
            let mine = work();
            others.into_iter().fold(mine, |done, other| {
                let theirs = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                done.and(theirs)
            })
        })
    }

    /// Reads the next batch; `None` when there is no further one, or no further one is wanted.
    ///
    /// Where the bytes of a batch can be had before it is known where packets begin in them, threads read beside each
    /// other; packets are found in order.
    pub(crate) fn take(&self, batch: &mut Batch) -> Option<Turn<'_>> {
        let (mut turn, part) = self.next()?;
        if let Some(part) = part {
            batch.read(part);
        }
        let fill = |input: &mut Input| {
            let filled = input.source.fill(batch);
            self.encoding.learn(input.source.remarks());
            while let Some(interface) = input.source.interface(input.interfaces) {
                self.interfaces.learn(interface.name.as_deref());
                input.interfaces += 1;
            }
            Ok::<_, Infallible>(filled)
        };
        let Ok(filled) = turn.in_order(&self.input, fill);
        match filled? {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => turn.error = Some(error),
        }
        Some(turn)
    }

    /// How the capture says that its payload is to be read; it is known before its first packet is seen.
    pub(crate) fn encoding(&self) -> SavedEncoding {
        self.encoding.clone()
    }

    /// What the interfaces are called that the packets of batches come from.
    pub(crate) fn interfaces(&self) -> InterfaceNames {
        self.interfaces.clone()
    }

    /// The next turn, and what its packets will be found in.
    fn next(&self) -> Option<(Turn<'_>, Option<Part>)> {
        let mut input = self.input.lock().ok()?;
        let number = input.turns;
        if self.order().last < number {
            return None;
        }
        input.turns += 1;
        Some((Turn { batches: self, number, taken: 0, is_done: false, error: None }, input.source.part()))
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Takes the turn's next step on what the threads share, when the turns before have taken theirs; `None` where
    /// nothing more is wanted of this turn. No turn takes a step behind one that failed.
    ///
    /// # Errors
    ///
    /// What the step says.
    pub(crate) fn in_order<T, R, E>(
        &mut self,
        shared: &Mutex<T>,
        step: impl FnOnce(&mut T) -> Result<R, E>,
    ) -> Result<Option<R>, E> {
        let Some(()) = self.wait() else { return Ok(None) };
        let Ok(mut shared) = shared.lock() else { return Ok(None) };
        let result = step(&mut shared);
        drop(shared);
        let mut order = self.batches.order();
        order.next[self.taken] += 1;
        self.taken += 1;
        if result.is_err() {
            order.last = order.last.min(self.number);
        }
        let somebody_waits = order.waiting > 0;
        // Whoever wakes up needs the lock at once.
        drop(order);
        if somebody_waits {
            self.batches.changed.notify_all();
        }
        result.map(Some)
    }

    /// Waits until the turns before have taken the next step, or until nothing is wanted of this one.
    fn wait(&self) -> Option<()> {
        let mut order = self.batches.order();
        while order.last >= self.number && order.next[self.taken] != self.number {
            order.waiting += 1;
            order = self.batches.changed.wait(order).ok()?;
            order.waiting -= 1;
        }
        (order.last >= self.number).then_some(())
    }

    /// Nothing is wanted of the turns after this one.
    pub(crate) fn stop_after(&self) {
        let mut order = self.batches.order();
        order.last = order.last.min(self.number);
        self.batches.changed.notify_all();
    }

    /// Which turn it is, counted from 0.
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// Ends the turn, not those after it.
    pub(crate) fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.stop_after();
        }
    }
}
