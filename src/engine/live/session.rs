//! The capture's loop: from the first packet to whatever ends it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::arrival::Arrival;
use super::command::{CommandEnd, HeldCommand};
use super::outcome::{Counts, Outcome};
use super::sink::{Knowledge, Sink};
use super::waiting::Waiting;
use crate::clock::{now, realtime};
use crate::engine::failure::Failure;
use crate::host::HostError;
use crate::model::{Frame, Timestamp};
use crate::source::LiveCapture;

/// How long to wait for packets before looking whether the capture should end.
const LOOK_AGAIN: Duration = Duration::from_millis(40);

/// How long to wait for packets while others wait for their processes.
const LOOK_SOON: Duration = Duration::from_millis(2);

/// How many packets are taken before looking whether the capture should end.
const BURST: usize = 4096;

/// How long that may take which was captured before the end, at most.
const SETTLING: Duration = Duration::from_secs(10);

/// What ends a capture.
pub(crate) struct EndsOn<'a> {
    pub(crate) interrupted: &'a AtomicBool,
    pub(crate) packets: Option<u64>,
    pub(crate) duration: Option<Duration>,
    pub(crate) command: Option<&'a HeldCommand>,
}

/// Where packets go, and what is known of them.
pub(crate) struct Session<'s> {
    known: Knowledge,
    /// Packets that have not come to the sinks yet.
    waiting: Waiting,
    sinks: Vec<Box<dyn Sink + 's>>,
    /// Hears that the processes behind new sockets stay unknown.
    notice: &'s dyn Fn(&HostError),
    counts: Counts,
    /// The time of the last packet.
    last: Timestamp,
}

/// Why a capture ended.
pub(crate) enum End {
    /// As asked for: an interrupt, so many packets, so long, nobody reads on, or with the command.
    Asked(Option<CommandEnd>),
    /// By something that went wrong.
    Failed(Failure),
}

/// What is left of a session that has ended.
pub(crate) struct Ended {
    pub(crate) end: End,
    pub(crate) outcome: Outcome,
    pub(crate) known: Knowledge,
    /// What went wrong first when the sinks ended.
    pub(crate) failure: Option<Failure>,
}

impl<'s> Session<'s> {
    /// Packets wait `patience` for their processes at most, where these are asked for. `notice` hears it if no more of them
    /// will be found.
    pub(crate) fn new(
        known: Knowledge,
        patience: Duration,
        sinks: Vec<Box<dyn Sink + 's>>,
        notice: &'s dyn Fn(&HostError),
    ) -> Self {
        let (counts, last) = (Counts::default(), Timestamp::default());
        Self { known, waiting: Waiting::new(patience), sinks, notice, counts, last }
    }

    /// Captures until something ends it, and ends the sinks.
    ///
    /// # Errors
    ///
    /// A sink cannot begin. What goes wrong after that is told beside what the session came to.
    pub(crate) fn run(mut self, capture: &mut LiveCapture, ends_on: &EndsOn<'_>) -> Result<Ended, Failure> {
        self.sinks.iter_mut().try_for_each(|sink| sink.begin())?;
        let began = now();
        let end = self.capture_until_end(capture, ends_on, began);
        let rest = self.finish_waiting();
        let end = match end.and_then(|command| rest.map(|()| command)) {
            Ok(command) => End::Asked(command),
            Err(failure) => End::Failed(failure),
        };
        Ok(self.finish(capture, end, began.elapsed().as_secs_f64()))
    }

    fn capture_until_end(
        &mut self,
        capture: &mut LiveCapture,
        ends_on: &EndsOn<'_>,
        began: Instant,
    ) -> Result<Option<CommandEnd>, Failure> {
        loop {
            let left = ends_on.duration.map(|duration| duration.saturating_sub(began.elapsed()));
            let ended = ends_on.command.map(HeldCommand::ending).transpose()?.flatten();
            if ends_on.interrupted.load(Ordering::Relaxed) || left.is_some_and(|left| left.is_zero()) || ended.is_some()
            {
                self.settle(capture, ends_on)?;
                return Ok(ended);
            }
            if let Err(failure) = self.sinks.iter().try_for_each(|sink| sink.check()) {
                self.settle(capture, ends_on)?;
                return Err(failure);
            }
            if self.sinks.iter().any(|sink| sink.has_ended()) {
                return Ok(None);
            }
            let patience = if self.waiting.is_empty() { LOOK_AGAIN } else { LOOK_SOON };
            capture.wait(left.map_or(patience, |left| left.min(patience)))?;
            self.take_burst(capture, ends_on)?;
            self.sinks.iter_mut().for_each(|sink| sink.refresh(&mut self.known));
            if ends_on.packets.is_some_and(|packets| self.counts.packets >= packets) {
                return Ok(None);
            }
        }
    }

    /// Takes the packets that were captured before the end and that the kernel still holds.
    fn settle(&mut self, capture: &mut LiveCapture, ends_on: &EndsOn<'_>) -> Result<(), Failure> {
        let (since, end) = (now(), realtime());
        let mut taken = 1;
        while taken > 0 && self.last < end && since.elapsed() < SETTLING {
            capture.wait(2 * capture.batch())?;
            taken = self.take_burst(capture, ends_on)?;
        }
        Ok(())
    }

    /// Takes what is there, at most a burst, and says how much that was.
    fn take_burst(&mut self, capture: &mut LiveCapture, ends_on: &EndsOn<'_>) -> Result<usize, Failure> {
        let mut taken = 0;
        loop {
            let left = ends_on.packets.map_or(usize::MAX, |packets| {
                usize::try_from(packets.saturating_sub(self.counts.packets)).unwrap_or(usize::MAX)
            });
            let mut failure = None;
            let delivered = capture.deliver(left.min(BURST), |frame| {
                if failure.is_none() {
                    failure = self.take(frame).err();
                }
            })?;
            if let Some(failure) = failure {
                return Err(failure);
            }
            taken += delivered;
            if delivered == 0 || taken >= BURST {
                break;
            }
        }
        let waited = self.hand_on_waiting()?;
        if taken + waited > 0 && taken < BURST {
            self.sinks.iter_mut().try_for_each(|sink| sink.pause())?;
        }
        Ok(taken)
    }

    fn take(&mut self, frame: &Frame<'_>) -> Result<(), Failure> {
        self.counts.packets += 1;
        self.counts.bytes += u64::from(frame.wire_len);
        self.last = frame.time.unwrap_or(self.last);
        let arrival = Arrival::new(frame);
        if let Some(processes) = &mut self.known.processes {
            processes.look_up(arrival.packet(), self.last);
            if !self.waiting.is_empty() || processes.is_awaited(arrival.packet()) {
                self.waiting.add(&arrival);
                return Ok(());
            }
        }
        self.hand_on(arrival)
    }

    /// Hands on what waits no longer, and says how many packets that were.
    fn hand_on_waiting(&mut self) -> Result<usize, Failure> {
        let mut count = 0;
        while let Some(processes) = &mut self.known.processes {
            if let Err(lost) = processes.take_answers() {
                (self.notice)(&lost);
            }
            let is_settled = |arrival: &Arrival<'_>| !processes.is_awaited(arrival.packet());
            let Some(waited) = self.waiting.next(is_settled) else { break };
            self.hand_on(waited.as_arrival())?;
            count += 1;
        }
        Ok(count)
    }

    /// Hands on what still waits, when nothing more comes.
    fn finish_waiting(&mut self) -> Result<(), Failure> {
        while !self.waiting.is_empty() {
            self.hand_on_waiting()?;
        }
        Ok(())
    }

    /// Follows a packet's conversation, and gives it to the sinks.
    fn hand_on(&mut self, mut arrival: Arrival<'_>) -> Result<(), Failure> {
        self.known.observe(&mut arrival);
        self.sinks.iter_mut().try_for_each(|sink| sink.take(&arrival, &mut self.known))
    }

    /// Ends the sinks, each whatever became of the others.
    fn finish(mut self, capture: &mut LiveCapture, end: End, seconds: f64) -> Ended {
        let drops = capture.drops().unwrap_or_default();
        let mut outcome = Outcome { counts: self.counts, seconds, drops, last: self.last, ..Outcome::default() };
        let mut failure = None;
        for sink in &mut self.sinks {
            if let Err(failed) = sink.finish(&mut self.known, &mut outcome) {
                failure.get_or_insert(failed);
            }
        }
        Ended { end, outcome, known: self.known, failure }
    }
}
