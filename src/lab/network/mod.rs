//! The lab's networks: a loopback, two hosts on a cable, or two hosts with a router between them.
//!
//! The hosts are network namespaces inside the private one, so that addresses differ, Ethernet addresses are real, neighbours
//! are asked for, and checksums are filled in. The addresses are those of documentation (RFC 5737, RFC 3849), the Ethernet
//! addresses locally administered, so that every run has the same.

mod forwarder;
mod host;
mod passing;
mod plan;

pub(super) use forwarder::Fate;
pub use host::Host;
pub use plan::{Hosts, Topology};
