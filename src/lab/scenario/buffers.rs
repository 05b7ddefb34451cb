//! What lies between `send()` and `recv()`.

use std::time::Duration;

use super::definition::{FLOW, Scenario};
use super::place::{Lab, Pair};
use crate::lab::LabError;
use crate::model::{Consequence, Measure, Purpose, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario =
    Scenario { measures: &[Measure::ClosedWindow], columns: FLOW, play, ..Scenario::of(ScenarioKey::Buffers) };

/// The receive buffer, and with it the first window.
const BUFFER: usize = 4096;

fn play(lab: &Lab) -> Result<(), LabError> {
    let mut listener = lab.server(Transport::Tcp)?;
    listener.reuse_address()?;
    listener.receive_buffer(BUFFER)?;
    listener.bind(lab.at_server())?;
    listener.listen(5)?;
    let client = lab.connected()?;
    let connection = listener.accept()?;

    let (half, ack) = (Consequence::there(Purpose::Data(BUFFER as u32 / 2)), Consequence::back(Purpose::Ack));
    client.expecting([half, ack, half, ack]).send(&[b'x'; BUFFER])?;
    let probe = Consequence::there(Purpose::Ack);
    // A second probe where the machine is so busy that the server comes late.
    client.expecting([probe, ack, probe.maybe(), ack.maybe()]).send(&[b'y'; BUFFER / 4])?;
    // Meanwhile the server does something else.
    client.wait_readable(Duration::from_millis(400))?;

    let update = Consequence::there(Purpose::Ack);
    let rest = [Consequence::back(Purpose::Data(BUFFER as u32 / 4)), Consequence::there(Purpose::Ack)];
    connection.expecting([update, rest[0], rest[1]]).recv()?;
    connection.recv()?;
    Pair { listener, client, connection }.hang_up()
}
