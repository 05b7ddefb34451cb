//! Asking whether the other side is still there: the kernel's way, and the program's.

use std::time::Duration;

use super::definition::{HERE_OR_APART, Scenario};
use super::place::Lab;
use crate::lab::LabError;
use crate::model::{Consequence, Measure, Purpose, ScenarioKey};

pub(super) const SCENARIO: Scenario = Scenario {
    measures: &[Measure::Probe],
    seconds: Some(1),
    topologies: HERE_OR_APART,
    play,
    ..Scenario::of(ScenarioKey::KeepAlive)
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let pair = lab.pair()?;
    let second = Duration::from_secs(1);
    pair.client.keep_alive(second, second)?;
    pair.client.send(b"ping")?;
    pair.connection.recv()?;
    pair.connection.send(b"pong")?;
    pair.client.recv()?;
    let (probe, answer) = (Consequence::there(Purpose::Ack), Consequence::back(Purpose::Ack));
    // A second one where the machine is so busy that the time is up late.
    pair.client.expecting([probe, answer, probe.maybe(), answer.maybe()]).wait_readable(Duration::from_millis(1500))?;
    pair.client.send(b"ping")?;
    pair.connection.recv()?;
    pair.connection.send(b"pong")?;
    pair.client.recv()?;
    pair.hang_up()
}
