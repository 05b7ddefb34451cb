//! A loop that 0 bytes do not end.

use super::definition::Scenario;
use super::place::{Lab, Pair};
use crate::lab::LabError;
use crate::model::ScenarioKey;

pub(super) const SCENARIO: Scenario = Scenario { play, ..Scenario::of(ScenarioKey::BusyLoop) };

/// How often the loop goes round before the lab puts an end to it.
const ROUNDS: usize = 5;

/// A server that goes on until it has read `exit`, and a client that leaves without a word.
fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client, connection } = lab.pair()?;
    client.send(b"hello")?;
    let message = connection.recv()?;
    connection.send(&message.to_ascii_uppercase())?;
    client.recv()?;
    client.close()?;
    for _ in 0..ROUNDS {
        let message = connection.recv()?;
        connection.send(&message.to_ascii_uppercase())?;
    }
    connection.close()?;
    listener.close()
}
