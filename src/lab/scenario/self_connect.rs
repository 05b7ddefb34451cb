//! A socket that is its own peer.

use super::definition::Scenario;
use super::place::{Lab, SERVER};
use crate::lab::LabError;
use crate::model::{ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario = Scenario { play, ..Scenario::of(ScenarioKey::SelfConnect) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let mut socket = lab.client(Transport::Tcp)?;
    socket.reuse_address()?;
    socket.bind(SERVER)?;
    socket.connect(SERVER)?;
    socket.send(b"who is there?")?;
    socket.recv()?;
    socket.close()
}
