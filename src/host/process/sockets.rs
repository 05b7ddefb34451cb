//! Which sockets the kernel has for an end of a conversation: sock_diag(7).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::io::Errno;
use rustix::net::netlink;

use super::netlink::{Asked, Netlink, attribute};
use super::question::SocketEnd;
use crate::model::{Endpoint, Transport};

/// `SOCK_DIAG_BY_FAMILY` of linux/sock_diag.h.
const BY_FAMILY: u16 = 20;

/// `INET_DIAG_SKV6ONLY` of linux/inet_diag.h.
const V6_ONLY: u16 = 11;

/// The states of `include/net/tcp_states.h` in which a connection may wait for somebody to accept it.
const ESTABLISHED: u8 = 1;
const SYN_RECEIVED: u8 = 3;
const CLOSE_WAIT: u8 = 8;
const LISTEN: u8 = 10;
const NEW_SYN_RECEIVED: u8 = 12;

/// `struct inet_diag_sockid`, and `struct inet_diag_msg` in which it is the second member.
const ID: usize = 48;
const FIXED: usize = 4 + ID + 5 * 4;

/// `AF_INET` and `AF_INET6`.
const INET: u8 = 2;
const INET6: u8 = 10;

/// The sockets behind an end; each by its inode's number, by which descriptors name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sockets {
    /// Those that listen where this connection has not been accepted yet.
    Listening(Vec<u32>),
    /// The one, or several that cannot be told apart.
    Open(Vec<u32>),
    /// There is none, or it belongs to no process any more.
    Gone,
}

/// The kernel's tables of sockets.
pub(super) struct SocketTable(Netlink);

/// A socket as the kernel describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) state: u8,
    pub(super) local: Endpoint,
    /// Its port is 0 where the socket is not connected.
    remote: Endpoint,
    /// Whether it is an IPv6 socket that also takes IPv4 (ipv6(7)).
    is_dual: bool,
    /// How long its timer still runs, in milliseconds: in TIME-WAIT, how long that remains.
    pub(super) expires: u32,
    /// Whose it is.
    pub(super) uid: u32,
    /// 0 where no process has a descriptor for it.
    pub(super) inode: u32,
}

impl AsFd for SocketTable {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl SocketTable {
    /// Opens the way to it.
    ///
    /// # Errors
    ///
    /// What the kernel refused; `ENOENT` where it can list no sockets.
    pub(super) fn open() -> Result<Self, Errno> {
        let mut table = Self(Netlink::open(Some(netlink::SOCK_DIAG))?);
        for transport in [Transport::Tcp, Transport::Udp] {
            let nowhere = Endpoint::new(Ipv4Addr::UNSPECIFIED.into(), 1);
            table.list(transport, nowhere.addr, nowhere.port, 1 << LISTEN)?;
        }
        Ok(table)
    }

    /// The sockets behind an end whose address is this machine's.
    pub(super) fn of(&mut self, end: &SocketEnd) -> Sockets {
        match end.transport {
            Transport::Tcp => self.of_connection(end),
            Transport::Udp => match self.on_port(end, !0, |found| found.takes(end)) {
                open if open.is_empty() => Sockets::Gone,
                open => Sockets::Open(open),
            },
        }
    }

    /// The sockets that keep another one from being bound to an address, as far as addresses tell.
    pub(super) fn in_the_way(&mut self, transport: Transport, local: Endpoint) -> Result<Vec<Found>, Errno> {
        let mut all = self.list(transport, Ipv4Addr::UNSPECIFIED.into(), local.port, !0)?;
        all.extend(self.list(transport, Ipv6Addr::UNSPECIFIED.into(), local.port, !0)?);
        all.retain(|found| found.is_in_the_way(local.addr.to_canonical()));
        Ok(all)
    }

    /// The socket of a connection.
    pub(super) fn connection(&mut self, end: &SocketEnd) -> Option<Found> {
        let body = question(end.transport, end.local, end.remote, !0);
        let mut found = None;
        // No such connection is an answer as well.
        let _ = self.0.ask(BY_FAMILY, Asked::One, &body, |body| found = Found::read(body));
        found
    }

    fn of_connection(&mut self, end: &SocketEnd) -> Sockets {
        match self.connection(end).or_else(|| self.on_a_link(end)) {
            Some(Found { inode: 0, state: ESTABLISHED | CLOSE_WAIT, .. })
            | Some(Found { state: LISTEN | SYN_RECEIVED | NEW_SYN_RECEIVED, .. }) => {
                Sockets::Listening(self.on_port(end, 1 << LISTEN, |found| found.hears(end)))
            }
            Some(Found { inode: inode @ 1.., .. }) => Sockets::Open(vec![inode]),
            _ => Sockets::Gone,
        }
    }

    /// The connection, or who listens for it, between addresses of a link: these sockets belong to an interface, and the
    /// kernel finds them alone for who can name it. All sockets of the machine are looked through.
    fn on_a_link(&mut self, end: &SocketEnd) -> Option<Found> {
        let is_of_a_link = matches!(end.local.addr, IpAddr::V6(address) if address.is_unicast_link_local());
        if !is_of_a_link {
            return None;
        }
        let all = self.list(end.transport, end.local.addr, end.local.port, !0).ok()?;
        let connection = all.iter().find(|found| (found.local, found.remote) == (end.local, end.remote));
        connection.or_else(|| all.iter().find(|found| found.state == LISTEN && found.hears(end))).copied()
    }

    /// The best of the sockets on the end's port that suit.
    fn on_port(&mut self, end: &SocketEnd, states: u32, suits: impl Fn(&Found) -> bool) -> Vec<u32> {
        let mut all = self.list(end.transport, end.local.addr, end.local.port, states).unwrap_or_default();
        if end.local.addr.is_ipv4() {
            let any = Ipv6Addr::UNSPECIFIED.into();
            all.extend(self.list(end.transport, any, end.local.port, states).unwrap_or_default());
        }
        all.retain(|found| found.inode != 0 && suits(found));
        let best = all.iter().map(|found| found.closeness(end)).max();
        all.iter().filter(|found| Some(found.closeness(end)) == best).map(|found| found.inode).collect()
    }

    /// Every socket of an address's family on a port.
    fn list(&mut self, transport: Transport, family: IpAddr, port: u16, states: u32) -> Result<Vec<Found>, Errno> {
        let nowhere = if family.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let body = question(transport, Endpoint::new(nowhere, port), Endpoint::new(nowhere, 0), states);
        let mut all = Vec::new();
        self.0.ask(BY_FAMILY, Asked::All, &body, |body| {
            all.extend(Found::read(body).filter(|found| found.local.port == port));
        })?;
        Ok(all)
    }
}

impl Found {
    /// Reads a `struct inet_diag_msg` and its attributes.
    fn read(body: &[u8]) -> Option<Self> {
        let fixed: &[u8; FIXED] = body.first_chunk()?;
        let (family, id) = (fixed[0], &fixed[4..4 + ID]);
        let port = |place: usize| u16::from_be_bytes([id[place], id[place + 1]]);
        let number = |place: usize| fixed[place..].first_chunk().map_or(0, |number| u32::from_ne_bytes(*number));
        let address = |place: usize| match (family, &id[place..place + 16]) {
            (INET, &[a, b, c, d, ..]) => Some(IpAddr::from([a, b, c, d])),
            (INET6, bytes) => Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_canonical()),
            _ => None,
        };
        let v6_only = attribute(&body[FIXED..], V6_ONLY).is_some_and(|value| value.first() != Some(&0));
        Some(Self {
            state: fixed[1],
            local: Endpoint::new(address(4)?, port(0)),
            remote: Endpoint::new(address(20)?, port(2)),
            is_dual: family == INET6 && !v6_only,
            expires: number(4 + ID),
            uid: number(4 + ID + 12),
            inode: fixed.last_chunk().map(|inode| u32::from_ne_bytes(*inode))?,
        })
    }

    /// Whether packets to the end's address are for it.
    fn hears(&self, end: &SocketEnd) -> bool {
        match (self.local.addr, end.local.addr) {
            (IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V4(_)) => self.is_dual,
            (mine, local) => mine == local || (mine.is_unspecified() && mine.is_ipv4() == local.is_ipv4()),
        }
    }

    /// Whether it has the address that another socket is to be bound to, or either has all addresses.
    fn is_in_the_way(&self, wanted: IpAddr) -> bool {
        let (mine, same_family) = (self.local.addr, self.local.addr.is_ipv4() == wanted.is_ipv4());
        match wanted {
            // A socket of all IPv6 addresses may want those of IPv4 too.
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => true,
            _ => {
                mine == wanted
                    || same_family && (mine.is_unspecified() || wanted.is_unspecified())
                    || self.is_dual && mine.is_unspecified()
            }
        }
    }

    /// [`Found::hears`], and it is connected to nobody else.
    fn takes(&self, end: &SocketEnd) -> bool {
        self.hears(end) && (self.remote.port == 0 || self.remote == end.remote)
    }

    /// How closely it is bound to the end: by the rule the kernel delivers by, connected before bound before any address,
    /// a socket of the packet's own family first.
    fn closeness(&self, end: &SocketEnd) -> (bool, bool, bool) {
        let same_family = self.local.addr.is_ipv4() == end.local.addr.is_ipv4();
        (self.remote.port != 0, !self.local.addr.is_unspecified(), same_family)
    }
}

/// Whether a message's body describes a socket.
#[cfg(any(fuzzing, test))]
pub(in crate::host) fn is_socket(body: &[u8]) -> bool {
    Found::read(body).is_some()
}

/// A `struct inet_diag_req_v2`.
fn question(transport: Transport, local: Endpoint, remote: Endpoint, states: u32) -> Vec<u8> {
    let family = if local.addr.is_ipv4() { INET } else { INET6 };
    let protocol = match transport {
        Transport::Tcp => 6,
        Transport::Udp => 17,
    };
    let mut body = vec![family, protocol, 0, 0];
    body.extend(states.to_ne_bytes());
    body.extend(local.port.to_be_bytes());
    body.extend(remote.port.to_be_bytes());
    for end in [local, remote] {
        match end.addr {
            IpAddr::V4(address) => body.extend([&address.octets()[..], &[0; 12]].concat()),
            IpAddr::V6(address) => body.extend(address.octets()),
        }
    }
    body.extend([0; 4]); // on any interface
    body.extend([0xff; 8]); // INET_DIAG_NOCOOKIE, twice: whatever its cookie
    body
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
    use std::os::fd::AsFd;

    use super::*;

    fn inode(socket: impl AsFd) -> u32 {
        u32::try_from(rustix::fs::fstat(socket).unwrap().st_ino).unwrap()
    }

    fn of(transport: Transport, local: SocketAddr, remote: SocketAddr) -> Sockets {
        let end = SocketEnd { transport, local: local.into(), remote: remote.into() };
        SocketTable::open().unwrap().of(&end)
    }

    #[test]
    fn a_connection_is_its_listeners_until_it_is_accepted() {
        for (bind, to) in [("127.0.0.1:0", "127.0.0.1"), ("[::]:0", "127.0.0.1"), ("[::1]:0", "::1")] {
            let listener = TcpListener::bind(bind).unwrap();
            let to = SocketAddr::new(to.parse().unwrap(), listener.local_addr().unwrap().port());
            let client = TcpStream::connect(to).unwrap();
            let (near, far) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
            assert_eq!(of(Transport::Tcp, near, far), Sockets::Open(vec![inode(&client)]), "{bind}");
            assert_eq!(of(Transport::Tcp, far, near), Sockets::Listening(vec![inode(&listener)]), "{bind}");
            let (server, _) = listener.accept().unwrap();
            assert_eq!(of(Transport::Tcp, far, near), Sockets::Open(vec![inode(&server)]), "{bind}");
            // What closes is nobody's.
            drop(client);
            assert_eq!(of(Transport::Tcp, near, far), Sockets::Gone, "{bind}");
        }
    }

    #[test]
    fn datagrams_find_the_closest_socket() {
        let any = UdpSocket::bind("0.0.0.0:0").unwrap();
        let port = any.local_addr().unwrap().port();
        let (local, remote) = (SocketAddr::from(([127, 0, 0, 1], port)), "127.0.0.1:9".parse().unwrap());
        assert_eq!(of(Transport::Udp, local, remote), Sockets::Open(vec![inode(&any)]));
        any.connect("127.0.0.1:10").unwrap();
        assert_eq!(of(Transport::Udp, local, remote), Sockets::Gone, "connected to somebody else");
        assert_eq!(of(Transport::Udp, local, "127.0.0.1:10".parse().unwrap()), Sockets::Open(vec![inode(&any)]));
    }

    #[test]
    fn a_socket_for_both_families_takes_ipv4() {
        let both = UdpSocket::bind("[::]:0").unwrap();
        let port = both.local_addr().unwrap().port();
        let open = Sockets::Open(vec![inode(&both)]);
        for host in ["127.0.0.1", "::1"] {
            let host: IpAddr = host.parse().unwrap();
            assert_eq!(of(Transport::Udp, SocketAddr::new(host, port), SocketAddr::new(host, 9)), open, "{host}");
        }
    }
}
