//! A conversation about to be drawn: what the ladder for terminals and the pictures say in the same words.

use std::borrow::Cow;

use super::gist::purpose;
use super::row::{Known, Row};
use super::style::View;
use super::text;
use crate::analyse::call_notation::{asked_of, given};
use crate::analyse::{Event, Explanation, Loss, Marks, Observed, Relation, Run, State, Timeline, What, explain};
use crate::decode::Protocol;
use crate::model::{Call, Lane, Outcome, SocketCall, Timestamp, Transport};

/// A timeline, what it was made from, and how it shall look.
#[derive(Clone, Copy)]
pub struct Ladder<'a> {
    /// What happened, in order.
    pub timeline: &'a Timeline,
    /// The packets that the timeline was made from.
    pub packets: &'a [Observed],
    /// The calls that it was made from.
    pub calls: &'a [SocketCall],
    /// The time of the capture's first packet, which tables count from.
    pub origin: Option<Timestamp>,
    /// How many columns the longest label takes among the timelines that are shown together, so that all have the same
    /// lanes; 0 for one alone.
    pub longest: usize,
    /// Whether each packet is explained in a sentence.
    pub explain: bool,
    /// How it looks.
    pub view: &'a View<'a>,
}

impl Ladder<'_> {
    /// The packet of an event, or the first of a run.
    pub(super) fn packet(&self, what: What) -> Option<&Observed> {
        match what {
            What::Packet { packet, .. } | What::Run { packet, .. } => self.packets.get(packet),
            _ => None,
        }
    }

    /// How many columns its longest label takes.
    #[must_use]
    pub fn longest_label(&self) -> usize {
        let labels = self.timeline.events.iter().filter_map(|event| self.sent(event.what));
        labels.map(|(_, label)| text::width(&label)).max().unwrap_or(0)
    }

    /// What a packet says, in a sentence, and why things are so where that is seen here first; empty where there is nothing
    /// to say.
    pub(super) fn sentence(&self, event: &Event) -> String {
        let spelling = self.view.style.spelling();
        let said = self.explained(event.what).map(|explained| spelling.explanation(&explained));
        let sentences = [said, event.why.map(|why| spelling.why(why).to_owned())];
        sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// How a packet was lost, where that is proven.
    pub(super) const fn loss(what: What) -> Option<Loss> {
        match what {
            What::Packet { relation, .. } => relation.loss,
            _ => None,
        }
    }

    /// What a packet does; `None` for what is no packet.
    pub(super) fn explained(&self, what: What) -> Option<Explanation> {
        explain(self.timeline, self.packet(what)?, what)
    }

    /// What must be known to read the times: where they count from, if not from the capture's first packet; and where the
    /// capture's clock went back.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.zero().into_iter().chain(self.clock_went_back()).collect()
    }

    fn zero(&self) -> Option<String> {
        let first = self.timeline.events.iter().find(|event| event.at.is_some())?;
        let nanos = first.at? - self.origin?;
        let spelling = self.view.style.spelling();
        match first.what {
            _ if nanos == 0 => None,
            What::Entered(place) | What::Returned(place) | What::Called(place) => {
                Some(spelling.zero_is_call(&text::sanitise(self.calls.get(place)?.key()), nanos))
            }
            what => Some(spelling.zero_is_packet(self.packet(what)?.frame.number, nanos)),
        }
    }

    fn clock_went_back(&self) -> Option<String> {
        let timed = |event: &Event| Some((self.packet(event.what)?.frame.number, event.at?));
        let times: Vec<_> = self.timeline.events.iter().filter_map(timed).collect();
        let mut back = times.windows(2).filter(|pair| pair[1].1 < pair[0].1);
        let [(_, before), (number, after)] = *back.next()? else { return None };
        Some(self.view.style.spelling().clock_went_back(number, before - after, back.count()))
    }

    /// What stands for packets that are left out.
    pub(super) fn omitted(&self, packets: u64) -> String {
        self.view.style.spelling().omitted(packets)
    }

    /// Who sends what over the wire.
    pub(super) fn sent(&self, what: What) -> Option<(Lane, String)> {
        let (What::Packet { packet, .. } | What::Run { packet, .. }) = what else { return None };
        let observed = self.packets.get(packet)?;
        let label = match what {
            What::Run { run, .. } => self.run_label(run, observed.seen.map(|seen| seen.marks).unwrap_or_default()),
            What::Packet { relation, .. } => self.label(observed, relation),
            _ => String::new(),
        };
        Some((self.timeline.sender(observed), label))
    }

    fn run_label(&self, run: Run, marks: Marks) -> String {
        let mut label = self.view.style.spelling().run(self.timeline.transport, run);
        if run.packets == 0 && !marks.is_empty() {
            label.push_str(&format!(" [{}]", self.view.style.spelling().marks(marks)));
        }
        label
    }

    fn label(&self, observed: &Observed, relation: Relation) -> String {
        let packet = observed.packet();
        if let Some(asked) = packet.resolution() {
            let protocol = if asked.from.is_ipv4() { Protocol::Arp } else { Protocol::Icmpv6 };
            return format!("{}: {}", protocol.name(), self.said(observed));
        }
        let Some(seen) = observed.seen else { return self.complaint(observed) };
        let spelling = self.view.style.spelling();
        let mut label = String::new();
        if let Some(tcp) = packet.tcp() {
            label = tcp.flags().to_string();
            let absolute = |raw: u32| if self.view.absolute { format!(" ({raw})") } else { String::new() };
            if let Some(seq) = seen.seq {
                label.push_str(&format!(" seq={seq}{}", absolute(tcp.seq().0)));
            }
            if let Some(ack) = seen.ack {
                let sum = relation.acknowledges.map_or_else(|| ack.to_string(), |(seq, len)| format!("{seq}+{len}"));
                label.push_str(&format!(" ack={sum}{}", absolute(tcp.ack().0)));
            }
            if let Some(window) = seen.window.filter(|_| relation.tells_window) {
                label.push_str(&format!(" win={window}"));
            }
        } else if let Some(fragment) = packet.fragment().filter(|_| packet.endpoints().is_none()) {
            let seq = seen.seq.filter(|_| fragment.bytes.start == 0).map(|seq| format!(" seq={seq}"));
            let fragment = spelling.fragment(&fragment).to_string();
            label = format!("{fragment}{}:", seq.unwrap_or_default());
        } else if self.timeline.transport == Transport::Udp {
            label = match seen.later_len {
                0 => spelling.ladder().datagram.to_owned(),
                later => spelling.first_fragment(seen.len.saturating_add(later)),
            };
        }
        if seen.len > 0 || self.timeline.transport == Transport::Udp {
            let payload = packet.carried();
            let beginning = payload.get(..64).unwrap_or(payload);
            let said = text::sanitise(&self.view.read_text.read(beginning));
            match payload.is_empty() && seen.len > 0 {
                true => label.push_str(&format!(" {}", spelling.not_captured(seen.len))),
                false => label.push_str(&format!(" {} B \"{said}\"", seen.len)),
            }
        }
        let again = relation.repeated_by.and_then(|place| self.packets.get(place));
        let again = again.map(|again| spelling.sent_again(again.frame.number));
        let marks = Some(spelling.marks(seen.marks).to_string()).filter(|marks| !marks.is_empty());
        let remarks: Vec<String> = marks.into_iter().chain(again).collect();
        if !remarks.is_empty() {
            label = format!("[{}] {label}", remarks.join(", "));
        }
        label
    }

    /// What an ICMP error about a packet of the conversation says: the cause, without the kind it is of.
    pub(super) fn complaint(&self, observed: &Observed) -> String {
        let said = self.said(observed);
        format!("{}: {}", Protocol::Icmp.name(), said.rsplit_once(": ").map_or(&*said, |(_, cause)| cause))
    }

    /// What a message of the protocols around IP is for.
    fn said(&self, observed: &Observed) -> String {
        let (frame, packet) = (observed.frame.as_frame(), observed.packet());
        let row = Row { frame, packet: &packet, seen: None, origin: None, previous: None, known: Known::default() };
        purpose(&row, self.view.style.spelling()).unwrap_or_default()
    }

    pub(super) fn state(&self, state: Option<State>) -> String {
        state.map_or_else(String::new, |State { state, confirmed }| {
            let sign = if confirmed { self.view.style.glyph(" ✓", " *") } else { "" };
            format!("{state}{sign}")
        })
    }

    /// What the call gave; where there is no room for it without the sender of a datagram, who is seen on the wire.
    pub(super) fn answer<'c>(&self, call: &'c SocketCall, room: usize) -> Cow<'c, str> {
        let said = result(call);
        match &call.result {
            Ok(Outcome::Received { message, of, from: Some(_) }) if text::width(&said) > room => {
                let unnamed = Outcome::Received { message: message.clone(), of: *of, from: None };
                given(&unnamed).into_owned().into()
            }
            _ => said,
        }
    }

    /// A call that returned at once: as it was made, or with what it gave where that tells more.
    pub(super) fn told(&self, call: &SocketCall, room: usize) -> String {
        match (&call.what, &call.result) {
            (_, Ok(Outcome::Done)) if call.descriptors.given.is_some() => {
                format!("{} = {}", asked_of(call), result(call))
            }
            (_, Ok(Outcome::Done)) => asked_of(call),
            // All that was given was sent.
            (Call::Send { message, .. }, Ok(Outcome::Sent(len))) if *len == message.len => asked_of(call),
            _ => format!("{} = {}", call.key(), self.answer(call, room)),
        }
    }

    /// How the conversation's times are told.
    pub(super) fn clock(&self) -> Clock {
        let times = || self.timeline.events.iter().filter_map(|event| event.at);
        let span = times().min().zip(times().max()).map_or(0, |(first, last)| last - first);
        let style = self.view.style;
        let (tenth, name) = match span {
            ..100_000_000 => (100, style.glyph("µs", "us")),
            100_000_000..100_000_000_000 => (100_000, "ms"),
            _ => (100_000_000, "s"),
        };
        Clock { zero: times().next(), tenth, name, missing: style.missing() }
    }
}

/// Tells the times of a conversation from its first one on, in the unit that keeps them short.
pub(super) struct Clock {
    zero: Option<Timestamp>,
    /// The tenth of the unit, in nanoseconds.
    tenth: u64,
    /// The unit's name.
    pub(super) name: &'static str,
    missing: &'static str,
}

impl Clock {
    /// A time with its tenths; what is less is cut off.
    pub(super) fn tell(&self, at: Option<Timestamp>) -> String {
        let (Some(at), Some(zero)) = (at, self.zero) else { return self.missing.to_owned() };
        let nanos = at - zero;
        let tenths = nanos.unsigned_abs().checked_div(self.tenth).unwrap_or(0);
        format!("{}{}.{}", if nanos < 0 { "-" } else { "" }, tenths / 10, tenths % 10)
    }
}

/// What a call gave, or the name of the error.
pub(super) fn result(call: &SocketCall) -> Cow<'_, str> {
    match (&call.result, call.descriptors.given) {
        (Ok(Outcome::Accepted(peer)), Some(descriptor)) => return format!("{descriptor}, {peer}").into(),
        (Ok(_), Some(descriptor)) => return descriptor.to_string().into(),
        _ => {}
    }
    match &call.result {
        Ok(outcome) => match given(outcome) {
            nothing if nothing.is_empty() => "ok".into(),
            given => given,
        },
        Err(errno) => errno.key().into(),
    }
}
