//! Nobody listens: what TCP and UDP answer.

use rustix::io::Errno;

use super::definition::Scenario;
use super::place::{CLIENT, Lab, SERVER};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::{Consequence, Purpose, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario = Scenario { columns: &["addresses"], play, ..Scenario::of(ScenarioKey::Refused) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let mut client = lab.client(Transport::Tcp)?;
    client.bind(CLIENT)?;
    must_fail(client.connect(SERVER), Errno::CONNREFUSED)?;
    client.close()?;

    let mut client = lab.client(Transport::Udp)?;
    client.bind(CLIENT)?;
    client.connect(SERVER)?;
    let refused = [Consequence::there(Purpose::Datagram(5)), Consequence::back(Purpose::Unreachable)];
    client.expecting(refused).send(b"hello")?;
    must_fail(client.recv(), Errno::CONNREFUSED)?;
    client.close()
}
