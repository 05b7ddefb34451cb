//! A captured packet together with its meaning, as all that looks at whole conversations takes it.

use super::seen::Seen;
use crate::decode::{Packet, headers};
use crate::model::OwnedFrame;

/// A captured packet with what it meant in its conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The packet.
    pub frame: OwnedFrame,
    /// Its meaning; `None` where it belongs to no conversation.
    pub seen: Option<Seen>,
}

impl Observed {
    /// The packet's headers.
    #[must_use]
    pub fn packet(&self) -> Packet<'_> {
        headers(&self.frame.as_frame())
    }
}
