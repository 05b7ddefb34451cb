//! What a packet is for, and which packets a call accounts for.

use super::SocketCall;

/// What a packet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Opens a connection.
    Syn,
    /// Agrees to it.
    SynAck,
    /// Acknowledges and carries nothing.
    Ack,
    /// Carries so many bytes of the stream.
    Data(u32),
    /// Says that no more data follow.
    Fin,
    /// Breaks the connection off.
    Reset,
    /// Is a datagram of so many bytes.
    Datagram(u32),
    /// Is a fragment of a datagram, with so many bytes of what IP carries.
    Fragment(u32),
    /// Says, over ICMP, that a datagram found nobody at its port.
    Unreachable,
    /// Says, over ICMP, that a router lets no such packet through.
    Prohibited,
    /// Asks, over ICMP, whether a host is there.
    EchoRequest,
    /// Says that it is.
    EchoReply,
    /// Asks who on the link has an address: ARP's request, or IPv6's neighbor solicitation.
    AsksForNeighbor,
    /// Tells the link-layer address of who has it.
    TellsOfNeighbor,
}

impl Purpose {
    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Syn => "syn",
            Self::SynAck => "syn_ack",
            Self::Ack => "ack",
            Self::Data(_) => "data",
            Self::Fin => "fin",
            Self::Reset => "reset",
            Self::Datagram(_) => "datagram",
            Self::Fragment(_) => "fragment",
            Self::Unreachable => "port_unreachable",
            Self::Prohibited => "prohibited",
            Self::EchoRequest => "echo_request",
            Self::EchoReply => "echo_reply",
            Self::AsksForNeighbor => "neighbor_request",
            Self::TellsOfNeighbor => "neighbor_reply",
        }
    }
}

/// A packet that follows from a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// Whether it goes from the caller's end to its peer, or comes back.
    pub there: bool,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it may also stay away, because the kernel decides by the clock.
    pub optional: bool,
    /// Whether its bytes may also come in several segments, because the kernel decides by the clock.
    pub divisible: bool,
}

impl Consequence {
    /// A packet from the caller's end to its peer.
    #[must_use]
    pub const fn there(purpose: Purpose) -> Self {
        Self { there: true, purpose, optional: false, divisible: false }
    }

    /// A packet from the peer back to the caller's end.
    #[must_use]
    pub const fn back(purpose: Purpose) -> Self {
        Self { there: false, purpose, optional: false, divisible: false }
    }

    /// The same packet, which may also stay away.
    #[must_use]
    pub const fn maybe(self) -> Self {
        Self { optional: true, ..self }
    }

    /// The same bytes, which may also come in several segments.
    #[must_use]
    pub const fn or_in_pieces(self) -> Self {
        Self { divisible: true, ..self }
    }
}

/// A call with what is known of it beyond the call itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The call.
    pub call: SocketCall,
    /// The packets it accounts for, where they are not the ones that such a call always makes.
    pub packets: Option<Vec<Consequence>>,
}
