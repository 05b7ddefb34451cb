//! Which addresses are this machine's: rtnetlink(7).

use std::net::IpAddr;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::io::Errno;

use super::netlink::{Asked, Netlink};

/// `RTM_GETROUTE`, the attribute `RTA_DST` and the route type `RTN_LOCAL` of linux/rtnetlink.h.
const GET_ROUTE: u16 = 26;
const DESTINATION: u16 = 1;
const LOCAL: u8 = 2;

/// Where the type stands in a `struct rtmsg`.
const TYPE: usize = 7;

/// The kernel's routes.
pub(super) struct Routes(Netlink);

impl AsFd for Routes {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Routes {
    /// Opens the way to them.
    ///
    /// # Errors
    ///
    /// What the kernel refused.
    pub(super) fn open() -> Result<Self, Errno> {
        // Protocol 0 is NETLINK_ROUTE.
        Netlink::open(None).map(Self)
    }

    /// Whether packets to an address stay on this machine.
    pub(super) fn lead_here(&mut self, address: IpAddr) -> bool {
        let (family, bytes) = match address {
            IpAddr::V4(address) => (2, address.octets().to_vec()),
            IpAddr::V6(address) => (10, address.octets().to_vec()),
        };
        let mut body = vec![family, (bytes.len() * 8) as u8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        body.extend((4 + bytes.len() as u16).to_ne_bytes());
        body.extend(DESTINATION.to_ne_bytes());
        body.extend(bytes);
        let mut is_local = false;
        let asked = self.0.ask(GET_ROUTE, Asked::One, &body, |route| is_local = route.get(TYPE) == Some(&LOCAL));
        asked.is_ok() && is_local
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_is_here_and_the_world_is_not() {
        let mut routes = Routes::open().unwrap();
        for (address, here) in
            [("127.0.0.1", true), ("127.9.8.7", true), ("::1", true), ("192.0.2.1", false), ("2001:db8::1", false)]
        {
            assert_eq!(routes.lead_here(address.parse().unwrap()), here, "{address}");
        }
    }
}
