//! What happens to the echo programs, as they tell it.

use std::fmt::{Display, Formatter};
use std::net::SocketAddr;

use super::en;
use super::language::Language;
use super::spelling::{Spelling, Spelt};
use crate::model::{Happening, Transport};

/// The echo programs.
impl Spelling {
    /// `said 6 B "hello\n"`: behind the peer's address. What was said is `quoted`.
    #[must_use]
    pub fn happening(self, what: Happening<'_>, quoted: impl Fn(&[u8]) -> String) -> impl Display {
        Spelt(move |f: &mut Formatter<'_>| match self.language {
            Language::En => en::happening(what, &quoted, f),
        })
    }

    /// What a client says where somebody types; `exit` is the message that ends it.
    #[must_use]
    pub fn conversation_begins(self, transport: Transport, server: SocketAddr, exit: &str) -> String {
        match self.language {
            Language::En => en::conversation_begins(transport, server, exit),
        }
    }

    /// That a line was not sent, and why.
    #[must_use]
    pub fn not_sent(self, why: &str) -> String {
        match self.language {
            Language::En => en::not_sent(why),
        }
    }

    /// That the server has closed the connection.
    #[must_use]
    pub fn closed(self, server: SocketAddr) -> String {
        match self.language {
            Language::En => en::closed(server),
        }
    }

    /// That the client has sent so many bytes.
    #[must_use]
    pub fn sent(self, bytes: usize, to: SocketAddr) -> String {
        match self.language {
            Language::En => en::sent(bytes, to),
        }
    }

    /// Ahead of an answer of so many bytes.
    #[must_use]
    pub fn got(self, bytes: usize, from: SocketAddr) -> String {
        match self.language {
            Language::En => en::got(bytes, from),
        }
    }

    /// That what was received is not of the encoding of this name.
    #[must_use]
    pub fn unreadable(self, encoding: &str) -> String {
        match self.language {
            Language::En => en::unreadable(encoding),
        }
    }

    /// That a datagram had more bytes than were asked for.
    #[must_use]
    pub fn cut_off(self, room: usize, of: usize) -> String {
        match self.language {
            Language::En => en::cut_off(room, of),
        }
    }

    /// That an answer came from somebody else than was asked.
    #[must_use]
    pub fn from_elsewhere(self, from: SocketAddr, asked: SocketAddr) -> String {
        match self.language {
            Language::En => en::from_elsewhere(from, asked),
        }
    }

    /// Behind a peer's name: that it has got the end of a connection, and not ended it; and whether its program `spins`,
    /// where that is seen.
    #[must_use]
    pub const fn left_open(self, spins: bool) -> &'static str {
        match self.language {
            Language::En => en::left_open(spins),
        }
    }
}
