//! What `demo` and `read` both show: packets, calls and conversations in the chosen parts.

use std::io::{self, Write};

use super::derived::dissect_seen;
use crate::analyse::{
    Finding, Handshake, Ledger, Limits, Observed, Seen, Timeline, Tracker, What, call_notation, explain, timelines,
};
use crate::cli::args::Part;
use crate::decode::Packet;
use crate::model::{OwnedFrame, SocketCall, TcpState, Timestamp, Transport};
use crate::render::{
    Column, Drawing, Known, PacketTable, PacketWriter as _, Row, View, json, write_explanations, write_handshake,
    write_packet_bytes, write_timeline,
};
use crate::words::Spelling;

/// Packets with their meaning, the calls behind them, and the conversations they make.
pub(super) struct Transcript {
    pub(super) packets: Vec<Observed>,
    pub(super) calls: Vec<SocketCall>,
    pub(super) timelines: Vec<Timeline>,
    pub(super) tracker: Tracker,
    /// The time of the capture's first packet.
    origin: Option<Timestamp>,
}

/// Which parts of a lesson are shown.
pub(super) struct Selection<'a> {
    pub(super) parts: &'a [Part],
    /// The packet to open; the first with TCP payload where it is `None`.
    pub(super) packet: Option<u64>,
    /// Without a wish for one packet, whether one with each payload is opened.
    pub(super) every_payload: bool,
    pub(super) explain: bool,
}

impl Transcript {
    /// Reads the meaning of the packets out of them.
    pub(super) fn new(frames: Vec<OwnedFrame>, calls: Vec<SocketCall>) -> Self {
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

    /// Of packets that a tracker has seen, of a capture that begins at `origin`.
    pub(super) fn of(
        packets: Vec<Observed>,
        calls: Vec<SocketCall>,
        tracker: Tracker,
        origin: Option<Timestamp>,
    ) -> Self {
        let timelines = timelines(&packets, &calls);
        Self { packets, calls, timelines, tracker, origin }
    }

    /// Writes the parts in their order.
    pub(super) fn write(&self, selection: &Selection<'_>, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        let shows = |part| selection.parts.contains(&part);
        if shows(Part::Table) {
            let mut table = PacketTable::new(Column::TABLE.to_vec(), true, *view);
            let mut drawn = Vec::new();
            self.rows(&self.headers()).iter().try_for_each(|row| table.write(row, &mut drawn))?;
            table.finish(&mut drawn)?;
            drawn.push(b'\n');
            out.write_all(&drawn)?;
        }
        if shows(Part::Timeline) {
            let (packets, calls, origin, explain) = (&self.packets, &self.calls, self.origin, selection.explain);
            let draw = |timeline| Drawing { timeline, packets, calls, origin, longest: 0, explain, view };
            let longest = [Transport::Tcp, Transport::Udp].map(|transport| {
                let like = self.timelines.iter().filter(|timeline| timeline.transport == transport);
                like.map(|timeline| draw(timeline).longest_label()).max().unwrap_or(0)
            });
            for timeline in &self.timelines {
                let longest = longest[timeline.transport as usize];
                write_timeline(&Drawing { longest, ..draw(timeline) }, out)?;
                if let Some(handshake) = self.handshake(timeline) {
                    write_handshake(handshake, view.style, out)?;
                }
                writeln!(out)?;
            }
        } else if selection.explain {
            let numbers = self.packets.iter().map(|observed| observed.frame.number);
            write_explanations(numbers.zip(self.sentences(view.style.spelling())), view.style, out)?;
            writeln!(out)?;
        }
        for observed in self.packets_to_open(selection) {
            let frame = observed.frame.as_frame();
            write_packet_bytes(&frame, &observed.packet(), &dissect_seen(&frame, observed.seen), view, out)?;
            writeln!(out)?;
        }
        Ok(())
    }

    /// The demonstration as one JSON document: its name and what it shows, what was measured and whether times are told.
    pub(super) fn write_document(
        &self,
        scenario: (&str, &[&str]),
        measured: (&[Finding], bool),
        ledger: &Ledger,
        dropped: u32,
        view: &View<'_>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let handshakes: Vec<_> = self.timelines.iter().map(|timeline| self.handshake(timeline)).collect();
        let headers = self.headers();
        let demo = json::Demo {
            scenario,
            rows: &self.rows(&headers),
            calls: &self.calls,
            timelines: &self.timelines,
            handshakes: &handshakes,
            sentences: &self.sentences(Spelling::MACHINE),
            findings: measured.0,
            has_times: measured.1,
            ledger,
            dropped,
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

    /// What each packet says, in the order of the packets; empty for one of no conversation.
    fn sentences(&self, spelling: Spelling) -> Vec<String> {
        let mut sentences = vec![String::new(); self.packets.len()];
        for timeline in &self.timelines {
            for event in &timeline.events {
                let What::Packet { packet, .. } = event.what else { continue };
                if let Some(explained) = explain(timeline, &self.packets[packet], event.what) {
                    sentences[packet] = spelling.explanation(&explained);
                }
            }
        }
        sentences
    }

    /// The frames with explanations, states and calls as their comments: each call with the first packet of its transport
    /// after it was entered, else the last before. [`call_notation::read`] reads the calls back.
    pub(super) fn annotated(&self) -> Vec<OwnedFrame> {
        let mut frames: Vec<OwnedFrame> = self.packets.iter().map(|observed| observed.frame.clone()).collect();
        let sentences = self.sentences(Spelling::MACHINE);
        for (frame, (observed, sentence)) in frames.iter_mut().zip(self.packets.iter().zip(sentences)) {
            frame.comments.extend(Some(sentence).filter(|sentence| !sentence.is_empty()));
            frame.comments.extend(observed.seen.as_ref().and_then(states_comment));
        }
        for call in &self.calls {
            let of_transport =
                |place: &usize| self.packets[*place].seen.is_none_or(|seen| seen.transport == call.transport);
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
    fn packets_to_open(&self, selection: &Selection<'_>) -> Vec<&Observed> {
        if !selection.parts.contains(&Part::Bytes) {
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
    pub(super) fn packet_to_open(&self, number: Option<u64>) -> Option<&Observed> {
        match number {
            Some(number) => self.packets.iter().find(|observed| observed.frame.number == number),
            None => self
                .packets
                .iter()
                .find(|observed| observed.packet().tcp().is_some() && observed.packet().payload_len() > 0)
                .or_else(|| self.packets.iter().find(|observed| observed.packet().payload_len() > 0))
                .or(self.packets.first()),
        }
    }
}

/// The states after a packet, as saved captures carry them; `None` where none is known.
pub(super) fn states_comment(seen: &Seen) -> Option<String> {
    let state = |end: &str, state: Option<TcpState>| state.map(|state| format!("{end} {state}"));
    let states: Vec<String> =
        [state("client", seen.client), state("server", seen.server)].into_iter().flatten().collect();
    (!states.is_empty()).then(|| format!("states (inferred): {}", states.join(", ")))
}
