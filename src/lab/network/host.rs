//! A host of the lab: a network namespace, which threads enter to make sockets there.

use std::fs::{self, File};
use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketType, netdevice, socket};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

use crate::lab::kernel::{set_offload, unshare};
use crate::lab::namespace::NamespaceError;
use crate::lab::offload::{CHECKSUMS, SEGMENTATION};
use crate::lab::rtnetlink::{End, give_address, join, keep_quiet, raise, route_everything};

/// A host: a network namespace of its own.
#[derive(Clone, Debug)]
pub struct Host {
    namespace: Arc<OwnedFd>,
}

/// An interface of a host.
#[derive(Clone, Copy, Debug)]
pub(super) struct Card {
    pub(super) name: &'static str,
    pub(super) mac: [u8; 6],
    /// Its addresses, and how many bits of them name the network.
    pub(super) addresses: [(IpAddr, u8); 2],
    /// Its address on the link alone, without which IPv6 passes nothing on: a router asks for neighbours by that.
    pub(super) link_local: Option<IpAddr>,
}

impl Host {
    /// The host that this thread is in.
    pub(super) fn here() -> Result<Self, NamespaceError> {
        let path = "/proc/thread-self/ns/net";
        let namespace = File::open(path).map_err(|source| NamespaceError::Setting { path: path.to_owned(), source })?;
        Ok(Self { namespace: Arc::new(namespace.into()) })
    }

    /// A new host, which this thread then is in.
    pub(super) fn new() -> Result<Self, NamespaceError> {
        unshare(UnshareFlags::NEWNET).map_err(failed("a host of the lab could not be made"))?;
        Self::here()
    }

    /// Moves this thread to the host: the sockets that it makes from now on are the host's.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn enter(&self) -> Result<(), Errno> {
        move_into_link_name_space(self.namespace.as_fd(), Some(LinkNameSpaceType::Network))
    }

    /// Moves this thread to the host, where the network is made or captured.
    ///
    /// # Errors
    ///
    /// [`NamespaceError`] with what the kernel said.
    pub fn visit(&self) -> Result<(), NamespaceError> {
        self.enter().map_err(failed("a host of the lab could not be entered"))
    }

    /// Joins two hosts with a cable, so to speak: a card at each end. Their packets are whole, with every checksum filled in, and
    /// no segment is longer than a frame.
    pub(super) fn connect(&self, card: Card, other: &Self, peer: Card) -> Result<(), NamespaceError> {
        self.visit()?;
        let end = |card: Card| End { name: card.name, mac: card.mac };
        join(end(card), end(peer), other.namespace.as_fd())
            .map_err(failed("two hosts of the lab could not be joined"))?;
        self.set_up(card)?;
        other.set_up(peer)
    }

    fn set_up(&self, card: Card) -> Result<(), NamespaceError> {
        self.visit()?;
        prepare(card).map_err(failed("an interface of the lab could not be set up"))
    }

    /// Sends what is for others to a router.
    pub(super) fn route_through(&self, routers: [IpAddr; 2]) -> Result<(), NamespaceError> {
        self.visit()?;
        routers.into_iter().try_for_each(route_everything).map_err(failed("a route of the lab could not be made"))
    }

    /// Makes a router of it.
    pub(super) fn become_router(&self) -> Result<(), NamespaceError> {
        self.visit()?;
        self.forward(true).map_err(failed("a host of the lab could not be made a router"))
    }

    /// Whether it passes on what is for others. This thread must be on the host.
    pub(super) fn forward(&self, on: bool) -> Result<(), Errno> {
        let value = if on { "1" } else { "0" };
        ["ipv4/ip_forward", "ipv6/conf/all/forwarding"].into_iter().try_for_each(|setting| set(setting, value))
    }
}

/// Changes a setting of the host that this thread is on, a file below `/proc/sys/net`.
pub(in crate::lab) fn set(setting: &str, value: &str) -> Result<(), Errno> {
    fs::write(format!("/proc/sys/net/{setting}"), value)
        .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
}

fn prepare(card: Card) -> Result<(), Errno> {
    let any = socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    for (_, switch) in SEGMENTATION {
        set_offload(any.as_fd(), card.name, switch, false)?;
    }
    set_offload(any.as_fd(), card.name, CHECKSUMS, false)?;
    let index = netdevice::name_to_index(&any, card.name)?;
    keep_quiet(index)?;
    raise(index)?;
    let link_local = card.link_local.map(|addr| (addr, 64));
    card.addresses.into_iter().chain(link_local).try_for_each(|(addr, prefix)| give_address(index, addr, prefix))
}

fn failed(what: &'static str) -> impl Fn(Errno) -> NamespaceError {
    move |errno| NamespaceError::Network { what, errno: io::Error::from(errno) }
}
