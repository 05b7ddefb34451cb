//! Reading less than was sent.

use super::definition::Scenario;
use super::place::{Lab, SERVER};
use crate::lab::LabError;
use crate::model::ScenarioKey;

pub(super) const SCENARIO: Scenario = Scenario { play, ..Scenario::of(ScenarioKey::PartialRead) };

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
