//! What the analysis reads from one TCP packet, read once.

use super::moment::Moment;
use super::offer::Offer;
use super::print::Print;
use crate::decode::{Flags, Packet, Tcp, TcpOption, TcpOptions, sack_edges};
use crate::model::{Few, Frame, SeqNumber};

/// How many blocks of one selective acknowledgment are read: more do not fit into the options (RFC 2018 §3).
const SACK_BLOCKS: usize = 4;

/// The first and the next number of each block received beyond an acknowledgment (RFC 2018).
pub(super) type Sacked = Few<(SeqNumber, SeqNumber), SACK_BLOCKS>;

/// What a segment is where it came in fragments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It came in one piece, or this is the first of several.
    Whole,
    /// A later piece of a segment that was new when its first came. The pieces of one segment come in any order: of it they
    /// prove nothing.
    Piece,
    /// A later piece of a segment that was sent again.
    PieceAgain,
}

/// The parts of a TCP segment that its connection depends on.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) moment: Moment,
    pub(super) flags: Flags,
    pub(super) seq: SeqNumber,
    /// The acknowledgment number; `None` without the ACK flag.
    pub(super) ack: Option<SeqNumber>,
    /// The window field as it stands in the header.
    pub(super) window: u16,
    /// Payload bytes on the wire.
    pub(super) len: u32,
    /// The sender's clock, where the segment carries it (RFC 7323 §3).
    pub(super) clock: Option<u32>,
    /// What a SYN offers.
    pub(super) offer: Option<Offer>,
    /// Few segments have any, and every one is handed from thread to thread.
    sacked: Option<Box<Sacked>>,
    /// The IPv4 identification; 0 where there is none.
    pub(super) identification: u16,
    /// Whether it is a part of a segment after the first fragment.
    pub(super) role: Role,
    /// What makes this packet this packet.
    pub(super) print: Print,
}

impl Segment {
    /// What there is to read in one; in place, see [`Digest::of`](super::digest::Digest::of).
    #[inline(always)]
    pub(super) fn new(frame: &Frame<'_>, packet: &Packet<'_>, tcp: &Tcp<'_>) -> Self {
        let identification = packet.ip().and_then(|ip| ip.identification()).unwrap_or(0);
        // What is a part of a packet does not hold the segment's last number.
        let flags = if packet.is_fragment() { tcp.flags().without_fin() } else { tcp.flags() };
        let len = packet.payload_len();
        let print = Print::of(frame, packet, tcp, identification);
        Self::read((tcp, flags), len, Moment::of(frame), identification, print)
    }

    /// What there is to read in a header, with the flags that count for what there is of it: `len` bytes behind it. One
    /// whose header came in several fragments is made of this alone.
    #[inline(always)]
    pub(super) fn read(
        (tcp, flags): (&Tcp<'_>, Flags),
        len: u32,
        moment: Moment,
        identification: u16,
        print: Print,
    ) -> Self {
        let (clock, sacked) = clock_and_sacked(tcp.options());
        Self {
            moment,
            flags,
            seq: tcp.seq(),
            ack: flags.ack().then(|| tcp.ack()),
            window: tcp.window(),
            len,
            clock,
            offer: flags.syn().then(|| Offer::read(flags, tcp.options())),
            sacked,
            identification,
            role: Role::Whole,
            print,
        }
    }

    /// Whether it is a later piece of a segment.
    pub(super) const fn is_piece(&self) -> bool {
        !matches!(self.role, Role::Whole)
    }

    /// What was received beyond the acknowledgment.
    pub(super) fn sacked(&self) -> &[(SeqNumber, SeqNumber)] {
        self.sacked.as_deref().map_or(&[], |sacked| sacked)
    }

    /// Of a part of a segment, the selective acknowledgment is the first one's.
    pub(super) fn forget_sacked(&mut self) {
        self.sacked = None;
    }

    /// Whether it carries data or a SYN, which nobody sends twice within a moment.
    pub(super) const fn carries(&self) -> bool {
        self.len > 0 || self.flags.syn()
    }

    /// Whether it opens and does nothing else.
    pub(super) const fn is_bare_syn(&self) -> bool {
        self.flags.is_opening_syn() && !self.flags.fin() && !self.flags.rst()
    }

    /// Whether it neither opens nor closes nor resets.
    pub(super) const fn is_plain(&self) -> bool {
        !(self.flags.syn() || self.flags.fin() || self.flags.rst())
    }

    /// The sequence number after this segment: SYN and FIN take one place each (RFC 9293 §3.4).
    pub(super) fn end(&self) -> SeqNumber {
        self.seq + self.len + u32::from(self.flags.syn()) + u32::from(self.flags.fin())
    }
}

/// Reads the options that any segment may carry; of two of a kind the first counts.
fn clock_and_sacked(options: TcpOptions<'_>) -> (Option<u32>, Option<Box<Sacked>>) {
    let (mut clock, mut sacked) = (None, None::<Box<Sacked>>);
    for option in options {
        match option {
            TcpOption::Timestamps { value, .. } => clock = clock.or(Some(value)),
            TcpOption::Sack(blocks) if sacked.as_ref().is_none_or(|sacked| sacked.is_empty()) => {
                let edges = sack_edges(blocks).map(|(left, right)| (SeqNumber(left), SeqNumber(right)));
                sacked = Some(Box::new(edges.take(SACK_BLOCKS).collect()));
            }
            _ => {}
        }
    }
    (clock, sacked)
}
