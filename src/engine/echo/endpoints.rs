//! Which packets are a program's own, and where they pass.

use std::net::{IpAddr, SocketAddr};

use crate::decode::Packet;
use crate::model::{Endpoint, Lane, Transport};
use crate::source::NetworkInterface;

/// The interface that stands for all of them.
const ANY: &str = "any";

/// A program's sockets, as far as packets tell of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OwnSockets {
    /// Every client of a port.
    Server {
        /// Where it serves; all addresses of this machine where it is unspecified.
        at: SocketAddr,
        transports: Vec<Transport>,
        /// The addresses of this machine.
        addresses: Vec<IpAddr>,
    },
    /// One conversation.
    Client {
        transport: Transport,
        /// Its own port; which address it has shows when it is connected.
        port: u16,
        server: Endpoint,
        /// The address that it will have.
        from: IpAddr,
    },
}

/// Between whom a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Between {
    pub(super) transport: Transport,
    pub(super) own: Endpoint,
    pub(super) peer: Endpoint,
    pub(super) from_peer: bool,
}

impl OwnSockets {
    /// Whose calls they are.
    pub(crate) const fn lane(&self) -> Lane {
        match self {
            Self::Server { .. } => Lane::Server,
            Self::Client { .. } => Lane::Client,
        }
    }

    /// Whether everybody it talks to has the same address.
    pub(crate) fn has_one_address(&self) -> bool {
        match self {
            Self::Server { at, .. } => at.ip().is_loopback(),
            Self::Client { .. } => true,
        }
    }

    /// The filter that lets its packets through, and messages about them, which have no ports.
    pub(crate) fn filter(&self) -> String {
        let packets = match self {
            Self::Server { at, transports, .. } => {
                let ports: Vec<String> =
                    transports.iter().map(|it| format!("{} port {}", keyword(*it), at.port())).collect();
                let ports = ports.join(" or ");
                if at.ip().is_unspecified() { ports } else { format!("host {} and ({ports})", at.ip()) }
            }
            Self::Client { transport, port, server, .. } => {
                format!("host {} and {} port {port}", server.addr, keyword(*transport))
            }
        };
        format!("({packets}) or icmp or icmp6")
    }

    /// Where its packets pass. What goes from an address of this machine to another of them passes the loopback, whatever
    /// interface has the address.
    pub(crate) fn interface<'i>(&self, interfaces: &'i [NetworkInterface]) -> &'i str {
        let of = |addr: &IpAddr| interfaces.iter().find(|it| it.addresses.contains(addr)).map(|it| it.name.as_str());
        let loopback = || interfaces.iter().find(|it| it.is_loopback).map_or("lo", |it| &it.name);
        match self {
            Self::Server { at, .. } if at.ip().is_loopback() => loopback(),
            Self::Client { server, .. } if server.addr.is_loopback() || of(&server.addr).is_some() => loopback(),
            Self::Client { from, .. } => of(from).unwrap_or(ANY),
            // Clients of this machine come over the loopback, all others over the address's interface.
            Self::Server { .. } => ANY,
        }
    }

    /// Who is at the other end of a packet, or of the packet that an ICMP error is about; `None` where it is not of this
    /// program.
    pub(super) fn between(&self, packet: &Packet<'_>) -> Option<Between> {
        let from_here = |(transport, sender, receiver)| {
            if self.holds(transport, sender, receiver) {
                Some(Between { transport, own: sender, peer: receiver, from_peer: false })
            } else if self.holds(transport, receiver, sender) {
                Some(Between { transport, own: receiver, peer: sender, from_peer: true })
            } else {
                None
            }
        };
        match packet.endpoints() {
            Some(ends) => from_here(ends),
            // An error goes the other way than what it is about.
            None => from_here(packet.quoted_endpoints()?).map(|ends| Between { from_peer: !ends.from_peer, ..ends }),
        }
    }

    /// Whether the program's own end of something can be `own`, and the other `peer`.
    fn holds(&self, over: Transport, own: Endpoint, peer: Endpoint) -> bool {
        match self {
            Self::Server { at, transports, addresses } => {
                let is_here = match at.ip() {
                    addr if !addr.is_unspecified() => own.addr == addr,
                    // A socket of all IPv6 addresses takes IPv4 too, but not the other way round.
                    IpAddr::V4(_) if own.addr.is_ipv6() => false,
                    _ => own.addr.is_loopback() || addresses.contains(&own.addr) || is_for_many(own.addr),
                };
                transports.contains(&over) && own.port == at.port() && is_here
            }
            Self::Client { transport, port, server, .. } => over == *transport && own.port == *port && peer == *server,
        }
    }
}

/// Whether datagrams to the address may be for this machine though it is not one of its addresses.
fn is_for_many(addr: IpAddr) -> bool {
    addr.is_multicast() || matches!(addr, IpAddr::V4(addr) if addr.is_broadcast())
}

const fn keyword(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn server(at: &str) -> OwnSockets {
        let addresses = vec!["192.0.2.7".parse().unwrap()];
        OwnSockets::Server { at: addr(at), transports: vec![Transport::Tcp, Transport::Udp], addresses }
    }

    fn client(server: &str, from: &str) -> OwnSockets {
        let (server, from) = (addr(server).into(), from.parse().unwrap());
        OwnSockets::Client { transport: Transport::Tcp, port: 40_000, server, from }
    }

    fn interfaces() -> [NetworkInterface; 2] {
        [("eth0", "192.0.2.7", false), ("lo", "127.0.0.1", true)].map(|(name, addr, is_loopback)| NetworkInterface {
            name: name.to_owned(),
            description: None,
            addresses: vec![addr.parse().unwrap()],
            is_up: true,
            is_running: true,
            is_loopback,
            is_wireless: false,
        })
    }

    #[test]
    fn packets_are_looked_for_where_they_pass() {
        let found = |own: OwnSockets| own.interface(&interfaces()).to_owned();
        for at in ["127.0.0.1:8888", "127.9.9.9:8888", "[::1]:8888"] {
            assert_eq!(found(server(at)), "lo");
        }
        for at in ["0.0.0.0:8888", "[::]:8888", "192.0.2.7:8888"] {
            assert_eq!(
                found(server(at)),
                "any",
                "{at}: from here over the loopback, from elsewhere over its interface"
            );
        }
        assert_eq!(found(client("127.0.0.1:8888", "127.0.0.1")), "lo");
        assert_eq!(found(client("192.0.2.7:8888", "192.0.2.7")), "lo", "an address of this machine's own");
        assert_eq!(found(client("198.51.100.1:8888", "192.0.2.7")), "eth0");
        assert_eq!(found(client("198.51.100.1:8888", "203.0.113.1")), "any", "an address of no interface");
    }

    #[test]
    fn a_server_s_own_are_the_clients_of_its_port_and_not_this_machine_s_clients_of_the_same_port_elsewhere() {
        let (here, other, far) = (addr("192.0.2.7:8888"), addr("192.0.2.7:8889"), addr("198.51.100.1:8888"));
        let holds = |own: &OwnSockets, a: SocketAddr, b: SocketAddr| own.holds(Transport::Tcp, a.into(), b.into());
        for at in ["0.0.0.0:8888", "192.0.2.7:8888"] {
            assert!(holds(&server(at), here, far), "{at}");
            assert!(!holds(&server(at), far, other) && !holds(&server(at), other, far), "{at}");
        }
        assert!(!holds(&server("127.0.0.1:8888"), here, far));
        let loopbacks = [addr("127.0.0.1:8888"), addr("[::1]:8888")];
        assert_eq!(loopbacks.map(|own| holds(&server("0.0.0.0:8888"), own, far)), [true, false]);
        assert_eq!(loopbacks.map(|own| holds(&server("[::]:8888"), own, far)), [true, true]);
    }

    #[test]
    fn a_client_s_own_is_one_conversation() {
        let own = client("198.51.100.1:8888", "192.0.2.7");
        let holds = |a: &str, b: &str| own.holds(Transport::Tcp, addr(a).into(), addr(b).into());
        assert!(holds("192.0.2.7:40000", "198.51.100.1:8888"));
        assert!(!holds("192.0.2.7:40000", "198.51.100.1:8889") && !holds("192.0.2.7:40001", "198.51.100.1:8888"));
    }
}
