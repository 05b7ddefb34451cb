//! What can be said of one packet beyond its fields: Wireshark's `tcp.analysis` flags, and artefacts of the capture.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// Lists every mark once: its variant, the set of it alone, its key; Wireshark's first, as its keys are.
macro_rules! marks {
    (
        wireshark { $($(#[$doc:meta])+ $mark:ident $set:ident $key:literal,)+ }
        ours { $($(#[$own_doc:meta])+ $own_mark:ident $own_set:ident $own_key:literal,)+ }
    ) => {
        /// One thing that can be said of a packet.
        ///
        /// Names and definitions are Wireshark's; where it is known to be wrong, `docs/differences-from-tshark.md` says
        /// what is done instead.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Mark {
            $($(#[$doc])+ $mark,)+
            $($(#[$own_doc])+ $own_mark,)+
        }

        impl Mark {
            /// Every mark there is.
            pub const ALL: &'static [Self] = &[$(Self::$mark,)+ $(Self::$own_mark,)+];

            /// What programs call it: Wireshark's name without its prefix; one of its own in the same spelling.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$mark => $key,)+
                    $(Self::$own_mark => $own_key,)+
                }
            }

            /// Wireshark's display filter for it; `None` for one that Wireshark does not have.
            #[must_use]
            pub const fn filter(self) -> Option<&'static str> {
                match self {
                    $(Self::$mark => Some(concat!("tcp.analysis.", $key)),)+
                    $(Self::$own_mark)|+ => None,
                }
            }
        }

        impl Marks {
            $($(#[$doc])+ pub const $set: Self = Self::only(Mark::$mark);)+
            $($(#[$own_doc])+ pub const $own_set: Self = Self::only(Mark::$own_mark);)+
        }
    };
}

marks! {
    wireshark {
        /// Sequence numbers that were seen before, or that fill a gap a round trip or more after it opened.
        Retransmission RETRANSMISSION "retransmission",
        /// A retransmission within 20 ms of duplicate acknowledgments that ask for it; always with `Retransmission`.
        FastRetransmission FAST_RETRANSMISSION "fast_retransmission",
        /// A retransmission of what was acknowledged already; always with `Retransmission`.
        SpuriousRetransmission SPURIOUS_RETRANSMISSION "spurious_retransmission",
        /// It fills a gap sooner than a retransmission could: another packet, or its own acknowledgment, overtook it.
        OutOfOrder OUT_OF_ORDER "out_of_order",
        /// An acknowledgment that repeats the one before: same number, same window, no data.
        DuplicateAck DUPLICATE_ACK "duplicate_ack",
        /// It comes after a gap: a segment before it was lost, is late, or was not captured.
        LostSegment LOST_SEGMENT "lost_segment",
        /// It acknowledges further than the captured segments go without a gap.
        AckLostSegment ACK_LOST_SEGMENT "ack_lost_segment",
        /// It fills the receiver's window to the last byte.
        WindowFull WINDOW_FULL "window_full",
        /// Its sender can take no more data.
        ZeroWindow ZERO_WINDOW "zero_window",
        /// It asks whether a window of zero has opened.
        ZeroWindowProbe ZERO_WINDOW_PROBE "zero_window_probe",
        /// It answers a probe: the window is still zero.
        ZeroWindowProbeAck ZERO_WINDOW_PROBE_ACK "zero_window_probe_ack",
        /// It changes the window and nothing else.
        WindowUpdate WINDOW_UPDATE "window_update",
        /// It asks whether an idle peer is still there: one sequence number back, no data or one byte.
        KeepAlive KEEP_ALIVE "keep_alive",
        /// It answers a keep-alive.
        KeepAliveAck KEEP_ALIVE_ACK "keep_alive_ack",
        /// It begins a new connection between endpoints that had one before.
        ReusedPorts REUSED_PORTS "reused_ports",
    }
    ours {
        /// The same packet again, duplicated by the network or captured twice; nothing else is said of it.
        DuplicatePacket DUPLICATE_PACKET "duplicate_packet",
        /// More payload than the receiver's maximum segment size: segmentation was left to the network card.
        SuperSegment SUPER_SEGMENT "super_segment",
        /// The capture kept only a part of it.
        Cut CUT "cut",
        /// A SYN-ACK that its client does not take: it has other numbers than the one that the client acknowledged, or does
        /// not acknowledge the client's SYN (RFC 9293 §3.10.7.3).
        SynAckNotAccepted SYN_ACK_NOT_ACCEPTED "syn_ack_not_accepted",
        /// A SYN-ACK with other numbers than the first, while the client has acknowledged none: nobody knows yet which of
        /// them it takes.
        SynAckOtherNumbers SYN_ACK_OTHER_NUMBERS "syn_ack_other_numbers",
    }
}

/// A set of marks on one packet.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Marks(u32);

impl Marks {
    /// Nothing to say.
    pub const NONE: Self = Self(0);

    /// How many marks there are.
    pub(super) const KINDS: usize = Mark::ALL.len();

    /// Every mark there is.
    pub const ALL: Self = Self((1 << Self::KINDS) - 1);

    /// One mark and no other.
    #[must_use]
    pub const fn only(mark: Mark) -> Self {
        Self(1_u32.wrapping_shl(mark as u32))
    }

    /// Whether every mark of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The marks of a list.
    #[must_use]
    pub const fn of(list: &[Mark]) -> Self {
        let (mut marks, mut rest) = (Self::NONE, list);
        while let [first, others @ ..] = rest {
            (marks, rest) = (marks.with(Self::only(*first)), others);
        }
        marks
    }

    /// These and those of `other`.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
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
    pub fn iter(self) -> impl Iterator<Item = Mark> {
        Mark::ALL.iter().copied().filter(move |mark| self.contains(Self::only(*mark)))
    }

    /// The place of a single mark among all, from 0.
    pub(super) const fn index(self) -> usize {
        self.0.trailing_zeros() as usize
    }

    /// Those worth telling: what another mark implies is left out.
    #[must_use]
    pub const fn told(self) -> Self {
        let implies = self.intersects(Self::of(&[Mark::FastRetransmission, Mark::SpuriousRetransmission]));
        if implies { self.without(Self::RETRANSMISSION) } else { self }
    }
}

impl From<Mark> for Marks {
    fn from(mark: Mark) -> Self {
        Self::only(mark)
    }
}

/// `{FastRetransmission, WindowFull}`.
impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl BitOr for Marks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}

impl BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_mark_has_a_place_and_a_key_of_its_own() {
        for (place, mark) in Mark::ALL.iter().enumerate() {
            assert_eq!((*mark as usize, Marks::only(*mark).index()), (place, place), "{mark:?}");
        }
        let keys: BTreeSet<&str> = Mark::ALL.iter().map(|mark| mark.key()).collect();
        assert_eq!(keys.len(), Marks::KINDS);
        assert!(keys.iter().all(|key| key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')), "{keys:?}");
    }

    #[test]
    fn a_retransmission_is_told_by_what_is_more_exact() {
        let fast = Marks::RETRANSMISSION | Marks::FAST_RETRANSMISSION | Marks::WINDOW_FULL;
        assert_eq!(fast.told().iter().collect::<Vec<_>>(), [Mark::FastRetransmission, Mark::WindowFull]);
        assert_eq!(Marks::RETRANSMISSION.told(), Marks::RETRANSMISSION);
    }
}
