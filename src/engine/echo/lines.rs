//! What happens to an echo program, a line an event.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use super::left_open::left_open;
use crate::clock::realtime;
use crate::lab::{Encoding, Event, Observer};
use crate::model::Transport;
use crate::render::{Style, text};
use crate::words::quantity;

/// How many columns of a message are shown.
const LONGEST: usize = 200;

/// Prints a line for each event.
pub(crate) struct Lines {
    encoding: Encoding,
    style: Style,
    out: Mutex<Box<dyn Write + Send>>,
}

impl Lines {
    pub(crate) fn new(encoding: Encoding, style: Style, out: Box<dyn Write + Send>) -> Self {
        Self { encoding, style, out: Mutex::new(out) }
    }

    fn print(&self, transport: Transport, peer: SocketAddr, words: &str) {
        let time = quantity::time_of_day(realtime(), 3) + "Z";
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // Where nobody reads what happens any more, clients are served all the same.
        let _ =
            writeln!(out, "{} {} {peer} {words}", self.style.dim(&time), transport.name()).and_then(|()| out.flush());
    }
}

impl Observer for Lines {
    fn happened(&self, event: &Event<'_>) {
        self.print(event.transport, event.peer, &words(event, self.encoding, self.style));
    }

    fn closed_first(&self, own: SocketAddr, peer: SocketAddr) {
        if let Some(end) = left_open(own, peer) {
            self.print(Transport::Tcp, peer, self.style.spelling().left_open(end.spins));
        }
    }
}

/// An event in words, what a client said made safe to print.
pub(crate) fn words(event: &Event<'_>, encoding: Encoding, style: Style) -> String {
    let quoted = |bytes: &[u8]| {
        let text = encoding.read(bytes).map_or_else(|| text::utf8_or_hex(bytes), |text| text::escape(&text));
        text::fit(&text::sanitise(&text), LONGEST, style.ellipsis())
    };
    style.spelling().happening(event.what, quoted).to_string()
}
