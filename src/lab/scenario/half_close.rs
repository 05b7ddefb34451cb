//! One direction is closed, the other goes on.

use super::definition::Scenario;
use super::place::{Lab, Pair};
use crate::lab::LabError;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "half-close",
    title: "shutdown(SHUT_WR): one direction ends, data still flow the other way",
    teaches: &[
        "A connection is two directions, and each is closed by a FIN of its own.",
        "After shutdown(SHUT_WR) the client can still receive: the server reads to the end, then answers with two messages.",
        "close() sent no second FIN for the direction that shutdown() had closed.",
    ],
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client, connection } = lab.pair()?;
    client.send(b"3 1 2")?;
    client.shut_down_sending()?;
    connection.recv()?;
    connection.recv()?;
    connection.send(b"sorted:")?;
    client.recv()?;
    connection.send(b"1 2 3")?;
    client.recv()?;
    connection.close()?;
    client.recv()?;
    client.close()?;
    listener.close()
}
