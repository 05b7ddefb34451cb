//! The options of sockets, and the flags of single calls.

use std::ops::BitOr;

use super::named::named;

named! {
    /// An option of a socket.
    SocketOption {
        /// A port that only TIME-WAIT holds may be bound again.
        ReuseAddress "SO_REUSEADDR",
        /// How long `close()` tries to deliver what is unsent; 0 breaks the connection off.
        Linger "SO_LINGER",
        /// How much may lie unread.
        ReceiveBuffer "SO_RCVBUF",
        /// How much may wait to be sent, or to be acknowledged.
        SendBuffer "SO_SNDBUF",
        /// How long a call waits for something to arrive.
        ReceiveTimeout "SO_RCVTIMEO",
        /// Whether a silent peer is probed.
        KeepAlive "SO_KEEPALIVE",
        /// After how much silence.
        KeepIdle "TCP_KEEPIDLE",
        /// How long after a probe the next one is sent.
        KeepInterval "TCP_KEEPINTVL",
        /// Whether small segments leave at once.
        NoDelay "TCP_NODELAY",
        /// Whether acknowledgments leave at once.
        QuickAck "TCP_QUICKACK",
        /// How many probes may be unanswered.
        KeepCount "TCP_KEEPCNT",
        /// How long data may be unacknowledged.
        UserTimeout "TCP_USER_TIMEOUT",
        /// How much may be under way.
        Congestion "TCP_CONGESTION",
        /// With which TTL packets must arrive to be let in.
        MinimumTtl "IP_MINTTL",
    }
}

/// What an option is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// A number: 0 and 1 are off and on.
    Number(i64),
    /// So many seconds.
    Seconds(u64),
    /// So many milliseconds.
    Millis(u64),
    /// The congestion control of RFC 5681.
    Reno,
}

/// The flags of a call that sends or receives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageFlags(pub u32);

impl MessageFlags {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// What is read stays to be read.
    pub const PEEK: Self = Self(0x02);
    /// The whole length of a datagram is told, whatever there is room for.
    pub const TRUNC: Self = Self(0x20);
    /// The call does not wait.
    pub const DONTWAIT: Self = Self(0x40);
    /// The call waits until all the room is filled.
    pub const WAITALL: Self = Self(0x100);
    /// No signal where the connection is broken.
    pub const NOSIGNAL: Self = Self(0x4000);
    /// More will follow, to be sent together.
    pub const MORE: Self = Self(0x8000);

    /// Those that have a name, and what C calls them.
    pub const NAMED: [(Self, &'static str); 6] = [
        (Self::PEEK, "MSG_PEEK"),
        (Self::TRUNC, "MSG_TRUNC"),
        (Self::DONTWAIT, "MSG_DONTWAIT"),
        (Self::WAITALL, "MSG_WAITALL"),
        (Self::NOSIGNAL, "MSG_NOSIGNAL"),
        (Self::MORE, "MSG_MORE"),
    ];

    /// Whether all of `others` are among them.
    #[must_use]
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

impl BitOr for MessageFlags {
    type Output = Self;

    fn bitor(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}
