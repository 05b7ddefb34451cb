//! How many conversations there were, and how they went.

use super::count::count;

/// `2 TCP connections: 1 closed by the client, four-way; 1 refused`
pub(in crate::words) fn tcp(number: u64, ways: &[(String, u64)]) -> String {
    let ways: Vec<String> = ways.iter().map(|(words, count)| format!("{count} {words}")).collect();
    format!("{}: {}", count(number, "TCP connection"), ways.join("; "))
}

/// `3 UDP conversations`
pub(in crate::words) fn udp(number: u64) -> String {
    count(number, "UDP conversation")
}

/// What stands behind them where there were others before.
pub(in crate::words) fn forgotten(number: u64) -> String {
    format!(" (and {number} older ones, forgotten to keep memory flat)")
}
