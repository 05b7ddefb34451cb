//! Which interface each packet of a capture on `any` came from: its cooked header has the interface's index
//! (LINKTYPE_LINUX_SLL2), and the kernel knows the name.

use std::collections::HashMap;
use std::os::fd::{BorrowedFd, RawFd};

use rustix::net::netdevice;

use super::interface_names::InterfaceNames;
use super::kernel;

/// How many interfaces are told apart; a savefile takes [one more](super::pcapng). Packets of others count as those of
/// number 0.
const MOST: usize = (1 << 16) - 1;

/// Numbers interfaces as packets come from them, from 1: 0 stands for `any` itself.
pub(super) struct Origins {
    numbers: HashMap<u32, u32>,
    /// The index and the number of the last packet's.
    last: (u32, u32),
    /// What interfaces were called when the capture was opened, for those that are gone when their first packet is read.
    before: HashMap<u32, String>,
    names: InterfaceNames,
}

impl Origins {
    /// None so far; `interfaces` are those of the capture's network.
    pub(super) fn new<'n>(
        capture: BorrowedFd<'_>,
        interfaces: impl Iterator<Item = &'n str>,
        names: InterfaceNames,
    ) -> Self {
        let indexed = |name: &str| Some((netdevice::name_to_index(capture, name).ok()?, name.to_owned()));
        // No interface has the index 0.
        Self { numbers: HashMap::new(), last: (0, 0), before: interfaces.filter_map(indexed).collect(), names }
    }

    /// The number of the interface that a packet came from; 0 where too little of its header was kept to tell. `capture`
    /// is open.
    #[inline]
    pub(super) fn number(&mut self, packet: &[u8], capture: RawFd) -> u32 {
        let Some(&[a, b, c, d]) = packet.get(4..8) else { return 0 };
        let index = u32::from_be_bytes([a, b, c, d]);
        if index != self.last.0 {
            self.last = (index, self.look_up(index, capture));
        }
        self.last.1
    }

    #[cold]
    fn look_up(&mut self, index: u32, capture: RawFd) -> u32 {
        if let Some(number) = self.numbers.get(&index) {
            return *number;
        }
        if self.numbers.len() == MOST {
            return 0;
        }
        let number = (self.numbers.len() as u32).saturating_add(1);
        let name = kernel::interface_name(capture, index).or_else(|| self.before.remove(&index));
        self.names.learn(name.as_deref());
        self.numbers.insert(index, number);
        number
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::{AsFd as _, AsRawFd as _};
    use std::os::unix::net::UnixDatagram;

    use super::*;

    /// The beginning of a cooked header.
    fn header(index: u32) -> Vec<u8> {
        [&[8, 0, 0, 0][..], &index.to_be_bytes(), &[0; 12]].concat()
    }

    #[test]
    fn interfaces_are_numbered_as_packets_come_from_them_and_have_the_kernels_names() {
        let socket = UnixDatagram::unbound().unwrap();
        let lo = netdevice::name_to_index(&socket, "lo").unwrap();
        let mut names = InterfaceNames::default();
        names.learn(Some("any"));
        let mut origins = Origins::new(socket.as_fd(), ["lo", "any", "no such"].into_iter(), names.clone());
        assert_eq!(origins.before, HashMap::from([(lo, "lo".to_owned())]));
        // One that was there when the capture was opened, and is gone.
        origins.before.insert(900_000, "gone0".to_owned());
        let mut number = |index| origins.number(&header(index), socket.as_raw_fd());
        let indexes = [800_000, lo, lo, 900_000, 800_000, lo];
        assert_eq!(indexes.map(&mut number), [1, 2, 2, 3, 1, 2]);
        let known = [0, 1, 2, 3, 4].map(|number| names.of(number).map(str::to_owned));
        assert_eq!(known, [Some("any"), None, Some("lo"), Some("gone0"), None].map(|name| name.map(str::to_owned)));
        assert_eq!(origins.number(&header(lo)[..7], socket.as_raw_fd()), 0, "the header was cut");
        assert_eq!(origins.number(&[], socket.as_raw_fd()), 0);
    }

    #[test]
    fn no_more_interfaces_are_told_apart_than_a_savefile_takes() {
        let socket = UnixDatagram::unbound().unwrap();
        let mut origins = Origins::new(socket.as_fd(), std::iter::empty(), InterfaceNames::default());
        let mut number = |index| origins.number(&header(1_000_000 + index), socket.as_raw_fd());
        let last = MOST as u32;
        assert_eq!((0..last).map(&mut number).max(), Some(last));
        assert_eq!([number(last), number(last + 1), number(last - 1)], [0, 0, last]);
    }
}
