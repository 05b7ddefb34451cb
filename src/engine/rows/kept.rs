//! Packets that are kept to draw their conversations.

use super::chooser::Chosen;
use crate::analyse::Observed;
use crate::source::Batch;

/// How much is kept; of a capture with more than that, nothing is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    /// The most packets.
    pub(crate) packets: usize,
    /// The most bytes of them.
    pub(crate) bytes: usize,
}

/// The packets of a capture that is small enough to draw its conversations.
pub(super) struct Kept {
    /// `None` when they are too many, or none are wanted.
    pub(super) packets: Option<Vec<Observed>>,
    bytes: usize,
    most: Keep,
}

impl Kept {
    /// None yet; none ever where so many are 0.
    pub(super) fn new(most: Keep) -> Self {
        Self { packets: (most.packets > 0).then(Vec::new), bytes: 0, most }
    }

    /// Keeps the chosen packets of a batch too.
    pub(super) fn take(&mut self, batch: &Batch, chosen: &Chosen) {
        for (index, &place) in chosen.places.iter().enumerate() {
            let Some(packets) = &mut self.packets else { return };
            let frame = batch.frame(place);
            self.bytes += frame.bytes.len();
            if packets.len() == self.most.packets || self.bytes > self.most.bytes {
                self.packets = None;
                return;
            }
            packets.push(Observed { frame: frame.to_owned(), seen: chosen.seen.get(index).copied().flatten() });
        }
    }
}
