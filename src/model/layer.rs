//! The four layers of TCP/IP.

/// A layer of the four-layer model (RFC 1122 §1.1.3), from the wire upwards.
///
/// The socket interface lies between [`Layer::Transport`] and [`Layer::Application`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Ethernet and its like: from one machine to the next.
    Link,
    /// IP and what helps it (ICMP, ARP): from host to host.
    Internet,
    /// TCP, UDP: from process to process.
    Transport,
    /// What the processes say to each other.
    Application,
}

impl Layer {
    /// All four, from the wire upwards.
    pub const ALL: [Self; 4] = [Self::Link, Self::Internet, Self::Transport, Self::Application];

    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Internet => "internet",
            Self::Transport => "transport",
            Self::Application => "application",
        }
    }

    /// The layer's name as the RFC writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "Link",
            Self::Internet => "Internet",
            Self::Transport => "Transport",
            Self::Application => "Application",
        }
    }
}
