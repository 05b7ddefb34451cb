//! What the scenarios of the lab show: a line each, and the sentences that the packets of a run prove.

use super::scenario_networks as networks;
use super::shown::Shown;
use crate::model::ScenarioKey;

/// What a scenario shows.
pub(in crate::words) const fn scenario(key: ScenarioKey) -> &'static Shown {
    match key {
        ScenarioKey::Echo => &ECHO,
        ScenarioKey::Handshake => &HANDSHAKE,
        ScenarioKey::Blocking => &BLOCKING,
        ScenarioKey::ServerClose => &SERVER_CLOSE,
        ScenarioKey::HalfClose => &HALF_CLOSE,
        ScenarioKey::Reset => &RESET,
        ScenarioKey::Refused => &REFUSED,
        ScenarioKey::PortInUse => &PORT_IN_USE,
        ScenarioKey::ManyClients => &MANY_CLIENTS,
        ScenarioKey::ListenerClosed => &LISTENER_CLOSED,
        ScenarioKey::Backlog => &BACKLOG,
        ScenarioKey::OneAtATime => &ONE_AT_A_TIME,
        ScenarioKey::Timeout => &TIMEOUT,
        ScenarioKey::BusyLoop => &BUSY_LOOP,
        ScenarioKey::HalfRead => &HALF_READ,
        ScenarioKey::PartialRead => &PARTIAL_READ,
        ScenarioKey::UdpTooLarge => &UDP_TOO_LARGE,
        ScenarioKey::Buffers => &BUFFERS,
        ScenarioKey::SendAll => &SEND_ALL,
        ScenarioKey::Nagle => &NAGLE,
        ScenarioKey::Retransmit => &RETRANSMIT,
        ScenarioKey::SynLost => &SYN_LOST,
        ScenarioKey::KeepAlive => &KEEP_ALIVE,
        ScenarioKey::HttpShort => &HTTP_SHORT,
        ScenarioKey::HttpKeepAlive => &HTTP_KEEP_ALIVE,
        ScenarioKey::Pipelining => &PIPELINING,
        ScenarioKey::BigSegments => &BIG_SEGMENTS,
        ScenarioKey::SelfConnect => &SELF_CONNECT,
        ScenarioKey::Gbk => &GBK,
        ScenarioKey::Encapsulation => &ENCAPSULATION,
        ScenarioKey::TwoHosts => networks::TWO_HOSTS,
        ScenarioKey::Hops => networks::HOPS,
        ScenarioKey::Ping => networks::PING,
        ScenarioKey::UdpLoss => networks::UDP_LOSS,
        ScenarioKey::UdpReorder => networks::UDP_REORDER,
        ScenarioKey::Checksum => networks::CHECKSUM,
        ScenarioKey::Firewall => networks::FIREWALL,
        ScenarioKey::Reordering => networks::REORDERING,
        ScenarioKey::Congestion => networks::CONGESTION,
        ScenarioKey::DeadPeer => networks::DEAD_PEER,
        ScenarioKey::Name => networks::NAME,
    }
}

const ECHO: Shown = Shown {
    title: "upper-case echo over TCP and UDP, ended by `exit`",
    teaches: &[
        "TCP takes a handshake to begin, acknowledges every segment, and closes each direction on its own: four more \
         segments, begun by the client, which then holds TIME-WAIT.",
        "UDP has none of that: a datagram there, a datagram back.",
    ],
};

const HANDSHAKE: Shown = Shown {
    title: "connect() and accept(): three segments, done before accept() is called",
    teaches: &[
        "connect() makes three segments: SYN j, then SYN k with ACK j+1, then ACK k+1. None of them carries data.",
        "The states are SYN-SENT and SYN-RECEIVED in RFC 9293; netstat, ss and many texts write SYN_SENT, SYN_SEND and SYN_RECV \
         for the same.",
        "The kernel finished the handshake by itself: both ends were ESTABLISHED before the server called accept(), which \
         only takes the finished connection from a queue.",
    ],
};

const BLOCKING: Shown = Shown {
    title: "accept() and recv() wait, and the packet that ends each wait; descriptors, and the client's port",
    teaches: &[
        "accept() and recv() had been called before there was anything for them: the program slept in them, and the packet that \
         it waited for woke it.",
        "socket() gave the server descriptor 3, which listens; accept() gave another, 4, for this one client, and all data go \
         over that. Descriptor 5 is the client's, as both sides are one process here; programs of their own count for \
         themselves.",
        "The client called no bind(): the kernel chose its port within connect(), and accept() tells the server which.",
    ],
};

const SERVER_CLOSE: Shown = Shown {
    title: "the server closes first, and TIME-WAIT is the server's",
    teaches: &[
        "Whoever sends the first FIN ends in TIME-WAIT: here the server.",
        "The client learns of it when recv() returns 0 bytes; until it closes too, it is in CLOSE-WAIT.",
    ],
};

const HALF_CLOSE: Shown = Shown {
    title: "shutdown(SHUT_WR): one direction ends, data still flow the other way",
    teaches: &[
        "A connection is two directions, and each is closed by a FIN of its own.",
        "After shutdown(SHUT_WR) the client can still receive: the server reads to the end, then answers with two messages.",
        "close() sent no second FIN for the direction that shutdown() had closed.",
    ],
};

const RESET: Shown = Shown {
    title: "RST instead of FIN: SO_LINGER of 0 s, and closing with unread data",
    teaches: &[
        "With SO_LINGER of 0 s close() sends RST instead of FIN: no farewell, no TIME-WAIT.",
        "A server that closes while data lie unread sends RST too, for those data are lost.",
        "The other end's next recv() fails with ECONNRESET.",
    ],
};

const REFUSED: Shown = Shown {
    title: "a closed port: TCP answers RST, UDP gets an ICMP port unreachable",
    teaches: &[
        "A SYN to a port where nobody listens is answered with RST, and connect() fails with ECONNREFUSED.",
        "UDP has no word for no: the kernel answers with ICMP port unreachable, which quotes the datagram it is about.",
        "send() had succeeded all the same: a connected UDP socket hears of the refusal at its next call, here recv().",
    ],
};

const PORT_IN_USE: Shown = Shown {
    title: "EADDRINUSE: a second bind(), a bind() into TIME-WAIT, and SO_REUSEADDR",
    teaches: &[
        "While one socket listens on a port, bind() of another fails with EADDRINUSE, SO_REUSEADDR or not. Only sockets that all \
         set SO_REUSEPORT may share an address, a port and a transport; the same number over UDP, or at another address of this \
         host, is another port.",
        "After the server has closed first, TIME-WAIT holds the port, on Linux for 60 s: a bind() without SO_REUSEADDR still \
         fails, though no program has the port any more.",
        "With SO_REUSEADDR the server can start again at once. On Linux that takes two: the old socket must have had it set as \
         well, so servers set it from their first start.",
    ],
};

const MANY_CLIENTS: Shown = Shown {
    title: "one listening port, three clients at once, a thread for each",
    teaches: &[
        "All three connections share the server's port 8888: what tells them apart is the client's port, one of the five \
         values (protocol, two addresses, two ports) that name a connection.",
        "accept() gives a new socket for each connection; the listening socket itself never carries data.",
        "With a thread for each client, the third is served before the first has said a word.",
    ],
};

const LISTENER_CLOSED: Shown = Shown {
    title: "the listening socket is closed: new clients are refused, accepted connections live on",
    teaches: &[
        "Closing the listening socket ends no accepted connection: the first client still got its answer.",
        "A client that was connected but not accepted yet was reset: its connection belonged to the listening socket's queue.",
        "A new SYN met a port where nobody listens any more: RST, and connect() fails with ECONNREFUSED.",
    ],
};

const BACKLOG: Shown = Shown {
    title: "listen(1) and a server slow to accept: handshakes queue, then SYNs go unanswered",
    teaches: &[
        "The kernel completes handshakes without accept() and queues the connections; Linux queues one more than listen() \
         asks for, here two.",
        "When the queue is full a SYN is not refused but ignored, and the client's kernel sends it again after a second; by \
         then accept() had made room, 300 ms after the first try.",
        "accept() takes the connections in the order in which their handshakes were completed.",
    ],
};

const ONE_AT_A_TIME: Shown = Shown {
    title: "a server without threads: the second client is connected long before it is accepted",
    teaches: &[
        "The second client was connected, and its message acknowledged, while the server was busy with the first: that is \
         the kernel's work, not the program's.",
        "An acknowledgment says that the other kernel has the bytes. It does not say that a program has read them: the \
         answer OK came only after accept(), half a second later.",
    ],
};

const TIMEOUT: Shown = Shown {
    title: "the server gives up on a silent client, after a second, or as long as it is told",
    teaches: &[
        "TCP itself never tires: an idle connection sends nothing at all, however long it lasts.",
        "The time-out is the server's own: recv() failed with EAGAIN after SO_RCVTIMEO, and the server closed first.",
        "The client learns of it when its recv() returns 0 bytes.",
    ],
};

const BUSY_LOOP: Shown = Shown {
    title: "a server that loops on recv() = 0 bytes: a client left without a word, and no packet tells of the spinning",
    teaches: &[
        "The client closed without saying exit. From then on recv() returned 0 bytes, at once and every time, so a loop that \
         only waits for exit never ends; the lab ended it after five rounds.",
        "On the wire nothing is seen of it: send() of 0 bytes makes no packet. The connection stays in CLOSE-WAIT until the \
         program closes it, however busy it is.",
        "A loop around recv() must end when recv() returns 0 bytes, and then close().",
    ],
};

const HALF_READ: Shown = Shown {
    title: "an exit flag that stays set: the second client is accepted, acknowledged, never read, and reset",
    teaches: &[
        "The flag that the first client's exit had set was still set when the second was accepted: the loop that should read \
         from it was over before it began.",
        "The kernel acknowledged the second client's hello all the same: an acknowledgment does not say that a program reads.",
        "When the third client was accepted, the variable got its socket, and Python closed the second's: with a message \
         unread close() sends RST, so the second client's recv() failed with ECONNRESET.",
        "The flag belongs inside the loop, set to 0 for each client; or the loop simply ends with break.",
    ],
};

const PARTIAL_READ: Shown = Shown {
    title: "recv(4) of 10 bytes: TCP keeps the rest, UDP loses it",
    teaches: &[
        "TCP carried the 10 bytes in one segment, and three recv(4) read them: what is not read stays in the stream.",
        "recvfrom() takes a whole datagram off the queue, whatever there is room for: recvfrom(4) got the first 4 of 10 bytes \
         (MSG_TRUNC says how many there were), the kernel threw the other 6 away, and the next call gets the next datagram.",
    ],
};

const UDP_TOO_LARGE: Shown = Shown {
    title: "how long a datagram can be: 65507 bytes, EMSGSIZE for one more, fragments where the MTU is 1500",
    teaches: &[
        "A datagram has at most 65507 bytes: IP counts its packets up to 65535, of which its own header takes 20 and UDP's 8.",
        "One byte more, and sendto() fails with EMSGSIZE: UDP does not cut a message in two, and nothing leaves.",
        "With an MTU of 1500 IP cuts a datagram of 4000 bytes into three fragments of 1480, 1480 and 1048 bytes (UDP's header \
         is in the first alone); recvfrom() gets it whole. Were one fragment lost, all of it would be.",
    ],
};

const BUFFERS: Shown = Shown {
    title: "send() returns before anybody reads; the window shrinks to zero and opens again",
    teaches: &[
        "send() returns when the kernel has the bytes: both had returned before the server read a single one.",
        "The window is the room left in the receiver's buffer of 4096 bytes: the first 2048 halved it, the next 2048 made it \
         0.",
        "The last 1024 bytes waited in the sender's kernel, which asked with a probe whether the window had opened: it had \
         not.",
        "When the server read, a window update told of the room, and the rest left at once.",
    ],
};

const SEND_ALL: Shown = Shown {
    title: "send() takes a part when the buffer is full, then EAGAIN: what sendall() repeats until all is sent",
    teaches: &[
        "send() of 40000 bytes took a part: what the receiver's buffer and the sender's had room for. It says how many, and the \
         rest is the program's to send again.",
        "With nothing free, send() on a socket that does not wait fails with EAGAIN; one that waits would sleep until the \
         receiver reads.",
        "poll() tells of room, and the next send() takes the next part: Python's sendall() is this loop.",
    ],
};

const NAGLE: Shown = Shown {
    title: "four small messages: held back and joined, sent one by one, and as datagrams",
    teaches: &[
        "Nagle's algorithm sends a small segment only when nothing is unacknowledged: the first message left alone, and \
         the other three waited for its ACK.",
        "The server delayed that ACK for some 40 ms, hoping to send data with it; then the three messages left as one \
         segment of 6 bytes, and recv() could not tell them apart.",
        "With TCP_NODELAY each message left at once, in a segment of its own, though the one before it was not acknowledged: \
         the server still delayed its ACK, until recv() had read all four.",
        "recv() joined them all the same: only UDP promises to keep messages apart.",
    ],
};

const RETRANSMIT: Shown = Shown {
    title: "a lost segment comes again when no acknowledgment does",
    teaches: &[
        "The first segment was lost: the receiving socket was told to let in nothing that left its sender with a TTL below 255 \
         (IP_MINTTL), so the kernel dropped it before its connection saw it. That it is seen here all the same is because the \
         capture stands ahead of the socket.",
        "Nothing tells the sender of the loss. It sent the same bytes with the same sequence number again when no \
         acknowledgment had come within the retransmission time-out, on Linux at least 200 ms.",
        "send() had long returned: repeating is the kernel's work.",
    ],
};

const SYN_LOST: Shown = Shown {
    title: "a lost SYN comes again after a second",
    teaches: &[
        "The first SYN was lost: IP_MINTTL of 255 at the listening socket made the kernel drop it.",
        "No round trip was measured yet, so the kernel waits a whole second before it sends the same SYN again.",
        "A connect() that does not wait says EINPROGRESS; poll() says when the handshake is over.",
    ],
};

const KEEP_ALIVE: Shown = Shown {
    title: "SO_KEEPALIVE: probe and answer, and a program's heartbeat beside it",
    teaches: &[
        "After a second of silence, as the lab had set it (Linux's own default is two hours), the kernel probed: an ACK with the sequence number before the next one. The other kernel \
         acknowledged again; no program noticed.",
        "So a probe proves that the other kernel is there. Whether the program still works, only a heartbeat of its own \
         shows: ping and pong are ordinary data.",
    ],
};

const HTTP_SHORT: Shown = Shown {
    title: "HTTP/1.0: a connection for every request",
    teaches: &[
        "HTTP/1.0 ends a response by closing the connection, so two requests took two handshakes and two farewells.",
        "The server closes first, so the TIME-WAITs pile up on its side.",
    ],
};

const HTTP_KEEP_ALIVE: Shown = Shown {
    title: "HTTP/1.1: two requests on one connection",
    teaches: &[
        "HTTP/1.1 says with Content-Length where a response ends, so the connection can stay open: one handshake, two \
         requests, two responses.",
    ],
};

const PIPELINING: Shown = Shown {
    title: "HTTP/1.1 pipelining: three requests before the first answer, answered in their order",
    teaches: &[
        "The client sent all three requests before it had an answer: it saved two round trips of waiting.",
        "The server read the three in one recv(): only the blank lines tell where a request ends. Answers carry no number, so \
         they must come in the order of the requests.",
    ],
};

const BIG_SEGMENTS: Shown = Shown {
    title: "one large send(): a super-segment with offload on, segments of the MSS with it off",
    teaches: &[
        "With an MTU of 1500 (ioctl(SIOCSIFMTU) on the loopback, whose own is 65536) the ends agree on an MSS of 1460: 1448 \
         bytes of data a segment, as 12 go to the timestamps.",
        "The MTU is no protocol but a size: the longest packet that a link takes.",
        "With segmentation offload the kernel hands one super-segment of 7240 bytes to the link, for the network card to \
         cut; loopback has no card, so it stays whole. A capture on a real machine shows the same.",
        "With offload off (ioctl(SIOCETHTOOL), as ethtool -K does it), the kernel cuts: five segments of 1448 bytes.",
    ],
};

const SELF_CONNECT: Shown = Shown {
    title: "a socket connected to itself: a simultaneous open with one socket",
    teaches: &[
        "A socket bound to the port it connects to meets its own SYN: both ends opened at once, as RFC 9293 §3.5 allows.",
        "So there is no listening socket and no accept(): SYN-SENT became SYN-RECEIVED, and its own SYN,ACK made it \
         ESTABLISHED.",
        "It closed at once on both sides as well: having sent its FIN it received one, and went by way of CLOSING to TIME-WAIT.",
        "What it sends it receives. A program that connects to a port of its own host again and again until somebody listens \
         can meet this by accident.",
    ],
};

const GBK: Shown = Shown {
    title: "the same text in UTF-8 and in GBK: other bytes, other lengths, same transport",
    teaches: &[
        "你好 took 6 bytes in UTF-8 and 4 in GBK: only the application layer knows what the bytes mean.",
        "To TCP both are bytes to carry, six or four of them: no header says which encoding was meant.",
        "So the third receiver, which read the GBK bytes as UTF-8, got rubbish, and none of its calls failed.",
    ],
};

const ENCAPSULATION: Shown = Shown {
    title: "five bytes over TCP and UDP, IPv4 and IPv6: what each layer adds",
    teaches: &[
        "Each layer puts its header before what it is given: Ethernet 14 bytes, IPv4 20 or IPv6 40, TCP 32 (20 and 12 of \
         timestamps) or UDP 8.",
        "OSI counts seven layers: its physical and data link layers are the link here, its network the internet layer, its \
         transport the same, and session, presentation and application are the application's: between that and the transport \
         lies the socket.",
        "Five bytes of payload made frames of 71 bytes over TCP/IPv4, 91 over TCP/IPv6, 47 over UDP/IPv4 and 67 over UDP/IPv6.",
    ],
};
