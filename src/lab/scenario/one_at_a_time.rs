//! A server that serves one client to the end before it looks at the next.

use std::time::Duration;

use super::definition::Scenario;
use super::place::{Lab, hang_up};
use crate::lab::{LabError, Socket};
use crate::model::Measure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "one-at-a-time",
    title: "a server without threads: the second client is connected long before it is accepted",
    teaches: &[
        "The second client was connected, and its message acknowledged, while the server was busy with the first: that is \
         the kernel's work, not the program's.",
        "An acknowledgment says that the other kernel has the bytes. It does not say that a program has read them: the \
         answer OK came only after accept(), half a second later.",
    ],
    measures: &[Measure::AcceptAfterHandshake],
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let listener = lab.listener(5)?;
    let first = lab.connected()?;
    let second = lab.connected()?;
    second.send(b"me too")?;

    let connection = listener.accept()?;
    first.send(b"hello")?;
    answer(&connection)?;
    first.recv()?;
    // The first client is in no hurry.
    connection.wait_readable(Duration::from_millis(500))?;
    hang_up(first, connection)?;

    let connection = listener.accept()?;
    answer(&connection)?;
    second.recv()?;
    hang_up(second, connection)?;
    listener.close()
}

fn answer(connection: &Socket) -> Result<(), LabError> {
    connection.recv()?;
    connection.send(b"OK")
}
