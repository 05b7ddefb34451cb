//! What a capture came to, in a few lines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::analyse::{Connection, Ending, Tracker};
use crate::model::Transport;
use crate::source::Drops;
use crate::words::Spelling;

/// What was counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) packets: u64,
    /// Bytes on the wire.
    pub(super) bytes: u64,
}

/// `12 packets, 3456 bytes in 1.5 s · dropped: 0 by the kernel, 0 by the interface`
pub(super) fn packets(counts: Counts, seconds: f64, drops: Drops) -> String {
    let Counts { packets, bytes } = counts;
    let Drops { by_kernel, by_interface } = drops;
    format!(
        "{packets} {} ({bytes} bytes) in {seconds:.1} s, dropped: {by_kernel} by the kernel, {by_interface} by the \
         interface",
        plural(packets, "packet")
    )
}

/// `2 TCP connections: 1 closed by the client, four-way; 1 refused` and `3 UDP conversations`; nothing where there were
/// none.
pub(super) fn connections(tracker: &Tracker, spelling: Spelling) -> Vec<String> {
    let mut lines = Vec::new();
    let mut verdicts: BTreeMap<String, u64> = BTreeMap::new();
    for verdict in tracker.connections(Transport::Tcp).filter_map(Connection::verdict) {
        let words = match verdict.ending {
            Ending::NeverOpened => spelling.opening(verdict.opening).to_string(),
            ending => spelling.ending(ending).to_string(),
        };
        *verdicts.entry(words).or_default() += 1;
    }
    let tcp: u64 = verdicts.values().sum();
    if tcp > 0 {
        let mut verdicts: Vec<(String, u64)> = verdicts.into_iter().collect();
        verdicts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let words: Vec<String> = verdicts.iter().map(|(words, count)| format!("{count} {words}")).collect();
        lines.push(format!("{tcp} TCP {}: {}", plural(tcp, "connection"), words.join("; ")));
    }
    let udp = tracker.connections(Transport::Udp).count() as u64;
    if udp > 0 {
        lines.push(format!("{udp} UDP {}", plural(udp, "conversation")));
    }
    if let (evicted @ 1.., Some(line)) = (tracker.evicted(), lines.last_mut()) {
        let _ = write!(line, " (and {evicted} older ones, forgotten to keep memory flat)");
    }
    lines
}

fn plural(count: u64, noun: &str) -> String {
    format!("{noun}{}", if count == 1 { "" } else { "s" })
}
