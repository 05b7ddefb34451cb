//! A segment overtakes another.

use std::time::Duration;

use super::definition::Scenario;
use super::place::{Lab, hang_up_slowly};
use crate::lab::network::Fate;
use crate::lab::{LabError, Topology};
use crate::model::ScenarioKey;

pub(super) const SCENARIO: Scenario =
    Scenario { play, ..Scenario::apart(ScenarioKey::Reordering, &[Topology::Routed]) };

/// How long each packet takes, and the one that is overtaken: so little longer that nobody takes it for lost.
const WAY: Duration = Duration::from_millis(40);
const LONGER: Duration = Duration::from_millis(43);

fn play(lab: &Lab) -> Result<(), LabError> {
    let mut segments = 0;
    let router = lab.hosts.forward(move |passing| {
        let is_data = passing.to_server && passing.data() > 0;
        segments += usize::from(is_data);
        Fate::Waits(if is_data && segments == 2 { LONGER } else { WAY })
    })?;
    let pair = lab.pair()?;
    pair.client.no_delay()?;
    for message in [b"one ", b"two ", b"six "] {
        pair.client.send(message)?;
    }
    pair.connection.recv_all(12)?;
    pair.connection.send(b"all there")?;
    pair.client.recv()?;
    hang_up_slowly(pair)?;
    router.finish().map_err(LabError::Router)
}
