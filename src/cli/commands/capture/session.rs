//! The capture's loop: from the first packet to whatever ends it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::command::{Ended, HeldCommand};
use super::connections::Connections;
use super::display::Display;
use super::processes::ProcessBook;
use super::save::Saver;
use super::summary::Counts;
use super::waiting::Waiting;
use crate::analyse::Tracker;
use crate::cli::report::Failure;
use crate::clock::{now, realtime};
use crate::decode::headers;
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
pub(super) struct Limits<'a> {
    pub(super) interrupted: &'a AtomicBool,
    pub(super) packets: Option<u64>,
    pub(super) duration: Option<Duration>,
    pub(super) command: Option<HeldCommand>,
}

/// Where packets go.
pub(super) struct Sinks {
    pub(super) counts: Counts,
    /// Follows the connections, where anybody will hear of them.
    pub(super) tracker: Option<Tracker>,
    /// Who is behind the packets, where that is asked for.
    pub(super) processes: Option<ProcessBook>,
    /// Packets that are not yet saved and shown.
    pub(super) waiting: Waiting,
    pub(super) save: Option<Saver>,
    pub(super) display: Option<Display>,
    /// What is displayed instead of packets.
    pub(super) connections: Option<Connections>,
    /// The time of the last packet.
    pub(super) last: Timestamp,
}

/// Why a capture ended.
pub(super) enum End {
    /// As asked for: Ctrl-C, so many packets, so long, nobody reads on, or with the command.
    Asked(Option<Ended>),
    /// By something that went wrong.
    Failed(Failure),
}

/// Captures until something ends it.
pub(super) fn run(capture: &mut LiveCapture, sinks: &mut Sinks, limits: &mut Limits<'_>) -> End {
    let began = now();
    let end = capture_until_end(capture, sinks, limits, began);
    let rest = sinks.finish_waiting();
    match end.and_then(|command| rest.map(|()| command)) {
        Ok(command) => End::Asked(command),
        Err(failure) => End::Failed(failure),
    }
}

fn capture_until_end(
    capture: &mut LiveCapture,
    sinks: &mut Sinks,
    limits: &mut Limits<'_>,
    began: Instant,
) -> Result<Option<Ended>, Failure> {
    loop {
        let left = limits.duration.map(|duration| duration.saturating_sub(began.elapsed()));
        let ended = limits.command.as_ref().map(HeldCommand::ending).transpose()?.flatten();
        if limits.interrupted.load(Ordering::Relaxed) || left.is_some_and(|left| left.is_zero()) || ended.is_some() {
            settle(capture, sinks, limits)?;
            return Ok(ended);
        }
        if let Some(Err(failure)) = sinks.save.as_ref().map(Saver::check) {
            settle(capture, sinks, limits)?;
            return Err(failure);
        }
        if sinks.display.as_ref().is_some_and(Display::has_ended) {
            return Ok(None);
        }
        let patience = if sinks.waiting.is_empty() { LOOK_AGAIN } else { LOOK_SOON };
        capture.wait(left.map_or(patience, |left| left.min(patience)))?;
        take(capture, sinks, limits)?;
        sinks.show_connections(false);
        if limits.packets.is_some_and(|packets| sinks.counts.packets >= packets) {
            return Ok(None);
        }
    }
}

/// Takes the packets that were captured before the end and that the kernel still holds.
fn settle(capture: &mut LiveCapture, sinks: &mut Sinks, limits: &Limits<'_>) -> Result<(), Failure> {
    let (since, end) = (now(), realtime());
    let mut taken = 1;
    while taken > 0 && sinks.last < end && since.elapsed() < SETTLING {
        capture.wait(2 * capture.batch())?;
        taken = take(capture, sinks, limits)?;
    }
    Ok(())
}

/// Takes what is there, at most a burst, and says how much that was.
fn take(capture: &mut LiveCapture, sinks: &mut Sinks, limits: &Limits<'_>) -> Result<usize, Failure> {
    let mut taken = 0;
    loop {
        let left = limits.packets.map_or(usize::MAX, |packets| {
            usize::try_from(packets.saturating_sub(sinks.counts.packets)).unwrap_or(usize::MAX)
        });
        let mut failure = None;
        let delivered = capture.deliver(left.min(BURST), |frame| {
            if failure.is_none() {
                failure = sinks.take(frame).err();
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
    let waited = sinks.hand_on_waiting()?;
    if taken + waited > 0 && taken < BURST {
        sinks.pause()?;
    }
    Ok(taken)
}

impl Sinks {
    fn take(&mut self, frame: &Frame<'_>) -> Result<(), Failure> {
        self.counts.packets += 1;
        self.counts.bytes += u64::from(frame.wire_len);
        self.last = frame.time.unwrap_or(self.last);
        let Some(processes) = &mut self.processes else { return self.hand_on(frame) };
        let packet = headers(frame);
        processes.look_up(&packet, self.last);
        if self.waiting.is_empty() && !processes.is_awaited(&packet) {
            return self.hand_on(frame);
        }
        self.waiting.add(frame);
        Ok(())
    }

    /// Hands on what waits no longer, and says how many packets that were.
    fn hand_on_waiting(&mut self) -> Result<usize, Failure> {
        let mut count = 0;
        while let Some(processes) = &mut self.processes {
            processes.take_answers();
            let is_settled = |frame: &Frame<'_>| !processes.is_awaited(&headers(frame));
            let Some(frame) = self.waiting.next(is_settled) else { break };
            self.hand_on(&frame.as_frame())?;
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

    /// Saves a packet, follows its connection, and shows it.
    fn hand_on(&mut self, frame: &Frame<'_>) -> Result<(), Failure> {
        let mut processes = self.processes.as_mut();
        if let Some(save) = &mut self.save {
            save.make_room(frame)?;
            match processes.as_mut().filter(|_| save.takes_comments()) {
                Some(processes) => {
                    let comments = processes.notes(&headers(frame), save.number());
                    save.save(&Frame { comments: &comments, ..*frame })?;
                }
                None => save.save(frame)?,
            }
        }
        let seen = self.tracker.as_mut().and_then(|tracker| tracker.observe(frame, &headers(frame)));
        match (&mut self.connections, &self.tracker, &mut self.display) {
            (Some(connections), Some(tracker), _) => connections.observe(frame, seen, tracker, processes),
            (None, _, Some(display)) => {
                let processes = processes.and_then(|processes| processes.of(&headers(frame)));
                display.packet(frame, seen, processes);
            }
            _ => {}
        }
        Ok(())
    }

    /// Shows what became of connections, where that is due.
    pub(super) fn show_connections(&mut self, is_end: bool) {
        if let (Some(connections), Some(tracker), Some(display)) =
            (&mut self.connections, &self.tracker, &mut self.display)
        {
            let processes = self.processes.as_mut();
            connections.show(tracker, processes, is_end, |text, events| display.text(text, events));
        }
    }

    /// Nothing more is there now: shows and saves what was held back.
    fn pause(&mut self) -> Result<(), Failure> {
        if let Some(display) = &mut self.display {
            display.pause();
        }
        self.save.as_mut().map_or(Ok(()), Saver::pause)
    }
}
