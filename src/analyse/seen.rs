//! The tracker's answer to a packet: where it stands in its conversation, and what is remarkable about it.

use super::marks::Marks;
use super::moment::Moment;
use crate::decode::Announced;
use crate::model::{Lane, TcpState, Transport};

/// What one packet meant in its conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// TCP or UDP.
    pub transport: Transport,
    /// The conversation's number, as Wireshark counts `tcp.stream` and `udp.stream`.
    pub stream: u32,
    /// Who sent it. The client is who sent the SYN; where no SYN was seen it is assumed, see
    /// [`Connection::is_assumed`](super::Connection::is_assumed).
    pub from: Lane,
    /// Whether the direction is a guess.
    pub assumed: bool,
    /// The sequence number relative to the sender's first one.
    pub seq: Option<u32>,
    /// The acknowledgment number relative to the peer's first sequence number; `None` without the ACK flag.
    pub ack: Option<u32>,
    /// The window in bytes, scaled where both SYNs were seen; otherwise as it stands in the header.
    pub window: Option<u32>,
    /// By how many bits it was shifted: none for that of a SYN, which is never scaled; `None` where nobody knows.
    pub window_scale: Option<u8>,
    /// Payload bytes on the wire.
    pub len: u32,
    /// For the first fragment of a UDP datagram: how many bytes of the datagram's payload lie in later ones.
    pub later_len: u32,
    /// The client's state after this packet, inferred from the segments alone.
    pub client: Option<TcpState>,
    /// The server's state after this packet.
    pub server: Option<TcpState>,
    /// The datagram it answers, for UDP.
    pub answers: Option<Moment>,
    /// What an earlier packet announced about it.
    pub announced: Option<Announced>,
    /// What is remarkable about it.
    pub marks: Marks,
}
