//! Datagrams on a way that loses one, and on a way where one overtakes another.

use super::definition::Scenario;
use super::place::Lab;
use crate::lab::network::Fate;
use crate::lab::{LabError, Topology};
use crate::model::ScenarioKey;

pub(super) const LOSS: Scenario =
    Scenario { play: |lab| send_three(lab, Fate::IsLost, 2), ..on_the_way(ScenarioKey::UdpLoss) };

pub(super) const REORDER: Scenario =
    Scenario { play: |lab| send_three(lab, Fate::LetsOneBy, 3), ..on_the_way(ScenarioKey::UdpReorder) };

const fn on_the_way(key: ScenarioKey) -> Scenario {
    Scenario::apart(key, &[Topology::Routed])
}

/// Three datagrams, of which the router does something else with the second; so many arrive.
fn send_three(lab: &Lab, second: Fate, arriving: usize) -> Result<(), LabError> {
    let router = lab
        .hosts
        .forward(move |passing| if passing.to_server && passing.number == 2 { second.clone() } else { Fate::Passes })?;
    let (server, client) = lab.datagram_sockets()?;
    for message in [b"one", b"two", b"six"] {
        client.send_to(message, lab.at_server())?;
    }
    for _ in 0..arriving {
        server.recv_from()?;
    }
    client.close()?;
    server.close()?;
    router.finish().map_err(LabError::Router)
}
