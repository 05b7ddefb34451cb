//! This machine: which processes are behind its sockets, and what hosts are called. Linux alone.

mod error;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "cli")]
mod names;
mod process;
#[cfg(feature = "cli")]
mod reverse_dns;

pub use error::HostError;
#[cfg(feature = "cli")]
pub(crate) use names::NameBook;
#[cfg(feature = "cli")]
pub(crate) use process::ProcessBook;
pub use process::{Answer, Holder, PortHolder, ProcessFinder, SocketEnd, first_for_all, port_holder, unclosed_end};
