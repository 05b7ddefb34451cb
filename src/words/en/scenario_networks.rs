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

pub(super) const CHECKSUM: &Shown = &Shown {
    title: "checksums: right, damaged on the way, and left to the card; what TCP and UDP make of it",
    teaches: &[
        "The sender's kernel puts a sum over all bytes into the header, TCP's and UDP's alike: UDP does have a checksum. The \
         receiver reckons again, and throws away what does not fit, without a word.",
        "The router changed one bit of the message wrong, once over TCP and once over UDP. To TCP it was a lost segment: no \
         acknowledgment came, so it was sent again. Over UDP it was gone: the server received right, then after.",
        "With checksum offload (ethtool -K client tx on) the kernel leaves the sum to the card. A capture on the sending host \
         then shows a checksum that is not filled in, and nothing is wrong: behind the router, where a link has no offload, it is \
         right.",
        "16 bits are a weak guard: damage can cancel out. Who must be sure adds a stronger sum of his own, as TLS does.",
    ],
};

pub(super) const FIREWALL: &Shown = &Shown {
    title: "a firewall judges by the destination port: DROP is silence, REJECT says no",
    teaches: &[
        "Port 8888 was let through. To 8889 the firewall drops: no answer at all, so the client's kernel sends the SYN again, \
         after 1 s and then after 2 s more, doubling each time, and a connect() that waits gives up after some two minutes.",
        "Newer kernels first repeat the SYN four times every second; here that is turned off on the client (the setting \
         net.ipv4.tcp_syn_linear_timeouts is 0), so that the doubling is seen at once.",
        "To 8890 the firewall rejects with an ICMP message, administratively prohibited: connect() fails at once, with \
         EHOSTUNREACH. To 8891 it rejects with a RST in the server's name: ECONNREFUSED, as if nobody listened.",
        "Only the destination port differs; whether the server listens there makes no difference, for it never saw those SYNs. \
         A time-out points to a packet filter on the way, a refusal mostly to a server that is not running.",
    ],
};

pub(super) const REORDERING: &Shown = &Shown {
    title: "a segment overtakes another: a duplicate ACK with SACK, and no byte lost",
    teaches: &[
        "The second segment took 3 ms longer, and the third arrived first. The server could not acknowledge it: it said again \
         what it waited for (a duplicate ACK), and named in a SACK block what lay beyond the gap.",
        "When the second came, one acknowledgment covered both. Nothing was sent again: it takes three duplicate ACKs, or more \
         time, until the sender believes in a loss.",
        "The program noticed nothing: recv() returned the bytes in the order in which they were sent. Sequence numbers put the \
         stream together, whatever way its parts take.",
    ],
};

pub(super) const CONGESTION: &Shown = &Shown {
    title: "slow start: flights of 10, 20, 40 segments; one loss, and fast retransmit",
    teaches: &[
        "The program sent everything in one call. The kernel let only 10 segments go, and waited a round trip of 100 ms for the \
         acknowledgments: nobody knows yet how much the way can take.",
        "Each acknowledged segment lets one more go, so a flight is twice as large as the one before: 10, 20, 40. That is slow \
         start; the limit is the congestion window, which the sender keeps for itself and no header tells.",
        "The router threw away segment 45. The receiver acknowledged what it had again and again, with SACK blocks for what came \
         behind the gap; after three of those the sender repeated the one segment at once: fast retransmit, without a time-out.",
        "A loss is taken as a sign of congestion: from there on the window was halved. The client was told to do as RFC 5681 says \
         (TCP_CONGESTION: reno); other algorithms, as cubic and bbr, go on differently.",
    ],
};

pub(super) const DEAD_PEER: &Shown = &Shown {
    title: "the peer's host vanishes: time-outs that double, ETIMEDOUT, and keep-alive",
    teaches: &[
        "From one moment on the router threw everything away, as if the server's host had lost its power. Nobody says goodbye \
         then: there is no FIN and no RST.",
        "Who sends hears of it: the kernel sent the same segment again and again, with time-outs that double, and at last \
         failed recv() with ETIMEDOUT. TCP_USER_TIMEOUT made that 1.5 s here; by itself Linux tries 15 times, some 15 minutes \
         (net.ipv4.tcp_retries2).",
        "Who only waits hears nothing: nothing is sent, so nothing can be missed. With SO_KEEPALIVE the kernel probed after a \
         second of silence (TCP_KEEPIDLE; by itself after two hours), and gave up after two probes without an answer, with a RST \
         that nobody heard.",
        "A program with neither, that sends nothing, waits for ever: hence time-outs and heartbeats.",
    ],
};

pub(super) const NAME: &Shown = &Shown {
    title: "a name is looked up, DNS over UDP, and then its address connected to",
    teaches: &[
        "connect() takes an address, not a name. So the name comes first: a question to a name server, one datagram to port 53, \
         and one datagram back with the address.",
        "Question and answer belong together by their identification, for UDP knows no connection. A program calls getaddrinfo(), \
         and a library in it does what is seen here.",
        "Only the handshake that follows has to do with the server itself. An address may be kept for as long as its record's \
         TTL says, here a minute; that TTL has nothing to do with that of the IP header.",
    ],
};

pub(super) const PING: &Shown = &Shown {
    title: "ping: ICMP echo request and reply, with identifier and sequence number, and without a port",
    teaches: &[
        "An echo request asks whether a host is there; its kernel answers by itself, with the same bytes. No program of the \
         server was asked, and none has to run.",
        "ICMP lies directly in IP and has no ports. Which answer belongs to which question, identifier and sequence number tell: \
         the identifier names the asking program, the sequence number its question.",
        "The round trip is the time from the question to its answer. The TTL of the answer came down from 64 to 63: one router \
         lies between the hosts.",
        "An answer says that the host is there, not that a server runs on it; and no answer may also mean that a firewall throws \
         ICMP away.",
    ],
};
