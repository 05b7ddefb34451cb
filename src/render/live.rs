//! One side of conversations as they happen: its packets and its calls, a line each.

use std::collections::HashMap;
use std::io::{self, Write};

use super::gist::purpose;
use super::ladder::result;
use super::row::{Known, Row};
use super::style::View;
use super::text;
use crate::analyse::Observed;
use crate::analyse::call_notation::asked;
use crate::decode::{Packet, Tcp};
use crate::model::{Endpoint, Lane, Layer, SocketCall, TcpState, Timestamp, Transport};
use crate::words::quantity::time_of_day;

/// `12:00:00.000000`
const TIME: usize = 15;

/// The widest state that the kernel is asked for, with the sign of its confirmation: `ESTABLISHED ✓`.
const STATE: usize = 13;

/// What a line needs beside states: a call of the shorter kind, `accept() = 127.0.0.1:40112`.
const LABEL: usize = 27;

/// How much room after the arrow is enough for a state, and for two of them.
const NEEDED_FOR_ONE: usize = LABEL + 1 + STATE;
const NEEDED_FOR_BOTH: usize = LABEL + 15 + 2 * (1 + STATE);

/// The widest flags of most packets: `PSH,ACK`, `datagram`.
const FLAGS: usize = 8;

/// Below this width transports are left out, and peers are told apart by their ports where they share an address.
const NARROW: usize = 72;

/// How much of a payload is read; more would never fit a line.
const BEGINNING: usize = 256;

/// Of how many peers is remembered which states were shown; beyond that they are shown again.
const PEERS: usize = 10_000;

/// Something to show.
#[derive(Clone, Copy, Debug)]
pub struct LiveRow<'a> {
    /// When it happened.
    pub time: Timestamp,
    /// Over what.
    pub transport: Transport,
    /// With whom.
    pub peer: Endpoint,
    /// What it is.
    pub what: Live<'a>,
}

/// What a row can show.
#[derive(Clone, Copy, Debug)]
pub enum Live<'a> {
    /// A packet.
    Packet {
        /// The packet with its meaning.
        observed: &'a Observed,
        /// Its headers.
        packet: &'a Packet<'a>,
        /// Whether the peer sent it.
        from_peer: bool,
    },
    /// A call that makes packets, as it is made.
    Called {
        /// The call; what it gave is not shown.
        call: &'a SocketCall,
        /// The numbers, relative, that the bytes it moves take in the stream: the first and the last.
        numbers: Option<(u32, u32)>,
    },
    /// A call with what it gave.
    Returned {
        /// The call.
        call: &'a SocketCall,
        /// As of [`Live::Called`].
        numbers: Option<(u32, u32)>,
    },
    /// Anything else, in words.
    Remark(&'a str),
}

/// Writes rows like `12:00:00.123456 TCP 127.0.0.1:40112 → PSH,ACK  seq 1 ack 1 5 B "hello"`.
///
/// An arrow points away from the sender: `→` is from the peer, whose name stands before it, `←` is to the peer.
pub struct LiveRows<'v> {
    view: View<'v>,
    /// Whose calls are shown.
    own: Lane,
    /// Whether all peers have one address.
    one_address: bool,
    /// The widest peer, sequence number and acknowledgment number so far.
    peer: usize,
    seq: usize,
    ack: usize,
    /// What was shown last of the states with each peer.
    shown: HashMap<(Transport, Endpoint), Shown>,
}

/// The states of client and server as shown last, inferred and confirmed.
#[derive(Clone, Copy, Default)]
struct Shown {
    inferred: [Option<TcpState>; 2],
    confirmed: Option<TcpState>,
}

impl<'v> LiveRows<'v> {
    /// Rows of the calls of one side; `one_address` says that all peers have the same address.
    #[must_use]
    pub fn new(view: View<'v>, own: Lane, one_address: bool) -> Self {
        let mut rows = Self { view, own, one_address, peer: 0, seq: 1, ack: 1, shown: HashMap::new() };
        rows.peer = if rows.is_short() { ":65535".len() } else { "127.0.0.1:65535".len() };
        rows
    }

    /// Writes what the columns are.
    ///
    /// # Errors
    ///
    /// Whatever `out` says.
    pub fn write_heading(&self, out: &mut dyn Write) -> io::Result<()> {
        let peer = self.own.other().name();
        let (from, to) = (self.view.style.to(), self.view.style.glyph("←", "<-"));
        let words = self.view.style.spelling().ladder();
        let [received, sent, calls] = words.live;
        let label = format!("{from} {received}, {to} {sent}, {calls}");
        let states = self.states(match self.state_columns() {
            2 => words.states.map(str::to_owned),
            _ => [words.own_state; 2].map(str::to_owned),
        });
        let before = self.before("", peer, "");
        let line = format!("{:TIME$}{before}{}{states}", words.time, self.fitted(&label, &states));
        writeln!(out, "{}", self.view.style.bold(line.trim_end()))
    }

    /// Writes a row.
    ///
    /// # Errors
    ///
    /// Whatever `out` says.
    pub fn write(&mut self, row: &LiveRow<'_>, out: &mut dyn Write) -> io::Result<()> {
        let style = self.view.style;
        let peer = if self.is_short() { format!(":{}", row.peer.port) } else { row.peer.to_string() };
        self.peer = self.peer.max(text::width(&peer));
        let changed = self.changed_states(row);
        let states = self.states(changed);
        let arrow = match row.what {
            Live::Packet { from_peer: true, .. } => style.to(),
            Live::Packet { from_peer: false, .. } => style.glyph("←", "<-"),
            _ => "",
        };
        let label = match row.what {
            Live::Packet { observed, packet, .. } => self.packet(observed, packet),
            Live::Called { call, numbers } => self.call(asked(&call.what), numbers, &states),
            Live::Returned { call, numbers } => {
                self.call(format!("{} = {}", asked(&call.what), result(call)), numbers, &states)
            }
            Live::Remark(words) => text::sanitise(words),
        };
        let label = self.fitted(&label, &states);
        let label = if states.is_empty() { label.trim_end() } else { &label };
        let label = match row.what {
            Live::Packet { .. } => style.layer(Layer::Transport, label),
            Live::Called { .. } | Live::Returned { .. } => style.layer(Layer::Application, label),
            Live::Remark(_) => style.bold(label),
        };
        let (time, before) = (time_of_day(row.time, 6), self.before(row.transport.name(), &peer, arrow));
        writeln!(out, "{}", format!("{}{before}{label}{states}", style.dim(&time)).trim_end())
    }

    /// What stands before the label, the time left out.
    fn before(&self, transport: &str, peer: &str, arrow: &str) -> String {
        let style = self.view.style;
        let transport = if self.is_narrow() { String::new() } else { format!("{transport:3} ") };
        let arrow = text::pad(arrow, text::width(style.to()), "");
        format!(" {transport}{} {arrow} ", text::pad(peer, self.peer, style.ellipsis()))
    }

    /// The label in the room that the states leave.
    fn fitted(&self, label: &str, states: &str) -> String {
        text::pad(label, self.rest().saturating_sub(text::width(states)), self.view.style.ellipsis())
    }

    /// How much room there is after the arrow.
    fn rest(&self) -> usize {
        self.view.style.width.saturating_sub(TIME).saturating_sub(text::width(&self.before("", "", "")))
    }

    const fn is_narrow(&self) -> bool {
        self.view.style.width < NARROW
    }

    /// Whether peers are named by their ports alone.
    const fn is_short(&self) -> bool {
        self.is_narrow() && self.one_address
    }

    /// How many states there is room for: both ends', the own one, or none.
    fn state_columns(&self) -> usize {
        match self.rest() {
            0..NEEDED_FOR_ONE => 0,
            NEEDED_FOR_ONE..NEEDED_FOR_BOTH => 1,
            _ => 2,
        }
    }

    /// The states of client and server in as many columns as there is room for; empty where there are none.
    fn states(&self, [client, server]: [String; 2]) -> String {
        let column = |state: &str| format!(" {}", text::pad(state, STATE, ""));
        let own = if self.own == Lane::Client { &client } else { &server };
        match self.state_columns() {
            1 if !own.is_empty() => column(own),
            2 if !(client.is_empty() && server.is_empty()) => column(&client) + &column(&server),
            _ => String::new(),
        }
    }

    /// The states of client and server as far as they are news.
    fn changed_states(&mut self, row: &LiveRow<'_>) -> [String; 2] {
        let mut news = <[String; 2]>::default();
        if self.shown.len() >= PEERS {
            self.shown.clear();
        }
        let shown = self.shown.entry((row.transport, row.peer)).or_default();
        match row.what {
            Live::Packet { observed, .. } => {
                let inferred = observed.seen.map_or([None, None], |seen| [seen.client, seen.server]);
                for ((news, shown), state) in news.iter_mut().zip(&mut shown.inferred).zip(inferred) {
                    if let Some(state) = state.filter(|state| *shown != Some(*state)) {
                        (*news, *shown) = (state.to_string(), Some(state));
                    }
                }
            }
            Live::Called { call, .. } | Live::Returned { call, .. } => {
                if let Some(state) = call.state.filter(|state| shown.confirmed != Some(*state)) {
                    shown.confirmed = Some(state);
                    news[usize::from(self.own == Lane::Server)] =
                        format!("{state}{}", self.view.style.glyph(" ✓", " *"));
                }
            }
            Live::Remark(_) => {}
        }
        news
    }

    /// A call, its words cut before the numbers are.
    fn call(&self, words: String, numbers: Option<(u32, u32)>, states: &str) -> String {
        let words = text::sanitise(&words);
        let Some((first, last)) = numbers else { return words };
        let numbers = format!("  {}", self.view.style.spelling().numbers(first, last));
        let room = self.rest().saturating_sub(text::width(states)).saturating_sub(text::width(&numbers));
        if room < LABEL { words } else { text::fit(&words, room, self.view.style.ellipsis()) + &numbers }
    }

    /// A packet: what was remarkable about it, flags and numbers, payload.
    fn packet(&mut self, observed: &Observed, packet: &Packet<'_>) -> String {
        let mut label = String::new();
        if let Some(seen) = observed.seen.filter(|seen| !seen.marks.is_empty()) {
            label = format!("[{}] ", self.view.style.spelling().marks(seen.marks));
        }
        match (packet.tcp(), packet.endpoints()) {
            (Some(tcp), _) => label += &self.segment(observed, tcp),
            (None, Some(_)) => label += &format!("{:FLAGS$}", self.view.style.spelling().ladder().datagram),
            (None, None) => {
                let frame = observed.frame.as_frame();
                let known = Known::default();
                let row = Row { frame, packet, seen: None, origin: None, previous: None, known };
                label += &purpose(&row, self.view.style.spelling()).unwrap_or_default();
            }
        }
        let len = packet.payload_len();
        if packet.endpoints().is_some() && (len > 0 || packet.tcp().is_none()) {
            let payload = packet.payload();
            let beginning = payload.get(..BEGINNING).unwrap_or(payload);
            label += &format!("  {len} B \"{}\"", text::sanitise(&self.view.read_text.read(beginning)));
        }
        label
    }

    /// `PSH,ACK  seq 1 ack 1`
    fn segment(&mut self, observed: &Observed, tcp: Tcp<'_>) -> String {
        let (seq, ack) = observed.seen.map_or((None, None), |seen| (seen.seq, seen.ack));
        let number = |number: Option<u32>| number.map_or_else(String::new, |number| number.to_string());
        let (seq, ack) = (number(seq), number(ack));
        (self.seq, self.ack) = (self.seq.max(seq.len()), self.ack.max(ack.len()));
        let acknowledges = if ack.is_empty() { "   " } else { "ack" };
        format!("{:FLAGS$} seq {seq:<s$} {acknowledges} {ack:<a$}", tcp.flags().to_string(), s = self.seq, a = self.ack)
    }
}
