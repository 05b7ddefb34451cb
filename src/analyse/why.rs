//! Why things are as they are: what a lesson says at the moment when a call or a packet shows it first.

/// A reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// What a socket is, and what lies below it.
    Socket,
    /// Why a server takes a port of its own choice.
    Bind,
    /// Why servers set `SO_REUSEADDR`.
    ReuseAddress,
    /// Who answers from `listen()` on.
    Listen,
    /// Who chose the client's port.
    PortChosen,
    /// What `connect()` does where there are no connections.
    DatagramConnect,
    /// What a call does that does not return yet.
    Waits,
    /// Why `accept()` gives another socket.
    NewSocket,
    /// What it means that `send()` returned.
    SendBuffer,
    /// What a time limit on `recv()` comes to.
    TimeLimit,
    /// What 0 bytes mean.
    EndOfStream,
    /// After how much silence a kernel probes by itself.
    KeepAlive,
    /// What 127.0.0.1 is.
    Loopback,
    /// What port numbers there are.
    PortNumbers,
    /// Why three segments open a connection.
    ThreeMessages,
    /// Why the checksum is not filled in.
    ChecksumLeftOut,
    /// Why four segments close a connection.
    FourMessages,
    /// What TIME-WAIT is for, and how long it lasts.
    TimeWait,
    /// What datagrams are for.
    Datagrams,
    /// What UDP adds to IP.
    DatagramHeader,
    /// What the window is for.
    Window,
    /// How long a sender waits before it repeats itself.
    Repetition,
}

impl Why {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::Socket,
        Self::Bind,
        Self::ReuseAddress,
        Self::Listen,
        Self::PortChosen,
        Self::DatagramConnect,
        Self::Waits,
        Self::NewSocket,
        Self::SendBuffer,
        Self::TimeLimit,
        Self::EndOfStream,
        Self::KeepAlive,
        Self::Loopback,
        Self::PortNumbers,
        Self::ThreeMessages,
        Self::ChecksumLeftOut,
        Self::FourMessages,
        Self::TimeWait,
        Self::Datagrams,
        Self::DatagramHeader,
        Self::Window,
        Self::Repetition,
    ];

    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::Bind => "bind",
            Self::ReuseAddress => "reuse_address",
            Self::Listen => "listen",
            Self::PortChosen => "port_chosen",
            Self::DatagramConnect => "datagram_connect",
            Self::Waits => "waits",
            Self::NewSocket => "new_socket",
            Self::SendBuffer => "send_buffer",
            Self::TimeLimit => "time_limit",
            Self::EndOfStream => "end_of_stream",
            Self::KeepAlive => "keep_alive",
            Self::Loopback => "loopback",
            Self::PortNumbers => "port_numbers",
            Self::ThreeMessages => "three_messages",
            Self::ChecksumLeftOut => "checksum_left_out",
            Self::FourMessages => "four_messages",
            Self::TimeWait => "time_wait",
            Self::Datagrams => "datagrams",
            Self::DatagramHeader => "datagram_header",
            Self::Window => "window",
            Self::Repetition => "repetition",
        }
    }
}
