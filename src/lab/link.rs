//! Changing the loopback of a network of one's own: up, how long its packets may be, who cuts segments.

use super::kernel::{set_mtu, set_offload};
use super::offload::{CHECKSUMS, SEGMENTATION};
use super::{LabError, Socket};
use crate::model::{Control, EthtoolSwitch};

/// What the loopback is called.
const LOOPBACK: &str = "lo";

/// Calls on any socket that change an interface of the network it is in. They fail with [`LabError::Call`] and what the
/// kernel said.
impl Socket {
    /// Sets how many bytes an IP packet on the loopback may have.
    pub(super) fn set_mtu(&self, bytes: i32) -> Result<(), LabError> {
        self.control(Control::Mtu { interface: LOOPBACK.to_owned(), bytes }, |fd| set_mtu(fd, bytes))
    }

    /// Leaves the checksums of what is sent to the card of an interface.
    pub(super) fn leave_checksums_to_card(&self, interface: &str) -> Result<(), LabError> {
        let switch = EthtoolSwitch::SendChecksum;
        let control = Control::Ethtool { interface: interface.to_owned(), switch, on: true };
        self.control(control, |fd| set_offload(fd, interface, CHECKSUMS, true))
    }

    /// Lets no segment longer than the MTU be handed to the loopback.
    pub(super) fn turn_segmentation_offload_off(&self) -> Result<(), LabError> {
        SEGMENTATION.into_iter().try_for_each(|(switch, number)| {
            let control = Control::Ethtool { interface: LOOPBACK.to_owned(), switch, on: false };
            self.control(control, |fd| set_offload(fd, LOOPBACK, number, false))
        })
    }
}
