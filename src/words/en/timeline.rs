//! What stands beside the packets of a timeline: where its times count from, what its clock did, what is left out.

use crate::words::quantity::seconds;

/// Where the times count from, in nanoseconds from the capture's first packet, where that is a call.
pub(in crate::words) fn zero_is_call(name: &str, nanos: i64) -> String {
    zero(&format!("its first {name}()"), nanos)
}

/// The same, where it is a packet.
pub(in crate::words) fn zero_is_packet(number: u64, nanos: i64) -> String {
    zero(&format!("packet {number}"), nanos)
}

fn zero(what: &str, nanos: i64) -> String {
    if nanos < 0 {
        return format!("time starts at {what}");
    }
    format!("time starts at {what}, {} s into the capture", seconds(nanos))
}

/// That the capture's clock went back by so much before a packet, and `more` times after it.
pub(in crate::words) fn clock_went_back(packet: u64, nanos: i64, more: usize) -> String {
    let more = if more == 0 { String::new() } else { format!("; so are {more} more") };
    format!(
        "packet {packet} is stamped {} s before the packet above it{more}; packets stand as they were captured",
        seconds(nanos)
    )
}

/// What stands for packets that are left out.
pub(in crate::words) fn omitted(packets: u64, ascii: bool) -> String {
    format!("{} {packets} packets are not shown", if ascii { ":" } else { "⋮" })
}

/// That a packet is sent again as another.
pub(in crate::words) fn sent_again(packet: u64) -> String {
    format!("sent again as packet {packet}")
}
