//! Why a client has no answer, and what to do.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use crate::cli::report::Failure;
use crate::engine::command_line::this_binary;
use crate::lab::PATIENCE;
use crate::model::Transport;

/// What a client that sends by `sendto()` hears of a refusal, and when.
const SENDTO: &str = "sendto() had said yes before: it hands the datagram to the kernel, and cannot know whether anybody \
                      gets it. recvfrom() hears of the ICMP message because this client set IP_RECVERR; without that, as in \
                      Python's sendto() and recvfrom(), it would wait for ever";

/// That talking to the server failed.
pub(super) fn failure(error: &io::Error, server: SocketAddr, transport: Transport, is_connected: bool) -> Failure {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            let failure = Failure::saying(format!("talking to {server}: {error}")).advise(nobody(server));
            if transport == Transport::Udp && !is_connected { failure.advise(SENDTO) } else { failure }
        }
        // ETIMEDOUT is the kernel's, and has its own words.
        ErrorKind::WouldBlock => unheard(server, transport),
        _ => Failure::saying(format!("talking to {server}: {error}")),
    }
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
        Transport::Tcp => failure.advise(
            "the server has the message, or its kernel has; the program does not read it, or does not answer. Servers that \
             read lines wait for the end of one: --newline sends it",
        ),
    }
}
