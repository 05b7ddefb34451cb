//! What happens to an echo program, a line an event.

use std::fmt;
use std::io::{self, Write};

use crate::clock::realtime;
use crate::lab::{EXIT, Encoding, Event, Happening, Observer};
use crate::model::Transport;
use crate::render::{Style, text};
use crate::words::quantity;

/// How many columns of a message are shown.
const LONGEST: usize = 200;

/// Prints a line for each event.
pub(super) struct Lines {
    encoding: Encoding,
    style: Style,
}

impl Lines {
    pub(super) const fn new(encoding: Encoding, style: Style) -> Self {
        Self { encoding, style }
    }
}

impl Observer for Lines {
    fn happened(&self, event: &Event<'_>) {
        let Event { transport, peer, .. } = event;
        let (time, words) = (quantity::time_of_day(realtime(), 3) + "Z", Words(event, self.encoding));
        // Where nobody reads what happens any more, clients are served all the same.
        let _ = writeln!(io::stdout().lock(), "{} {} {peer} {words}", self.style.dim(&time), transport.name());
    }
}

/// An event in words, what a client said made safe to print.
pub(super) struct Words<'a>(pub(super) &'a Event<'a>, pub(super) Encoding);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Event { transport, what, .. }, encoding) = self;
        let quoted = |bytes: &[u8]| {
            let text = encoding.read(bytes).unwrap_or_else(|| text::utf8_or_hex(bytes));
            format!("{} B \"{}\"", bytes.len(), text::fit(&text::sanitise(&text), LONGEST, "…"))
        };
        match what {
            Happening::Listening => write!(f, "is open; Ctrl-C ends"),
            Happening::Connected => write!(f, "connected"),
            Happening::Said(bytes) => write!(f, "said {}", quoted(bytes)),
            Happening::Unreadable => {
                write!(f, "sent bytes that are not {}; they are answered as they are", encoding.name())
            }
            Happening::TooLong if *transport == Transport::Tcp => {
                write!(f, "sent a message longer than the buffer; it is answered in pieces")
            }
            Happening::TooLong => write!(f, "sent a datagram longer than the buffer; the rest of it is lost"),
            Happening::Answered(bytes) => write!(f, "was answered {}", quoted(bytes)),
            Happening::Left => write!(f, "said {EXIT} and is done"),
            Happening::Closed => write!(f, "closed the connection"),
            Happening::Silent => write!(f, "was silent for too long, or did not read: closed"),
            Happening::Lost(error) => write!(f, "is lost: {error}"),
            Happening::Unaccepted(error) => write!(f, "could not be served: {error}"),
        }
    }
}
