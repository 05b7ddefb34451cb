//! One packet on its way over a router.

use super::definition::Scenario;
use super::place::{Lab, hang_up_slowly};
use crate::lab::{LabError, Topology};
use crate::model::ScenarioKey;

pub(super) const SCENARIO: Scenario = Scenario { play, ..Scenario::apart(ScenarioKey::Hops, &[Topology::Routed]) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let pair = lab.pair()?;
    pair.greet()?;
    hang_up_slowly(pair)
}
