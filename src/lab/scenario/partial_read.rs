//! Reading less than was sent.

use super::definition::{HERE_OR_APART, Scenario};
use super::place::Lab;
use crate::lab::LabError;
use crate::model::ScenarioKey;

pub(super) const SCENARIO: Scenario =
    Scenario { topologies: HERE_OR_APART, play, ..Scenario::of(ScenarioKey::PartialRead) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let pair = lab.pair()?;
    pair.client.send(b"0123456789")?;
    for _ in 0..3 {
        pair.connection.recv_up_to(4)?;
    }
    pair.hang_up()?;

    let (server, client) = lab.datagram_sockets()?;
    client.send_to(b"0123456789", lab.at_server())?;
    client.send_to(b"next", lab.at_server())?;
    server.recv_from_truncated(4)?;
    server.recv_from_truncated(4)?;
    client.close()?;
    server.close()
}
