//! How a TCP connection opened and how it ended, with the frames that show it.

use super::closing::{Closing, Reset, ResetCause};
use super::connection::Connection;
use super::moment::Moment;
use crate::model::{Few, Lane};

/// The judgement on one TCP connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How it opened.
    pub opening: Opening,
    /// The frames that show it, in order.
    pub opening_evidence: Evidence,
    /// How it ended.
    pub ending: Ending,
    /// The frames that show it, in order.
    pub ending_evidence: Evidence,
}

/// Frame numbers, counted from 1 as Wireshark does.
pub type Evidence = Few<u64, 4>;

/// How a connection opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// SYN, SYN-ACK and ACK were seen, or a later acknowledgment that proves the ACK; or two SYNs that crossed and the
    /// acknowledgments of both.
    Complete {
        /// Whether the SYNs crossed.
        simultaneous: bool,
    },
    /// The SYN was answered by a reset.
    Refused,
    /// The SYN was never answered.
    NoAnswer {
        /// How often it was sent.
        tries: u32,
    },
    /// The SYN was answered, and the client never acknowledged that.
    HalfOpen,
    /// The capture does not hold the handshake, or not all of it.
    Missed,
}

impl Opening {
    /// What programs may call it.
    pub const KEYS: [&str; 6] = ["complete", "simultaneous", "refused", "no_answer", "half_open", "not_captured"];

    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Complete { simultaneous: false } => "complete",
            Self::Complete { simultaneous: true } => "simultaneous",
            Self::Refused => "refused",
            Self::NoAnswer { .. } => "no_answer",
            Self::HalfOpen => "half_open",
            Self::Missed => "not_captured",
        }
    }
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It never opened, so it had nothing to end.
    NeverOpened,
    /// It was open when the capture ended.
    Open,
    /// One side had closed when the capture ended.
    HalfClosed {
        /// Which.
        by: Lane,
    },
    /// Both sides had closed, and not all of it was acknowledged when the capture ended.
    Closing {
        /// Who closed first.
        first: Lane,
    },
    /// Both sides closed, and both FINs were acknowledged.
    Closed {
        /// Who closed first, and waits in TIME-WAIT unless the FINs crossed.
        first: Lane,
        /// In which way.
        manner: Manner,
        /// Whether the other side went on sending data in between.
        half_close: bool,
    },
    /// It was reset.
    Reset(Reset),
}

impl Ending {
    /// What programs may call it.
    pub const KEYS: [&str; 6] = ["never_opened", "open", "half_closed", "closing", "closed", "reset"];

    /// Who closed first, or reset it; nobody where both closed at once.
    #[must_use]
    pub const fn by(self) -> Option<Lane> {
        match self {
            Self::NeverOpened | Self::Open | Self::Closed { manner: Manner::Simultaneous, .. } => None,
            Self::HalfClosed { by } | Self::Reset(Reset { by, .. }) => Some(by),
            Self::Closing { first } | Self::Closed { first, .. } => Some(first),
        }
    }

    /// In which way it was closed.
    #[must_use]
    pub const fn manner(self) -> Option<Manner> {
        match self {
            Self::Closed { manner, .. } => Some(manner),
            _ => None,
        }
    }

    /// Of a connection that was closed, whether the other side went on sending data in between.
    #[must_use]
    pub const fn half_close(self) -> Option<bool> {
        match self {
            Self::Closed { half_close, .. } => Some(half_close),
            _ => None,
        }
    }

    /// Why it was reset.
    #[must_use]
    pub const fn cause(self) -> Option<ResetCause> {
        match self {
            Self::Reset(reset) => Some(reset.cause),
            _ => None,
        }
    }

    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NeverOpened => "never_opened",
            Self::Open => "open",
            Self::HalfClosed { .. } => "half_closed",
            Self::Closing { .. } => "closing",
            Self::Closed { .. } => "closed",
            Self::Reset(_) => "reset",
        }
    }
}

/// In which order the segments of a clean close came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// FIN, ACK, FIN, ACK (RFC 9293 §3.6, figure 12).
    FourWay,
    /// FIN, FIN with ACK, ACK.
    ThreeSegments,
    /// Both FINs crossed (RFC 9293 §3.6, figure 13).
    Simultaneous,
}

impl Manner {
    /// What programs may call it.
    pub const KEYS: [&str; 3] = ["four_way", "three_segments", "simultaneous"];

    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::FourWay => "four_way",
            Self::ThreeSegments => "three_segments",
            Self::Simultaneous => "simultaneous",
        }
    }
}

impl Connection {
    /// How it opened and how it ended; `None` for UDP, which has neither.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        let (opening, opening_evidence) = self.opening()?;
        let (ending, ending_evidence) = match (opening, self.ending()) {
            (Opening::NoAnswer { .. } | Opening::HalfOpen, (Ending::Open, _)) => (Ending::NeverOpened, Evidence::new()),
            (_, ending) => ending,
        };
        Some(Verdict { opening, opening_evidence, ending, ending_evidence })
    }

    fn opening(&self) -> Option<(Opening, Evidence)> {
        let handshake = self.handshake()?;
        if let Some(crossed) = handshake.opened_by_crossing() {
            return Some((Opening::Complete { simultaneous: true }, evidence(crossed.map(Some))));
        }
        let (client, server) = (self.traffic(Lane::Client), self.traffic(Lane::Server));
        let refusal = self.closing().and_then(Closing::reset).filter(|reset| reset.cause == ResetCause::Refused);
        Some(match (handshake.syn, handshake.syn_ack, handshake.ack) {
            (syn @ Some(_), syn_ack @ Some(_), ack @ Some(_)) => {
                (Opening::Complete { simultaneous: handshake.is_simultaneous() }, evidence([syn, syn_ack, ack]))
            }
            (syn @ Some(_), syn_ack @ Some(_), None) if handshake.proof.is_some() => {
                (Opening::Complete { simultaneous: false }, evidence([syn, syn_ack, handshake.proof]))
            }
            (syn @ Some(_), syn_ack @ Some(_), None) => (Opening::HalfOpen, evidence([syn, syn_ack])),
            (syn @ Some(_), None, _) if refusal.is_some() => {
                (Opening::Refused, evidence([syn, refusal.map(|reset| reset.at)]))
            }
            (syn @ Some(_), None, _) if server.packets == 0 && client.packets == u64::from(handshake.syns) => {
                let tries = handshake.syns;
                (Opening::NoAnswer { tries }, evidence([syn, handshake.last_syn]))
            }
            (syn, syn_ack, ack) => (Opening::Missed, evidence([syn, syn_ack, ack])),
        })
    }

    fn ending(&self) -> (Ending, Evidence) {
        let Some(closing) = self.closing() else { return (Ending::Open, Evidence::new()) };
        let Some(first) = closing.first_to_close() else {
            return match closing.reset() {
                Some(reset) => (Ending::Reset(reset), evidence([Some(reset.at)])),
                None => (Ending::Open, Evidence::new()),
            };
        };
        let (fin, mut acked) = (closing.fin(first), closing.fin_acked(first));
        let (mut other_fin, other_acked) = (closing.fin(first.other()), closing.fin_acked(first.other()));
        if self.is_self_connected() {
            // It meets its own FIN and acknowledges it as if it were the other's.
            (acked, other_fin) = (other_acked, fin);
        }
        let before_reset = |moment: Moment| closing.reset().is_none_or(|reset| moment.frame() < reset.at.frame());
        if let (Some(acked), Some(other), Some(last)) = (acked, other_fin, other_acked)
            && before_reset(acked)
            && before_reset(last)
        {
            let manner = if acked == other {
                Manner::ThreeSegments
            } else if acked.frame() < other.frame() {
                Manner::FourWay
            } else {
                Manner::Simultaneous
            };
            let half_close = closing.has_data_after_fin();
            return (Ending::Closed { first, manner, half_close }, evidence([fin, Some(acked), other_fin, Some(last)]));
        }
        match closing.reset() {
            Some(reset) => (Ending::Reset(reset), evidence([fin, other_fin, Some(reset.at)])),
            None if other_fin.is_some() => (Ending::Closing { first }, evidence([fin, acked, other_fin, other_acked])),
            None => (Ending::HalfClosed { by: first }, evidence([fin, acked])),
        }
    }
}

/// The frames of the moments there are, in order, each once.
fn evidence<const N: usize>(moments: [Option<Moment>; N]) -> Evidence {
    let mut frames: Evidence = moments.into_iter().flatten().map(Moment::frame).collect();
    frames.sort_unstable();
    let mut last = 0;
    frames.iter().copied().filter(|frame| std::mem::replace(&mut last, *frame) != *frame).collect()
}
