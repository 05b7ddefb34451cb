//! Reading less than was sent.

use super::definition::Scenario;
use super::place::{Lab, SERVER};
use crate::lab::LabError;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "partial-read",
    title: "recv(4) of 10 bytes: TCP keeps the rest, UDP loses it",
    teaches: &[
        "TCP carried the 10 bytes in one segment, and three recv(4) read them: what is not read stays in the stream.",
        "A datagram is read whole or not at all: recvfrom(4) got 4 of 10 bytes (MSG_TRUNC says so), the other 6 are lost, and \
         the next call gets the next datagram.",
    ],
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let pair = lab.pair()?;
    pair.client.send(b"0123456789")?;
    for _ in 0..3 {
        pair.connection.recv_up_to(4)?;
    }
    pair.hang_up()?;

    let (server, client) = lab.datagram_sockets()?;
    client.send_to(b"0123456789", SERVER)?;
    client.send_to(b"next", SERVER)?;
    server.recv_from_truncated(4)?;
    server.recv_from_truncated(4)?;
    client.close()?;
    server.close()
}
