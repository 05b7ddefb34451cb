//! Why things are as they are, in one sentence each.

use crate::analyse::Why;

/// What a lesson says at the moment when something is seen first.
pub(in crate::words) const fn why(why: Why) -> &'static str {
    match why {
        Why::Socket => SOCKET,
        Why::Bind => BIND,
        Why::ReuseAddress => REUSE_ADDRESS,
        Why::Listen => LISTEN,
        Why::PortChosen => PORT_CHOSEN,
        Why::DatagramConnect => DATAGRAM_CONNECT,
        Why::Waits => WAITS,
        Why::NewSocket => NEW_SOCKET,
        Why::SendBuffer => SEND_BUFFER,
        Why::TimeLimit => TIME_LIMIT,
        Why::EndOfStream => END_OF_STREAM,
        Why::KeepAlive => KEEP_ALIVE,
        Why::Loopback => LOOPBACK,
        Why::PortNumbers => PORT_NUMBERS,
        Why::ThreeMessages => THREE_MESSAGES,
        Why::ChecksumLeftOut => CHECKSUM_LEFT_OUT,
        Why::FourMessages => FOUR_MESSAGES,
        Why::TimeWait => TIME_WAIT,
        Why::Datagrams => DATAGRAMS,
        Why::DatagramHeader => DATAGRAM_HEADER,
        Why::Window => WINDOW,
        Why::Repetition => REPETITION,
    }
}

const SOCKET: &str = "\
    A socket is a number in the process's table of descriptors, the border between the program (application) and the \
    kernel, which does all that lies below: TCP or UDP, IP, the network card.";

const BIND: &str = "\
    A server must have a port that its clients know beforehand, so it binds one; the address says where it can be \
    reached: 127.0.0.1 from this host alone, 0.0.0.0 (in Python \"\") on all addresses of this host.";

const REUSE_ADDRESS: &str = "\
    Servers set it before bind() because TIME-WAIT would keep the port of their last run for 60 s; on Linux it helps \
    only if the socket of that run had it set too, so they set it from the start.";

const LISTEN: &str = "\
    From now on the kernel answers SYNs by itself; the number says how many finished connections may wait for \
    accept().";

const PORT_CHOSEN: &str = "\
    This client has not called bind(): within connect() the kernel gives it a free port, on Linux one from 32768 to \
    60999 (ip_local_port_range), and takes it back after the close.";

const DATAGRAM_CONNECT: &str = "\
    Over UDP connect() sends nothing and opens nothing: only TCP has connections; the kernel merely notes whom the \
    datagrams go to and come from.";

const WAITS: &str = "\
    The call blocks: the program sleeps, without using the processor, until a packet brings what it waits for.";

const NEW_SOCKET: &str = "\
    accept() gives a new socket for this one client, on the server's same port; the listening socket stays for the \
    next client and never carries data.";

const SEND_BUFFER: &str = "\
    send() says how many bytes the kernel has copied to its send buffer; when they leave, and in how many segments, \
    is for the kernel to say.";

const TIME_LIMIT: &str = "\
    EAGAIN is how C says that the time of SO_RCVTIMEO was up; Python's settimeout() raises socket.timeout \
    (TimeoutError).";

const END_OF_STREAM: &str = "\
    0 bytes are no empty message: the other side's FIN has come and nothing will follow, so a loop around recv() \
    must end here.";

const KEEP_ALIVE: &str = "\
    The lab asks for a probe after 1 s of silence; unless a program sets it, Linux waits for 2 hours \
    (tcp_keepalive_time).";

const LOOPBACK: &str = "\
    127.0.0.1 and ::1 are this host itself: the packet never reaches a network card, and as the loopback has no \
    Ethernet, the kernel makes up a header whose addresses are all 0.";

const PORT_NUMBERS: &str = "\
    A port says which program of a host is meant; its field has 16 bits, so there are 65536 numbers: up to 1023 for \
    well-known services, which only root may bind, then registered ones, and those that are given out by the kernel.";

const THREE_MESSAGES: &str = "\
    Two messages would not do: the server could not tell that its answer arrived, and would hold a connection open \
    for every SYN, even an old one that came late.";

const CHECKSUM_LEFT_OUT: &str = "\
    TCP and UDP both have a checksum over header and data, and what does not match is thrown away; it is not filled \
    in here because the kernel leaves that to the network card, and this packet meets none.";

const FOUR_MESSAGES: &str = "\
    A connection is two directions, each closed by a FIN and its ACK: so four messages, or three where the other \
    side has nothing more to send and its FIN takes the ACK along.";

const TIME_WAIT: &str = "\
    TIME-WAIT lasts 60 s on Linux (twice the longest life of a segment, says RFC 9293): were this last ACK lost, the \
    FIN would come again, and late segments must not meet a new connection with the same ports.";

const DATAGRAMS: &str = "\
    Voice and video rather lose a datagram than wait for it to come again, so they take UDP; what is lost there \
    stays lost, unless the program itself repeats it.";

const DATAGRAM_HEADER: &str = "\
    IP brings packets from host to host; UDP's 8 bytes add two ports, a length and a checksum, where TCP's 20 and \
    more also number, acknowledge and limit what is sent.";

const WINDOW: &str = "\
    The window is the room that the receiver has left: so many bytes may be under way at once, beyond what is \
    acknowledged, and it slides on with each acknowledgment.";

const REPETITION: &str = "\
    Nobody tells a sender of a loss: it sends again when no acknowledgment has come in time, first after 1 s for a \
    SYN or at least 0.2 s for data, then after twice as long each time.";
