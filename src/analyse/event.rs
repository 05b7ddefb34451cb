//! What can happen in a conversation: a packet or a run of them, a call, a change of state.

use super::relation::Relation;
use super::why::Why;
use crate::model::{TcpState, Timestamp};

/// Something that happened at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When; `None` for a packet whose capture gives it no time.
    pub at: Option<Timestamp>,
    /// What.
    pub what: What,
    /// The client's state from here on, where it changes or is confirmed.
    pub client: Option<State>,
    /// The server's state from here on, where it changes or is confirmed.
    pub server: Option<State>,
    /// Why it is as it is, where that is seen here first.
    pub why: Option<Why>,
}

impl Event {
    /// One that leaves the states as they are.
    pub(super) const fn new(at: Option<Timestamp>, what: What) -> Self {
        Self { at, what, client: None, server: None, why: None }
    }
}

/// What an event is; the numbers are places among the calls and packets the timeline was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A packet passed.
    Packet {
        /// Its place.
        packet: usize,
        /// What it has to do with the others.
        relation: Relation,
    },
    /// Data of one side with nothing between but its acknowledgments, many packets in one.
    Run {
        /// The place of the first.
        packet: usize,
        /// What they come to.
        run: Run,
    },
    /// Packets that are left out for want of room.
    Omitted(u64),
    /// A call was entered and did not return before something else happened.
    Entered(usize),
    /// That call returned.
    Returned(usize),
    /// A call was entered and returned at once, with nothing in between.
    Called(usize),
}

/// Packets folded into one: data with its acknowledgments, or acknowledgments alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// How many carry data.
    pub packets: u64,
    /// The payload of all of them.
    pub bytes: u64,
    /// The relative sequence numbers the data takes, half-open; without data, the first and the last number that is
    /// acknowledged. `None` for UDP.
    pub numbers: Option<(u32, u32)>,
    /// How many acknowledgments there are: of the other side where there is data, else of the same.
    pub acks: u64,
}

/// A TCP state and how it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The state.
    pub state: TcpState,
    /// Whether the kernel said so (`TCP_INFO`); otherwise it is inferred from the packets.
    pub confirmed: bool,
}
