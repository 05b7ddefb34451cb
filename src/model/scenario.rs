//! What the scenarios of the lab are called.

use super::named::named;

named! {
    /// A scenario of the lab.
    ScenarioKey {
        /// The upper-case echo.
        Echo "echo",
        /// `connect()` and `accept()` alone.
        Handshake "handshake",
        /// Calls that wait, and the packets that end their wait.
        Blocking "blocking",
        /// The server closes first.
        ServerClose "server-close",
        /// One direction is closed, the other goes on.
        HalfClose "half-close",
        /// Two ways to break a connection off.
        Reset "reset",
        /// Nobody listens.
        Refused "refused",
        /// Who may bind a port that somebody has, or had.
        PortInUse "port-in-use",
        /// One port, several clients at once.
        ManyClients "many-clients",
        /// The listening socket is closed, those it gave live on.
        ListenerClosed "listener-closed",
        /// A server that is slow to accept.
        Backlog "backlog",
        /// A server that serves one client to the end before the next.
        OneAtATime "one-at-a-time",
        /// A server that gives up on a silent client.
        Timeout "timeout",
        /// A loop that 0 bytes do not end.
        BusyLoop "busy-loop",
        /// A client that is accepted and never read.
        HalfRead "half-read",
        /// Reading less than was sent.
        PartialRead "partial-read",
        /// How long a datagram can be.
        UdpTooLarge "udp-too-large",
        /// What lies between `send()` and `recv()`.
        Buffers "buffers",
        /// What `send()` takes when the buffer is full.
        SendAll "send-all",
        /// Small messages, with and without Nagle's algorithm.
        Nagle "nagle",
        /// A segment gets lost.
        Retransmit "retransmit",
        /// A SYN gets lost.
        SynLost "syn-lost",
        /// Asking whether the other side is still there.
        KeepAlive "keep-alive",
        /// HTTP with a connection a request.
        HttpShort "http-short",
        /// HTTP with one connection for two requests.
        HttpKeepAlive "http-keep-alive",
        /// Requests before the first answer.
        Pipelining "pipelining",
        /// Who cuts a large send into segments.
        BigSegments "big-segments",
        /// A socket that is its own peer.
        SelfConnect "self-connect",
        /// The same text in other bytes.
        Gbk "gbk",
        /// The same bytes in every combination of transport and internet protocol.
        Encapsulation "encapsulation",
        /// Client and server on hosts of their own.
        TwoHosts "two-hosts",
        /// One packet on its way over a router.
        Hops "hops",
        /// Is a host there?
        Ping "ping",
        /// A datagram that is lost stays lost.
        UdpLoss "udp-loss",
        /// A datagram overtakes another.
        UdpReorder "udp-reorder",
        /// Checksums: right, damaged, and left to the card.
        Checksum "checksum",
        /// A firewall between client and server.
        Firewall "firewall",
        /// A segment overtakes another.
        Reordering "reordering",
        /// How much may be under way.
        Congestion "congestion",
        /// The peer's host vanishes.
        DeadPeer "dead-peer",
        /// A name is looked up, and then connected to.
        Name "name",
    }
}
