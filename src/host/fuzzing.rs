//! What the fuzz targets reach of this module's insides. It is compiled for them (`cfg(fuzzing)`) and for the tests alone.

#[cfg(feature = "cli")]
use std::net::IpAddr;

use super::process;
#[cfg(feature = "cli")]
use super::{names, reverse_dns};

/// Reads what a kernel could answer over netlink, as the search for processes does: how many messages there are, and how
/// many of them describe a socket.
#[must_use]
pub fn netlink(bytes: &[u8]) -> (usize, usize) {
    let (mut messages, mut sockets) = (0, 0);
    process::read_all(bytes, |body| {
        messages += 1;
        sockets += usize::from(process::is_socket(body));
    });
    (messages, sockets)
}

/// What `/etc/hosts` and `/etc/resolv.conf` would say if this stood in them: hosts with names, and how many name servers.
#[cfg(feature = "cli")]
#[must_use]
pub fn resolver_files(text: &str) -> (Vec<(IpAddr, &str)>, usize) {
    names::resolver_files(text)
}

/// The name that a name server's message gives to an address.
#[cfg(feature = "cli")]
#[must_use]
pub fn name_of(message: &[u8], address: IpAddr) -> Option<String> {
    reverse_dns::name_of(message, address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_an_answer_of_the_kernel() {
        assert_eq!(netlink(&[0xff; 40]), (0, 0));
        assert_eq!(netlink(&[16_u32.to_ne_bytes(), [0; 4], [0; 4], [0; 4]].concat()), (1, 0));
    }
}
