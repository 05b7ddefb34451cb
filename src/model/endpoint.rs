//! Who talks to whom.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// An IP address and a port: one end of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The host.
    pub addr: IpAddr,
    /// The port, 0 to 65535.
    pub port: u16,
}

impl Endpoint {
    /// From an address and a port.
    #[must_use]
    pub const fn new(addr: IpAddr, port: u16) -> Self {
        Self { addr, port }
    }
}

/// `192.0.2.1:80`, `[2001:db8::1]:80` (RFC 5952 §6).
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::new(self.addr, self.port).fmt(f)
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(addr: SocketAddr) -> Self {
        Self::new(addr.ip(), addr.port())
    }
}

/// The transports that have ports and that layerscope follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// A byte stream (RFC 9293).
    Tcp,
    /// Datagrams (RFC 768).
    Udp,
}

impl Transport {
    /// `TCP` or `UDP`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }

    /// TCP for UDP, UDP for TCP.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Tcp => Self::Udp,
            Self::Udp => Self::Tcp,
        }
    }
}

/// The order-free identity of a conversation: both directions have the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlowKey {
    /// The transport protocol.
    pub transport: Transport,
    /// The smaller endpoint.
    pub low: Endpoint,
    /// The larger endpoint.
    pub high: Endpoint,
}

impl FlowKey {
    /// The key of the conversation between `a` and `b`, whichever comes first.
    #[must_use]
    pub fn new(transport: Transport, a: Endpoint, b: Endpoint) -> Self {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        Self { transport, low, high }
    }
}
