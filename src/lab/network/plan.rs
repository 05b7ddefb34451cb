//! Which hosts there are, what they are called, and how they are joined.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::host::{Card, Host};
use crate::lab::namespace::NamespaceError;
use crate::model::Lane;

/// How client and server are joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Topology {
    /// They are on one host.
    #[default]
    Loopback,
    /// Each is a host, with a cable between them.
    Pair,
}

/// The hosts of client and server, once they are made.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// How client and server are joined.
    pub topology: Topology,
    /// The client's host and the server's.
    hosts: Option<[Host; 2]>,
}

/// An address of each version.
type Both = [IpAddr; 2];

const fn both(v4: [u8; 4], v6: [u16; 8]) -> Both {
    let ([a, b, c, d], [e, f, g, h, i, j, k, l]) = (v4, v6);
    [IpAddr::V4(Ipv4Addr::new(a, b, c, d)), IpAddr::V6(Ipv6Addr::new(e, f, g, h, i, j, k, l))]
}

const LOOPBACK: Both = both([127, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 1]);
const CLIENT: Both = both([192, 0, 2, 1], [0x2001, 0xdb8, 1, 0, 0, 0, 0, 1]);
const SERVER: Both = both([192, 0, 2, 2], [0x2001, 0xdb8, 1, 0, 0, 0, 0, 2]);

const fn card(name: &'static str, last: u8, [v4, v6]: Both) -> Card {
    Card { name, mac: [2, 0, 0, 0, 0, last], addresses: [(v4, 24), (v6, 64)] }
}

impl Topology {
    /// The address of one side.
    #[must_use]
    pub const fn addr(self, lane: Lane, is_ipv6: bool) -> IpAddr {
        self.addrs(lane)[is_ipv6 as usize]
    }

    const fn addrs(self, lane: Lane) -> Both {
        match (self, lane) {
            (Self::Loopback, _) => LOOPBACK,
            (Self::Pair, Lane::Client) => CLIENT,
            (Self::Pair, Lane::Server) => SERVER,
        }
    }

    /// The link that the client's packets pass first.
    #[must_use]
    pub const fn link(self) -> &'static str {
        match self {
            Self::Loopback => "lo",
            Self::Pair => "client",
        }
    }

    /// The address on the client's own link that its packets for the server go to, where they go to another host.
    #[must_use]
    pub fn next_hops(self) -> Vec<(IpAddr, IpAddr)> {
        match self {
            Self::Loopback => Vec::new(),
            Self::Pair => CLIENT.into_iter().zip(SERVER).collect(),
        }
    }

    /// Makes the hosts and joins them. The process must be in a private network and have one thread, which is on the client's
    /// host then.
    ///
    /// # Errors
    ///
    /// [`NamespaceError`], naming what the kernel refused.
    pub fn build(self) -> Result<Hosts, NamespaceError> {
        let hosts = match self {
            Self::Loopback => None,
            Self::Pair => {
                let [client, server] = [Host::here()?, Host::new()?];
                client.connect(card("client", 1, CLIENT), &server, card("server", 2, SERVER))?;
                client.visit()?;
                Some([client, server])
            }
        };
        Ok(Hosts { topology: self, hosts })
    }
}

impl Hosts {
    /// One whose hosts are still to be made.
    #[must_use]
    pub const fn planned(topology: Topology) -> Self {
        Self { topology, hosts: None }
    }

    /// The host of one side; `None` where both are where the process is.
    #[must_use]
    pub fn host(&self, lane: Lane) -> Option<&Host> {
        let [client, server] = self.hosts.as_ref()?;
        Some(match lane {
            Lane::Client => client,
            Lane::Server => server,
        })
    }
}
