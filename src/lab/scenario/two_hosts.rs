//! Client and server on hosts of their own: whom a host asks before its first packet can leave.

use super::definition::Scenario;
use super::place::Lab;
use crate::lab::{LabError, Topology};
use crate::model::ScenarioKey;

pub(super) const SCENARIO: Scenario = Scenario { play, ..Scenario::apart(ScenarioKey::TwoHosts, &[Topology::Pair]) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let pair = lab.pair()?;
    pair.greet()?;
    pair.hang_up()
}
