//! What packets announced about later ones: which conversations are the transfer of a file that was asked for by TFTP.

use std::collections::{HashSet, VecDeque};
use std::net::IpAddr;

use crate::decode::{Announced, Packet, announcement};
use crate::model::{Endpoint, Transport};

/// How many requests are remembered; the oldest gives way.
const REQUESTS: usize = 4096;

/// A client's port, and the host that it asked.
type Asked = (Endpoint, IpAddr);

/// The requests that were seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Transfers {
    asked: HashSet<Asked>,
    /// In the order they were seen.
    order: VecDeque<Asked>,
}

impl Transfers {
    /// Takes in the next packet; returns what an earlier one announced about it.
    pub(super) fn observe(&mut self, packet: &Packet<'_>) -> Option<Announced> {
        let (transport, source, destination) = packet.endpoints()?;
        if transport == Transport::Tcp {
            return None;
        }
        self.take(source, destination, announcement(packet))
    }

    /// The same for a datagram of which this much is known already.
    #[inline]
    pub(super) fn take(
        &mut self,
        source: Endpoint,
        destination: Endpoint,
        announces: Option<Announced>,
    ) -> Option<Announced> {
        if announces == Some(Announced::Tftp) {
            self.remember((source, destination.addr));
        }
        let is_known = !self.asked.is_empty()
            && (self.asked.contains(&(source, destination.addr)) || self.asked.contains(&(destination, source.addr)));
        is_known.then_some(Announced::Tftp)
    }

    #[cold]
    fn remember(&mut self, asked: Asked) {
        if !self.asked.insert(asked) {
            return;
        }
        if self.order.len() == REQUESTS {
            let oldest = self.order.pop_front();
            oldest.map(|oldest| self.asked.remove(&oldest));
        }
        self.order.push_back(asked);
    }
}
