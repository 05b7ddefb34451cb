//! Which packets of a capture are looked at.

use super::moment::Moment;
use crate::analyse::{Digest, Limits, Seen, Tracker};
use crate::model::{Frame, Timestamp, Transport};
use crate::source::{Filter, SourceError};

/// How many conversations are followed at once: what keeps a reader's memory small whatever the capture holds. One that
/// comes back after it gave way gets another number, so where a number is asked for as many are followed as in `flows`,
/// which names them.
const FOLLOWED: usize = 6144;

/// A conversation by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    /// Numbers are counted for each transport.
    pub(crate) transport: Transport,
    /// Its number, from 0.
    pub(crate) number: u32,
}

impl Stream {
    /// Whether a packet belongs to it.
    pub(crate) fn holds(self, seen: &Seen) -> bool {
        (seen.transport, seen.stream) == (self.transport, self.number)
    }
}

/// What is asked of packets; all of it has to hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// A capture filter.
    pub(crate) filter: Option<Filter>,
    /// The one conversation.
    pub(crate) stream: Option<Stream>,
    /// The earliest moment.
    pub(crate) from: Option<Moment>,
    /// The latest one.
    pub(crate) to: Option<Moment>,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// All that is asked of it holds.
    Chosen,
    /// It is of no conversation, where one is asked for, and of the time asked for: a fragment of that conversation perhaps, or
    /// an error that quotes it.
    Beside,
    /// Something does not hold.
    LeftOut,
}

/// Why no packet was chosen, beside a filter that none of them matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoneChosen {
    /// There is no such conversation.
    NoSuchStream(Stream),
    /// The span of time ends before it begins, which only the capture's own date shows: both moments.
    Backwards(Timestamp, Timestamp),
    /// There is none in that span of time: the capture's own, and whether the two have no moment in common.
    NotThen {
        /// The times of the earliest packet and of the latest.
        extent: (Timestamp, Timestamp),
        /// Whether the span asked for lies beside it.
        is_beside: bool,
    },
}

/// What has to hold for a packet to be shown.
pub(crate) struct Choice {
    wanted: Wanted,
    /// The time of the capture's first packet that has one.
    origin: Option<Timestamp>,
    /// The times of the earliest packet and of the latest one, where packets are chosen by time.
    extent: Option<(Timestamp, Timestamp)>,
    /// Sees every packet of the capture, chosen or not, so that numbers do not depend on the choice.
    tracker: Option<Tracker>,
    /// Whether packets stand for their conversations: then a filter need have no meaning for a packet of none.
    is_of_conversations: bool,
}

impl Choice {
    /// The choice of what is `wanted`; `follows` where conversations matter to what is shown.
    pub(crate) fn new(wanted: Wanted, follows: bool) -> Self {
        let is_numbered = wanted.stream.is_some();
        let limits = if is_numbered { Limits::default() } else { Limits { max_connections: FOLLOWED } };
        let tracker = (follows || is_numbered).then(|| Tracker::new(limits));
        Self { wanted, origin: None, extent: None, tracker, is_of_conversations: false }
    }

    /// The choice of what is `wanted` by whoever shows conversations, with so many of them remembered.
    pub(crate) fn following(wanted: Wanted, limits: Limits) -> Self {
        let tracker = Some(Tracker::new(limits));
        Self { wanted, origin: None, extent: None, tracker, is_of_conversations: false }
    }

    /// The same where a chosen packet stands for its whole conversation.
    pub(crate) fn of_conversations(self) -> Self {
        Self { is_of_conversations: true, ..self }
    }

    /// Whether nothing but a filter chooses, or nothing at all.
    pub(super) const fn is_by_filter_alone(&self) -> bool {
        self.wanted.stream.is_none() && !self.is_bounded()
    }

    /// Whether some packets may not be chosen.
    pub(super) const fn is_choosy(&self) -> bool {
        self.wanted.filter.is_some() || !self.is_by_filter_alone()
    }

    /// The filter.
    pub(super) const fn filter(&self) -> Option<&Filter> {
        self.wanted.filter.as_ref()
    }

    /// Lets somebody else follow the conversations, who gives them back.
    pub(super) const fn lend(&mut self) -> Option<Tracker> {
        self.tracker.take()
    }

    /// Takes back the conversations, and the time of the capture's first packet.
    pub(super) fn take_back(&mut self, tracker: Tracker, origin: Option<Timestamp>) {
        (self.tracker, self.origin) = (Some(tracker), origin);
    }

    /// Whether conversations are followed, for which packets' digests are needed.
    pub(crate) const fn follows(&self) -> bool {
        self.tracker.is_some()
    }

    /// Takes in the next packet of the capture and tells what it meant, where conversations are followed.
    #[inline]
    pub(crate) fn follow(&mut self, frame: &Frame<'_>, digest: Option<&Digest>) -> Option<Seen> {
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
    pub(crate) fn takes(&mut self, frame: &Frame<'_>, seen: Option<&Seen>) -> Result<bool, SourceError> {
        if let Some(stream) = self.wanted.stream
            && !seen.is_some_and(|seen| stream.holds(seen))
        {
            return Ok(false);
        }
        if !self.is_in_time(frame.time) {
            return Ok(false);
        }
        self.wanted.filter.as_mut().map_or(Ok(true), |filter| filter.matches(frame))
    }

    /// What becomes of a packet that [`Choice::follow`] has taken in.
    ///
    /// # Errors
    ///
    /// As [`Choice::takes`].
    pub(super) fn fate(&mut self, frame: &Frame<'_>, seen: Option<&Seen>) -> Result<Fate, SourceError> {
        match self.takes(frame, seen) {
            Ok(true) => Ok(Fate::Chosen),
            Err(refusal) if seen.is_some() || !self.is_of_conversations => Err(refusal),
            _ if self.wanted.stream.is_some() && seen.is_none() && self.is_in_time(frame.time) => Ok(Fate::Beside),
            _ => Ok(Fate::LeftOut),
        }
    }

    #[inline]
    fn is_in_time(&self, time: Option<Timestamp>) -> bool {
        let moment = |moment: Moment| moment.of_capture(self.origin.unwrap_or_default());
        self.wanted.from.is_none_or(|from| time.is_some_and(|time| time >= moment(from)))
            && self.wanted.to.is_none_or(|to| time.is_some_and(|time| time <= moment(to)))
    }

    const fn is_bounded(&self) -> bool {
        self.wanted.from.is_some() || self.wanted.to.is_some()
    }

    /// Why no packet was chosen, where none was and it is not the filter's doing.
    pub(crate) fn missing(&self) -> Option<NoneChosen> {
        if let (Some(stream), Some(tracker)) = (self.wanted.stream, &self.tracker)
            && tracker.connection(stream.transport, stream.number).is_none()
        {
            return Some(NoneChosen::NoSuchStream(stream));
        }
        let extent @ (first, last) = self.extent?;
        let moment = |moment: Option<Moment>| moment.map(|moment| moment.of_capture(self.origin.unwrap_or(first)));
        let (from, to) = (moment(self.wanted.from), moment(self.wanted.to));
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Some(NoneChosen::Backwards(from, to));
        }
        let is_beside = from.is_some_and(|from| from > last) || to.is_some_and(|to| to < first);
        Some(NoneChosen::NotThen { extent, is_beside })
    }

    /// The conversations followed so far.
    pub(crate) const fn tracker(&self) -> Option<&Tracker> {
        self.tracker.as_ref()
    }

    /// The time of the capture's first packet.
    pub(crate) const fn origin(&self) -> Option<Timestamp> {
        self.origin
    }

    /// The conversations that were followed.
    pub(crate) fn into_tracker(self) -> Option<Tracker> {
        self.tracker
    }
}
