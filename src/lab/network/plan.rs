//! Which hosts there are, what they are called, and how they are joined.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::io::Errno;

use super::forwarder::{Fate, Forwarder, Side};
use super::host::{Card, Host, set};
use super::passing::Passing;
use crate::lab::LabError;
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
    /// Each is a host, with a router between them.
    Routed,
}

/// The hosts of client and server, once they are made.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// How client and server are joined.
    pub topology: Topology,
    /// The client's host and the server's.
    ends: Option<[Host; 2]>,
    /// The router between them.
    router: Option<Host>,
    /// How many packets for the server it has thrown away or damaged so far.
    lost: Arc<AtomicUsize>,
}

/// An address of each version.
type Both = [IpAddr; 2];

const fn both(v4: [u8; 4], v6: [u16; 8]) -> Both {
    let ([a, b, c, d], [e, f, g, h, i, j, k, l]) = (v4, v6);
    [IpAddr::V4(Ipv4Addr::new(a, b, c, d)), IpAddr::V6(Ipv6Addr::new(e, f, g, h, i, j, k, l))]
}

const LOOPBACK: Both = both([127, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 1]);
const CLIENT: Both = both([192, 0, 2, 1], [0x2001, 0xdb8, 1, 0, 0, 0, 0, 1]);
const NEIGHBOR: Both = both([192, 0, 2, 2], [0x2001, 0xdb8, 1, 0, 0, 0, 0, 2]);
const ROUTER_LEFT: Both = both([192, 0, 2, 254], [0x2001, 0xdb8, 1, 0, 0, 0, 0, 0xfe]);
const ROUTER_RIGHT: Both = both([198, 51, 100, 254], [0x2001, 0xdb8, 2, 0, 0, 0, 0, 0xfe]);
const LINK_LOCAL: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0xfe));
const BEYOND: Both = both([198, 51, 100, 2], [0x2001, 0xdb8, 2, 0, 0, 0, 0, 2]);

const fn card(name: &'static str, last: u8, [v4, v6]: Both) -> Card {
    Card { name, mac: [2, 0, 0, 0, 0, last], addresses: [(v4, 24), (v6, 64)], link_local: None }
}

/// The cards of the client, of the server on its link, of the router on both of its links, and of the server behind it.
const AT_CLIENT: Card = card("client", 1, CLIENT);
const AT_NEIGHBOR: Card = card("server", 2, NEIGHBOR);
const AT_LEFT: Card = Card { link_local: Some(LINK_LOCAL), ..card("router-left", 0x11, ROUTER_LEFT) };
const AT_RIGHT: Card = Card { link_local: Some(LINK_LOCAL), ..card("router-right", 0x12, ROUTER_RIGHT) };
const AT_BEYOND: Card = card("server", 2, BEYOND);

impl Topology {
    /// The address of one side.
    #[must_use]
    pub const fn addr(self, lane: Lane, is_ipv6: bool) -> IpAddr {
        self.addrs(lane)[is_ipv6 as usize]
    }

    const fn addrs(self, lane: Lane) -> Both {
        match (self, lane) {
            (Self::Loopback, _) => LOOPBACK,
            (Self::Pair | Self::Routed, Lane::Client) => CLIENT,
            (Self::Pair, Lane::Server) => NEIGHBOR,
            (Self::Routed, Lane::Server) => BEYOND,
        }
    }

    /// The address on the client's own link that its packets for the server go to, where they go to another host.
    #[must_use]
    pub fn next_hops(self) -> Vec<(IpAddr, IpAddr)> {
        match self {
            Self::Loopback => Vec::new(),
            Self::Pair => CLIENT.into_iter().zip(NEIGHBOR).collect(),
            Self::Routed => CLIENT.into_iter().zip(ROUTER_LEFT).collect(),
        }
    }

    /// Makes the hosts and joins them. The process must be in a private network and have one thread, which is on the client's
    /// host then.
    ///
    /// # Errors
    ///
    /// [`NamespaceError`], naming what the kernel refused.
    pub fn build(self) -> Result<Hosts, NamespaceError> {
        let hosts = Hosts::planned(self);
        match self {
            Self::Loopback => Ok(hosts),
            Self::Pair => {
                let [client, server] = [Host::here()?, Host::new()?];
                client.connect(AT_CLIENT, &server, AT_NEIGHBOR)?;
                client.visit()?;
                Ok(Hosts { ends: Some([client, server]), ..hosts })
            }
            Self::Routed => {
                let [client, router, server] = [Host::here()?, Host::new()?, Host::new()?];
                client.connect(AT_CLIENT, &router, AT_LEFT)?;
                router.connect(AT_RIGHT, &server, AT_BEYOND)?;
                client.route_through(ROUTER_LEFT)?;
                server.route_through(ROUTER_RIGHT)?;
                router.become_router()?;
                client.visit()?;
                Ok(Hosts { ends: Some([client, server]), router: Some(router), ..hosts })
            }
        }
    }
}

impl Hosts {
    /// One whose hosts are still to be made.
    #[must_use]
    pub fn planned(topology: Topology) -> Self {
        Self { topology, ..Self::default() }
    }

    /// The host of one side; `None` where both are where the process is.
    #[must_use]
    pub fn host(&self, lane: Lane) -> Option<&Host> {
        let [client, server] = self.ends.as_ref()?;
        Some(match lane {
            Lane::Client => client,
            Lane::Server => server,
        })
    }

    /// The links' ends in the order in which the client's packets pass them: which host, and what its interface is called.
    /// Captures are opened there; this thread is on the last of the hosts then, until it visits another.
    #[must_use]
    pub fn places(&self) -> Vec<(Option<&Host>, &'static str)> {
        match (&self.ends, &self.router) {
            (None, _) => vec![(None, "lo")],
            (Some([client, _]), None) => vec![(Some(client), AT_CLIENT.name)],
            (Some([client, server]), Some(router)) => vec![
                (Some(client), AT_CLIENT.name),
                (Some(router), AT_LEFT.name),
                (Some(router), AT_RIGHT.name),
                (Some(server), AT_BEYOND.name),
            ],
        }
    }

    /// How many packets for the server the router has thrown away or damaged so far.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::Relaxed)
    }

    /// Changes a setting of one side's host, a file below `/proc/sys/net`; a kernel that does not know it has no need of it.
    pub(in crate::lab) fn set(&self, lane: Lane, setting: &str, value: &str) -> Result<(), LabError> {
        let Some(host) = self.host(lane) else { return Ok(()) };
        match host.enter().and_then(|()| set(setting, value)) {
            Err(Errno::NOENT) => Ok(()),
            changed => changed.map_err(|errno| LabError::Host { lane, errno }),
        }
    }

    /// Lets one side's programs send echo requests, those of this process's group.
    pub(in crate::lab) fn allow_echo(&self, lane: Lane) -> Result<(), LabError> {
        let group = rustix::process::getegid().as_raw();
        self.set(lane, "ipv4/ping_group_range", &format!("{group} {group}"))
    }

    /// The router's own address on the client's link.
    pub(in crate::lab) const fn router_addr() -> IpAddr {
        ROUTER_LEFT[0]
    }

    /// Lets the lab itself forward what passes the router, by a rule.
    pub(in crate::lab) fn forward(
        &self,
        rule: impl FnMut(&Passing<'_>) -> Fate + Send + 'static,
    ) -> Result<Forwarder, LabError> {
        let router = self.router.clone().ok_or(LabError::Router(Errno::NODEV))?;
        let side = |own: Card, neighbor: Card| Side { interface: own.name, own: own.mac, neighbor: neighbor.mac };
        let sides = [side(AT_LEFT, AT_CLIENT), side(AT_RIGHT, AT_BEYOND)];
        Forwarder::start(router, sides, Arc::clone(&self.lost), rule).map_err(LabError::Router)
    }
}
