//! Marks by name: what Wireshark's expert information calls them, or as short.

use crate::analyse::Mark;

/// What stands between two of them.
pub(in crate::words) const SEPARATOR: &str = ", ";

pub(in crate::words) fn counted(times: u64, which: Mark, ascii: bool) -> String {
    format!("{times}{} {}", if ascii { "x" } else { "×" }, mark(which))
}

pub(in crate::words) const fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Retransmission => "retransmission",
        Mark::FastRetransmission => "fast retransmission",
        Mark::SpuriousRetransmission => "spurious retransmission",
        Mark::OutOfOrder => "out of order",
        Mark::DuplicateAck => "duplicate ACK",
        Mark::LostSegment => "previous segment not captured",
        Mark::AckLostSegment => "ACKed unseen segment",
        Mark::WindowFull => "window full",
        Mark::ZeroWindow => "zero window",
        Mark::ZeroWindowProbe => "zero-window probe",
        Mark::ZeroWindowProbeAck => "zero-window probe ACK",
        Mark::WindowUpdate => "window update",
        Mark::KeepAlive => "keep-alive",
        Mark::KeepAliveAck => "keep-alive ACK",
        Mark::ReusedPorts => "ports reused",
        Mark::DuplicatePacket => "duplicate packet",
        Mark::SuperSegment => "super-segment",
        Mark::Cut => "cut by the capture",
        Mark::SynAckNotAccepted => "SYN-ACK not accepted",
        Mark::SynAckOtherNumbers => "SYN-ACK with other numbers",
    }
}
