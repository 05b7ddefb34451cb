//! Real sockets making real traffic, every call recorded with the clock read around it.
//!
//! A [`scenario`] is a script over recording [`Socket`]s: it makes the calls, the kernel makes the packets. The lab
//! never sees a packet; what it hands out are the [`SocketCall`](crate::model::SocketCall)s in its [`Recorder`].

mod client;
mod encoding;
mod error;
mod kernel;
mod link;
mod namespace;
mod network;
mod observer;
mod offload;
mod options;
mod recorder;
mod rendezvous;
mod rtnetlink;
pub mod scenario;
mod script;
mod server;
mod socket;
mod transfer;
mod turns;

pub use client::{Answer, ClientPlan, EchoClient, PATIENCE, address_towards};
pub use encoding::Encoding;
pub use error::LabError;
pub use namespace::{NamespaceError, enter_private_network};
pub use network::{Host, Hosts, Topology};
pub use observer::{Event, Observer, Waited, wait};
pub use recorder::Recorder;
pub use rendezvous::Rendezvous;
pub use scenario::{Lab, Needs, SCENARIOS, Scenario, Setting};
pub use script::{EXIT, Reply, Script, ScriptError};
pub use server::{EchoServer, ServerPlan};
pub use socket::{LONGEST_MESSAGE, Party, Socket};
use turns::Turns;
