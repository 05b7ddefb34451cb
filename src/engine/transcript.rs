//! What a run or a short capture says: packets, calls and conversations, in the parts that were chosen.

use std::io::{self, Write};

use super::derived_fields::dissect_seen;
use crate::analyse::{
    Event, Explanation, Handshake, Ledger, Limits, Measured, Observed, Seen, Timeline, Tracker, What, Why,
    call_notation, explain, timelines,
};
use crate::decode::Packet;
use crate::model::{OwnedFrame, SocketCall, TcpState, Timestamp, Transport};
use crate::render::{
    Column, Known, Ladder, PacketTable, PacketWriter as _, Row, View, Ways, json, write_explanations, write_handshake,
    write_packet_bytes, write_timeline,
};
use crate::words::Spelling;

/// Packets with their meaning, the calls behind them, and the conversations they make.
pub(crate) struct Transcript {
    pub(crate) packets: Vec<Observed>,
    pub(crate) calls: Vec<SocketCall>,
    pub(crate) timelines: Vec<Timeline>,
    pub(crate) tracker: Tracker,
    /// The time of the capture's first packet.
    origin: Option<Timestamp>,
}

/// Which parts are shown.
#[derive(Clone, Copy, Default)]
pub(crate) struct Selection {
    /// The packets, a row each.
    pub(crate) table: bool,
    /// Columns by their names that are left out last where there is little room.
    pub(crate) columns: &'static [&'static str],
    /// Calls, states and packets in lanes.
    pub(crate) timeline: bool,
    /// Packets opened to their bytes.
    pub(crate) bytes: bool,
    /// The packet to open; the first with TCP payload where it is `None`.
    pub(crate) packet: Option<u64>,
    /// Without a wish for one packet, whether one with each payload is opened.
    pub(crate) every_payload: bool,
    /// Whether each packet is explained in a sentence.
    pub(crate) explain: bool,
}

/// What the document of a demonstration says beside the transcript.
pub(crate) struct Document<'a> {
    /// The scenario's name.
    pub(crate) scenario: &'a str,
    /// What was measured.
    pub(crate) measured: &'a [Measured],
    /// Whether times are told.
    pub(crate) has_times: bool,
    /// Calls against packets.
    pub(crate) ledger: &'a Ledger,
    /// Packets that the kernel lost.
    pub(crate) dropped: u32,
    /// Where each packet was seen.
    pub(crate) ways: Ways<'a>,
}

impl Transcript {
    /// Reads the meaning of the packets out of them.
    pub(crate) fn new(frames: Vec<OwnedFrame>, calls: Vec<SocketCall>) -> Self {
        let mut tracker = Tracker::new(Limits::default());
        let origin = frames.iter().find_map(|frame| frame.time);
        let packets = frames
            .into_iter()
            .map(|frame| {
                let mut observed = Observed { frame, seen: None };
                observed.seen = tracker.observe(&observed.frame.as_frame(), &observed.packet());
                observed
            })
            .collect();
        Self::of(packets, calls, tracker, origin)
    }

    /// Of packets of a saved capture that a tracker has seen: the calls of a demonstration are comments of its packets.
    pub(crate) fn of_saved(packets: Vec<Observed>, tracker: Tracker, origin: Option<Timestamp>) -> Self {
        let comments = packets.iter().flat_map(|observed| &observed.frame.comments);
        let mut calls: Vec<SocketCall> = comments.filter_map(|comment| call_notation::read(comment)).collect();
        calls.sort_by_key(|call| call.entered);
        Self::of(packets, calls, tracker, origin)
    }

    /// Of packets that a tracker has seen, of a capture that begins at `origin`.
    fn of(packets: Vec<Observed>, calls: Vec<SocketCall>, tracker: Tracker, origin: Option<Timestamp>) -> Self {
        let timelines = timelines(&packets, &calls);
        Self { packets, calls, timelines, tracker, origin }
    }

    /// Writes the parts in their order.
    pub(crate) fn write(&self, selection: &Selection, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        if selection.table {
            self.write_table(selection.columns, view, out)?;
        }
        if selection.timeline {
            self.write_timelines(selection.explain, view, out)?;
        } else if selection.explain {
            let numbers = self.packets.iter().map(|observed| observed.frame.number);
            write_explanations(numbers.zip(self.sentences_with_reasons(view.style.spelling())), view.style, out)?;
            writeln!(out)?;
        }
        for observed in self.packets_to_open(selection) {
            let frame = observed.frame.as_frame();
            write_packet_bytes(&frame, &observed.packet(), &dissect_seen(&frame, observed.seen), view, out)?;
            writeln!(out)?;
        }
        Ok(())
    }

    fn write_table(&self, kept: &[&str], view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        let kept: Vec<Column> = kept.iter().filter_map(|name| Column::named(name)).collect();
        let shown = |column: &&Column| Column::TABLE.contains(column) || kept.contains(column);
        let columns = Column::ALL.iter().filter(shown).copied().collect();
        let mut table = PacketTable::new(columns, true, *view).keeping(kept);
        let mut drawn = Vec::new();
        self.rows(&self.headers()).iter().try_for_each(|row| table.write(row, &mut drawn))?;
        table.finish(&mut drawn)?;
        drawn.push(b'\n');
        out.write_all(&drawn)
    }

    fn write_timelines(&self, explain: bool, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (packets, calls, origin) = (&self.packets, &self.calls, self.origin);
        let draw = |timeline| Ladder { timeline, packets, calls, origin, longest: 0, explain, view };
        let longest = [Transport::Tcp, Transport::Udp].map(|transport| {
            let like = self.timelines.iter().filter(|timeline| timeline.transport == transport);
            like.map(|timeline| draw(timeline).longest_label()).max().unwrap_or(0)
        });
        for timeline in &self.timelines {
            let longest = longest[timeline.transport as usize];
            write_timeline(&Ladder { longest, ..draw(timeline) }, out)?;
            if let Some(handshake) = self.handshake(timeline) {
                write_handshake(handshake, view.style, out)?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    /// The demonstration as one JSON document.
    pub(crate) fn write_document(
        &self,
        document: &Document<'_>,
        view: &View<'_>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let handshakes: Vec<_> = self.timelines.iter().map(|timeline| self.handshake(timeline)).collect();
        let headers = self.headers();
        let &Document { scenario, measured, has_times, ledger, dropped, ways } = document;
        let demo = json::Demo {
            scenario,
            rows: &self.rows(&headers),
            calls: &self.calls,
            timelines: &self.timelines,
            handshakes: &handshakes,
            explanations: &self.explanations(),
            reasons: &self.reasons(),
            measured,
            has_times,
            ledger,
            dropped,
            ways,
            read_text: view.read_text,
        };
        json::write_demo(&demo, out)
    }

    fn headers(&self) -> Vec<Packet<'_>> {
        self.packets.iter().map(Observed::packet).collect()
    }

    /// The packets with their headers.
    fn rows<'a>(&'a self, headers: &'a [Packet<'a>]) -> Vec<Row<'a>> {
        let origin = self.origin;
        let mut previous = None;
        let row = |(observed, packet): (&'a Observed, &'a Packet<'a>)| Row {
            frame: observed.frame.as_frame(),
            packet,
            seen: observed.seen,
            origin,
            previous: std::mem::replace(&mut previous, observed.frame.time),
            known: Known::default(),
        };
        self.packets.iter().zip(headers).map(row).collect()
    }

    /// How a conversation opened.
    fn handshake(&self, timeline: &Timeline) -> Option<&Handshake> {
        let connection = self.tracker.connection(timeline.transport, timeline.stream)?;
        connection.handshake().filter(|_| timeline.transport == Transport::Tcp)
    }

    /// What each packet does, in the order of the packets; `None` for one of no conversation.
    fn explanations(&self) -> Vec<Option<Explanation>> {
        let mut explanations = vec![None; self.packets.len()];
        for timeline in &self.timelines {
            for event in &timeline.events {
                let What::Packet { packet, .. } = event.what else { continue };
                explanations[packet] = explain(timeline, &self.packets[packet], event.what).or(explanations[packet]);
            }
        }
        explanations
    }

    /// Why things are as they are, by the packet or the call that shows it.
    fn reasons(&self) -> Vec<(json::Shows, Why)> {
        let shown = |event: &Event| {
            let what = match event.what {
                What::Packet { packet, .. } | What::Run { packet, .. } => json::Shows::Packet(packet),
                What::Entered(call) | What::Returned(call) | What::Called(call) => json::Shows::Call(call),
                What::Omitted(_) => return None,
            };
            Some((what, event.why?))
        };
        self.timelines.iter().flat_map(|timeline| &timeline.events).filter_map(shown).collect()
    }

    /// What each packet does in sentences, empty for one of no conversation.
    fn sentences(&self, spelling: Spelling) -> Vec<String> {
        let sentence = |explained: Option<Explanation>| explained.map(|explained| spelling.explanation(&explained));
        self.explanations().into_iter().map(|explained| sentence(explained).unwrap_or_default()).collect()
    }

    /// The same, and behind them why things are so, where a packet shows it first.
    fn sentences_with_reasons(&self, spelling: Spelling) -> Vec<String> {
        let mut sentences = self.sentences(spelling);
        for (shows, why) in self.reasons() {
            let json::Shows::Packet(place) = shows else { continue };
            if let Some(sentence) = sentences.get_mut(place) {
                sentence.push(' ');
                sentence.push_str(spelling.why(why));
            }
        }
        sentences
    }

    /// The frames with explanations, states and calls as their comments: each call with the first packet of its transport
    /// after it was entered, else the last before. [`call_notation::read`] reads the calls back.
    pub(crate) fn annotated(&self) -> Vec<OwnedFrame> {
        let mut frames: Vec<OwnedFrame> = self.packets.iter().map(|observed| observed.frame.clone()).collect();
        let sentences = self.sentences(Spelling::default());
        for (frame, (observed, sentence)) in frames.iter_mut().zip(self.packets.iter().zip(sentences)) {
            frame.comments.extend(Some(sentence).filter(|sentence| !sentence.is_empty()));
            frame.comments.extend(observed.seen.as_ref().and_then(states_comment));
        }
        for call in &self.calls {
            let of_transport =
                |place: &usize| self.packets[*place].seen.is_none_or(|seen| Some(seen.transport) == call.transport);
            let mut places = (0..frames.len()).filter(of_transport);
            let place =
                places.clone().find(|place| frames[*place].time >= Some(call.entered)).or_else(|| places.next_back());
            if let Some(place) = place {
                frames[place].comments.push(call_notation::write(call));
            }
        }
        frames
    }

    /// The packets to open, each with a payload of its own; none where bytes are not shown.
    fn packets_to_open(&self, selection: &Selection) -> Vec<&Observed> {
        if !selection.bytes {
            return Vec::new();
        }
        let mut opened: Vec<&Observed> = self.packet_to_open(selection.packet).into_iter().collect();
        if selection.every_payload && selection.packet.is_none() {
            for observed in &self.packets {
                let packet = observed.packet();
                let is_known = |other: &&Observed| other.packet().payload() == packet.payload();
                if !packet.payload().is_empty() && !opened.iter().any(is_known) {
                    opened.push(observed);
                }
            }
        }
        opened
    }

    /// The packet asked for; without a wish the first with TCP payload, else the first.
    pub(crate) fn packet_to_open(&self, number: Option<u64>) -> Option<&Observed> {
        match number {
            Some(number) => self.packets.iter().find(|observed| observed.frame.number == number),
            None => self
                .packets
                .iter()
                .find(|observed| observed.packet().tcp().is_some() && observed.packet().payload_len() > 0)
                .or_else(|| self.packets.iter().find(|observed| observed.packet().payload_len() > 0))
                .or_else(|| self.packets.iter().find(|observed| observed.packet().echo().is_some()))
                .or(self.packets.first()),
        }
    }
}

/// The states after a packet, as saved captures carry them; `None` where none is known.
pub(crate) fn states_comment(seen: &Seen) -> Option<String> {
    let state = |end: &str, state: Option<TcpState>| state.map(|state| format!("{end} {state}"));
    let states: Vec<String> =
        [state("client", seen.client), state("server", seen.server)].into_iter().flatten().collect();
    (!states.is_empty()).then(|| format!("states (inferred): {}", states.join(", ")))
}
