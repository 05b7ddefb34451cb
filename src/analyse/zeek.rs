//! A connection in the letters that Zeek's `conn.log` made familiar: `conn_state` and `history`.

use arrayvec::ArrayVec;

use super::connection::Connection;
use super::marks::Marks;
use super::segment::Segment;
use super::verdict::{Ending, Opening};
use crate::model::{Lane, Transport};

/// The letters that are noted once a direction, each with a bit of its own.
const LETTERS: &[u8] = b"shadfrgtwiq";

/// What happened in a connection, a letter each in the order of the first time.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    letters: ArrayVec<u8, 20>,
    noted: [u16; 2],
}

impl History {
    /// Takes in a segment that is not a copy; `count` says how often `from` has had a mark, this time included.
    pub(super) fn observe(&mut self, from: Lane, segment: &Segment<'_>, marks: Marks, count: impl Fn(Marks) -> u32) {
        let flags = segment.flags;
        let events = [
            (b's', flags.is_opening_syn()),
            (b'h', flags.is_syn_ack()),
            (b'i', flags.syn() && flags.rst()),
            (b'q', flags.fin() && (flags.syn() || flags.rst())),
            (b'd', segment.len > 0),
            (b'a', segment.len == 0 && flags.ack() && segment.is_plain()),
            (b'f', flags.fin()),
            (b'r', flags.rst()),
        ];
        events.iter().filter(|(_, happened)| *happened).for_each(|(letter, _)| self.note(from, *letter, 1));
        let again = if segment.len > 0 { Marks::RETRANSMISSION } else { Marks::NONE };
        // A gap is the fault of the direction that is acknowledged.
        let counted =
            [(b'g', from.other(), Marks::ACKED_UNSEEN), (b't', from, again), (b'w', from, Marks::ZERO_WINDOW)];
        for (letter, lane, mark) in counted {
            if marks.intersects(mark) {
                self.note(lane, letter, count(mark));
            }
        }
    }

    /// Begins with the client's SYN.
    pub(super) fn opened(&mut self, data: bool) {
        self.note(Lane::Client, b's', 1);
        if data {
            self.note(Lane::Client, b'd', 1);
        }
    }

    /// Notes that client and server changed places.
    pub(super) fn turned(&mut self) {
        self.noted.swap(0, 1);
        self.letters.iter_mut().for_each(|letter| *letter ^= b'a' ^ b'A');
        self.letters.try_push(b'^').unwrap_or_default();
    }

    /// A letter is noted the first time, and again where its count gains a digit.
    fn note(&mut self, from: Lane, letter: u8, count: u32) {
        let bit = LETTERS.iter().position(|known| *known == letter).map_or(0, |at| 1 << at);
        let noted = &mut self.noted[from as usize];
        if *noted & bit == 0 || matches!(count, 10 | 100 | 1000) {
            *noted |= bit;
            let letter = if from == Lane::Client { letter.to_ascii_uppercase() } else { letter };
            self.letters.try_push(letter).unwrap_or_default();
        }
    }
}

/// The history's letters, upper case for the client's segments.
impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.letters.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

impl Connection {
    /// What happened, in the letters of Zeek's `history`: upper case for the client, in the order of the first time.
    ///
    /// `s` SYN, `h` SYN-ACK, `a` empty acknowledgment, `d` data, `f` FIN, `r` reset, `g` gap in the capture, `t` data
    /// sent again, `w` window of zero, `i` SYN with RST, `q` FIN with SYN or RST, `^` direction turned round. `g`, `t`
    /// and `w` come again at the 10th, 100th and 1000th time. Zeek's `c` (bad checksum) is not given.
    #[must_use]
    pub fn zeek_history(&self) -> String {
        match self.transport() {
            Transport::Tcp => self.history().map(ToString::to_string).unwrap_or_else(|| "S".to_owned()),
            Transport::Udp => {
                let letters = [(Lane::Client, "D"), (Lane::Server, "d")];
                letters.iter().filter(|(lane, _)| self.traffic(*lane).payload > 0).map(|(_, letter)| *letter).collect()
            }
        }
    }

    /// The connection's state in the words of Zeek's `conn_state`, as its documentation defines them.
    #[must_use]
    pub fn zeek_state(&self) -> &'static str {
        let Some(verdict) = self.verdict() else {
            return if self.traffic(Lane::Server).packets > 0 { "SF" } else { "S0" };
        };
        let Some(handshake) = self.handshake() else { return "OTH" };
        let (syn, answered) = (handshake.syn.is_some(), handshake.syn_ack.is_some());
        match (verdict.opening, verdict.ending) {
            (Opening::Refused, _) => "REJ",
            _ if !syn && !answered => "OTH",
            (_, Ending::Reset(reset)) => match (reset.by, syn, answered) {
                (Lane::Server, true, _) => "RSTR",
                (Lane::Server, false, _) => "RSTRH",
                (Lane::Client, _, true) => "RSTO",
                (Lane::Client, _, false) => "RSTOS0",
            },
            (_, Ending::Closed { .. } | Ending::Closing { .. }) => "SF",
            (_, Ending::HalfClosed { by: Lane::Client }) => {
                if answered {
                    "S2"
                } else {
                    "SH"
                }
            }
            (_, Ending::HalfClosed { by: Lane::Server }) => {
                if syn {
                    "S3"
                } else {
                    "SHR"
                }
            }
            (_, Ending::Open | Ending::NeverOpened) => {
                if !answered {
                    "S0"
                } else if syn {
                    "S1"
                } else {
                    "OTH"
                }
            }
        }
    }
}
