//! One pass over captures: the tracker's, and whoever else looks at the packets. What the verbs over connections share.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;

use crate::analyse::{Connection, Limits, Moment, Seen, Tracker};
use crate::cli::args::{OneArgs, TableFormat};
use crate::cli::exit::Exit;
use crate::cli::input::{Captures, Input};
use crate::cli::report::{Failure, say};
use crate::cli::streams;
use crate::cli::turns::Turns;
use crate::decode::{Packet, headers};
use crate::model::{Frame, Timestamp, Transport};
use crate::render::{Recorded, Style, Tabular, write_csv, write_ndjson, write_table};
use crate::source::{Batch, SourceError};

/// What a pass over captures left behind.
pub(super) struct Scan {
    pub(super) tracker: Tracker,
    /// The time of the first packet that has one.
    pub(super) origin: Option<Timestamp>,
    /// Packets of no conversation.
    pub(super) others: u64,
    /// The conversations with a packet that the filter accepts; all where there is no filter.
    pub(super) matched: Option<Matched>,
    pub(super) damages: Vec<SourceError>,
}

/// Every readable packet of the captures, in order; damage ends a file, not the pass.
///
/// # Errors
///
/// A file that cannot be read at all, or what `each` says.
pub(super) fn packets(
    opened: Captures,
    each: impl FnMut(&Frame<'_>, &Packet<'_>) -> Result<(), Failure> + Send,
) -> Result<Vec<SourceError>, Failure> {
    let threads = opened.threads();
    let turns = Turns::new(opened.read()?, threads);
    let watcher = Mutex::new(Watcher { each, damages: Vec::new() });
    turns.share(|| {
        let mut batch = Batch::default();
        while let Some(mut turn) = turns.take(&mut batch) {
            let packets: Vec<_> = batch.frames().map(|frame| (frame, headers(&frame))).collect();
            let error = turn.error.take();
            if turn.in_order(&watcher, |watcher| watcher.watch(&packets, error))?.is_none() {
                break;
            }
            turn.done();
        }
        Ok(())
    })?;
    Ok(watcher.into_inner().unwrap_or_else(PoisonError::into_inner).damages)
}

/// Sees the packets in their order, and what is wrong between them.
struct Watcher<F> {
    each: F,
    damages: Vec<SourceError>,
}

impl<F: FnMut(&Frame<'_>, &Packet<'_>) -> Result<(), Failure>> Watcher<F> {
    fn watch(&mut self, packets: &[(Frame<'_>, Packet<'_>)], error: Option<SourceError>) -> Result<(), Failure> {
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
/// [`survey`](super::survey::survey) is faster.
///
/// # Errors
///
/// A file that cannot be read at all, or what `each` says.
pub(super) fn scan(
    opened: Captures,
    limits: Limits,
    mut each: impl FnMut(&Frame<'_>, &Packet<'_>, Option<&Seen>) -> Result<(), Failure> + Send,
) -> Result<Scan, Failure> {
    let mut scan = Scan::new(Tracker::new(limits), None);
    scan.damages = packets(opened, |frame, packet| {
        let seen = scan.tracker.observe(frame, packet);
        scan.note(frame.time, seen.as_ref());
        each(frame, packet, seen.as_ref())
    })?;
    Ok(scan)
}

impl Scan {
    /// One that has seen nothing yet; `matched` where a filter chooses conversations.
    pub(super) const fn new(tracker: Tracker, matched: Option<Matched>) -> Self {
        Self { tracker, origin: None, others: 0, matched, damages: Vec::new() }
    }

    /// Takes note of a packet that the tracker has taken in.
    pub(super) fn note(&mut self, time: Option<Timestamp>, seen: Option<&Seen>) {
        self.origin = self.origin.or(time);
        self.others += u64::from(seen.is_none());
    }

    /// The conversations to show, TCP before UDP, in the order of their numbers.
    pub(super) fn connections(&self) -> impl Iterator<Item = &Connection> {
        [Transport::Tcp, Transport::Udp]
            .into_iter()
            .flat_map(|transport| self.tracker.connections(transport))
            .filter(|connection| self.matched.as_ref().is_none_or(|matched| matched.holds(connection)))
    }

    /// Says that there was nothing to show, which nothing on standard output says; `what` is what there would be.
    pub(super) fn tell_of_none(&self, input: &Input, transports: &[Transport], what: &str) {
        let all: usize = transports.iter().map(|transport| self.tracker.connections(*transport).count()).sum();
        say(&input.none_of(all as u64, what));
    }

    /// The conversation asked for; `None` where packets of it were seen, but it was forgotten since.
    ///
    /// # Errors
    ///
    /// A usage failure that says which there are, where none was asked for or no packet of it was seen.
    pub(super) fn connection(&self, one: &OneArgs, was_seen: bool, verb: &str) -> Result<Option<&Connection>, Failure> {
        let found = one.stream.and_then(|stream| self.tracker.connection(stream.transport, stream.number));
        if found.is_some() || was_seen {
            return Ok(found);
        }
        conclude(&self.damages, Exit::Usage);
        Err(streams::which(&self.tracker, one, verb))
    }

    /// Says what was damaged or forgotten on the way, and how that ends.
    pub(super) fn conclude(self, exit: Exit) -> Exit {
        let evicted = self.tracker.evicted();
        if evicted > 0 {
            say(&format!(
                "{evicted} conversations were forgotten to make room for others and are not shown; \
                 --max-connections sets how many are remembered at once"
            ));
        }
        self.conclude_one(exit)
    }

    /// The same where one conversation was shown, and those that were forgotten are others.
    pub(super) fn conclude_one(self, exit: Exit) -> Exit {
        let exit = conclude(&self.damages, exit);
        // The process ends here, but for a fuzz target: taking a hundred thousand connections apart first would only make
        // people wait.
        if !cfg!(fuzzing) {
            std::mem::forget(self);
        }
        exit
    }
}

/// Puts rows into the order in which their conversations began; the order of their numbers rarely differs.
pub(super) fn sort_by_start<T>(rows: &mut [T], connection: impl Fn(&T) -> &Connection) {
    let start = |row: &T| connection(row).first().map(Moment::frame);
    if !rows.is_sorted_by_key(start) {
        rows.sort_by_cached_key(start);
    }
}

/// Says what was damaged; then a verb that is done ends as [`Exit::Damaged`].
pub(super) fn conclude(damages: &[SourceError], exit: Exit) -> Exit {
    damages.iter().for_each(|damage| say(&damage.to_string()));
    if exit == Exit::Done && !damages.is_empty() { Exit::Damaged } else { exit }
}

/// Writes rows in the format asked for.
///
/// # Errors
///
/// What writing gives.
pub(super) fn write_rows<T: Tabular + Recorded>(
    rows: &[T],
    format: TableFormat,
    style: Style,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let written = match format {
        TableFormat::Text => write_table(rows, style, out),
        TableFormat::Json => write_ndjson(rows, out),
        TableFormat::Csv => write_csv(rows, out),
    };
    Ok(written.context("writing to standard output")?)
}

/// Conversations as a bit each.
#[derive(Default)]
pub(super) struct Matched([Vec<u64>; 2]);

impl Matched {
    pub(super) fn note(&mut self, seen: &Seen) {
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
