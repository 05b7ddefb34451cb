//! What all conversations of a table come to.

use std::io::{self, Write};

use super::style::Style;
use crate::analyse::{Connection, Marks};
use crate::words::Noun;
use crate::words::quantity::size;

/// What all conversations come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Of TCP and of UDP.
    conversations: [u64; 2],
    packets: u64,
    bytes: u64,
    retransmissions: u64,
    resets: u64,
}

impl Totals {
    /// Adds a conversation.
    pub fn add(&mut self, connection: &Connection) {
        for (total, more) in [
            (&mut self.conversations[connection.transport() as usize], 1),
            (&mut self.packets, connection.packets()),
            (&mut self.bytes, connection.bytes()),
            (&mut self.retransmissions, connection.marked(Marks::RETRANSMISSION)),
            (&mut self.resets, connection.resets()),
        ] {
            *total = total.saturating_add(more);
        }
    }

    /// Writes `5 TCP connections, 1 UDP conversation · 60 packets, 4.3 kB`; `others` packets belong to none.
    ///
    /// # Errors
    ///
    /// Whatever `out` says.
    pub fn write(&self, others: u64, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let dot = style.glyph(" · ", " - ");
        let [tcp, udp] = self.conversations;
        let count = |number: u64, noun: Noun| style.spelling().count(number, noun);
        let mut facts = Vec::new();
        facts.extend((tcp > 0 || udp == 0).then(|| count(tcp, Noun::TcpConnection)));
        facts.extend((udp > 0).then(|| count(udp, Noun::UdpConversation)));
        facts.push(format!("{}, {}", count(self.packets, Noun::Packet), size(self.bytes)));
        for (times, noun) in [(self.retransmissions, Noun::Retransmission), (self.resets, Noun::Reset)] {
            facts.extend((times > 0).then(|| count(times, noun)));
        }
        facts.extend((others > 0).then(|| style.spelling().of_no_conversation(others)));
        for line in super::text::wrap_at(&facts, dot, style.width) {
            writeln!(out, "{}", style.bold(&line))?;
        }
        Ok(())
    }
}
