//! Asking whether the other side is still there: the kernel's way, and the program's.

use std::time::Duration;

use super::definition::Scenario;
use super::place::Lab;
use crate::lab::LabError;
use crate::model::{Consequence, Measure, Purpose};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "keep-alive",
    title: "SO_KEEPALIVE: probe and answer, and a program's heartbeat beside it",
    teaches: &[
        "After a second of silence the kernel probed: an ACK with the sequence number before the next one. The other kernel \
         acknowledged again; no program noticed.",
        "So a probe proves that the other kernel is there. Whether the program still works, only a heartbeat of its own \
         shows: ping and pong are ordinary data.",
    ],
    measures: &[Measure::Probe],
    seconds: Some(1),
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let pair = lab.pair()?;
    let second = Duration::from_secs(1);
    pair.client.keep_alive(second, second)?;
    pair.client.send(b"ping")?;
    pair.connection.recv()?;
    pair.connection.send(b"pong")?;
    pair.client.recv()?;
    let (probe, answer) = (Consequence::there(Purpose::Ack), Consequence::back(Purpose::Ack));
    // A second one where the machine is so busy that the time is up late.
    pair.client.expecting([probe, answer, probe.maybe(), answer.maybe()]).wait_readable(Duration::from_millis(1500))?;
    pair.client.send(b"ping")?;
    pair.connection.recv()?;
    pair.connection.send(b"pong")?;
    pair.client.recv()?;
    pair.hang_up()
}
