//! Changing the loopback of a network of one's own: up, how long its packets may be, who cuts segments.

use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};
use std::os::fd::AsFd;

use super::kernel::set_offload;

/// `IFF_UP` of netdevice(7).
const IFF_UP: u32 = 1;

/// The attribute that holds the MTU, of rtnetlink(7).
const IFLA_MTU: u16 = 4;

/// `ETHTOOL_STSO`, `ETHTOOL_SGSO` and `ETHTOOL_SGRO` of linux/ethtool.h: segmentation by the card, by the kernel just
/// before the card, and putting segments together again.
const SEGMENTATION: [u32; 3] = [0x1f, 0x24, 0x2c];

/// Raises the loopback.
pub(super) fn raise_loopback() -> Result<(), Errno> {
    change_loopback(IFF_UP, &[])
}

/// Sets how many bytes an IP packet on the loopback may have.
pub(super) fn set_mtu(bytes: u32) -> Result<(), Errno> {
    let mut attribute = Vec::new();
    attribute.extend(8_u16.to_ne_bytes());
    attribute.extend(IFLA_MTU.to_ne_bytes());
    attribute.extend(bytes.to_ne_bytes());
    change_loopback(0, &attribute)
}

/// Sets whether segments longer than the MTU are handed to the loopback.
pub(super) fn set_segmentation_offload(on: bool) -> Result<(), Errno> {
    let socket = net::socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
    SEGMENTATION.into_iter().try_for_each(|switch| set_offload(socket.as_fd(), switch, on))
}

/// Sets flags and attributes of interface 1, which the loopback of a new network always is, with an `RTM_NEWLINK` message
/// (rtnetlink(7)).
fn change_loopback(flags: u32, attributes: &[u8]) -> Result<(), Errno> {
    const HEADERS: u32 = 32;
    const RTM_NEWLINK: u16 = 16;
    const REQUEST_AND_ACK: u16 = 0x0001 | 0x0004;
    const LOOPBACK: i32 = 1;
    let mut message = Vec::with_capacity(64);
    message.extend((HEADERS + attributes.len() as u32).to_ne_bytes());
    message.extend(RTM_NEWLINK.to_ne_bytes());
    message.extend(REQUEST_AND_ACK.to_ne_bytes());
    message.extend([0; 8]); // sequence number, port id
    message.extend([0; 4]); // family, padding, device type
    message.extend(LOOPBACK.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    message.extend(flags.to_ne_bytes()); // which flags to change
    message.extend(attributes);

    let socket = net::socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        None, // protocol 0, NETLINK_ROUTE
    )?;
    net::sendto(&socket, &message, SendFlags::empty(), &netlink::SocketAddrNetlink::new(0, 0))?;
    let mut answer = [0_u8; 64];
    let (len, _) = net::recv(&socket, answer.as_mut_slice(), RecvFlags::empty())?;
    // The acknowledgment is an NLMSG_ERROR whose code, behind the 16-byte header, is 0 or a negative errno.
    match answer.get(16..20).filter(|_| len >= 20) {
        Some(&[a, b, c, d]) => match i32::from_ne_bytes([a, b, c, d]) {
            0 => Ok(()),
            code => Err(Errno::from_raw_os_error(-code)),
        },
        _ => Err(Errno::IO),
    }
}
