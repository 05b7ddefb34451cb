//! What `demo` and `read` both show: packets, calls and conversations in the chosen parts.

use std::io::{self, Write};

use crate::analyse::{Limits, Observed, Timeline, Tracker, What, sentence, timelines};
use crate::cli::args::Part;
use crate::decode::dissect;
use crate::model::{OwnedFrame, SocketCall, Timestamp, Transport};
use crate::render::{PacketTable, Row, View, write_explanations, write_handshake, write_packet_bytes, write_timeline};

/// Packets with their meaning, the calls behind them, and the conversations they make.
pub(super) struct Lesson {
    pub(super) packets: Vec<Observed>,
    pub(super) calls: Vec<SocketCall>,
    pub(super) timelines: Vec<Timeline>,
    pub(super) tracker: Tracker,
}

/// Which parts of a lesson are shown.
pub(super) struct Selection<'a> {
    pub(super) parts: &'a [Part],
    /// The packet to open; the first with TCP payload where it is `None`.
    pub(super) packet: Option<u64>,
    pub(super) explain: bool,
}

impl Lesson {
    /// Reads the meaning of the packets out of them.
    pub(super) fn new(frames: Vec<OwnedFrame>, calls: Vec<SocketCall>) -> Self {
        let mut tracker = Tracker::new(Limits::default());
        let packets: Vec<Observed> = frames
            .into_iter()
            .map(|frame| {
                let mut observed = Observed { frame, seen: None };
                observed.seen = tracker.observe(&observed.frame.as_frame(), &observed.packet());
                observed
            })
            .collect();
        let timelines = timelines(&packets, &calls);
        Self { packets, calls, timelines, tracker }
    }

    /// Writes the parts in their order.
    pub(super) fn write(&self, selection: &Selection<'_>, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        let shows = |part| selection.parts.contains(&part);
        if shows(Part::Table) {
            self.write_table(view, out)?;
            writeln!(out)?;
        }
        if shows(Part::Timeline) {
            for timeline in &self.timelines {
                write_timeline(timeline, &self.packets, &self.calls, selection.explain, view, out)?;
                self.write_facts(timeline, view, out)?;
                writeln!(out)?;
            }
        } else if selection.explain {
            write_explanations(&self.sentences(), view.style, out)?;
            writeln!(out)?;
        }
        if shows(Part::Bytes) {
            if let Some(observed) = self.packet_to_open(selection.packet) {
                let frame = observed.frame.as_frame();
                write_packet_bytes(&frame, &observed.packet(), &dissect(&frame), view, out)?;
                writeln!(out)?;
            }
        }
        Ok(())
    }

    fn write_table(&self, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        let origin = self.origin();
        let rows: Vec<Row<'_>> = self
            .packets
            .iter()
            .map(|observed| Row {
                frame: observed.frame.as_frame(),
                packet: observed.packet(),
                seen: observed.seen,
                origin,
            })
            .collect();
        PacketTable::new(*view).write_batch(&rows, out)
    }

    /// What stands under a timeline: how the connection opened and what it agreed on.
    fn write_facts(&self, timeline: &Timeline, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        if timeline.transport != Transport::Tcp {
            return Ok(());
        }
        let connection = self.tracker.connection(timeline.transport, timeline.stream);
        match connection.and_then(|connection| connection.handshake()) {
            Some(handshake) => write_handshake(handshake, view.style, out),
            None => Ok(()),
        }
    }

    /// The sentence for each packet, with the packet's number.
    pub(super) fn sentences(&self) -> Vec<(u64, String)> {
        let mut sentences: Vec<(u64, String)> = Vec::new();
        for timeline in &self.timelines {
            for event in &timeline.events {
                let What::Packet { packet, .. } = event.what else { continue };
                if let Some(observed) = self.packets.get(packet) {
                    sentences.push((observed.frame.number, sentence(timeline, observed, event.what)));
                }
            }
        }
        sentences.sort_by_key(|(number, _)| *number);
        sentences
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

    /// The first packet's time.
    pub(super) fn origin(&self) -> Option<Timestamp> {
        self.packets.iter().find_map(|observed| observed.frame.time)
    }
}

impl Lesson {
    /// The frames with calls, states and explanations as comments.
    pub(super) fn annotated(&self, _ledger: &crate::analyse::Ledger) -> Vec<OwnedFrame> {
        self.packets.iter().map(|observed| observed.frame.clone()).collect()
    }

    pub(super) fn document(
        &self,
        _ledger: &crate::analyse::Ledger,
        _dropped: u32,
    ) -> crate::render::json::DemoDocument {
        crate::render::json::DemoDocument { schema: 1 }
    }
}
