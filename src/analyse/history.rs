//! What happened in a TCP connection, a letter each, as Zeek follows it.
//!
//! Zeek follows two endpoints with states of its own, coarser than RFC 9293's, and derives `conn_state` and `history` from
//! them (`TCPSessionAdapter.cc` and `conn/main.zeek`, Zeek 8). The same is done here. What cannot be the same: Zeek turns a
//! direction by ports of its own list and gives up on a connection after a while; and a packet captured twice is one here.

use super::segment::Segment;
use crate::model::{Few, Lane, SeqNumber};

use Phase::{Closed, Established, Inactive, Partial, Reset, SynAckSent, SynSent};

/// How many letters are kept; only a hostile connection has more.
const KEPT: usize = 28;

/// How far the number of a SYN or RST may lie from the highest one to be believed.
const TOO_FAR: u32 = 1 << 20;

/// Zeek's state of an endpoint, by what it has sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Nothing yet.
    #[default]
    Inactive,
    /// A SYN.
    SynSent,
    /// A SYN-ACK, before anything of its peer.
    SynAckSent,
    /// Segments of a connection whose beginning was missed.
    Partial,
    /// Its part of the handshake, or an answer to the peer's.
    Established,
    /// A FIN.
    Closed,
    /// A RST.
    Reset,
}

/// What is known of one endpoint.
#[derive(Clone, Copy, Debug, Default)]
struct Endpoint {
    phase: Phase,
    before: Phase,
    /// The number after the highest one sent.
    highest: SeqNumber,
    /// The letters noted, a bit each by [`bit`].
    noted: u32,
    /// The numbers of its last SYN, FIN and RST: another one is noted again.
    last: [SeqNumber; 3],
    /// How often it repeated payload, shut its window, and was acknowledged what is not in the capture.
    counts: [u32; 3],
}

/// The endpoints of a connection, and what happened in it, a letter each.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    ends: [Endpoint; 2],
    letters: Few<u8, KEPT>,
}

impl History {
    /// Begins with the client's SYN, whose last number is the one before `next`.
    pub(super) fn opened(&mut self, isn: SeqNumber, next: SeqNumber) {
        self.note_again(Lane::Client, b's', 0, isn);
        let client = &mut self.ends[Lane::Client as usize];
        (client.phase, client.highest) = (SynSent, next);
    }

    /// Takes in a segment that is not a copy; `missed` says whether it acknowledges what is not in the capture.
    #[inline(always)]
    pub(super) fn observe(&mut self, from: Lane, segment: &Segment, missed: bool) {
        if from == Lane::Server && self.letters.is_empty() && self.phases(from) == [Inactive; 2] {
            // It sent a SYN-ACK, or from a server's port, and is the server though it was seen first.
            self.add(b'^');
        }
        self.number(from, segment);
        self.flags(from, segment);
        let [own, peer] = self.phases(from);
        if segment.window == 0 && !segment.flags.rst() && !segment.is_piece() && peer != Closed && own != Reset {
            self.count(from, b'w', 0);
        }
        self.payload(from, segment);
        self.advance(from, segment);
        let clean = |end: &Endpoint| end.phase == Established || (end.phase == Closed && end.before == Established);
        // A gap is the fault of the direction that is acknowledged.
        if missed && self.ends.iter().all(clean) {
            self.count(from.other(), b'g', 1);
        }
    }

    /// Notes that client and server changed places.
    pub(super) fn turned(&mut self) {
        self.ends.swap(0, 1);
        self.letters.iter_mut().filter(|letter| letter.is_ascii_alphabetic()).for_each(|letter| *letter ^= b'a' ^ b'A');
        self.add(b'^');
    }

    /// Where an endpoint's numbers begin, or begin anew.
    fn number(&mut self, from: Lane, segment: &Segment) {
        let end = &mut self.ends[from as usize];
        let syn = segment.flags.syn();
        match end.phase {
            Inactive => end.highest = if syn { zeek_end(segment) } else { segment.seq },
            SynSent | SynAckSent if syn && end.last[0] != segment.seq => end.highest = zeek_end(segment),
            Established | Partial if syn => end.highest = zeek_end(segment),
            Reset if syn && end.before == Inactive => end.highest = zeek_end(segment),
            _ => {}
        }
    }

    #[inline(always)]
    fn flags(&mut self, from: Lane, segment: &Segment) {
        let flags = segment.flags;
        match (flags.syn(), flags.fin(), flags.rst()) {
            (_, true, true) => self.note(from, b'i'),
            (true, true, _) | (true, _, true) => self.note(from, b'q'),
            (true, ..) => self.note_again(from, if flags.ack() { b'h' } else { b's' }, 0, segment.seq),
            (_, true, _) => self.note_again(from, b'f', 1, segment.seq + segment.len),
            (.., true) => self.note_again(from, b'r', 2, segment.seq),
            _ if segment.len > 0 => self.note(from, b'd'),
            _ if flags.ack() => self.note(from, b'a'),
            _ => {}
        }
    }

    /// Payload that brings nothing beyond the highest number counts as sent again, late or not.
    #[inline(always)]
    fn payload(&mut self, from: Lane, segment: &Segment) {
        let end = &mut self.ends[from as usize];
        let ahead = zeek_end(segment).distance_from(end.highest);
        let doubtful = segment.flags.syn() || segment.flags.rst();
        if (doubtful && ahead.unsigned_abs() > TOO_FAR) || end.phase == Reset {
            return;
        }
        if ahead > 0 {
            end.highest = zeek_end(segment);
        } else if segment.len > 0 && !segment.is_piece() {
            self.count(from, b't', 2);
        }
    }

    #[inline(always)]
    fn advance(&mut self, from: Lane, segment: &Segment) {
        let [own, peer] = self.phases(from);
        let (syn, fin, rst) = (segment.flags.syn(), segment.flags.fin(), segment.flags.rst());
        let next = match own {
            Inactive => return self.activate(from, segment),
            SynSent | SynAckSent | Established | Partial if rst => Reset,
            SynSent | SynAckSent | Established | Partial if fin => Closed,
            Partial if syn && peer == Inactive && !segment.flags.ack() => SynSent,
            Closed if rst && peer != Closed => Reset,
            _ => return,
        };
        self.enter(from, next);
        let other = self.ends[from.other() as usize];
        // A peer that reset what it had closed is taken to have closed it.
        if matches!(own, Established | Partial) && next == Closed && (other.phase, other.before) == (Reset, Closed) {
            self.enter(from.other(), Closed);
        }
    }

    /// The first segment of an endpoint.
    fn activate(&mut self, from: Lane, segment: &Segment) {
        let [_, peer] = self.phases(from);
        let flags = segment.flags;
        if flags.syn() && from == Lane::Client {
            self.enter(from, if flags.ack() { SynAckSent } else { SynSent });
        } else if flags.syn() {
            if peer == SynSent {
                self.enter(from.other(), Established);
            }
            self.enter(from, Established);
        }
        if flags.fin() {
            self.enter(from, Closed);
        }
        if flags.rst() {
            self.enter(from, Reset);
        }
        if self.phases(from)[0] == Inactive {
            // Some servers acknowledge a SYN before they answer it.
            let early = from == Lane::Server && segment.len == 0 && peer == SynSent;
            let answers = flags.ack() && peer == Established;
            match (early, answers) {
                (true, _) => {}
                (_, true) => self.enter(from, Established),
                _ => self.enter(from, Partial),
            }
        }
    }

    fn phases(&self, from: Lane) -> [Phase; 2] {
        [self.ends[from as usize].phase, self.ends[from.other() as usize].phase]
    }

    fn enter(&mut self, from: Lane, phase: Phase) {
        let end = &mut self.ends[from as usize];
        if end.phase != phase {
            (end.before, end.phase) = (end.phase, phase);
        }
    }

    /// Notes a letter the first time.
    fn note(&mut self, from: Lane, letter: u8) {
        let noted = &mut self.ends[from as usize].noted;
        if *noted & bit(letter) == 0 {
            *noted |= bit(letter);
            self.add_of(from, letter);
        }
    }

    /// Notes a letter the first time, and again with every other sequence number than the last of its `kind`.
    fn note_again(&mut self, from: Lane, letter: u8, kind: usize, seq: SeqNumber) {
        // SYN and SYN-ACK of one endpoint share a number, and a place.
        let place = if letter == b'h' { b's' } else { letter };
        let end = &mut self.ends[from as usize];
        let (first, other) = (end.noted & bit(place) == 0, end.last[kind] != seq);
        end.noted |= bit(place);
        end.last[kind] = seq;
        if first || other {
            self.add_of(from, letter);
        }
    }

    /// Counts an event; it is noted the 1st, 10th, 100th ... time.
    fn count(&mut self, from: Lane, letter: u8, kind: usize) {
        let count = &mut self.ends[from as usize].counts[kind];
        *count = count.saturating_add(1);
        if 10_u32.checked_pow(count.ilog10()) == Some(*count) {
            self.add_of(from, letter);
        }
    }

    fn add_of(&mut self, from: Lane, letter: u8) {
        self.add(if from == Lane::Client { letter.to_ascii_uppercase() } else { letter });
    }

    fn add(&mut self, letter: u8) {
        self.letters.push(letter);
    }

    /// Whether the client sent a SYN and then reset it, with nothing else of its own in between.
    fn is_reset_syn(&self) -> bool {
        let mut own = self.letters.iter().skip_while(|letter| **letter == b'^');
        own.next() == Some(&b'S') && own.find(|letter| b"HAFGIQR".contains(letter)) == Some(&b'R')
    }

    /// `conn_state`; `payload` says whether either side sent any.
    pub(super) fn state(&self, payload: bool) -> &'static str {
        let silent = |phase| matches!(phase, Inactive | Partial);
        match self.phases(Lane::Client) {
            [SynSent | SynAckSent, Reset] => "REJ",
            [Reset, Reset] if !payload => "REJ",
            [client, Reset] if silent(client) => "RSTRH",
            [_, Reset] => "RSTR",
            [Reset, server] if !silent(server) => "RSTO",
            [Reset, _] if self.is_reset_syn() => "RSTOS0",
            [Reset, _] => "OTH",
            [Closed, Closed] => "SF",
            [Closed, server] if silent(server) => "SH",
            [Closed, _] => "S2",
            [client, Closed] if silent(client) => "SHR",
            [_, Closed] => "S3",
            [SynSent, Inactive] => "S0",
            [Established, Established] => "S1",
            _ => "OTH",
        }
    }
}

/// The number after a segment in Zeek's reckoning: the payload of a RST takes none.
fn zeek_end(segment: &Segment) -> SeqNumber {
    let payload = if segment.flags.rst() { 0 } else { segment.len };
    segment.seq + payload + u32::from(segment.flags.syn()) + u32::from(segment.flags.fin())
}

/// The place of a lower-case letter among those noted.
const fn bit(letter: u8) -> u32 {
    1 << letter.saturating_sub(b'a')
}

/// The history's letters, upper case for the client's segments.
impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.letters.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}
