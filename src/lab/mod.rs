//! Real sockets making real traffic, every call recorded with the clock read around it.
//!
//! A [`scenario`] is a script over recording [`Socket`]s: it makes the calls, the kernel makes the packets. The lab
//! never sees a packet; what it hands out are the [`SocketCall`](crate::model::SocketCall)s in its [`Recorder`].

mod encoding;
mod error;
mod kernel;
mod namespace;
mod recorder;
pub mod scenario;
mod socket;
mod stage;

use crate::model::{Endpoint, Transport};

pub use encoding::Encoding;
pub use error::LabError;
pub use namespace::{NamespaceError, enter_private_network};
pub use recorder::Recorder;
pub use socket::{LONGEST_MESSAGE, Party, Socket};
pub use stage::Stage;

/// One conversation a scenario held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// TCP or UDP.
    pub transport: Transport,
    /// The side that spoke first.
    pub client: Endpoint,
    /// The side that waited.
    pub server: Endpoint,
}
