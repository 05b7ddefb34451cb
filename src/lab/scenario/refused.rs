//! Nobody listens: what TCP and UDP answer.

use rustix::io::Errno;

use super::definition::{HERE_OR_APART, Scenario};
use super::place::Lab;
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::{Consequence, Purpose, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario =
    Scenario { columns: &["addresses"], topologies: HERE_OR_APART, play, ..Scenario::of(ScenarioKey::Refused) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let mut client = lab.client(Transport::Tcp)?;
    client.bind(lab.at_client())?;
    must_fail(client.connect(lab.at_server()), Errno::CONNREFUSED)?;
    client.close()?;

    let mut client = lab.client(Transport::Udp)?;
    client.bind(lab.at_client())?;
    client.connect(lab.at_server())?;
    let refused = [Consequence::there(Purpose::Datagram(5)), Consequence::back(Purpose::Unreachable)];
    client.expecting(refused).send(b"hello")?;
    must_fail(client.recv(), Errno::CONNREFUSED)?;
    client.close()
}
