//! What can be said of one packet beyond its fields: Wireshark's `tcp.analysis` flags, and artefacts of the capture.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// A set of marks on one packet.
///
/// Names and definitions are Wireshark's; where it is known to be wrong, `docs/differences-from-tshark.md` says what is
/// done instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Marks(u32);

impl Marks {
    /// Nothing to say.
    pub const NONE: Self = Self(0);
    /// Sequence numbers that were seen before, or that fill a gap a round trip or more after it opened.
    pub const RETRANSMISSION: Self = Self(1);
    /// A retransmission within 20 ms of duplicate acknowledgments that ask for it; always with `RETRANSMISSION`.
    pub const FAST_RETRANSMISSION: Self = Self(1 << 1);
    /// A retransmission of what was acknowledged already; always with `RETRANSMISSION`.
    pub const SPURIOUS_RETRANSMISSION: Self = Self(1 << 2);
    /// It fills a gap sooner than a retransmission could: another packet, or its own acknowledgment, overtook it.
    pub const OUT_OF_ORDER: Self = Self(1 << 3);
    /// An acknowledgment that repeats the one before: same number, same window, no data.
    pub const DUPLICATE_ACK: Self = Self(1 << 4);
    /// It comes after a gap: a segment before it was lost, is late, or was not captured.
    pub const LOST_SEGMENT: Self = Self(1 << 5);
    /// It acknowledges further than the captured segments go without a gap.
    pub const ACKED_UNSEEN: Self = Self(1 << 6);
    /// It fills the receiver's window to the last byte.
    pub const WINDOW_FULL: Self = Self(1 << 7);
    /// Its sender can take no more data.
    pub const ZERO_WINDOW: Self = Self(1 << 8);
    /// It asks whether a window of zero has opened.
    pub const ZERO_WINDOW_PROBE: Self = Self(1 << 9);
    /// It answers a probe: the window is still zero.
    pub const ZERO_WINDOW_PROBE_ACK: Self = Self(1 << 10);
    /// It changes the window and nothing else.
    pub const WINDOW_UPDATE: Self = Self(1 << 11);
    /// It asks whether an idle peer is still there: one sequence number back, no data or one byte.
    pub const KEEP_ALIVE: Self = Self(1 << 12);
    /// It answers a keep-alive.
    pub const KEEP_ALIVE_ACK: Self = Self(1 << 13);
    /// It begins a new connection between endpoints that had one before.
    pub const REUSED_PORTS: Self = Self(1 << 14);
    /// The same packet again, duplicated by the network or captured twice; nothing else is said of it.
    pub const DUPLICATE_PACKET: Self = Self(1 << 15);
    /// More payload than the receiver's maximum segment size: segmentation was left to the network card.
    pub const SUPER_SEGMENT: Self = Self(1 << 16);
    /// The capture kept only a part of it.
    pub const CUT: Self = Self(1 << 17);

    /// A SYN-ACK that its client does not take: it has other numbers than the one that the client acknowledged, or does not
    /// acknowledge the client's SYN (RFC 9293 §3.10.7.3).
    pub const SYN_ACK_NOT_ACCEPTED: Self = Self(1 << 18);

    /// A SYN-ACK with other numbers than the first, while the client has acknowledged none: nobody knows yet which of them
    /// it takes.
    pub const SYN_ACK_OTHER_NUMBERS: Self = Self(1 << 19);

    /// How many marks there are.
    pub(super) const KINDS: usize = 20;

    /// Every mark there is.
    pub const ALL: Self = Self((1 << Self::KINDS) - 1);

    /// Names for people and Wireshark's filters, from the lowest bit up.
    const NAMES: [(&'static str, Option<&'static str>); Self::KINDS] = [
        ("retransmission", Some("tcp.analysis.retransmission")),
        ("fast retransmission", Some("tcp.analysis.fast_retransmission")),
        ("spurious retransmission", Some("tcp.analysis.spurious_retransmission")),
        ("out of order", Some("tcp.analysis.out_of_order")),
        ("duplicate ACK", Some("tcp.analysis.duplicate_ack")),
        ("previous segment not captured", Some("tcp.analysis.lost_segment")),
        ("ACKed unseen segment", Some("tcp.analysis.ack_lost_segment")),
        ("window full", Some("tcp.analysis.window_full")),
        ("zero window", Some("tcp.analysis.zero_window")),
        ("zero-window probe", Some("tcp.analysis.zero_window_probe")),
        ("zero-window probe ACK", Some("tcp.analysis.zero_window_probe_ack")),
        ("window update", Some("tcp.analysis.window_update")),
        ("keep-alive", Some("tcp.analysis.keep_alive")),
        ("keep-alive ACK", Some("tcp.analysis.keep_alive_ack")),
        ("ports reused", Some("tcp.analysis.reused_ports")),
        ("duplicate packet", None),
        ("super-segment", None),
        ("cut by the capture", None),
        ("SYN-ACK not accepted", None),
        ("SYN-ACK with other numbers", None),
    ];

    /// Whether every mark of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The marks of a list, together.
    #[must_use]
    pub const fn of(list: &[Self]) -> Self {
        let (mut marks, mut rest) = (0, list);
        while let [first, others @ ..] = rest {
            (marks, rest) = (marks | first.0, others);
        }
        Self(marks)
    }

    /// Those that are not among `other`.
    #[must_use]
    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether any mark of `other` is set.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether no mark is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// `self` if `condition` holds, else nothing.
    #[must_use]
    pub(super) const fn when(self, condition: bool) -> Self {
        if condition { self } else { Self::NONE }
    }

    /// The marks one by one.
    pub fn iter(self) -> impl Iterator<Item = Self> {
        (0..Self::KINDS).map(|bit| Self(1 << bit)).filter(move |mark| self.contains(*mark))
    }

    /// The place of a single mark among all, from 0.
    pub(super) const fn index(self) -> usize {
        self.0.trailing_zeros() as usize
    }

    /// What programs call a single mark: Wireshark's name without its prefix; one of its own in the same spelling.
    #[must_use]
    pub fn word(self) -> String {
        match self.key().and_then(|key| key.strip_prefix("tcp.analysis.")) {
            Some(key) => key.to_owned(),
            None => self.to_string().to_lowercase().replace([' ', '-'], "_"),
        }
    }

    /// Wireshark's display filter for a single mark; `None` for one that Wireshark does not have.
    #[must_use]
    pub fn key(self) -> Option<&'static str> {
        Self::NAMES.get(self.index())?.1
    }
}

impl BitOr for Marks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// `fast retransmission, window full`; what another mark implies is left out. Empty without marks.
impl fmt::Display for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = *self;
        if self.intersects(Self::FAST_RETRANSMISSION | Self::SPURIOUS_RETRANSMISSION) {
            shown.0 &= !Self::RETRANSMISSION.0;
        }
        let mut separator = "";
        for (name, _) in shown.iter().filter_map(|mark| Self::NAMES.get(mark.index())) {
            write!(f, "{separator}{name}")?;
            separator = ", ";
        }
        Ok(())
    }
}
