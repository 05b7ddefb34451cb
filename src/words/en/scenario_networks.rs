//! What the scenarios show that are played between hosts of their own.

use super::shown::Shown;

pub(super) const TWO_HOSTS: &Shown = &Shown {
    title: "client and server on hosts of their own: ARP, then the handshake, with every checksum filled in",
    teaches: &[
        "IP addresses name hosts anywhere; a frame needs the Ethernet address of a host on its own link. ARP asks for it: who \
         has 192.0.2.2? Everybody on the link hears the question, for it goes to ff:ff:ff:ff:ff:ff; who has it answers.",
        "Only then did the SYN leave: connect() waited for ARP without a call of its own. Later packets did not ask again, for \
         the kernel remembers its neighbors (ip neigh shows them).",
        "Client and server have different IP addresses here, and different Ethernet addresses. On loopback both ends have \
         127.0.0.1, and Ethernet addresses of zeros: there is no card.",
        "The checksums are right, filled in by the kernel: the offload to the card is turned off on both ends, as ethtool -K \
         does it. On loopback nobody fills them in.",
    ],
};
