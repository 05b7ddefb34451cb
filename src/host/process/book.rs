//! Who is behind the packets, as far as the finder of another process has said.
//!
//! A socket is asked for when its first packet is seen, and again when that could have another answer: its connection
//! begins anew, somebody may have accepted it meanwhile, its port may be another's by now.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::channel;
use super::question::{Answer, Holder, SocketEnd};
use crate::decode::Packet;
use crate::host::HostError;
use crate::model::{Endpoint, PacketEnd, Process, ProcessNote, Processes, Recent, Timestamp, Transport};

/// How many sockets are remembered.
const SOCKETS: usize = 1 << 16;

/// How long an answer is taken for true that may change, in nanoseconds of the packets' clock.
const ACCEPTED_BY_THEN: i64 = 50_000_000;
const REBOUND_BY_THEN: i64 = 1_000_000_000;

/// What is known of the sockets behind the packets.
pub(crate) struct ProcessBook {
    /// The way to the finder.
    finder: OwnedFd,
    users: HashMap<u32, String>,
    sockets: Recent<SocketEnd, Entry>,
    /// Whether the finder has ended.
    is_alone: bool,
}

/// What is known of a socket.
struct Entry {
    /// When it was asked for last.
    asked: Timestamp,
    /// For how long that does; `None` for good, or until the answer is there.
    holds: Option<i64>,
    /// Whether there was no answer yet.
    is_open: bool,
    process: Option<Arc<Process>>,
    /// The savefile that the process was noted in, and its number.
    noted: Option<(u32, u32)>,
}

impl ProcessBook {
    /// An empty book: `finder` is the way to who answers, from which nothing is waited for; `users` are known by name.
    pub(crate) fn new(finder: OwnedFd, users: HashMap<u32, String>) -> Self {
        Self { finder, users, sockets: Recent::new(SOCKETS), is_alone: false }
    }

    /// Asks for the processes behind a packet, where they are not known.
    pub(crate) fn look_up(&mut self, packet: &Packet<'_>, time: Timestamp) {
        let begins = packet.tcp().is_some_and(|tcp| tcp.flags().syn() && !tcp.flags().ack());
        for end in ends(packet).into_iter().flatten() {
            let entry = self.sockets.get(&end);
            let is_due = match &entry {
                None => true,
                Some(Entry { is_open: true, .. }) => false,
                Some(_) if begins => true,
                Some(Entry { asked, holds, .. }) => holds.is_some_and(|nanos| time - *asked > nanos),
            };
            if !is_due || self.is_alone || !channel::ask(&self.finder, &end) {
                continue;
            }
            match entry {
                Some(entry) if !begins => (entry.asked, entry.holds) = (time, None),
                _ => {
                    let entry = Entry { asked: time, holds: None, is_open: true, process: None, noted: None };
                    self.sockets.put(end, entry);
                }
            }
        }
    }

    /// Takes in what the finder has found.
    ///
    /// # Errors
    ///
    /// [`HostError::NoFinder`], once: the finder has ended.
    pub(crate) fn take_answers(&mut self) -> Result<(), HostError> {
        while !self.is_alone {
            match channel::answer(&self.finder) {
                Ok(Some((end, answer))) => self.enter(&end, answer),
                Ok(None) => break,
                Err(_) => {
                    self.is_alone = true;
                    return Err(HostError::NoFinder);
                }
            }
        }
        Ok(())
    }

    /// Whether the finder has ended, so that not all was found that could have been.
    pub(crate) const fn is_alone(&self) -> bool {
        self.is_alone
    }

    fn enter(&mut self, end: &SocketEnd, answer: Answer) {
        let holds = match (&answer, end.transport) {
            (Answer::Foreign, _) | (Answer::Known(_), Transport::Tcp) => None,
            (Answer::Listener(_), _) => Some(ACCEPTED_BY_THEN),
            (Answer::Known(_), Transport::Udp) | (Answer::Unknown, _) => Some(REBOUND_BY_THEN),
        };
        let process = match answer {
            Answer::Foreign | Answer::Unknown => None,
            Answer::Listener(holder) | Answer::Known(holder) => Some(self.process(holder)),
        };
        let Some(entry) = self.sockets.get(end) else { return };
        (entry.is_open, entry.holds) = (false, holds);
        // A connection that closes belongs to whom it belonged.
        if process.is_some() || end.transport == Transport::Udp {
            entry.process = process;
        }
    }

    fn process(&self, holder: Holder) -> Arc<Process> {
        let Holder { pid, uid, others, name } = holder;
        let user = self.users.get(&uid).cloned().unwrap_or_else(|| uid.to_string());
        Arc::new(Process { pid, name: String::from_utf8_lossy(&name).into_owned(), user, others })
    }

    /// Whether a packet could be shown better a moment later.
    pub(crate) fn is_awaited(&mut self, packet: &Packet<'_>) -> bool {
        !self.is_alone
            && ends(packet).into_iter().flatten().any(|end| self.sockets.get(&end).is_some_and(|entry| entry.is_open))
    }

    /// The processes behind a packet; `None` for one without ports.
    pub(crate) fn of(&mut self, packet: &Packet<'_>) -> Option<Processes> {
        let (transport, source, destination) = packet.endpoints()?;
        Some(self.between(transport, source, destination))
    }

    /// The processes behind a conversation, from one end to the other.
    pub(crate) fn between(&mut self, transport: Transport, source: Endpoint, destination: Endpoint) -> Processes {
        let mut process = |local, remote| self.sockets.get(&SocketEnd { transport, local, remote })?.process.clone();
        Processes { source: process(source, destination), destination: process(destination, source) }
    }

    /// What is to be noted beside a packet in a savefile: the processes that are not noted there yet.
    pub(crate) fn notes(&mut self, packet: &Packet<'_>, file: u32) -> Vec<String> {
        let mut notes = Vec::new();
        let ends = ends(packet).into_iter().flatten();
        for (end, which) in ends.zip([PacketEnd::Source, PacketEnd::Destination]) {
            let Some(entry) = self.sockets.get(&end) else { continue };
            let Some(process) = entry.process.clone() else { continue };
            if entry.noted != Some((file, process.pid)) {
                entry.noted = Some((file, process.pid));
                notes.push(ProcessNote { end: which, process }.to_string());
            }
        }
        notes
    }
}

/// The sockets behind a packet: the sender's, then the receiver's.
fn ends(packet: &Packet<'_>) -> Option<[SocketEnd; 2]> {
    let (transport, source, destination) = packet.endpoints()?;
    let end = |local, remote| SocketEnd { transport, local, remote };
    Some([end(source, destination), end(destination, source)])
}
