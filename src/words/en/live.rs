//! What happens to a connection while one looks on.

use crate::analyse::Traffic;

/// That a table has no room for some.
pub(in crate::words) fn active_before(connections: usize) -> String {
    format!("and {connections} that were active before these")
}

/// The first packet of a conversation.
pub(in crate::words) const BEGINS: &str = "begins";
/// The handshake has come about.
pub(in crate::words) const OPENED: &str = "opened";
/// The first packet of a connection whose handshake was not captured.
pub(in crate::words) const WAS_OPEN: &str = "was open before";

/// `5 packets, 400 bytes there; 4 packets, 300 bytes back`
pub(in crate::words) fn amounts(there: &Traffic, back: &Traffic) -> String {
    format!(
        "{} packets, {} bytes there; {} packets, {} bytes back",
        there.packets, there.bytes, back.packets, back.bytes
    )
}

/// What a capture lost: `dropped: 0 by the kernel, 0 by the interface`
pub(in crate::words) fn dropped(by_kernel: u32, by_interface: u32) -> String {
    format!("dropped: {by_kernel} by the kernel, {by_interface} by the interface")
}
