//! Why a client has no answer, and what to do.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use crate::cli::report::Failure;
use crate::engine::command_line::this_binary;
use crate::lab::PATIENCE;
use crate::model::Transport;

/// What a client that sends by `sendto()` hears of a refusal, and when.
const SENDTO: [&str; 2] = [
    "sendto() had said yes before: it hands the datagram to the kernel, and cannot know whether anybody gets it",
    "recvfrom() hears of the ICMP message because this client set IP_RECVERR; Python's would wait for ever without it",
];

/// That talking to the server failed.
pub(super) fn failure(error: &io::Error, server: SocketAddr, transport: Transport, is_connected: bool) -> Failure {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            let failure = named(error, server).advise(nobody(server));
            let is_sendto = transport == Transport::Udp && !is_connected;
            SENDTO.into_iter().filter(|_| is_sendto).fold(failure, Failure::advise)
        }
        // ETIMEDOUT is the kernel's, and has its own words.
        ErrorKind::WouldBlock => unheard(server, transport),
        _ => named(error, server),
    }
}

/// The error with the names that manual pages and Python have for it.
fn named(error: &io::Error, server: SocketAddr) -> Failure {
    let name = match error.kind() {
        ErrorKind::ConnectionRefused => ": ECONNREFUSED, Python's ConnectionRefusedError",
        ErrorKind::ConnectionReset => ": ECONNRESET, Python's ConnectionResetError",
        ErrorKind::BrokenPipe => ": EPIPE, Python's BrokenPipeError",
        _ => "",
    };
    Failure::saying(format!("talking to {server}: {error}{name}"))
}

fn nobody(server: SocketAddr) -> String {
    match server.port() {
        ..1024 => format!("nobody listens there; `{} echo server` listens on port 8888", this_binary()),
        1024.. => format!("nobody listens there; this would: {} echo server --bind {server}", this_binary()),
    }
}

fn unheard(server: SocketAddr, transport: Transport) -> Failure {
    let call = if transport == Transport::Udp { "recvfrom()" } else { "recv()" };
    let failure = Failure::saying(format!("talking to {server}: no answer came within {} s", PATIENCE.as_secs()))
        .advise(format!("{call} gave EAGAIN, which Python calls socket.timeout (TimeoutError)"));
    match transport {
        Transport::Udp => failure.advise(
            "either datagram may be lost, and nobody sends it again; sendto() cannot know whether anybody got it",
        ),
        Transport::Tcp => failure
            .advise("the server has the message, or its kernel has; the program does not read it, or does not answer")
            .advise("servers that read lines wait for the end of one: --newline sends it"),
    }
}
