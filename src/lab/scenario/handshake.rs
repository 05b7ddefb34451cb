//! `connect()` and `accept()` alone.

use super::definition::Scenario;
use super::place::Lab;
use crate::lab::LabError;
use crate::model::{Measure, ScenarioKey};

pub(super) const SCENARIO: Scenario =
    Scenario { measures: &[Measure::AcceptAfterHandshake], play, ..Scenario::of(ScenarioKey::Handshake) };

fn play(lab: &Lab) -> Result<(), LabError> {
    lab.pair()?.hang_up()
}
