//! A timeline for pictures: its events as rungs of a ladder.

use super::connection::FAULTS;
use super::ladder::Ladder;
use crate::analyse::call_notation::asked_of;
use crate::analyse::{Event, Seen, State, What};
use crate::model::Lane;

/// How much of what a call gave a picture has room for.
const CALL: usize = 29;

/// One line of a picture.
pub(super) struct Rung {
    pub(super) time: String,
    pub(super) client: Option<String>,
    pub(super) server: Option<String>,
    pub(super) what: Drawn,
}

/// What a rung shows.
pub(super) enum Drawn {
    /// A packet, or a run of them.
    Arrow { from: Lane, label: String, is_remarkable: bool, is_lost: bool, sentence: String },
    /// A call's beginning, its end, or both.
    Call { lane: Lane, said: String, part: Part },
    /// Packets left out.
    Omitted(String),
}

/// Which part of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Entered,
    Returned,
    Whole,
}

/// The rungs of a timeline, and the unit of their times.
pub(super) fn rungs(ladder: &Ladder<'_>) -> (Vec<Rung>, &'static str) {
    let clock = ladder.clock();
    let rung = |event: &Event| {
        let state = |state: Option<State>| state.map(|_| ladder.state(state));
        let time = if event.at.is_some() { clock.tell(event.at) } else { String::new() };
        Some(Rung { time, client: state(event.client), server: state(event.server), what: drawn(ladder, event)? })
    };
    (ladder.timeline.events.iter().filter_map(rung).collect(), clock.name)
}

/// What a rung shows of an event.
fn drawn(ladder: &Ladder<'_>, event: &Event) -> Option<Drawn> {
    let what = event.what;
    let call = |place: usize| ladder.calls.get(place);
    Some(match what {
        What::Packet { .. } | What::Run { .. } => {
            let (from, label) = ladder.sent(what)?;
            let is_fault = |seen: Seen| FAULTS.iter().any(|fault| seen.marks.contains((*fault).into()));
            let is_lost = Ladder::loss(what).is_some();
            let is_remarkable = is_lost || ladder.packet(what)?.seen.is_none_or(is_fault);
            Drawn::Arrow { from, label, is_remarkable, is_lost, sentence: ladder.sentence(event) }
        }
        What::Omitted(packets) => Drawn::Omitted(ladder.omitted(packets)),
        What::Entered(place) => {
            let call = call(place)?;
            Drawn::Call { lane: call.lane, said: asked_of(call), part: Part::Entered }
        }
        What::Returned(place) => {
            let call = call(place)?;
            Drawn::Call { lane: call.lane, said: ladder.answer(call, CALL).into_owned(), part: Part::Returned }
        }
        What::Called(place) => {
            let call = call(place)?;
            Drawn::Call { lane: call.lane, said: ladder.told(call, CALL), part: Part::Whole }
        }
    })
}

/// `TCP 192.0.2.1:40000 → 192.0.2.2:80, stream 3`.
pub(super) fn title(ladder: &Ladder<'_>) -> String {
    ladder.view.style.spelling().picture_title(ladder.timeline)
}
