//! What HOST:PORT stands for: a name is looked up, and one of its addresses is taken.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};

/// An address for a name, and those that were not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub(crate) taken: SocketAddr,
    pub(crate) others: Vec<SocketAddr>,
    /// Whether it was looked up, not written.
    pub(crate) is_name: bool,
}

/// The addresses of HOST:PORT. No host is every address of this machine, as `""` is for Python's `bind()`.
///
/// # Errors
///
/// `InvalidInput` where it is not written so, `NotFound` where the name has no address, or what the resolver says.
pub(crate) fn resolve(text: &str) -> io::Result<Resolved> {
    if let Some(port) = text.strip_prefix(':').and_then(|port| port.parse().ok()) {
        let taken = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        return Ok(Resolved { taken, others: Vec::new(), is_name: false });
    }
    let is_name = text.parse::<SocketAddr>().is_err();
    choose(text.to_socket_addrs()?, is_name).ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// An IPv4 address comes first: `AF_INET` is what introductions to sockets use.
fn choose(found: impl Iterator<Item = SocketAddr>, is_name: bool) -> Option<Resolved> {
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in found {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses.sort_by_key(SocketAddr::is_ipv6);
    let mut rest = addresses.into_iter();
    rest.next().map(|taken| Resolved { taken, others: rest.collect(), is_name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_is_taken_and_the_others_are_kept() {
        let found = ["[::1]:8888", "127.0.0.1:8888", "[::1]:8888"].map(|address| address.parse().unwrap());
        let chosen = choose(found.into_iter(), true).unwrap();
        assert_eq!((chosen.taken, chosen.others), (found[1], vec![found[0]]));
        assert_eq!(choose([].into_iter(), true), None);
    }

    #[test]
    fn no_host_is_every_address() {
        assert_eq!(resolve(":8888").unwrap().taken, "0.0.0.0:8888".parse().unwrap());
        assert!(!resolve("127.0.0.1:1").unwrap().is_name);
        for wrong in ["", ":", "8888", "localhost", ":99999", "127.0.0.1:x"] {
            assert!(resolve(wrong).is_err(), "{wrong}");
        }
    }
}
