//! How a packet can be lost.

/// How a packet was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The receiving socket lets in nothing with so small a TTL (`IP_MINTTL`): its kernel threw the packet away.
    MinimumTtl,
    /// More finished connections wait for `accept()` than `listen()` asked for: the kernel ignores the SYN.
    QueueFull,
}

impl Loss {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::MinimumTtl, Self::QueueFull];

    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::MinimumTtl => "minimum_ttl",
            Self::QueueFull => "queue_full",
        }
    }
}
