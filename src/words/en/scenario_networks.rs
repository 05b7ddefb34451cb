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

pub(super) const HOPS: &Shown = &Shown {
    title: "one packet at four places: what a router changes, and what stays",
    teaches: &[
        "A router takes a packet out of one frame and puts it into another: the Ethernet addresses are those of each link's two \
         hosts, so the client's frames go to the router, never to the server.",
        "The router took 1 from the TTL (and so had to renew the checksum of the IP header). A packet whose TTL comes to 0 is \
         thrown away: none circles forever.",
        "IP addresses, ports, sequence numbers and bytes arrived as they left: to TCP and to the programs the router is not \
         there at all.",
        "ARP asked for 192.0.2.254, the router, not for the server: whoever is in another network is reached through the \
         default route.",
    ],
};

pub(super) const UDP_LOSS: &Shown = &Shown {
    title: "a datagram is lost on the way, and stays lost",
    teaches: &[
        "The router threw the second datagram away. Nobody was told: sendto() had succeeded, and the server's second recvfrom() \
         got the third message.",
        "UDP has no numbers and no acknowledgments, so neither kernel can know that one is missing, and none is sent again. \
         Where that matters, the programs number their messages and ask again.",
        "Each message that did arrive is whole: a datagram is lost or arrives, never in part.",
    ],
};

pub(super) const UDP_REORDER: &Shown = &Shown {
    title: "a datagram overtakes another: they are received in the order in which they arrive",
    teaches: &[
        "The router let the third datagram by before the second. The server received one, six, two: in the order in which \
         they came, not in the order in which they were sent.",
        "UDP hands over what arrives, when it arrives. TCP would have kept the third back until the second was there: its \
         sequence numbers say what is missing.",
    ],
};
