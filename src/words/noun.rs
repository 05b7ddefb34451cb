//! Things that are counted.

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what is counted")]
pub enum Noun {
    Packet,
    Segment,
    Datagram,
    Ack,
    TcpConnection,
    UdpConversation,
    Retransmission,
    Reset,
}
