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
        let number = self.numbers.len() as u32 + 1;
        let name = kernel::interface_name(capture, index).or_else(|| self.before.remove(&index));
        self.names.learn(name.as_deref());
        self.numbers.insert(index, number);
        number
    }
}
