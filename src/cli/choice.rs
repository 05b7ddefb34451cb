//! Which packets of a capture a command is about.

use super::args::{ChoiceArgs, Stream};
use super::moment::Moment;
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
    /// Sees every packet of the capture, chosen or not, so that numbers do not depend on the choice.
    tracker: Option<Tracker>,
}

impl Choice {
    /// The choice as typed; `follow` where conversations matter to what is shown.
    ///
    /// # Errors
    ///
    /// [`SourceError::Filter`] for an expression that makes no sense.
    pub(super) fn new(args: &ChoiceArgs, filter: Option<&str>, follow: bool) -> Result<Self, SourceError> {
        let limits = if args.stream.is_some() { Limits::default() } else { Limits { max_connections: FOLLOWED } };
        Ok(Self {
            filter: filter.map(Filter::compile).transpose()?,
            stream: args.stream,
            from: args.from,
            to: args.to,
            origin: None,
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

    /// Why no packet was chosen, where that is because there is no such conversation.
    pub(super) fn missing(&self, chosen: u64) -> Option<String> {
        let (stream, tracker) = (self.stream.filter(|_| chosen == 0)?, self.tracker.as_ref()?);
        let is_there = tracker.connection(stream.transport, stream.number).is_some();
        (!is_there).then(|| no_such_stream(tracker, stream))
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
