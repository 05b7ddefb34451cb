//! Which packets are shown, decided in their order.

use crate::analyse::{Digest, Seen};
use crate::engine::choice::Choice;
use crate::engine::process_notes::ProcessNotes;
use crate::model::{Processes, Timestamp};
use crate::source::{Batch, SourceError};

/// Chooses packets, in their order.
pub(super) struct Chooser {
    pub(super) choice: Choice,
    /// How many more packets are wanted.
    left: u64,
    /// The time of the packet chosen last.
    previous: Option<Timestamp>,
    /// The processes that the capture names.
    noted: ProcessNotes,
    /// Whether it has named one behind a chosen packet.
    pub(super) has_named: bool,
    /// Why there was an early end: the filter has no meaning for a packet.
    pub(super) refusal: Option<SourceError>,
}

/// The packets of a batch that are to be shown.
pub(super) struct Chosen {
    /// Their places in the batch.
    pub(super) places: Vec<usize>,
    /// What each of them meant; empty where conversations are not followed.
    pub(super) seen: Vec<Option<Seen>>,
    /// Those with known processes behind them, by their index among the chosen ones.
    pub(super) processes: Vec<(usize, Processes)>,
    pub(super) origin: Option<Timestamp>,
    /// The time of the packet chosen before the first.
    pub(super) previous: Option<Timestamp>,
    /// Whether there will be no more.
    pub(super) is_last: bool,
}

impl Chooser {
    /// One that chooses so many packets at most.
    pub(super) fn new(choice: Choice, limit: Option<u64>) -> Self {
        let left = limit.unwrap_or(u64::MAX);
        Self { choice, left, previous: None, noted: ProcessNotes::new(), has_named: false, refusal: None }
    }

    /// Chooses among the packets of the next batch.
    pub(super) fn choose(&mut self, batch: &Batch, digests: &[Digest]) -> Chosen {
        let mut chosen = Chosen {
            places: Vec::new(),
            seen: Vec::new(),
            processes: Vec::new(),
            origin: None,
            previous: self.previous,
            is_last: false,
        };
        chosen.places.reserve(batch.len());
        if self.choice.follows() {
            chosen.seen.reserve(batch.len());
        }
        for (place, frame) in batch.frames().enumerate() {
            if self.left == 0 {
                break;
            }
            let seen = self.choice.follow(&frame, digests.get(place));
            match self.choice.takes(&frame, seen.as_ref()) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(refusal) => {
                    self.refusal = Some(refusal);
                    self.left = 0;
                    break;
                }
            }
            if let Some(processes) = self.noted.of(&frame) {
                chosen.processes.push((chosen.places.len(), processes));
                self.has_named = true;
            }
            chosen.places.push(place);
            if self.choice.follows() {
                chosen.seen.push(seen);
            }
            self.previous = frame.time.or(self.previous);
            self.left -= 1;
        }
        chosen.is_last = self.left == 0;
        chosen.origin = self.choice.origin();
        chosen
    }
}
