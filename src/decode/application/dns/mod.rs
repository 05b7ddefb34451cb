//! DNS (RFC 1035) and what speaks its language by other ports: multicast DNS (RFC 6762) and LLMNR (RFC 4795).

mod data;
mod edns;
mod fields;
mod header;
mod line;
mod message;
mod name;
mod read;
mod record_types;
mod service_binding;

pub use name::dns_name;
pub(super) use name::{Entry, Names};
pub(super) use read::read;
