//! How facts are spelt: each kind of fact asks the language chosen for its words.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter, Write as _};

use super::en;
use super::language::Language;
use crate::analyse::{
    Change, Connection, Ending, Entry, Exchange, Explanation, Handshake, Ledger, Mark, Marks, Measured, Opening,
    ResetCause, Tally, Verdict, Way, Why,
};
use crate::decode::Fragment;
use crate::model::{Lane, Problem, Purpose, ScenarioKey};

/// What the words shall be like: in English with every character there is, where nothing else is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spelling {
    /// Whose words they are.
    pub language: Language,
    /// Whether they shall be spelt with ASCII alone: `12.3 us`, `2x`.
    pub ascii: bool,
}

/// Words that are spelt where they are written: nothing is allocated for them.
pub(super) struct Spelt<F>(pub(super) F);

impl<F: Fn(&mut Formatter<'_>) -> fmt::Result> Display for Spelt<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

/// Single packets.
impl Spelling {
    /// What a packet does, in plain sentences with the arithmetic.
    #[must_use]
    pub fn explanation(self, explanation: &Explanation) -> String {
        match self.language {
            Language::En => en::explanation(explanation),
        }
    }

    /// Why something is as it is, in a sentence.
    #[must_use]
    pub const fn why(self, why: Why) -> &'static str {
        match self.language {
            Language::En => en::why(why),
        }
    }

    /// `fast retransmission`.
    #[must_use]
    pub const fn mark(self, mark: Mark) -> &'static str {
        match self.language {
            Language::En => en::mark(mark),
        }
    }

    /// `2× retransmission`.
    #[must_use]
    pub fn counted(self, times: u64, mark: Mark) -> String {
        match self.language {
            Language::En => en::counted(times, mark, self.ascii),
        }
    }

    /// `fast retransmission, window full`; what another mark implies is left out. Empty without marks.
    #[must_use]
    pub fn marks(self, marks: Marks) -> impl Display {
        Spelt(move |f: &mut Formatter<'_>| {
            let mut separator = "";
            for mark in marks.told().iter() {
                write!(f, "{separator}{}", self.mark(mark))?;
                separator = match self.language {
                    Language::En => en::SEPARATOR,
                };
            }
            Ok(())
        })
    }

    /// `TCP at byte 34: no room for the TCP header (needs 20 bytes, has 6, cut by the capture)`.
    #[must_use]
    pub fn problem(self, problem: &Problem) -> impl Display {
        Spelt(move |f: &mut Formatter<'_>| match self.language {
            Language::En => en::problem(problem, f),
        })
    }

    /// `first fragment 0..1480 of UDP`: the bytes are those of the whole packet's payload, half-open.
    #[must_use]
    pub fn fragment(self, fragment: &Fragment) -> impl Display {
        Spelt(move |f: &mut Formatter<'_>| match self.language {
            Language::En => en::fragment(fragment, f),
        })
    }

    /// `sent again as packet 17`.
    #[must_use]
    pub fn sent_again(self, packet: u64) -> String {
        match self.language {
            Language::En => en::sent_again(packet),
        }
    }
}

/// Conversations.
impl Spelling {
    /// How a conversation went: `closed by the client, four-way`, `3 datagrams answered`.
    #[must_use]
    pub fn conversation(self, connection: &Connection) -> String {
        let Some(verdict) = connection.verdict() else {
            return connection.exchange().map_or_else(String::new, |exchange| self.exchange(exchange));
        };
        let mut words = String::with_capacity(64);
        // Writing to memory cannot fail.
        let _ = write!(words, "{}", self.verdict(&verdict));
        words
    }

    /// `closed by the client, four-way`; how a connection opened only where that was not plain.
    #[must_use]
    pub fn verdict(self, verdict: &Verdict) -> impl Display {
        Spelt(move |f: &mut Formatter<'_>| match self.language {
            Language::En => en::verdict(verdict, f),
        })
    }

    /// `complete`, `no answer after 5 tries`.
    #[must_use]
    pub fn opening(self, opening: Opening) -> impl Display {
        Spelt(move |f: &mut Formatter<'_>| match self.language {
            Language::En => en::opening(opening, f),
        })
    }

    /// `closed by the client, four-way`, `reset by the server: unread data`.
    #[must_use]
    pub fn ending(self, ending: Ending) -> impl Display {
        Spelt(move |f: &mut Formatter<'_>| match self.language {
            Language::En => en::ending(ending, f),
        })
    }

    /// `after a FIN`.
    #[must_use]
    pub const fn cause(self, cause: ResetCause) -> &'static str {
        match self.language {
            Language::En => en::cause(cause),
        }
    }

    /// `3 datagrams answered`, `the server's port is closed, says 192.0.2.1`.
    #[must_use]
    pub fn exchange(self, exchange: &Exchange) -> String {
        match self.language {
            Language::En => en::exchange(exchange),
        }
    }

    /// `complete, SYN sent 3 times`: how a connection opened, and what did not go at the first try.
    #[must_use]
    pub fn attempts(self, opening: Opening, handshake: &Handshake) -> String {
        match self.language {
            Language::En => self.opening(opening).to_string() + &en::attempts(opening, handshake),
        }
    }

    /// `handshake 33.8 µs (SYN → ACK):`, `20.1 µs to SYN,ACK`, `+ 13.7 µs to ACK`; nothing where it did not come about.
    #[must_use]
    pub fn handshake_times(self, handshake: &Handshake) -> Vec<String> {
        match self.language {
            Language::En => en::handshake_times(handshake, self.ascii),
        }
    }

    /// `MSS 65495/65495`, `SACK yes`: of two values the client's comes first; nothing where an offer is missing.
    #[must_use]
    pub fn agreed(self, handshake: &Handshake) -> Vec<String> {
        match self.language {
            Language::En => en::agreed(handshake, self.ascii),
        }
    }
}

/// Conversations while one looks on.
impl Spelling {
    /// What becomes of a conversation: `begins`, `closed by the client, four-way, 5 packets, 400 bytes there; ...`.
    #[must_use]
    pub fn change(self, change: Change, connection: &Connection) -> Cow<'static, str> {
        match self.language {
            Language::En => match change {
                Change::Begun => en::BEGINS.into(),
                Change::Opened => en::OPENED.into(),
                Change::WasOpen => en::WAS_OPEN.into(),
                Change::Ended(ending) => {
                    let (there, back) = (connection.traffic(Lane::Client), connection.traffic(Lane::Server));
                    format!("{}, {}", self.ending(ending), en::amounts(there, back)).into()
                }
            },
        }
    }

    /// That so many were active before those that are shown.
    #[must_use]
    pub fn active_before(self, connections: usize) -> String {
        match self.language {
            Language::En => en::active_before(connections),
        }
    }

    /// What a capture lost.
    #[must_use]
    pub fn dropped(self, by_kernel: u32, by_interface: u32) -> String {
        match self.language {
            Language::En => en::dropped(by_kernel, by_interface),
        }
    }

    /// `2 TCP connections: 1 closed by the client, four-way; 1 refused` and `3 UDP conversations`; nothing where there were
    /// none.
    #[must_use]
    pub fn tally(self, tally: &Tally) -> Vec<String> {
        let mut ways: BTreeMap<String, u64> = BTreeMap::new();
        for &(way, count) in &tally.tcp {
            let words = match way {
                Way::NotOpened(opening) => self.opening(opening).to_string(),
                Way::Ended(ending) => self.ending(ending).to_string(),
            };
            let known = ways.entry(words).or_default();
            *known = known.saturating_add(count);
        }
        let tcp: u64 = ways.values().sum();
        let mut ways: Vec<(String, u64)> = ways.into_iter().collect();
        ways.sort_by_key(|(_, count)| Reverse(*count));
        let Language::En = self.language;
        let mut lines = Vec::new();
        lines.extend((tcp > 0).then(|| en::tcp(tcp, &ways)));
        lines.extend((tally.udp > 0).then(|| en::udp(tally.udp)));
        if let (forgotten @ 1.., Some(line)) = (tally.forgotten, lines.last_mut()) {
            *line += &en::forgotten(forgotten);
        }
        lines
    }
}

/// Timelines.
impl Spelling {
    /// Where its times count from, in nanoseconds from the capture's first packet, where that is a call.
    #[must_use]
    pub fn zero_is_call(self, name: &str, nanos: i64) -> String {
        match self.language {
            Language::En => en::zero_is_call(name, nanos),
        }
    }

    /// The same, where it is a packet.
    #[must_use]
    pub fn zero_is_packet(self, number: u64, nanos: i64) -> String {
        match self.language {
            Language::En => en::zero_is_packet(number, nanos),
        }
    }

    /// That the capture's clock went back by so much before a packet, and `more` times after it.
    #[must_use]
    pub fn clock_went_back(self, packet: u64, nanos: i64, more: usize) -> String {
        match self.language {
            Language::En => en::clock_went_back(packet, nanos, more),
        }
    }

    /// What stands for packets that are left out.
    #[must_use]
    pub fn omitted(self, packets: u64) -> String {
        match self.language {
            Language::En => en::omitted(packets, self.ascii),
        }
    }
}

/// Scenarios, and runs of them.
impl Spelling {
    /// What a scenario shows, in a line.
    #[must_use]
    pub const fn scenario_title(self, scenario: ScenarioKey) -> &'static str {
        match self.language {
            Language::En => en::scenario(scenario).title,
        }
    }

    /// What a scenario teaches: sentences that the packets of a run prove.
    #[must_use]
    pub const fn scenario_teaches(self, scenario: ScenarioKey) -> &'static [&'static str] {
        match self.language {
            Language::En => en::scenario(scenario).teaches,
        }
    }

    /// What stands above what was measured.
    #[must_use]
    pub const fn measured_heading(self) -> &'static str {
        match self.language {
            Language::En => en::MEASURED,
        }
    }

    /// Something measured, in a sentence; `None` for what is nothing but a time, where times are not told.
    #[must_use]
    pub fn measured(self, measured: &Measured, has_times: bool) -> Option<String> {
        match self.language {
            Language::En => en::measured(measured, has_times, self.ascii),
        }
    }

    /// Whether calls and packets add up; `dropped` is what the kernel says it lost, `broke_off` that the calls themselves
    /// came to an early end.
    #[must_use]
    pub fn ledger(self, ledger: &Ledger, dropped: u32, broke_off: bool) -> String {
        match self.language {
            Language::En => en::ledger(ledger, dropped, broke_off),
        }
    }

    /// A packet that was not captured, and the call that accounts for it: what stands ahead, and a sentence.
    #[must_use]
    pub fn missing(self, entry: &Entry, call: Option<&str>) -> (&'static str, String) {
        match self.language {
            Language::En => (en::MISSING, en::missing(entry, call)),
        }
    }

    /// A packet that no call accounts for, by its place among all: what stands ahead, and a sentence.
    #[must_use]
    pub fn unexpected(self, place: usize, purpose: Purpose) -> (&'static str, String) {
        match self.language {
            Language::En => (en::UNEXPECTED, en::unexpected(place, purpose)),
        }
    }

    /// `TCP ACK from 127.0.0.1:8888 to 127.0.0.1:40112`.
    #[must_use]
    pub fn entry(self, entry: &Entry) -> String {
        match self.language {
            Language::En => en::entry(entry),
        }
    }

    /// `segment of 5 B`.
    #[must_use]
    pub fn purpose(self, purpose: Purpose) -> Cow<'static, str> {
        match self.language {
            Language::En => en::purpose(purpose),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_behind_each_other_and_what_one_implies_is_left_out() {
        let marks = |marks| Spelling::default().marks(marks).to_string();
        assert_eq!(marks(Marks::NONE), "");
        assert_eq!(marks(Marks::RETRANSMISSION | Marks::SPURIOUS_RETRANSMISSION), "spurious retransmission");
        assert_eq!(marks(Marks::DUPLICATE_ACK | Marks::KEEP_ALIVE), "duplicate ACK, keep-alive");
    }

    #[test]
    fn every_scenario_says_what_it_teaches() {
        for scenario in ScenarioKey::ALL {
            let (title, teaches) =
                (Spelling::default().scenario_title(*scenario), Spelling::default().scenario_teaches(*scenario));
            assert!(!title.is_empty() && !teaches.is_empty(), "{}", scenario.key());
        }
    }

    #[test]
    fn ascii_alone_spells_signs_out() {
        let ascii = Spelling { ascii: true, ..Spelling::default() };
        let told = [Spelling::default(), ascii].map(|spelling| spelling.counted(2, Mark::ZeroWindow));
        assert_eq!(told, ["2× zero window", "2x zero window"]);
        let measured = Measured::SlowestAck { data: 1, ack: 3, after: 12_345 };
        let told = [Spelling::default(), ascii].map(|spelling| spelling.measured(&measured, true).unwrap());
        assert!(told[0].contains("12.3 µs") && told[1].contains("12.3 us"), "{told:?}");
        assert_eq!(ascii.measured(&measured, false), None);
    }
}
