//! A server that gives up on a silent client.

use rustix::io::Errno;

use super::definition::{HERE_OR_APART, Scenario, Setting};
use super::place::{Lab, Pair};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::{Measure, ScenarioKey};

pub(super) const SCENARIO: Scenario = Scenario {
    measures: &[Measure::VainWait],
    seconds: Some(1),
    accepts: &[Setting::Timeout],
    topologies: HERE_OR_APART,
    play,
    ..Scenario::of(ScenarioKey::Timeout)
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client, connection } = lab.pair()?;
    connection.receive_timeout(lab.timeout)?;
    must_fail(connection.recv(), Errno::AGAIN)?;
    connection.close()?;
    client.recv()?;
    client.close()?;
    listener.close()
}
