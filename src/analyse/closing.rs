//! How a TCP connection came to its end: FINs, their acknowledgments, and resets with their likely cause.

use super::confidence::Confidence;
use super::moment::Moment;
use super::segment::Segment;
use crate::model::Lane;

/// The segments that closed a connection, or began to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    fins: [u16; 2],
    resets: [u16; 2],
    fin: [Option<Moment>; 2],
    fin_acked: [Option<Moment>; 2],
    data_after_fin: bool,
    reset: Option<Reset>,
}

/// A connection's first reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    /// Who sent it.
    pub by: Lane,
    /// The segment.
    pub at: Moment,
    /// Why, as far as the segments before it tell.
    pub cause: ResetCause,
}

/// Why a reset was sent; what no segment can prove is the likeliest reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetCause {
    /// It answers a SYN: nobody listens there (RFC 9293 §3.10.7.1).
    Refused,
    /// A FIN came before it: one side had closed, and the other sent more than it would read.
    AfterFin,
    /// Three or more repetitions or probes in a row had gone unanswered.
    TimedOut,
    /// The last data went to its sender, who closed without having read it (RFC 9293 §3.6.1).
    UnreadData,
    /// Nothing was under way: the program aborted (RFC 9293 §3.9.1, ABORT).
    Abort,
}

impl ResetCause {
    /// What programs may call it.
    pub const KEYS: [&str; 5] = ["refused", "after_fin", "gave_up", "unread_data", "abort"];

    /// How sure it is. None is proven: what a segment looks like, another program or a box on the way can make as well.
    /// An abort is what is left where no segment speaks for another cause.
    #[must_use]
    pub const fn confidence(self) -> Confidence {
        match self {
            Self::Refused | Self::AfterFin | Self::TimedOut | Self::UnreadData => Confidence::Likely,
            Self::Abort => Confidence::Possible,
        }
    }

    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::AfterFin => "after_fin",
            Self::TimedOut => "gave_up",
            Self::UnreadData => "unread_data",
            Self::Abort => "abort",
        }
    }
}

/// What a segment means for the end of a connection, beyond its flags.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Closes {
    /// It acknowledges the peer's FIN.
    pub(super) acks_fin: bool,
    /// It is a reset that answers a SYN.
    pub(super) refuses: bool,
    /// It is a reset of another connection.
    pub(super) is_stray: bool,
}

/// What was under way between two sides when one of them sent a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnderWay {
    /// Whether it had repeated or probed in vain so often that it may have given up.
    pub(super) is_given_up: bool,
    /// Whether the last data had gone to it.
    pub(super) is_unread: bool,
}

impl Closing {
    /// Takes in a segment; what was under way matters to the first reset.
    pub(super) fn observe(&mut self, from: Lane, segment: &Segment, closes: Closes, under_way: UnderWay) {
        if !(closes.acks_fin || segment.flags.fin() || segment.flags.rst()) {
            return;
        }
        let (own, peer) = (from as usize, from.other() as usize);
        // Who has not acknowledged a FIN may not have had it when it sent.
        self.data_after_fin |= segment.len > 0 && closes.acks_fin && self.fin[own].is_none();
        if closes.acks_fin {
            self.fin_acked[peer].get_or_insert(segment.moment);
        }
        if segment.flags.fin() {
            self.fins[own] = self.fins[own].saturating_add(1);
            self.fin[own].get_or_insert(segment.moment);
        }
        if segment.flags.rst() {
            self.resets[own] = self.resets[own].saturating_add(1);
            if self.reset.is_none() && !closes.is_stray {
                let cause = self.cause(closes, under_way);
                self.reset = Some(Reset { by: from, at: segment.moment, cause });
            }
        }
    }

    /// Why a reset comes now.
    fn cause(&self, closes: Closes, under_way: UnderWay) -> ResetCause {
        match self.first_to_close() {
            _ if closes.refuses => ResetCause::Refused,
            Some(_) => ResetCause::AfterFin,
            None if under_way.is_given_up => ResetCause::TimedOut,
            None if under_way.is_unread => ResetCause::UnreadData,
            None => ResetCause::Abort,
        }
    }

    /// How many segments of one side carried a FIN, repetitions included.
    #[must_use]
    pub const fn fins(&self, from: Lane) -> u16 {
        self.fins[from as usize]
    }

    /// How many resets one side sent, those of another connection included.
    #[must_use]
    pub const fn resets(&self, from: Lane) -> u16 {
        self.resets[from as usize]
    }

    /// The first FIN of one side.
    #[must_use]
    pub const fn fin(&self, from: Lane) -> Option<Moment> {
        self.fin[from as usize]
    }

    /// The first acknowledgment of one side's FIN.
    #[must_use]
    pub const fn fin_acked(&self, from: Lane) -> Option<Moment> {
        self.fin_acked[from as usize]
    }

    /// The first reset.
    #[must_use]
    pub const fn reset(&self) -> Option<Reset> {
        self.reset
    }

    /// Whether one side went on sending data after it had acknowledged the other's FIN: a half-close put to use.
    #[must_use]
    pub const fn has_data_after_fin(&self) -> bool {
        self.data_after_fin
    }

    /// Who sent the first FIN.
    #[must_use]
    pub fn first_to_close(&self) -> Option<Lane> {
        match (self.fin(Lane::Client), self.fin(Lane::Server)) {
            (Some(client), Some(server)) if server.frame() < client.frame() => Some(Lane::Server),
            (None, Some(_)) => Some(Lane::Server),
            (Some(_), _) => Some(Lane::Client),
            (None, None) => None,
        }
    }

    /// Exchanges the roles of client and server.
    pub(super) fn swap(&mut self) {
        self.fins.swap(0, 1);
        self.resets.swap(0, 1);
        self.fin.swap(0, 1);
        self.fin_acked.swap(0, 1);
        if let Some(reset) = &mut self.reset {
            reset.by = reset.by.other();
        }
    }
}
