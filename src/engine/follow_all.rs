//! Following every conversation of captures, with nobody looking on: as fast as it goes.
//!
//! Threads take turns at the captures: each reads some packets and makes digests of them. The main one takes in what lies
//! ready, in the captures' order, before it reads again. So the tracker stays with one thread, whose cache has what it
//! needs and whose heap grows cheaply (the C library's heaps of other threads grow by a page and a system call at a
//! time), while the others read on; and where reading takes longer, that thread reads too.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use super::failure::Failure;
use super::ordered_batches::OrderedBatches;
use super::scan::{Passed, Passing, Scan};
use crate::analyse::{Digest, Tracker};
use crate::decode::headers;
use crate::model::Timestamp;
use crate::source::{Batch, Filter, SourceError};

/// How many turns may lie ready before the others wait for the main thread, and take in packets themselves.
const READY: usize = 8;

/// Follows every conversation of captures; where more than a filter chooses, or not all packets are wanted, in the order of
/// the packets alone.
///
/// # Errors
///
/// None of its own: what is wrong is part of what it gives.
pub(crate) fn follow_all(mut scan: Scan) -> Result<Passed, Failure> {
    if scan.limit.is_some() || !scan.choice.is_by_filter_alone() {
        return scan.run(&mut |_: Passing<'_>| Ok(()));
    }
    let Some(tracker) = scan.choice.lend() else { return scan.run(&mut |_: Passing<'_>| Ok(())) };
    let Scan { batches, choice, .. } = scan;
    let all = FollowAll {
        batches,
        filter: choice.filter().cloned(),
        ready: Mutex::default(),
        following: Mutex::new(Following { tracker, origin: None, passed: Passed::new(choice) }),
        main: thread::current().id(),
    };
    all.batches
        .share(|| {
            all.work();
            Ok::<_, Infallible>(())
        })
        .unwrap_or_else(|never| match never {});
    all.follow(&mut lock(&all.following));
    let Following { tracker, origin, mut passed } = all.following.into_inner().unwrap_or_else(PoisonError::into_inner);
    passed.choice.take_back(tracker, origin);
    Ok(passed)
}

/// What the threads share.
struct FollowAll {
    batches: OrderedBatches,
    filter: Option<Filter>,
    ready: Mutex<Ready>,
    following: Mutex<Following>,
    main: ThreadId,
}

/// What was read and is not followed yet.
#[derive(Default)]
struct Ready {
    digested: BTreeMap<u64, Digested>,
    /// The turn to be followed next.
    next: u64,
    /// Room to be used again.
    used: Vec<Digested>,
}

/// The packets of one turn.
#[derive(Default)]
struct Digested {
    digests: Vec<Digest>,
    /// Whether the filter accepts each of them, where there is one.
    accepted: Vec<bool>,
    /// What is wrong after them.
    error: Option<SourceError>,
    /// Why the filter has no meaning for the next one.
    refusal: Option<SourceError>,
}

/// The tracker, and what is found out beside it.
struct Following {
    tracker: Tracker,
    /// The time of the first packet that has one.
    origin: Option<Timestamp>,
    passed: Passed,
}

impl FollowAll {
    /// What each thread does.
    fn work(&self) {
        let (mut batch, mut filter) = (Batch::default(), self.filter.clone());
        while let Some(mut turn) = self.batches.take(&mut batch) {
            let mut digested = lock(&self.ready).used.pop().unwrap_or_default();
            digested.fill(&batch, filter.as_mut(), turn.error.take());
            let waiting = {
                let mut ready = lock(&self.ready);
                ready.digested.insert(turn.number(), digested);
                ready.digested.len()
            };
            let follows = thread::current().id() == self.main || waiting > READY;
            if follows && !self.follow(&mut lock(&self.following)) {
                return;
            }
            turn.done();
        }
    }

    /// Takes in what lies ready; whether more is wanted.
    fn follow(&self, following: &mut Following) -> bool {
        let mut followed = None;
        loop {
            let mut ready = lock(&self.ready);
            ready.used.extend(followed);
            let next = ready.next;
            let Some(mut digested) = ready.digested.remove(&next) else { return following.passed.refusal.is_none() };
            ready.next += 1;
            drop(ready);
            following.take(&mut digested);
            followed = Some(digested);
        }
    }
}

/// What another thread's panic left behind is never looked at: the panic is passed on.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Digested {
    /// Makes digests of packets, as far as the filter has a meaning for them.
    fn fill(&mut self, batch: &Batch, filter: Option<&mut Filter>, error: Option<SourceError>) {
        self.digests.clear();
        self.accepted.clear();
        (self.error, self.refusal) = (error, None);
        self.digests.extend(batch.frames().map(|frame| Digest::of(&frame, &headers(&frame))));
        let Some(filter) = filter else { return };
        for (frame, digest) in batch.frames().zip(&self.digests) {
            // Of a packet of no conversation the filter is not asked: it may have no meaning for its link type.
            match if digest.is_of_conversation() { filter.matches(&frame) } else { Ok(false) } {
                Ok(accepted) => self.accepted.push(accepted),
                Err(error) => {
                    self.refusal = Some(error);
                    break;
                }
            }
        }
        self.digests.truncate(self.accepted.len());
    }
}

impl Following {
    fn take(&mut self, digested: &mut Digested) {
        let Self { tracker, origin, passed } = self;
        if passed.refusal.is_some() {
            return;
        }
        for (place, digest) in digested.digests.iter().enumerate() {
            let seen = tracker.take(digest);
            *origin = origin.or(digest.time());
            passed.others += u64::from(seen.is_none());
            if let (Some(seen), Some(matched), Some(true)) = (seen, &mut passed.matched, digested.accepted.get(place)) {
                matched.note(&seen);
            }
        }
        passed.read += digested.digests.len() as u64;
        passed.damages.extend(digested.error.take());
        passed.refusal = digested.refusal.take();
    }
}
