//! What stands around facts where people read them: titles, headings, labels, amounts.

use std::fmt::{Display, Formatter};

use super::en;
use super::labels::{Asks, LadderWords, OpenedWords, WaysWords};
use super::language::Language;
use super::noun::Noun;
use super::spelling::{Spelling, Spelt};
use crate::analyse::{Run, Timeline};
use crate::model::{Layer, Transport};

/// Amounts and names.
impl Spelling {
    /// `Transport`.
    #[must_use]
    pub const fn layer(self, layer: Layer) -> &'static str {
        match self.language {
            Language::En => en::layer(layer),
        }
    }

    /// The words around packets that were seen in several places.
    #[must_use]
    pub const fn ways(self) -> &'static WaysWords {
        match self.language {
            Language::En => &en::WAYS,
        }
    }

    /// Above what each place shows of one packet.
    #[must_use]
    pub fn at_each_place(self, number: usize) -> String {
        match self.language {
            Language::En => en::at_each_place(number),
        }
    }

    /// `1 packet`, `2 packets`.
    #[must_use]
    pub fn count(self, number: u64, noun: Noun) -> String {
        match self.language {
            Language::En => en::counted_noun(number, noun),
        }
    }

    /// `2 other packets of no conversation`.
    #[must_use]
    pub fn of_no_conversation(self, packets: u64) -> String {
        match self.language {
            Language::En => en::of_no_conversation(packets),
        }
    }

    /// ` in 1.234 s`, behind what happened in so long.
    #[must_use]
    pub fn within(self, time: &str) -> String {
        match self.language {
            Language::En => en::within(time),
        }
    }

    /// That so many ends of packets belong to hosts that are not told apart.
    #[must_use]
    pub fn hosts_beyond(self, ends: u64) -> String {
        match self.language {
            Language::En => en::hosts_beyond(ends),
        }
    }

    /// Above traffic over time: the numbers, and of intervals of so long.
    #[must_use]
    pub fn interval_heading(self, each: &str) -> [String; 2] {
        match self.language {
            Language::En => en::interval_heading(each),
        }
    }

    /// That so many intervals are without a packet.
    #[must_use]
    pub fn empty_intervals(self, intervals: usize) -> String {
        match self.language {
            Language::En => en::empty_intervals(intervals),
        }
    }
}

/// Ladders, and rows as they come.
impl Spelling {
    /// The words that do not depend on the conversation.
    #[must_use]
    pub const fn ladder(self) -> &'static LadderWords {
        match self.language {
            Language::En => &en::LADDER,
        }
    }

    /// `TCP 192.0.2.1:40000 (client) ⇄ 192.0.2.2:80 (server)`, and what is out of the ordinary about the ends.
    #[must_use]
    pub fn ladder_title(self, timeline: &Timeline) -> String {
        match self.language {
            Language::En => en::ladder_title(timeline, self.ascii),
        }
    }

    /// `TCP 192.0.2.1:40000 → 192.0.2.2:80, stream 3`: of a picture.
    #[must_use]
    pub fn picture_title(self, timeline: &Timeline) -> String {
        match self.language {
            Language::En => en::picture_title(timeline, self.ascii),
        }
    }

    /// `on eth0`: where a packet passed.
    #[must_use]
    pub fn on(self, interface: &str) -> String {
        match self.language {
            Language::En => en::on(interface),
        }
    }

    /// `8 segments seq=1..1000 999 B (3 ACKs back)`.
    #[must_use]
    pub fn run(self, transport: Transport, run: Run) -> String {
        match self.language {
            Language::En => en::run(transport, run),
        }
    }

    /// Ahead of the payload of a datagram's first fragment, where the datagram has so many bytes.
    #[must_use]
    pub fn first_fragment(self, len: u32) -> String {
        match self.language {
            Language::En => en::first_fragment(len),
        }
    }

    /// A payload of so many bytes that the capture does not hold.
    #[must_use]
    pub fn not_captured(self, len: u32) -> String {
        match self.language {
            Language::En => en::not_captured(len),
        }
    }

    /// The numbers that a call's bytes take: the first and the last.
    #[must_use]
    pub fn numbers(self, first: u32, last: u32) -> String {
        match self.language {
            Language::En => en::numbers(first, last),
        }
    }

    /// That bytes of a stream are missing.
    #[must_use]
    pub fn gap(self, offset: u64, len: u64) -> String {
        match self.language {
            Language::En => en::gap(offset, len),
        }
    }

    /// `who has 10.0.0.2? tell 10.0.0.1`.
    #[must_use]
    pub fn asks(self, asks: Asks<'_>) -> String {
        match self.language {
            Language::En => en::asks(asks),
        }
    }
}

/// Packets that are opened.
impl Spelling {
    /// The words that do not depend on the packet.
    #[must_use]
    pub const fn opened_words(self) -> &'static OpenedWords {
        match self.language {
            Language::En => &en::OPENED_PACKET,
        }
    }

    /// `Packet 3 opened: 60 bytes of 1514 on the wire, 0..60`.
    #[must_use]
    pub fn opened_title(self, number: u64, len: usize, wire_len: Option<u32>, range: &str) -> String {
        match self.language {
            Language::En => en::opened_title(number, len, wire_len, range),
        }
    }

    /// `14 + 20 + 20 + 5 = 59 B, 8.5 % payload`.
    #[must_use]
    pub fn layer_sum(self, parts: &str, total: usize, payload: &str) -> String {
        match self.language {
            Language::En => en::layer_sum(parts, total, payload),
        }
    }

    /// `60 bytes`.
    #[must_use]
    pub fn bytes(self, len: usize) -> impl Display {
        Spelt(move |f: &mut Formatter<'_>| match self.language {
            Language::En => en::bytes_in_all(len, f),
        })
    }
}

/// Interfaces.
impl Spelling {
    /// Whether one may be captured on: by default, or why not.
    #[must_use]
    pub fn may_capture(self, is_default: bool, refusal: Option<&str>) -> String {
        match self.language {
            Language::En => en::may_capture(is_default, refusal),
        }
    }
}
