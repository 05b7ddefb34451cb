//! What happens to the echo programs.

use std::fmt::{self, Formatter};
use std::io::ErrorKind;
use std::net::SocketAddr;

use crate::model::{Happening, Transport};

/// Behind whom it happens with: `said 6 B "hello\n"`.
pub(in crate::words) fn happening(
    what: Happening<'_>,
    quoted: &impl Fn(&[u8]) -> String,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    match what {
        Happening::Listening => write!(f, "is open and waits for clients; Ctrl-C ends"),
        Happening::Waiting { clients: 0 } => write!(f, "waits for the next client"),
        Happening::Waiting { clients: 1 } => write!(f, "waits for the next client; 1 is connected"),
        Happening::Waiting { clients } => write!(f, "waits for the next client; {clients} are connected"),
        Happening::Connected => write!(f, "connected"),
        Happening::Said(bytes) => write!(f, "said {} B \"{}\"", bytes.len(), quoted(bytes)),
        Happening::Unreadable { encoding } => {
            write!(f, "sent bytes that are not {encoding}; they are answered as they are")
        }
        Happening::InPieces { room } => {
            write!(
                f,
                "sent a message longer than the buffer of {room} B: recv() takes it, and it is answered, in pieces"
            )
        }
        Happening::CutOff { room, of } => write!(f, "sent a datagram longer than the buffer: {}", cut_off(room, of)),
        Happening::Answered(bytes) => write!(f, "was answered {} B \"{}\"", bytes.len(), quoted(bytes)),
        Happening::Left => write!(f, "said exit and is done"),
        Happening::Closed => write!(f, "closed the connection: recv() gave 0 bytes"),
        Happening::Silent(time) => write!(
            f,
            "was silent for {} s: recv() gave EAGAIN, which Python calls socket.timeout (TimeoutError); closed",
            time.as_secs_f32()
        ),
        Happening::Unread => write!(f, "did not read its answers: send() gave EAGAIN; closed"),
        Happening::Lost(error) if error.kind() == ErrorKind::ConnectionReset => {
            write!(f, "is lost: {error}: ECONNRESET, Python's ConnectionResetError")
        }
        Happening::Lost(error) => write!(f, "is lost: {error}"),
        Happening::Unaccepted(error) => write!(f, "could not be served: {error}"),
    }
}

/// `TCP 127.0.0.1:8888: each line is a message; exit or an empty line ends`
pub(in crate::words) fn conversation_begins(transport: Transport, server: SocketAddr, exit: &str) -> String {
    format!("{} {server}: each line is a message; {exit} or an empty line ends", transport.name())
}

/// Ahead of the reason.
pub(in crate::words) fn not_sent(why: &str) -> String {
    format!("not sent: {why}")
}

/// What an answer without a byte means.
pub(in crate::words) fn closed(server: SocketAddr) -> String {
    format!("{server} closed the connection: recv() gave 0 bytes")
}

/// `sent 5 B to 127.0.0.1:8888`
pub(in crate::words) fn sent(bytes: usize, to: SocketAddr) -> String {
    format!("sent {bytes} B to {to}")
}

/// `got 5 B from 127.0.0.1:8888: `
pub(in crate::words) fn got(bytes: usize, from: SocketAddr) -> String {
    format!("got {bytes} B from {from}: ")
}

/// Behind bytes that are no text.
pub(in crate::words) fn unreadable(encoding: &str) -> String {
    format!("these bytes are not {encoding}: the server speaks another encoding, or a character was cut")
}

/// What became of a datagram that was too long.
pub(in crate::words) fn cut_off(room: usize, of: usize) -> String {
    format!("recvfrom() took {room} of its {of} B, and the rest is lost")
}

/// Who answered in the place of another.
pub(in crate::words) fn from_elsewhere(from: SocketAddr, asked: SocketAddr) -> String {
    format!("this came from {from}, not from {asked}: sendto() and recvfrom() take datagrams of everybody")
}

/// Behind the name of a peer that got a FIN and sent none, and whose program `spins` or not as far as is known.
pub(in crate::words) const fn left_open(spins: bool) -> &'static str {
    if spins {
        "has not closed its side and is busy all the time: it is in CLOSE-WAIT, where recv() gives 0 bytes at once. Its loop \
         takes them for a message and never ends; nothing of it is on the wire, for send() of 0 bytes makes no packet"
    } else {
        "has not closed its side: it is in CLOSE-WAIT, where recv() gives 0 bytes at once, until it calls close(). A loop \
         that takes 0 bytes for a message never ends, and is not seen on the wire: send() of 0 bytes makes no packet"
    }
}
