//! A packet that has come, whose headers are found once, by whoever asks for them first: a capture that is only saved looks
//! at none.

use std::cell::OnceCell;

use crate::analyse::Seen;
use crate::decode::{Packet, headers};
use crate::model::{Frame, OwnedFrame};

/// A packet on its way to the sinks.
pub(crate) struct Arrival<'a> {
    pub(super) frame: Frame<'a>,
    packet: OnceCell<Packet<'a>>,
    /// What it meant in its conversation, where conversations are followed.
    pub(super) seen: Option<Seen>,
}

/// An [`Arrival`] that owns its bytes, to wait.
pub(super) struct OwnedArrival {
    frame: OwnedFrame,
    packet: Packet<'static>,
}

impl<'a> Arrival<'a> {
    /// A packet of which nothing is known yet.
    #[inline]
    pub(super) const fn new(frame: &Frame<'a>) -> Self {
        Self { frame: *frame, packet: OnceCell::new(), seen: None }
    }

    /// Its headers.
    #[inline]
    pub(super) fn packet(&self) -> &Packet<'a> {
        self.packet.get_or_init(|| headers(&self.frame))
    }

    /// A copy, before its conversation is followed.
    pub(super) fn to_owned(&self) -> OwnedArrival {
        OwnedArrival { frame: self.frame.to_owned(), packet: self.packet().over(&[]) }
    }
}

impl OwnedArrival {
    /// The same as it came.
    pub(super) fn as_arrival(&self) -> Arrival<'_> {
        let frame = self.frame.as_frame();
        Arrival { frame, packet: OnceCell::from(self.packet.over(frame.bytes)), seen: None }
    }

    /// How many bytes the packet has.
    pub(super) const fn len(&self) -> usize {
        self.frame.bytes.len()
    }
}
