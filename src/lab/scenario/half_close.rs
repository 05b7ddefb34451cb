//! One direction is closed, the other goes on.

use super::definition::{HERE_OR_APART, Scenario};
use super::place::{Lab, Pair};
use crate::lab::LabError;
use crate::model::ScenarioKey;

pub(super) const SCENARIO: Scenario =
    Scenario { topologies: HERE_OR_APART, play, ..Scenario::of(ScenarioKey::HalfClose) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client, connection } = lab.pair()?;
    client.send(b"3 1 2")?;
    client.shut_down_sending()?;
    connection.recv()?;
    connection.recv()?;
    connection.send(b"sorted:")?;
    client.recv()?;
    connection.send(b"1 2 3")?;
    client.recv()?;
    connection.close()?;
    client.recv()?;
    client.close()?;
    listener.close()
}
