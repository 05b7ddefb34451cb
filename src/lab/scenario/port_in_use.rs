//! Who may bind a port that somebody has, or had.

use rustix::io::Errno;

use super::definition::{HERE_OR_APART, Scenario};
use super::place::{Lab, Pair};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::{ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario =
    Scenario { topologies: HERE_OR_APART, play, ..Scenario::of(ScenarioKey::PortInUse) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client, connection } = lab.pair()?;
    let mut second = lab.server(Transport::Tcp)?;
    second.reuse_address()?;
    must_fail(second.bind(lab.at_server()), Errno::ADDRINUSE)?;
    second.close()?;

    connection.close()?;
    client.recv()?;
    client.close()?;
    listener.close()?;
    let mut again = lab.server(Transport::Tcp)?;
    must_fail(again.bind(lab.at_server()), Errno::ADDRINUSE)?;
    again.reuse_address()?;
    again.bind(lab.at_server())?;
    again.listen(5)?;
    again.close()
}
