//! `connect()` and `accept()` alone.

use super::definition::{HERE_OR_APART, Scenario};
use super::place::Lab;
use crate::lab::LabError;
use crate::model::{Measure, ScenarioKey};

pub(super) const SCENARIO: Scenario = Scenario {
    measures: &[Measure::AcceptAfterHandshake],
    topologies: HERE_OR_APART,
    play,
    ..Scenario::of(ScenarioKey::Handshake)
};

fn play(lab: &Lab) -> Result<(), LabError> {
    lab.pair()?.hang_up()
}
