//! Following every conversation of captures, with nobody looking on: as fast as it goes.
//!
//! Threads take turns at the captures: each reads some packets and makes digests of them. Whoever then finds nobody at
//! the tracker takes in what lies ready there, in the captures' order. So the tracker mostly stays with one thread, whose
//! cache has what it needs, while the others read on; and where reading takes longer, that thread reads too.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::scan::{Matched, Scan};
use crate::analyse::{Digest, Limits, Tracker};
use crate::cli::input::Input;
use crate::cli::report::Failure;
use crate::decode::headers;
use crate::source::{Filter, FrameSource, SourceError};

/// How many packets are read in one turn.
const TURN: usize = 1024;

/// How many turns may lie ready before their readers take in packets themselves.
const READY: usize = 16;

/// The most threads: the tracker keeps more from being of use.
const MOST_THREADS: usize = 4;

/// Follows every conversation of the captures.
///
/// # Errors
///
/// A file that cannot be read at all, or a filter that has no meaning for a packet.
pub(super) fn survey(input: &Input, filter: Option<Filter>, limits: Limits) -> Result<Scan, Failure> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = if input.may_wait() { 1 } else { cores.min(MOST_THREADS) };
    let scan = Scan::new(Tracker::new(limits), filter.is_some().then(Matched::default));
    let survey = Survey {
        reading: Mutex::new(Reading { source: input.open(false)?, filter, turns: 0, is_over: false }),
        ready: Mutex::default(),
        following: Mutex::new(Following { scan, failure: None }),
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system has no thread to give, fewer do it all.
            let _ = thread::Builder::new().name("reader".to_owned()).spawn_scoped(scope, || survey.work());
        }
        survey.work();
    });
    survey.follow(&mut survey.lock(&survey.following));
    let Following { scan, failure } = survey.following.into_inner().unwrap_or_else(PoisonError::into_inner);
    failure.map_or(Ok(scan), |failure| Err(input.refused(failure)))
}

/// What the threads share.
struct Survey {
    reading: Mutex<Reading>,
    ready: Mutex<Ready>,
    following: Mutex<Following>,
}

/// The captures.
struct Reading {
    source: Box<dyn FrameSource>,
    filter: Option<Filter>,
    /// How many turns there were.
    turns: u64,
    is_over: bool,
}

/// What was read and is not followed yet.
#[derive(Default)]
struct Ready {
    turns: BTreeMap<u64, Turn>,
    /// The turn to be followed next.
    next: u64,
    /// Turns to be used again.
    used: Vec<Turn>,
}

/// The packets of one turn.
#[derive(Default)]
struct Turn {
    digests: Vec<Digest>,
    /// Whether the filter accepts each of them, where there is one.
    accepted: Vec<bool>,
    /// What is wrong behind them.
    error: Option<SourceError>,
}

/// The tracker, and what is found out beside it.
struct Following {
    scan: Scan,
    /// Why no more is followed.
    failure: Option<SourceError>,
}

impl Survey {
    /// What each thread does.
    fn work(&self) {
        loop {
            let mut turn = self.lock(&self.ready).used.pop().unwrap_or_default();
            let Some(number) = self.lock(&self.reading).read(&mut turn) else { return };
            let waiting = {
                let mut ready = self.lock(&self.ready);
                ready.turns.insert(number, turn);
                ready.turns.len()
            };
            if waiting > READY {
                self.follow(&mut self.lock(&self.following));
            } else if let Ok(mut following) = self.following.try_lock() {
                self.follow(&mut following);
            }
        }
    }

    /// Takes in what lies ready.
    fn follow(&self, following: &mut Following) {
        let mut followed = None;
        loop {
            let mut ready = self.lock(&self.ready);
            ready.used.extend(followed);
            let next = ready.next;
            let Some(mut turn) = ready.turns.remove(&next) else { return };
            ready.next += 1;
            drop(ready);
            following.take(&mut turn);
            if following.failure.is_some() {
                self.lock(&self.reading).is_over = true;
            }
            followed = Some(turn);
        }
    }

    /// What another thread's panic left behind is never looked at: the panic is passed on.
    fn lock<'m, T>(&self, shared: &'m Mutex<T>) -> MutexGuard<'m, T> {
        shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    /// Reads the next turn's packets and says which turn it is; `None` when there are no more.
    fn read(&mut self, turn: &mut Turn) -> Option<u64> {
        turn.digests.clear();
        turn.accepted.clear();
        turn.error = None;
        while turn.digests.len() < TURN && !self.is_over {
            let frame = match self.source.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => {
                    self.is_over = true;
                    break;
                }
                Err(error) => {
                    turn.error = Some(error);
                    break;
                }
            };
            let digest = Digest::of(&frame, &headers(&frame));
            if let Some(filter) = &mut self.filter {
                // Of a packet of no conversation the filter is not asked: it may have no meaning for its link type.
                match if digest.is_of_conversation() { filter.matches(&frame) } else { Ok(false) } {
                    Ok(accepted) => turn.accepted.push(accepted),
                    Err(error) => {
                        turn.error = Some(error);
                        break;
                    }
                }
            }
            turn.digests.push(digest);
        }
        (!turn.digests.is_empty() || turn.error.is_some()).then(|| {
            self.turns += 1;
            self.turns - 1
        })
    }
}

impl Following {
    fn take(&mut self, turn: &mut Turn) {
        if self.failure.is_some() {
            return;
        }
        for (place, digest) in turn.digests.iter().enumerate() {
            let seen = self.scan.tracker.take(digest);
            self.scan.note(digest.time(), seen.as_ref());
            if let (Some(seen), Some(matched), Some(true)) = (seen, &mut self.scan.matched, turn.accepted.get(place)) {
                matched.note(&seen);
            }
        }
        match turn.error.take() {
            Some(damage @ SourceError::Damaged { .. }) => self.scan.damages.push(damage),
            error => self.failure = error,
        }
    }
}
