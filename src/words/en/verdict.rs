//! How a TCP connection opened and how it ended.

use std::fmt::{self, Formatter};

use super::lane::lane;
use crate::analyse::{Ending, Manner, Opening, ResetCause, Verdict};

/// `closed by the client, four-way`; how it opened only where that was not plain.
pub(in crate::words) fn verdict(verdict: &Verdict, f: &mut Formatter<'_>) -> fmt::Result {
    match (verdict.opening, verdict.ending) {
        (how @ (Opening::Refused | Opening::NoAnswer { .. } | Opening::HalfOpen), Ending::NeverOpened) => {
            opening(how, f)
        }
        (Opening::Refused, _) => opening(Opening::Refused, f),
        (Opening::Missed, how) => {
            f.write_str("opening not captured; ")?;
            ending(how, f)
        }
        (Opening::Complete { simultaneous: false }, how) => ending(how, f),
        (how @ (Opening::Complete { simultaneous: true } | Opening::NoAnswer { .. } | Opening::HalfOpen), end) => {
            opening(how, f)?;
            f.write_str("; ")?;
            ending(end, f)
        }
    }
}

/// `complete`, `no answer after 5 tries`.
pub(in crate::words) fn opening(opening: Opening, f: &mut Formatter<'_>) -> fmt::Result {
    match opening {
        Opening::Complete { simultaneous: false } => f.write_str("complete"),
        Opening::Complete { simultaneous: true } => f.write_str("complete, from both sides at once"),
        Opening::Refused => f.write_str("refused"),
        Opening::NoAnswer { tries: 1 } => f.write_str("no answer"),
        Opening::NoAnswer { tries } => write!(f, "no answer after {tries} tries"),
        Opening::HalfOpen => f.write_str("half-open"),
        Opening::Missed => f.write_str("missed"),
    }
}

/// `closed by the client, four-way`, `reset by the server: unread data`.
pub(in crate::words) fn ending(ending: Ending, f: &mut Formatter<'_>) -> fmt::Result {
    match ending {
        Ending::NeverOpened => f.write_str("never opened"),
        Ending::Open => f.write_str("still open"),
        Ending::HalfClosed { by } => write!(f, "half-closed by the {}", lane(by)),
        Ending::Closing { first } => write!(f, "closing, the {} first", lane(first)),
        Ending::Closed { first, manner, half_close } => closed(manner, lane(first), half_close, f),
        Ending::Reset(reset) => write!(f, "reset by the {}: {}", lane(reset.by), cause(reset.cause)),
    }
}

fn closed(manner: Manner, first: &str, half_close: bool, f: &mut Formatter<'_>) -> fmt::Result {
    let manner = match manner {
        Manner::Simultaneous => return f.write_str("closed by both sides at once"),
        Manner::FourWay => "four-way",
        Manner::ThreeSegments => "three segments",
    };
    write!(f, "closed by the {first}, {manner}{}", if half_close { ", half-closed in between" } else { "" })
}

/// `refused`, `after a FIN`, `time-out`, `unread data`, `abort`.
pub(in crate::words) const fn cause(cause: ResetCause) -> &'static str {
    match cause {
        ResetCause::Refused => "refused",
        ResetCause::AfterFin => "after a FIN",
        ResetCause::TimedOut => "time-out",
        ResetCause::UnreadData => "unread data",
        ResetCause::Abort => "abort",
    }
}
