//! Changing the loopback of a network of one's own: up, how long its packets may be, who cuts segments.

use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};

use super::kernel::{set_mtu, set_offload};
use super::{LabError, Socket};
use crate::model::{Control, EthtoolSwitch};

/// `IFF_UP` of netdevice(7).
const IFF_UP: u32 = 1;

/// Switches of linux/ethtool.h: segmentation by the card, by the kernel just before the card, and putting segments together
/// again.
const SEGMENTATION: [(EthtoolSwitch, u32); 3] = [
    (EthtoolSwitch::TcpSegmentation, 0x1f),
    (EthtoolSwitch::GenericSegmentation, 0x24),
    (EthtoolSwitch::GenericReceive, 0x2c),
];

/// What the loopback is called.
const LOOPBACK: &str = "lo";

/// Raises the loopback.
pub(super) fn raise_loopback() -> Result<(), Errno> {
    change_loopback(IFF_UP)
}

/// Calls on any socket that change the loopback of the network it is in. They fail with [`LabError::Call`] and what the
/// kernel said.
impl Socket {
    /// Sets how many bytes an IP packet on the loopback may have.
    pub(super) fn set_mtu(&self, bytes: i32) -> Result<(), LabError> {
        self.control(Control::Mtu { interface: LOOPBACK.to_owned(), bytes }, |fd| set_mtu(fd, bytes))
    }

    /// Lets no segment longer than the MTU be handed to the loopback.
    pub(super) fn turn_segmentation_offload_off(&self) -> Result<(), LabError> {
        SEGMENTATION.into_iter().try_for_each(|(switch, number)| {
            let control = Control::Ethtool { interface: LOOPBACK.to_owned(), switch, on: false };
            self.control(control, |fd| set_offload(fd, number, false))
        })
    }
}

/// Sets flags of interface 1, which the loopback of a new network always is, with an `RTM_NEWLINK` message (rtnetlink(7)).
fn change_loopback(flags: u32) -> Result<(), Errno> {
    const HEADERS: u32 = 32;
    const RTM_NEWLINK: u16 = 16;
    const REQUEST_AND_ACK: u16 = 0x0001 | 0x0004;
    const INDEX: i32 = 1;
    let mut message = Vec::with_capacity(HEADERS as usize);
    message.extend(HEADERS.to_ne_bytes());
    message.extend(RTM_NEWLINK.to_ne_bytes());
    message.extend(REQUEST_AND_ACK.to_ne_bytes());
    message.extend([0; 8]); // sequence number, port id
    message.extend([0; 4]); // family, padding, device type
    message.extend(INDEX.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    message.extend(flags.to_ne_bytes()); // which flags to change

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
