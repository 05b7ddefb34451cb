//! How a UDP conversation went: what was answered, what was not, what met a closed port.

use super::count::count;
use super::lane::lane;
use crate::analyse::{Exchange, Refusal};

/// `3 datagrams answered`, `the server's port is closed, says 192.0.2.1`.
pub(in crate::words) fn exchange(exchange: &Exchange) -> String {
    if let Some(Refusal { by, sender, .. }) = exchange.refusal() {
        return format!("the {}'s port is closed, says {by}", lane(sender.other()));
    }
    match (exchange.asked(), exchange.answered()) {
        (asked, 0) => format!("{}, no answer", count(asked, "datagram")),
        (asked, answered) if asked == answered => format!("{} answered", count(asked, "datagram")),
        (asked, answered) => format!("{answered} of {asked} answered"),
    }
}
