//! Which packets of a capture a command is about.

use std::path::PathBuf;

use anyhow::anyhow;

use super::args::{ChoiceArgs, Stream};
use super::exit::Exit;
use super::input::{Input, captures_have};
use super::moment::Moment;
use super::report::Failure;
use super::streams::no_such_stream;
use crate::analyse::{Digest, Limits, Seen, Tracker};
use crate::model::{Frame, Timestamp};
use crate::source::{Filter, SourceError};

/// How many conversations are followed at once: what keeps a reader's memory small whatever the capture holds. One that
/// comes back after it gave way gets another number, so where a number is asked for as many are followed as in `flows`,
/// which names them.
const FOLLOWED: usize = 6144;

/// What has to hold for a packet to be shown.
pub(super) struct Choice {
    filter: Option<Filter>,
    stream: Option<Stream>,
    from: Option<Moment>,
    to: Option<Moment>,
    /// The time of the capture's first packet that has one.
    origin: Option<Timestamp>,
    /// The times of the earliest packet and of the latest one, where packets are chosen by time.
    extent: Option<(Timestamp, Timestamp)>,
    /// Sees every packet of the capture, chosen or not, so that numbers do not depend on the choice.
    tracker: Option<Tracker>,
}

impl Choice {
    /// The choice as typed; `follow` where conversations matter to what is shown.
    ///
    /// # Errors
    ///
    /// A usage failure for a filter that makes no sense, and for a span of time that ends before it begins.
    pub(super) fn new(args: &ChoiceArgs, input: &Input, follow: bool) -> Result<Self, Failure> {
        if let (Some(from), Some(to)) = (args.from, args.to)
            && from.is_after(to)
        {
            return Err(backwards("--from is later than --to"));
        }
        let limits = if args.stream.is_some() { Limits::default() } else { Limits { max_connections: FOLLOWED } };
        Ok(Self {
            filter: input.compile()?,
            stream: args.stream,
            from: args.from,
            to: args.to,
            origin: None,
            extent: None,
            tracker: (follow || args.stream.is_some()).then(|| Tracker::new(limits)),
        })
    }

    /// Whether conversations are followed, for which packets' digests are needed.
    pub(super) const fn follows(&self) -> bool {
        self.tracker.is_some()
    }

    /// Takes in the next packet of the capture and tells what it meant, where conversations are followed.
    #[inline]
    pub(super) fn follow(&mut self, frame: &Frame<'_>, digest: Option<&Digest>) -> Option<Seen> {
        self.origin = self.origin.or(frame.time);
        if self.is_bounded()
            && let Some(time) = frame.time
        {
            let (first, last) = self.extent.unwrap_or((time, time));
            self.extent = Some((first.min(time), last.max(time)));
        }
        self.tracker.as_mut()?.take(digest?)
    }

    /// Whether a packet that [`Choice::follow`] has taken in is chosen.
    ///
    /// # Errors
    ///
    /// [`SourceError::Filter`] where the filter has no meaning for the packet's link type.
    #[inline]
    pub(super) fn takes(&mut self, frame: &Frame<'_>, seen: Option<&Seen>) -> Result<bool, SourceError> {
        if let Some(stream) = self.stream
            && !seen.is_some_and(|seen| stream.holds(seen))
        {
            return Ok(false);
        }
        if !self.is_in_time(frame.time) {
            return Ok(false);
        }
        self.filter.as_mut().map_or(Ok(true), |filter| filter.matches(frame))
    }

    #[inline]
    fn is_in_time(&self, time: Option<Timestamp>) -> bool {
        let moment = |moment: Moment| moment.of_capture(self.origin.unwrap_or_default());
        self.from.is_none_or(|from| time.is_some_and(|time| time >= moment(from)))
            && self.to.is_none_or(|to| time.is_some_and(|time| time <= moment(to)))
    }

    const fn is_bounded(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// Why no packet was chosen, where none was, and that is because there is no such conversation, or none in such a span of time.
    ///
    /// # Errors
    ///
    /// A usage failure where the span ends before it begins, and only the capture's own date shows it.
    pub(super) fn missing(&self, chosen: u64, files: &[PathBuf]) -> Result<Option<String>, Failure> {
        if chosen > 0 {
            return Ok(None);
        }
        if let (Some(stream), Some(tracker)) = (self.stream, &self.tracker)
            && tracker.connection(stream.transport, stream.number).is_none()
        {
            return Ok(Some(no_such_stream(tracker, stream, files)));
        }
        let Some((first, last)) = self.extent else { return Ok(None) };
        let moment = |moment: Option<Moment>| moment.map(|moment| moment.of_capture(self.origin.unwrap_or(first)));
        let (from, to) = (moment(self.from), moment(self.to));
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(backwards(&format!("--from is {from}, later than --to, {to}")));
        }
        let is_beside = from.is_some_and(|from| from > last) || to.is_some_and(|to| to < first);
        let has = if is_beside { "no packet of that time" } else { "no such packet of that time" };
        Ok(Some(format!("{} {has}; its times are {first} to {last}", captures_have(files))))
    }

    /// The time of the capture's first packet.
    pub(super) const fn origin(&self) -> Option<Timestamp> {
        self.origin
    }

    /// The conversations that were followed.
    pub(super) fn into_tracker(self) -> Option<Tracker> {
        self.tracker
    }
}

/// A span of time that ends before it begins.
fn backwards(words: &str) -> Failure {
    Failure::new(Exit::Usage, anyhow!("{words}: no packet can be chosen")).advise("name the earlier moment with --from")
}
