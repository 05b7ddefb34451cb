//! The listening socket is closed, those it gave live on.

use rustix::io::Errno;

use super::definition::Scenario;
use super::place::{CLIENT, Lab, Pair, SERVER, hang_up};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::{Consequence, Purpose, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario = Scenario { play, ..Scenario::of(ScenarioKey::ListenerClosed) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client, connection } = lab.pair()?;
    let waiting = lab.connected()?;
    listener.close()?;
    // Its connection was finished by the kernel, and accepted by nobody.
    waiting.expecting([Consequence::back(Purpose::Reset)]);
    must_fail(waiting.recv(), Errno::CONNRESET)?;
    waiting.expecting([]);
    waiting.close()?;

    let mut late = lab.client(Transport::Tcp)?;
    late.bind(CLIENT)?;
    must_fail(late.connect(SERVER), Errno::CONNREFUSED)?;
    late.close()?;

    client.send(b"still there?")?;
    connection.recv()?;
    connection.send(b"yes")?;
    client.recv()?;
    hang_up(client, connection)
}
