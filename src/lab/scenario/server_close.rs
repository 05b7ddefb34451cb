//! The server closes first.

use super::definition::{HERE_OR_APART, Scenario};
use super::place::{Lab, Pair};
use crate::lab::LabError;
use crate::model::ScenarioKey;

pub(super) const SCENARIO: Scenario =
    Scenario { topologies: HERE_OR_APART, play, ..Scenario::of(ScenarioKey::ServerClose) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client, connection } = lab.pair()?;
    client.send(b"time?")?;
    connection.recv()?;
    connection.send(b"12:00")?;
    connection.close()?;
    client.recv()?;
    client.recv()?;
    client.close()?;
    listener.close()
}
