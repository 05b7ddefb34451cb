//! Where the packets of a session go: to each of its sinks, with what the session knows beside the packet.

use super::arrival::Arrival;
use super::outcome::Outcome;
use crate::analyse::Tracker;
use crate::engine::failure::Failure;
use crate::host::ProcessBook;
use crate::model::Processes;

/// What a session knows beside its packets.
#[derive(Default)]
pub(crate) struct Knowledge {
    /// Follows the connections, where anybody will hear of them.
    pub(crate) tracker: Option<Tracker>,
    /// Who is behind the packets, where that is asked for.
    pub(crate) processes: Option<ProcessBook>,
}

impl Knowledge {
    /// Follows a packet's conversation, where conversations are followed.
    pub(super) fn observe(&mut self, arrival: &mut Arrival<'_>) {
        if let Some(tracker) = &mut self.tracker {
            arrival.seen = tracker.observe(&arrival.frame, arrival.packet());
        }
    }

    /// The processes behind a packet; `None` where nobody asked, and for one without ports.
    pub(super) fn processes_of(&mut self, arrival: &Arrival<'_>) -> Option<Processes> {
        self.processes.as_mut()?.of(arrival.packet())
    }
}

/// Takes in packets one by one, to save or to show them.
pub(crate) trait Sink {
    /// Begins, when nothing else can go wrong any more.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn begin(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Takes in a packet.
    ///
    /// # Errors
    ///
    /// It is lost, and so are those that would come after it.
    fn take(&mut self, arrival: &Arrival<'_>, known: &mut Knowledge) -> Result<(), Failure>;

    /// Lets go what was held back, because the next packet may be long in coming.
    ///
    /// # Errors
    ///
    /// As [`Sink::take`].
    fn pause(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Does what time asks for. That is called again and again, whether packets come or not.
    fn refresh(&mut self, known: &mut Knowledge) {
        let _ = known;
    }

    /// Makes sure that it can take what is to come.
    ///
    /// # Errors
    ///
    /// It cannot.
    fn check(&self) -> Result<(), Failure> {
        Ok(())
    }

    /// Whether it ended by itself, because nobody takes anything from it any more.
    fn has_ended(&self) -> bool {
        false
    }

    /// Ends, and adds its part to what the session came to.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn finish(&mut self, known: &mut Knowledge, outcome: &mut Outcome) -> Result<(), Failure>;
}
