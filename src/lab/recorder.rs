//! The notebook every socket writes its calls into.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::{Consequence, Endpoint, Note, SocketCall};

/// Collects the calls of all sockets of a scenario. Clones share one notebook.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    notes: Arc<Mutex<Notes>>,
}

#[derive(Debug, Default)]
struct Notes {
    notes: Vec<(SocketId, Note)>,
    sockets: usize,
}

/// Which of a scenario's sockets; a descriptor would not do, the kernel uses it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SocketId(usize);

impl Recorder {
    /// The number of a new socket.
    pub(super) fn new_socket(&self) -> SocketId {
        let mut notes = self.lock();
        notes.sockets += 1;
        SocketId(notes.sockets)
    }

    /// Notes a finished call.
    pub(super) fn note(&self, socket: SocketId, call: SocketCall, packets: Option<Vec<Consequence>>) {
        self.lock().notes.push((socket, Note { call, packets }));
    }

    /// Says which packets the last call on a socket accounts for.
    pub(super) fn account(&self, socket: SocketId, packets: Vec<Consequence>) {
        if let Some((_, note)) = self.lock().notes.iter_mut().rfind(|(id, _)| *id == socket) {
            note.packets = Some(packets);
        }
    }

    /// Notes the endpoints a socket has now got for its earlier calls too, so that each knows its conversation.
    pub(super) fn place(&self, socket: SocketId, local: Option<Endpoint>, peer: Option<Endpoint>) {
        for (_, note) in self.lock().notes.iter_mut().filter(|(id, _)| *id == socket) {
            note.call.local = note.call.local.or(local);
            note.call.peer = note.call.peer.or(peer);
        }
    }

    /// All calls so far, in the order they were entered.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let mut notes: Vec<_> = self.lock().notes.iter().map(|(_, note)| note.clone()).collect();
        notes.sort_by_key(|note| note.call.entered);
        notes
    }

    fn lock(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
