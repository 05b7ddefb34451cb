//! Packets and calls of one conversation, merged by time.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use super::event::{Event, State, What};
use super::lost::{note_ignored, note_losses};
use super::observed::Observed;
use super::reasons::reasons;
use super::relation::relations;
use crate::model::{Endpoint, FlowKey, Lane, SocketCall, TcpState, Timestamp, Transport};

/// One conversation from its first call or packet to its last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// TCP or UDP.
    pub transport: Transport,
    /// The conversation's number, as [`Seen::stream`](super::Seen::stream).
    pub stream: u32,
    /// Who opened it.
    pub client: Endpoint,
    /// Who answered.
    pub server: Endpoint,
    /// Whether who is who is a guess.
    pub assumed: bool,
    /// What happened, in order of time; packets in the order of the capture.
    pub events: Vec<Event>,
}

/// The timelines of all conversations among the packets, in the order of their first packets.
#[must_use]
pub fn timelines(packets: &[Observed], calls: &[SocketCall]) -> Vec<Timeline> {
    let mut timelines = begun(packets);
    let places = places(&timelines, packets, !calls.is_empty());
    let made = made(calls);
    for (timeline, places) in timelines.iter_mut().zip(places) {
        timeline.events = events(timeline, (packets, &places), (calls, &timeline.concerned(&made)));
    }
    let mut conversations: Vec<_> = timelines.iter_mut().map(|it| (it.server, it.events.as_mut_slice())).collect();
    note_ignored(&mut conversations, packets, calls);
    note_reasons(&mut timelines, packets, calls);
    timelines
}

/// Every conversation among the packets, without what happened in it.
fn begun(packets: &[Observed]) -> Vec<Timeline> {
    let (mut timelines, mut known) = (Vec::new(), HashSet::new());
    for observed in packets {
        let (Some(seen), Some((transport, source, destination))) = (observed.seen, observed.packet().endpoints())
        else {
            continue;
        };
        let stream = seen.stream;
        if !known.insert((transport, stream)) {
            continue;
        }
        let (client, server) = if seen.from == Lane::Client { (source, destination) } else { (destination, source) };
        timelines.push(Timeline { transport, stream, client, server, assumed: seen.assumed, events: Vec::new() });
    }
    timelines
}

/// The places of the packets that belong to each conversation, or quote a packet of it; with `neighbors` also of those by which
/// its ends find their neighbours.
fn places(timelines: &[Timeline], packets: &[Observed], neighbors: bool) -> Vec<Vec<usize>> {
    let (mut numbered, mut between) = (HashMap::new(), HashMap::<_, Vec<usize>>::new());
    for (index, timeline) in timelines.iter().enumerate() {
        numbered.insert((timeline.transport, timeline.stream), index);
        let key = FlowKey::new(timeline.transport, timeline.client, timeline.server);
        between.entry(key).or_default().push(index);
    }
    let mut places = vec![Vec::new(); timelines.len()];
    let mut waiting = HashMap::new();
    for (place, observed) in packets.iter().enumerate() {
        if let Some(seen) = observed.seen {
            numbered.get(&(seen.transport, seen.stream)).into_iter().for_each(|index| places[*index].push(place));
        } else if let Some((transport, from, to)) = observed.packet().quoted_endpoints() {
            let quoted = between.get(&FlowKey::new(transport, from, to));
            quoted.into_iter().flatten().for_each(|index| places[*index].push(place));
        } else if let Some(asked) = observed.packet().resolution().filter(|_| neighbors) {
            let is_end = |addr: IpAddr| addr == asked.from || addr == asked.to;
            let could = |timeline: &Timeline| is_end(timeline.client.addr) || is_end(timeline.server.addr);
            let mut those = (0..timelines.len()).filter(|index| could(&timelines[*index]));
            // It is for the conversation that is about to begin; in the midst of all, for the last one. The answer is where
            // the question is.
            let question = waiting.get(&(asked.to, asked.from)).copied().filter(|_| asked.is_reply);
            let next = those.clone().find(|index| places[*index].is_empty());
            let Some(index) = question.or(next).or(those.next_back()) else { continue };
            waiting.insert((asked.from, asked.to), index);
            places[index].push(place);
        }
    }
    places
}

/// By whom a call was made, and to whom where that is known.
type Made = (Transport, Lane, Endpoint, Option<Endpoint>);

/// The places of the calls by who made them; of those without an end of their own nobody knows whose they are.
fn made(calls: &[SocketCall]) -> HashMap<Made, Vec<usize>> {
    let mut made = HashMap::<Made, Vec<usize>>::new();
    for (place, call) in calls.iter().enumerate() {
        let (Some(local), Some(transport)) = (call.local, call.transport) else { continue };
        made.entry((transport, call.lane, local, call.peer)).or_default().push(place);
    }
    made
}

impl Timeline {
    /// The places of the calls that were made for this conversation: by one of its ends, to the other or to nobody in
    /// particular.
    fn concerned(&self, made: &HashMap<Made, Vec<usize>>) -> Vec<usize> {
        let ends = [(Lane::Client, self.client, self.server), (Lane::Server, self.server, self.client)];
        let of = |(lane, own, other)| [None, Some(other)].map(|peer| (self.transport, lane, own, peer));
        let mut places: Vec<usize> =
            ends.into_iter().flat_map(of).filter_map(|maker| made.get(&maker)).flatten().copied().collect();
        places.sort_unstable();
        places
    }

    /// Who sent a packet of this conversation; a message about a packet comes from the side that packet went to, a neighbour's
    /// from the side that it is on.
    #[must_use]
    pub fn sender(&self, observed: &Observed) -> Lane {
        if let Some(asked) = observed.packet().resolution() {
            let of_client = asked.from == self.client.addr || asked.to == self.server.addr;
            return if of_client { Lane::Client } else { Lane::Server };
        }
        match (observed.seen, observed.packet().quoted_endpoints()) {
            (Some(seen), _) => seen.from,
            (None, Some((_, from, _))) if from == self.client => Lane::Server,
            _ => Lane::Client,
        }
    }

    /// Whether a socket is connected to itself: then everything is the client's.
    #[must_use]
    pub fn is_self_connected(&self) -> bool {
        self.client == self.server
    }
}

/// What happened: the packets and the calls at those places among all of them.
fn events(
    timeline: &Timeline,
    (packets, places): (&[Observed], &[usize]),
    (calls, concerned): (&[SocketCall], &[usize]),
) -> Vec<Event> {
    let mut events: Vec<(Option<Timestamp>, Event)> = Vec::new();
    let relations = relations(timeline.is_self_connected(), packets, places);
    let mut latest = None;
    for (packet, relation) in relations {
        let time = packets[packet].frame.time;
        latest = latest.max(time);
        events.push((latest, Event::new(time, What::Packet { packet, relation })));
    }
    for (place, call) in concerned.iter().filter_map(|place| Some((*place, calls.get(*place)?))) {
        for (at, what) in [(call.entered, What::Entered(place)), (call.returned, What::Returned(place))] {
            events.push((Some(at), Event::new(Some(at), what)));
        }
    }
    // Stable: packets keep the order of the capture, in which their meaning was found, also where its clock went back;
    // they stand before the calls of their moment.
    events.sort_by_key(|(latest, _)| *latest);
    let mut events = events.into_iter().map(|(_, event)| event).collect();
    join_short_calls(&mut events, calls);
    note_states(&mut events, packets, calls);
    note_losses(&mut events, packets, calls);
    if timeline.is_self_connected() {
        events.iter_mut().for_each(|event| event.server = None);
    }
    events
}

/// A call that takes as long has waited, in nanoseconds: its end is a moment of its own even where nothing else happened.
const LONG: i64 = 100_000_000;

/// Makes one event of a call that returned at once, before anything else happened.
fn join_short_calls(events: &mut Vec<Event>, calls: &[SocketCall]) {
    let mut joined: Vec<Event> = Vec::with_capacity(events.len());
    for event in events.drain(..) {
        if let (What::Returned(returned), Some(last)) = (event.what, joined.last_mut())
            && last.what == What::Entered(returned)
            && calls.get(returned).is_none_or(|call| call.duration() < LONG)
        {
            last.what = What::Called(returned);
            continue;
        }
        joined.push(event);
    }
    *events = joined;
}

/// Says why things are as they are, each once, where both sides' calls are known: in a lesson.
fn note_reasons(timelines: &mut [Timeline], packets: &[Observed], calls: &[SocketCall]) {
    let mut told = Vec::new();
    for timeline in timelines.iter_mut().filter(|_| !calls.is_empty()) {
        let is_alone = timeline.is_self_connected();
        for event in &mut timeline.events {
            let apt = reasons(event, is_alone, packets, calls);
            event.why = apt.into_iter().find(|why| !told.contains(why));
            told.extend(event.why);
        }
    }
}

/// Writes each end's state beside the event that changed it, or that the kernel was asked at.
fn note_states(events: &mut [Event], packets: &[Observed], calls: &[SocketCall]) {
    let (mut client, mut server) = (None, None);
    let mut inferred = (None, None);
    for event in events {
        match event.what {
            What::Packet { packet, .. } => {
                let seen = packets.get(packet).and_then(|observed| observed.seen);
                let now = (seen.and_then(|seen| seen.client), seen.and_then(|seen| seen.server));
                // A state inferred before is no news, even where the kernel has said another since.
                event.client = changed(&mut client, now.0.filter(|_| now.0 != inferred.0));
                event.server = changed(&mut server, now.1.filter(|_| now.1 != inferred.1));
                inferred = (now.0.or(inferred.0), now.1.or(inferred.1));
            }
            What::Returned(call) | What::Called(call) => {
                let Some(call) = calls.get(call) else { continue };
                let Some(state) = call.state else { continue };
                let confirmed = Some(State { state, confirmed: true });
                match call.lane {
                    Lane::Client => (client, event.client) = (Some(state), confirmed),
                    Lane::Server => (server, event.server) = (Some(state), confirmed),
                }
            }
            What::Entered(_) | What::Run { .. } | What::Omitted(_) => {}
        }
    }
}

/// The state to show where it is not the one already shown.
fn changed(shown: &mut Option<TcpState>, now: Option<TcpState>) -> Option<State> {
    let state = now.filter(|state| *shown != Some(*state))?;
    *shown = Some(state);
    Some(State { state, confirmed: false })
}
