//! What a packet can do in its conversation: opens, answers, acknowledges, repeats, refuses.

use std::net::IpAddr;

use super::event::Run;
use crate::decode::Resolution;
use crate::model::{Lane, Transport};

/// What a packet does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It is about another packet, which it quotes.
    Reports(Report),
    /// It asks for a neighbour, or is the answer.
    Resolves(Resolution),
    /// It is the first of a run of packets that go on with the same.
    CarriesOn {
        /// What carries them.
        transport: Transport,
        /// What they come to.
        run: Run,
    },
    /// It is a part of what was too large for one packet.
    IsFragment(Part),
    /// It is a datagram.
    IsDatagram(Datagram),
    /// It resets.
    Resets(Resets),
    /// A socket's SYN came back to it, and it answers that as it would answer another's.
    MeetsItself,
    /// A socket acknowledges its own SYN-ACK: the connection with itself is established.
    ConfirmsItself,
    /// It sends again what was sent before.
    Repeats(Repeats),
    /// It asks for a sign of life or for room, or answers that.
    Probes(Probes),
    /// Everything has arrived, and there is no room for more.
    ClosesWindow,
    /// There is room again.
    OpensWindow,
    /// It asks to open a connection.
    Opens {
        /// The initial sequence number, as it stands in the header.
        initial: u32,
    },
    /// It agrees to open a connection.
    Agrees {
        /// The initial sequence number, as it stands in the header.
        initial: u32,
        /// The relative number it acknowledges.
        ack: u32,
    },
    /// It takes the connection on: data, FIN, acknowledgment, or nothing of these.
    Carries(Carried),
}

/// What an ICMP error says about the packet it quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Nobody listens on a port.
    PortUnreachable {
        /// The host whose port it is.
        host: IpAddr,
        /// The port.
        port: u16,
        /// Who had sent something there.
        sender: IpAddr,
    },
    /// The packet met other trouble on its way.
    Trouble {
        /// Who says so.
        by: Option<IpAddr>,
        /// Who had sent the packet.
        from: IpAddr,
        /// Where it was to go.
        to: IpAddr,
    },
}

/// Which part of what was too large for one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first, with a part of the segment's header alone.
    HeaderBegins,
    /// The first of a datagram.
    First {
        /// How many of the datagram's bytes it has.
        len: u32,
        /// How many are in later ones.
        later: u32,
    },
    /// One after the first.
    Later {
        /// How many bytes of payload it has; 0 where it holds a part of the header alone.
        len: u32,
        /// Whether it is the last.
        is_last: bool,
    },
}

/// Which datagram of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Datagram {
    /// The first.
    First {
        /// Its payload.
        len: u32,
        /// The port it comes from.
        from: u16,
        /// The port it goes to.
        to: u16,
    },
    /// Another of the client's.
    Next {
        /// Its payload.
        len: u32,
    },
    /// One of the server's.
    Answer {
        /// Its payload.
        len: u32,
        /// The client's port.
        to: u16,
    },
}

/// What a reset is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resets {
    /// It answers a SYN, with no number of its own (RFC 9293 §3.10.7.1): nobody listens there.
    Unheard,
    /// It is the server's answer to the SYN: nothing accepts connections on that port.
    Refused {
        /// The port.
        port: u16,
    },
    /// It is of no connection that its sender knows; the one that was asked for goes on.
    Stray,
    /// It ends the connection at once.
    Connection,
}

/// Why something is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// There was no need: it had been acknowledged.
    Acknowledged,
    /// Duplicate acknowledgments ask for it.
    Asked,
    /// No acknowledgment of it was captured before.
    Unacknowledged,
}

/// What is asked of the other side, or answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probes {
    /// Whether it is still there.
    Life,
    /// It is.
    Alive,
    /// Whether there is room by now.
    Room,
    /// There is none.
    NoRoom,
}

/// What a segment carries and brings about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Data.
    pub data: Option<Data>,
    /// The relative number that its FIN takes.
    pub fin: Option<u32>,
    /// Which of the four segments of a farewell it is.
    pub farewell: Option<Farewell>,
    /// What it acknowledges.
    pub acknowledges: Option<Acknowledged>,
    /// The step of the connection's life that it brings about.
    pub step: Option<Step>,
}

/// The data of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data {
    /// The relative number of the first byte.
    pub seq: u32,
    /// How many bytes; never 0.
    pub len: u32,
    /// Whether they shall be handed to the application now.
    pub is_pushed: bool,
    /// Whether they are the conversation's first to be pushed.
    pub is_first_push: bool,
}

/// An acknowledgment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// The relative number that is waited for.
    pub ack: u32,
    /// The segment it acknowledges up to its end, for the first time: where that begins and how many numbers it takes.
    pub segment: Option<(u32, u32)>,
}

/// Which of the four segments that close a connection: FIN, ACK, FIN, ACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// The FIN of the side that closes first.
    First,
    /// The acknowledgment of it, alone.
    Second,
    /// The second and the third in one segment: the other side's FIN took the acknowledgment along.
    SecondAndThird,
    /// The other side's FIN, alone.
    Third,
    /// The acknowledgment of that.
    Fourth,
}

impl Farewell {
    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::SecondAndThird => "second_and_third",
            Self::Third => "third",
            Self::Fourth => "fourth",
        }
    }
}

/// A step of a connection's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The third segment of the handshake: both sides know that the other hears them.
    Opened,
    /// A socket that is connected to itself has met its own FIN.
    ClosedByItself,
    /// One side is done, this one holds TIME-WAIT.
    TimeWait(Lane),
    /// The FINs have crossed, and neither is acknowledged yet.
    FinsCrossed,
    /// Both have closed at once, and hold TIME-WAIT.
    BothTimeWait,
    /// One direction is closed, the other is open.
    HalfClosed,
}

impl Step {
    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::ClosedByItself => "closed_by_itself",
            Self::TimeWait(_) => "time_wait",
            Self::FinsCrossed => "fins_crossed",
            Self::BothTimeWait => "both_time_wait",
            Self::HalfClosed => "half_closed",
        }
    }

    /// Who holds TIME-WAIT, where that is one side.
    #[must_use]
    pub const fn held_by(self) -> Option<Lane> {
        match self {
            Self::TimeWait(lane) => Some(lane),
            _ => None,
        }
    }
}

impl Act {
    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Reports(Report::PortUnreachable { .. }) => "port_unreachable",
            Self::Reports(Report::Trouble { .. }) => "trouble",
            Self::Resolves(asked) if asked.is_reply => "neighbor_reply",
            Self::Resolves(_) => "neighbor_request",
            Self::CarriesOn { .. } => "run",
            Self::IsFragment(Part::HeaderBegins) => "header_fragment",
            Self::IsFragment(Part::First { .. }) => "first_fragment",
            Self::IsFragment(Part::Later { .. }) => "later_fragment",
            Self::IsDatagram(Datagram::First { .. }) => "first_datagram",
            Self::IsDatagram(Datagram::Next { .. }) => "next_datagram",
            Self::IsDatagram(Datagram::Answer { .. }) => "answer",
            Self::Resets(Resets::Unheard | Resets::Refused { .. }) => "refuses",
            Self::Resets(Resets::Stray) => "resets_stray",
            Self::Resets(Resets::Connection) => "resets",
            Self::MeetsItself => "meets_itself",
            Self::ConfirmsItself => "confirms_itself",
            Self::Repeats(Repeats::Acknowledged) => "repeats_acknowledged",
            Self::Repeats(Repeats::Asked) => "repeats_as_asked",
            Self::Repeats(Repeats::Unacknowledged) => "repeats",
            Self::Probes(Probes::Life) => "keep_alive",
            Self::Probes(Probes::Alive) => "keep_alive_ack",
            Self::Probes(Probes::Room) => "zero_window_probe",
            Self::Probes(Probes::NoRoom) => "zero_window_probe_ack",
            Self::ClosesWindow => "zero_window",
            Self::OpensWindow => "window_update",
            Self::Opens { .. } => "opens",
            Self::Agrees { .. } => "agrees",
            Self::Carries(_) => "carries",
        }
    }
}
