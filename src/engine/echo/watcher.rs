//! The thread that captures a program's packets, puts packets and calls in order of time and shows them.
//!
//! A packet is handed over by the kernel up to [`BATCH`] after it passed, a call is told of at once; both are shown
//! [`DELAY`] after they happened.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

use super::endpoints::{Between, OwnSockets};
use super::merge::Merge;
use super::save::Saver;
use super::screen::Screen;
use crate::analyse::{Connection, Limits, Observed, Tracker};
use crate::clock::realtime;
use crate::decode::{Packet, headers};
use crate::engine::exit::Exit;
use crate::engine::failure::Failure;
use crate::model::{Call, Endpoint, Lane, SocketCall, TcpState, Timestamp, Transport};
use crate::render::{Live, LiveRow};
use crate::source::{BATCH, Drops, LiveCapture, SourceError};

/// How long after it happened a thing is shown, in nanoseconds: until nothing older is to be expected.
const DELAY: i64 = 3 * BATCH.as_nanos() as i64;

/// How long to wait for packets where nothing is waiting to be shown.
const IDLE: Duration = Duration::from_millis(25);

/// How long a program that was interrupted may take to end, and the last packets of one that is done, in nanoseconds.
const PATIENCE: i64 = 1_000_000_000;

/// How many packets are taken at once.
const BURST: usize = 256;

/// How many conversations are followed at once.
const CONNECTIONS: usize = 10_000;

/// Something to be shown in its place.
pub(super) enum Note {
    /// A packet, whose headers lie in its bytes so.
    Packet(Box<(Observed, Packet<'static>)>, Between),
    Entered(SocketCall),
    Returned(SocketCall),
    Remark(Transport, Endpoint, String),
    /// What the program prints by itself.
    Answer(String),
    /// The program asks for a line.
    Prompt,
    /// It got one, or the end of them.
    Typed {
        is_end: bool,
    },
}

/// How many bytes went each way of a connection.
#[derive(Clone, Copy, Default)]
struct Numbers {
    sent: u32,
    received: u32,
}

/// The thread that captures and shows.
pub(super) struct Watcher<'v> {
    own: OwnSockets,
    /// `None` once the interface was lost.
    capture: Option<LiveCapture>,
    queue: Receiver<(Timestamp, Note)>,
    merge: Merge<Note>,
    tracker: Tracker,
    /// Of the connections that are open.
    numbers: HashMap<Endpoint, Numbers>,
    /// The own end of each peer's datagrams.
    places: HashMap<Endpoint, Endpoint>,
    screen: Screen<'v>,
    save: Option<Saver>,
    packets: u64,
    notice: fn(Notice<'_>),
    /// What has failed so far.
    exit: Exit,
}

/// What is to be said beside the rows.
pub(crate) enum Notice<'a> {
    /// Something went wrong; what does without it goes on.
    Failed(&'a Failure),
    /// What was captured in all.
    Captured {
        /// How many packets of the program.
        packets: u64,
        drops: Drops,
    },
    /// The peer has got the end of a connection, and not ended it.
    LeftOpen(Endpoint),
    /// Where they are saved.
    Saved(&'a Path),
}

impl<'v> Watcher<'v> {
    pub(super) fn new(
        own: OwnSockets,
        capture: LiveCapture,
        queue: Receiver<(Timestamp, Note)>,
        screen: Screen<'v>,
        save: Option<Saver>,
        notice: fn(Notice<'_>),
    ) -> Self {
        let tracker = Tracker::new(Limits { max_connections: CONNECTIONS });
        let (merge, numbers, places) = (Merge::new(), HashMap::new(), HashMap::new());
        Self {
            own,
            capture: Some(capture),
            queue,
            merge,
            tracker,
            numbers,
            places,
            screen,
            save,
            packets: 0,
            notice,
            exit: Exit::Done,
        }
    }

    /// Shows until the program is done, or was interrupted, and says how that went. After an interrupt the program ends its
    /// conversations; if one of its calls holds it up, it is not waited for.
    pub(super) fn run(mut self, interrupted: &AtomicBool) -> Exit {
        loop {
            let patience = if self.merge.is_empty() { IDLE } else { BATCH };
            let is_done = self.step(patience);
            if is_done || interrupted.load(Ordering::Relaxed) {
                self.settle(is_done);
                return self.finish();
            }
        }
    }

    /// Takes in what has come, waiting a little for it, and shows what is due; says whether the program is done.
    fn step(&mut self, patience: Duration) -> bool {
        if let Err(error) = self.wait(patience) {
            self.capture_failed(error);
        }
        // All that happened before this moment, but for the delay, has been told or is in the kernel's hands.
        let until = realtime() + -DELAY;
        if let Err(error) = self.take_packets() {
            self.capture_failed(error);
        }
        let is_done = self.take_notes(until);
        self.show(until);
        self.screen.flush();
        self.saving(Saver::pause);
        is_done
    }

    fn wait(&mut self, patience: Duration) -> Result<(), SourceError> {
        match &mut self.capture {
            Some(capture) => capture.wait(patience),
            None => {
                if let Ok((time, note)) = self.queue.recv_timeout(patience) {
                    self.merge.push(time, note, 0);
                }
                Ok(())
            }
        }
    }

    fn take_packets(&mut self) -> Result<(), SourceError> {
        let Self { own, capture: Some(capture), merge, tracker, packets, .. } = self else { return Ok(()) };
        let mut delivered = BURST;
        while delivered > 0 && !merge.is_full() {
            delivered = capture.deliver(BURST, |frame| {
                let packet = headers(frame);
                let (Some(ends), Some(time)) = (own.between(&packet), frame.time) else { return };
                *packets += 1;
                let observed = Observed { seen: tracker.observe(frame, &packet), frame: frame.to_owned() };
                merge.push(time, Note::Packet(Box::new((observed, packet.over(&[]))), ends), frame.bytes.len());
            })?;
        }
        Ok(())
    }

    /// Takes in what was told; says whether nothing more will be.
    fn take_notes(&mut self, until: Timestamp) -> bool {
        loop {
            match self.queue.try_recv() {
                Ok((time, note)) => self.merge.push(time, note, 0),
                Err(ended) => return ended == TryRecvError::Disconnected,
            }
            if self.merge.is_full() {
                self.show(until);
            }
        }
    }

    /// Calls are shown without packets from now on.
    fn capture_failed(&mut self, error: SourceError) {
        self.tell(&error.into());
        self.capture = None;
    }

    /// Says what went wrong; that whoever read what was saved has gone is no failure.
    fn tell(&mut self, failure: &Failure) {
        if !failure.is_closed_pipe() {
            self.exit = failure.exit();
            (self.notice)(Notice::Failed(failure));
        }
    }

    /// Saves something; where that fails, nothing more is saved.
    fn saving(&mut self, save: impl FnOnce(&mut Saver) -> Result<(), Failure>) {
        if let Some(Err(failure)) = self.save.as_mut().map(save) {
            self.tell(&failure);
            self.save = None;
        }
    }

    /// Waits for the last packets of a program that is done, or about to be: until its connections have ended, or long
    /// enough.
    fn settle(&mut self, mut is_done: bool) {
        let began = realtime();
        let mut ended = None;
        while realtime() - began < PATIENCE {
            is_done |= self.step(BATCH);
            if is_done && self.have_ended() && realtime() - *ended.get_or_insert_with(realtime) > DELAY {
                return;
            }
        }
        self.tell_of_open_ends();
    }

    /// Says which peers have got the end of a connection in all that time, and not ended it.
    fn tell_of_open_ends(&mut self) {
        let own = self.own.lane();
        let is_left = |it: &&Connection| {
            (it.state(own), it.state(own.other())) == (Some(TcpState::FinWait2), Some(TcpState::CloseWait))
        };
        let left: Vec<Endpoint> =
            self.tracker.connections(Transport::Tcp).filter(is_left).map(|it| it.endpoint(own.other())).collect();
        left.into_iter().for_each(|peer| (self.notice)(Notice::LeftOpen(peer)));
    }

    fn have_ended(&self) -> bool {
        let is_over = |state| matches!(state, None | Some(TcpState::Closed | TcpState::TimeWait));
        let mut connections = self.tracker.connections(Transport::Tcp);
        connections.all(|it| is_over(it.state(Lane::Client)) && is_over(it.state(Lane::Server)))
    }

    /// Shows what is older than `until`.
    fn show(&mut self, until: Timestamp) {
        while let Some((time, note)) = self.merge.pop(until) {
            self.show_one(time, note);
        }
    }

    fn show_one(&mut self, time: Timestamp, note: Note) {
        match note {
            Note::Packet(noted, Between { transport, own, peer, from_peer }) => {
                let (observed, headers) = *noted;
                let packet = &headers.over(&observed.frame.bytes);
                let what = Live::Packet { observed: &observed, packet, from_peer };
                self.screen.row(&LiveRow { time, transport, peer, what });
                self.place(transport, own, peer);
                self.saving(|save| save.packet(&observed));
            }
            Note::Entered(call) => {
                if is_shown_when_made(&call) {
                    let numbers = self.numbers_of(&call);
                    self.call(time, &call, Live::Called { call: &call, numbers });
                }
            }
            Note::Returned(call) => {
                let numbers = self.numbers_of(&call).filter(|_| is_receiving(&call));
                self.count(&call);
                if is_shown_when_returned(&call) {
                    self.call(time, &call, Live::Returned { call: &call, numbers });
                }
                let call = self.placed(call);
                if let Some(save) = &mut self.save {
                    save.call(&call);
                }
            }
            Note::Remark(transport, peer, words) => {
                self.screen.row(&LiveRow { time, transport, peer, what: Live::Remark(&words) });
            }
            Note::Answer(text) => self.screen.line(&text),
            Note::Prompt => self.screen.ask(),
            Note::Typed { is_end } => self.screen.typed(is_end),
        }
    }

    fn call(&mut self, time: Timestamp, call: &SocketCall, what: Live<'_>) {
        if let (Some(peer), Some(transport)) = (call.peer, call.transport) {
            self.screen.row(&LiveRow { time, transport, peer, what });
        }
    }

    /// Notes which of this machine's addresses a peer's datagrams go to and come from: a socket of all addresses cannot tell.
    fn place(&mut self, transport: Transport, own: Endpoint, peer: Endpoint) {
        if transport == Transport::Udp && self.save.is_some() {
            if self.places.len() >= CONNECTIONS {
                self.places.clear();
            }
            self.places.insert(peer, own);
        }
    }

    /// A call with the address that the packets have.
    fn placed(&self, call: SocketCall) -> SocketCall {
        let unknown = call.local.is_some_and(|local| local.addr.is_unspecified());
        let place = call.peer.filter(|_| unknown).and_then(|peer| self.places.get(&peer)).copied();
        SocketCall { local: place.or(call.local), ..call }
    }

    /// The numbers of the stream that a call's bytes take; the SYN has number 0.
    fn numbers_of(&self, call: &SocketCall) -> Option<(u32, u32)> {
        let numbers = self.numbers.get(&call.peer?).filter(|_| call.transport == Some(Transport::Tcp))?;
        let before = if is_receiving(call) { numbers.received } else { numbers.sent };
        let moved = call.moved().filter(|moved| *moved > 0)?;
        Some((before.wrapping_add(1), before.wrapping_add(moved)))
    }

    /// Counts the bytes of a call that has returned.
    fn count(&mut self, call: &SocketCall) {
        let (Some(peer), Some(Transport::Tcp)) = (call.peer, call.transport) else { return };
        let moved = call.moved().unwrap_or(0);
        match (&call.what, self.numbers.get_mut(&peer)) {
            (Call::Accept | Call::Connect(_), _) => drop(self.numbers.insert(peer, Numbers::default())),
            (Call::Close { .. }, _) => drop(self.numbers.remove(&peer)),
            (Call::Receive { .. }, Some(numbers)) => numbers.received = numbers.received.wrapping_add(moved),
            (Call::Send { .. }, Some(numbers)) => numbers.sent = numbers.sent.wrapping_add(moved),
            _ => {}
        }
    }

    /// Shows and saves everything, and says what it came to.
    fn finish(mut self) -> Exit {
        self.show(realtime());
        self.screen.finish();
        let drops = self.capture.as_mut().and_then(|capture| capture.drops().ok()).unwrap_or_default();
        (self.notice)(Notice::Captured { packets: self.packets, drops });
        match self.save.take().map(Saver::finish).transpose() {
            Ok(saved) => saved.iter().for_each(|path| (self.notice)(Notice::Saved(path))),
            Err(failure) => self.tell(&failure),
        }
        self.exit
    }
}

/// Whether a call takes what has arrived.
const fn is_receiving(call: &SocketCall) -> bool {
    matches!(call.what, Call::Receive { .. })
}

/// Whether a call makes packets, so that it stands before them.
fn is_shown_when_made(call: &SocketCall) -> bool {
    matches!(call.what, Call::Connect(_) | Call::Send { .. } | Call::Close { .. })
}

/// Whether it tells something when it returns, so that it stands after the packets it waited for.
fn is_shown_when_returned(call: &SocketCall) -> bool {
    let handshake = matches!(call.what, Call::Connect(_)) && call.transport == Some(Transport::Tcp);
    !is_shown_when_made(call) || handshake || call.result.is_err()
}
