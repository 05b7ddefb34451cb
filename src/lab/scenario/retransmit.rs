//! A segment gets lost.

use super::definition::{HERE_OR_APART, Scenario};
use super::place::Lab;
use crate::lab::LabError;
use crate::model::{Consequence, Measure, Purpose, ScenarioKey};

pub(super) const SCENARIO: Scenario = Scenario {
    measures: &[Measure::Repetition],
    columns: &["marks"],
    topologies: HERE_OR_APART,
    play,
    ..Scenario::of(ScenarioKey::Retransmit)
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let pair = lab.pair()?;
    pair.connection.lose_arrivals()?;
    let (segment, ack) = (Consequence::there(Purpose::Data(5)), Consequence::back(Purpose::Ack));
    // A third time where the machine is so busy that the second is lost too.
    pair.client.expecting([segment, segment, segment.maybe(), ack]).send(b"hello")?;
    pair.connection.let_arrivals_in()?;
    pair.connection.recv()?;
    pair.hang_up()
}
