//! A socket that is its own peer.

use super::definition::Scenario;
use super::place::{Lab, SERVER};
use crate::lab::LabError;
use crate::model::Transport;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "self-connect",
    title: "a socket connected to itself: a simultaneous open with one socket",
    teaches: &[
        "A socket bound to the port it connects to meets its own SYN: both ends opened at once, as RFC 9293 §3.5 allows.",
        "So there is no listening socket and no accept(): SYN-SENT became SYN-RECEIVED, and its own SYN,ACK made it \
         ESTABLISHED.",
        "It closed at once on both sides as well: having sent its FIN it received one, and went by way of CLOSING to TIME-WAIT.",
        "What it sends it receives. A program that connects to a port of its own host again and again until somebody listens \
         can meet this by accident.",
    ],
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let mut socket = lab.client(Transport::Tcp)?;
    socket.reuse_address()?;
    socket.bind(SERVER)?;
    socket.connect(SERVER)?;
    socket.send(b"who is there?")?;
    socket.recv()?;
    socket.close()
}
