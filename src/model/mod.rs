//! Plain data under everything, without I/O, clocks or foreign crates.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod call;
mod endpoint;
mod expected;
mod few;
mod field;
mod frame;
mod happening;
mod lane;
mod layer;
mod link_type;
mod mac;
mod measure;
mod named;
mod outcome;
mod problem;
mod process;
#[cfg(feature = "cli")]
mod recent;
mod scenario;
mod sequence;
mod socket_option;
mod tcp_state;
mod time;

pub use call::{
    Call, Control, Descriptors, Direction, Domain, EthtoolSwitch, Readiness, Receiving, Sending, SocketCall, SocketKind,
};
pub use endpoint::{Endpoint, FlowKey, Transport};
pub use expected::{Consequence, Note, Purpose};
pub use few::Few;
pub use field::{Field, Value};
pub use frame::{Frame, OwnedFrame};
pub use happening::Happening;
pub use lane::Lane;
pub use layer::Layer;
pub use link_type::LinkType;
pub use mac::Mac;
pub use measure::Measure;
pub use outcome::{Errno, Message, Outcome};
pub use problem::{Fault, Limit, Problem};
pub use process::{PacketEnd, Process, ProcessNote, Processes};
#[cfg(feature = "cli")]
pub(crate) use recent::Recent;
pub use scenario::ScenarioKey;
pub use sequence::SeqNumber;
pub use socket_option::{MessageFlags, OptionValue, SocketOption};
pub use tcp_state::TcpState;
pub use time::Timestamp;
#[cfg(feature = "cli")]
pub(crate) use time::{read_fraction, read_time_of_day};
