//! The server closes first.

use super::definition::Scenario;
use super::place::{Lab, Pair};
use crate::lab::LabError;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "server-close",
    title: "the server closes first, and TIME-WAIT is the server's",
    teaches: &[
        "Whoever sends the first FIN ends in TIME-WAIT: here the server.",
        "The client learns of it when recv() returns 0 bytes; until it closes too, it is in CLOSE-WAIT.",
    ],
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client, connection } = lab.pair()?;
    client.send(b"time?")?;
    connection.recv()?;
    connection.send(b"12:00")?;
    connection.close()?;
    client.recv()?;
    client.recv()?;
    client.close()?;
    listener.close()
}
