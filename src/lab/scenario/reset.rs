//! Two ways to break a connection off.

use rustix::io::Errno;

use super::definition::{HERE_OR_APART, Scenario};
use super::place::{Lab, Pair};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::ScenarioKey;

pub(super) const SCENARIO: Scenario = Scenario { topologies: HERE_OR_APART, play, ..Scenario::of(ScenarioKey::Reset) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client, connection } = lab.pair()?;
    client.abort_on_close()?;
    client.close()?;
    must_fail(connection.recv(), Errno::CONNRESET)?;
    connection.close()?;

    let client = lab.connected()?;
    let connection = listener.accept()?;
    client.send(b"is anybody reading?")?;
    connection.close()?;
    must_fail(client.recv(), Errno::CONNRESET)?;
    client.close()?;
    listener.close()
}
