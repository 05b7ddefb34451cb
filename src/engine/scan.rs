//! One pass over captures, for every verb that looks at packets: which of them are chosen, what their conversations know of
//! them, what is wrong on the way, and when it is enough.

use std::sync::{Mutex, PoisonError};

use super::choice::{Choice, Fate};
use super::exit::Exit;
use super::failure::Failure;
use super::ordered_batches::OrderedBatches;
use crate::analyse::{Connection, Digest, Seen, Tracker};
use crate::decode::{Packet, headers};
use crate::model::{Frame, Timestamp, Transport};
use crate::source::{Batch, InterfaceNames, SourceError};

/// A pass to be made.
pub(crate) struct Scan {
    /// The captures, one after the other or merged.
    pub(crate) batches: OrderedBatches,
    /// Which of their packets are wanted.
    pub(crate) choice: Choice,
    /// After how many chosen packets it ends.
    pub(crate) limit: Option<u64>,
}

/// What is told during a pass.
pub(crate) enum Told<'a> {
    /// So many more packets were read.
    Read(usize),
    /// What is wrong with the captures.
    Damage(&'a SourceError),
}

/// A packet as a pass comes by it.
pub(crate) struct Passing<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) packet: &'a Packet<'a>,
    /// What it meant in its conversation, where conversations are followed and it is of one.
    pub(crate) seen: Option<&'a Seen>,
    pub(crate) fate: Fate,
    /// What interfaces are called.
    pub(crate) interfaces: &'a mut InterfaceNames,
}

/// Whoever looks at the packets of a pass, in their order.
pub(crate) trait Sink: Send {
    /// A packet, chosen or not.
    ///
    /// # Errors
    ///
    /// Whatever ends the pass.
    fn packet(&mut self, passing: Passing<'_>) -> Result<(), Failure>;

    /// What is wrong with the captures at this place; [`Passed::damages`] has it at the end, too.
    fn damage(&mut self, _damage: &SourceError) {}

    /// So many more packets were read, and the next may be long in coming.
    ///
    /// # Errors
    ///
    /// Whatever ends the pass.
    fn pause(&mut self, _packets: usize) -> Result<(), Failure> {
        Ok(())
    }
}

impl<F: FnMut(Passing<'_>) -> Result<(), Failure> + Send> Sink for F {
    fn packet(&mut self, passing: Passing<'_>) -> Result<(), Failure> {
        self(passing)
    }
}

/// What a pass left behind.
pub(crate) struct Passed {
    /// With the conversations, where they were followed.
    pub(crate) choice: Choice,
    /// How many packets were read, chosen or not.
    pub(crate) read: u64,
    /// How many were chosen.
    pub(crate) chosen: u64,
    /// Packets of no conversation, where conversations were followed.
    pub(crate) others: u64,
    /// The conversations with a chosen packet; all where everything is chosen.
    pub(crate) matched: Option<Matched>,
    /// What was wrong with the captures: each ended one of them, none the pass.
    pub(crate) damages: Vec<SourceError>,
    /// Why the pass ended early: the filter has no meaning for a packet.
    pub(crate) refusal: Option<SourceError>,
}

impl Scan {
    /// Reads the captures to their end, or until there is enough. Where nobody wants to see the packets,
    /// [`follow_all`](super::follow_all::follow_all) is faster.
    ///
    /// # Errors
    ///
    /// What the sink says.
    pub(crate) fn run(self, sink: &mut impl Sink) -> Result<Passed, Failure> {
        let Self { batches, choice, limit } = self;
        let follows = choice.follows();
        let interfaces = batches.interfaces();
        let watcher = Watcher { sink, interfaces, left: limit.unwrap_or(u64::MAX), passed: Passed::new(choice) };
        let watcher = Mutex::new(watcher);
        batches.share(|| {
            let (mut batch, mut digests) = (Batch::default(), Vec::new());
            while let Some(mut turn) = batches.take(&mut batch) {
                let packets: Vec<_> = batch.frames().map(|frame| (frame, headers(&frame))).collect();
                digests.clear();
                if follows {
                    digests.extend(packets.iter().map(|(frame, packet)| Digest::of(frame, packet)));
                }
                let error = turn.error.take();
                match turn.in_order(&watcher, |watcher| watcher.watch(&packets, &digests, error))? {
                    Some(true) => turn.done(),
                    Some(false) | None => break,
                }
            }
            Ok::<_, Failure>(())
        })?;
        Ok(watcher.into_inner().unwrap_or_else(PoisonError::into_inner).passed)
    }
}

/// Sees the packets in their order, and what is wrong between them.
struct Watcher<'s, S> {
    sink: &'s mut S,
    interfaces: InterfaceNames,
    /// How many more packets are wanted.
    left: u64,
    passed: Passed,
}

impl<S: Sink> Watcher<'_, S> {
    /// Takes in the packets of a turn, and what is wrong after them; whether more are wanted.
    fn watch(
        &mut self,
        packets: &[(Frame<'_>, Packet<'_>)],
        digests: &[Digest],
        error: Option<SourceError>,
    ) -> Result<bool, Failure> {
        for (place, (frame, packet)) in packets.iter().enumerate() {
            // Another thread may have read on before it heard that there is enough.
            if self.is_done() {
                return Ok(false);
            }
            self.see(frame, packet, digests.get(place))?;
        }
        self.sink.pause(packets.len())?;
        if let Some(error) = error.filter(|_| !self.is_done()) {
            self.sink.damage(&error);
            self.passed.damages.push(error);
        }
        Ok(!self.is_done())
    }

    const fn is_done(&self) -> bool {
        self.left == 0 || self.passed.refusal.is_some()
    }

    fn see(&mut self, frame: &Frame<'_>, packet: &Packet<'_>, digest: Option<&Digest>) -> Result<(), Failure> {
        let passed = &mut self.passed;
        passed.read += 1;
        let seen = passed.choice.follow(frame, digest);
        passed.others += u64::from(seen.is_none());
        let fate = match passed.choice.fate(frame, seen.as_ref()) {
            Ok(fate) => fate,
            Err(refusal) => {
                passed.refusal = Some(refusal);
                return Ok(());
            }
        };
        if fate == Fate::Chosen {
            passed.chosen += 1;
            self.left -= 1;
            if let (Some(seen), Some(matched)) = (&seen, &mut passed.matched) {
                matched.note(seen);
            }
        }
        let interfaces = &mut self.interfaces;
        self.sink.packet(Passing { frame, packet, seen: seen.as_ref(), fate, interfaces })
    }
}

impl Passed {
    /// Nothing yet.
    pub(super) fn new(choice: Choice) -> Self {
        let matched = choice.is_choosy().then(Matched::default);
        Self { choice, read: 0, chosen: 0, others: 0, matched, damages: Vec::new(), refusal: None }
    }

    /// The conversations that were followed.
    pub(crate) const fn tracker(&self) -> Option<&Tracker> {
        self.choice.tracker()
    }

    /// How many conversations there are, chosen or not.
    pub(crate) fn number_of(&self, transports: &[Transport]) -> u64 {
        let number =
            |tracker: &Tracker| transports.iter().map(|transport| tracker.connections(*transport).count()).sum();
        self.tracker().map_or(0, number) as u64
    }

    /// The time of the first packet that has one.
    pub(crate) const fn origin(&self) -> Option<Timestamp> {
        self.choice.origin()
    }

    /// The conversations to show, TCP before UDP, in the order of their numbers.
    pub(crate) fn connections(&self) -> impl Iterator<Item = &Connection> {
        let all = |transport| self.tracker().into_iter().flat_map(move |tracker| tracker.connections(transport));
        let is_matched =
            |connection: &&Connection| self.matched.as_ref().is_none_or(|matched| matched.holds(connection));
        [Transport::Tcp, Transport::Udp].into_iter().flat_map(all).filter(is_matched)
    }

    /// How a command ends that ends so otherwise, after what was wrong with its captures.
    pub(crate) fn exit(&self, exit: Exit) -> Exit {
        self.damages.iter().fold(exit, |exit, damage| exit.worst(Exit::after(damage)))
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
