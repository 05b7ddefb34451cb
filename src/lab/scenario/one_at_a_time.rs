//! A server that serves one client to the end before it looks at the next.

use std::time::Duration;

use super::definition::{HERE_OR_APART, Scenario};
use super::place::{Lab, hang_up};
use crate::lab::{LabError, Socket};
use crate::model::{Measure, ScenarioKey};

pub(super) const SCENARIO: Scenario = Scenario {
    measures: &[Measure::AcceptAfterHandshake],
    topologies: HERE_OR_APART,
    play,
    ..Scenario::of(ScenarioKey::OneAtATime)
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let listener = lab.listener(5)?;
    let first = lab.connected()?;
    let second = lab.connected()?;
    second.send(b"me too")?;

    let connection = listener.accept()?;
    first.send(b"hello")?;
    answer(&connection)?;
    first.recv()?;
    // The first client is in no hurry.
    connection.wait_readable(Duration::from_millis(500))?;
    hang_up(first, connection)?;

    let connection = listener.accept()?;
    answer(&connection)?;
    second.recv()?;
    hang_up(second, connection)?;
    listener.close()
}

fn answer(connection: &Socket) -> Result<(), LabError> {
    connection.recv()?;
    connection.send(b"OK")
}
