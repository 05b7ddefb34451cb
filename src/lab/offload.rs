//! What the kernel can leave to a network card, by the numbers of linux/ethtool.h.

use crate::model::EthtoolSwitch;

/// Switches of linux/ethtool.h: segmentation by the card, by the kernel just before the card, and putting segments together
/// again.
pub(super) const SEGMENTATION: [(EthtoolSwitch, u32); 3] = [
    (EthtoolSwitch::TcpSegmentation, 0x1f),
    (EthtoolSwitch::GenericSegmentation, 0x24),
    (EthtoolSwitch::GenericReceive, 0x2c),
];

/// The switch for checksums that the card fills in (`ETHTOOL_STXCSUM`).
pub(super) const CHECKSUMS: u32 = 0x17;
