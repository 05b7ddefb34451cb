//! A router's work done by the lab itself, packet by packet, so that it is exact which one comes late, or not at all.
//!
//! Some kernels have no netem. The forwarder takes the IPv4 packets that reach the router's cards, as any router does: it takes
//! one from the TTL, gives the frame the Ethernet addresses of the next link, and sends it on; or does with it what the
//! scenario says.

use std::collections::VecDeque;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::{Errno, write};
use rustix::net::{RecvFlags, SendFlags, recv, send};
use rustix::time::Timespec;

use super::host::Host;
use super::passing::{HEADER, Passing, answer_to, forwarded};
use crate::clock::now;
use crate::lab::kernel::packet_socket;

/// What becomes of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lab) enum Fate {
    /// It goes on at once.
    Passes,
    /// It goes on after a while.
    Waits(Duration),
    /// It goes on when the next one of its direction has.
    LetsOneBy,
    /// It is thrown away, and nobody is told.
    IsLost,
    /// It goes on with its last byte changed.
    IsDamaged,
    /// It is thrown away, and its sender gets an IP packet instead, after a while.
    IsAnswered(Vec<u8>, Duration),
}

/// One of the router's cards, with the Ethernet addresses of the link that it is on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    pub(super) interface: &'static str,
    pub(super) own: [u8; 6],
    pub(super) neighbor: [u8; 6],
}

/// A forwarder at work.
#[derive(Debug)]
pub(in crate::lab) struct Forwarder {
    thread: JoinHandle<Result<(), Errno>>,
    stop: Arc<OwnedFd>,
}

impl Forwarder {
    /// Starts it on a router, whose own forwarding is turned off; it works when this returns.
    pub(super) fn start(
        router: Host,
        sides: [Side; 2],
        lost: Arc<AtomicUsize>,
        rule: impl FnMut(&Passing<'_>) -> Fate + Send + 'static,
    ) -> Result<Self, Errno> {
        let stop = Arc::new(eventfd(0, EventfdFlags::CLOEXEC)?);
        let (ready, is_ready) = mpsc::channel();
        let its_stop = Arc::clone(&stop);
        let work = move || {
            let opened = open(&router, &sides);
            let sockets = match opened {
                Ok(sockets) => sockets,
                Err(errno) => {
                    let _ = ready.send(Err(errno));
                    return Err(errno);
                }
            };
            let _ = ready.send(Ok(()));
            let counts = [0; 2];
            let work = Work { sockets, sides, rule, lost, counts, waiting: Vec::new(), behind: [None, None] };
            let ended = work.until(its_stop.as_fd());
            // From here on it is the kernel that forwards.
            router.forward(true).and(ended)
        };
        let thread = thread::Builder::new().name("router".to_owned()).spawn(work).map_err(|_| Errno::AGAIN)?;
        is_ready.recv().unwrap_or(Err(Errno::PIPE))?;
        Ok(Self { thread, stop })
    }

    /// Lets it send what it still holds, and ends it.
    pub(in crate::lab) fn finish(self) -> Result<(), Errno> {
        write(&*self.stop, &1_u64.to_ne_bytes())?;
        self.thread.join().map_err(|_| Errno::PIPE)?
    }
}

fn open(router: &Host, sides: &[Side; 2]) -> Result<[OwnedFd; 2], Errno> {
    router.enter()?;
    router.forward(false)?;
    Ok([packet_socket(sides[0].interface)?, packet_socket(sides[1].interface)?])
}

/// What the thread of a forwarder holds. Places of arrays are sides: 0 is the client's, 1 the server's.
struct Work<R> {
    sockets: [OwnedFd; 2],
    sides: [Side; 2],
    rule: R,
    lost: Arc<AtomicUsize>,
    /// How many packets have come from each side.
    counts: [usize; 2],
    /// What is to leave later: when, to which side.
    waiting: Vec<(Instant, usize, Vec<u8>)>,
    /// What lets one by, by the side it goes to.
    behind: [Option<Vec<u8>>; 2],
}

impl<R: FnMut(&Passing<'_>) -> Fate> Work<R> {
    /// Works until `stop` can be read from and nothing waits any more.
    fn until(mut self, stop: BorrowedFd<'_>) -> Result<(), Errno> {
        let mut is_over = false;
        loop {
            let timeout = self.patience(is_over);
            let [left, right] = &self.sockets;
            let mut polled = [
                PollFd::new(left, PollFlags::IN),
                PollFd::new(right, PollFlags::IN),
                PollFd::from_borrowed_fd(stop, PollFlags::IN),
            ];
            // Once it is to end, only what waits is waited for.
            let watched = if is_over { &mut polled[..2] } else { &mut polled[..] };
            match poll(watched, timeout.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
            let [arrived @ .., to_end] = polled.map(|it| !it.revents().is_empty());
            is_over |= to_end;
            for side in (0..2).filter(|side| arrived[*side]) {
                self.take(side)?;
            }
            self.send_due()?;
            if is_over && arrived == [false; 2] && self.waiting.is_empty() {
                return Ok(());
            }
        }
    }

    /// How long nothing is due; `None` where nothing waits.
    fn patience(&self, is_over: bool) -> Option<Timespec> {
        let next = self.waiting.iter().map(|(due, ..)| *due).min();
        let patience = next.map(|due| due.saturating_duration_since(now()));
        let patience = patience.or(is_over.then_some(Duration::ZERO))?;
        Some(Timespec {
            tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: patience.subsec_nanos().into(),
        })
    }

    /// Takes all that has arrived from a side.
    fn take(&mut self, side: usize) -> Result<(), Errno> {
        let mut frame = vec![0; 1 << 16];
        loop {
            let len = match recv(&self.sockets[side], frame.as_mut_slice(), RecvFlags::DONTWAIT) {
                Ok((len, _)) => len,
                Err(Errno::AGAIN) => return Ok(()),
                Err(errno) => return Err(errno),
            };
            let Side { own, neighbor, .. } = self.sides[side];
            let is_for_router = frame[..len].starts_with(&own) && frame[6..].starts_with(&neighbor);
            if is_for_router && len > HEADER {
                self.decide(side, &frame[HEADER..len])?;
            }
        }
    }

    /// Does with a packet what the scenario says.
    fn decide(&mut self, side: usize, packet: &[u8]) -> Result<(), Errno> {
        self.counts[side] += 1;
        let to = 1 - side;
        let fate = (self.rule)(&Passing { to_server: to == 1, number: self.counts[side], packet });
        let Side { own, neighbor, .. } = self.sides[to];
        let Some(frame) = forwarded(packet, own, neighbor) else { return Ok(()) };
        match fate {
            Fate::Passes => {
                self.send(to, &frame)?;
                if let Some(held) = self.behind[to].take() {
                    self.send(to, &held)?;
                }
            }
            Fate::Waits(time) => self.waiting.push((now() + time, to, frame)),
            Fate::LetsOneBy => self.behind[to] = Some(frame),
            Fate::IsLost => self.count_lost(to),
            Fate::IsDamaged => {
                self.count_lost(to);
                let mut frame = frame;
                if let Some(last) = frame.last_mut() {
                    *last ^= 1;
                }
                self.send(to, &frame)?;
            }
            Fate::IsAnswered(answer, time) => {
                self.count_lost(to);
                let Side { own, neighbor, .. } = self.sides[side];
                self.waiting.push((now() + time, side, answer_to(&answer, own, neighbor)));
            }
        }
        Ok(())
    }

    /// Counts a packet that does not arrive as it was, where it was to go to the server.
    fn count_lost(&self, to: usize) {
        self.lost.fetch_add(to, Ordering::Relaxed);
    }

    /// Sends what has waited for long enough, in the order in which it is due.
    fn send_due(&mut self) -> Result<(), Errno> {
        let moment = now();
        let (mut due, later): (Vec<_>, Vec<_>) = self.waiting.drain(..).partition(|(at, ..)| *at <= moment);
        self.waiting = later;
        // Stable: what is due at the same moment leaves as it came.
        due.sort_by_key(|(at, ..)| *at);
        let mut due = VecDeque::from(due);
        while let Some((_, to, frame)) = due.pop_front() {
            self.send(to, &frame)?;
        }
        Ok(())
    }

    fn send(&self, to: usize, frame: &[u8]) -> Result<(), Errno> {
        send(&self.sockets[to], frame, SendFlags::empty()).map(drop)
    }
}
