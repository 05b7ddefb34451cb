//! A socket call as the program that made it saw it: what it asked for, and what came back.

use super::named::named;
use super::outcome::{Errno, Message, Outcome};
use super::socket_option::{MessageFlags, OptionValue, SocketOption};
use super::{Endpoint, Lane, TcpState, Timestamp, Transport};

/// One call on a socket, with the clock read just before and just after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketCall {
    /// Whose call it was.
    pub lane: Lane,
    /// The socket's transport; `None` for one of ICMP, which has no ports.
    pub transport: Option<Transport>,
    /// What was called, with what.
    pub what: Call,
    /// What came back.
    pub result: Result<Outcome, Errno>,
    /// `CLOCK_REALTIME` just before the call.
    pub entered: Timestamp,
    /// `CLOCK_REALTIME` just after it.
    pub returned: Timestamp,
    /// The socket's own endpoint, as soon as the kernel has given it one; where the kernel refused it, the one asked for.
    pub local: Option<Endpoint>,
    /// The other end, where the socket (or the datagram) has one.
    pub peer: Option<Endpoint>,
    /// The connection's state after the call, as the kernel says (`TCP_INFO`).
    pub state: Option<TcpState>,
    /// The numbers that the program has for the sockets, where they are told.
    pub descriptors: Descriptors,
}

/// The descriptors of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Descriptors {
    /// Of the socket that the call is made on.
    pub of: Option<u32>,
    /// Of the one that it gives: `socket()` and `accept()` give one.
    pub given: Option<u32>,
}

impl SocketCall {
    /// What programs call it: the system call's name.
    #[must_use]
    pub fn key(&self) -> &str {
        self.what.key()
    }

    /// How long the call took, in nanoseconds.
    #[must_use]
    pub fn duration(&self) -> i64 {
        self.returned - self.entered
    }

    /// How many payload bytes it handed to the kernel or took from it, for the calls that move any; of a call whose outcome
    /// is not known yet, how many it is to hand over.
    #[must_use]
    pub fn moved(&self) -> Option<u32> {
        match (self.result.as_ref().ok()?, &self.what) {
            (Outcome::Done, Call::Send { message, .. }) => Some(message.len),
            (outcome, _) => outcome.moved(),
        }
    }
}

/// What a program asks of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// A new socket.
    Socket {
        /// Its family of addresses.
        domain: Domain,
        /// What it carries.
        kind: SocketKind,
    },
    /// An address of its own.
    Bind(Endpoint),
    /// That others can connect to it.
    Listen {
        /// How many connections may wait for `accept()`.
        backlog: i32,
    },
    /// The next connection.
    Accept,
    /// A connection; for datagrams, whom they go to and come from.
    Connect(Endpoint),
    /// To send bytes.
    Send {
        /// The system call that does it.
        by: Sending,
        /// The bytes.
        message: Message,
        /// How.
        flags: MessageFlags,
        /// To whom, where the call says it.
        to: Option<Endpoint>,
    },
    /// Bytes that have arrived.
    Receive {
        /// The system call that does it.
        by: Receiving,
        /// How many at most.
        room: u32,
        /// How.
        flags: MessageFlags,
    },
    /// To wait until it is ready.
    Poll {
        /// For what.
        ready: Readiness,
        /// For how many milliseconds at most.
        millis: u64,
    },
    /// To end one direction, or both.
    ShutDown(Direction),
    /// To be done with it.
    Close {
        /// Whether it listened.
        listener: bool,
    },
    /// That it behaves otherwise from now on.
    SetOption(SocketOption, OptionValue),
    /// Something about it, or about the interface that it uses.
    Control(Control),
    /// Anything else, as it is written.
    Other {
        /// The system call.
        name: String,
        /// Its arguments.
        arguments: String,
    },
}

impl Call {
    /// What programs call it: the system call's name.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Socket { .. } => "socket",
            Self::Bind(_) => "bind",
            Self::Listen { .. } => "listen",
            Self::Accept => "accept",
            Self::Connect(_) => "connect",
            Self::Send { by, .. } => by.key(),
            Self::Receive { by, .. } => by.key(),
            Self::Poll { .. } => "poll",
            Self::ShutDown(_) => "shutdown",
            Self::Close { .. } => "close",
            Self::SetOption(..) => "setsockopt",
            Self::Control(_) => "ioctl",
            Self::Other { name, .. } => name,
        }
    }

    /// A `send()` or `sendto()` without flags.
    #[must_use]
    pub const fn send(message: Message, to: Option<Endpoint>) -> Self {
        let by = if to.is_some() { Sending::SendTo } else { Sending::Send };
        Self::Send { by, message, flags: MessageFlags::NONE, to }
    }

    /// A `recv()` or `recvfrom()` without flags.
    #[must_use]
    pub const fn receive(by: Receiving, room: u32) -> Self {
        Self::Receive { by, room, flags: MessageFlags::NONE }
    }

    /// To whom it sends, where it says so.
    #[must_use]
    pub const fn receiver(&self) -> Option<Endpoint> {
        match self {
            Self::Send { to, .. } => *to,
            _ => None,
        }
    }

    /// The endpoint that it names, to be changed.
    pub const fn endpoint_mut(&mut self) -> Option<&mut Endpoint> {
        match self {
            Self::Bind(end) | Self::Connect(end) => Some(end),
            Self::Send { to, .. } => to.as_mut(),
            _ => None,
        }
    }
}

named! {
    /// A family of addresses.
    Domain {
        /// IPv4.
        Inet "AF_INET",
        /// IPv6.
        Inet6 "AF_INET6",
    }
}

named! {
    /// What a socket carries.
    SocketKind {
        /// A stream of bytes.
        Stream "SOCK_STREAM",
        /// Datagrams.
        Datagram "SOCK_DGRAM",
    }
}

named! {
    /// A system call that sends.
    Sending {
        /// Over a connection.
        Send "send",
        /// To an address of its own.
        SendTo "sendto",
    }
}

named! {
    /// A system call that receives.
    Receiving {
        /// Over a connection.
        Recv "recv",
        /// With the sender's address.
        RecvFrom "recvfrom",
    }
}

named! {
    /// What is waited for.
    Readiness {
        /// Something to read.
        Readable "POLLIN",
        /// Room to write, or the end of a `connect()`.
        Writable "POLLOUT",
    }
}

named! {
    /// Which directions of a connection are ended.
    Direction {
        /// Nothing more will be read.
        Read "SHUT_RD",
        /// Nothing more will be sent.
        Write "SHUT_WR",
        /// Neither.
        Both "SHUT_RDWR",
    }
}

/// What `ioctl()` asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// Whether calls on the socket return at once, also with nothing done.
    NonBlocking(bool),
    /// How long an interface's packets may be.
    Mtu {
        /// The interface.
        interface: String,
        /// In bytes.
        bytes: i32,
    },
    /// One of an interface's switches.
    Ethtool {
        /// The interface.
        interface: String,
        /// The switch.
        switch: EthtoolSwitch,
        /// Whether it is turned on.
        on: bool,
    },
}

named! {
    /// A switch of linux/ethtool.h that says who cuts segments, puts them together, and fills in checksums.
    EthtoolSwitch {
        /// The card cuts.
        TcpSegmentation "ETHTOOL_STSO",
        /// The kernel cuts, just before the card.
        GenericSegmentation "ETHTOOL_SGSO",
        /// The kernel puts together what came in.
        GenericReceive "ETHTOOL_SGRO",
        /// The card fills in the checksums of what is sent.
        SendChecksum "ETHTOOL_STXCSUM",
    }
}
