//! The processes that a saved capture names in comments, for every packet of their conversations.

use crate::decode::{Packet, headers};
use crate::model::{FlowKey, Frame, PacketEnd, ProcessNote, Processes, Recent};

/// How many conversations are remembered with their processes.
const CONVERSATIONS: usize = 8192;

/// The processes named so far.
pub(crate) struct ProcessNotes(Recent<FlowKey, Processes>);

impl ProcessNotes {
    /// None.
    pub(crate) fn new() -> Self {
        Self(Recent::new(CONVERSATIONS))
    }

    /// The processes behind a packet; `None` where the capture names none for its conversation.
    #[inline]
    pub(crate) fn of(&mut self, frame: &Frame<'_>) -> Option<Processes> {
        if frame.comments.is_empty() && self.0.is_empty() { None } else { self.find(frame, &headers(frame)) }
    }

    fn find(&mut self, frame: &Frame<'_>, packet: &Packet<'_>) -> Option<Processes> {
        let (transport, source, destination) = packet.endpoints()?;
        let key = FlowKey::new(transport, source, destination);
        // They are kept in the direction of the key.
        let is_turned = key.low != source;
        if packet.tcp().is_some_and(|tcp| tcp.flags().syn() && !tcp.flags().ack()) {
            self.0.forget(&key);
        }
        let turned = |processes: Processes| if is_turned { processes.turned() } else { processes };
        let mut found = self.0.get(&key).cloned().map(turned);
        for ProcessNote { end, process } in frame.comments.iter().filter_map(|comment| comment.parse().ok()) {
            let processes = found.get_or_insert_default();
            match end {
                PacketEnd::Source => processes.source = Some(process),
                PacketEnd::Destination => processes.destination = Some(process),
            }
            self.0.put(key, turned(processes.clone()));
        }
        found
    }
}
