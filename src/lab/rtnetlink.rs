//! Requests to the kernel about links, addresses and routes, in the messages of rtnetlink(7).

use std::net::IpAddr;
use std::os::fd::{AsRawFd as _, BorrowedFd};

use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};

/// `AF_INET` and `AF_INET6`, as the kernel numbers them.
const INET: u8 = 2;
const INET6: u8 = 10;

/// `NLM_F_REQUEST` and `NLM_F_ACK`; `NLM_F_CREATE` and `NLM_F_EXCL`: it must be new.
const ASK: u16 = 0x0001 | 0x0004;
const NEW: u16 = 0x0400 | 0x0200;

/// The kinds of messages.
const RTM_NEWLINK: u16 = 16;
const RTM_NEWADDR: u16 = 20;
const RTM_NEWROUTE: u16 = 24;

/// Attributes of a link (linux/if_link.h).
const IFLA_ADDRESS: u16 = 1;
const IFLA_IFNAME: u16 = 3;
const IFLA_LINKINFO: u16 = 18;
const IFLA_AF_SPEC: u16 = 26;
const IFLA_NET_NS_FD: u16 = 28;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const VETH_INFO_PEER: u16 = 1;
const IFLA_INET6_ADDR_GEN_MODE: u16 = 8;

/// `IN6_ADDR_GEN_MODE_NONE`.
const NO_ADDRESS: u8 = 1;

/// `IFF_UP`.
const UP: u32 = 1;

/// Attributes of an address (linux/if_addr.h), and `IFA_F_NODAD`: it is nobody else's.
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const NO_DUPLICATES: u8 = 2;

/// Attributes and values of a route (linux/rtnetlink.h).
const RTA_GATEWAY: u16 = 5;
const MAIN_TABLE: u8 = 254;
const STATIC: u8 = 4;
const UNICAST: u8 = 1;

/// One end of a pair of interfaces.
#[derive(Clone, Copy)]
pub(super) struct End<'a> {
    /// What it is called.
    pub(super) name: &'a str,
    /// Its Ethernet address.
    pub(super) mac: [u8; 6],
}

/// Makes a pair of virtual Ethernet interfaces, what enters one leaves the other: one here, its peer in the namespace `there`.
pub(super) fn join(here: End<'_>, peer: End<'_>, there: BorrowedFd<'_>) -> Result<(), Errno> {
    let mut message = Message::new(RTM_NEWLINK, ASK | NEW);
    message.link(0, 0);
    message.end(here);
    message.nest(IFLA_LINKINFO, |info| {
        info.attribute(IFLA_INFO_KIND, b"veth");
        info.nest(IFLA_INFO_DATA, |data| {
            data.nest(VETH_INFO_PEER, |other| {
                other.link(0, 0);
                other.end(peer);
                other.attribute(IFLA_NET_NS_FD, &there.as_raw_fd().to_ne_bytes());
            });
        });
    });
    message.ask()
}

/// Lets an interface have no IPv6 address but those that it is given: so it neither asks for routers nor tells of groups.
pub(super) fn keep_quiet(index: u32) -> Result<(), Errno> {
    let mut message = Message::new(RTM_NEWLINK, ASK);
    message.link(index, 0);
    message.nest(IFLA_AF_SPEC, |families| {
        families.nest(INET6.into(), |inet6| inet6.attribute(IFLA_INET6_ADDR_GEN_MODE, &[NO_ADDRESS]));
    });
    message.ask()
}

/// Raises the loopback, which in a new network always is interface 1.
pub(super) fn raise_loopback() -> Result<(), Errno> {
    raise(1)
}

/// Raises an interface.
pub(super) fn raise(index: u32) -> Result<(), Errno> {
    let mut message = Message::new(RTM_NEWLINK, ASK);
    message.link(index, UP);
    message.ask()
}

/// Gives an interface an address in a network with a prefix of so many bits.
pub(super) fn give_address(index: u32, addr: IpAddr, prefix: u8) -> Result<(), Errno> {
    let mut message = Message::new(RTM_NEWADDR, ASK | NEW);
    message.push(&[family(addr), prefix, NO_DUPLICATES, 0]);
    message.push(&index.to_ne_bytes());
    message.address(IFA_LOCAL, addr);
    message.address(IFA_ADDRESS, addr);
    message.ask()
}

/// Sends everything that has no way of its own to a router.
pub(super) fn route_everything(through: IpAddr) -> Result<(), Errno> {
    let mut message = Message::new(RTM_NEWROUTE, ASK | NEW);
    message.push(&[family(through), 0, 0, 0, MAIN_TABLE, STATIC, 0, UNICAST]);
    message.push(&[0; 4]);
    message.address(RTA_GATEWAY, through);
    message.ask()
}

const fn family(addr: IpAddr) -> u8 {
    match addr {
        IpAddr::V4(_) => INET,
        IpAddr::V6(_) => INET6,
    }
}

/// A message being put together: its header, then what it is about.
struct Message {
    bytes: Vec<u8>,
}

impl Message {
    fn new(kind: u16, flags: u16) -> Self {
        let mut message = Self { bytes: vec![0; 4] };
        message.push(&kind.to_ne_bytes());
        message.push(&flags.to_ne_bytes());
        message.push(&[0; 8]); // sequence number, port id
        message
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// `struct ifinfomsg`: of which interface, and which flags it gets.
    fn link(&mut self, index: u32, flags: u32) {
        self.push(&[0; 4]); // family, padding, device type
        self.push(&index.to_ne_bytes());
        self.push(&flags.to_ne_bytes());
        self.push(&flags.to_ne_bytes()); // which flags to change
    }

    fn end(&mut self, End { name, mac }: End<'_>) {
        self.attribute(IFLA_IFNAME, &[name.as_bytes(), &[0]].concat());
        self.attribute(IFLA_ADDRESS, &mac);
    }

    fn address(&mut self, kind: u16, addr: IpAddr) {
        match addr {
            IpAddr::V4(addr) => self.attribute(kind, &addr.octets()),
            IpAddr::V6(addr) => self.attribute(kind, &addr.octets()),
        }
    }

    fn attribute(&mut self, kind: u16, value: &[u8]) {
        self.nest(kind, |attribute| attribute.push(value));
    }

    /// An attribute that holds others. Each begins at a multiple of four.
    fn nest(&mut self, kind: u16, fill: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.push(&[0; 2]);
        self.push(&kind.to_ne_bytes());
        fill(self);
        let len = u16::try_from(self.bytes.len() - start).unwrap_or(u16::MAX);
        self.bytes[start..start + 2].copy_from_slice(&len.to_ne_bytes());
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }

    /// Sends it, and hears what the kernel says.
    fn ask(mut self) -> Result<(), Errno> {
        let len = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.bytes[..4].copy_from_slice(&len.to_ne_bytes());
        // Protocol 0 is NETLINK_ROUTE.
        let socket = net::socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
        net::sendto(&socket, &self.bytes, SendFlags::empty(), &netlink::SocketAddrNetlink::new(0, 0))?;
        let mut answer = [0_u8; 1024];
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
}
