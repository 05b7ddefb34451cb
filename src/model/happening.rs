//! What happens to an echo program beside its calls.

use std::io;
use std::time::Duration;

/// What can happen to one.
#[derive(Clone, Copy, Debug)]
pub enum Happening<'a> {
    /// The server waits for clients.
    Listening,
    /// It waits for the next one after a client has left.
    Waiting {
        /// How many are still connected.
        clients: usize,
    },
    /// A client has connected.
    Connected,
    /// A client said this, the end of its line included.
    Said(&'a [u8]),
    /// The encoding has no text for what a client said; it is answered with the same bytes.
    Unreadable {
        /// Its name.
        encoding: &'static str,
    },
    /// A message did not fit the buffer of so many bytes, and is taken in pieces.
    InPieces {
        /// What a `recv()` asks for.
        room: usize,
    },
    /// A datagram did not fit the buffer, and the rest of it is lost.
    CutOff {
        /// What a `recvfrom()` asks for.
        room: usize,
        /// How many bytes the datagram had.
        of: usize,
    },
    /// It was answered with this, the end of its line included.
    Answered(&'a [u8]),
    /// A client said `exit`.
    Left,
    /// A client closed the connection.
    Closed,
    /// A client was silent for so long.
    Silent(Duration),
    /// A client did not read its answers, until there was no room for more of them.
    Unread,
    /// The connection broke.
    Lost(&'a io::Error),
    /// A connection could not be taken.
    Unaccepted(&'a io::Error),
}
